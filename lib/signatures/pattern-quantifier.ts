import { PatternError, type RepeatMode, UNBOUNDED } from "./pattern-ast.ts";

/** Quantifiers: how often, and whether as much or as little as possible (pcre2pattern(3), "Repetition"). */

/** PCRE2's largest repeat count and group number. */
export const MAX_COUNT = 65_535;

export interface Quantifier {
  min: number;
  /** `UNBOUNDED`: no bound. */
  max: number;
  mode: RepeatMode;
}

/**
 * Reads the quantifier at this place; null: there is none, a `{` that begins none is a character.
 * @throws PatternError when its numbers are not possible
 */
export function readQuantifier(source: string, at: number): { quantifier: Quantifier; next: number } | null {
  const char = source[at];
  let next = at;
  let min = char === "+" ? 1 : 0;
  let max = char === "?" ? 1 : UNBOUNDED;
  if (char === "*" || char === "+" || char === "?") next++;
  else if (char === "{") {
    const counts = /^\{(\d+)(?:(,)(\d*))?\}/.exec(source.slice(at, at + 32));
    if (!counts) return null;
    min = Number(counts[1]);
    max = counts[2] ? (counts[3] ? Number(counts[3]) : UNBOUNDED) : min;
    if (min > MAX_COUNT || (max !== UNBOUNDED && max > MAX_COUNT))
      throw new PatternError(source, at, "number too big in {} quantifier");
    if (min > max) throw new PatternError(source, at, "numbers out of order in {} quantifier");
    next += counts[0].length;
  } else return null;
  next = afterComments(source, next);
  let mode: RepeatMode = "greedy";
  if (source[next] === "?") mode = "lazy";
  else if (source[next] === "+") mode = "possessive";
  if (mode !== "greedy") next++;
  return { quantifier: { min, max, mode }, next };
}

/** PCRE2 lets comments stand between a quantifier and its `?` or `+`. */
function afterComments(source: string, at: number): number {
  let next = at;
  while (source.startsWith("(?#", next)) {
    const end = source.indexOf(")", next);
    if (end < 0) return next;
    next = end + 1;
  }
  return next;
}
