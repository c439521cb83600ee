import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError, ScopeError } from "../../lib/model/errors.ts";
import { EXCLUDED_FLAG, EXCLUDED_TEXT } from "../../lib/model/fingerprint.ts";
import { aggregate, resultOf } from "../../lib/scan/aggregate.ts";
import { bury } from "../../lib/scan/dead.ts";
import { dispatch, dispatchSubPlan, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { tick } from "../../lib/scan/finish.ts";
import { follower } from "../../lib/scan/follow.ts";
import { metaKey } from "../../lib/scan/keys.ts";
import { codeOf } from "../../lib/scan/ledger.ts";
import type { BatchMessage, ObservationMessage, SubPlan } from "../../lib/scan/messages.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";
import { sighting } from "./sightings.ts";

// The use-cases one after another over the real stores, with the prober's part written by hand.

let store: TestCloud;
beforeAll(async () => {
  store = await openTestCloud(["10.0.0.0/8"]);
}, 30_000);
afterAll(() => store?.close());

let scans = 0;
const NOW = new Date("2026-01-01T00:00:00Z");
const later = (ms: number) => () => new Date(NOW.getTime() + ms);

async function started(request: object, context: { now?: () => Date } = {}) {
  const scanId = `lifecycle-${++scans}`;
  const done = await dispatch(store.cloud, parseRequest({ scanId, ...request }), {
    now: context.now ?? (() => NOW),
    randomId: () => "unused-id",
  });
  const plan = await loadPlan(store.cloud, scanId);
  return { scanId, done, plan, index: indexPlan(plan) };
}
type Started = Awaited<ReturnType<typeof started>>;

const told = ({ scanId }: Started, message: Partial<ObservationMessage>): ObservationMessage => ({
  scanId,
  batch: 0,
  sightings: [],
  settled: [],
  meter: null,
  ...message,
});
const aggregated = (scan: Started, message: Partial<ObservationMessage>) =>
  aggregate(store.cloud, told(scan, message), { plan: scan.plan, index: scan.index, now: () => NOW });
const meta = ({ scanId }: Started) => store.cloud.table.get(metaKey(scanId));
const completed = ({ scanId }: Started) =>
  store.events("Scan Completed").filter((detail) => detail.scanId === scanId);
const nothingTold = () => {
  const known = new Set<string>();
  return {
    has: (batch: number, index: number) => known.has(`${batch} ${index}`),
    add: (batch: number, index: number) => void known.add(`${batch} ${index}`),
  };
};

describe("dispatch", () => {
  test("sends each chain's first batch once, and the same again for a retry", async () => {
    const scan = await started({ targets: ["10.1.0.0/22"], ports: "1-1000" });
    expect(scan.done).toMatchObject({ planned: 1_024_000, addresses: 1024, skipped: [] });
    const batches = ((await store.drain("probe")) as BatchMessage[]).map(({ batch }) => batch);
    expect(batches.sort((a, b) => a - b)).toEqual(Array.from({ length: scan.done.batches }, (_, i) => i));
    const again = await dispatch(
      store.cloud,
      parseRequest({ scanId: scan.scanId, targets: ["10.1.0.0/22"], ports: "1-1000" }),
      { now: later(5_000), randomId: () => "unused-id" },
    );
    expect(again).toEqual(scan.done);
    expect((await loadPlan(store.cloud, scan.scanId)).startedAt).toBe(NOW.toISOString());
    await store.drain("probe");
  });

  test("splits a plan of many chains into sub-plans that together are the whole", async () => {
    const scan = await started({ targets: ["10.0.0.0/12"], ports: "1-1000" });
    expect(await store.drain("probe")).toEqual([]);
    const parts = ((await store.drain("dispatch")) as SubPlan[]).sort((a, b) => a.from - b.from);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts[0]?.from).toBe(0);
    expect(parts.at(-1)?.to).toBe(scan.index.chains);
    for (let i = 1; i < parts.length; i++) expect(parts[i]?.from).toBe(parts[i - 1]?.to);
    await dispatchSubPlan(store.cloud, { scanId: scan.scanId, from: 5, to: 8 });
    const sent = (await store.drain("probe")) as BatchMessage[];
    expect(sent.map(({ batch }) => batch).sort()).toEqual([5, 6, 7].map(scan.index.chainAt).sort());
  });

  test("leaves no trace of what is out of scope", async () => {
    const refused = started({ targets: ["10.0.0.1", "192.0.2.1"], ports: "1" });
    await expect(refused).rejects.toThrow(ScopeError);
    expect(await store.cloud.table.get(metaKey(`lifecycle-${scans}`))).toBeNull();
    expect(await store.drain("probe")).toEqual([]);
  });

  test("refuses another request under a known id", async () => {
    const { scanId } = await started({ targets: ["10.0.0.1"], ports: "1" });
    const other = parseRequest({ scanId, targets: ["10.0.0.2"], ports: "1" });
    await expect(
      dispatch(store.cloud, other, { now: () => NOW, randomId: () => "unused-id" }),
    ).rejects.toThrow(InputError);
  });
});

