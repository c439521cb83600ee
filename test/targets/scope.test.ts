import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../lib/model/errors.ts";
import { type Address, formatRange, parseAddress } from "../../lib/targets/address.ts";
import { parseTarget } from "../../lib/targets/parse.ts";
import { inRanges } from "../../lib/targets/ranges.ts";
import { checkAddress, checkSpace, scopeFrom } from "../../lib/targets/scope.ts";
import { addressSpace } from "../../lib/targets/space.ts";

const wideOpen = scopeFrom(["0.0.0.0/0", "::/0", "example.com"], { allowLoopback: false });
/** The reason as a scan would meet it: the target's text is parsed, its first address checked. */
const reasonFor = (scope: typeof wideOpen, text: string, hostname?: string) => {
  const target = parseTarget(text);
  if (target.kind === "name") throw new Error(`${text} is a name`);
  const { family, first } = target.ranges[0]!;
  return checkAddress(scope, { family, value: first }, { hostname });
};

describe("the never list holds although the scope is the whole world", () => {
  it.each([
    ["0.0.0.0", "this host"],
    ["0", "this host"],
    ["0x0", "this host"],
    ["0.1.2.3", "this host"],
    ["127.0.0.1", "loopback"],
    ["127.1", "loopback"],
    ["0177.1", "loopback"],
    ["0177.0.0.1", "loopback"],
    ["0x7f.0x0.0x0.0x1", "loopback"],
    ["0x7f000001", "loopback"],
    ["2130706433", "loopback"],
    ["017700000001", "loopback"],
    ["127.255.255.254", "loopback"],
    ["127.0.0.1.", "loopback"],
    ["１２７.０.０.１", "loopback"],
    ["127。0。0。1", "loopback"],
    ["①②⑦.0.0.1", "loopback"],
    ["::1", "loopback"],
    ["0:0:0:0:0:0:0:1", "loopback"],
    ["[::1]", "loopback"],
    ["[::1]:80", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["0:0:0:0:0:ffff:7f00:1", "loopback"],
    ["::127.0.0.1", "loopback"],
    ["::7f00:1", "loopback"],
    ["::ffff:0:127.0.0.1", "loopback"],
    ["64:ff9b::127.0.0.1", "loopback"],
    ["64:ff9b::7f00:1", "loopback"],
    ["2002:7f00:1::", "loopback"],
    ["2002:7f00:1::1", "loopback"],
    ["169.254.169.254", "metadata"],
    ["169.254.170.2", "metadata"],
    ["169.254.43518", "metadata"],
    ["0251.0376.0251.0376", "metadata"],
    ["0xa9fea9fe", "metadata"],
    ["2852039166", "metadata"],
    ["0xa9.254.0251.254", "metadata"],
    ["169.254.169.254:80", "metadata"],
    ["::ffff:169.254.169.254", "metadata"],
    ["::ffff:a9fe:a9fe", "metadata"],
    ["::169.254.169.254", "metadata"],
    ["64:ff9b::a9fe:a9fe", "metadata"],
    ["2002:a9fe:a9fe::", "metadata"],
    ["fd00:ec2::254", "metadata"],
    ["FD00:0EC2:0:0:0:0:0:0254", "metadata"],
    ["fd00:ec2:ffff::1", "metadata"],
    ["fe80::1", "link-local"],
    ["febf::1", "link-local"],
    ["224.0.0.1", "multicast"],
    ["239.255.255.255", "multicast"],
    ["ff02::1", "multicast"],
    ["255.255.255.255", "broadcast"],
    ["0xffffffff", "broadcast"],
    ["4294967295", "broadcast"],
    ["240.0.0.1", "reserved"],
    ["192.0.2.1", "documentation"],
    ["198.51.100.7", "documentation"],
    ["203.0.113.255", "documentation"],
    ["2001:db8::1", "documentation"],
    ["3fff::1", "documentation"],
    ["3fff:fff:ffff::1", "documentation"],
    ["2002:c000:201::1", "documentation"],
    ["::", "unspecified"],
    ["0::0", "unspecified"],
  ])("%s is refused as %s, by itself and under a name in scope", (text, reason) => {
    expect(reasonFor(wideOpen, text)).toContain(reason);
    expect(reasonFor(wideOpen, text, "www.example.com")).toContain(reason);
  });

  it.each([
    "1.1.1.1",
    "10.0.0.1",
    "100.64.0.1",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "192.0.3.0",
    "223.255.255.255",
    "2001:db7::1",
    "2001:db9::1",
    "3fff:1000::1",
    "fd00:ec1::254",
    "fd00:ec3::254",
    "fec0::1",
    "2002:a00:1::1",
    "64:ff9b::a00:1",
  ])("%s beside it is not", (text) => {
    expect(reasonFor(wideOpen, text)).toBeNull();
  });
});

describe("scope", () => {
  const scope = scopeFrom(
    ["10.0.0.0/8", "192.168.1.5", "172.16.0.10-20", "2001:470::/32", "example.com", "*.lab.internal"],
    {
      allowLoopback: false,
    },
  );

  it("denies by default", () => {
    const nothing = scopeFrom([], { allowLoopback: false });
    for (const text of ["10.0.0.1", "1.1.1.1", "2600::1"])
      expect(reasonFor(nothing, text)).toBe("not in scope");
  });

  it("allows what lies in its addresses, CIDRs and ranges, in every spelling, and nothing beside them", () => {
    for (const text of [
      "10.255.0.1",
      "0xa000001",
      "012.1",
      "192.168.1.5",
      "172.16.0.20",
      "2001:470::1",
      "::ffff:10.0.0.1",
    ])
      expect(reasonFor(scope, text)).toBeNull();
    for (const text of [
      "11.0.0.0",
      "9.255.255.255",
      "192.168.1.6",
      "172.16.0.21",
      "2001:471::",
      "::ffff:11.0.0.1",
    ])
      expect(reasonFor(scope, text)).toBe("not in scope");
  });

  it("asks for both addresses where one is inside the other", () => {
    expect(reasonFor(scope, "64:ff9b::10.0.0.1")).toBe("not in scope");
    const six = scopeFrom(["::/0"], { allowLoopback: false });
    expect(reasonFor(six, "64:ff9b::10.0.0.1")).toBe("not in scope (the NAT64 address inside)");
    expect(reasonFor(six, "::ffff:10.0.0.1")).toBe("not in scope");
    const both = scopeFrom(["64:ff9b::/96", "10.0.0.0/8"], { allowLoopback: false });
    expect(reasonFor(both, "64:ff9b::10.0.0.1")).toBeNull();
    expect(reasonFor(both, "64:ff9b::11.0.0.1")).toBe("not in scope (the NAT64 address inside)");
  });

  it.each([
    ["example.com", true],
    ["www.example.com", true],
    ["a.b.EXAMPLE.com.", true],
    ["host.lab.internal", true],
    ["lab.internal", false],
    ["badexample.com", false],
    ["example.com.evil.test", false],
    ["example.org", false],
    ["com", false],
    ["", false],
  ])("covers the name %s: %s", (hostname, covered) => {
    const reason = checkAddress(scope, parseAddress("8.8.8.8")!, { hostname });
    expect(reason).toBe(covered ? null : "not in scope");
  });

  it("lets loopback pass only where that is allowed, and then without an entry", () => {
    const local = scopeFrom([], { allowLoopback: true });
    for (const text of ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"]) {
      expect(reasonFor(local, text)).toBeNull();
      expect(reasonFor(scopeFrom([text], { allowLoopback: false }), text)).toContain("loopback");
    }
    expect(reasonFor(local, "64:ff9b::127.0.0.1")).toBe("not in scope");
    expect(reasonFor(local, "10.0.0.1")).toBe("not in scope");
  });

  it.each(["10.0.0.0/33", "*.", "*.exa_mple", "example.com:80", "http://example.com", "", "*.*.example"])(
    "refuses the entry %j",
    (entry) => {
      expect(() => scopeFrom([entry], { allowLoopback: false })).toThrow(InputError);
    },
  );
});

describe("checkSpace", () => {
  const space = (...texts: string[]) =>
    addressSpace(
      texts.flatMap((text) => {
        const target = parseTarget(text);
        return target.kind === "addresses" ? target.ranges : [];
      }),
    );
  const refused = (scope: typeof wideOpen, ...texts: string[]) =>
    checkSpace(scope, space(...texts)).map(({ range, reason }) => `${formatRange(range)} ${reason}`);

  it("names the parts of a straddling range that are refused", () => {
    const scope = scopeFrom(["10.0.0.0/24"], { allowLoopback: false });
    expect(refused(scope, "10.0.0.250-10.0.1.5")).toEqual(["10.0.1.0-10.0.1.5 not in scope"]);
    expect(refused(scope, "10.0.0.0/24")).toEqual([]);
    expect(refused(scope, "9.0.0.0/8", "10.0.0.7")).toEqual(["9.0.0.0/8 not in scope"]);
  });

  it("finds the metadata service in the middle of all addresses", () => {
    const found = refused(wideOpen, "0.0.0.0/0");
    expect(found).toContain("169.254.0.0/16 link-local, with the instance metadata service (RFC 3927)");
    expect(found.at(-1)).toContain("255.255.255.255 limited broadcast");
  });

  it("sees through the prefixes that embed IPv4, without a look at single addresses", () => {
    const found = refused(wideOpen, "2002:a9fe:a9fe::/112", "64:ff9b::7f00:0-64:ff9b::8000:0", "2600::/112");
    expect(found).toEqual([
      expect.stringContaining("64:ff9b::7f00:0/104 loopback"),
      expect.stringContaining("2002:a9fe:a9fe::/112 link-local"),
    ]);
  });

  it("agrees with checkAddress on every address", () => {
    const scopes = [
      wideOpen,
      scopeFrom([], { allowLoopback: true }),
      scopeFrom(["10.0.0.0/8", "64:ff9b::/96", "2002::/16", "::/96"], { allowLoopback: true }),
      scopeFrom(["::/0"], { allowLoopback: false }),
    ];
    const seeds = [
      "0.0.0.0",
      "10.0.0.0",
      "126.255.255.250",
      "127.0.0.0",
      "169.253.255.250",
      "192.0.1.250",
      "223.255.255.250",
      "239.255.255.250",
      "255.255.255.240",
      "::",
      "::ffff:126.255.255.250",
      "::7eff:fffa",
      "64:ff9b::9fff:fff0",
      "64:ff9b::7eff:fffa",
      "2002:7eff:ffff:ffff:ffff:ffff:ffff:fff0",
      "2002:a9fd:ffff:ffff:ffff:ffff:ffff:fff0",
      "fd00:ec1:ffff:ffff:ffff:ffff:ffff:fff0",
      "febf:ffff:ffff:ffff:ffff:ffff:ffff:fff0",
      "2001:db7:ffff:ffff:ffff:ffff:ffff:fff0",
      "::ffff:0:7eff:fffa",
      "2600::",
    ].map((text) => parseAddress(text)!);
    fc.assert(
      fc.property(
        fc.constantFrom(...scopes),
        fc.constantFrom(...seeds),
        fc.integer({ min: 0, max: 15 }),
        fc.integer({ min: 0, max: 15 }),
        (scope, seed, from, length) => {
          const first = seed.value + BigInt(from);
          const max = seed.family === 4 ? 2n ** 32n - 1n : 2n ** 128n - 1n;
          const end = first + BigInt(length);
          const last = end > max ? max : end;
          if (first > last) return;
          const parts = checkSpace(scope, { ranges: [{ family: seed.family, first, last }] });
          for (let value = first; value <= last; value++) {
            const address: Address = { family: seed.family, value };
            const mapped = seed.family === 6 && value >> 32n === 0xffffn;
            const plain: Address = mapped ? { family: 4, value: value & 0xffffffffn } : address;
            const part = parts.find(({ range }) => inRanges([range], plain));
            expect(part?.reason ?? null).toBe(checkAddress(scope, address));
          }
        },
      ),
      { numRuns: 600 },
    );
  });
});
