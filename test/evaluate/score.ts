/** Verdicts on judged cases in figures: what is right, wrong and left unsaid, and how far the confidences can be believed. */

import type { Verdict } from "../../lib/model/fingerprint.ts";
import { randomFrom } from "../random.ts";
import type { Case, Judgement } from "./corpus.ts";
import {
  bootstrap,
  brierSkill,
  type Claimed,
  calibrationError,
  coverageAt,
  discrimination,
  discriminationWithin,
} from "./reliability.ts";

export interface Answer {
  one: Case;
  verdict: Verdict;
  judgement: Judgement;
  /** The fold, where each has weights of its own. */
  fold?: number;
}

export const answer = (one: Case, verdict: Verdict, fold?: number): Answer => ({
  one,
  verdict,
  judgement: one.judge(verdict),
  fold,
});

/** Shares are of the cases whose label asks for it; null where none does. */
export interface Score {
  cases: number;
  service: number | null;
  product: number | null;
  wrong: number | null;
  abstained: number | null;
  version: number | null;
  claims: number;
  ece: number | null;
  interval: [number, number] | null;
  auroc: number | null;
  /** Of pairs of claims by the same weights. */
  aurocWithin: number | null;
  skill: number | null;
  /** Share of the claims that can be had at 1 % error. */
  coverage: number;
}

/** Rounds and seed of the bootstrap: the same run gives the same interval. */
const ROUNDS = 1000;
const SEED = 20261121;
const ERROR = 0.01;

const share = (count: number, of: number) => (of === 0 ? null : count / of);

/** Product claims that the label can judge, with the confidence of the whole line (which is the product's). */
export function productClaims(answers: readonly Answer[]): Claimed[] {
  return answers.flatMap(({ one, verdict, judgement, fold }) =>
    judgement.product === null
      ? []
      : [
          {
            confidence: verdict.confidence,
            right: judgement.product,
            group: one.fingerprint,
            weights: fold,
          },
        ],
  );
}

export function scoreOf(answers: readonly Answer[]): Score {
  const claims = productClaims(answers);
  const asked = answers.filter(({ judgement }) => judgement.asks.product);
  const versions = answers.filter(({ judgement }) => judgement.asks.version);
  const services = answers.filter(({ judgement }) => judgement.service !== null);
  const count = (list: readonly Answer[], right: (judgement: Judgement) => boolean) =>
    list.filter(({ judgement }) => right(judgement)).length;
  return {
    cases: answers.length,
    service: share(
      count(services, ({ service }) => service === true),
      services.length,
    ),
    product: share(
      count(asked, ({ product }) => product === true),
      asked.length,
    ),
    wrong: share(
      count(asked, ({ product }) => product === false),
      asked.length,
    ),
    abstained: share(
      count(asked, ({ product }) => product === null),
      asked.length,
    ),
    version: share(
      count(versions, ({ version }) => version === true),
      versions.length,
    ),
    claims: claims.length,
    ece: calibrationError(claims),
    interval: bootstrap(claims, calibrationError, { random: randomFrom(SEED), rounds: ROUNDS }),
    auroc: discrimination(claims),
    aurocWithin: discriminationWithin(claims),
    skill: brierSkill(claims),
    coverage: coverageAt(ERROR, claims),
  };
}

/** Classes of services by what is read: `http.title` → web. */
const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/^http\./, "web"],
  [/^(?:smtp|pop3|imap)\./, "mail"],
  [/^(?:mysql|ldap)\./, "database"],
  [/^ssh\./, "ssh"],
  [/^(?:ftp|telnet|nntp)\./, "ftp, telnet, nntp"],
  [/^dns\./, "dns"],
  [/^(?:sip|rtsp)\./, "sip, rtsp"],
];

export const classOf = ({ kind }: Case): string =>
  CLASSES.find(([pattern]) => pattern.test(kind))?.[1] ?? "other";
