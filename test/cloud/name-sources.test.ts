import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AccountName } from "../../lib/cloud/account-names.ts";
import { asker } from "../../lib/cloud/ask.ts";
import { nameSources } from "../../lib/cloud/name-sources.ts";
import { arnOf, type FrontDoors, homeOf, startFrontDoors } from "./front-doors.ts";

// What each service lists, over HTTP in its own protocol and signed, and which names of it are doors of the account's.

const REGION = "eu-central-1";
let doors: FrontDoors;
beforeEach(async () => {
  doors = await startFrontDoors();
});
afterEach(() => doors.close());

const pauses: number[] = [];
const source = (place: string, regions = [REGION]) => {
  const found = nameSources(regions, (region) =>
    asker(region, { pause: async (ms) => void pauses.push(ms) }),
  ).get(place);
  if (!found) throw new Error(`nobody tells the ${place}`);
  return found();
};
const BALANCERS = `load balancers in ${REGION}`;
const APIS = `APIs in ${REGION}`;
const DISTRIBUTIONS = "CloudFront distributions";
const brief = (names: AccountName[]) => names.map(({ name, home, ports }) => [name, home, ports]);

describe("load balancers", () => {
  test("of all kinds, at their listeners' ports", async () => {
    doors.balancers = [
      {
        name: "web",
        dns: "web-1.eu-central-1.elb.amazonaws.com",
        listeners: [
          { port: 80, protocol: "HTTP" },
          { port: 443, protocol: "HTTPS" },
          { port: 8443, protocol: "HTTPS" },
        ],
      },
      {
        name: "dns",
        dns: "dns-2.elb.eu-central-1.amazonaws.com",
        listeners: [
          { port: 53, protocol: "TCP_UDP" },
          { port: 853, protocol: "TLS" },
          { port: 514, protocol: "UDP" },
        ],
      },
      { name: "idle", dns: "idle-3.eu-central-1.elb.amazonaws.com" },
    ];
    doors.classic = [
      {
        name: "old",
        dns: "old-4.eu-central-1.elb.amazonaws.com",
        listeners: [{ port: 25, protocol: "TCP" }],
      },
    ];
    expect(await source(BALANCERS)).toEqual([
      {
        name: "web-1.eu-central-1.elb.amazonaws.com",
        home: "web-1.eu-central-1.elb.amazonaws.com",
        resource: arnOf("web"),
        kind: "load balancer",
        ports: "T:80,T:443,T:8443",
      },
      expect.objectContaining({ resource: arnOf("dns"), ports: "T:53,U:53,T:853,U:514" }),
      expect.objectContaining({ resource: arnOf("idle"), ports: "" }),
      expect.objectContaining({ resource: "old", kind: "classic load balancer", ports: "T:25" }),
    ]);
    // Two pages of balancers, two of listeners.
    expect(doors.answered.filter((line) => line.includes("DescribeLoadBalancers 2015"))).toHaveLength(2);
    expect(doors.answered).toContain("elasticloadbalancing eu-central-1 DescribeListeners 2015-12-01 2");
  });

  test("not the internal ones, of neither version", async () => {
    const internal = { name: "in", dns: "internal-in-1.eu-central-1.elb.amazonaws.com", scheme: "internal" };
    doors.balancers = [internal];
    doors.classic = [internal];
    expect(await source(BALANCERS)).toEqual([]);
  });

  test("none at all", async () => {
    expect(await source(BALANCERS)).toEqual([]);
  });

  test("one that is deleted while the list is read has no ports", async () => {
    doors.balancers = [{ name: "web", dns: "web-1.eu-central-1.elb.amazonaws.com" }];
    const { push } = doors.answered;
    doors.answered.push = function (this: string[], ...lines) {
      doors.balancers = [];
      return push.apply(this, lines);
    };
    expect(await source(BALANCERS)).toMatchObject([{ ports: "" }]);
  });
});

describe("CloudFront distributions", () => {
  test("by their own name and their aliases, at the web's ports; disabled ones not at all", async () => {
    doors.distributions = [
      { id: "E1", aliases: ["www.example.com", "*.example.com"] },
      { id: "E2", aliases: ["off.example.com"], enabled: false },
      { id: "E3" },
    ];
    const ports = "T:80,T:443,U:443";
    expect(brief(await source(DISTRIBUTIONS))).toEqual([
      [homeOf("E1"), homeOf("E1"), ports],
      ["www.example.com", homeOf("E1"), ports],
      ["*.example.com", homeOf("E1"), ports],
      [homeOf("E3"), homeOf("E3"), ports],
    ]);
    // Signed for where CloudFront is, whatever the region.
    expect(doors.answered).toEqual([
      "cloudfront us-east-1 distributions",
      "cloudfront us-east-1 distributions",
    ]);
  });

  test("are not asked for where there are none: China and GovCloud", () => {
    const places = (region: string) => [...nameSources([region], asker).keys()];
    expect(places("cn-north-1")).not.toContain(DISTRIBUTIONS);
    expect(places("us-gov-west-1")).not.toContain(DISTRIBUTIONS);
    expect(places("us-east-1")).toContain(DISTRIBUTIONS);
  });
});

