import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { probersAtOnce } from "../../infra/topology.ts";
import { InputError } from "../../lib/model/errors.ts";
import { type ScanRequestInput, scanRequestSchema } from "../../lib/model/request.ts";
import {
  type BudgetLimits,
  type Clock,
  type ConnectionBudget,
  connectionBudget,
} from "../../lib/net/budget.ts";
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

  /**
   * What arrives within so many seconds if the first batches of a plan run at once, all with more to ask than they may: every start
   * with its host and network, by the budgets' own time. Whoever connects is hung up on at once. `hurry`: how much too fast the budgets' clock is.
   */
  async function arrivals({ request, hurry = 1 }: { request: ScanRequestInput; hurry?: number }) {
    const { plan, index } = await planFor(request, probersAtOnce);
    const running = Array.from({ length: Math.min(index.chains, plan.probers) }, (_, i) =>
      index.batchAt(index.chainAt(i)),
    );
    let now = 0;
    const timers: { at: number; callback: () => void }[] = [];
    const clock: Clock = {
      now: () => now * hurry,
      after: (ms, callback) => void timers.push({ at: now + ms / hurry, callback }),
    };
    const seen: { at: number; host: string; network: string }[] = [];
    const ask = async (budget: ConnectionBudget, host: string, network: string) => {
      while (now < ASKED_MS) {
        const release = await budget.acquire(host);
        seen.push({ at: now, host, network });
        release();
      }
    };
    for (const { share, ...batch } of running) {
      const hosts = new Set(Array.from({ length: batch.size }, (_, i) => batch.endpointAt(i).host));
      for (const limits of share ? [share.sweep, share.questions] : []) {
        const budget = connectionBudget(limits, clock);
        for (const host of hosts) void ask(budget, host, host.slice(0, host.lastIndexOf(".")));
      }
    }
    while (now < ASKED_MS) {
      // What was let go asks again before time goes on.
      await new Promise((resolve) => setImmediate(resolve));
      timers.sort((a, b) => b.at - a.at);
      const next = timers.pop();
      if (!next) throw new Error("nobody waits for anything");
      now = Math.max(now, next.at);
      next.callback();
    }
    const most = (of: (start: (typeof seen)[number]) => string) =>
      Math.max(...[...Map.groupBy(seen, of).values()].map((there) => mostWithin(there.map(({ at }) => at))));
    return { host: most(({ host }) => host), network: most(({ network }) => network), all: most(() => "") };
  }
  const ASKED_MS = 25_000;

  /** Of times in order, the most within one window. */
  function mostWithin(times: readonly number[]): number {
    let most = 0;
    for (let first = 0, last = 0; last < times.length; last++) {
      while (Number(times[last]) - Number(times[first]) >= RATE_WINDOW_SECONDS * 1_000) first++;
      most = Math.max(most, last - first + 1);
    }
    return most;
  }

  const wide = { targets: ["10.0.1.0/25", "10.0.2.0/25"], ports: "1-100", endpointsPerBatch: 600 };
  test.each([
    ["host", { newPerSecondPerHost: 7 }, wide],
    ["network", { newPerSecondPerNetwork: 90 }, { ...wide, targets: ["10.0.1.0/24"] }],
    ["all", { newPerSecond: 150 }, wide],
    // One after another, slice by slice.
    ["host", { newPerSecondPerHost: 40 }, { targets: ["10.0.1.1"], ports: "1-5000" }],
  ] as const)("of a pace, for one %s (%o), are used up and not passed", async (of, limits, asked) => {
    const [perSecond = 0] = Object.values(limits);
    const allowed = perSecond * RATE_WINDOW_SECONDS;
    const request = { ...asked, targets: [...asked.targets], limits };
    const found = (await arrivals({ request }))[of];
    expect(found).toBeLessThanOrEqual(allowed);
    expect(found).toBeGreaterThan(0.9 * allowed);
    // The measure is fine enough to see a pace that is a fifth too fast.
    expect((await arrivals({ request, hurry: 1.2 }))[of]).toBeGreaterThan(allowed);
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
