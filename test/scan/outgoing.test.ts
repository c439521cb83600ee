import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf } from "../../lib/scan/ledger.ts";
import { runs } from "../../lib/scan/outgoing.ts";

describe("runs of equal outcomes", () => {
  test("take one entry for many neighbours", () => {
    const closed = codeOf("closed");
    const settled = new Map(Array.from({ length: 65_535 }, (_, i) => [i, closed] as const));
    expect(runs(settled)).toEqual([[closed, 0, 65_535]]);
  });

  test("say the same as what they were made of, with no neighbours left apart", () => {
    const settled = fc.uniqueArray(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 3 })), {
      selector: ([index]) => index,
    });
    fc.assert(
      fc.property(settled, (pairs) => {
        const found = runs(new Map(pairs));
        const back = found.flatMap(([code, first, many]) =>
          Array.from({ length: many }, (_, i) => [first + i, code]),
        );
        expect(back).toEqual([...pairs].sort(([a], [b]) => a - b));
        for (let i = 1; i < found.length; i++) {
          const [code, first, many] = found[i - 1]!;
          const [nextCode, nextFirst] = found[i]!;
          expect(nextFirst > first + many || nextCode !== code).toBe(true);
        }
      }),
    );
  });
});
