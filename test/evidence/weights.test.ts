import { describe, expect, test } from "vitest";
import * as z from "zod";
import { fitted } from "../../lib/evidence/fitted.ts";
import { applyMonotone } from "../../lib/evidence/isotonic.ts";
import { fitRates } from "../../lib/evidence/rates.ts";

const share = z.number().min(0).max(1);
const map = z.array(z.tuple([share, share])).min(2);
const shape = z.strictObject({
  provenance: z.strictObject({
    fitted: z.iso.date(),
    command: z.literal("npm run calibrate"),
    corpus: z.string(),
    corpusDigest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
    rows: z.number().int().positive(),
    drawn: z.number().int().positive(),
    signatures: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  }),
  rates: z.record(
    z.string().regex(/^(?:exact|typical|hint|grammar-known|grammar-new)(?:\/\w+)?$/),
    z.strictObject({ claims: z.number().int().positive(), right: z.number().int().min(0), rate: share }),
  ),
  maps: z.strictObject({ service: map, product: map, version: map }),
});

describe("the committed weights", () => {
  test("say where they come from, and have the shape that the fusion reads", () => {
    expect(() => shape.parse(fitted)).not.toThrow();
  });

  test("are what their counts give: nobody changed a rate by hand", () => {
    const counted = Object.entries(fitted.rates)
      .filter(([kind]) => kind.includes("/"))
      .flatMap(([kind, { claims, right }]) => [
        ...Array.from({ length: right }, () => ({ kind, right: true })),
        ...Array.from({ length: claims - right }, () => ({ kind, right: false })),
      ]);
    expect(fitRates(counted)).toEqual(fitted.rates);
  });

  test("never rank a surer claim below a less sure one", () => {
    for (const one of Object.values(fitted.maps)) {
      const values = Array.from({ length: 101 }, (_, step) => applyMonotone(one, step / 100));
      expect(values).toEqual([...values].sort((a, b) => a - b));
    }
  });

  test("hold an exact signature for surer than a name that only grammar found", () => {
    const { exact, "grammar-new": unknown } = fitted.rates;
    expect(exact!.rate).toBeGreaterThan(unknown!.rate + 0.05);
  });
});
