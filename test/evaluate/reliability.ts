/**
 * How good confidences are, on judged claims. Calibration: claims of confidence c are right in a share c of cases. Discrimination: right claims
 * are more confident than wrong ones. Both are needed: who says 0.9 of everything and is right nine times in ten is calibrated and useless.
 */

export interface Claimed {
  confidence: number;
  right: boolean;
  /** Claims of one group are not independent (variants of one banner): they are drawn together. */
  group: string;
  /** Which weights gave the confidence, where not all have the same. */
  weights?: number;
}

/** Bins of equal width, as in Guo et al., "On Calibration of Modern Neural Networks" (2017). */
export const BINS = 10;

export interface Bin {
  claims: number;
  /** Mean confidence, and share that is right. */
  confidence: number;
  right: number;
}

/** Bins that hold claims, lowest first. */
export function reliabilityBins(claims: readonly Claimed[]): Bin[] {
  const bins = Array.from({ length: BINS }, () => ({ claims: 0, confidence: 0, right: 0 }));
  for (const { confidence, right } of claims) {
    const bin = bins[Math.min(BINS - 1, Math.floor(confidence * BINS))];
    if (!bin) continue;
    bin.claims += 1;
    bin.confidence += confidence;
    bin.right += right ? 1 : 0;
  }
  return bins
    .filter((bin) => bin.claims > 0)
    .map((bin) => ({ ...bin, confidence: bin.confidence / bin.claims, right: bin.right / bin.claims }));
}

/** Expected calibration error: mean distance of confidence and share right over the bins, by their claims. Null without claims. */
export function calibrationError(claims: readonly Claimed[]): number | null {
  if (claims.length === 0) return null;
  const gaps = reliabilityBins(claims).map((bin) => bin.claims * Math.abs(bin.confidence - bin.right));
  return gaps.reduce((sum, gap) => sum + gap, 0) / claims.length;
}

/** Chance that a right claim is more confident than a wrong one, ties half (area under ROC). Null when one of the two is missing. */
export function discrimination(claims: readonly Claimed[]): number | null {
  const sorted = [...claims].sort((a, b) => a.confidence - b.confidence);
  const right = claims.filter((claim) => claim.right).length;
  const wrong = claims.length - right;
  if (right === 0 || wrong === 0) return null;
  // Mann-Whitney: the sum of the ranks of the right ones, tied claims sharing their mean rank.
  let ranks = 0;
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    while (end < sorted.length && sorted[end]?.confidence === sorted[start]?.confidence) end++;
    const mean = (start + 1 + end) / 2;
    ranks += mean * sorted.slice(start, end).filter((claim) => claim.right).length;
    start = end;
  }
  return (ranks - (right * (right + 1)) / 2) / (right * wrong);
}

/**
 * The same over pairs of claims by the same weights alone. Pooled over folds the chance comes out too low: a wrong claim in the fold that is judged is
 * one less among those that its weights were fitted on, so just there they are trusted a little more (Parker, Günter and Bedo, "Stratification
 * bias in low signal microarray studies", 2007; Airola et al., 2011).
 */
export function discriminationWithin(claims: readonly Claimed[]): number | null {
  let [ahead, pairs] = [0, 0];
  for (const some of Map.groupBy(claims, ({ weights }) => weights).values()) {
    const right = some.filter((claim) => claim.right).length;
    const compared = right * (some.length - right);
    ahead += compared * (discrimination(some) ?? 0);
    pairs += compared;
  }
  return pairs === 0 ? null : ahead / pairs;
}

/** 1 less the Brier score over that of always saying the share right: 0 says nothing, 1 is perfect. Null when all are right or wrong. */
export function brierSkill(claims: readonly Claimed[]): number | null {
  const base = claims.filter(({ right }) => right).length / claims.length;
  if (!(base > 0 && base < 1)) return null;
  const brier = claims.reduce((sum, { confidence, right }) => sum + (confidence - (right ? 1 : 0)) ** 2, 0);
  return 1 - brier / claims.length / (base * (1 - base));
}

/** The largest share of claims, taken from the most confident down, of which at most `error` are wrong. Equal ones go together. */
export function coverageAt(error: number, claims: readonly Claimed[]): number {
  const sorted = [...claims].sort((a, b) => b.confidence - a.confidence);
  let wrong = 0;
  let covered = 0;
  for (const [index, { confidence, right }] of sorted.entries()) {
    if (!right) wrong += 1;
    const whole = sorted[index + 1]?.confidence !== confidence;
    if (whole && wrong <= error * (index + 1)) covered = index + 1;
  }
  return claims.length === 0 ? 0 : covered / claims.length;
}

/**
 * Bootstrap interval of a statistic, percentiles 2.5 and 97.5: groups are drawn with replacement, so variants of one banner stay together.
 * `random` gives numbers from 0 to 1. Null when the statistic is.
 */
export function bootstrap(
  claims: readonly Claimed[],
  statistic: (claims: readonly Claimed[]) => number | null,
  { random, rounds = 1000 }: { random: () => number; rounds?: number },
): [number, number] | null {
  const groups = [...Map.groupBy(claims, ({ group }) => group).values()];
  const values = Array.from({ length: rounds }, () =>
    statistic(groups.flatMap(() => groups[Math.floor(random() * groups.length)] ?? [])),
  )
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
  const at = (share: number) => values[Math.min(values.length - 1, Math.floor(share * values.length))];
  const [low, high] = [at(0.025), at(0.975)];
  return low === undefined || high === undefined ? null : [low, high];
}
