import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Address,
  canonicalAddress,
  compareAddresses,
  formatAddress,
  formatRange,
  parseAddress,
  unwrap,
} from "../../lib/targets/address.ts";

const canonical = (text: string) => {
  const address = parseAddress(text);
  return address && formatAddress(address);
};
const anyAddress = fc.oneof(
  fc.bigInt(0n, 2n ** 32n - 1n).map((value): Address => ({ family: 4, value })),
  fc.bigInt(0n, 2n ** 128n - 1n).map((value): Address => ({ family: 6, value })),
);

describe("parseAddress", () => {
  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["0177.0.0.1", "127.0.0.1"],
    ["0177.1", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
    ["127.0.1", "127.0.0.1"],
    ["0x7f000001", "127.0.0.1"],
    ["0X7F.0X0.0.1", "127.0.0.1"],
    ["2130706433", "127.0.0.1"],
    ["017700000001", "127.0.0.1"],
    ["127.0.0.1.", "127.0.0.1"],
    ["0", "0.0.0.0"],
    ["10.258", "10.0.1.2"],
    ["1.2.3.", "1.2.0.3"],
    ["::1", "::1"],
    ["[::1]", "::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:DB8::A", "2001:db8::a"],
    ["::ffff:7f00:1", "::ffff:127.0.0.1"],
    ["::FFFF:127.0.0.1", "::ffff:127.0.0.1"],
    ["::127.0.0.1", "::7f00:1"],
    ["64:ff9b::169.254.169.254", "64:ff9b::a9fe:a9fe"],
    ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ])("reads %s as %s", (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it.each([
    "",
    "256.1.1.1",
    "1.2.3.4.5",
    "08.0.0.1",
    ".1.2.3",
    "4294967296",
    "1.2.65536",
    "1.16777216",
    "1.2.3.256",
    "0400.1.1.1",
    "1..2.3",
    "+1.2.3.4",
    "1.2.3.4 ",
    "0x",
    "abc",
    "1::2::3",
    "::1:2:3:4:5:6:7:8",
    ":::",
    "12345::",
    "::ffff:0177.0.0.1",
    "::ffff:0x7f.1",
    "::1.2.3",
    "[::1",
    "::1]",
    "[127.0.0.1]",
    "::g",
  ])("says that %j is no address", (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it("refuses a zone, and says so", () => {
    expect(() => parseAddress("fe80::1%eth0")).toThrow(/zone \("%eth0"\)/);
  });

  it("reads back every address that formatAddress writes", () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });

  it("reads every spelling of an IPv4 address as the same number", () => {
    const octal = (n: bigint) => `0${n.toString(8)}`;
    const hex = (n: bigint) => `0x${n.toString(16)}`;
    const part = fc.constantFrom(octal, hex, (n: bigint) => n.toString());
    fc.assert(
      fc.property(
        fc.bigInt(0n, 2n ** 32n - 1n),
        fc.integer({ min: 1, max: 4 }),
        fc.array(part, { minLength: 4, maxLength: 4 }),
        (value, parts, write) => {
          const texts: string[] = [];
          for (let i = 0; i < parts; i++) {
            const rest = BigInt(24 - 8 * i);
            const n = i === parts - 1 ? value & ((1n << (rest + 8n)) - 1n) : (value >> rest) & 255n;
            texts.push(write[i]!(n));
          }
          expect(parseAddress(texts.join("."))).toEqual({ family: 4, value });
        },
      ),
    );
  });

  it("never throws on text without a zone", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789abcfx.:[]-/g ") }), (text) => {
        const address = parseAddress(text);
        if (address) expect(address.value >= 0n).toBe(true);
      }),
    );
  });
});

describe("unwrap", () => {
  it.each([
    ["::ffff:10.1.2.3", "10.1.2.3", "IPv4-mapped"],
    ["::10.1.2.3", "10.1.2.3", "IPv4-compatible"],
    ["::ffff:0:10.1.2.3", "10.1.2.3", "IPv4-translated"],
    ["64:ff9b::10.1.2.3", "10.1.2.3", "NAT64"],
    ["2002:a01:203::1", "10.1.2.3", "6to4"],
    ["2002:a01:203:ffff:ffff:ffff:ffff:ffff", "10.1.2.3", "6to4"],
  ])("finds in %s the address %s (%s)", (text, inner, name) => {
    const found = unwrap(parseAddress(text)!);
    expect(found && formatAddress(found.address)).toBe(inner);
    expect(found?.embedding.name).toBe(name);
  });

  it.each(["10.1.2.3", "::", "::1", "2001:db8::1", "64:ff9b:1::1", "2003::1", "::1:0:0:1"])(
    "finds nothing in %s",
    (text) => {
      expect(unwrap(parseAddress(text)!)).toBeNull();
    },
  );

  it("takes a mapped address for the IPv4 address that it is, and no other", () => {
    expect(formatAddress(canonicalAddress(parseAddress("::ffff:a00:1")!))).toBe("10.0.0.1");
    expect(formatAddress(canonicalAddress(parseAddress("64:ff9b::a00:1")!))).toBe("64:ff9b::a00:1");
  });
});

describe("order and text of addresses", () => {
  it("puts IPv4 before IPv6 and smaller before larger", () => {
    const texts = ["::1", "10.0.0.2", "2001:db8::", "9.255.255.255"];
    const sorted = texts.map((text) => parseAddress(text)!).sort(compareAddresses);
    expect(sorted.map(formatAddress)).toEqual(["9.255.255.255", "10.0.0.2", "::1", "2001:db8::"]);
  });

  it("writes a range as an address, a CIDR or two addresses", () => {
    const range = (first: string, last: string) =>
      formatRange({ family: 4, first: parseAddress(first)!.value, last: parseAddress(last)!.value });
    expect(range("10.0.0.1", "10.0.0.1")).toBe("10.0.0.1");
    expect(range("10.0.0.0", "10.255.255.255")).toBe("10.0.0.0/8");
    expect(range("10.0.0.1", "10.0.0.4")).toBe("10.0.0.1-10.0.0.4");
    expect(range("0.0.0.0", "255.255.255.255")).toBe("0.0.0.0/0");
  });
});
