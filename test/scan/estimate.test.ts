import { describe, expect, test } from "vitest";
import { type ScanRequestInput, scanRequestSchema } from "../../lib/model/request.ts";
import { estimate } from "../../lib/scan/estimate.ts";
import { makePlan } from "../../lib/scan/make-plan.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { scopeFrom } from "../../lib/targets/scope.ts";

const estimated = async (request: ScanRequestInput, concurrency?: number) => {
  const { plan } = await makePlan(scanRequestSchema.parse(request), {
    scanId: "estimate-test",
    scope: scopeFrom(["10.0.0.0/8"], { allowLoopback: true }),
    scopeEntries: ["10.0.0.0/8"],
    local: true,
    selfPorts: [],
    startedAt: new Date("2026-01-01T00:00:00Z"),
  });
  return { plan, index: indexPlan(plan), estimate: estimate(plan, { concurrency }) };
};

describe("an estimate", () => {
  test("of a /8 and 1,000 ports counts them all, from a few numbers", async () => {
    const { index, estimate: found } = await estimated({ targets: ["10.0.0.0/8"], ports: "1-1000" });
    expect(found).toMatchObject({ addresses: 2 ** 24, endpoints: 2 ** 24 * 1000, batches: 2 ** 23 });
    expect(index.shapes).toHaveLength(1);
    expect(found.invocations).toBeGreaterThan(found.batches);
  });

  test("stays below the target of $0.02 for 10,000 endpoints at 2 % open", async () => {
    for (const profile of ["fast", "standard", "web"]) {
      const { estimate: found } = await estimated({ targets: ["10.1.0.0/20"], profile });
      expect((found.costUsd / found.endpoints) * 10_000, profile).toBeLessThan(0.02);
    }
  });

  test("adds up, and grows with what is asked", async () => {
    const one = (await estimated({ targets: ["10.1.0.0/24"], ports: "1-100" })).estimate;
    const four = (await estimated({ targets: ["10.1.0.0/22"], ports: "1-100" })).estimate;
    const sum = (lines: { usd: number }[]) => lines.reduce((total, { usd }) => total + usd, 0);
    expect(sum(one.cost)).toBeCloseTo(one.costUsd, 12);
    expect(four.costUsd / one.costUsd).toBeGreaterThan(3.5);
    expect(four.costUsd / one.costUsd).toBeLessThan(4.5);
  });

  test("of one host is as long as its slices one after another, however many probers there are", async () => {
    const request = { targets: ["10.1.0.1"], ports: "1-20000" };
    const few = (await estimated(request, 1)).estimate;
    const many = (await estimated(request, 100)).estimate;
    expect(few.batches).toBe(10);
    expect(many.wallSeconds).toBe(few.wallSeconds);
    const wide = { targets: ["10.1.0.0/24"], ports: "1-1000" };
    const serial = (await estimated(wide, 1)).estimate.wallSeconds;
    expect((await estimated(wide, 20)).estimate.wallSeconds).toBeLessThan(serial / 10);
  });
});
