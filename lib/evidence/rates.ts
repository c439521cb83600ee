/**
 * How often each kind of claim is right, and the weight that follows. A rate is drawn towards that of its kind's first part (`exact`,
 * `grammar-new`), better or worse by as much as other kinds with its second part (`page`, `part`) are than claims are as a rule, as strongly
 * as if so many claims had been seen: a kind with few rows says little. First parts are drawn towards a general rate.
 */
import type { Evidence } from "../model/evidence.ts";
import { COMPILED_IN, howOf, kindOf } from "./kinds.ts";
import { PRODUCT_PRIOR } from "./weights.ts";

export interface KindClaim {
  kind: string;
  right: boolean;
}

export interface Rate {
  /** Claims of this kind, and how many of them were right. */
  claims: number;
  right: number;
  /** Share expected to be right. */
  rate: number;
}

/** By kind, and by first part of a kind. */
export type Rates = Readonly<Record<string, Rate>>;

/** What any claim is thought right at before one is seen, and for how many claims that stands. */
const GENERAL_RATE = 0.9;
const GENERAL_CLAIMS = 4;
/** For how many claims the rates of the first part and of the second stand. */
const PARENT_CLAIMS = 20;
/** For how many claims the author of a hint stands. */
const AUTHOR_CLAIMS = 10;
/** No kind is right more, or less, often than this, however its rows fell out: a corpus of banners holds no forgeries. */
const HIGHEST_RATE = 0.99;
const LOWEST_RATE = 0.05;

export function fitRates(claims: readonly KindClaim[]): Rates {
  const parents = tally(claims, ({ kind }) => howOf(kind));
  const kinds = tally(claims, ({ kind }) => kind);
  const rates: Record<string, Rate> = {};
  for (const [how, counts] of parents) rates[how] = drawn(counts, GENERAL_RATE, GENERAL_CLAIMS);
  const all = drawn(sum(claims), GENERAL_RATE, GENERAL_CLAIMS).rate;
  for (const [kind, counts] of kinds) {
    const how = rates[howOf(kind)]?.rate ?? GENERAL_RATE;
    const others = claims.filter((one) => one.kind !== kind && placeIn(one.kind) === placeIn(kind));
    const there = drawn(sum(others), all, PARENT_CLAIMS).rate;
    rates[kind] = drawn(counts, sigmoid(logit(how) + logit(there) - logit(all)), PARENT_CLAIMS);
  }
  return Object.fromEntries(Object.entries(rates).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const sum = (claims: readonly KindClaim[]) =>
  tally(claims, () => "all").get("all") ?? { claims: 0, right: 0 };
const placeIn = (kind: string) => kind.slice(kind.indexOf("/") + 1);
const logit = (rate: number) => Math.log(rate / (1 - rate));
const sigmoid = (score: number) => 1 / (1 + Math.exp(-score));

function tally(claims: readonly KindClaim[], key: (claim: KindClaim) => string) {
  const counts = new Map<string, { claims: number; right: number }>();
  for (const claim of claims) {
    const count = counts.get(key(claim)) ?? { claims: 0, right: 0 };
    counts.set(key(claim), count);
    count.claims += 1;
    if (claim.right) count.right += 1;
  }
  return counts;
}

function drawn(counts: { claims: number; right: number }, towards: number, strength: number): Rate {
  const rate = (counts.right + strength * towards) / (counts.claims + strength);
  return {
    ...counts,
    rate: Math.round(Math.min(HIGHEST_RATE, Math.max(LOWEST_RATE, rate)) * 10_000) / 10_000,
  };
}

/**
 * The evidence with the weight that its kind has: the log-likelihood ratio, nats, that makes one such claim alone as believable as it is right.
 * What has no kind keeps its weight. A hint's author meant to doubt it, so its rate is drawn towards what the author gave.
 */
export function weigh(evidence: Evidence, rates: Rates, knows?: (key: string) => boolean): Evidence {
  const kind = kindOf(evidence, knows);
  if (kind === null || evidence.weight <= 0) return evidence;
  const how = howOf(kind);
  const known = rates[kind] ?? (how === HINT ? undefined : rates[how]);
  if (!known) return evidence;
  const authors = 1 / (1 + Math.exp(-(PRODUCT_PRIOR + evidence.weight)));
  const rate = how === HINT ? drawn(known, authors, AUTHOR_CLAIMS).rate : known.rate;
  const fitted = digits(Math.log(rate / (1 - rate)) - PRODUCT_PRIOR);
  // Nobody forges anything in a corpus: that what is compiled in outlasts what is typed is its author's knowledge.
  return { ...evidence, weight: evidence.weight >= COMPILED_IN ? Math.max(fitted, evidence.weight) : fitted };
}

const HINT = "hint";
const digits = (value: number) => Math.round(value * 100) / 100;
