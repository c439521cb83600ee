import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { probersAtOnce } from "../../infra/topology.ts";
import { InputError } from "../../lib/model/errors.ts";
import { type ScanRequestInput, scanRequestSchema } from "../../lib/model/request.ts";
import type { BudgetLimits } from "../../lib/net/budget.ts";
import { makePlan } from "../../lib/scan/make-plan.ts";
import { type Batch, indexPlan } from "../../lib/scan/plan-index.ts";
import { DEFAULT_LIMITS, DEFAULT_PROBERS, limitsOf, RATE_WINDOW_SECONDS } from "../../lib/scan/politeness.ts";
import { parseAddress } from "../../lib/targets/address.ts";
import { scopeFrom } from "../../lib/targets/scope.ts";
import { networkOf } from "../../lib/targets/space.ts";

const SCOPE = ["10.0.0.0/8", "2001:470::/32", "example.com"];
async function planFor(request: ScanRequestInput, probers: number) {
  const { plan } = await makePlan(scanRequestSchema.parse(request), {
    scanId: "plan-test",
    scope: scopeFrom(SCOPE, { allowLoopback: true }),
    scopeEntries: SCOPE,
    local: true,
    selfPorts: [],
    startedAt: new Date("2026-01-01T00:00:00Z"),
    probers,
    lookup: async (_, family) => (family === 4 ? ["10.0.0.1", "10.0.0.9"] : []),
  });
  return { plan, index: indexPlan(plan) };
}

/** What may start within a window: the evenly paced stream, and one at its edge. */
const startsIn = (rate: number | undefined) =>
  rate === undefined ? Number.POSITIVE_INFINITY : rate * RATE_WINDOW_SECONDS + 1;
const together = (batches: readonly Batch[], of: (limits: BudgetLimits) => number) =>
  batches.reduce((sum, { share }) => sum + (share ? of(share.sweep) + of(share.questions) : 0), 0);

const targets = fc.uniqueArray(
  fc.constantFrom(
    "10.0.0.0/27",
    "10.0.0.1",
    "10.0.0.1:8080",
    "10.0.0.9:81",
    "10.0.1.0/28",
    "10.0.7.250-10.0.8.20",
    "2001:470::/123",
    "www.example.com",
    "other.example.com:8443",
  ),
  { minLength: 1 },
);

describe("a scan's limits", () => {
  test("hold together for whatever batches run at once: in all, in each network, at each host", async () => {
    await fc.assert(
      fc.asyncProperty(
        targets,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 2, max: 200 }),
        async (names, probers, endpointsPerBatch, many) => {
          const limits = {
            connections: 2 * probers + many,
            newPerSecond: 20 * probers + many,
            connectionsPerNetwork: 2 * probers + Math.floor(many / 2),
            newPerSecondPerNetwork: 15 * probers + many,
            connectionsPerHost: 8 + many,
            newPerSecondPerHost: 60 + many,
          };
          const { index } = await planFor(
            { targets: names, ports: "1-9", limits, endpointsPerBatch },
            probers,
          );
          const chains = Array.from({ length: index.chains }, (_, i) => index.batchAt(index.chainAt(i)));
          const networks = new Map<string, Batch[]>();
          const hosts = new Map<string, Set<Batch>>();
          for (const batch of chains) {
            const { host } = batch.endpointAt(0);
            const address = parseAddress(host);
            const key = String(address && networkOf(address).first);
            networks.set(key, [...(networks.get(key) ?? []), batch]);
            for (let i = 0; i < batch.size; i++) {
              const at = batch.endpointAt(i).host;
              hosts.set(at, (hosts.get(at) ?? new Set()).add(batch));
            }
          }
          /** The most that any `probers` of them could come to. */
          const worst = (batches: Iterable<Batch>, of: (limits: BudgetLimits) => number) =>
            together(
              [...batches].sort((a, b) => together([b], of) - together([a], of)).slice(0, probers),
              of,
            );
          const inWindow = (rate: number) => rate * RATE_WINDOW_SECONDS + 1e-6;
          expect(worst(chains, ({ total }) => total)).toBeLessThanOrEqual(limits.connections);
          expect(worst(chains, (of) => startsIn(of.newPerSecond))).toBeLessThanOrEqual(
            inWindow(limits.newPerSecond),
          );
          for (const batches of networks.values()) {
            expect(worst(batches, ({ total }) => total)).toBeLessThanOrEqual(limits.connectionsPerNetwork);
            expect(worst(batches, (of) => startsIn(of.newPerSecond))).toBeLessThanOrEqual(
              inWindow(limits.newPerSecondPerNetwork),
            );
          }
          for (const batches of hosts.values()) {
            expect(worst(batches, ({ perHost }) => perHost)).toBeLessThanOrEqual(limits.connectionsPerHost);
            expect(worst(batches, (of) => startsIn(of.newPerSecondPerHost))).toBeLessThanOrEqual(
              inWindow(limits.newPerSecondPerHost),
            );
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("are not spent on neighbours that are not there: one host alone has all that a host may have", async () => {
    const { index } = await planFor({ targets: ["10.0.0.1"], ports: "1-5000" }, 20);
    const { share } = index.batchAt(0);
    expect((share?.sweep.perHost ?? 0) + (share?.questions.perHost ?? 0)).toBe(
      DEFAULT_LIMITS.connectionsPerHost,
    );
  });

  test("do not slow this machine's own scan, unless somebody asks", async () => {
    expect((await planFor({ targets: ["127.0.0.1"] }, 4)).index.batchAt(0).share).toBeNull();
    const asked = await planFor({ targets: ["127.0.0.1"], limits: { newPerSecondPerHost: 5 } }, 4);
    expect(asked.index.batchAt(0).share?.sweep.newPerSecondPerHost).toBeLessThan(5);
  });

  test("that are tight make batches small enough to end in time", async () => {
    const { plan } = await planFor({ targets: ["10.0.0.0/24"], limits: { newPerSecondPerNetwork: 10 } }, 20);
    // A twentieth of ten a second, three quarters of it for the sweep.
    expect(plan.endpointsPerBatch).toBeLessThan(0.375 * 300);
    expect(plan.endpointsPerBatch).toBeGreaterThan(10);
  });

  test("that cannot be divided among the probers are refused, with the least that can", () => {
    expect(() => limitsOf({ connectionsPerNetwork: 39 }, 20)).toThrow(
      /limits\.connectionsPerNetwork is 39.*at least 40/,
    );
    expect(() => limitsOf({ connectionsPerHost: 1 }, 20)).toThrow(InputError);
    expect(limitsOf({ connectionsPerNetwork: 40 }, 20).connectionsPerNetwork).toBe(40);
  });

  test("are divided by as many probers as the stack runs", () => {
    expect(DEFAULT_PROBERS).toBe(probersAtOnce);
  });
});
