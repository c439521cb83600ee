import { byteSet, foldCase, isLetter, sizeOf } from "./byte-sets.ts";
import type { Node, RepeatMode } from "./pattern-ast.ts";

/**
 * Nodes as the parser makes them: where two trees mean the same, the one that the matcher is faster at.
 */

/** A class of one byte, or of one letter in both cases, is that byte: literals are what search is fast at. */
export function fromSet(set: Uint8Array): Node {
  const size = sizeOf(set);
  const byte = set.indexOf(1);
  if (size === 1) return { kind: "byte", byte, ignoreCase: false };
  if (size === 2 && byte <= 0x5a && isLetter(byte) && set[byte + 0x20])
    return { kind: "byte", byte, ignoreCase: true };
  return { kind: "set", set };
}

/** Branches of one byte each are one set: order cannot matter between them. */
export function joinBranches(branches: Node[]): Node {
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

/** The item before a quantifier, repeated. */
export function repeat(body: Node, { min, max, mode }: { min: number; max: number; mode: RepeatMode }): Node {
  if (min === 1 && max === 1) return mode === "possessive" ? { kind: "atomic", body } : body;
  // PCRE2 tries a repeated assertion at most once: it cannot come out differently.
  if (body.kind === "look")
    return { kind: "repeat", body, min: Math.min(min, 1), max: Math.min(max, 1), mode };
  return { kind: "repeat", body, min, max, mode };
}
