import { expect, test } from "vitest";
import type { Evidence } from "../../lib/model/evidence.ts";
import type { Case } from "./corpus.ts";
import { readAll } from "./leave-out.ts";
import { placed } from "./places.ts";

/** A labelled answer: `product` is right, whatever else is said is wrong. */
const labelled = (fingerprint: string, kind: string, text: string, product: string): Case => ({
  ...placed(kind, text),
  id: `${fingerprint} ${text}`,
  fingerprint,
  product,
  kind,
  judge: (verdict) => ({
    service: null,
    product: verdict.product === null ? null : verdict.product === product,
    version: null,
    asks: { product: true, version: false },
  }),
});
const signed = (evidence: readonly Evidence[]) =>
  evidence.filter(({ claim }) => claim.product === "Grafana").map(({ signature }) => signature);

const one = labelled("a", "http.title", "Grafana", "Grafana");
const read = (others: readonly Case[], drawn: readonly Case[]) =>
  signed(readAll([one, ...others], drawn).get(one.id)?.unseen ?? []).filter(
    (signature) => !signature.includes("grammar"),
  );

test("a fingerprint is read without the signatures that only it taught", () => {
  expect(signed(readAll([one], []).get(one.id)?.seen ?? [])).not.toEqual([]);
  expect(read([], [])).toEqual([]);
});

test("what another fingerprint taught, or a text written from memory names rightly, stays", () => {
  expect(read([labelled("b", "http.title", "Grafana", "Grafana")], [])).not.toEqual([]);
  expect(read([], [labelled("drawn:1", "http.title", "Grafana", "Grafana")])).not.toEqual([]);
  expect(read([], [labelled("drawn:1", "http.title", "Grafana", "Kibana")])).toEqual([]);
});
