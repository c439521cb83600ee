import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../lib/model/errors.ts";
import { formatRange } from "../../lib/targets/address.ts";
import { parseTarget, parseTargetList, parseTargets } from "../../lib/targets/parse.ts";

const show = (text: string) => {
  const target = parseTarget(text);
  const what = target.kind === "name" ? target.name : target.ranges.map(formatRange).join(" ");
  return target.port === null ? what : `${what} port ${target.port}`;
};
const errorOf = (run: () => unknown): InputError => {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("parseTarget", () => {
  it.each([
    ["10.0.0.5", "10.0.0.5"],
    ["0x0a.5", "10.0.0.5"],
    ["167772165", "10.0.0.5"],
    ["10.0.0.5/24", "10.0.0.0/24"],
    ["10.0.0.0/32", "10.0.0.0"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:db8::ff/120", "2001:db8::/120"],
    ["[2001:db8::]/64", "2001:db8::/64"],
    ["::ffff:10.0.0.0/104", "10.0.0.0/8"],
    ["10.0.0.1-10.0.0.20", "10.0.0.1-10.0.0.20"],
    ["10.0.0.1-20", "10.0.0.1-10.0.0.20"],
    ["10.0.0.1-1", "10.0.0.1"],
    ["10.0.0.1-012.0.0.3", "10.0.0.1-10.0.0.3"],
    ["::1-::ff", "::1-::ff"],
    ["::ffff:10.0.0.1-::ffff:10.0.0.9", "10.0.0.1-10.0.0.9"],
    ["10.0.0-3.1-254", "10.0.0.1-10.0.0.254 10.0.1.1-10.0.1.254 10.0.2.1-10.0.2.254 10.0.3.1-10.0.3.254"],
    ["10.0.0-3.*", "10.0.0.0/22"],
    ["10.0.*.*", "10.0.0.0/16"],
    ["10.0.0.1,3,5-7", "10.0.0.1 10.0.0.3 10.0.0.5-10.0.0.7"],
    ["10.0.0.-3", "10.0.0.0/30"],
    ["example.com", "example.com"],
    ["Example.COM.", "example.com"],
    ["localhost", "localhost"],
    ["my-host-1.internal", "my-host-1.internal"],
    ["10-0-0-1.compute.internal", "10-0-0-1.compute.internal"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["１２７.0.0.1", "127.0.0.1"],
    ["127。0。0。1", "127.0.0.1"],
    ["example.com:443", "example.com port 443"],
    ["10.0.0.5:0", "10.0.0.5 port 0"],
    ["0x0a000005:80", "10.0.0.5 port 80"],
    ["[::1]:8080", "::1 port 8080"],
    ["[::ffff:10.0.0.5]:80", "10.0.0.5 port 80"],
    ["::1:80", "::1:80"],
  ])("reads %s as %s", (text, expected) => {
    expect(show(text)).toBe(expected);
  });

  it.each([
    ["", "empty", "", 0],
    ["10.0.0.0/33", "prefix /33 is not between /0 and /32", "33", 9],
    ["::/129", "prefix /129 is not between /0 and /128", "129", 3],
    ["10.0.0.0/", "prefix / is not between", "", 9],
    ["10.0.0.0/255.0.0.0", "prefix /255.0.0.0 is not", "255.0.0.0", 9],
    ["example.com/24", "a prefix needs an address", "example.com", 0],
    ["10.0.0.0.0/24", "is not an address", "10.0.0.0.0", 0],
    ["example.com:70000", "port 70000 is not between 0 and 65535", "70000", 12],
    ["[::1]:http", "port http is not between", "http", 6],
    ["host:", "port (nothing) is not between", "", 5],
    ["[::1]80", 'after "]" comes ":"', "80", 5],
    ["[::1", 'without "]"', "[::1", 0],
    ["[10.0.0.1]:80", "is not an IPv6 address", "10.0.0.1", 1],
    [":80", "no host before its port", ":80", 0],
    ["1:2:3", "with a port write [address]:port", "1:2:3", 0],
    ["https://example.com/login", "write the host: example.com", "https://example.com/login", 0],
    ["http://user:pw@10.0.0.1:80/", "write the host: 10.0.0.1:80", "http://user:pw@10.0.0.1:80/", 0],
    ["fe80::1%eth0", "zone", "fe80::1%eth0", 7],
    ["[fe80::1%eth0]:80", "zone", "[fe80::1%eth0]:80", 8],
    ["fe80::1%eth0/64", "zone", "fe80::1%eth0/64", 7],
    ["10.0.0.9-10.0.0.1", "runs backwards", "10.0.0.1", 9],
    ["10.0.0.9-300", "from 0 to 255", "9-300", 7],
    ["10.0.0.1-::1", "one family", "::1", 9],
    ["::1-5", "does not end a range", "5", 4],
    ["10.0.0-300.1", "from 0 to 255", "0-300", 5],
    ["10.0.0-3", "four octets", "10.0.0-3", 0],
    ["10.0.0.1,10.0.0.2", "separate targets by blanks", "10.0.0.1,10.0.0.2", 0],
    ["*.*.*.1-2", "write CIDRs", "*.*.*.1-2", 0],
    ["256.1.1.1", "not a valid IPv4 address", "256.1.1.1", 0],
    ["example.123", "does not end in a number", "example.123", 0],
    ["a_b.example", '"_" cannot stand', "a_b.example", 0],
    ["ex%61mple.com", '"%" cannot stand', "ex%61mple.com", 0],
    ["-a.example", 'label "-a"', "-a.example", 0],
    ["a..example", "empty label", "a..example", 0],
    [`${"a".repeat(64)}.example`, "1 to 63", `${"a".repeat(64)}.example`, 0],
    [`${"a.".repeat(127)}example`, "longer than 253", `${"a.".repeat(127)}example`, 0],
    ["a b", "one target at a time", "a b", 0],
    ["10.0.0.1-5:80", "one address or name only", "5:80", 9],
  ])("refuses %s: %s", (text, message, token, position) => {
    const error = errorOf(() => parseTarget(text));
    expect(error.message).toContain(message);
    expect(error.token).toBe(token);
    expect(error.position).toBe(position);
  });

  it("throws nothing but InputError, and gives only ranges in order", () => {
    const characters = fc.constantFrom(..."0123456789abfx.:[]-/*,%_ @ü。");
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 40 }), (text) => {
        try {
          const target = parseTarget(text);
          if (target.kind === "addresses")
            for (const range of target.ranges) expect(range.first <= range.last).toBe(true);
          else expect(target.name).toMatch(/^[a-z0-9.-]+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("lists of targets", () => {
  it("reads several texts, each trimmed", () => {
    expect(parseTargets(["10.0.0.1", " ::1 "]).map((target) => target.text)).toEqual(["10.0.0.1", "::1"]);
  });

  it("reads several a line, passes over blanks and comments, and takes any line end", () => {
    const text =
      "\ufeff# the lab\r\n10.0.0.1 10.0.0.2\t10.0.0.3\r\n\n  example.com # the site\n# 10.9.9.9\n::1";
    expect(parseTargetList(text).map((target) => target.text)).toEqual([
      "10.0.0.1",
      "10.0.0.2",
      "10.0.0.3",
      "example.com",
      "::1",
    ]);
  });

  it("names line and column of what is wrong", () => {
    const error = errorOf(() => parseTargetList("10.0.0.1\n  ::1 10.0.0.0/33"));
    expect(error.message).toMatch(/^line 2, column 16: .*\/33/);
    expect(error.position).toBe(15);
  });
});
