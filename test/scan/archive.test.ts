import { afterAll, beforeAll, expect, test } from "vitest";
import type { Observation } from "../../lib/model/observation.ts";
import { aggregate } from "../../lib/scan/aggregate.ts";
import { dispatch, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { observationsObject } from "../../lib/scan/keys.ts";
import type { BatchMessage, ObservationMessage } from "../../lib/scan/messages.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { probeBatch } from "../../lib/scan/probe.ts";
import { tcpServer } from "../net/servers.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";
import { proberContext } from "./prober.ts";

// What endpoints said, kept for re-matching, over the real stores.

let store: TestCloud;
beforeAll(async () => {
  store = await openTestCloud();
}, 30_000);
afterAll(() => store?.close());

test("a copy of a batch's message adds to what the first one archived of the same generation", async () => {
  const greeting = () => tcpServer((socket) => socket.write("SSH-2.0-OpenSSH_9.2p1\r\n"));
  const ports = await Promise.all([greeting(), greeting()]);
  const scanId = "archive-0001";
  const now = () => new Date();
  const request = parseRequest({ scanId, targets: ["127.0.0.1"], ports: ports.join(","), profile: "fast" });
  await dispatch(store.cloud, request, { now, randomId: () => scanId });
  const plan = await loadPlan(store.cloud, scanId);
  const index = indexPlan(plan);
  const [message] = (await store.drain("probe")) as BatchMessage[];
  if (!message) throw new Error("no batch");
  await probeBatch(store.cloud, message, proberContext(plan));
  const told = (await store.drain("observation")) as ObservationMessage[];
  const one = told.flatMap(({ sightings }) => sightings)[0]!;
  const seen = { scanId, batch: 0, sightings: [one], settled: [], meter: null };
  await aggregate(store.cloud, seen, { plan, index, now });

  await probeBatch(store.cloud, message, proberContext(plan));
  const stored = (await store.cloud.archive.getJson(observationsObject(scanId, 0, 0))) as Observation[];
  expect(stored.map(({ endpoint }) => endpoint.port).sort()).toEqual([...ports].sort());
});
