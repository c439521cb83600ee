import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { functions } from "../../infra/topology.ts";
import { tallied } from "../../lib/cloud/tally.ts";
import { aggregate } from "../../lib/scan/aggregate.ts";
import { allowance, sightingUsd, WORST_ENDPOINT_USD } from "../../lib/scan/allowance.ts";
import { readBudget } from "../../lib/scan/budget.ts";
import { NO_USAGE, type Usage, usageFrom, usdOf } from "../../lib/scan/cost.ts";
import { dispatch, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { PROBER_GB, PROBER_TIMEOUT_S } from "../../lib/scan/estimate.ts";
import { summarise, tick } from "../../lib/scan/finish.ts";
import { claimWave, layAside } from "../../lib/scan/handover.ts";
import { batchKey, metaKey } from "../../lib/scan/keys.ts";
import { codeOf, readBatch, settle } from "../../lib/scan/ledger.ts";
import type { BatchMessage, Sighting } from "../../lib/scan/messages.ts";
import { openMeter } from "../../lib/scan/meter.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { PRICES } from "../../lib/scan/prices.ts";
import { usageIn } from "../../lib/scan/tree.ts";
import { randomFrom } from "../random.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";

let store: TestCloud;
beforeAll(async () => {
  store = await openTestCloud(["10.0.0.0/8"]);
}, 30_000);
afterAll(() => store?.close());

const NOW = new Date("2026-01-01T00:00:00Z");

test("what estimates assume of the functions is what the topology says", () => {
  expect(PROBER_GB * 1024).toBe(functions.prober.memoryMb);
  expect(PROBER_TIMEOUT_S).toBe(functions.prober.timeoutSeconds);
});

describe("an allowance", () => {
  const sighting = (bytes: number) => ({ servicefp: "x".repeat(bytes) }) as Sighting;

  test("is never passed, whatever endpoints cost, and however many ask at once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.0006, max: 0.02, noNaN: true }),
        fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 120 }),
        fc.integer({ min: 1, max: 40 }),
        async (usd, sizes, width) => {
          let spent = 0;
          let sent = 0;
          const given = allowance({ usd, spentUsd: () => spent, tailMs: 12_000, memoryMb: 1024 });
          const queue = sizes.values();
          const worker = async () => {
            for (const bytes of queue) {
              if (!(await given.take())) return;
              await Promise.resolve();
              spent += 0.5 * PRICES.gbSecond;
              const found = bytes % 3 === 0 ? null : sighting(bytes);
              if (found) sent += sightingUsd(JSON.stringify(found).length);
              given.done(found);
            }
          };
          await Promise.all(Array.from({ length: width }, worker));
          expect(spent + sent).toBeLessThanOrEqual(usd);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("that has room for one endpoint at a time is used one by one, to the last", async () => {
    const usd = 0.00025 + WORST_ENDPOINT_USD * 1.5;
    const given = allowance({ usd, spentUsd: () => 0, tailMs: 1_000, memoryMb: 1024 });
    let [atOnce, most, asked] = [0, 0, 0];
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        while (asked < 30 && (await given.take())) {
          asked++;
          most = Math.max(most, ++atOnce);
          await new Promise((resolve) => setImmediate(resolve));
          atOnce--;
          given.done(null);
        }
      }),
    );
    expect(asked).toBeGreaterThanOrEqual(30);
    expect(most).toBeLessThan(8);
    expect(given.short).toBe(false);
  });
});

// The real dispatcher, ticks, ledger and aggregator; probers that spend by lot, give up, or die.
const seed = Number(process.env.DOORPLATE_DRILL_SEED ?? Date.now() % 1_000_000);
console.log(`budget: DOORPLATE_DRILL_SEED=${seed}`);

