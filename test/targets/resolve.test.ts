import { describe, expect, it } from "vitest";
import { InputError } from "../../lib/model/errors.ts";
import { formatAddress } from "../../lib/targets/address.ts";
import { type Lookup, resolveName } from "../../lib/targets/resolve.ts";

const failure = (code: string) => Object.assign(new Error(code), { code });
const zone: Record<string, { 4?: string[]; 6?: string[] }> = {
  "both.example": { 4: ["10.0.0.2", "10.0.0.1", "10.0.0.1"], 6: ["2600::1"] },
  "six.example": { 6: ["2600::2", "fe80::1%eth0"] },
  "four.example": { 4: ["10.0.0.9"] },
};
const lookup: Lookup = async (name, family) => {
  const found = zone[name]?.[family];
  if (!found) throw failure("ENOTFOUND");
  return found;
};
const resolve = async (name: string, ipv6 = false) =>
  (await resolveName(name, { ipv6, lookup })).map(formatAddress);

describe("resolveName", () => {
  it("gives all IPv4 addresses, sorted and once", async () => {
    expect(await resolve("both.example")).toEqual(["10.0.0.1", "10.0.0.2"]);
  });

  it("gives IPv6 addresses when asked to", async () => {
    expect(await resolve("both.example", true)).toEqual(["2600::1"]);
  });

  it("falls back to the other family, and drops link-local answers", async () => {
    expect(await resolve("six.example")).toEqual(["2600::2"]);
    expect(await resolve("four.example", true)).toEqual(["10.0.0.9"]);
  });

  it("says which name it cannot resolve, and why", async () => {
    await expect(resolve("none.example")).rejects.toThrow(InputError);
    await expect(resolve("none.example")).rejects.toThrow('cannot resolve "none.example": it has no address');
    const broken: Lookup = async () => {
      throw failure("EAI_AGAIN");
    };
    await expect(resolveName("x.example", { lookup: broken })).rejects.toThrow(
      "the resolver does not answer",
    );
  });

  it("asks the system for localhost", async () => {
    const addresses = (await resolveName("localhost")).map(formatAddress);
    expect(["127.0.0.1", "::1"]).toEqual(expect.arrayContaining(addresses));
    expect(addresses.length).toBeGreaterThan(0);
  });
});
