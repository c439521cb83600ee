import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OUTCOMES, type Outcome } from "../../lib/model/outcome.ts";
import { usageFrom } from "../../lib/scan/cost.ts";
import { claimGeneration } from "../../lib/scan/handover.ts";
import {
  codeOf,
  count,
  outcomeOf,
  readBatch,
  type Settlement,
  settle,
  settleRest,
} from "../../lib/scan/ledger.ts";
import type { Meter } from "../../lib/scan/messages.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";

let store: TestCloud;
beforeAll(async () => {
  store = await openTestCloud();
}, 30_000);
afterAll(() => store?.close());

let scans = 0;
const newScan = () => `ledger-${++scans}`;
const table = () => store.cloud.table;
const at = (index: number, outcome: Outcome): Settlement => ({ index, outcome });
const meter = (invocation: string): Meter => ({
  invocation,
  usage: usageFrom({ invocations: 1, gbSeconds: { prober: 1 }, queueRequests: 2 }),
});

describe("a batch in the ledger", () => {
  test("is all pending before anybody wrote it", async () => {
    expect(await readBatch(table(), newScan(), 0, 4)).toMatchObject({
      counts: { pending: 4 },
      complete: false,
      generation: 0,
    });
  });

  test("keeps the first outcome of an endpoint, whatever comes later", async () => {
    const scan = newScan();
    await settle(table(), scan, 0, 3, [at(0, "closed"), at(1, "filtered")]);
    const state = await settle(table(), scan, 0, 3, [at(0, "fingerprinted"), at(2, "failed")]);
    expect([...state.codes].map(outcomeOf)).toEqual(["closed", "filtered", "failed"]);
    expect(state).toMatchObject({ counts: { closed: 1, filtered: 1, failed: 1 }, complete: true });
    expect(await readBatch(table(), scan, 0, 3)).toEqual(state);
  });

  test("does not grow for endpoints that it does not have", async () => {
    const scan = newScan();
    const state = await settle(table(), scan, 0, 2, [at(5, "closed"), at(1, "closed")]);
    expect(state.counts).toEqual({ pending: 1, closed: 1 });
  });

  test.each([
    ["of 20 instances", () => ({ ...table() }), 20],
    // The first writes alone, what comes meanwhile goes together.
    ["of one instance", table, 2],
  ])("counts each of 20 writers' endpoints once, %s, though all write at once", async (_, own, versions) => {
    const scan = newScan();
    const size = 300;
    const outcomes: Outcome[] = ["closed", "filtered", "fingerprinted"];
    const writers = Array.from({ length: 20 }, (_, writer) =>
      settle(
        own(),
        scan,
        7,
        size,
        Array.from({ length: 40 }, (_, i) => at((writer * 14 + i) % size, outcomes[writer % 3]!)),
        meter(`invocation-${writer}`),
      ),
    );
    const states = await Promise.all(writers);
    const state = await readBatch(table(), scan, 7, size);
    const { pending, ...settled } = state.counts;
    expect(pending).toBeUndefined();
    expect(Object.values(settled).reduce((sum, n) => sum + n, 0)).toBe(size);
    expect(state.counts).toEqual(count(state.codes));
    expect(state.complete).toBe(true);
    expect(Object.keys(state.meters)).toHaveLength(20);
    // One version a write: nobody wrote over anybody.
    expect(state.version).toBe(versions);
    expect(new Set(states.map(({ version }) => version)).size).toBe(versions);
  });

  test("of 65,535 ports is small", async () => {
    const scan = newScan();
    const settlements = Array.from({ length: 65_535 }, (_, i) =>
      at(i, i % 1000 ? "closed" : "fingerprinted"),
    );
    const state = await settle(table(), scan, 0, 65_535, settlements);
    expect(state.counts).toEqual({ closed: 65_469, fingerprinted: 66 });
    const item = await table().get({ pk: `SCAN#${scan}#0`, sk: "BATCH#0000000000" });
    expect((item?.codes as Uint8Array | undefined)?.length).toBeLessThan(1_000);
  });

  test("counts a meter once, however often its message comes", async () => {
    const scan = newScan();
    await settle(table(), scan, 0, 2, [at(0, "closed")], meter("a"));
    await settle(table(), scan, 0, 2, [at(0, "closed")], meter("a"));
    const state = await settle(table(), scan, 0, 2, [at(1, "closed")], meter("b"));
    expect(Object.keys(state.meters)).toEqual(["a", "b"]);
  });

  test("gives what is pending one outcome in the end, and leaves the rest", async () => {
    const scan = newScan();
    await settle(table(), scan, 0, 4, [at(1, "closed")]);
    const state = await settleRest(table(), scan, 0, 4, "expired");
    expect([...state.codes].map(outcomeOf)).toEqual(["expired", "closed", "expired", "expired"]);
    expect((await settleRest(table(), scan, 0, 4, "failed")).version).toBe(state.version);
  });

  test("comes out the same for any repetition and order of disjoint messages", async () => {
    const size = 12;
    const finals = fc.array(fc.constantFrom<Outcome>("closed", "filtered", "fingerprinted"), {
      minLength: size,
      maxLength: size,
    });
    // Deliveries: which slice of endpoints; at least one of each, some twice, in any order.
    const deliveries = fc
      .array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 })
      .chain((extra) => fc.shuffledSubarray([0, 1, 2, 3, ...extra], { minLength: 4 + extra.length }));
    await fc.assert(
      fc.asyncProperty(finals, deliveries, async (outcomes, order) => {
        const scan = newScan();
        for (const slice of order) {
          const part = [0, 1, 2].map((i) => at(slice * 3 + i, outcomes[slice * 3 + i]!));
          await settle(table(), scan, 0, size, part);
        }
        const state = await readBatch(table(), scan, 0, size);
        expect([...state.codes].map(outcomeOf)).toEqual(outcomes);
        expect(state.complete).toBe(true);
        expect(state.version).toBe(4);
      }),
      { numRuns: 25 },
    );
  });
});

test("of many that claim the next generation of a batch, one may hand it over", async () => {
  const scan = newScan();
  await settle(table(), scan, 0, 3, [at(0, "closed")]);
  const claim = (next: number, claimant: string) => claimGeneration(table(), scan, 0, 3, next, claimant);
  const claimants = Array.from({ length: 8 }, (_, i) => `invocation-${i}`);
  const claims = await Promise.all(claimants.map((claimant) => claim(1, claimant)));
  expect(claims.filter(Boolean)).toHaveLength(1);
  // Whoever asks again because the answer was lost hears the same.
  expect(await claim(1, claimants[claims.indexOf(true)]!)).toBe(true);
  expect(await claim(2, "another")).toBe(true);
  expect(await claim(1, claimants[claims.indexOf(true)]!)).toBe(false);
  expect(await readBatch(table(), scan, 0, 3)).toMatchObject({ generation: 2, counts: { closed: 1 } });
});

test("outcome codes are a contract with stored ledgers", () => {
  expect(OUTCOMES.map(codeOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(["pending", "fingerprinted", "closed"].map((name) => codeOf(name as Outcome))).toEqual([0, 1, 2]);
});
