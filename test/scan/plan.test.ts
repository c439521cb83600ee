import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Endpoint, endpointText } from "../../lib/model/endpoint.ts";
import { InputError, ScopeError } from "../../lib/model/errors.ts";
import { type ScanRequestInput, scanRequestSchema } from "../../lib/model/request.ts";
import { builtinPorts, topPorts } from "../../lib/registry/ports.ts";
import { makePlan } from "../../lib/scan/make-plan.ts";
import { type Plan, planSchema } from "../../lib/scan/plan.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { parsePorts } from "../../lib/targets/ports.ts";
import type { Lookup } from "../../lib/targets/resolve.ts";
import { scopeFrom } from "../../lib/targets/scope.ts";

const NAMES: Record<string, string[]> = {
  "a.example.com": ["10.0.0.1", "10.0.0.7"],
  "b.example.com": ["10.0.0.1"],
  "c.example.com": ["127.0.0.1"],
  "d.example.com": ["192.168.9.9"],
};
const lookup: Lookup = async (name, family) => {
  const addresses = family === 4 ? NAMES[name] : undefined;
  if (addresses) return addresses;
  throw Object.assign(new Error(name), { code: "ENOTFOUND" });
};

const SCOPE = ["10.0.0.0/8", "example.com"];
function planFor(request: ScanRequestInput, scope = SCOPE, startedAt = new Date("2026-01-01T00:00:00Z")) {
  return makePlan(scanRequestSchema.parse(request), {
    scanId: "plan-test",
    scope: scopeFrom(scope, { allowLoopback: true }),
    scopeEntries: scope,
    local: true,
    selfPorts: [],
    startedAt,
    lookup,
  });
}

const text = ({ host, hostname, transport, port }: Endpoint) =>
  `${host} ${hostname ?? ""} ${transport} ${port}`;

/** All batches as they are dispatched: each chain's first, then one after the other. */
function walk(plan: Plan): number[] {
  const index = indexPlan(plan);
  const numbers: number[] = [];
  for (let position = 0; position < index.chains; position++) {
    for (let n: number | null = index.chainAt(position); n !== null; n = index.batchAt(n).next)
      numbers.push(n);
  }
  return numbers;
}

function endpointsOf(plan: Plan): string[] {
  const index = indexPlan(plan);
  return walk(plan).flatMap((number) => {
    const batch = index.batchAt(number);
    return Array.from({ length: batch.size }, (_, i) => text(batch.endpointAt(i)));
  });
}

/** Targets with what they mean, written out by hand. */
const TARGETS: Record<string, { addresses: string[]; name?: string; port?: number }> = {
  "10.0.0.1": { addresses: ["10.0.0.1"] },
  "10.0.0.0/30": { addresses: ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"] },
  "10.0.0.254-10.0.1.1": { addresses: ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"] },
  "10.0.0.3:22": { addresses: ["10.0.0.3"], port: 22 },
  "10.0.0.3:8080": { addresses: ["10.0.0.3"], port: 8080 },
  "127.0.0.1": { addresses: ["127.0.0.1"] },
  "127.0.0.1:9999": { addresses: ["127.0.0.1"], port: 9999 },
  "::1": { addresses: ["::1"] },
  "[::1]:443": { addresses: ["::1"], port: 443 },
  "a.example.com": { addresses: NAMES["a.example.com"]!, name: "a.example.com" },
  "A.EXAMPLE.COM.": { addresses: NAMES["a.example.com"]!, name: "a.example.com" },
  "a.example.com:8443": { addresses: NAMES["a.example.com"]!, name: "a.example.com", port: 8443 },
  "b.example.com": { addresses: NAMES["b.example.com"]!, name: "b.example.com" },
  "c.example.com:80": { addresses: NAMES["c.example.com"]!, name: "c.example.com", port: 80 },
};
const EXCLUDES: Record<string, string[]> = {
  "10.0.0.1": ["10.0.0.1"],
  "10.0.0.2-10.0.0.3": ["10.0.0.2", "10.0.0.3"],
  "10.0.1.0/24": ["10.0.1.0", "10.0.1.1"],
  "127.0.0.0/8": ["127.0.0.1"],
  "a.example.com": NAMES["a.example.com"]!,
  "::1": ["::1"],
};
const PORTS = ["22,80", "80", "U:53,T:1-3", "T:8079-8081,U:1-3", "1-4500", "T:7-2500,U:1-2500"];

/** The same by brute force. */
function expected(targets: string[], excludes: string[], ports: string): string[] {
  const excluded = new Set(excludes.flatMap((exclude) => EXCLUDES[exclude]!));
  const set = parsePorts(ports, builtinPorts);
  const list = (["tcp", "udp"] as const).flatMap((transport) =>
    set[transport].flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, i) => `${transport} ${first + i}`),
    ),
  );
  const all = targets.flatMap((target) => {
    const { addresses, name = "", port } = TARGETS[target]!;
    return addresses
      .filter((address) => !excluded.has(address))
      .flatMap((address) =>
        (port === undefined ? list : [`tcp ${port}`]).map((door) => `${address} ${name} ${door}`),
      );
  });
  return [...new Set(all)];
}