describe("aggregate, follow and finish", () => {
  test("say of a port that the signature file excludes that it was not asked, unless something named it", async () => {
    const scan = await started({ targets: ["10.2.0.9"], ports: "9100" });
    const endpoint = scan.index.batchAt(0).endpointAt(0);
    const flags = [EXCLUDED_FLAG];
    expect(resultOf(scan.plan, endpoint, { ...sighting(0), evidence: [], flags })).toMatchObject({
      method: "table",
      product: null,
      info: EXCLUDED_TEXT,
      flags,
    });
    expect(resultOf(scan.plan, endpoint, { ...sighting(0), flags }).info).toBeNull();
  });

  test("report each endpoint once, as it is settled, and end with the last", async () => {
    const scan = await started({ targets: ["10.2.0.1"], ports: "1-4" });
    const look = follower(store.cloud, scan, { showAll: true, told: nothingTold() });
    expect((await look.look()).results).toEqual([]);
    await aggregated(scan, { sightings: [sighting(1)] });
    const first = await look.look();
    expect(first.counts).toEqual({ fingerprinted: 1, pending: 3 });
    expect(first.results.map(({ result }) => result)).toEqual([
      resultOf(scan.plan, scan.index.batchAt(0).endpointAt(1), sighting(1)),
    ]);
    expect((await look.look()).results).toEqual([]);
    // The same message again, and one that says something else of a settled endpoint.
    await aggregated(scan, { sightings: [sighting(1)], settled: [[codeOf("closed"), 1, 1]] });
    expect((await look.look()).results).toEqual([]);
    expect((await meta(scan))?.finishedAt).toBeUndefined();
    await aggregated(scan, {
      settled: [
        [codeOf("closed"), 0, 1],
        [codeOf("filtered"), 2, 500],
      ],
    });
    const last = await look.look();
    expect(last.results.map(({ result }) => [result.port, result.outcome, result.state])).toEqual([
      [1, "closed", "closed"],
      [3, "filtered", "filtered"],
      [4, "filtered", "filtered"],
    ]);
    expect(await meta(scan)).toMatchObject({
      status: "done",
      counts: { fingerprinted: 1, closed: 1, filtered: 2 },
    });
    expect(completed(scan)).toMatchObject([{ status: "done", planned: 4 }]);
    await aggregated(scan, { sightings: [sighting(1)] });
    expect(completed(scan)).toHaveLength(1);
  });

  test("follow without closed ports tells of open ones only, but counts all", async () => {
    const scan = await started({ targets: ["10.2.0.2"], ports: "1-3" });
    await aggregated(scan, { sightings: [sighting(2)], settled: [[codeOf("closed"), 0, 2]] });
    const { results, counts } = await follower(store.cloud, scan, {
      showAll: false,
      told: nothingTold(),
    }).look();
    expect(results.map(({ index }) => index)).toEqual([2]);
    expect(counts).toEqual({ closed: 2, fingerprinted: 1 });
  });

  test("an asset that changed is told with before and after; one seen again unchanged is not", async () => {
    const seen = async (version: string, hours: number) => {
      const scan = await started({ targets: ["10.2.0.3"], ports: "22" });
      await aggregated(scan, { sightings: [sighting(0, version, later(hours * 3_600_000)().toISOString())] });
      return scan;
    };
    const changes = () =>
      store
        .events("Fingerprint Changed")
        .filter(({ after }) => (after as { host: string }).host === "10.2.0.3");
    const old = await seen("9.2p1", 0);
    await seen("9.2p1", 1);
    expect(changes()).toEqual([]);
    await seen("9.8p1", 2);
    expect(changes()).toMatchObject([{ before: { version: "9.2p1" }, after: { version: "9.8p1" } }]);
    // What the old scan saw stays what it saw.
    const { results } = await follower(store.cloud, old, { showAll: false, told: nothingTold() }).look();
    expect(results[0]?.result.version).toBe("9.2p1");
  });
});

