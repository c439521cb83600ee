import { ALL_BYTES, byteSet, ESCAPE_SETS, foldCase, isLetter, NOT_NEWLINE, sizeOf } from "./byte-sets.ts";
import { lengths } from "./pattern-analysis.ts";
import {
  type Assertion,
  type Node,
  type ParsedPattern,
  PatternError,
  type PatternOptions,
  type RepeatMode,
  UNBOUNDED,
} from "./pattern-ast.ts";
import { readClass } from "./pattern-class.ts";
import { readByteEscape } from "./pattern-escape.ts";

/**
 * PCRE2 syntax (pcre2pattern(3), 10.42, no UTF) to a tree. What needs more than a bounded backtracking
 * matcher over bytes (recursion, conditions, verbs, Unicode properties, callouts, \K) is refused by name.
 * Recursive descent, with the nesting bounded as PCRE2 bounds it.
 */

/** PCRE2's default limit on nested parentheses. */
const MAX_NESTING = 250;
/** PCRE2's largest repeat count and group number. */
const MAX_COUNT = 65_535;
/** Farthest a lookbehind may look, bytes (PCRE2 10.43's default for those of variable length). */
const MAX_BEHIND = 255;
/** `|` */
const BAR = 0x7c;
/** Longest group name, characters (PCRE2). */
const MAX_NAME = 32;

const CARRIAGE_LINE = [
  { kind: "byte", byte: 0x0d, ignoreCase: false },
  { kind: "byte", byte: 0x0a, ignoreCase: false },
] satisfies Node[];
/** `\R`: CR LF as one, else one byte of vertical white space; atomic. */
const ANY_NEWLINE: Node = {
  kind: "atomic",
  body: {
    kind: "choice",
    branches: [
      { kind: "sequence", items: CARRIAGE_LINE },
      { kind: "set", set: byteSet([0x0a, 0x0d], [0x85, 0x85]) },
    ],
  },
};

const ASSERTION_ESCAPES: Readonly<Record<string, Assertion>> = {
  A: "start",
  G: "start",
  Z: "end",
  z: "very-end",
  b: "word-edge",
  B: "not-word-edge",
};

const REFUSED_ESCAPES: Readonly<Record<string, string>> = {
  K: "\\K (resetting the match start) is not supported",
  X: "\\X needs Unicode",
  p: "\\p needs Unicode properties",
  P: "\\P needs Unicode properties",
};

/**
 * Parses latin1 text, one character per byte.
 * @throws PatternError at the first thing that PCRE2 would refuse, or that lies outside the subset.
 */