const requests = fc.record({
  targets: fc.array(fc.constantFrom(...Object.keys(TARGETS)), { minLength: 1, maxLength: 6 }),
  excludes: fc.array(fc.constantFrom(...Object.keys(EXCLUDES)), { maxLength: 2 }),
  ports: fc.constantFrom(...PORTS),
  key: fc.string({ maxLength: 8 }),
});

describe("a plan", () => {
  test("holds every endpoint asked for exactly once over all its batches", async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const want = expected(request.targets, request.excludes, request.ports);
        if (want.length === 0) {
          await expect(planFor(request)).rejects.toThrow(InputError);
          return;
        }
        const { plan, skipped } = await planFor(request);
        expect(skipped).toEqual([]);
        const got = endpointsOf(plan);
        // Sorted text is compared as a whole: element by element takes seconds.
        expect(got.sort().join("\n") === want.sort().join("\n")).toBe(true);
        expect(indexPlan(plan).planned).toBe(got.length);
      }),
      { numRuns: 120 },
    );
  });

  test("numbers its batches from 0 on without a gap, however they are dispatched", async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        fc.pre(expected(request.targets, request.excludes, request.ports).length > 0);
        const { plan } = await planFor(request);
        const { batches } = indexPlan(plan);
        const byNumber = walk(plan).sort((a, b) => a - b);
        expect(byNumber).toEqual(Array.from({ length: batches }, (_, i) => i));
        expect(() => indexPlan(plan).batchAt(batches)).toThrow(RangeError);
        expect(() => indexPlan(plan).batchAt(-1)).toThrow(RangeError);
      }),
      { numRuns: 40 },
    );
  });

  test("is the same for the same request, id and key, and survives being stored", async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        fc.pre(expected(request.targets, request.excludes, request.ports).length > 0);
        const { plan } = await planFor(request);
        expect((await planFor(request)).plan).toEqual(plan);
        const stored = planSchema.parse(JSON.parse(JSON.stringify(plan)));
        expect(stored).toEqual(plan);
        expect(walk(stored)).toEqual(walk(plan));
      }),
      { numRuns: 20 },
    );
  });

  test("of many networks goes from one to another, in an order that its key decides", async () => {
    const order = async (key: string) => {
      const { plan } = await planFor({ targets: ["10.0.0.0/16"], ports: "22", key });
      const index = indexPlan(plan);
      return Array.from({ length: 40 }, (_, i) => index.batchAt(index.chainAt(i)).endpointAt(0).host);
    };
    const hosts = await order("one");
    expect(new Set(hosts.map((host) => host.split(".").slice(0, 3).join("."))).size).toBe(40);
    expect(hosts).not.toEqual([...hosts].sort());
    expect(await order("two")).not.toEqual(hosts);
  });

  test("of a /8 and 1,000 ports takes no more room than that of one host", async () => {
    const { plan } = await planFor({ targets: ["10.0.0.0/8"], topPorts: 1000 });
    expect(JSON.stringify(plan).length).toBeLessThan(10_000);
    const before = process.memoryUsage().heapUsed;
    const index = indexPlan(plan);
    expect(index).toMatchObject({ planned: 2 ** 24 * 1000, addresses: 2 ** 24 });
    const seen = new Set<string>();
    for (let i = 0; i < 1000; i++) {
      const batch = index.batchAt(index.chainAt(i * 7919));
      seen.add(text(batch.endpointAt(batch.size - 1)));
    }
    expect(seen.size).toBe(1000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 2 ** 20);
  });

  test("slices the ports of one host into a chain, so that a host is in one batch at a time", async () => {
    const { plan } = await planFor({ targets: ["10.0.0.1"], ports: "1-65535" });
    const index = indexPlan(plan);
    expect(index.chains).toBe(1);
    expect(index.batches).toBe(33);
    expect(walk(plan)).toEqual(Array.from({ length: 33 }, (_, i) => i));
    expect(index.batchAt(0)).toMatchObject({ size: 2000, next: 1, loopback: false });
    expect(index.batchAt(32)).toMatchObject({ size: 1535, next: null });
    expect(endpointText(index.batchAt(32).endpointAt(1534))).toBe("10.0.0.1:65535");
  });

  test("cuts the ports of a loopback address into batches that may be probed at once", async () => {
    const { plan } = await planFor({ targets: ["127.0.0.1", "127.0.0.9"], ports: "1-65535" });
    const index = indexPlan(plan);
    expect(index).toMatchObject({ chains: 4, batches: 4, addresses: 2 });
    expect(index.shapes).toMatchObject([{ batches: 4, hosts: 1, slices: 1 }]);
    expect(walk(plan).toSorted()).toEqual([0, 1, 2, 3]);
    expect(index.batchAt(2)).toMatchObject({ size: 32_768, next: null, loopback: true });
    const ends = [index.batchAt(0).endpointAt(0), index.batchAt(3).endpointAt(32_766)];
    expect(ends.map(endpointText)).toEqual(["127.0.0.1:1", "127.0.0.9:65535"]);
  });

  test("that an earlier release made of loopback is numbered as it was", async () => {
    const { plan } = await planFor({ targets: ["127.0.0.1"], ports: "1-65535" });
    const { endpointsPerLoopbackBatch: _, ...earlier } = plan;
    const index = indexPlan(planSchema.parse(earlier));
    expect(index.batches).toBe(1);
    expect(index.batchAt(0)).toMatchObject({ size: 65_535, next: null, loopback: true });
  });
});

