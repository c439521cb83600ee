import { byteSet } from "./byte-sets.ts";
import { type Assertion, type Node, PatternError } from "./pattern-ast.ts";

/**
 * Escapes (pcre2pattern(3), "Backslash"): those that stand for one byte, the same inside and outside a class, and, outside only, those that
 * stand for a place, a line's end, or nothing that we can match.
 */

const CARRIAGE_LINE = [
  { kind: "byte", byte: 0x0d, ignoreCase: false },
  { kind: "byte", byte: 0x0a, ignoreCase: false },
] satisfies Node[];
/** `\R`: CR LF as one, else one byte of vertical white space; atomic. */
export const ANY_NEWLINE: Node = {
  kind: "atomic",
  body: {
    kind: "choice",
    branches: [
      { kind: "sequence", items: CARRIAGE_LINE },
      { kind: "set", set: byteSet([0x0a, 0x0d], [0x85, 0x85]) },
    ],
  },
};

/** Places by their letter. */
export const ASSERTION_ESCAPES: Readonly<Record<string, Assertion>> = {
  A: "start",
  G: "start",
  Z: "end",
  z: "very-end",
  b: "word-edge",
  B: "not-word-edge",
};

/** Why a letter is refused. */
export const REFUSED_ESCAPES: Readonly<Record<string, string>> = {
  K: "\\K (resetting the match start) is not supported",
  X: "\\X needs Unicode",
  p: "\\p needs Unicode properties",
  P: "\\P needs Unicode properties",
};

const CONTROL_BYTES: Readonly<Record<string, number>> = {
  a: 0x07,
  e: 0x1b,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
};

const hexadecimal = /^[0-9a-fA-F]{0,2}/;

/**
 * Reads the escape whose letter (the character after `\`) stands at `at`.
 * @throws PatternError when no byte is meant by it
 */
export function readByteEscape(source: string, at: number): { byte: number; next: number } {
  const char = source[at];
  if (char === undefined) throw new PatternError(source, at - 1, "\\ at the end of the pattern");
  const control = CONTROL_BYTES[char];
  if (control !== undefined) return { byte: control, next: at + 1 };
  if (char === "x") return readHex(source, at + 1);
  if (char === "o") return readBraced(source, at + 1, /^\{([0-7]*)\}/, 8, "\\o");
  if (char === "c") {
    const code = source.charCodeAt(at + 1);
    if (!(code >= 0x20 && code <= 0x7e))
      throw new PatternError(source, at - 1, "\\c must be followed by a printable ASCII character");
    const upper = code >= 0x61 && code <= 0x7a ? code - 0x20 : code;
    return { byte: upper ^ 0x40, next: at + 2 };
  }
  if (char >= "0" && char <= "7") {
    const digits = (/^[0-7]{1,3}/.exec(source.slice(at, at + 3)) as RegExpExecArray)[0];
    const byte = Number.parseInt(digits, 8);
    if (byte > 0xff) throw new PatternError(source, at - 1, "octal value is greater than \\377");
    return { byte, next: at + digits.length };
  }
  if (/[A-Za-z]/.test(char)) throw new PatternError(source, at - 1, `unrecognised escape \\${char}`);
  return { byte: source.charCodeAt(at) & 0xff, next: at + 1 };
}

function readHex(source: string, at: number): { byte: number; next: number } {
  if (source[at] === "{") return readBraced(source, at, /^\{([0-9a-fA-F]*)\}/, 16, "\\x");
  const digits = hexadecimal.exec(source.slice(at, at + 2))?.[0] ?? "";
  // PCRE2: \x with no digit is NUL.
  return { byte: digits ? Number.parseInt(digits, 16) : 0, next: at + digits.length };
}

function readBraced(source: string, at: number, form: RegExp, radix: number, name: string) {
  const braced = form.exec(source.slice(at, at + 16));
  if (!braced?.[1]) throw new PatternError(source, at, `malformed number after ${name}`);
  const byte = Number.parseInt(braced[1], radix);
  if (byte > 0xff) throw new PatternError(source, at, `${name}{...} is greater than one byte`);
  return { byte, next: at + braced[0].length };
}