describe("APIs", () => {
  test("by the names that they have from the start, where those are not turned off, and by custom domains", async () => {
    doors.domains = [
      {
        domainName: "api.example.com",
        regionalDomainName: "d-1.execute-api.eu-central-1.amazonaws.com",
        endpointConfiguration: { types: ["REGIONAL"] },
        domainNameStatus: "AVAILABLE",
      },
      {
        domainName: "edge.example.com",
        distributionDomainName: "d9.cloudfront.net",
        endpointConfiguration: { types: ["EDGE"] },
      },
      {
        domainName: "in.example.com",
        regionalDomainName: "d-2.x",
        endpointConfiguration: { types: ["PRIVATE"] },
      },
    ];
    doors.restApis = [
      { id: "a1", endpointConfiguration: { types: ["REGIONAL"] }, disableExecuteApiEndpoint: false },
      { id: "a2", endpointConfiguration: { types: ["PRIVATE"] } },
      { id: "a3", disableExecuteApiEndpoint: true },
    ];
    doors.httpApis = [
      { apiId: "h1", apiEndpoint: "https://h1.execute-api.eu-central-1.amazonaws.com" },
      { apiId: "w1", apiEndpoint: "wss://w1.execute-api.eu-central-1.amazonaws.com" },
      { apiId: "h2", apiEndpoint: "https://h2.x", disableExecuteApiEndpoint: true },
    ];
    const own = (id: string) => {
      const name = `${id}.execute-api.eu-central-1.amazonaws.com`;
      return [name, name, "T:443"];
    };
    expect(brief(await source(APIS))).toEqual([
      ["api.example.com", "d-1.execute-api.eu-central-1.amazonaws.com", "T:443"],
      ["edge.example.com", "d9.cloudfront.net", "T:443"],
      own("a1"),
      own("h1"),
      own("w1"),
    ]);
    expect(doors.answered.filter((line) => line === `apigateway ${REGION} /v2/apis`)).toHaveLength(2);
  });

  test("none at all", async () => {
    expect(await source(APIS)).toEqual([]);
  });
});

describe("asking", () => {
  const xml = (code: string) => `<ErrorResponse><Error><Code>${code}</Code></Error></ErrorResponse>`;

  test("again when the service is busy or fails for a moment, later each time", async () => {
    pauses.length = 0;
    doors.distributions = [{ id: "E1" }];
    doors.errors = [
      { status: 400, body: xml("Throttling") },
      { status: 429, body: `{"message":"Too Many Requests"}` },
      { status: 503, body: "" },
    ];
    expect(await source(DISTRIBUTIONS)).toHaveLength(1);
    expect(pauses).toHaveLength(3);
    expect(pauses[2]).toBeGreaterThan(pauses[0]!);
  });

  test("six times at most", async () => {
    doors.errors = Array.from({ length: 9 }, () => ({ status: 503, body: xml("ServiceUnavailable") }));
    await expect(source(DISTRIBUTIONS)).rejects.toThrow("cloudfront says ServiceUnavailable");
    expect(doors.asked).toBe(6);
  });

  test.each([
    [xml("AccessDenied"), "AccessDenied"],
    [`{"message":"User is not authorized","__type":"AccessDeniedException"}`, "AccessDeniedException"],
    ["<html>", "HTTP 403"],
  ])("not again where it may not: the answer's code is told (%s)", async (body, code) => {
    doors.errors = [{ status: 403, body }];
    await expect(source(DISTRIBUTIONS)).rejects.toThrow(`cloudfront says ${code}`);
    expect(doors.asked).toBe(1);
  });

  test.each(["<html><body>Welcome</body></html>", "{}", "", "<a>", "<DistributionList/>"])(
    "what is no list is not taken for an empty one: %s",
    async (body) => {
      doors.errors = [{ status: 200, body }];
      await expect(source(DISTRIBUTIONS)).rejects.toThrow(/AWS answered/);
    },
  );

  test("a page that fails leaves no half list behind", async () => {
    doors.distributions = [{ id: "E1" }, { id: "E2" }, { id: "E3" }];
    const reading = source(DISTRIBUTIONS);
    const shift = doors.errors.shift.bind(doors.errors);
    let requests = 0;
    doors.errors.shift = () => (++requests === 2 ? { status: 400, body: xml("InvalidArgument") } : shift());
    await expect(reading).rejects.toThrow("cloudfront says InvalidArgument");
  });
});
