import type { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ASKED_LESS_FLAG } from "../../lib/model/fingerprint.ts";
import { dispatch, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import type { ObservationMessage } from "../../lib/scan/messages.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import type { Share } from "../../lib/scan/politeness.ts";
import { probeBatch } from "../../lib/scan/probe.ts";
import { ignore, tcpServer } from "../net/servers.ts";
import { openTestCloud } from "./cloud.ts";
import { BUILTIN, proberContext } from "./prober.ts";

// A host that accepts on every port and says nothing, and a few servers among them.

const SCAN = "crowd-scan";
/** So many are a crowd, and so many come after them; those that are asked beside the last of the crowd are asked everything. */
const FIRST = 24;
const LATER = 12;
const AT_ONCE = 8;
const limits = (atOnce: number) => ({ total: atOnce, perHost: atOnce });
const share: Share = { sweep: limits(400), questions: limits(400), turns: limits(AT_ONCE) };

/** Says nothing, and does not notice that nothing more will come. */
const tarpit = () => tcpServer(ignore);
const page = (socket: Socket) =>
  void socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\nServer: nginx\r\n\r\n"));
/** Says nothing either, and closes when the other half is closed. */
const listener = (socket: Socket) => void socket.resume();

/** What is said of each port. `remainingMs`: of the invocation. */
async function scanned(ports: readonly number[], remainingMs: () => number) {
  const store = await openTestCloud(["127.0.0.0/8"]);
  onTestFinished(() => store.close());
  const request = { scanId: SCAN, targets: ["127.0.0.1"], ports: ports.join(","), profile: "fast" };
  await dispatch(store.cloud, parseRequest(request), { now: () => new Date(), randomId: () => SCAN });
  await store.drain("probe");
  const plan = await loadPlan(store.cloud, SCAN);
  const index = indexPlan(plan);
  const paced = { ...index, batchAt: (number: number) => ({ ...index.batchAt(number), share }) };
  const context = proberContext(plan, { knowledge: BUILTIN, index: paced, remainingMs });
  await probeBatch(store.cloud, { scanId: SCAN, batch: 0, generation: 0 }, context);
  const messages = (await store.drain("observation")) as ObservationMessage[];
  const batch = index.batchAt(0);
  return messages.flatMap(({ sightings }) =>
    sightings.map(({ index: at, ...one }) => ({ port: batch.endpointAt(at).port, ...one })),
  );
}

const many = (count: number, open: () => Promise<number>) => Promise.all(Array.from({ length: count }, open));
const flagged = (seen: readonly { port: number; flags: string[] }[]) =>
  seen.filter(({ flags }) => flags.includes(ASKED_LESS_FLAG)).map(({ port }) => port);

test("those that are silent like many before them are asked less, and told so; who answers, or hears us out, is not one of them", async () => {
  let begun = false;
  const web = await tcpServer((socket) => {
    begun = true;
    page(socket);
  });
  const other = await tcpServer(listener);
  const silent = await many(FIRST + LATER, tarpit);
  // All were started, and then there is no time left.
  const seen = await scanned([...silent, web, other], () => (begun ? 0 : 300_000));
  expect(seen).toHaveLength(FIRST + LATER + 2);
  const less = flagged(seen);
  expect(less.length).toBeGreaterThanOrEqual(LATER - AT_ONCE);
  expect(less.length).toBeLessThanOrEqual(LATER);
  expect(less).not.toContain(web);
  expect(less).not.toContain(other);
  expect(seen.find(({ port }) => port === web)?.evidence).toContainEqual(
    expect.objectContaining({ claim: expect.objectContaining({ service: "http" }) }),
  );
}, 30_000);

test("and where there is time, they are asked everything after all", async () => {
  const silent = await many(FIRST + LATER, tarpit);
  const seen = await scanned(silent, () => 300_000);
  expect(seen).toHaveLength(FIRST + LATER);
  expect(flagged(seen)).toEqual([]);
}, 30_000);
