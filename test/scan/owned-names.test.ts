import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asker } from "../../lib/cloud/ask.ts";
import type { Cloud } from "../../lib/cloud/index.ts";
import { nameSources } from "../../lib/cloud/name-sources.ts";
import { ScopeError } from "../../lib/model/errors.ts";
import { dispatch, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { takeInventory } from "../../lib/scan/inventory.ts";
import { FRESH_MS } from "../../lib/scan/owned-entry.ts";
import { fullOwnership, gate, inventoryOwnership } from "../../lib/scan/ownership.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { parseAddress } from "../../lib/targets/address.ts";
import type { Lookup } from "../../lib/targets/resolve.ts";
import { type FrontDoors, homeOf, startFrontDoors } from "../cloud/front-doors.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";

// From what the services list over the table to the two questions: may this name be scanned, and does it still lead to the account's own door when
// a batch begins? The zone is the attacker's: whatever it says, no packet leaves for an address to which the resource's own name does not lead.

const REGION = "eu-central-1";
const START = new Date("2026-01-01T00:00:00Z");
const later = (ms: number) => new Date(START.getTime() + ms);
const MINUTE = 60_000;
const BALANCER = "web-1.eu-central-1.elb.amazonaws.com";
const API = "h1.execute-api.eu-central-1.amazonaws.com";

let store: TestCloud;
let cloud: Cloud;
let doors: FrontDoors;
let zone: Record<string, string[]>;
const lookup: Lookup = async (name, family) => {
  const addresses = (zone[name] ?? []).filter((text) => text.includes(":") === (family === 6));
  if (addresses.length === 0) throw Object.assign(new Error(name), { code: "ENOTFOUND" });
  return addresses;
};

beforeAll(async () => {
  store = await openTestCloud([]);
}, 30_000);
afterAll(() => store?.close());
beforeEach(async () => {
  doors = await startFrontDoors();
  doors.balancers = [
    {
      name: "web",
      dns: BALANCER,
      listeners: [
        { port: 443, protocol: "HTTPS" },
        { port: 8443, protocol: "HTTPS" },
      ],
    },
  ];
  doors.distributions = [{ id: "E1", aliases: ["www.example.com", "*.example.com", "Shop.Example.com"] }];
  doors.httpApis = [{ apiId: "h1", apiEndpoint: `https://${API}` }];
  doors.domains = [
    { domainName: "api.example.com", regionalDomainName: "d-1.execute-api.eu-central-1.amazonaws.com" },
  ];
  zone = {
    [BALANCER]: ["18.130.0.1", "18.130.0.2"],
    [homeOf("E1")]: ["13.32.0.1", "13.32.0.2"],
    "www.example.com": ["13.32.0.1", "13.32.0.2"],
    [API]: ["3.64.0.1"],
    "d-1.execute-api.eu-central-1.amazonaws.com": ["3.64.0.9"],
    "api.example.com": ["3.64.0.9"],
  };
  cloud = {
    ...store.cloud,
    configuration: { ...store.cloud.configuration, scope: [], local: false, inventory: [REGION] },
  };
});
afterEach(async () => {
  doors.close();
  // The next test's account owns nothing yet.
  const long = "2000-01-01T00:00:00.000Z";
  for await (const { pk, sk } of store.cloud.table.query("OWNED", ""))
    await store.cloud.table.set({ pk, sk }, { seenAt: long, since: long, gone: true });
});

/** As EC2 lists them (`lib/cloud/addresses.ts`): a database's, and the nodes of the balancer. */
const addresses = [
  { address: "18.130.7.7", resource: "eni-rds", sharedWith: null },
  ...["18.130.0.1", "18.130.0.2"].map((address, n) => ({
    address,
    resource: `eni-${n}`,
    sharedWith: "a load balancer (ELB app/web/50dc6c495c0c9188)",
  })),
];

const take = (now = START, regions = [REGION]) =>
  takeInventory(cloud, {
    account: "111122223333",
    seenBy: randomUUID(),
    sources: new Map([[REGION, async () => addresses]]),
    names: nameSources(regions, (region) => asker(region, { pause: async () => undefined })),
    now: () => now,
  });
const ask = (targets: string[], { now = later(1000), ports = "443", ...more } = {}) =>
  dispatch(cloud, parseRequest({ targets, ports, ...more }), {
    now: () => now,
    randomId: randomUUID,
    lookup,
  });
/** `address name` of everything that is planned. */
async function planned(targets: string[], options = {}): Promise<string[]> {
  const { scanId } = await ask(targets, options);
  const index = indexPlan(await loadPlan(cloud, scanId));
  const seen = new Set<string>();
  for (let n = 0; n < index.batches; n++) {
    const batch = index.batchAt(n);
    for (let i = 0; i < batch.size; i++) {
      const { host, hostname } = batch.endpointAt(i);
      seen.add(`${host} ${hostname}`);
    }
  }
  return [...seen].sort();
}

describe("a round", () => {
  test("writes the names that each service lists, in one spelling, and no wildcard", async () => {
    expect(await take()).toEqual({
      addresses: { [REGION]: 3 },
      names: {
        "load balancers in eu-central-1": 1,
        "APIs in eu-central-1": 2,
        "CloudFront distributions": 3,
      },
      gone: 0,
    });
    const names: string[] = [];
    for await (const { name } of cloud.table.query("OWNED", "NAME#")) names.push(String(name));
    expect(names.sort()).toEqual(
      [API, BALANCER, "api.example.com", homeOf("E1"), "shop.example.com", "www.example.com"].sort(),
    );
  });

  test("says which service did not answer, and keeps the others", async () => {
    await take();
    doors.balancers = [];
    doors.errors = [{ status: 200, body: "<DescribeLoadBalancersResponse/>" }];
    await expect(take(later(FRESH_MS))).rejects.toThrow(
      /no inventory of load balancers in eu-central-1 \(.*otherwise than expected/,
    );
    const now = later(FRESH_MS + 1);
    expect(await planned([API], { now })).toHaveLength(1);
    await expect(ask([BALANCER], { now })).rejects.toThrow(ScopeError);
  });

  test("marks a name as gone whose resource was deleted, and a service that is not asked any more", async () => {
    await take();
    doors.distributions = [];
    expect(await take(later(1000))).toMatchObject({ gone: 3 });
    expect(await take(later(2000), [])).toMatchObject({ gone: 3 });
  });
});

describe("a request for a name of the account's", () => {
  test("is accepted for all that it leads to, under that name alone", async () => {
    await take();
    expect(await planned([BALANCER, `${API}.`])).toEqual([
      `18.130.0.1 ${BALANCER}`,
      `18.130.0.2 ${BALANCER}`,
      `3.64.0.1 ${API}`,
    ]);
  });

  test("an alias, while it leads where its distribution's own name does", async () => {
    await take();
    expect(await planned(["WWW.example.com", "api.example.com"])).toEqual([
      "13.32.0.1 www.example.com",
      "13.32.0.2 www.example.com",
      "3.64.0.9 api.example.com",
    ]);
  });

  test("a database's, which leads to an interface of the account's, is accepted for its address", async () => {
    await take();
    zone["db.abc.eu-central-1.rds.amazonaws.com"] = ["18.130.7.7"];
    expect(await planned(["db.abc.eu-central-1.rds.amazonaws.com"])).toHaveLength(1);
  });

  test.each([
    [
      "elsewhere",
      ["8.8.8.8"],
      /8\.8\.8\.8 is not in scope: www\.example\.com is a name of this account's CloudFront distribution E1, but leads elsewhere than e1\.cloudfront\.net now/,
    ],
    ["elsewhere, too", ["13.32.0.1", "8.8.8.8"], /8\.8\.8\.8 is not in scope/],
    ["the metadata service", ["169.254.169.254"], /never scanned: link-local/],
    ["loopback", ["127.0.0.1"], /loopback/],
    ["a private network", ["10.0.0.1"], /10\.0\.0\.1 is not in scope/],
  ])("an alias that leads %s is refused", async (_, addresses, why) => {
    await take();
    zone["www.example.com"] = addresses;
    await expect(ask(["www.example.com"])).rejects.toThrow(ScopeError);
    await expect(ask(["www.example.com"])).rejects.toThrow(why);
  });

  test.each([["169.254.169.254"], ["127.0.0.1"], ["224.0.0.1"], ["fd00:ec2::254"]])(
    "what is never touched is not touched under it either: %s",
    async (address) => {
      await take();
      zone[BALANCER] = [address];
      await expect(ask([BALANCER])).rejects.toThrow(ScopeError);
    },
  );

  test("of what it leads to elsewhere the rest is scanned, where that is asked for", async () => {
    await take();
    zone["www.example.com"] = ["13.32.0.1", "8.8.8.8"];
    expect(await planned(["www.example.com"], { skipOutOfScope: true })).toEqual([
      "13.32.0.1 www.example.com",
    ]);
  });

  test("an address behind it is not in scope by itself, nor under a stranger's name", async () => {
    await take();
    zone["stranger.example.net"] = ["13.32.0.1"];
    for (const target of ["13.32.0.1", "18.130.0.1", "stranger.example.net"])
      await expect(ask([target])).rejects.toThrow(ScopeError);
  });

  test("any name that leads to a balancer of the account's is that balancer's, where its own name leads there, too", async () => {
    await take();
    zone["shop.example.org"] = ["18.130.0.1", "18.130.0.2"];
    expect(await planned(["shop.example.org"])).toEqual([
      "18.130.0.1 shop.example.org",
      "18.130.0.2 shop.example.org",
    ]);
    zone["shop.example.org"] = ["18.130.0.1", "8.8.8.8"];
    await expect(ask(["shop.example.org"])).rejects.toThrow(/8\.8\.8\.8 is not in scope\. /);
    zone["shop.example.org"] = ["18.130.0.1"];
    zone[BALANCER] = ["18.130.0.2"];
    await expect(ask(["shop.example.org"])).rejects.toThrow(
      /18\.130\.0\.1 is not in scope: it is the address of a load balancer/,
    );
  });

  test.each(["below.www.example.com", "any.example.com", `x.${BALANCER}`, "example.com"])(
    "covers that name alone, not %s",
    async (name) => {
      await take();
      zone[name] = ["13.32.0.1"];
      await expect(ask([name])).rejects.toThrow(ScopeError);
    },
  );

  test("is refused when the resource is gone, and when the inventory has grown old", async () => {
    await take();
    await expect(ask([BALANCER], { now: later(FRESH_MS + 1000) })).rejects.toThrow(ScopeError);
    doors.balancers = [];
    await take(later(2000));
    await expect(ask([BALANCER], { now: later(3000) })).rejects.toThrow(/18\.130\.0\.1 is not in scope/);
  });

  test("an answer that changes between two questions is asked for once", async () => {
    await take();
    let turn = 0;
    const turning: Lookup = async () => [`13.32.1.${turn++}`];
    const asked = dispatch(cloud, parseRequest({ targets: [homeOf("E1")], ports: "443" }), {
      now: () => later(1000),
      randomId: randomUUID,
      lookup: turning,
    });
    expect(await asked).toMatchObject({ planned: 1 });
  });
});

describe("when a batch begins", () => {
  const endpoint = (host: string, hostname: string | null, port = 443, transport: "tcp" | "udp" = "tcp") => ({
    ...{ host, hostname, port, transport },
  });
  /** What the gate says, so long after the dispatch. */
  async function lets(one: ReturnType<typeof endpoint>, ms = 2000): Promise<boolean> {
    const plan = { ...(await planOf()), startedAt: START.toISOString() };
    return gate(plan, [], fullOwnership(cloud, plan, { now: () => later(ms), lookup }))(one);
  }
  let planId: string;
  const planOf = () => loadPlan(cloud, planId);
  beforeEach(async () => {
    await take();
    planId = (await ask([BALANCER, "www.example.com"])).scanId;
  });

  test.each([
    [BALANCER, "18.130.0.1", 443, "tcp", true],
    [BALANCER, "18.130.0.1", 8443, "tcp", true],
    [BALANCER, "18.130.0.1", 80, "tcp", false],
    [BALANCER, "18.130.0.1", 443, "udp", false],
    ["www.example.com", "13.32.0.1", 80, "tcp", true],
    ["www.example.com", "13.32.0.1", 443, "udp", true],
    ["www.example.com", "13.32.0.1", 22, "tcp", false],
    [API, "3.64.0.1", 443, "tcp", true],
    [API, "3.64.0.1", 80, "tcp", false],
  ] as const)("%s answers at %s on %i/%s: %s", async (name, host, port, transport, touched) => {
    expect(await lets(endpoint(host, name, port, transport))).toBe(touched);
  });

  test("a database's address is the account's at every port", async () => {
    expect(await lets(endpoint("18.130.7.7", null, 5432))).toBe(true);
  });

  test("an address is not let through without its name, nor under another", async () => {
    expect(await lets(endpoint("18.130.0.1", null))).toBe(false);
    expect(await lets(endpoint("18.130.0.1", "stranger.example.net"))).toBe(false);
    expect(await lets(endpoint("169.254.169.254", BALANCER))).toBe(false);
    expect(await lets(endpoint("127.0.0.1", BALANCER))).toBe(false);
  });

  test("an address that a forged plan names under a name of the account's is left alone, however young the plan", async () => {
    expect(await lets(endpoint("8.8.8.8", BALANCER))).toBe(false);
    expect(await lets(endpoint("13.32.0.1", BALANCER))).toBe(false);
  });

  test("an answer that changes within minutes of the dispatch does not matter: the dispatcher's look counts", async () => {
    zone[BALANCER] = ["18.130.0.9"];
    expect(await lets(endpoint("18.130.0.1", BALANCER))).toBe(true);
  });

  test("a name that led to a balancer is let through at its ports, while the balancer is there and the name leads to it", async () => {
    zone["shop.example.org"] = ["18.130.0.1"];
    planId = (await ask(["shop.example.org"])).scanId;
    const shop = (port = 443) => endpoint("18.130.0.1", "shop.example.org", port);
    expect([await lets(shop()), await lets(shop(8443)), await lets(shop(80))]).toEqual([true, true, false]);
    expect(await lets(endpoint("18.130.0.2", "shop.example.org"))).toBe(false);
    await take(later(29 * MINUTE));
    expect(await lets(shop(), 30 * MINUTE)).toBe(true);
    zone["shop.example.org"] = ["8.8.8.8"];
    expect(await lets(shop(), 30 * MINUTE)).toBe(false);
    doors.balancers = [];
    await take(later(31 * MINUTE));
    zone["shop.example.org"] = ["18.130.0.1"];
    expect(await lets(shop(), 32 * MINUTE)).toBe(false);
  });

  test("a name whose resource was deleted since is left alone", async () => {
    doors.balancers = [];
    await take(later(1000));
    expect(await lets(endpoint("18.130.0.1", BALANCER))).toBe(false);
    expect(await lets(endpoint("13.32.0.1", "www.example.com"))).toBe(true);
  });

  test("when nobody has taken the inventory since, nobody knows: the batch comes again", async () => {
    await expect(lets(endpoint("18.130.0.1", BALANCER), FRESH_MS + 1)).rejects.toThrow(
      /was this account's at 2026-01-01T00:00:00.000Z, and no inventory was taken since/,
    );
  });

  describe("and that is long after the dispatch", () => {
    const LONG = 30 * MINUTE;
    beforeEach(() => take(later(LONG - MINUTE)));

    test("a name that leads there still is let through", async () => {
      expect(await lets(endpoint("18.130.0.1", BALANCER), LONG)).toBe(true);
      expect(await lets(endpoint("13.32.0.1", "www.example.com"), LONG)).toBe(true);
    });

    test.each([
      ["the alias leads elsewhere", "www.example.com", ["8.8.8.8"]],
      ["the alias leads nowhere", "www.example.com", []],
      ["the distribution's own name leads elsewhere", homeOf("E1"), ["13.32.0.9"]],
    ])("not when %s", async (_, name, addresses) => {
      zone[name] = addresses;
      expect(await lets(endpoint("13.32.0.1", "www.example.com"), LONG)).toBe(false);
    });

    test("an address that a forged plan names is let through under no name", async () => {
      expect(await lets(endpoint("8.8.8.8", BALANCER), LONG)).toBe(false);
    });

    test("a resolver that does not answer decides nothing", async () => {
      const broken: Lookup = async () => {
        throw Object.assign(new Error("later"), { code: "EAI_AGAIN" });
      };
      const ownership = inventoryOwnership(cloud, { now: () => later(LONG), lookup: broken });
      await expect(ownership.owns(parseAddress("18.130.0.1")!, BALANCER)).rejects.toThrow("does not answer");
    });
  });

  test("a domain that two regions serve is let through where either of its homes leads", async () => {
    doors.domains = [
      { domainName: "api.example.com", regionalDomainName: "d-1.execute-api.eu-central-1.amazonaws.com" },
      { domainName: "api.example.com", regionalDomainName: "d-2.execute-api.eu-central-1.amazonaws.com" },
    ];
    zone["d-2.execute-api.eu-central-1.amazonaws.com"] = ["52.0.0.1"];
    zone["api.example.com"] = ["3.64.0.9", "52.0.0.1"];
    await take(later(1000));
    expect(await planned(["api.example.com"])).toHaveLength(2);
    await take(later(20 * MINUTE));
    expect(await lets(endpoint("52.0.0.1", "api.example.com"), 21 * MINUTE)).toBe(true);
  });

  test("what the scope allows anyway is not held to the resource's ports", async () => {
    cloud = { ...cloud, configuration: { ...cloud.configuration, scope: ["18.130.0.0/16"] } };
    const plan = { ...(await planOf()), scope: ["18.130.0.0/16"], startedAt: START.toISOString() };
    const lets = gate(plan, [], fullOwnership(cloud, plan, { now: () => later(2000), lookup }));
    expect(await lets(endpoint("18.130.0.1", BALANCER, 22))).toBe(true);
  });
});
