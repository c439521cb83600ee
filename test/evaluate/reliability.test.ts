import { describe, expect, test } from "vitest";
import { randomFrom } from "../random.ts";
import {
  bootstrap,
  brierSkill,
  type Claimed,
  calibrationError,
  coverageAt,
  discrimination,
  discriminationWithin,
  reliabilityBins,
} from "./reliability.ts";

const claims = (confidence: number, right: number, wrong: number): Claimed[] =>
  Array.from({ length: right + wrong }, (_, index) => ({
    confidence,
    right: index < right,
    group: `${confidence} ${index}`,
  }));

describe("calibration error", () => {
  test("is nothing when confidences are shares", () => {
    expect(calibrationError([...claims(0.8, 8, 2), ...claims(0.5, 5, 5)])).toBeCloseTo(0, 10);
  });
  test("is the distance, by claims", () => {
    expect(calibrationError([...claims(0.9, 5, 5), ...claims(0.2, 6, 24)])).toBeCloseTo(0.1, 10);
    expect(calibrationError([])).toBeNull();
  });
  test("has bins for the highest confidence, too", () => {
    expect(reliabilityBins([...claims(1, 3, 0), ...claims(0, 0, 1)])).toEqual([
      { claims: 1, confidence: 0, right: 0 },
      { claims: 3, confidence: 1, right: 1 },
    ]);
  });
});

describe("discrimination", () => {
  test("is 1 when every right claim is surer, 0.5 when all are as sure, 0 when it is the wrong way round", () => {
    expect(discrimination([...claims(0.9, 5, 0), ...claims(0.4, 0, 3)])).toBe(1);
    expect(discrimination(claims(0.7, 5, 3))).toBe(0.5);
    expect(discrimination([...claims(0.9, 0, 3), ...claims(0.4, 5, 0)])).toBe(0);
  });
  test("counts ties half", () => {
    expect(discrimination([...claims(0.9, 1, 1), ...claims(0.4, 0, 1)])).toBe(0.75);
  });
  test("needs both", () => {
    expect(discrimination(claims(0.9, 5, 0))).toBeNull();
  });
  test("within one set of weights does not compare what two of them said", () => {
    const by = (weights: number, list: Claimed[]) => list.map((claim) => ({ ...claim, weights }));
    const two = [
      ...by(1, [...claims(0.9, 4, 0), ...claims(0.8, 0, 1)]),
      ...by(2, [...claims(0.7, 4, 0), ...claims(0.6, 0, 1)]),
    ];
    expect(discrimination(two)).toBe(0.75);
    expect(discriminationWithin(two)).toBe(1);
    expect(discriminationWithin(by(1, claims(0.9, 5, 0)))).toBeNull();
  });
});

test("Brier skill is 0 for the base rate, 1 for knowing", () => {
  expect(brierSkill(claims(0.8, 8, 2))).toBeCloseTo(0, 10);
  expect(brierSkill([...claims(1, 8, 0), ...claims(0, 0, 2)])).toBe(1);
  expect(brierSkill(claims(0.8, 8, 0))).toBeNull();
});

test("coverage is what can be had from the top within the error, equal confidences together", () => {
  const list = [...claims(0.99, 200, 1), ...claims(0.8, 50, 50)];
  expect(coverageAt(0.01, list)).toBeCloseTo(201 / 301, 10);
  expect(coverageAt(0.5, list)).toBe(1);
  expect(coverageAt(0.01, claims(0.9, 1, 1))).toBe(0);
});

describe("the bootstrap", () => {
  const mean = (list: readonly Claimed[]) => list.filter(({ right }) => right).length / list.length;

  test("gives an interval around the value, the same for the same seed", () => {
    const list = claims(0.8, 80, 20);
    const [low, high] = bootstrap(list, mean, { random: randomFrom(1) })!;
    expect(low).toBeGreaterThan(0.68);
    expect(low).toBeLessThan(0.8);
    expect(high).toBeGreaterThan(0.8);
    expect(high).toBeLessThan(0.92);
    expect(bootstrap(list, mean, { random: randomFrom(1) })).toEqual([low, high]);
  });

  test("is wider where claims hang together", () => {
    const list = claims(0.8, 80, 20);
    const width = (some: readonly Claimed[]) => {
      const [low, high] = bootstrap(some, mean, { random: randomFrom(1) })!;
      return high - low;
    };
    const grouped = list.map((claim, index) => ({ ...claim, group: String(Math.floor(index / 10)) }));
    expect(width(grouped)).toBeGreaterThan(width(list) * 1.5);
  });
});
