import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { versionKey } from "../../lib/scan/version-key.ts";

describe("version keys sort as versions do", () => {
  test.each([
    ["9.8", "10.0"],
    ["9.2p2", "9.2p10"],
    ["1.9.9", "1.10.0"],
    ["2.4", "2.4.57"],
    ["8.0.33", "8.0.36-log"],
    ["OpenSSH_9.2", "openssh_9.10"],
    ["", "0.1"],
  ])("%s below %s", (lower, higher) => {
    expect(versionKey(lower) < versionKey(higher)).toBe(true);
  });

  test("for any two lists of numbers", () => {
    const numbers = fc.array(fc.nat(99_999), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const first = a.findIndex((n, i) => n !== (b[i] ?? -1));
        const aBelow = first < 0 ? a.length < b.length : a[first]! < (b[first] ?? -1);
        expect(versionKey(a.join(".")) < versionKey(b.join("."))).toBe(aBelow);
      }),
    );
  });

  test("and hostile digits stay bounded", () => {
    expect(versionKey("9".repeat(100_000)).length).toBe(10);
  });
});
