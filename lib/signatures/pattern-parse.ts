import { ALL_BYTES, ESCAPE_SETS, isLetter, NOT_NEWLINE } from "./byte-sets.ts";
import { lengths } from "./pattern-analysis.ts";
import { type Node, type ParsedPattern, PatternError, type PatternOptions } from "./pattern-ast.ts";
import { readClass } from "./pattern-class.ts";
import { ANY_NEWLINE, ASSERTION_ESCAPES, REFUSED_ESCAPES, readByteEscape } from "./pattern-escape.ts";
import { changed, type Modes, type OptionSetting, readGroupHead } from "./pattern-group.ts";
import { MAX_COUNT, readQuantifier } from "./pattern-quantifier.ts";
import { readReference } from "./pattern-reference.ts";
import { fromSet, joinBranches, repeat } from "./pattern-simplify.ts";

/**
 * PCRE2 syntax (pcre2pattern(3), 10.42, no UTF) to a tree. What needs more than a bounded backtracking
 * matcher over bytes (recursion, conditions, verbs, Unicode properties, callouts, \K) is refused by name.
 * Recursive descent, with the nesting bounded as PCRE2 bounds it.
 */

/** PCRE2's default limit on nested parentheses. */
const MAX_NESTING = 250;
/** Farthest a lookbehind may look, bytes (PCRE2 10.43's default for those of variable length). */
const MAX_BEHIND = 255;
/** `|` */
const BAR = 0x7c;

/**
 * Parses latin1 text, one character per byte.
 * @throws PatternError at the first thing that PCRE2 would refuse, or that lies outside the subset.
 */
