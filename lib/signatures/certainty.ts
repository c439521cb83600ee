/**
 * A stated confidence as a weight: what it adds to the log-odds that a product has before evidence, so that a rule which says 0.9 and meets
 * no other evidence comes out at 0.9.
 */

/** Nobody is more certain of a product than this, or of its absence. */
const BOUNDS = [0.01, 0.99] as const;

const logit = (probability: number) => Math.log(probability / (1 - probability));

/** Nats. `priorLogOdds`: those of the claim before evidence (lib/evidence/weights.ts). */
export function weightOf(confidence: number, priorLogOdds: number): number {
  const [least, most] = BOUNDS;
  return logit(Math.min(Math.max(confidence, least), most)) - priorLogOdds;
}