describe("the ports of a plan", () => {
  const portsOf = async (request: ScanRequestInput) => {
    const { plan } = await planFor(request);
    const set = plan.groups.map(({ ports }) => parsePorts(ports, builtinPorts));
    const count = (transport: "tcp" | "udp") =>
      set.flatMap((one) => one[transport]).reduce((sum, { first, last }) => sum + last - first + 1, 0);
    return { tcp: count("tcp"), udp: count("udp") };
  };

  test("are the profile's, and on loopback all of TCP", async () => {
    expect(await portsOf({ targets: ["10.0.0.1"] })).toEqual({ tcp: 1000, udp: 20 });
    expect(await portsOf({ targets: ["127.0.0.1"] })).toEqual({ tcp: 65_535, udp: 20 });
    expect(await portsOf({ targets: ["127.0.0.1"], profile: "fast" })).toEqual({ tcp: 100, udp: 0 });
    expect(await portsOf({ targets: ["10.0.0.1"], profile: "aggressive" })).toEqual({
      tcp: 65_535,
      udp: 100,
    });
    expect((await portsOf({ targets: ["10.0.0.1"], profile: "web" })).tcp).toBeGreaterThan(3);
  });

  test("that were named stand above the profile's", async () => {
    expect(await portsOf({ targets: ["10.0.0.1"], profile: "fast", ports: "T:1-5,U:53" })).toEqual({
      tcp: 5,
      udp: 1,
    });
    const { plan } = await planFor({ targets: ["10.0.0.1"], topPorts: 3 });
    const ports = endpointsOf(plan).map((line) => Number(line.split(" ").at(-1)));
    expect(ports.sort((a, b) => a - b)).toEqual([...topPorts("tcp", 3)].sort((a, b) => a - b));
  });

  test("of an unknown profile are refused by name", async () => {
    await expect(planFor({ targets: ["10.0.0.1"], profile: "nosuch" })).rejects.toThrow(/"nosuch".*fast/);
  });
});

