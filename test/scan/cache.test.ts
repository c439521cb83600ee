import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { AccountAddress } from "../../lib/cloud/addresses.ts";
import type { Key } from "../../lib/cloud/table.ts";
import type { Result } from "../../lib/model/fingerprint.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { aggregate } from "../../lib/scan/aggregate.ts";
import { assetMemory, CACHE_TTL_MS, cacheKey, MOST_MISSES } from "../../lib/scan/cache.ts";
import { dispatch, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { follower } from "../../lib/scan/follow.ts";
import { takeInventory } from "../../lib/scan/inventory.ts";
import { assetKey, OWNED_PARTITION, ownedKey } from "../../lib/scan/keys.ts";
import type { BatchMessage, ObservationMessage } from "../../lib/scan/messages.ts";
import { usePacks } from "../../lib/scan/packs.ts";
import type { Plan } from "../../lib/scan/plan.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { probeBatch } from "../../lib/scan/probe.ts";
import { profileByName } from "../../lib/scan/profiles.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { certified, closedPort, tcpServer, udpServer } from "../net/servers.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";
import { proberContext } from "./prober.ts";

// The cache over the real table: one scan after another of the same servers, by the prober's and the aggregator's own code.

let store: TestCloud;
beforeAll(async () => {
  store = await openTestCloud();
}, 30_000);
afterAll(() => store?.close());

const builtin = { pack: builtinPack(), protocols };
const NOW = Date.parse("2026-01-01T00:00:00Z");
const HOUR_MS = 3_600_000;
let scans = 0;

/** Scans one port of this machine, as it would be `hours` after the first scan. */
async function scan(port: number, hours: number, request: object = {}): Promise<Result> {
  const scanId = `cache-scan-${++scans}`;
  const wallClock = () => new Date(NOW + hours * HOUR_MS);
  const { cloud } = store;
  const asked = {
    scanId,
    targets: ["127.0.0.1"],
    ports: String(port),
    profile: "fast",
    cache: true,
    ...request,
  };
  await dispatch(cloud, parseRequest({ ...asked, deadlineMs: 86_400_000 }), {
    now: wallClock,
    randomId: () => scanId,
  });
  const plan = await loadPlan(cloud, scanId);
  const index = indexPlan(plan);
  const use = usePacks([], builtin);
  for (const message of (await store.drain("probe")) as BatchMessage[]) {
    const { knowledge, digest: packs } = use;
    const memory = assetMemory(cloud.table, plan, { packs, wallClock, inventory: true });
    await probeBatch(cloud, message, proberContext(plan, { knowledge, memory, packs, wallClock }));
  }
  for (const message of (await store.drain("observation")) as ObservationMessage[])
    await aggregate(cloud, message, { plan, index, now: wallClock });
  await store.drain("tick");
  const look = follower(
    cloud,
    { plan, index },
    { showAll: true, told: { has: () => false, add: () => undefined } },
  );
  const [found] = (await look.look()).results;
  if (!found) throw new Error("no result");
  return found.result;
}

const CHEROKEE = { service: "http", product: "Cherokee", version: "1.2.104" };

/** A web server that counts what it is asked; `server` and what it says change at will. */
function site(made = createServer): Promise<{ port: number; asked: string[]; says: { server: string } }> {
  const asked: string[] = [];
  const says = { server: "Cherokee/1.2.104" };
  const server: Server = made((request, response) => {
    asked.push(request.url ?? "");
    response.setHeader("Server", says.server);
    response.setHeader("X-Request-Id", Math.random().toString(16));
    response.setHeader("Set-Cookie", `session=${Math.random()}`);
    response.end(`<title>Door</title>${Math.random()}`);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () =>
      resolve({ port: (server.address() as AddressInfo).port, asked, says }),
    ),
  );
}

describe("an endpoint that was identified within a day", () => {
  test("is asked the one question again, and what it is comes from the asset", async () => {
    const { port, asked } = await site();
    const first = await scan(port, 0, { profile: "standard" });
    expect(first).toMatchObject({ ...CHEROKEE, cached: false });
    const questions = asked.splice(0).length;
    const second = await scan(port, 1, { profile: "standard" });
    expect(second).toMatchObject({ ...CHEROKEE, cached: true, outcome: "fingerprinted", state: "open" });
    expect(asked).toEqual(["/"]);
    expect(questions).toBeGreaterThan(1);
    expect(second.evidence).toEqual(first.evidence);
    expect(second.confidence).toBe(first.confidence);
    expect(second.observedAt).toBe(new Date(NOW + HOUR_MS).toISOString());
  });

  test("also inside TLS, by its greeting, and over UDP", async () => {
    const keys = certified("cache.test");
    onTestFinished(() => keys.remove());
    const { port: web } = await site(((listener: Parameters<typeof createServer>[1]) =>
      createHttpsServer({ key: keys.key, cert: keys.cert }, listener)) as unknown as typeof createServer);
    const greeted = await tcpServer((socket) => socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n"));
    const dns = await udpServer((query, from, socket) => {
      // A question of one name (RFC 1035 section 4.1), answered by one text.
      const end = query.indexOf(0, 12) + 5;
      if (query.length < 17 || query.readUInt16BE(4) !== 1 || end < 17) return;
      const text = "dnsmasq-2.90";
      const head = Buffer.concat([query.subarray(0, 2), Buffer.from("85800001000100000000", "hex")]);
      const record = Buffer.from([0xc0, 12, 0, 16, 0, 3, 0, 0, 0, 0, 0, text.length + 1, text.length]);
      socket.send(
        Buffer.concat([head, query.subarray(12, end), record, Buffer.from(text)]),
        from.port,
        from.address,
      );
    });
    for (const [port, ports, product] of [
      [web, String(web), CHEROKEE.product],
      [greeted, String(greeted), "OpenSSH"],
      [dns, `U:${dns}`, "dnsmasq"],
    ] as const) {
      const first = await scan(port, 0, { ports, profile: "standard" });
      const second = await scan(port, 1, { ports, profile: "standard" });
      expect([first.product, first.cached, second.product, second.cached]).toEqual([
        product,
        false,
        product,
        true,
      ]);
      expect(second.tls).toBe(first.tls);
    }
  });

  test("is identified anew when it says something else", async () => {
    const { port, says } = await site();
    await scan(port, 0);
    says.server = "Cherokee/1.2.105";
    expect(await scan(port, 1)).toMatchObject({ version: "1.2.105", cached: false });
    expect(await scan(port, 2)).toMatchObject({ version: "1.2.105", cached: true });
  });

  test("is never taken for alive when it is gone", async () => {
    const port = await closedPort();
    const server = createServer((_, response) => response.setHeader("Server", "Cherokee/1.2.104").end());
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    expect(await scan(port, 0)).toMatchObject({ outcome: "fingerprinted" });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await scan(port, 1)).toMatchObject({ outcome: "closed", cached: false });
  });
});

describe("it is identified anew", () => {
  test("after a day, and holds for another day then", async () => {
    const { port } = await site();
    const ttlHours = CACHE_TTL_MS / HOUR_MS;
    expect((await scan(port, 0)).cached).toBe(false);
    // A scan that only saw that it is still the same does not make the knowledge younger.
    expect((await scan(port, ttlHours - 1)).cached).toBe(true);
    expect((await scan(port, ttlHours)).cached).toBe(false);
    expect((await scan(port, 2 * ttlHours - 1)).cached).toBe(true);
  });

  test.each([
    ["by --fresh", { cache: false }],
    ["by default, locally", { cache: undefined }],
    ["for another profile", { profile: "standard" }],
  ])("%s", async (_, request) => {
    const { port } = await site();
    await scan(port, 0);
    expect(await scan(port, 1, request)).toMatchObject({ ...CHEROKEE, cached: false });
  });

  describe("when the inventory saw its address change hands since", () => {
    let held: AccountAddress[] = [];
    const mine = { address: "127.0.0.1", resource: "eni-1", sharedWith: null };
    const round = (hours: number) =>
      takeInventory(store.cloud, {
        account: "111122223333",
        seenBy: randomUUID(),
        sources: new Map([["eu-central-1", async () => held]]),
        now: () => new Date(NOW + hours * HOUR_MS),
      });
    const cachedAt = async (port: number, hours: number) => (await scan(port, hours)).cached;
    afterEach(() => {
      const key = ownedKey("127.0.0.1");
      return store.cloud.table.put({ ...key });
    });

    test("it left: by what comes there now, once, and then that is remembered", async () => {
      const { port } = await site();
      held = [mine];
      await round(0);
      await scan(port, 1);
      await round(2);
      expect(await cachedAt(port, 2.5)).toBe(true);
      held = [];
      await round(3);
      expect(await cachedAt(port, 4)).toBe(false);
      await round(5);
      expect(await cachedAt(port, 6)).toBe(true);
    });

    test.each([
      ["another interface", { ...mine, resource: "eni-2" }],
      ["somebody else's door", { ...mine, sharedWith: "a load balancer" }],
    ])("it is %s now", async (_, now) => {
      const { port } = await site();
      held = [mine];
      await round(0);
      await scan(port, 1);
      held = [now];
      await round(2);
      expect(await cachedAt(port, 3)).toBe(false);
    });

    test("it left and came back to the same resource", async () => {
      const { port } = await site();
      held = [mine];
      await round(0);
      await scan(port, 1);
      held = [];
      await round(2);
      held = [mine];
      await round(3);
      expect(await cachedAt(port, 4)).toBe(false);
    });

    test("and a round that missed the change, because it ran beside another, does not undo that", async () => {
      const { port } = await site();
      held = [mine];
      await round(0);
      await scan(port, 1);
      // This one has read the table before the other writes that the address is gone, and sees it come back.
      const other = Promise.withResolvers<void>();
      const reading = Promise.withResolvers<void>();
      const beside = takeInventory(store.cloud, {
        account: "111122223333",
        seenBy: "beside",
        sources: new Map([
          [
            "eu-central-1",
            async () => {
              reading.resolve();
              await other.promise;
              return [mine];
            },
          ],
        ]),
        now: () => new Date(NOW + 2.1 * HOUR_MS),
      });
      await reading.promise;
      held = [];
      await round(2);
      other.resolve();
      await beside;
      expect(await cachedAt(port, 3)).toBe(false);
    });
  });

  test("when it cannot be read whose the address is", async () => {
    const { port } = await site();
    await scan(port, 0);
    const plan = await loadPlan(store.cloud, `cache-scan-${scans}`);
    const endpoint = { host: "127.0.0.1", hostname: null, port, transport: "tcp" as const };
    const broken = {
      get: (key: Key) =>
        key.pk === OWNED_PARTITION ? Promise.reject(new Error("throttled")) : store.cloud.table.get(key),
    };
    const recalled = (inventory: boolean) =>
      assetMemory(broken, plan, {
        packs: usePacks([], builtin).digest,
        wallClock: () => new Date(NOW),
        inventory,
      })?.(endpoint);
    expect(await recalled(false)).not.toBeNull();
    expect(await recalled(true)).toBeNull();
  });

  test("for other packs", async () => {
    const { port } = await site();
    await scan(port, 0);
    const plan = { ...(await loadPlan(store.cloud, `cache-scan-${scans}`)) };
    const endpoint = { host: "127.0.0.1", hostname: null, port, transport: "tcp" as const };
    const recalled = (packs: string) =>
      assetMemory(store.cloud.table, plan, {
        packs,
        wallClock: () => new Date(NOW),
        inventory: false,
      })?.(endpoint);
    expect(await recalled(usePacks([], builtin).digest)).toMatchObject({ recipe: { probe: "http.get" } });
    expect(await recalled("sha256:other")).toBeNull();
  });
});

test("what decides what an endpoint is taken for is in the cache's key, and what only decides who is asked is not", () => {
  const profile = profileByName("standard");
  const plan = { profile, allPorts: false, strictOrder: false } as Plan;
  const key = (over: Partial<Plan>, packs = "p") => cacheKey({ ...plan, ...over }, packs);
  const others = [
    key({}, "q"),
    key({ allPorts: true }),
    key({ strictOrder: true }),
    key({ rpcPrograms: [{ number: 1, name: "one" }] }),
    key({ services: [{ port: 9, transport: "tcp", service: "nine", frequency: 0 }] }),
    key({ profile: { ...profile, intensity: 8 } }),
    key({ profile: { ...profile, timeoutMs: 1 } }),
    key({ profile: { ...profile, maxProbesPerPort: 1 } }),
    key({ profile: { ...profile, confidenceThreshold: 0.5 } }),
  ];
  expect(new Set([key({}), ...others]).size).toBe(others.length + 1);
  expect(key({ profile: { ...profile, name: "mine", ports: "1", topTcp: 0, topUdp: 0 } })).toBe(key({}));
});

test("a host about which nothing is known is looked up a bounded number of times", async () => {
  let reads = 0;
  const plan = { cache: true, profile: {}, allPorts: false, strictOrder: false } as unknown as Plan;
  const get = async () => {
    reads++;
    return null;
  };
  const memory = assetMemory({ get }, plan, {
    packs: "",
    wallClock: () => new Date(NOW),
    inventory: true,
  });
  for (let port = 1; port <= 10 * MOST_MISSES; port++)
    expect(await memory?.({ host: "10.0.0.1", hostname: null, port, transport: "tcp" })).toBeNull();
  expect(reads).toBe(MOST_MISSES);
  expect(assetKey({ host: "10.0.0.1", hostname: null, port: 1, transport: "tcp" }).pk).toContain("10.0.0.1");
});
