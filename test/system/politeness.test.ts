import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterAll, describe, expect, test } from "vitest";
import { probersAtOnce } from "../../infra/topology.ts";
import { dispatch, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { batchMessageSchema, observationMessageSchema } from "../../lib/scan/messages.ts";
import { RATE_WINDOW_SECONDS, SWEEP_SHARE } from "../../lib/scan/politeness.ts";
import { probeBatch } from "../../lib/scan/probe.ts";
import type { ProbeContext } from "../../lib/scan/probe-run.ts";
import { openTestCloud } from "../scan/cloud.ts";
import { BUILTIN, proberContext } from "../scan/prober.ts";

// Twenty probers share nothing but the plan. Two networks of loopback count what arrives: at the accept, and in the kernel's own table.

const NETWORKS = ["127.77.1", "127.77.2"];

interface Arrival {
  at: number;
  network: string;
  host: string;
  port: number;
}

interface Target {
  /** In each network. */
  hosts: number;
  ports: number[];
  arrivals: Arrival[];
  /** The longest that something was seen too late, s: whoever counts shares a thread with those who connect. */
  lateSeconds(): number;
  /** Connections open at once, sampled: the most in all, in one network, at one host. */
  peaks: { all: number; network: number; host: number };
  close(): void;
}

const targets: Target[] = [];
afterAll(() => {
  for (const target of targets) target.close();
});

async function openTarget(
  size: { hosts: number; ports: number; sampled?: true },
  serve: (socket: Socket) => void,
): Promise<Target> {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const arrivals: Arrival[] = [];
  const listen = async (host: string, port: number) => {
    const server = createServer((socket) => {
      const network = host.slice(0, host.lastIndexOf("."));
      arrivals.push({ at: performance.now(), network, host, port: Number(socket.localPort) });
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
  const hosts = NETWORKS.flatMap((network) =>
    Array.from({ length: size.hosts }, (_, i) => `${network}.${i + 1}`),
  );
  const ports: number[] = [];
  for (let i = 0; i < size.ports; i++) {
    const port = await listen(String(hosts[0]), 0);
    ports.push(port);
    for (const host of hosts.slice(1)) await listen(host, port);
  }
  const peaks = { all: 0, network: 0, host: 0 };
  // On a busy machine the kernel's table is long, and whoever reads it all the time does nothing else.
  const sample = () => {
    const open = openNow(new Set(ports));
    const most = (keyOf: (host: string) => string) =>
      Math.max(0, ...Object.values(Object.groupBy(open, keyOf)).map((at) => at?.length ?? 0));
    const networkOf = (host: string) => host.slice(0, host.lastIndexOf("."));
    peaks.all = Math.max(peaks.all, open.length);
    peaks.network = Math.max(peaks.network, most(networkOf));
    peaks.host = Math.max(peaks.host, most(String));
  };
  const sampling = size.sampled && setInterval(sample, 50);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const target: Target = {
    hosts: size.hosts,
    ports,
    arrivals,
    lateSeconds: () => delay.max / 1e9,
    peaks,
    close() {
      clearInterval(sampling);
      delay.disable();
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

const WINDOW_SECONDS = 5;
/** Most arrivals within any such window. */
function mostIn(arrivals: readonly Arrival[]): number {
  const times = arrivals.map(({ at }) => at).sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < times.length; last++) {
    while (Number(times[last]) - Number(times[first]) > WINDOW_SECONDS * 1_000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Twenty probers, each with budgets of its own as in a process of its own, read the queue until it is empty. */
async function scanWith(
  target: Target,
  limits: Record<string, number>,
  knowledge: ProbeContext["knowledge"],
): Promise<void> {
  const addresses = NETWORKS.length * target.hosts;
  const request = parseRequest({
    targets: NETWORKS.map((network) => `${network}.1-${network}.${target.hosts}`),
    ports: target.ports.join(","),
    profile: "fast",
    limits,
    // Twenty batches, ten in each network.
    endpointsPerBatch: (addresses / probersAtOnce) * target.ports.length,
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
        probeBatch(cloud, batchMessageSchema.parse(message), proberContext(plan, { knowledge })),
      ),
    );
    expect(await store.drain("probe")).toEqual([]);
    const sightings = (await store.drain("observation"))
      .map((message) => observationMessageSchema.parse(message))
      .flatMap((message) => message.sightings.map(({ index: at }) => `${message.batch} ${at}`));
    expect(new Set(sightings).size).toBe(addresses * target.ports.length);
  } finally {
    await store.close();
  }
}

const greet = (socket: Socket) => void socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");

/** What evenly paced streams may start within the window: in less than their rate holds over, each may be ahead by a part of one. */
const allowed = (target: Target, perSecond: number, streams: number) =>
  perSecond * (WINDOW_SECONDS + target.lateSeconds()) + streams * (1 - WINDOW_SECONDS / RATE_WINDOW_SECONDS);

/** The most that any of them saw. */
function mostOf(arrivals: readonly Arrival[], of: "host" | "network" | null): number {
  const groups = Map.groupBy(arrivals, (arrival) => (of ? arrival[of] : null));
  return Math.max(...[...groups.values()].map(mostIn));
}

describe("twenty probers on two networks", () => {
  test("start no more connections a second than asked for", async () => {
    const target = await openTarget({ hosts: 20, ports: 3 }, greet);
    const limits = { newPerSecond: 15, newPerSecondPerNetwork: 10, newPerSecondPerHost: 2 };
    await scanWith(target, limits, BUILTIN);
    const { arrivals } = target;
    expect(mostOf(arrivals, null)).toBeLessThanOrEqual(allowed(target, limits.newPerSecond, 40));
    expect(mostOf(arrivals, "network")).toBeLessThanOrEqual(
      allowed(target, limits.newPerSecondPerNetwork, 20),
    );
    expect(mostOf(arrivals, "host")).toBeLessThanOrEqual(allowed(target, limits.newPerSecondPerHost, 2));
  });

  // Nothing is asked of who listens: what arrives is the sweep, which always has more to do. A pace a fifth too fast fails.
  test.each([
    ["host", "newPerSecondPerHost", 8, 32, 1],
    ["network", "newPerSecondPerNetwork", 60, 20, 10],
  ] as const)(
    "sweep as fast as they may, by %s, and no faster",
    async (of, limit, perSecond, ports, streams) => {
      const target = await openTarget({ hosts: 10, ports }, greet);
      await scanWith(target, { [limit]: perSecond }, { protocols: [], packs: [] });
      const most = mostOf(target.arrivals, of);
      expect(most).toBeLessThanOrEqual(allowed(target, perSecond * SWEEP_SHARE, streams));
      // Who is late does not make up for it.
      const slowed = WINDOW_SECONDS / (WINDOW_SECONDS + target.lateSeconds());
      expect(most).toBeGreaterThan(perSecond * SWEEP_SHARE * WINDOW_SECONDS * slowed * 0.6);
    },
  );

  test("hold no more connections at once than asked for", async () => {
    const target = await openTarget({ hosts: 20, ports: 3, sampled: true }, (socket) => void socket.resume());
    const limits = { connections: 120, connectionsPerNetwork: 70, connectionsPerHost: 4 };
    await scanWith(target, limits, BUILTIN);
    const { peaks } = target;
    expect(peaks.all).toBeLessThanOrEqual(limits.connections);
    expect(peaks.all).toBeGreaterThan(limits.connections * 0.3);
    expect(peaks.network).toBeLessThanOrEqual(limits.connectionsPerNetwork);
    expect(peaks.host).toBeLessThanOrEqual(limits.connectionsPerHost);
    expect(peaks.host).toBeGreaterThan(0);
  });
});
