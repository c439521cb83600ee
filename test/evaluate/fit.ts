/**
 * From readings of a corpus to weights: each fingerprint read as if nobody had seen it (`leave-out.ts`). Kinds' rates come from single
 * claims, the monotone maps from verdicts by rates that were fitted without the case's product.
 */

import { productKey } from "../../lib/evidence/contests.ts";
import type { ConfidenceMaps } from "../../lib/evidence/fitted.ts";
import { fuse } from "../../lib/evidence/fuse.ts";
import { fitMonotone, IDENTITY, type Judged } from "../../lib/evidence/isotonic.ts";
import { kindOf } from "../../lib/evidence/kinds.ts";
import { fitRates, type KindClaim, type Rates, weigh } from "../../lib/evidence/rates.ts";
import { assignRoles } from "../../lib/evidence/roles.ts";
import type { Evidence } from "../../lib/model/evidence.ts";
import { NO_VERDICT, type Verdict } from "../../lib/model/fingerprint.ts";
import { productByKey } from "../../lib/registry/products.ts";
import type { Case } from "./corpus.ts";
import { type Reading, readAll } from "./leave-out.ts";

/** One case under one regime of what was known. */
export interface Sample {
  one: Case;
  evidence: Evidence[];
  /** Has the registry this identity, under this regime? */
  knows(key: string): boolean;
}

export interface Samples {
  /** With all signatures: how well the corpus itself is known. */
  seen: Sample[];
  /** Each fingerprint as if nobody had seen it: what weights are fitted on. */
  unseen: Sample[];
}

export interface Weights {
  rates: Rates;
  maps: ConfidenceMaps;
}

export const PLAIN: ConfidenceMaps = { service: IDENTITY, product: IDENTITY, version: IDENTITY };

/** Products in one fold are judged by weights fitted on the others. */
export const FOLDS = 5;

export function samplesOf(cases: readonly Case[], drawn: readonly Case[]): Samples {
  const readings = readAll(cases, drawn);
  const of = (one: Case): Reading =>
    readings.get(one.id) ?? { seen: [], unseen: [], forgotten: new Set<string>() };
  return {
    seen: cases.map((one) => ({ one, evidence: of(one).seen, knows: (key) => productByKey(key) !== null })),
    unseen: cases.map((one) => {
      const { unseen, forgotten } = of(one);
      return {
        one,
        evidence: unseen,
        knows: (key) => productByKey(key) !== null && !forgotten.has(key),
      };
    }),
  };
}

/** The fold of a case: all of a product in one. FNV-1a over its name, so that it is the same on every machine. */
export function foldOf({ product }: Case): number {
  let hash = 0x811c9dc5;
  for (const character of product) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return hash % FOLDS;
}

/** `least`: names less sure are not said. */
export function verdictOn(
  { one, evidence, knows }: Sample,
  { rates, maps }: Weights,
  least?: number,
): Verdict {
  const weighed = evidence.map((piece) => weigh(piece, rates, knows));
  return fuse({ port: one.port, transport: one.transport, asked: true, evidence: weighed }, maps, least);
}

function ratesOf(samples: readonly Sample[]): Rates {
  return fitRates(samples.flatMap(claimsOf));
}

/** Each product claim by itself; what several facts of the same bytes say in the same way counts once. */
function claimsOf({ one, evidence, knows }: Sample): KindClaim[] {
  const claims = new Map<string, KindClaim>();
  // What stands behind another was not taken for the product.
  for (const piece of assignRoles(evidence, productKey).listening) {
    const kind = kindOf(piece, knows);
    if (kind === null) continue;
    const { service = null, product = null, vendor = null, version = null, cpe = [] } = piece.claim;
    const { product: right } = one.judge({ ...NO_VERDICT, service, product, vendor, version, cpe });
    if (right !== null) claims.set(`${kind} ${piece.family} ${product}`, { kind, right });
  }
  return [...claims.values()];
}

/** Verdicts on every sample by rates that were fitted without its product. */
function crossFitted(samples: readonly Sample[]): { sample: Sample; verdict: Verdict }[] {
  return folds(
    (fold) => ({ rates: ratesOf(samples.filter(({ one }) => foldOf(one) !== fold)), maps: PLAIN }),
    samples,
    0,
  );
}

/** Each sample's verdict by the weights that `weightsFor` gives for its fold. */
export function folds(weightsFor: (fold: number) => Weights, samples: readonly Sample[], least?: number) {
  return Array.from({ length: FOLDS }, (_, fold) => fold).flatMap((fold) => {
    const weights = weightsFor(fold);
    return samples
      .filter(({ one }) => foldOf(one) === fold)
      .map((sample) => ({ sample, verdict: verdictOn(sample, weights, least) }));
  });
}

function mapsOf(verdicts: readonly { sample: Sample; verdict: Verdict }[]): ConfidenceMaps {
  const judged = (score: (verdict: Verdict) => number, field: "service" | "product" | "version"): Judged[] =>
    verdicts.flatMap(({ sample: { one }, verdict }) => {
      const right = one.judge(verdict)[field];
      // A value out of context says nothing of how surely its service is recognised.
      const fair = verdict.method === "probed" && (field !== "service" || one.wire);
      return right !== null && fair ? [{ score: score(verdict), right }] : [];
    });
  return {
    service: fitMonotone(judged(({ confidences }) => confidences.service, "service")),
    product: fitMonotone(judged(({ confidences }) => confidences.product, "product")),
    // Of the version, given the product.
    version: fitMonotone(judged(({ confidences: { product, version } }) => version / product, "version")),
  };
}

export function fitWeights(samples: readonly Sample[]): Weights {
  return { rates: ratesOf(samples), maps: mapsOf(crossFitted(samples)) };
}