describe("the scope", () => {
  test("refuses the whole request for one target outside, and names it", async () => {
    const refused = planFor({ targets: ["10.0.0.1", "192.168.1.0/30"], ports: "22" });
    await expect(refused).rejects.toThrow(ScopeError);
    await expect(refused).rejects.toThrow(/192\.168\.1\.0.*not in scope/);
    await expect(refused).rejects.toMatchObject({ exitCode: 3 });
  });

  test.each([
    ["the instance metadata", "169.254.169.254", ["0.0.0.0/0"]],
    ["this network", "0.0.0.1", ["0.0.0.0/0"]],
    ["multicast", "224.0.0.1", ["0.0.0.0/0"]],
    ["a mapped spelling of it", "::ffff:169.254.169.254", ["0.0.0.0/0", "::/0"]],
    ["a NAT64 spelling of it", "64:ff9b::a9fe:a9fe", ["0.0.0.0/0", "::/0"]],
    ["a range that holds it", "169.254.0.0/16", ["0.0.0.0/0"]],
  ])("never lets %s through, whatever it says", async (_, target, scope) => {
    await expect(planFor({ targets: [target], ports: "80" }, scope)).rejects.toThrow(ScopeError);
  });

  test("covers a name that is in it wherever it leads, but no other name", async () => {
    const { plan } = await planFor({ targets: ["d.example.com"], ports: "22" });
    expect(endpointsOf(plan)).toEqual(["192.168.9.9 d.example.com tcp 22"]);
    await expect(planFor({ targets: ["d.example.com"], ports: "22" }, ["10.0.0.0/8"])).rejects.toThrow(
      ScopeError,
    );
  });

  test("leaves out what is outside when it may, and says so", async () => {
    const { plan, skipped } = await planFor({
      targets: ["10.0.0.1", "192.168.1.1"],
      ports: "22",
      skipOutOfScope: true,
    });
    expect(endpointsOf(plan)).toEqual(["10.0.0.1  tcp 22"]);
    expect(skipped).toEqual([expect.stringContaining("192.168.1.1")]);
  });

  test("with nothing left to scan is an error of its own", async () => {
    await expect(planFor({ targets: ["192.168.1.1"], ports: "22", skipOutOfScope: true })).rejects.toThrow(
      InputError,
    );
  });
});

test("names: those that do not resolve are refused, and one address takes five at most", async () => {
  await expect(planFor({ targets: ["nowhere.example.com"], ports: "22" })).rejects.toThrow(/nowhere/);
  const many = Array.from({ length: 8 }, (_, i) => `n${i}.example.com`);
  const { plan } = await makePlan(scanRequestSchema.parse({ targets: many, ports: "22" }), {
    scanId: "plan-test",
    scope: scopeFrom(SCOPE, { allowLoopback: true }),
    scopeEntries: SCOPE,
    local: true,
    selfPorts: [],
    startedAt: new Date(),
    lookup: async () => ["10.0.0.1"],
  });
  expect(endpointsOf(plan)).toHaveLength(5);
});
