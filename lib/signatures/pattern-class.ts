import { addAll, type ByteSet, complement, ESCAPE_SETS, foldCase, POSIX_SETS } from "./byte-sets.ts";
import { PatternError } from "./pattern-ast.ts";
import { readByteEscape } from "./pattern-escape.ts";

/**
 * A bracketed class, `[...]`, as PCRE2 reads it: a leading `]` is a member, `[:name:]` is a POSIX name,
 * `\Q..\E` quotes, a hyphen between a set and anything else is an error.
 */
export function readClass(source: string, open: number, ignoreCase: boolean): { set: ByteSet; next: number } {
  const set = new Uint8Array(256);
  let at = open + 1;
  const negated = source[at] === "^";
  if (negated) at++;
  let first = true;
  let quoting = false;
  /** The byte that a following hyphen would start a range from; null after a set or a range. */
  let from: number | null = null;
  /** A hyphen was read after `from`: the next byte closes the range. */
  let ranging = false;

  const add = (byte: number, offset: number): void => {
    if (ranging && from !== null) {
      if (byte < from) throw new PatternError(source, offset, "range out of order in class");
      set.fill(1, from, byte + 1);
      [from, ranging] = [null, false];
    } else {
      set[byte] = 1;
      from = byte;
    }
  };
  const addSet = (members: ByteSet, offset: number): void => {
    if (ranging) throw new PatternError(source, offset, "invalid range in class");
    addAll(set, members);
    from = null;
    if (source[at] === "-" && at + 1 < source.length && source[at + 1] !== "]")
      throw new PatternError(source, at, "invalid range in class");
  };

  for (;;) {
    const offset = at;
    const char = source[at];
    if (char === undefined) throw new PatternError(source, open, "missing ] after class");
    if (source.startsWith("\\E", at)) {
      quoting = false;
      at += 2;
      continue;
    }
    if (quoting) {
      at++;
      add(source.charCodeAt(offset) & 0xff, offset);
      first = false;
      continue;
    }
    if (char === "]" && !first) break;
    if (source.startsWith("\\Q", at)) {
      quoting = true;
      at += 2;
      continue;
    }
    first = false;
    if (char === "[") {
      const posix = /^\[([:.=])(\^?)([^\]\\]*?)\1\]/.exec(source.slice(at, at + 24));
      if (posix) {
        at += posix[0].length;
        if (posix[1] !== ":") throw new PatternError(source, offset, "collating elements are not supported");
        const name = ignoreCase && /^(?:upper|lower)$/.test(posix[3] ?? "") ? "alpha" : (posix[3] ?? "");
        const members = Object.hasOwn(POSIX_SETS, name) ? POSIX_SETS[name] : undefined;
        if (!members) throw new PatternError(source, offset, "unknown POSIX class name");
        addSet(posix[2] ? complement(members) : members, offset);
        continue;
      }
    }
    if (char === "\\") {
      const letter = source[at + 1] ?? "";
      const members = Object.hasOwn(ESCAPE_SETS, letter) ? ESCAPE_SETS[letter] : undefined;
      if (members) {
        at += 2;
        addSet(members, offset);
        continue;
      }
      if (letter === "b") {
        at += 2;
        add(0x08, offset);
        continue;
      }
      if (letter === "8" || letter === "9") {
        at += 2;
        add(letter.charCodeAt(0), offset);
        continue;
      }
      const escaped = readByteEscape(source, at + 1);
      at = escaped.next;
      add(escaped.byte, offset);
      continue;
    }
    at++;
    if (char === "-" && from !== null && !ranging && source[at] !== "]") {
      ranging = true;
      continue;
    }
    add(source.charCodeAt(offset) & 0xff, offset);
  }
  // A range left open at the end: the hyphen was a member.
  if (ranging) set[0x2d] = 1;
  if (ignoreCase) foldCase(set);
  return { set: negated ? complement(set) : set, next: at + 1 };
}
