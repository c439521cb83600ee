import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { ScopeError } from "../../lib/model/errors.ts";
import { type ScanRequestInput, scanRequestSchema } from "../../lib/model/request.ts";
import { dispatch, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { codeOf } from "../../lib/scan/ledger.ts";
import { makePlan } from "../../lib/scan/make-plan.ts";
import { observationMessageSchema } from "../../lib/scan/messages.ts";
import { scopeOwnership } from "../../lib/scan/ownership.ts";
import type { Plan } from "../../lib/scan/plan.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { probeBatch } from "../../lib/scan/probe.ts";
import { parseAddress } from "../../lib/targets/address.ts";
import type { Lookup } from "../../lib/targets/resolve.ts";
import { scopeFrom } from "../../lib/targets/scope.ts";
import { openTestCloud } from "./cloud.ts";
import { BUILTIN, proberContext } from "./prober.ts";

const STARTED = new Date("2026-01-01T00:00:00Z");
const minutesLater = (minutes: number) => () => new Date(STARTED.getTime() + minutes * 60_000);
/** A zone that anybody may change between two questions. */
const zoneOf = (zone: Record<string, string[]>): Lookup => {
  return async (name, family) => {
    const addresses = (zone[name] ?? []).filter((text) => text.includes(":") === (family === 6));
    if (addresses.length === 0) throw Object.assign(new Error(name), { code: "ENOTFOUND" });
    return addresses;
  };
};
const planFor = (request: ScanRequestInput, scope: string[], lookup: Lookup) =>
  makePlan(scanRequestSchema.parse(request), {
    scanId: "ownership",
    scope: scopeFrom(scope, { allowLoopback: false }),
    scopeEntries: scope,
    local: false,
    selfPorts: [],
    startedAt: STARTED,
    lookup,
  });
const addressesOf = (plan: Plan) => {
  const index = indexPlan(plan);
  return Array.from({ length: index.batches }, (_, n) => index.batchAt(n).endpointAt(0).host);
};

describe("what a name leads to when the scan is planned", () => {
  test.each([
    ["loopback", ["127.0.0.1"]],
    ["the metadata service", ["169.254.169.254"]],
    ["the metadata service, as mapped IPv6", ["::ffff:169.254.169.254"]],
    ["the metadata service, behind NAT64", ["64:ff9b::a9fe:a9fe"]],
    ["loopback, in 6to4", ["2002:7f00:1::"]],
    ["the metadata service's IPv6 address", ["fd00:ec2::254"]],
    ["an address of its own and loopback", ["10.0.0.1", "127.0.0.1"]],
    ["an address of its own and the metadata service", ["10.0.0.1", "169.254.169.254"]],
    ["two of its own and multicast", ["10.0.0.1", "10.0.0.2", "224.0.0.1"]],
    ["this host", ["0.0.0.0"]],
  ])("%s: refuses the request, although the name is in scope", async (_, addresses) => {
    const lookup = zoneOf({ "www.example.com": addresses });
    const asked = planFor({ targets: ["www.example.com"] }, ["example.com", "10.0.0.0/8"], lookup);
    await expect(asked).rejects.toThrow(ScopeError);
  });

  test("an address outside, beside one inside: refused by address, left out where that is asked for", async () => {
    const lookup = zoneOf({ "mixed.test": ["10.0.0.1", "11.0.0.1"] });
    await expect(planFor({ targets: ["mixed.test"] }, ["10.0.0.0/8"], lookup)).rejects.toThrow(
      /11\.0\.0\.1 is not in scope/,
    );
    const { plan } = await planFor({ targets: ["mixed.test"], skipOutOfScope: true }, ["10.0.0.0/8"], lookup);
    expect(new Set(addressesOf(plan))).toEqual(new Set(["10.0.0.1"]));
  });

  test("is what is connected to, wherever the name leads between the check and the connection", async () => {
    const zone: Record<string, string[]> = { "www.example.com": ["10.0.0.1"] };
    const { plan } = await planFor(
      { targets: ["www.example.com"], ports: "80" },
      ["example.com"],
      zoneOf(zone),
    );
    zone["www.example.com"] = ["169.254.169.254"];
    expect(addressesOf(plan)).toEqual(["10.0.0.1"]);
  });

  test.each([
    ["9.255.255.250-10.0.0.5", "9.255.255.250-9.255.255.255"],
    ["10.255.255.250-11.0.0.5", "11.0.0.0-11.0.0.5"],
    ["10.0.0.0/7", "11.0.0.0/8"],
    ["::ffff:10.255.255.255-::ffff:11.0.0.0", "11.0.0.0"],
  ])("the range %s straddles the scope: refused for %s", async (target, outside) => {
    await expect(planFor({ targets: [target] }, ["10.0.0.0/8"], zoneOf({}))).rejects.toThrow(`${outside} is`);
  });
});

describe("asked again when a batch begins", () => {
  const plan = {
    scope: ["10.0.0.0/8", "example.com"],
    local: false,
    startedAt: STARTED.toISOString(),
  };
  const ours = { scope: plan.scope, local: false };
  const at = (text: string) => parseAddress(text)!;
  const lookup = zoneOf({ "www.example.com": ["52.0.0.1", "52.0.0.2"], "moved.example.com": ["52.0.0.9"] });

  test.each([
    ["10.1.2.3", null, true],
    ["11.1.2.3", null, false],
    ["52.0.0.1", "www.example.com", true],
    ["52.0.0.1", null, false],
    // The address has changed hands: the name leads elsewhere, or nowhere.
    ["52.0.0.1", "moved.example.com", false],
    ["52.0.0.1", "gone.example.com", false],
    ["10.0.0.1", "gone.example.com", true],
    ["169.254.169.254", "www.example.com", false],
    ["127.0.0.1", null, false],
  ])("%s under the name %s: %s", async (address, hostname, owned) => {
    const ownership = scopeOwnership(plan, ours, { now: minutesLater(30), lookup });
    expect(await ownership.owns(at(address), hostname)).toBe(owned);
  });

  test("within minutes of the dispatch a name is not asked for again", async () => {
    const ownership = scopeOwnership(plan, ours, { now: minutesLater(5), lookup });
    expect(await ownership.owns(at("52.0.0.77"), "www.example.com")).toBe(true);
  });

  test("a resolver that does not answer decides nothing", async () => {
    const broken: Lookup = async () => {
      throw Object.assign(new Error("later"), { code: "EAI_AGAIN" });
    };
    const ownership = scopeOwnership(plan, ours, { now: minutesLater(30), lookup: broken });
    await expect(ownership.owns(at("52.0.0.1"), "www.example.com")).rejects.toThrow("does not answer");
  });

  test("a plan that allows more than this function's own scope is not believed", async () => {
    const forged = { ...plan, scope: ["0.0.0.0/0"], local: true };
    const ownership = scopeOwnership(forged, ours, { now: minutesLater(1), lookup });
    expect(await ownership.owns(at("8.8.8.8"), null)).toBe(false);
    expect(await ownership.owns(at("127.0.0.1"), null)).toBe(false);
    expect(await ownership.owns(at("10.0.0.1"), null)).toBe(true);
  });
});

describe("a prober on real sockets", () => {
  /** Accepts, counts, and answers every request so. */
  async function door(host: string, answer: string) {
    let met = 0;
    const server = createServer((socket) => {
      met++;
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const { port } = server.address() as { port: number };
    return { port, met: () => met, close: () => server.close() };
  }

  async function probed(request: ScanRequestInput, alter: (plan: Plan) => Plan = (plan) => plan) {
    const store = await openTestCloud();
    try {
      const { cloud } = store;
      const { scanId } = await dispatch(cloud, parseRequest(request), {
        now: () => new Date(),
        randomId: randomUUID,
      });
      const plan = alter(await loadPlan(cloud, scanId));
      const context = proberContext(plan, { knowledge: BUILTIN });
      await probeBatch(cloud, { scanId, batch: 0, generation: 0 }, context);
      return (await store.drain("observation")).map((message) => observationMessageSchema.parse(message));
    } finally {
      await store.close();
    }
  }

  test("does not follow a redirect to a place that nobody asked for", async () => {
    const elsewhere = await door("127.0.0.9", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    const target = `http://127.0.0.9:${elsewhere.port}/`;
    const here = await door(
      "127.0.0.1",
      `HTTP/1.1 302 Found\r\nServer: nginx\r\nLocation: ${target}\r\nRefresh: 0; url=${target}\r\nContent-Length: 0\r\n\r\n`,
    );
    const messages = await probed({ targets: [`127.0.0.1:${here.port}`], profile: "thorough" });
    expect(messages.flatMap(({ sightings }) => sightings)).toHaveLength(1);
    expect(here.met()).toBeGreaterThan(0);
    expect(elsewhere.met()).toBe(0);
    here.close();
    elsewhere.close();
  });

  test("leaves what a forged plan names outside its own scope alone, and says so", async () => {
    const messages = await probed({ targets: ["127.0.0.1:7"] }, (plan) => ({
      ...plan,
      scope: ["0.0.0.0/0"],
      groups: [{ ranges: ["10.0.0.1"], named: [], ports: "80-90", loopback: false }],
    }));
    expect(messages.flatMap(({ settled }) => settled)).toEqual([[codeOf("excluded"), 0, 11]]);
  });
});
