import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { addressSource } from "../../lib/cloud/addresses.ts";
import type { Cloud } from "../../lib/cloud/index.ts";
import { ScopeError } from "../../lib/model/errors.ts";
import { dispatch, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { hastenedRound, SETTLE_MS } from "../../lib/scan/hastened.ts";
import { readInventory, takeInventory } from "../../lib/scan/inventory.ts";
import { codeOf } from "../../lib/scan/ledger.ts";
import { observationMessageSchema } from "../../lib/scan/messages.ts";
import { FRESH_MS } from "../../lib/scan/owned-entry.ts";
import { fullOwnership, inventoryOwnership } from "../../lib/scan/ownership.ts";
import { probeBatch } from "../../lib/scan/probe.ts";
import { formatRange, parseAddress } from "../../lib/targets/address.ts";
import { ACCOUNT, type Ec2, startEc2, useEc2 } from "../cloud/ec2.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";
import { proberContext } from "./prober.ts";

// From EC2's own answers over the table to the two questions: may this be scanned, and is it still ours when a batch begins?

const REGIONS = ["eu-central-1", "us-east-1"];
const START = new Date("2026-01-01T00:00:00Z");
const later = (ms: number) => new Date(START.getTime() + ms);
const at = (text: string) => parseAddress(text)!;

let store: TestCloud;
let cloud: Cloud;
let ec2: Ec2;
beforeAll(async () => {
  store = await openTestCloud(["10.0.0.0/8"]);
}, 30_000);
afterAll(() => store?.close());
beforeEach(async () => {
  ec2 = await startEc2();
  useEc2(ec2);
  cloud = {
    ...store.cloud,
    configuration: { ...store.cloud.configuration, local: false, inventory: REGIONS },
  };
  ec2.region("eu-central-1").interfaces = [
    { id: "eni-a", publicIp: "18.130.0.1" },
    { id: "eni-b", publicIp: "18.130.0.2", ipv6: ["2600:1f18:0:0::a"] },
    { id: "eni-elb", publicIp: "18.130.0.3", requester: "amazon-elb", description: "ELB app/web/1" },
  ];
  ec2.region("us-east-1").elasticIps = [{ publicIp: "3.210.0.9", allocation: "eipalloc-9" }];
});
afterEach(async () => {
  ec2.close();
  // The next test's account owns nothing yet.
  const long = "2000-01-01T00:00:00.000Z";
  for await (const { pk, sk } of store.cloud.table.query("OWNED", ""))
    await store.cloud.table.set({ pk, sk }, { seenAt: long, since: long, gone: true });
});

const take = (now = START, regions = REGIONS) =>
  takeInventory(cloud, {
    account: ACCOUNT,
    seenBy: randomUUID(),
    sources: new Map(regions.map((region) => [region, addressSource(region, ACCOUNT)])),
    now: () => now,
  });
const owns = (address: string, now: Date) =>
  inventoryOwnership(cloud, { now: () => now }).owns(at(address), null);
const rangesAt = async (now: Date) => (await readInventory(cloud, now)).ranges.map(formatRange);

describe("a round", () => {
  test("writes what every region lists, with who saw it, when and where", async () => {
    expect(await take()).toEqual({ addresses: { "eu-central-1": 4, "us-east-1": 1 }, names: {}, gone: 0 });
    expect(await rangesAt(later(60_000))).toEqual(["3.210.0.9", "18.130.0.1-18.130.0.2", "2600:1f18::a"]);
    const item = await cloud.table.get({ pk: "OWNED", sk: "ADDRESS#18.130.0.1" });
    expect(item).toMatchObject({
      account: ACCOUNT,
      region: "eu-central-1",
      resource: "eni-a",
      seenAt: START.toISOString(),
      seenBy: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(Number(item?.ttl)).toBeGreaterThan((START.getTime() + FRESH_MS) / 1000);
  });

  test("marks what is not listed any more, at once", async () => {
    await take();
    ec2.region("eu-central-1").interfaces.splice(0, 1);
    expect(await take(later(1000))).toMatchObject({ gone: 1 });
    expect(await owns("18.130.0.1", later(2000))).toBe(false);
    expect(await owns("18.130.0.2", later(2000))).toBe(true);
    expect(await take(later(3000))).toMatchObject({ gone: 0 });
  });

  test("says which region did not answer, and keeps what it knows of the others", async () => {
    await take();
    ec2.region("us-east-1").errors = [{ status: 403, code: "UnauthorizedOperation" }];
    ec2.region("eu-central-1").interfaces.splice(0, 1);
    await expect(take(later(FRESH_MS))).rejects.toThrow(/no inventory of us-east-1 \(UnauthorizedOperation/);
    const now = later(FRESH_MS + 1);
    expect(await rangesAt(now)).toEqual(["18.130.0.2", "2600:1f18::a"]);
    expect(await owns("18.130.0.1", now)).toBe(false);
    // Nobody knows: not "no", and certainly not "yes".
    await expect(owns("3.210.0.9", now)).rejects.toThrow(/was this account's at 2026-01-01T00:00:00.000Z/);
  });

  test("of which a region was taken out forgets that region", async () => {
    await take();
    expect(await take(later(1000), ["eu-central-1"])).toMatchObject({ gone: 1 });
    expect(await owns("3.210.0.9", later(2000))).toBe(false);
  });

  test("that is late changes nothing that a newer one found", async () => {
    const slow = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const source = addressSource("eu-central-1", ACCOUNT);
    const late = takeInventory(cloud, {
      account: ACCOUNT,
      seenBy: "late",
      sources: new Map([
        [
          "eu-central-1",
          async () => {
            const old = await source();
            begun.resolve();
            await slow.promise;
            return old;
          },
        ],
      ]),
      now: () => START,
    });
    await begun.promise;
    await take(START);
    ec2.region("eu-central-1").interfaces.splice(0, 1);
    await take(later(1000));
    slow.resolve();
    await late;
    expect(await owns("18.130.0.1", later(2000))).toBe(false);
    expect(await owns("18.130.0.2", later(2000))).toBe(true);
  });
});

describe("a round that an event asks for", () => {
  const hasten = (now: Date, pause: () => Promise<unknown>) =>
    hastenedRound(
      cloud,
      {
        account: ACCOUNT,
        seenBy: randomUUID(),
        sources: new Map([["eu-central-1", addressSource("eu-central-1", ACCOUNT)]]),
        now: () => now,
      },
      pause,
    );
  beforeEach(() => cloud.table.put({ pk: "OWNED", sk: "ROUND" }));

  test("sees what the flock of events is about that came with it, and is one round", async () => {
    const settled = Promise.withResolvers<void>();
    const first = hasten(START, () => settled.promise);
    // Announced when the second one is turned away.
    await vi.waitFor(async () => expect(await hasten(later(1), () => settled.promise)).toBeNull());
    ec2.region("eu-central-1").interfaces = [{ id: "eni-new", publicIp: "18.130.0.200" }];
    expect(await hasten(later(SETTLE_MS - 1), () => settled.promise)).toBeNull();
    settled.resolve();
    expect(await first).toMatchObject({ addresses: { "eu-central-1": 1 } });
    expect(await owns("18.130.0.200", later(2000))).toBe(true);
  });

  test("is followed by another when an event comes after it began", async () => {
    const at = async () => undefined;
    expect(await hasten(START, at)).not.toBeNull();
    expect(await hasten(later(SETTLE_MS), at)).not.toBeNull();
  });

  test("is announced anew when whoever announced it died", async () => {
    await expect(hasten(START, () => Promise.reject(new Error("killed")))).rejects.toThrow("killed");
    expect(await hasten(later(SETTLE_MS + 1), async () => undefined)).not.toBeNull();
  });
});

describe("an address counts as the account's own", () => {
  test("for as long as it is fresh, to the millisecond, and never by a clock that runs ahead", async () => {
    await take();
    expect(await owns("18.130.0.1", later(FRESH_MS))).toBe(true);
    await expect(owns("18.130.0.1", later(FRESH_MS + 1))).rejects.toThrow(/no inventory was taken since/);
    await expect(owns("18.130.0.1", later(-FRESH_MS - 1))).rejects.toThrow();
    expect(await rangesAt(later(FRESH_MS + 1))).toEqual([]);
  });

  test.each([
    ["18.130.0.1", true],
    ["::ffff:18.130.0.1", true],
    ["64:ff9b::18.130.0.1", false],
    ["2600:1f18:0000::000a", true],
    // The load balancer's is shared.
    ["18.130.0.3", false],
    ["18.130.0.4", false],
    ["127.0.0.1", false],
  ])("%s: %s", async (address, owned) => {
    await take();
    expect(await owns(address, later(1000))).toBe(owned);
  });

  test("not where it is never touched, whatever the table says", async () => {
    ec2.region("us-east-1").elasticIps = ["169.254.169.254", "127.0.0.1", "224.0.0.1", "10.1.2.3"].map(
      (publicIp) => ({
        publicIp,
        allocation: "eipalloc-x",
      }),
    );
    await take();
    for (const address of ["169.254.169.254", "127.0.0.1", "224.0.0.1"])
      expect(await owns(address, later(1000))).toBe(false);
    expect(await owns("10.1.2.3", later(1000))).toBe(true);
  });

  test("not by an item that is no whole one", async () => {
    await cloud.table.put({
      pk: "OWNED",
      sk: "ADDRESS#18.130.0.77",
      address: "18.130.0.77",
      seenAt: START.toISOString(),
    });
    expect(await owns("18.130.0.77", START)).toBe(false);
    expect(await rangesAt(START)).toEqual([]);
  });
});

describe("a request", () => {
  const ask = (targets: string[], now = later(1000)) =>
    dispatch(cloud, parseRequest({ targets, ports: "443" }), { now: () => now, randomId: randomUUID });

  test("for the account's own addresses is accepted without a scope entry, and stored without one", async () => {
    await take();
    const { scanId, planned } = await ask(["18.130.0.1-18.130.0.2", "3.210.0.9", "10.0.0.1"]);
    expect(planned).toBe(4);
    expect((await loadPlan(cloud, scanId)).scope).toEqual(["10.0.0.0/8"]);
  });

  test("that straddles is refused for what is not the account's, with what to do", async () => {
    await take();
    const asked = ask(["18.130.0.0/30"]);
    await expect(asked).rejects.toThrow(ScopeError);
    await expect(asked).rejects.toThrow(/18\.130\.0\.0 is not in scope; .*Scope="…"/);
    await expect(asked).rejects.toThrow(/last taken at 2026-01-01T00:00:00.000Z/);
  });

  test("that is refused leaves nothing behind: no scan, no plan, no message", async () => {
    for (const queue of ["dispatch", "probe", "tick"] as const) await store.drain(queue);
    const scanId = randomUUID();
    const request = parseRequest({ scanId, targets: ["18.130.0.1", "192.168.7.7"], ports: "443" });
    await expect(dispatch(cloud, request, { now: () => START, randomId: randomUUID })).rejects.toThrow(
      ScopeError,
    );
    expect(await cloud.table.get({ pk: `SCAN#${scanId}`, sk: "META" })).toBeNull();
    await expect(loadPlan(cloud, scanId)).rejects.toThrow(/has no plan/);
    for (const queue of ["dispatch", "probe", "tick"] as const) expect(await store.drain(queue)).toEqual([]);
  });

  test("for a load balancer's address is refused, and it is said why owning it is not enough", async () => {
    await take();
    await expect(ask(["18.130.0.3"])).rejects.toThrow(
      /18\.130\.0\.3 is not in scope: it is the address of a load balancer \(ELB app\/web\/1\)/,
    );
  });

  test("is refused when the inventory has grown old", async () => {
    await take();
    await expect(ask(["18.130.0.1"], later(FRESH_MS + 1000))).rejects.toThrow(
      /18\.130\.0\.1 is not in scope/,
    );
  });

  test("is refused without an inventory, and none is spoken of", async () => {
    await take();
    cloud = { ...cloud, configuration: { ...cloud.configuration, inventory: [] } };
    const asked = ask(["18.130.0.1"]);
    await expect(asked).rejects.toThrow(/parameter Scope/);
    await expect(asked).rejects.not.toThrow(/inventory/);
    expect(
      await fullOwnership(
        cloud,
        { scanId: "none", scope: [], local: false, startedAt: START.toISOString() },
        { now: () => START },
      ).owns(at("18.130.0.1"), null),
    ).toBe(false);
  });
});

test("a batch whose address changed hands since the dispatch is left alone, and says so", async () => {
  await store.drain("observation");
  await take(new Date());
  const { scanId } = await dispatch(cloud, parseRequest({ targets: ["18.130.0.1"], ports: "80-90" }), {
    now: () => new Date(),
    randomId: randomUUID,
  });
  ec2.region("eu-central-1").interfaces.splice(0, 1);
  await take(new Date());
  const plan = await loadPlan(cloud, scanId);
  await probeBatch(cloud, { scanId, batch: 0, generation: 0 }, proberContext(plan));
  const messages = (await store.drain("observation")).map((one) => observationMessageSchema.parse(one));
  expect(messages.flatMap(({ settled }) => settled)).toEqual([[codeOf("excluded"), 0, 11]]);
});
