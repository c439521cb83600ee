import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyMonotone, fitMonotone, IDENTITY, type Judged } from "../../lib/evidence/isotonic.ts";

const claims = (score: number, right: number, wrong: number): Judged[] => [
  ...Array.from({ length: right }, () => ({ score, right: true })),
  ...Array.from({ length: wrong }, () => ({ score, right: false })),
];

describe("an isotonic map", () => {
  test("takes a score to the share that was right at it", () => {
    const map = fitMonotone([...claims(0.6, 300, 700), ...claims(0.9, 990, 10)]);
    expect(applyMonotone(map, 0.6)).toBeCloseTo(0.3, 1);
    expect(applyMonotone(map, 0.9)).toBeCloseTo(0.99, 2);
  });

  test("pools scores whose order the outcomes contradict", () => {
    const map = fitMonotone([...claims(0.6, 90, 10), ...claims(0.8, 50, 50)]);
    expect(applyMonotone(map, 0.7)).toBeCloseTo(0.7, 1);
  });

  test("is moved little by few claims, and not at all by none", () => {
    expect(applyMonotone(fitMonotone(claims(0.9, 0, 2)), 0.9)).toBeGreaterThan(0.7);
    expect(fitMonotone([])).toEqual(IDENTITY);
  });

  test("promises nothing certain, however long nothing failed", () => {
    const map = fitMonotone(claims(0.98, 5000, 0));
    expect(applyMonotone(map, 0.98)).toBeLessThan(0.996);
    expect(applyMonotone(map, 1)).toBeLessThan(1);
  });

  const judged = fc.array(
    fc.record({
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      right: fc.boolean(),
    }),
    { maxLength: 300 },
  );

  test("never ranks two scores the other way round, and stays a probability", () => {
    const score = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(judged, score, score, (list, a, b) => {
        const map = fitMonotone(list);
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((one) => applyMonotone(map, one));
        expect(low).toBeLessThanOrEqual(high! + 1e-12);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });
});