describe("a scan ends, whatever happens", () => {
  test("tick looks again while there is time, and expires the rest when there is none", async () => {
    const scan = await started({ targets: ["10.3.0.1"], ports: "1-5000", deadlineMs: 60_000 });
    await aggregated(scan, { settled: [[codeOf("closed"), 0, 10]] });
    await tick(store.cloud, { scanId: scan.scanId }, later(1_000));
    expect((await meta(scan))?.finishedAt).toBeUndefined();
    await tick(store.cloud, { scanId: scan.scanId }, later(60_000));
    expect(await meta(scan)).toMatchObject({
      status: "incomplete",
      cause: "deadline",
      counts: { closed: 10, expired: 4990 },
    });
    await tick(store.cloud, { scanId: scan.scanId }, later(120_000));
    expect(completed(scan)).toHaveLength(1);
  });

  test("tick finishes what an aggregator left after its last write", async () => {
    const scan = await started({ targets: ["10.3.0.2"], ports: "1-2" });
    await aggregated(scan, { settled: [[codeOf("closed"), 0, 2]] });
    // As if it had died before it said so.
    await store.cloud.table.set(metaKey(scan.scanId), { announced: false });
    await tick(store.cloud, { scanId: scan.scanId }, later(1_000));
    // It might yet: two would announce it.
    expect(await meta(scan)).toMatchObject({ announced: false, status: "done" });
    expect(completed(scan)).toHaveLength(1);
    await tick(store.cloud, { scanId: scan.scanId }, later(120_000));
    expect(await meta(scan)).toMatchObject({ announced: true, status: "done" });
    expect(completed(scan)).toHaveLength(2);
  });

  test("a batch that nobody could probe has failed, and the next slice of its host goes on", async () => {
    const scan = await started({ targets: ["10.3.0.3"], ports: "1-3000" });
    await store.drain("probe");
    const body = { scanId: scan.scanId, batch: 0, generation: 2 };
    const letter = { messageId: "m1", queue: "probe", body, receiveCount: 3 };
    await bury(store.cloud, letter, NOW);
    await bury(store.cloud, letter, NOW);
    const sent = (await store.drain("probe")) as BatchMessage[];
    expect(new Set(sent.map(({ batch }) => batch))).toEqual(new Set([1]));
    await aggregated(scan, { batch: 1, settled: [[codeOf("closed"), 0, 1000]] });
    expect(await meta(scan)).toMatchObject({
      status: "incomplete",
      cause: "failed endpoints",
      counts: { failed: 2000, closed: 1000 },
    });
  });

  test("what was seen but could not be written has failed, and a sub-plan that was given up too", async () => {
    const scan = await started({ targets: ["10.3.0.4", "10.3.1.4"], ports: "1-3000" });
    const lost = told(scan, { sightings: [sighting(0)], settled: [[codeOf("closed"), 1, 1999]] });
    await bury(store.cloud, { messageId: "m2", queue: "observation", body: lost, receiveCount: 5 }, NOW);
    const sub = { scanId: scan.scanId, from: 0, to: 2 };
    await bury(store.cloud, { messageId: "m3", queue: "dispatch", body: sub, receiveCount: 5 }, NOW);
    expect(await meta(scan)).toMatchObject({ status: "incomplete", counts: { failed: 6000 } });
  });

  test.each([
    ["of no scan that there is", "probe", { scanId: "no-such-scan", batch: 0, generation: 0 }],
    ["without a body", "tick", null],
    ["that is text", "probe", "nonsense"],
    ["of a queue that is not ours", "elsewhere", { scanId: "no-such-scan" }],
  ])("a dead letter %s is recorded, and does not come back", async (_, queue, body) => {
    const messageId = `odd-${queue}-${JSON.stringify(body).length}`;
    await bury(store.cloud, { messageId, queue, body, receiveCount: 3 }, NOW);
    const scanId = (body as { scanId?: string } | null)?.scanId ?? "unknown";
    const item = await store.cloud.table.get({ pk: `SCAN#${scanId}`, sk: `DEAD#${messageId}` });
    expect(item).toMatchObject({ queue, reason: expect.stringContaining("3 deliveries") });
  });

  test.each([
    ["no batch", "probe", {}],
    ["a batch that the plan has not", "probe", { batch: 99, generation: 0 }],
    ["an observation of nonsense", "observation", { batch: 0, sightings: "many" }],
    ["a sub-plan of nonsense", "dispatch", { from: -1 }],
  ])("a dead letter of a scan with %s is recorded as well", async (_, queue, body) => {
    const scan = await started({ targets: ["10.3.0.5"], ports: "1" });
    const letter = { messageId: "odd", queue, body: { scanId: scan.scanId, ...body }, receiveCount: 3 };
    await bury(store.cloud, letter, NOW);
    expect(await store.cloud.table.get({ pk: `SCAN#${scan.scanId}`, sk: "DEAD#odd" })).not.toBeNull();
    expect((await meta(scan))?.finishedAt).toBeUndefined();
  });
});
