/**
 * Isotonic calibration: a monotone map from a score to the share of claims at that score that are right, by pooling adjacent violators. Kept
 * as a few knots and read by straight lines between them, so that what was ranked stays ranked.
 */

/** One judged claim. */
export interface Judged {
  score: number;
  right: boolean;
}

/** (score, calibrated) pairs, both ascending, from (0, 0) to a last one at score 1. */
export type MonotoneMap = readonly (readonly [number, number])[];

export const IDENTITY: MonotoneMap = [
  [0, 0],
  [1, 1],
];

/** Each pooled block is drawn towards its own mean score by so many claims: few claims move the map little. */
const PRIOR_CLAIMS = 10;
/** Claims that a block holds at least, so that single rows make no steps. */
const LEAST_CLAIMS = 30;
/** Where claims were measured the map goes no higher: what never failed in so many claims may yet. */
const HIGHEST = 0.995;
/** What score 1 is worth. */
const CERTAIN = 0.999;
/** Scores so near to each other are one. */
const NEAR = 0.005;

/** Sums over its claims. */
interface Block {
  claims: number;
  score: number;
  right: number;
}

const rate = ({ claims, score, right }: Block) =>
  Math.min(HIGHEST, (right + PRIOR_CLAIMS * (score / claims)) / (claims + PRIOR_CLAIMS));

const join = (a: Block, b: Block): Block => ({
  claims: a.claims + b.claims,
  score: a.score + b.score,
  right: a.right + b.right,
});

/** Fits the map. Without claims it is the identity. */
export function fitMonotone(claims: readonly Judged[]): MonotoneMap {
  const blocks: Block[] = [];
  for (const { score, right } of [...claims].sort((a, b) => a.score - b.score)) {
    const one = { claims: 1, score, right: right ? 1 : 0 };
    const last = blocks.at(-1);
    const near = last && score - last.score / last.claims < NEAR;
    if (last && (near || last.claims < LEAST_CLAIMS)) blocks[blocks.length - 1] = join(last, one);
    else blocks.push(one);
  }
  const [last, before] = [blocks.at(-1), blocks.at(-2)];
  if (last && before && last.claims < LEAST_CLAIMS) blocks.splice(-2, 2, join(before, last));

  const pooled: Block[] = [];
  for (const block of blocks) {
    let grown = block;
    for (let below = pooled.at(-1); below && rate(below) >= rate(grown); below = pooled.at(-1)) {
      grown = join(below, grown);
      pooled.pop();
    }
    pooled.push(grown);
  }
  const knots = pooled.map((block) => [digits(block.score / block.claims), digits(rate(block))] as const);
  const inner = knots.filter(([score]) => score > 0 && score < 1);
  const top = inner.at(-1);
  // Above the last block nothing was measured: there the scores hold, in so far as they are higher.
  return [[0, 0], ...inner, [1, top ? Math.max(CERTAIN, top[1]) : 1]];
}

const digits = (value: number) => Math.round(value * 10_000) / 10_000;

/** Where the map takes a score. */
export function applyMonotone(map: MonotoneMap, score: number): number {
  let [x0, y0] = map[0] ?? [0, 0];
  if (score <= x0) return y0;
  for (const [x1, y1] of map.slice(1)) {
    if (score <= x1) return y0 + ((y1 - y0) * (score - x0)) / (x1 - x0);
    [x0, y0] = [x1, y1];
  }
  return y0;
}