export function parsePattern(source: string, options: PatternOptions = {}): ParsedPattern {
  let at = 0;
  let depth = 0;
  let groups = 0;
  let modes: Modes = {
    ignoreCase: options.ignoreCase ?? false,
    dotAll: options.dotAll ?? false,
    multiline: false,
  };
  let quoting = false;
  /** The thing just read leaves the item before it open to a quantifier: `a(?#x)+` repeats `a`. */
  let transparent = false;
  const names = new Map<string, number>();
  const references: { node: Node & { kind: "reference" }; name: string | null; offset: number }[] = [];

  const fail = (offset: number, reason: string): never => {
    throw new PatternError(source, offset, reason);
  };

  function literal(byte: number): Node {
    return { kind: "byte", byte, ignoreCase: modes.ignoreCase && isLetter(byte) };
  }

  function reference(index: number, name: string | null, offset: number): Node {
    const node = { kind: "reference", index, ignoreCase: modes.ignoreCase } satisfies Node;
    references.push({ node, name, offset });
    return node;
  }

  function choice(): Node {
    const outer = modes;
    const first = sequence();
    const branches = [first];
    while (source.charCodeAt(at) === BAR) {
      at++;
      branches.push(sequence());
    }
    modes = outer;
    return branches.length === 1 ? first : joinBranches(branches);
  }

  function sequence(): Node {
    const items: Node[] = [];
    let repeatable = false;
    while (at < source.length) {
      const char = source[at] as string;
      if (quoting) {
        if (source.startsWith("\\E", at)) {
          quoting = false;
          at += 2;
          continue;
        }
        items.push(literal(source.charCodeAt(at++) & 0xff));
        repeatable = true;
        continue;
      }
      if (char === "|" || char === ")") break;
      const quantified = readQuantifier(source, at);
      if (quantified) {
        const body = items.pop();
        if (!repeatable || !body) return fail(at, "quantifier follows nothing it could repeat");
        at = quantified.next;
        items.push(repeat(body, quantified.quantifier));
        repeatable = false;
        continue;
      }
      const item = readItem(char);
      if (item === null) {
        repeatable &&= transparent;
        continue;
      }
      items.push(item);
      // `\b+` is refused, `(?:\b)+` is not.
      repeatable = item.kind !== "assert" || char === "(";
    }
    return items.length === 1 ? (items[0] as Node) : { kind: "sequence", items };
  }

  /** One item, or null for what leaves nothing behind: `\Q`, `\E`, comments, option settings. */
  function readItem(char: string): Node | null {
    const offset = at;
    transparent = false;
    at++;
    switch (char) {
      case "\\":
        return readEscape(offset);
      case "[":
        if (/^\[([:.=])[^\]]*\1\]/.test(source.slice(offset, offset + 24)))
          return fail(offset, "POSIX names belong inside a class: [[:name:]]");
        return readSet(offset);
      case "(":
        return readGroup(offset);
      case ".":
        return { kind: "set", set: modes.dotAll ? ALL_BYTES : NOT_NEWLINE };
      case "^":
        return { kind: "assert", at: modes.multiline ? "line-start" : "start" };
      case "$":
        return { kind: "assert", at: modes.multiline ? "line-end" : "end" };
      default:
        return literal(source.charCodeAt(offset) & 0xff);
    }
  }

  function readSet(offset: number): Node {
    const parsed = readClass(source, offset, modes.ignoreCase);
    at = parsed.next;
    return fromSet(parsed.set);
  }

  function readEscape(offset: number): Node | null {
    const char = source[at];
    if (char === undefined) return fail(offset, "\\ at the end of the pattern");
    if (char === "Q" || char === "E") {
      quoting = char === "Q";
      transparent = true;
      at++;
      return null;
    }
    if (char >= "1" && char <= "9") {
      const digits = (/^\d+/.exec(source.slice(at, at + 9)) as RegExpExecArray)[0];
      const number = Number(digits);
      if (number < 10 || char >= "8" || number <= groups) {
        at += digits.length;
        return reference(number, null, offset);
      }
    }
    const set = ESCAPE_SETS[char];
    const assertion = ASSERTION_ESCAPES[char];
    at++;
    if (set) return { kind: "set", set };
    if (assertion) return { kind: "assert", at: assertion };
    if (char === "N") {
      if (source.startsWith("{U+", at)) return fail(offset, "\\N{U+...} needs UTF");
      return { kind: "set", set: NOT_NEWLINE };
    }
    if (char === "C") return { kind: "set", set: ALL_BYTES };
    if (char === "R") return ANY_NEWLINE;
    if (char === "g" || char === "k") {
      const { index, name, next } = readReference(source, at, offset, char, groups);
      at = next;
      return reference(index, name, offset);
    }
    const refused = REFUSED_ESCAPES[char];
    if (refused) return fail(offset, refused);
    const escaped = readByteEscape(source, at - 1);
    at = escaped.next;
    return literal(escaped.byte);
  }

  function readGroup(offset: number): Node | null {
    const { head, next } = readGroupHead(source, offset);
    at = next;
    switch (head.kind) {
      case "capture":
        return capture(offset, head.name);
      case "plain":
        return group(offset);
      case "atomic":
        return { kind: "atomic", body: group(offset) };
      case "look":
        return look(offset, head.behind, head.negative);
      case "reference":
        return reference(0, head.name, offset);
      case "comment":
        transparent = true;
        return null;
      case "options":
        return withOptions(offset, head.options, head.closed);
    }
  }

  function look(offset: number, behind: boolean, negative: boolean): Node {
    const body = group(offset);
    const branches = body.kind === "choice" ? body.branches : [body];
    if (behind && branches.some((branch) => lengths(branch).max > MAX_BEHIND))
      return fail(offset, `lookbehind may reach more than ${MAX_BEHIND} bytes back`);
    return { kind: "look", behind, negative, body };
  }

  /** `(?i)`, `(?s-i)`, `(?i:...)`: the first form (`closed`) holds to the end of the enclosing group. */
  function withOptions(offset: number, setting: OptionSetting, closed: boolean): Node | null {
    const outer = modes;
    modes = changed(modes, setting);
    if (closed) return null;
    const body = group(offset);
    modes = outer;
    return body;
  }

  function capture(offset: number, name: string | null): Node {
    if (name !== null && names.has(name)) return fail(offset + 2, `two groups are named ${name}`);
    const index = ++groups;
    if (index > MAX_COUNT) return fail(offset, "too many groups");
    if (name !== null) names.set(name, index);
    return { kind: "capture", index, body: group(offset) };
  }

  function group(offset: number): Node {
    if (++depth > MAX_NESTING) return fail(offset, "parentheses are nested too deeply");
    const node = choice();
    if (source[at] !== ")") return fail(offset, "missing )");
    at++;
    depth--;
    return node;
  }

  const root = choice();
  if (at < source.length) return fail(at, "unmatched )");
  for (const { node, name, offset } of references) {
    if (name !== null) node.index = names.get(name) ?? 0;
    if (node.index < 1 || node.index > groups)
      return fail(offset, "reference to a group that does not exist");
  }
  return { root, groups, names };
}
