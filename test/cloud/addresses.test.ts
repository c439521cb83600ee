import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addressSource } from "../../lib/cloud/addresses.ts";
import { ACCOUNT, type Ec2, type Interface, startEc2, useEc2 } from "./ec2.ts";

// What EC2 lists, over HTTP in its own protocol, and what of it is the account's alone.

let ec2: Ec2;
beforeEach(async () => {
  ec2 = await startEc2();
  useEc2(ec2);
});
afterEach(() => ec2.close());

const REGION = "eu-central-1";
const listed = () => addressSource(REGION, ACCOUNT)();
async function only(one: Omit<Interface, "id">) {
  ec2.region(REGION).interfaces = [{ id: "eni-1", ...one }];
  const found = await listed();
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe("the account's alone", () => {
  test.each<[string, Omit<Interface, "id">]>([
    ["an instance's automatic address", { publicIp: "18.130.0.1" }],
    ["an instance's Elastic IP", { publicIp: "18.130.0.1", ipOwner: ACCOUNT }],
    ["a further address of an interface", { secondary: ["18.130.0.1"], ipOwner: ACCOUNT }],
    ["an interface for fast networking", { publicIp: "18.130.0.1", type: "efa" }],
    ["a database that RDS keeps", { publicIp: "18.130.0.1", ipOwner: "amazon-rds", requester: "amazon-rds" }],
    [
      "a NAT gateway",
      { publicIp: "18.130.0.1", ipOwner: ACCOUNT, type: "nat_gateway", requester: "amazon-aws" },
    ],
  ])("%s", async (_, one) => {
    expect(await only(one)).toEqual({ address: "18.130.0.1", resource: "eni-1", sharedWith: null });
  });

  test("an IPv6 address of an interface, if the world can reach it", async () => {
    const ipv6 = ["2600:1f18:22::8", "fd12:3456::1", "fe80::1"];
    expect(await only({ ipv6 })).toMatchObject({ address: "2600:1f18:22::8", sharedWith: null });
  });

  test("an Elastic IP that is free", async () => {
    ec2.region(REGION).elasticIps = [{ publicIp: "18.130.0.7", allocation: "eipalloc-7" }];
    expect(await listed()).toEqual([{ address: "18.130.0.7", resource: "eipalloc-7", sharedWith: null }]);
  });
});

describe("not the account's alone, and it is said whose, too", () => {
  const publicIp = "18.130.0.1";
  test.each<[string, Omit<Interface, "id">, RegExp]>([
    [
      "an application load balancer",
      {
        publicIp,
        ipOwner: "amazon-elb",
        requester: "amazon-elb",
        description: "ELB app/web/50dc6c495c0c9188",
      },
      /^a load balancer \(ELB app\/web\/50dc6c495c0c9188\)$/,
    ],
    ["a classic one, known by its description", { publicIp, description: "ELB old" }, /^a load balancer/],
    ["one known by who owns its address", { publicIp, ipOwner: "amazon-elb" }, /^a load balancer/],
    [
      "a network load balancer on the account's own Elastic IP",
      { publicIp, ipOwner: ACCOUNT, type: "network_load_balancer" },
      /^a load balancer \(network_load_balancer\)$/,
    ],
    [
      "a load balancer's IPv6 address",
      { ipv6: ["2600:1f18::1"], requester: "amazon-elb" },
      /^a load balancer/,
    ],
    ["an interface of a participant of a shared VPC", { publicIp, owner: "999988887777" }, /999988887777/],
    ["an address of another account", { publicIp, ipOwner: "999988887777" }, /account 999988887777/],
    ["an accelerator", { publicIp, type: "global_accelerator_managed" }, /AWS service \(global_accelerator/],
    [
      "a kind that came after this was written",
      { publicIp, type: "teleporter_managed" },
      /AWS service \(teleporter/,
    ],
  ])("%s", async (_, one, who) => {
    expect((await only(one)).sharedWith).toMatch(who);
  });

  test.each([
    ["another account's interface", { networkInterface: "eni-9", networkInterfaceOwner: "999988887777" }],
    ["a service", { managed: "alb" }],
  ])("an Elastic IP that leads to %s", async (_, leadsTo) => {
    ec2.region(REGION).elasticIps = [{ publicIp, allocation: "eipalloc-1", ...leadsTo }];
    const [found] = await listed();
    expect(found?.sharedWith).toMatch(
      /an interface that is not this account's \(eni-9\)|AWS service \(alb\)/,
    );
  });

  test("an Elastic IP on a load balancer is the balancer's, although it is listed as an Elastic IP, too", async () => {
    ec2.region(REGION).elasticIps = [{ publicIp, allocation: "eipalloc-1", networkInterface: "eni-1" }];
    expect(await only({ publicIp, ipOwner: ACCOUNT, type: "network_load_balancer" })).toMatchObject({
      resource: "eni-1",
      sharedWith: expect.stringContaining("load balancer"),
    });
  });
});

describe("asking", () => {
  test("goes on to the last page", async () => {
    const interfaces = Array.from({ length: 7 }, (_, n) => ({ id: `eni-${n}`, publicIp: `18.130.1.${n}` }));
    ec2.region(REGION).interfaces = interfaces;
    expect((await listed()).map(({ resource }) => resource)).toEqual(interfaces.map(({ id }) => id));
    expect(ec2.answered.filter((line) => line.includes("NetworkInterfaces"))).toHaveLength(4);
  });

  test("again when EC2 throttles or fails for a moment", async () => {
    ec2.region(REGION).interfaces = [{ id: "eni-1", publicIp: "18.130.0.1" }];
    ec2.region(REGION).errors = [
      { status: 503, code: "RequestLimitExceeded" },
      { status: 500, code: "InternalError" },
    ];
    expect(await listed()).toHaveLength(1);
  });

  test("not again where it may not: the answer's code is told", async () => {
    ec2.region(REGION).errors = [{ status: 403, code: "UnauthorizedOperation" }];
    await expect(listed()).rejects.toMatchObject({ name: "UnauthorizedOperation" });
    expect(ec2.asked).toBe(1);
  });

  test("a page that fails leaves no half list behind", async () => {
    ec2.region(REGION).interfaces = Array.from({ length: 5 }, (_, n) => ({
      id: `eni-${n}`,
      publicIp: `18.130.1.${n}`,
    }));
    const reading = addressSource(REGION, ACCOUNT);
    const { errors } = ec2.region(REGION);
    // After the Elastic IPs and the first page.
    const shift = errors.shift.bind(errors);
    let requests = 0;
    errors.shift = () => (++requests === 3 ? { status: 400, code: "InvalidNextToken" } : shift());
    await expect(reading()).rejects.toMatchObject({ name: "InvalidNextToken" });
  });
});
