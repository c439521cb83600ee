import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Cloud } from "../../lib/cloud/index.ts";
import type { Observation } from "../../lib/model/observation.ts";
import { dispatch, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { observationsObject } from "../../lib/scan/keys.ts";
import type { BatchMessage, ObservationMessage } from "../../lib/scan/messages.ts";
import { readObservations } from "../../lib/scan/observations.ts";
import { probeBatch } from "../../lib/scan/probe.ts";
import { tcpServer } from "../net/servers.ts";
import { until } from "../system/local-handlers.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";
import { proberContext } from "./prober.ts";

// What endpoints said, kept for re-matching, over the real stores.

let store: TestCloud;
beforeAll(async () => {
  store = await openTestCloud();
}, 30_000);
afterAll(() => store?.close());

const SSH = "SSH-2.0-OpenSSH_9.2p1\r\n";
let scans = 0;
async function started(ports: number[]) {
  const scanId = `archive-${++scans}`;
  await store.drain("observation");
  const request = parseRequest({ scanId, targets: ["127.0.0.1"], ports: ports.join(","), profile: "fast" });
  await dispatch(store.cloud, request, { now: () => new Date(), randomId: () => scanId });
  const [message] = (await store.drain("probe")) as [BatchMessage];
  return { scanId, message, plan: await loadPlan(store.cloud, scanId) };
}

async function archived(scanId: string) {
  const left: string[] = [];
  const found: Observation[] = [];
  const unreadable = (key: string, reason: string) => left.push(`${key}: ${reason}`);
  for await (const one of readObservations(store.cloud, scanId, unreadable)) found.push(one);
  return { found, left, ports: found.map(({ endpoint }) => endpoint.port) };
}

describe("what a prober tells of", () => {
  test("is in the archive already, while it is still at work and may be killed", async () => {
    const held = Promise.withResolvers<void>();
    const early = await tcpServer((socket) => socket.write(SSH));
    const late = await tcpServer((socket) => void held.promise.then(() => socket.end(SSH)));
    onTestFinished(() => held.resolve());
    const { scanId, message, plan } = await started([early, late]);
    const running = probeBatch(store.cloud, message, proberContext(plan));
    const [told] = await until("a sighting", async () => {
      const messages = (await store.drain("observation")) as ObservationMessage[];
      return messages.flatMap(({ sightings }) => sightings);
    });
    expect(told).toBeDefined();
    expect((await archived(scanId)).ports).toEqual([early]);
    held.resolve();
    await running;
    expect((await archived(scanId)).ports.sort()).toEqual([early, late].sort());
  });

  test("is not told of when it could not be put there", async () => {
    const { scanId, message, plan } = await started([await tcpServer((socket) => socket.write(SSH))]);
    const putJson = () => Promise.reject(new Error("the bucket is away"));
    const cloud: Cloud = { ...store.cloud, archive: { ...store.cloud.archive, putJson } };
    await expect(probeBatch(cloud, message, proberContext(plan))).rejects.toThrow("away");
    const told = (await store.drain("observation")) as ObservationMessage[];
    expect(told.flatMap(({ sightings }) => sightings)).toEqual([]);
    await probeBatch(store.cloud, message, proberContext(plan));
    expect((await archived(scanId)).found).toHaveLength(1);
  });

  test("twice, since its message came twice, is read once, as it was last", async () => {
    const ports = await Promise.all([1, 2].map(() => tcpServer((socket) => socket.write(SSH))));
    const { scanId, message, plan } = await started(ports);
    const now = Date.now();
    const at = (second: number) => ({ wallClock: () => new Date(now + second * 1_000) });
    await probeBatch(store.cloud, message, proberContext(plan, { ...at(2), invocation: "b" }));
    await probeBatch(store.cloud, message, proberContext(plan, { ...at(1), invocation: "c" }));
    const { found, ports: read } = await archived(scanId);
    expect(read.sort()).toEqual([...ports].sort());
    expect(found.map(({ observedAt }) => observedAt)).toEqual(Array(2).fill(at(2).wallClock().toISOString()));
  });
});

test("an archive of another version is read as far as it can be, and what cannot is named", async () => {
  const { scanId, message, plan } = await started([await tcpServer((socket) => socket.write(SSH))]);
  await probeBatch(store.cloud, message, proberContext(plan));
  const [known] = (await archived(scanId)).found;
  if (!known) throw new Error("nothing was archived");
  const key = (batch: number) =>
    observationsObject({ scanId, batch, generation: 0, invocation: "x", part: 0 });
  const at = (port: number) => ({ ...known, endpoint: { ...known.endpoint, port } });
  const { state: _, ...stateless } = at(3);
  await store.cloud.archive.putJson(key(1), [{ ...at(1), colour: "red" }, stateless, at(2)]);
  await store.cloud.archive.putJson(key(2), { observations: [at(4)] });
  await store.putObject(key(3), "neither");
  const { found, left } = await archived(scanId);
  expect(found).toEqual([known, at(1), at(2)]);
  expect(left).toEqual([
    expect.stringMatching(/0000000001-.*: observation 1 is of another form \(state: /),
    expect.stringMatching(/0000000002-.*: holds no list/),
    expect.stringMatching(/0000000003-.*: .* is not JSON in gzip/),
  ]);
});