async function drill(own: number, maxCostUsd: number) {
  const random = randomFrom(own);
  const scanId = `budget-${own}-${Math.round(maxCostUsd * 1e6)}`;
  const meter = openMeter({ function: "tick", memoryMb: 256, now: () => performance.now() });
  meter.begin({ id: "all", share: 1, initMs: 0 });
  let clock = NOW.getTime();
  const now = () => new Date(clock);
  const metered = <T>(work: () => Promise<T>) => tallied(meter, work);
  const request = { scanId, targets: ["10.1.0.0/27"], ports: "1-3000", maxCostUsd, deadlineMs: 86_000_000 };
  await metered(() => dispatch(store.cloud, parseRequest(request), { now, randomId: () => "unused-id" }));
  const plan = await loadPlan(store.cloud, scanId);
  const index = indexPlan(plan);
  const given = new Set<number>();
  /** What each prober really used, told or not. */
  let proberUsd = 0;
  const usageOf = (usd: number) => usageFrom({ gbSeconds: { prober: usd / PRICES.gbSecond } });
  const spend = (usd: number): Usage => {
    proberUsd += usd;
    return usageOf(usd);
  };
  for (let rounds = 0; ; rounds++) {
    expect(rounds).toBeLessThan(2_000);
    await store.drain("tick");
    clock += 1_000;
    await metered(() => tick(store.cloud, { scanId }, now));
    const meta = await store.cloud.table.get(metaKey(scanId));
    if (meta?.finishedAt) break;
    for (const { batch, generation } of (await store.drain("probe")) as BatchMessage[]) {
      given.add(batch);
      const { size } = index.batchAt(batch);
      const budget = await readBudget(store.cloud, scanId);
      if (!budget) throw new Error("a scan with a limit has a budget");
      const { wave, allotmentUsd: usd } = budget;
      const invocation = `${batch}-${wave}-${random()}`;
      const claim = (claimant: string) => {
        const mark = { invocation: claimant, usage: usageOf(usd), underWay: true as const };
        return claimWave(store.cloud.table, scanId, batch, size, { wave, claimant, usd, mark });
      };
      expect(await claim(invocation)).toBe(true);
      // A copy of the message finds that it is somebody else's.
      expect(await claim("copy")).toBe(false);
      const lot = random();
      if (lot < 0.1) {
        // Died, having spent all it had; the message comes again and lays the batch aside.
        proberUsd += usd;
        await layAside(store.cloud.table, scanId, batch, size, generation);
        continue;
      }
      const usage = spend(usd * random());
      const settled: [number, number, number][] =
        lot < 0.3
          ? [[codeOf("closed"), 0, 1 + Math.floor(size * random())]]
          : [[codeOf("filtered"), 0, size]];
      if (lot < 0.3) await layAside(store.cloud.table, scanId, batch, size, generation);
      const message = { scanId, batch, sightings: [], settled, meter: { invocation, usage } };
      await metered(() => aggregate(store.cloud, message, { plan, index, now }));
    }
  }
  await store.drain("tick");
  const meta = await store.cloud.table.get(metaKey(scanId));
  const summary = await summarise(store.cloud, meta ?? { pk: "", sk: "" }, now());
  const told = summary.cost.find(({ line }) => line.endsWith("prober"))?.usd ?? 0;
  // Whoever died told nothing, and is charged with what it had.
  expect(told).toBeCloseTo(proberUsd, 10);
  return { summary, index, given, left: usdOf(meter.read()) };
}

describe("a scan with a cost limit", { timeout: 120_000 }, () => {
  test.each([
    ["too little for anything", 0.0002],
    ["enough for some of it", 0.01],
    ["enough for most of it", 0.2],
  ])("never costs more, and accounts for every endpoint: %s", async (_, limit) => {
    const { summary, given } = await drill(seed, limit);
    expect(summary.costUsd).toBeLessThanOrEqual(limit);
    const total = Object.values(summary.outcomes).reduce((sum, n) => sum + n, 0);
    expect(total).toBe(32 * 3000);
    expect(summary).toMatchObject({ status: "incomplete", cause: "budget", planned: 32 * 3000 });
    expect(summary.outcomes.expired).toBeGreaterThan(0);
    if (limit < 0.001) expect(given.size).toBe(0);
    else expect(given.size).toBeGreaterThan(0);
  });

  test("that is no limit is scanned whole, the slices of each host in their order", async () => {
    const { summary, given } = await drill(seed + 1, 400);
    expect(summary).toMatchObject({ status: "done", cause: null });
    expect(summary.outcomes.expired).toBeUndefined();
    expect(given.size).toBe(64);
    expect(summary.costUsd).toBeLessThan(400);
  });

  test("gives a batch out once a wave, and again only in the next", async () => {
    const table = store.cloud.table;
    const claim = (wave: number, claimant: string) =>
      claimWave(table, "waves", 0, 4, { wave, claimant, usd: 1 });
    expect(await claim(1, "a")).toBe(true);
    expect(await claim(1, "a")).toBe(true);
    expect(await claim(1, "b")).toBe(false);
    await layAside(table, "waves", 0, 4, 0);
    expect(await claim(1, "b")).toBe(false);
    expect(await claim(2, "b")).toBe(true);
    expect(await readBatch(table, "waves", 0, 4)).toMatchObject({ claims: { a: 1, b: 1 }, waits: false });
  });

  test("reckons with what a prober used from the moment it lays its batch aside, before its last message came", async () => {
    const table = store.cloud.table;
    const usage: Usage = { ...NO_USAGE, gbSeconds: { prober: 2 } };
    const mark = {
      invocation: "a",
      usage: { ...NO_USAGE, gbSeconds: { prober: 300 } },
      underWay: true as const,
    };
    await claimWave(table, "aside", 0, 4, { wave: 1, claimant: "a", usd: 1, mark });
    await layAside(table, "aside", 0, 4, 0, new Uint8Array(4), { invocation: "a", usage });
    expect(usageIn((await table.get(batchKey("aside", 0))) ?? { pk: "", sk: "" })).toEqual(usage);
    // The message says it again.
    await settle(table, "aside", 0, 4, [], { invocation: "a", usage });
    expect(usageIn((await table.get(batchKey("aside", 0))) ?? { pk: "", sk: "" })).toEqual(usage);
  });
});
