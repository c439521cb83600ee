/**
 * The file's lines over what has come. While probes are under way the driver asks again and again what would be next, and each time the
 * machine walks over the same answers: what they match is remembered, or that would be most of the engine's work.
 */
import { latin1 } from "../../model/observation.ts";
import { matchResponse, type ProbeMatch } from "../../signatures/evaluate-probes.ts";
import { freshBudget } from "../../signatures/pattern.ts";
import type { PackProbe } from "../../signatures/probe-pack.ts";

/** `buffer`: the answer to `probe`, behind what its connection had brought before. */
export type Matching = (probe: PackProbe, buffer: Uint8Array) => ProbeMatch | null;

/** Texts kept for each probe, the newest: its answer in the clear and inside TLS. An answer that grows is another text each time. */
const MOST_TEXTS = 2;

export const matching: Matching = (probe, buffer) => matchResponse(probe, latin1(buffer), freshBudget());

/** Remembers the last texts of each probe. `onLimit`: a pattern was given up for the steps it took, and counts as no match. */
export function rememberedMatching(onLimit: () => void): Matching {
  const known = new Map<PackProbe, { text: string; found: ProbeMatch | null }[]>();
  return (probe, buffer) => {
    const text = latin1(buffer);
    const texts = known.get(probe) ?? [];
    const same = texts.find((one) => one.text === text);
    if (same) return same.found;
    const budget = freshBudget();
    const found = matchResponse(probe, text, budget);
    if (budget.exceeded > 0) onLimit();
    known.set(probe, [{ text, found }, ...texts].slice(0, MOST_TEXTS));
    return found;
  };
}