export function parsePattern(source: string, options: PatternOptions = {}): ParsedPattern {
  let at = 0;
  let depth = 0;
  let groups = 0;
  let ignoreCase = options.ignoreCase ?? false;
  let dotAll = options.dotAll ?? false;
  let multiline = false;
  let quoting = false;
  /** The thing just read leaves the item before it open to a quantifier: `a(?#x)+` repeats `a`. */
  let transparent = false;
  const names = new Map<string, number>();
  const references: { node: Node & { kind: "reference" }; name: string | null; offset: number }[] = [];

  const fail = (offset: number, reason: string): never => {
    throw new PatternError(source, offset, reason);
  };

  function literal(byte: number): Node {
    return { kind: "byte", byte, ignoreCase: ignoreCase && isLetter(byte) };
  }

  function reference(index: number, name: string | null, offset: number): Node {
    const node = { kind: "reference", index, ignoreCase } satisfies Node;
    references.push({ node, name, offset });
    return node;
  }

  /** The options in force, as bits. */
  function saveOptions(): number {
    return (ignoreCase ? 1 : 0) | (dotAll ? 2 : 0) | (multiline ? 4 : 0);
  }
  function restoreOptions(bits: number): void {
    ignoreCase = (bits & 1) !== 0;
    dotAll = (bits & 2) !== 0;
    multiline = (bits & 4) !== 0;
  }

  function choice(): Node {
    const outer = saveOptions();
    const first = sequence();
    const branches = [first];
    while (source.charCodeAt(at) === BAR) {
      at++;
      branches.push(sequence());
    }
    restoreOptions(outer);
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
      const quantifier = readQuantifier();
      if (quantifier) {
        const body = items.pop();
        if (!repeatable || !body)
          return fail(quantifier.offset, "quantifier follows nothing it could repeat");
        items.push(repeat(body, quantifier));
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
        return { kind: "set", set: dotAll ? ALL_BYTES : NOT_NEWLINE };
      case "^":
        return { kind: "assert", at: multiline ? "line-start" : "start" };
      case "$":
        return { kind: "assert", at: multiline ? "line-end" : "end" };
      default:
        return literal(source.charCodeAt(offset) & 0xff);
    }
  }

  function readSet(offset: number): Node {
    const parsed = readClass(source, offset, ignoreCase);
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
    if (char === "g" || char === "k") return readReference(offset, char);
    const refused = REFUSED_ESCAPES[char];
    if (refused) return fail(offset, refused);
    const escaped = readByteEscape(source, at - 1);
    at = escaped.next;
    return literal(escaped.byte);
  }

  /** `\g1 \g{-1} \g{name} \k<name> \k'name' \k{name}` */
  function readReference(offset: number, char: string): Node {
    const rest = source.slice(at, at + MAX_NAME + 8);
    const named =
      char === "k"
        ? /^(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)'|\{([A-Za-z_]\w*)\})/.exec(rest)
        : /^\{([A-Za-z_]\w*)\}/.exec(rest);
    if (named) {
      at += named[0].length;
      return reference(0, named[1] ?? named[2] ?? named[3] ?? "", offset);
    }
    if (char === "g" && (rest[0] === "<" || rest[0] === "'"))
      return fail(offset, "subroutine calls are not supported");
    const numbered = char === "g" ? /^(?:\{([+-]?)(\d{1,5})\}|([+-]?)(\d{1,5}))/.exec(rest) : null;
    if (!numbered) return fail(offset, `malformed reference after \\${char}`);
    at += numbered[0].length;
    const sign = numbered[1] || numbered[3];
    const number = Number(numbered[2] ?? numbered[4]);
    if (number === 0) return fail(offset, "reference to group 0");
    const index = sign === "-" ? groups + 1 - number : sign === "+" ? groups + number : number;
    if (index < 1) return fail(offset, "reference to a group that does not exist");
    return reference(index, null, offset);
  }

  function readGroup(offset: number): Node | null {
    if (source[at] === "*") return fail(offset, "verbs (*...) are not supported");
    if (source[at] !== "?") return capture(offset, null);
    at++;
    const rest = source.slice(at, at + MAX_NAME + 8);
    const opening = /^(?:[:>=!|#&RC]|<[=!]|P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)'|P=(\w+)\)|P>|\(|[+-]?\d)/.exec(
      rest,
    );
    if (!opening) return readOptions(offset);
    const [mark] = opening;
    const name = opening[1] ?? opening[2];
    if (name !== undefined) {
      if (name.length > MAX_NAME) return fail(at, "group name is too long");
      if (names.has(name)) return fail(at, `two groups are named ${name}`);
      at += mark.length;
      return capture(offset, name);
    }
    if (opening[3] !== undefined) {
      at += mark.length;
      return reference(0, opening[3], offset);
    }
    switch (mark) {
      case ":":
        at++;
        return group(offset, choice);
      case ">":
        at++;
        return { kind: "atomic", body: group(offset, choice) };
      case "=":
      case "!":
      case "<=":
      case "<!":
        at += mark.length;
        return look(offset, mark);
      case "#": {
        const end = source.indexOf(")", at);
        if (end < 0) return fail(offset, "missing ) after (?# comment");
        at = end + 1;
        transparent = true;
        return null;
      }
      case "(":
        return fail(offset, "conditions (?(...) are not supported");
      case "|":
        return fail(offset, "branch reset (?| is not supported");
      case "C":
        return fail(offset, "callouts (?C) are not supported");
      default:
        return fail(offset, "recursion and subroutine calls are not supported");
    }
  }

  function look(offset: number, mark: string): Node {
    const behind = mark.length === 2;
    const body = group(offset, choice);
    const branches = body.kind === "choice" ? body.branches : [body];
    if (behind && branches.some((branch) => lengths(branch).max > MAX_BEHIND))
      return fail(offset, `lookbehind may reach more than ${MAX_BEHIND} bytes back`);
    return { kind: "look", behind, negative: mark.endsWith("!"), body };
  }

  /** `(?i)`, `(?s-i)`, `(?i:...)`: the first form holds to the end of the enclosing group. */
  function readOptions(offset: number): Node | null {
    const options = /^(\^?)([a-zA-Z]*)(?:-([a-zA-Z]*))?([:)])/.exec(source.slice(at, at + 24));
    if (!options) return fail(offset, "unrecognised character after (?");
    const unknown = /[^ims]/.exec(`${options[2]}${options[3] ?? ""}`);
    if (unknown) return fail(offset, `option (?${unknown[0]}) is not supported`);
    const outer = saveOptions();
    if (options[1]) restoreOptions(0);
    const set = (letters: string, on: boolean): void => {
      if (letters.includes("i")) ignoreCase = on;
      if (letters.includes("s")) dotAll = on;
      if (letters.includes("m")) multiline = on;
    };
    set(options[2] ?? "", true);
    set(options[3] ?? "", false);
    at += options[0].length;
    if (options[4] === ")") return null;
    const body = group(offset, choice);
    restoreOptions(outer);
    return body;
  }

  function capture(offset: number, name: string | null): Node {
    const index = ++groups;
    if (index > MAX_COUNT) return fail(offset, "too many groups");
    if (name !== null) names.set(name, index);
    return { kind: "capture", index, body: group(offset, choice) };
  }

  function group(offset: number, body: () => Node): Node {
    if (++depth > MAX_NESTING) return fail(offset, "parentheses are nested too deeply");
    const node = body();
    if (source[at] !== ")") return fail(offset, "missing )");
    at++;
    depth--;
    return node;
  }

  interface Quantifier {
    offset: number;
    min: number;
    max: number;
    mode: RepeatMode;
  }

  /** PCRE2 lets comments stand between a quantifier and its `?` or `+`. */
  function skipComments(): void {
    while (source.startsWith("(?#", at)) {
      const end = source.indexOf(")", at);
      if (end < 0) return;
      at = end + 1;
    }
  }

  function readQuantifier(): Quantifier | null {
    const offset = at;
    const char = source[at];
    let min = char === "+" ? 1 : 0;
    let max = char === "?" ? 1 : UNBOUNDED;
    if (char === "*" || char === "+" || char === "?") at++;
    else if (char === "{") {
      const counts = /^\{(\d+)(?:(,)(\d*))?\}/.exec(source.slice(at, at + 32));
      if (!counts) return null;
      min = Number(counts[1]);
      max = counts[2] ? (counts[3] ? Number(counts[3]) : UNBOUNDED) : min;
      if (min > MAX_COUNT || (max !== UNBOUNDED && max > MAX_COUNT))
        return fail(offset, "number too big in {} quantifier");
      if (min > max) return fail(offset, "numbers out of order in {} quantifier");
      at += counts[0].length;
    } else return null;
    skipComments();
    let mode: RepeatMode = "greedy";
    if (source[at] === "?") mode = "lazy";
    else if (source[at] === "+") mode = "possessive";
    if (mode !== "greedy") at++;
    return { offset, min, max, mode };
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

/** A class of one byte, or of one letter in both cases, is that byte: literals are what search is fast at. */
function fromSet(set: Uint8Array): Node {
  const size = sizeOf(set);
  const byte = set.indexOf(1);
  if (size === 1) return { kind: "byte", byte, ignoreCase: false };
  if (size === 2 && byte <= 0x5a && isLetter(byte) && set[byte + 0x20])
    return { kind: "byte", byte, ignoreCase: true };
  return { kind: "set", set };
}

/** Branches of one byte each are one set: order cannot matter between them. */
function joinBranches(branches: Node[]): Node {
  const joined = new Uint8Array(256);
  for (const branch of branches) {
    if (branch.kind === "byte") {
      const one = byteSet([branch.byte, branch.byte]);
      if (branch.ignoreCase) foldCase(one);
      for (let byte = 0; byte < 256; byte++) joined[byte] = (joined[byte] ?? 0) | (one[byte] ?? 0);
    } else if (branch.kind === "set") {
      for (let byte = 0; byte < 256; byte++) joined[byte] = (joined[byte] ?? 0) | (branch.set[byte] ?? 0);
    } else return { kind: "choice", branches };
  }
  return fromSet(joined);
}

function repeat(body: Node, { min, max, mode }: { min: number; max: number; mode: RepeatMode }): Node {
  if (min === 1 && max === 1) return mode === "possessive" ? { kind: "atomic", body } : body;
  // PCRE2 tries a repeated assertion at most once: it cannot come out differently.
  if (body.kind === "look")
    return { kind: "repeat", body, min: Math.min(min, 1), max: Math.min(max, 1), mode };
  return { kind: "repeat", body, min, max, mode };
}
