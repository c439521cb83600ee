import type { Evidence } from "../model/evidence.ts";
import { FAMILY_SHRINKAGE, MOST_CERTAIN, OUTREAD_WEIGHT } from "./weights.ts";

/** What one hypothesis has on its side. */
export interface Support {
  /** Sum of family weights after shrinkage, nats. */
  weight: number;
  /** Strongest first. */
  evidence: Evidence[];
}

/**
 * Adds evidence up: within a family only the strongest member counts, since they rest on the same bytes; families are added from the
 * strongest down, each counting FAMILY_SHRINKAGE times less than the one before.
 */
export function support(evidence: readonly Evidence[]): Support {
  const strongest = new Map<string, number>();
  for (const piece of evidence) {
    strongest.set(piece.family, Math.max(strongest.get(piece.family) ?? 0, piece.weight));
  }
  const weights = [...strongest.values()].sort((a, b) => b - a);
  const weight = weights.reduce((sum, w, rank) => sum + w * FAMILY_SHRINKAGE ** rank, 0);
  return { weight, evidence: [...evidence].sort((a, b) => b.weight - a.weight) };
}

/** Groups evidence by what `key` reads from it; pieces without a key are left out. */
export function supportBy(
  evidence: readonly Evidence[],
  key: (piece: Evidence) => string | null,
): Map<string, Support> {
  const groups = new Map<string, Evidence[]>();
  for (const piece of evidence) {
    const name = key(piece);
    if (name === null) continue;
    const group = groups.get(name);
    if (group) group.push(piece);
    else groups.set(name, [piece]);
  }
  return new Map([...groups].map(([name, group]) => [name, support(group)]));
}

export interface Ranked {
  name: string;
  probability: number;
}

/**
 * Posterior over the hypotheses and an explicit "something else": softmax of prior log-odds plus support. Ranked, likeliest first;
 * "something else" itself is not listed.
 */
export function posterior(scores: ReadonlyMap<string, number>, somethingElse: number): Ranked[] {
  const top = Math.max(somethingElse, ...scores.values());
  let total = Math.exp(somethingElse - top);
  for (const score of scores.values()) total += Math.exp(score - top);
  return [...scores]
    .map(([name, score]) => ({ name, probability: Math.min(Math.exp(score - top) / total, MOST_CERTAIN) }))
    .sort((a, b) => b.probability - a.probability || (a.name < b.name ? -1 : 1));
}

/**
 * Without the pieces that read the same bytes as a much surer piece and find another name in them: they add nothing to it and are no voice
 * against it. Takes and gives the strongest first.
 */
export function outread(evidence: readonly Evidence[], key: (piece: Evidence) => string | null): Evidence[] {
  const surest = new Map<string, { name: string; weight: number }>();
  return evidence.filter((piece) => {
    const name = key(piece);
    if (name === null) return true;
    const first = surest.get(piece.family);
    if (!first) surest.set(piece.family, { name, weight: piece.weight });
    return !first || first.name === name || first.weight < piece.weight + OUTREAD_WEIGHT;
  });
}
