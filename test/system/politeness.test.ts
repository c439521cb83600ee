import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { probersAtOnce } from "../../infra/topology.ts";
import { dispatch, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { batchMessageSchema, observationMessageSchema } from "../../lib/scan/messages.ts";
import { probeBatch } from "../../lib/scan/probe.ts";
import { openTestCloud } from "../scan/cloud.ts";
import { BUILTIN, proberContext } from "../scan/prober.ts";

// Twenty probers share nothing but the plan. Two networks of loopback count what arrives: at the accept, and in the kernel's own table.

const NETWORKS = ["127.77.1", "127.77.2"];
const HOSTS = 20;
const PORTS = 3;

interface Arrival {
  at: number;
  network: string;
  host: string;
}

interface Target {
  ports: number[];
  arrivals: Arrival[];
  /** Connections open at once, sampled: the most in all, in one network, at one host. */
  peaks: { all: number; network: number; host: number };
  close(): void;
}

const targets: Target[] = [];
afterAll(() => {
  for (const target of targets) target.close();
});

async function openTarget(serve: (socket: Socket) => void): Promise<Target> {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const arrivals: Arrival[] = [];
  const listen = async (host: string, port: number) => {
    const server = createServer((socket) => {
      arrivals.push({ at: performance.now(), network: host.slice(0, host.lastIndexOf(".")), host });
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
      serve(socket);
    });
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, host, resolve);
    });
    return (server.address() as { port: number }).port;
  };
  const hosts = NETWORKS.flatMap((network) => Array.from({ length: HOSTS }, (_, i) => `${network}.${i + 1}`));
  const ports: number[] = [];
  for (let i = 0; i < PORTS; i++) {
    const port = await listen(String(hosts[0]), 0);
    ports.push(port);
    for (const host of hosts.slice(1)) await listen(host, port);
  }
  const peaks = { all: 0, network: 0, host: 0 };
  const sampling = setInterval(() => {
    const open = openNow(new Set(ports));
    const most = (keyOf: (host: string) => string) =>
      Math.max(0, ...Object.values(Object.groupBy(open, keyOf)).map((at) => at?.length ?? 0));
    const networkOf = (host: string) => host.slice(0, host.lastIndexOf("."));
    peaks.all = Math.max(peaks.all, open.length);
    peaks.network = Math.max(peaks.network, most(networkOf));
    peaks.host = Math.max(peaks.host, most(String));
  }, 50);
  const target: Target = {
    ports,
    arrivals,
    peaks,
    close() {
      clearInterval(sampling);
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
    },
  };
  targets.push(target);
  return target;
}

/**
 * The hosts of connections that are all open at one moment. The kernel's table changes while it is read (rows come twice, or one after its successor),
 * so it is read twice: what is in both was open between the two.
 */
function openNow(ports: ReadonlySet<number>): string[] {
  const before = established(ports);
  return [...established(ports)]
    .filter((connection) => before.has(connection))
    .map((connection) => connection.slice(0, connection.indexOf(" ")));
}

/** `host local remote` of established connections, by proc(5): `sl local remote st`, address and port in hex, host byte order. */
function established(ports: ReadonlySet<number>): Set<string> {
  const rows = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1);
  return new Set(
    rows.flatMap((line) => {
      const [, local = "", remote = "", state] = line.trim().split(/\s+/);
      const [address = "", port = ""] = local.split(":");
      if (state !== "01" || !ports.has(Number.parseInt(port, 16))) return [];
      const host = [6, 4, 2, 0].map((at) => Number.parseInt(address.slice(at, at + 2), 16)).join(".");
      return NETWORKS.some((network) => host.startsWith(`${network}.`)) ? [`${host} ${local} ${remote}`] : [];
    }),
  );
}

/** Most arrivals within any ten seconds. */
function mostIn(arrivals: readonly Arrival[], windowMs = 10_000): number {
  const times = arrivals.map(({ at }) => at).sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < times.length; last++) {
    while (Number(times[last]) - Number(times[first]) > windowMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Twenty probers, each with budgets of its own as in a process of its own, read the queue until it is empty. */
async function scanWith(target: Target, limits: Record<string, number>): Promise<void> {
  const request = parseRequest({
    targets: NETWORKS.map((network) => `${network}.1-${network}.${HOSTS}`),
    ports: target.ports.join(","),
    profile: "fast",
    limits,
    // Two hosts a batch: twenty batches, ten in each network.
    endpointsPerBatch: 2 * PORTS,
  });
  const store = await openTestCloud();
  try {
    const { cloud } = store;
    const { scanId } = await dispatch(cloud, request, { now: () => new Date(), randomId: randomUUID });
    const plan = await loadPlan(cloud, scanId);
    const batches = await store.drain("probe");
    expect(batches).toHaveLength(probersAtOnce);
    await Promise.all(
      batches.map((message) =>
        probeBatch(cloud, batchMessageSchema.parse(message), proberContext(plan, { knowledge: BUILTIN })),
      ),
    );
    expect(await store.drain("probe")).toEqual([]);
    const sightings = (await store.drain("observation"))
      .map((message) => observationMessageSchema.parse(message))
      .flatMap((message) => message.sightings.map(({ index: at }) => `${message.batch} ${at}`));
    expect(new Set(sightings).size).toBe(NETWORKS.length * HOSTS * PORTS);
  } finally {
    await store.close();
  }
}

/** What a busy machine may delay an accept by, as a share of the window. */
const LATE = 1.1;

describe("twenty probers on two networks", () => {
  test("start no more connections a second than asked for", async () => {
    const target = await openTarget((socket) => void socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"));
    const limits = { newPerSecond: 15, newPerSecondPerNetwork: 10, newPerSecondPerHost: 2 };
    await scanWith(target, limits);
    const { arrivals } = target;
    expect(mostIn(arrivals)).toBeLessThanOrEqual(10 * limits.newPerSecond * LATE);
    // It was the pace that held them back.
    expect(mostIn(arrivals)).toBeGreaterThan(10 * limits.newPerSecond * 0.4);
    // In a shorter window each of the forty evenly paced streams may have one more.
    const streams = 2 * probersAtOnce;
    expect(mostIn(arrivals, 2_000)).toBeLessThanOrEqual((2 * limits.newPerSecond + streams) * LATE);
    for (const network of NETWORKS) {
      const there = arrivals.filter((arrival) => arrival.network === network);
      expect(mostIn(there)).toBeLessThanOrEqual(10 * limits.newPerSecondPerNetwork * LATE);
    }
    for (const at of Object.values(Object.groupBy(arrivals, ({ host }) => host))) {
      expect(mostIn(at ?? [])).toBeLessThanOrEqual(10 * limits.newPerSecondPerHost * LATE);
    }
  });

  test("hold no more connections at once than asked for", async () => {
    const target = await openTarget((socket) => void socket.resume());
    const limits = { connections: 120, connectionsPerNetwork: 70, connectionsPerHost: 4 };
    await scanWith(target, limits);
    const { peaks } = target;
    expect(peaks.all).toBeLessThanOrEqual(limits.connections);
    expect(peaks.all).toBeGreaterThan(limits.connections * 0.3);
    expect(peaks.network).toBeLessThanOrEqual(limits.connectionsPerNetwork);
    expect(peaks.host).toBeLessThanOrEqual(limits.connectionsPerHost);
    expect(peaks.host).toBeGreaterThan(0);
  });
});
