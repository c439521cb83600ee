import { PatternError } from "./pattern-ast.ts";
import { MAX_NAME } from "./pattern-reference.ts";

/**
 * What an opening parenthesis begins (pcre2pattern(3), "Capture groups", "Assertions", "Comments", "Internal option setting"). A comment, a
 * reference and an option setting are read to their end, of all others the head.
 */
export type GroupHead =
  | { kind: "capture"; name: string | null }
  | { kind: "plain" }
  | { kind: "atomic" }
  | { kind: "look"; behind: boolean; negative: boolean }
  | { kind: "reference"; name: string }
  | { kind: "comment" }
  | { kind: "options"; options: OptionSetting; closed: boolean };

/** `(?i)`, `(?s-i)`, `(?^m)`: letters of `ims`. */
export interface OptionSetting {
  /** All are off before these. */
  reset: boolean;
  on: string;
  off: string;
}

/** The options in force. */
export interface Modes {
  ignoreCase: boolean;
  dotAll: boolean;
  multiline: boolean;
}

/** What is switched off is off, though the same setting switched it on. */
export function changed(before: Modes, { reset, on, off }: OptionSetting): Modes {
  const now = (letter: string, was: boolean) =>
    !off.includes(letter) && (on.includes(letter) || (was && !reset));
  return {
    ignoreCase: now("i", before.ignoreCase),
    dotAll: now("s", before.dotAll),
    multiline: now("m", before.multiline),
  };
}

/**
 * Reads from the parenthesis at `offset`; `next`: behind what was read.
 * @throws PatternError for what begins nothing that is supported
 */
export function readGroupHead(source: string, offset: number): { head: GroupHead; next: number } {
  const fail = (at: number, reason: string): never => {
    throw new PatternError(source, at, reason);
  };
  if (source[offset + 1] === "*") return fail(offset, "verbs (*...) are not supported");
  if (source[offset + 1] !== "?") return { head: { kind: "capture", name: null }, next: offset + 1 };
  const at = offset + 2;
  const rest = source.slice(at, at + MAX_NAME + 8);
  const opening = /^(?:[:>=!|#&RC]|<[=!]|P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)'|P=(\w+)\)|P>|\(|[+-]?\d)/.exec(
    rest,
  );
  if (!opening) return readOptions(source, offset);
  const [mark] = opening;
  const next = at + mark.length;
  const name = opening[1] ?? opening[2];
  if (name !== undefined) {
    if (name.length > MAX_NAME) return fail(at, "group name is too long");
    return { head: { kind: "capture", name }, next };
  }
  if (opening[3] !== undefined) return { head: { kind: "reference", name: opening[3] }, next };
  switch (mark) {
    case ":":
      return { head: { kind: "plain" }, next };
    case ">":
      return { head: { kind: "atomic" }, next };
    case "=":
    case "!":
    case "<=":
    case "<!":
      return { head: { kind: "look", behind: mark.length === 2, negative: mark.endsWith("!") }, next };
    case "#": {
      const end = source.indexOf(")", at);
      if (end < 0) return fail(offset, "missing ) after (?# comment");
      return { head: { kind: "comment" }, next: end + 1 };
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

function readOptions(source: string, offset: number): { head: GroupHead; next: number } {
  const at = offset + 2;
  const found = /^(\^?)([a-zA-Z]*)(?:-([a-zA-Z]*))?([:)])/.exec(source.slice(at, at + 24));
  if (!found) throw new PatternError(source, offset, "unrecognised character after (?");
  const [{ length }, caret, on = "", off = "", end] = found;
  const unknown = /[^ims]/.exec(on + off);
  if (unknown) throw new PatternError(source, offset, `option (?${unknown[0]}) is not supported`);
  const options = { reset: caret === "^", on, off };
  return { head: { kind: "options", options, closed: end === ")" }, next: at + length };
}
