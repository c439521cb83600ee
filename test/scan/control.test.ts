import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Cloud } from "../../lib/cloud/index.ts";
import type { Protocol } from "../../lib/protocols/types.ts";
import { aggregate } from "../../lib/scan/aggregate.ts";
import { CANCEL_GRACE_MS, cancel } from "../../lib/scan/cancel.ts";
import { bury, failLost } from "../../lib/scan/dead.ts";
import { dispatch, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { tick } from "../../lib/scan/finish.ts";
import { claimGeneration } from "../../lib/scan/handover.ts";
import { metaKey } from "../../lib/scan/keys.ts";
import { codeOf, readBatch } from "../../lib/scan/ledger.ts";
import type { BatchMessage, ObservationMessage, TickMessage } from "../../lib/scan/messages.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { probeBatch } from "../../lib/scan/probe.ts";
import type { ProbeContext } from "../../lib/scan/probe-run.ts";
import { deadLetters, redrive } from "../../lib/scan/redrive.ts";
import { total } from "../../lib/scan/tree.ts";
import { tcpServer } from "../net/servers.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";
import { proberContext } from "./prober.ts";
import { sighting } from "./sightings.ts";

// What steers a scan from outside, and what dies between two writes, over the real stores.

let store: TestCloud;
beforeAll(async () => {
  store = await openTestCloud(["10.0.0.0/8"]);
}, 30_000);
afterAll(() => store?.close());
const empty = async () => {
  for (const queue of ["dispatch", "probe", "observation", "tick"] as const) await store.drain(queue);
};
beforeEach(empty);
afterEach(empty);

let scans = 0;
const NOW = new Date("2026-01-01T00:00:00Z");
const later = (ms: number) => () => new Date(NOW.getTime() + ms);

async function started(request: object, now = () => NOW) {
  const scanId = `control-${++scans}`;
  await dispatch(store.cloud, parseRequest({ scanId, ...request }), { now, randomId: () => "unused-id" });
  const plan = await loadPlan(store.cloud, scanId);
  return { scanId, plan, index: indexPlan(plan) };
}
type Started = Awaited<ReturnType<typeof started>>;

const meta = ({ scanId }: Started) => store.cloud.table.get(metaKey(scanId));
const aggregated = (scan: Started, message: Partial<ObservationMessage>, cloud = store.cloud) =>
  aggregate(
    cloud,
    { scanId: scan.scanId, batch: 0, sightings: [], settled: [], meter: null, ...message },
    { plan: scan.plan, index: scan.index, now: () => NOW },
  );
const context = ({ plan }: Started, more: Partial<ProbeContext> = {}) =>
  proberContext(plan, { wallClock: () => NOW, ...more });
const observed = async (scan: Started) => {
  for (const message of (await store.drain("observation")) as ObservationMessage[])
    await aggregated(scan, message);
};

describe("a scan that is called off", () => {
  test("keeps what was found until a moment later, and calls the rest expired", async () => {
    const scan = await started({ targets: ["10.1.0.1"], ports: "1-100" });
    expect(await cancel(store.cloud, scan.scanId, NOW)).toBe(true);
    await store.drain("tick");
    await tick(store.cloud, { scanId: scan.scanId }, later(1_000));
    // Its sighting was under way when the word came.
    await aggregated(scan, { sightings: [sighting(4)] });
    expect((await meta(scan))?.finishedAt).toBeUndefined();
    await tick(store.cloud, { scanId: scan.scanId }, later(CANCEL_GRACE_MS));
    expect(await meta(scan)).toMatchObject({
      status: "cancelled",
      cause: "cancelled",
      counts: { fingerprinted: 1, expired: 99 },
    });
    expect(await cancel(store.cloud, scan.scanId, NOW)).toBe(false);
  });

  test("is no scan at all, or has ended: that is told, and nothing written", async () => {
    expect(await cancel(store.cloud, "no-such-scan", NOW)).toBe(false);
    expect(await store.cloud.table.get(metaKey("no-such-scan"))).toBeNull();
    const scan = await started({ targets: ["10.1.0.2"], ports: "1" });
    await aggregated(scan, { settled: [[codeOf("closed"), 0, 1]] });
    expect(await cancel(store.cloud, scan.scanId, NOW)).toBe(false);
    expect(await meta(scan)).toMatchObject({ status: "done" });
  });

  test("stops a prober in the middle of its batch", async () => {
    const scan = await started({ targets: ["127.0.0.1"], ports: "T:1-40000" });
    const cloud = { ...store.cloud, configuration: { ...store.cloud.configuration, timeScale: 100 } };
    let asked = 0;
    const remainingMs = () => {
      if (++asked === 500) void cancel(store.cloud, scan.scanId, NOW);
      return 300_000;
    };
    await probeBatch(cloud, { scanId: scan.scanId, batch: 0, generation: 0 }, context(scan, { remainingMs }));
    await observed(scan);
    const { counts, complete } = await readBatch(store.cloud.table, scan.scanId, 0, 40_000);
    expect(complete).toBe(true);
    expect(counts.closed).toBeGreaterThan(0);
    expect(counts.expired).toBeGreaterThan(0);
    expect(await meta(scan)).toMatchObject({ status: "cancelled" });
  });
});

describe("a tick has bounded work", () => {
  test("and goes on at once where it stopped, until all of a large plan is expired", async () => {
    const scan = await started({ targets: ["10.4.0.0/23"], ports: "1-2000", deadlineMs: 60_000 });
    expect(scan.index.batches).toBe(512);
    await store.drain("tick");
    let clock = 60_000;
    const slow = () => {
      clock += 11_000;
      return new Date(NOW.getTime() + clock);
    };
    const expired = async () => {
      let nodes = 0;
      for await (const _ of store.cloud.table.query(`SCAN#${scan.scanId}#L1#0`, "NODE#")) nodes++;
      return nodes;
    };
    await tick(store.cloud, { scanId: scan.scanId }, slow);
    const first = await expired();
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(8);
    let rounds = 1;
    for (; (await store.drain("tick")).length > 0; rounds++) {
      await tick(store.cloud, { scanId: scan.scanId }, slow);
    }
    expect(rounds).toBeGreaterThan(2);
    expect(await meta(scan)).toMatchObject({ status: "incomplete", counts: { expired: 512 * 2000 } });
  });
});

describe("what was seen is not lost between two hands", () => {
  test("an open endpoint whose sighting is still queued is not failed by the last generation", async () => {
    const scan = await started({ targets: ["10.5.0.1"], ports: "1-10" });
    const { scanId } = scan;
    const told = new Uint8Array(10);
    told[3] = codeOf("fingerprinted");
    told[4] = codeOf("closed");
    expect(await claimGeneration(store.cloud.table, scanId, 0, 10, 5, "fourth", told)).toBe(true);
    await probeBatch(
      store.cloud,
      { scanId, batch: 0, generation: 5 },
      context(scan, { remainingMs: () => 0 }),
    );
    await observed(scan);
    expect((await readBatch(store.cloud.table, scanId, 0, 10)).counts).toEqual({
      pending: 1,
      closed: 1,
      failed: 8,
    });
    // The queue was slow.
    await aggregated(scan, { sightings: [sighting(3)] });
    expect(await meta(scan)).toMatchObject({ counts: { fingerprinted: 1, closed: 1, failed: 8 } });
  });

  test("an endpoint that is still being asked when the invocation must end is handed over", async () => {
    const port = await tcpServer((socket) => socket.write("well?\r\n"));
    const scan = await started({ targets: ["127.0.0.1"], ports: String(port) });
    const { promise: asked, resolve: asks } = Promise.withResolvers<void>();
    const endless: Protocol = {
      ...{ name: "endless", transports: ["tcp"], speaksFirst: "server", openers: () => [], facts: () => [] },
      recognise: () => ({ service: "endless", weight: 9, excerpt: "well?" }),
      converse: () => {
        asks();
        return new Promise(() => undefined);
      },
    };
    // Time enough to begin; and the moment from which there is only enough for the last messages comes soon.
    const plan = { ...scan.plan, profile: { ...scan.plan.profile, timeoutMs: 100 } };
    let calls = 0;
    const remainingMs = () => (++calls === 1 ? 6_000 : 300_000);
    const knowledge = { protocols: [{ protocol: endless, services: [] }], packs: [] };
    const message = { scanId: scan.scanId, batch: 0, generation: 0 };
    await probeBatch(store.cloud, message, context(scan, { plan, remainingMs, knowledge }));
    await asked;
    expect(await store.drain("probe")).toEqual([message, { ...message, generation: 1 }]);
    expect((await readBatch(store.cloud.table, scan.scanId, 0, 1)).counts).toEqual({ pending: 1 });
  });

  test("a change is told though its teller died between the asset and the event", async () => {
    const before = await started({ targets: ["10.5.0.2"], ports: "22" });
    await aggregated(before, { sightings: [sighting(0, "9.2p1")] });
    const scan = await started({ targets: ["10.5.0.2"], ports: "22" });
    const message = { sightings: [sighting(0, "9.8p1", later(60_000)().toISOString())] };
    const mute = {
      ...store.cloud,
      bus: { put: () => Promise.reject(new Error("died")) },
    };
    await expect(aggregated(scan, message, mute)).rejects.toThrow("died");
    const changes = () =>
      store
        .events("Fingerprint Changed")
        .filter(({ after }) => (after as { host: string }).host === "10.5.0.2");
    expect(changes()).toEqual([]);
    await aggregated(scan, message);
    expect(changes()).toMatchObject([{ before: { version: "9.2p1" }, after: { version: "9.8p1" } }]);
    // Delivered once more, it is old news.
    await aggregated(scan, message);
    expect(changes()).toHaveLength(1);
  });

  describe.each([
    ["another version", "10.5.1.1", "9.9p1", 2],
    ["the version of before", "10.5.1.2", "9.2p1", 2],
    ["the same", "10.5.1.3", "9.8p1", 1],
  ])("a change whose teller died, and another scan saw %s meanwhile", (_, host, now, changed) => {
    test("is told once, by the other", async () => {
      const ask = { targets: [host], ports: "22" };
      const at = (minutes: number) => later(minutes * 60_000)().toISOString();
      await aggregated(await started(ask), { sightings: [sighting(0, "9.2p1")] });
      const mute = { ...store.cloud, bus: { put: () => Promise.reject(new Error("died")) } };
      const dead = await started(ask);
      const lost = { sightings: [sighting(0, "9.8p1", at(1))] };
      await expect(aggregated(dead, lost, mute)).rejects.toThrow("died");
      await aggregated(await started(ask), { sightings: [sighting(0, now, at(2))] });
      // Its message comes again, late.
      await aggregated(dead, lost);
      await aggregated(await started(ask), { sightings: [sighting(0, now, at(3))] });
      const told = store
        .events("Fingerprint Changed")
        .map(({ before, after }) => [before, after] as { host: string; version: string }[])
        .filter(([, after]) => after?.host === host)
        .map((pair) => pair.map(({ version }) => version));
      const chain = [
        ["9.2p1", "9.8p1"],
        ["9.8p1", now],
      ];
      expect(told).toEqual(chain.slice(0, changed));
    });
  });

  test("a change is told though the endpoint was seen again in the same scan before its message came back", async () => {
    const ask = { targets: ["10.5.0.3"], ports: "22" };
    await aggregated(await started(ask), { sightings: [sighting(0, "9.2p1")] });
    const mute = { ...store.cloud, bus: { put: () => Promise.reject(new Error("died")) } };
    const scan = await started(ask);
    const at = (seconds: number) => later(seconds * 1_000)().toISOString();
    const lost = { sightings: [sighting(0, "9.8p1", at(1))] };
    await expect(aggregated(scan, lost, mute)).rejects.toThrow("died");
    await aggregated(scan, { sightings: [sighting(0, "9.8p1", at(2))] });
    await aggregated(scan, lost);
    const told = store
      .events("Fingerprint Changed")
      .filter(({ after }) => (after as { host: string }).host === "10.5.0.3");
    expect(told).toHaveLength(1);
  });

  test("the newer of two sightings is the asset, though the older one was written first and in between", async () => {
    const ask = { targets: ["10.5.0.4"], ports: "22" };
    const at = (minutes: number) => later(minutes * 60_000)().toISOString();
    await aggregated(await started(ask), { sightings: [sighting(0, "9.2p1")] });
    const older = await started(ask);
    const newer = await started(ask);
    let overtaken = false;
    // Between the newer one's read of the asset and its write.
    const put: Cloud["table"]["put"] = async (item, condition) => {
      if (item.pk === "ASSET#10.5.0.4" && item.sk.startsWith("PORT#") && !overtaken) {
        overtaken = true;
        await aggregated(older, { sightings: [sighting(0, "9.8p1", at(1))] });
      }
      return store.cloud.table.put(item, condition);
    };
    const cloud = { ...store.cloud, table: { ...store.cloud.table, put } };
    await aggregated(newer, { sightings: [sighting(0, "9.9p1", at(2))] }, cloud);
    const told = store
      .events("Fingerprint Changed")
      .map(({ before, after }) => [before, after] as { host: string; version: string }[])
      .filter(([, after]) => after?.host === "10.5.0.4")
      .map((pair) => pair.map(({ version }) => version));
    expect(told).toEqual([
      ["9.2p1", "9.8p1"],
      ["9.8p1", "9.9p1"],
    ]);
  });
});

test("a batch is handed over until it is done, and what it took is told by each of its probers", async () => {
  const scan = await started({ targets: ["127.0.0.1"], ports: "T:1-300" });
  const { scanId } = scan;
  await store.drain("probe");
  let message: BatchMessage | undefined = { scanId, batch: 0, generation: 0 };
  for (let run = 0; message; run++) {
    expect(run).toBeLessThan(6);
    let starts = 0;
    const remainingMs = () => (++starts > 80 ? 5_000 : 300_000);
    const invocation = `hand-over-${run}`;
    await probeBatch(store.cloud, message, context(scan, { remainingMs, invocation }));
    await observed(scan);
    [message] = (await store.drain("probe")) as BatchMessage[];
  }
  const { counts, meters, generation } = await readBatch(store.cloud.table, scanId, 0, 300);
  expect(counts.closed).toBeGreaterThan(250);
  expect(counts.pending).toBeUndefined();
  expect(generation).toBe(3);
  expect(Object.keys(meters)).toHaveLength(4);
});

describe("a dead sub-plan", () => {
  const letter = (scan: Started, from: number, to: number) => ({
    messageId: `sub-${from}-${to}`,
    queue: "dispatch",
    body: { scanId: scan.scanId, from, to },
    receiveCount: 5,
  });
  const outcomes = async ({ scanId, index }: Started) =>
    Promise.all(
      [0, 1, 2].map(
        async (n) => (await readBatch(store.cloud.table, scanId, n, index.batchAt(n).size)).counts,
      ),
    );

  test("that reaches beyond the plan is none of ours, and fails nothing", async () => {
    const scan = await started({ targets: ["10.6.0.1", "10.6.1.1", "10.6.2.1"], ports: "1-10" });
    await bury(store.cloud, letter(scan, 0, 1_000_000), NOW);
    await bury(store.cloud, letter(scan, 2, 4), NOW);
    expect(await outcomes(scan)).toEqual([{ pending: 10 }, { pending: 10 }, { pending: 10 }]);
  });

  test("fails the chains that it did not send, and leaves those alone that have begun", async () => {
    const scan = await started({ targets: ["10.6.0.2", "10.6.1.2", "10.6.2.2"], ports: "1-10" });
    await aggregated(scan, { batch: 1, settled: [[codeOf("closed"), 0, 3]] });
    await bury(store.cloud, letter(scan, 0, 3), NOW);
    await bury(store.cloud, letter(scan, 0, 3), NOW);
    expect(await outcomes(scan)).toEqual([{ failed: 10 }, { pending: 7, closed: 3 }, { failed: 10 }]);
  });
});

describe("a dead sub-plan that is most of a plan", () => {
  const buried = async () => {
    const scan = await started({ targets: ["10.8.0.0/23"], ports: "1-2000" });
    expect(scan.index.chains).toBe(512);
    const body = { scanId: scan.scanId, from: 0, to: 512 };
    await aggregated(scan, { batch: 77, settled: [[codeOf("closed"), 0, 3]] });
    await empty();
    await bury(store.cloud, { messageId: "wide", queue: "dispatch", body, receiveCount: 5 }, NOW);
    return scan;
  };
  const ticked = async () => {
    const messages = ((await store.drain("tick")) as TickMessage[]).filter(({ lost }) => lost);
    for (const { scanId, lost } of messages) if (lost) await failLost(store.cloud, { scanId, lost }, NOW);
    return messages.length;
  };

  test("fails by and by, and what has begun goes on", { timeout: 120_000 }, async () => {
    const scan = await buried();
    let rounds = 1;
    while ((await ticked()) > 0) rounds++;
    expect(rounds).toBeGreaterThan(1);
    expect((await meta(scan))?.finishedAt).toBeUndefined();
    await aggregated(scan, { batch: 77, settled: [[codeOf("closed"), 0, 2000]] });
    const counts = { failed: 511 * 2000, closed: 2000 };
    expect(await meta(scan)).toMatchObject({ status: "incomplete", cause: "failed endpoints", counts });
  });

  test("fails no further once it is sent again", { timeout: 120_000 }, async () => {
    const scan = await buried();
    const { reopened } = await redrive(store.cloud, scan, NOW);
    expect(reopened).toBeGreaterThan(0);
    expect(await ticked()).toBe(1);
    expect(await ticked()).toBe(0);
    expect((await total(store.cloud.table, scan.scanId, 512)).counts.failed).toBeUndefined();
  });
});

describe("redrive", () => {
  const afterwards = new Date(NOW.getTime() + 7_200_000);

  test("asks again what failed with a dead letter, and counts it once, as what it then is", async () => {
    const scan = await started({ targets: ["10.7.0.0/26"], ports: "1-2000" });
    const { scanId } = scan;
    const body = { scanId, batch: 7, generation: 0 };
    await bury(store.cloud, { messageId: "m1", queue: "probe", body, receiveCount: 3 }, NOW);
    await bury(store.cloud, { messageId: "m2", queue: "probe", body: { scanId }, receiveCount: 3 }, NOW);
    for (let batch = 0; batch < 64; batch++) {
      if (batch !== 7) await aggregated(scan, { batch, settled: [[codeOf("closed"), 0, 2000]] });
    }
    expect(await meta(scan)).toMatchObject({
      status: "incomplete",
      counts: { failed: 2000, closed: 126_000 },
    });
    expect(await deadLetters(store.cloud, scanId)).toMatchObject([
      { messageId: "m1", queue: "probe", reason: expect.stringContaining("3 deliveries"), redrivenAt: null },
      { messageId: "m2", redrivenAt: null },
    ]);
    await empty();

    expect(await redrive(store.cloud, scan, afterwards)).toEqual({ sent: 1, unreadable: 1, reopened: 2000 });
    expect(await meta(scan)).toMatchObject({ status: "running", finishedAt: null });
    expect(await store.drain("probe")).toEqual([{ scanId, batch: 7, generation: 1 }]);
    // It has its time again: the tick does not expire it.
    await tick(store.cloud, { scanId }, () => afterwards);
    expect((await readBatch(store.cloud.table, scanId, 7, 2000)).counts).toEqual({ pending: 2000 });
    await aggregated(scan, { batch: 7, sightings: [sighting(5)], settled: [[codeOf("closed"), 0, 2000]] });
    expect(await meta(scan)).toMatchObject({
      status: "done",
      planned: 128_000,
      counts: { fingerprinted: 1, closed: 127_999 },
    });
    expect(store.events("Scan Completed").filter((detail) => detail.scanId === scanId)).toHaveLength(2);
    expect((await redrive(store.cloud, scan, afterwards)).sent).toBe(0);
  });

  test("that dies before its messages are out can be asked for again, and sends them then", async () => {
    const scan = await started({ targets: ["10.7.3.1"], ports: "1-4" });
    const { scanId } = scan;
    const body = { scanId, batch: 0, generation: 0 };
    await bury(store.cloud, { messageId: "m1", queue: "probe", body, receiveCount: 3 }, NOW);
    await empty();
    const { outbox } = store.cloud;
    const out = { ...outbox, probe: { ...outbox.probe, send: () => Promise.reject(new Error("killed")) } };
    await expect(redrive({ ...store.cloud, outbox: out }, scan, NOW)).rejects.toThrow("killed");
    expect(await store.drain("probe")).toEqual([]);
    // The queue of dead letters may deliver one more than once: it does not take back what is being asked again.
    await bury(store.cloud, { messageId: "m1", queue: "probe", body, receiveCount: 3 }, NOW);
    expect((await readBatch(store.cloud.table, scanId, 0, 4)).counts).toEqual({ pending: 4 });
    expect(await redrive(store.cloud, scan, NOW)).toMatchObject({ sent: 1 });
    expect(await store.drain("probe")).toEqual([{ scanId, batch: 0, generation: 1 }]);
    // Other scans' messages may come as late as they like.
    expect(await store.drain("tick")).toContainEqual({ scanId });
    await aggregated(scan, { settled: [[codeOf("closed"), 0, 4]] });
    expect(await meta(scan)).toMatchObject({ status: "done", counts: { closed: 4 } });
  });

  test.each<[string, (again: () => Promise<void>) => Cloud]>([
    [
      "is written",
      (again) => ({
        ...store.cloud,
        table: {
          ...store.cloud.table,
          async set(key, attributes, condition) {
            if (attributes.finishedAt) await again();
            return store.cloud.table.set(key, attributes, condition);
          },
        },
      }),
    ],
    [
      "is announced",
      (again) => ({
        ...store.cloud,
        bus: {
          async put(type, detail) {
            await again();
            return store.cloud.bus.put(type, detail);
          },
        },
      }),
    ],
  ])("just when the end %s leaves the scan open, and it ends once more", async (_, slowly) => {
    const scan = await started({ targets: ["10.7.4.1"], ports: "1-4" });
    const { scanId } = scan;
    const body = { scanId, batch: 0, generation: 0 };
    let times = 0;
    const again = async () => {
      if (times++ === 0) await redrive(store.cloud, scan, afterwards);
    };
    await bury(slowly(again), { messageId: "m1", queue: "probe", body, receiveCount: 3 }, NOW);
    expect(times).toBeGreaterThan(0);
    expect(await meta(scan)).toMatchObject({ status: "running", finishedAt: null, announced: false });
    await empty();
    await aggregated(scan, { settled: [[codeOf("closed"), 0, 4]] });
    expect(await meta(scan)).toMatchObject({ status: "done", counts: { closed: 4 }, announced: true });
  });

  test("hands an observation in again, and leaves what failed otherwise", async () => {
    const scan = await started({ targets: ["10.7.1.1"], ports: "1-4" });
    const { scanId } = scan;
    const body = {
      scanId,
      batch: 0,
      sightings: [sighting(1)],
      settled: [[codeOf("closed"), 2, 1]],
      meter: null,
    };
    await bury(store.cloud, { messageId: "m1", queue: "observation", body, receiveCount: 5 }, NOW);
    await aggregated(scan, { settled: [[codeOf("failed"), 0, 4]] });
    expect(await meta(scan)).toMatchObject({ counts: { failed: 4 } });
    await empty();
    expect(await redrive(store.cloud, scan, NOW)).toMatchObject({ sent: 1, reopened: 2 });
    expect(await store.drain("probe")).toEqual([]);
    await observed(scan);
    expect(await meta(scan)).toMatchObject({ counts: { fingerprinted: 1, closed: 1, failed: 2 } });
  });

  test("probes again what an observation told that was too large to keep", async () => {
    const scan = await started({ targets: ["10.7.2.1"], ports: "1-400" });
    const { scanId } = scan;
    const long = { ...sighting(0).evidence[0]!, excerpt: "x".repeat(5_000) };
    const sightings = Array.from({ length: 100 }, (_, i) => ({ ...sighting(i), evidence: [long] }));
    const body = { scanId, batch: 0, sightings, settled: [], meter: null };
    await bury(store.cloud, { messageId: "m1", queue: "observation", body, receiveCount: 5 }, NOW);
    await empty();
    expect(await redrive(store.cloud, scan, NOW)).toMatchObject({ sent: 1, reopened: 100 });
    expect((await store.drain("probe")) as BatchMessage[]).toEqual([{ scanId, batch: 0, generation: 1 }]);
  });
});
