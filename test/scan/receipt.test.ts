import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Outbox } from "../../lib/cloud/queue.ts";
import { tallied } from "../../lib/cloud/tally.ts";
import { aggregate } from "../../lib/scan/aggregate.ts";
import { NO_USAGE, receipt, type Usage, usageFrom, usdOf } from "../../lib/scan/cost.ts";
import { dispatch, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { summarise, tick } from "../../lib/scan/finish.ts";
import { metaKey } from "../../lib/scan/keys.ts";
import { readBatch } from "../../lib/scan/ledger.ts";
import type { BatchMessage, ObservationMessage } from "../../lib/scan/messages.ts";
import { openMeter } from "../../lib/scan/meter.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { PRICES } from "../../lib/scan/prices.ts";
import { probeBatch } from "../../lib/scan/probe.ts";
import { listening } from "../net/servers.ts";
import { openTestCloud, type Received, type TestCloud } from "./cloud.ts";
import { proberContext } from "./prober.ts";

let store: TestCloud;
let server: Server;
let port: number;
beforeAll(async () => {
  store = await openTestCloud();
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
  });
  port = await listening(server);
}, 30_000);
afterAll(async () => {
  server?.close();
  await store?.close();
});

// Ports from 61001 up: above those that systems hand out, and nobody's own, so that whatever else listens on this machine is not asked.
describe("the receipt of a scan", () => {
  test("holds what the stores received, to the unit", async () => {
    const scanId = "receipt-0001";
    let clock = 0;
    const meter = openMeter({ function: "all", memoryMb: 1024, now: () => clock });
    const invoked = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
      meter.begin({ id, share: 1, initMs: 0 });
      try {
        return await tallied(meter, work);
      } finally {
        clock += 1_000;
        meter.end();
      }
    };
    const before = store.received();
    const now = () => new Date();
    const request = parseRequest({
      scanId,
      targets: ["127.0.0.1", "127.0.0.2"],
      ports: `61001-61300,${port}`,
    });
    await invoked("dispatch", () => dispatch(store.cloud, request, { now, randomId: () => "unused-id" }));
    const plan = await invoked("load", () => loadPlan(store.cloud, scanId));
    const index = indexPlan(plan);
    const batches = (await store.drain("probe")) as BatchMessage[];
    for (const message of batches) {
      const invocation = `probe-${message.batch}`;
      await invoked(invocation, () => probeBatch(store.cloud, message, proberContext(plan, { invocation })));
    }
    const observed = (await store.drain("observation")) as ObservationMessage[];
    for (const [i, message] of observed.entries())
      await invoked(`aggregate-${i}`, () => aggregate(store.cloud, message, { plan, index, now }));
    const received = difference(store.received(), before);
    const meta = await store.cloud.table.get(metaKey(scanId));
    expect(meta).toMatchObject({ status: "done", counts: { fingerprinted: 1, closed: 601 } });

    const { cost } = (meta?.announcement ?? { cost: [] }) as { cost: { line: string; quantity: number }[] };
    const told = (line: string) => cost.find((one) => one.line === line)?.quantity ?? 0;
    // What the end of the scan was said to take, and did not.
    const after = meter.read();
    expect({
      queueRequests: told("SQS") + after.queueRequests,
      tableWriteUnits: told("DynamoDB writes") + after.tableWriteUnits,
      tableReadUnits: told("DynamoDB reads") + after.tableReadUnits,
      bucketWrites: told("S3 writes") + after.bucketWrites,
      bucketReads: told("S3 reads") + after.bucketReads,
      events: told("EventBridge") + after.events,
    }).toEqual(received);
    for (const unit of Object.keys(received) as (keyof Received)[]) {
      expect(Math.abs(after[unit]), unit).toBeLessThanOrEqual(Math.max(2, received[unit] * 0.1));
    }
    expect(told("Lambda requests")).toBe(2 + batches.length + observed.length);
    expect(told("Lambda duration, all")).toBeGreaterThan(0);
  });

  test("charges a prober that died with all its time, once, until it turns out to live", async () => {
    const scanId = "receipt-dead";
    const now = () => new Date();
    const request = parseRequest({ scanId, targets: ["127.0.0.1"], ports: `61001-61050,${port}` });
    await dispatch(store.cloud, request, { now, randomId: () => "unused-id" });
    const plan = await loadPlan(store.cloud, scanId);
    const index = indexPlan(plan);
    const [message] = (await store.drain("probe")) as [BatchMessage];
    /** An invocation that has run for two seconds. */
    const probing = (invocation: string, cloud = store.cloud) => {
      let clock = 0;
      const meter = openMeter({ function: "prober", memoryMb: 1024, now: () => clock });
      meter.begin({ id: invocation, share: 1, initMs: 0 });
      clock = 2_000;
      const remainingMs = () => 298_000;
      return tallied(meter, () =>
        probeBatch(cloud, message, proberContext(plan, { invocation, remainingMs })),
      );
    };
    const told: ObservationMessage[] = [];
    const stuck = Promise.withResolvers<void>();
    const observation: Outbox = {
      send: async (messages) => {
        told.push(...(messages as ObservationMessage[]));
        // Its last word never comes.
        if (told.at(-1)?.meter?.underWay === undefined) {
          stuck.resolve();
          await new Promise(() => undefined);
        }
      },
    };
    void probing("dead", { ...store.cloud, outbox: { ...store.cloud.outbox, observation } });
    await stuck.promise;
    const seconds = async () => {
      const meta = await store.cloud.table.get(metaKey(scanId));
      const { cost } = await summarise(store.cloud, meta ?? { pk: "", sk: "" }, now());
      return cost.find(({ line }) => line === "Lambda duration, prober")?.quantity;
    };
    // Nobody knows yet whether it is dead: it has told of two seconds.
    expect(await seconds()).toBe(2);
    await probing("second");
    const observed = (await store.drain("observation")) as ObservationMessage[];
    for (let times = 0; times < 2; times++) {
      for (const one of observed) await aggregate(store.cloud, one, { plan, index, now });
      expect(await seconds()).toBe(302);
    }
    expect(await store.cloud.table.get(metaKey(scanId))).toMatchObject({ status: "done" });
    for (const one of told) await aggregate(store.cloud, one, { plan, index, now });
    expect(await seconds()).toBe(4);
  });

  test("has what a prober used that gave up, and does not take it for dead", async () => {
    const scanId = "receipt-gave-up";
    const now = () => new Date();
    const request = parseRequest({ scanId, targets: ["127.0.0.1"], ports: "61001-61005" });
    await dispatch(store.cloud, request, { now, randomId: () => "unused-id" });
    const plan = await loadPlan(store.cloud, scanId);
    const [message] = (await store.drain("probe")) as [BatchMessage];
    const meter = openMeter({ function: "prober", memoryMb: 1024, now: () => 0 });
    meter.begin({ id: "gave-up", share: 1, initMs: 1_500 });
    const ownership = { owns: () => Promise.reject(new Error("nobody knows")) };
    const context = proberContext(plan, { invocation: "gave-up", ownership });
    await expect(tallied(meter, () => probeBatch(store.cloud, message, context))).rejects.toThrow("knows");
    const state = await readBatch(store.cloud.table, scanId, 0, 5);
    expect(state).toMatchObject({ meters: {}, usage: { gbSeconds: { prober: 1.5 }, invocations: 1 } });
  });

  test("of a tick is written down, and counted with the rest", async () => {
    const scanId = "receipt-0002";
    const now = () => new Date();
    const request = parseRequest({ scanId, targets: ["127.0.0.1"], ports: "61001-61010" });
    await dispatch(store.cloud, request, { now, randomId: () => "unused-id" });
    let clock = 0;
    const meter = openMeter({ function: "tick", memoryMb: 256, now: () => clock });
    meter.begin({ id: "tick-1", share: 1, initMs: 100 });
    clock = 300;
    await tallied(meter, () => tick(store.cloud, { scanId }, now));
    const items: Usage[] = [];
    for await (const item of store.cloud.table.query(`SCAN#${scanId}`, "METER#"))
      items.push(usageFrom(item.usage));
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      invocations: 1,
      gbSeconds: { tick: 0.1 },
      queueRequests: 1,
      bucketReads: 1,
    });
    expect(meter.read()).toMatchObject({ invocations: 0, tableWriteUnits: 0 });
  });

  test("is units times prices, line by line", () => {
    const usage = usageFrom({
      invocations: 10,
      gbSeconds: { prober: 100, tick: 1 },
      queueRequests: 1_000_000,
      tableWriteUnits: 1_000_000,
      tableReadUnits: 1_000_000,
      bucketWrites: 1_000,
      bucketReads: 1_000,
      events: 1_000_000,
    });
    const { lines, usd } = receipt(usage);
    const by = Object.fromEntries(lines.map((line) => [line.line, line.usd]));
    expect(by["Lambda duration, prober"]).toBeCloseTo(100 * PRICES.gbSecond, 12);
    expect(by).toMatchObject({ SQS: 0.4, "DynamoDB writes": 0.625, "DynamoDB reads": 0.125, EventBridge: 1 });
    expect(usd).toBeCloseTo(0.4 + 0.625 + 0.125 + 1 + 0.0054 + 2e-6 + 101 * PRICES.gbSecond, 10);
    expect(usdOf(NO_USAGE)).toBe(0);
    // Nonsense from a queue costs nothing and breaks nothing.
    expect(usageFrom({ queueRequests: -5, gbSeconds: { prober: "many" } })).toEqual(NO_USAGE);
  });
});

function difference(a: Received, b: Received): Received {
  return Object.fromEntries(
    (Object.keys(a) as (keyof Received)[]).map((unit) => [unit, a[unit] - b[unit]]),
  ) as unknown as Received;
}
