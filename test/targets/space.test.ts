import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AddressRange, formatAddress, formatRange } from "../../lib/targets/address.ts";
import { parseTarget } from "../../lib/targets/parse.ts";
import { permutation } from "../../lib/targets/permute.ts";
import { inRanges, intersectRanges, mergeRanges, subtractRanges } from "../../lib/targets/ranges.ts";
import { addressAt, addressSpace, type Block, blocks } from "../../lib/targets/space.ts";

const ranges = (...texts: string[]): AddressRange[] =>
  texts.flatMap((text) => {
    const target = parseTarget(text);
    return target.kind === "addresses" ? target.ranges : [];
  });
// Small values around /24 boundaries in both families, so that ranges meet, overlap and straddle.
const anyRange = fc
  .record({
    family: fc.constantFrom(4 as const, 6 as const),
    first: fc.integer({ min: 0, max: 1500 }),
    length: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 900 })),
  })
  .map(
    ({ family, first, length }): AddressRange => ({
      family,
      first: BigInt(first),
      last: BigInt(first + length),
    }),
  );
const someRanges = fc.array(anyRange, { maxLength: 8 });
const keys = (of: readonly AddressRange[]) => {
  const set = new Set<string>();
  for (const { family, first, last } of of) for (let v = first; v <= last; v++) set.add(`${family}/${v}`);
  return set;
};
const listed = (of: readonly AddressRange[]) => {
  const out: string[] = [];
  for (const { family, first, last } of of) for (let v = first; v <= last; v++) out.push(`${family}/${v}`);
  return out;
};

describe("ranges of addresses", () => {
  it("join, meet and take away as sets do, sorted and disjoint", () => {
    fc.assert(
      fc.property(someRanges, someRanges, (a, b) => {
        const [x, y] = [mergeRanges(a), mergeRanges(b)];
        const [setA, setB] = [keys(a), keys(b)];
        for (const result of [x, intersectRanges(x, y), subtractRanges(x, y)])
          expect(new Set(listed(result)).size).toBe(listed(result).length);
        expect(keys(x)).toEqual(setA);
        expect(keys(intersectRanges(x, y))).toEqual(new Set([...setA].filter((key) => setB.has(key))));
        expect(keys(subtractRanges(x, y))).toEqual(new Set([...setA].filter((key) => !setB.has(key))));
        for (const value of [0n, 255n, 256n, 700n])
          expect(inRanges(x, { family: 4, value })).toBe(setA.has(`4/${value}`));
      }),
      { numRuns: 60 },
    );
  });
});

describe("addressSpace", () => {
  it("numbers the addresses that are included and not excluded", () => {
    const space = addressSpace(ranges("10.0.0.0/30", "10.0.0.2-9", "::1"), ranges("10.0.0.3", "10.0.0.8/31"));
    const all = Array.from({ length: space.count }, (_, i) => formatAddress(addressAt(space, i)));
    expect(all).toEqual([
      "10.0.0.0",
      "10.0.0.1",
      "10.0.0.2",
      "10.0.0.4",
      "10.0.0.5",
      "10.0.0.6",
      "10.0.0.7",
      "::1",
    ]);
    expect(() => addressAt(space, 8)).toThrow(RangeError);
    expect(() => addressAt(space, -1)).toThrow(RangeError);
  });

  it("holds a /8 less a hole, and an IPv6 /96, without listing them", () => {
    const eight = addressSpace(ranges("10.0.0.0/8"), ranges("10.128.0.0/9"));
    expect(eight.count).toBe(2 ** 23);
    expect(formatAddress(addressAt(eight, 2 ** 23 - 1))).toBe("10.127.255.255");
    const six = addressSpace(ranges("2001:db8::/96"));
    expect(six.count).toBe(2 ** 32);
    expect(formatAddress(addressAt(six, 2 ** 32 - 1))).toBe("2001:db8::ffff:ffff");
  });

  it("takes a part of an IPv6 /64 out of which most is excluded", () => {
    const space = addressSpace(
      ranges("2001:db8::/64"),
      ranges("2001:db8::100-2001:db8::ffff:ffff:ffff:ffff"),
    );
    expect(space.count).toBe(256);
  });

  it("refuses more than 2^32 addresses", () => {
    expect(() => addressSpace(ranges("2001:db8::/64"))).toThrow(/18446744073709551616 addresses/);
    expect(() => addressSpace(ranges("0.0.0.0/0", "::1"))).toThrow(/at most 4294967296/);
    expect(addressSpace(ranges("0.0.0.0/0")).count).toBe(2 ** 32);
  });

  it("may be empty", () => {
    const space = addressSpace(ranges("10.0.0.1"), ranges("10.0.0.0/8"));
    expect(space.count).toBe(0);
    expect(blocks(space, 16).blockCount).toBe(0);
    expect(() => blocks(space, 16).blockAt(0)).toThrow(RangeError);
  });
});

describe("blocks", () => {
  const all = (of: { blockCount: number; blockAt(index: number): Block }) =>
    Array.from({ length: of.blockCount }, (_, i) => of.blockAt(i));

  it("cut a network into neighbours", () => {
    const cut = blocks(addressSpace(ranges("10.0.0.250-10.0.1.5")), 4);
    expect(all(cut).map(({ ranges: cutRanges }) => cutRanges.map(formatRange).join(" "))).toEqual([
      "10.0.0.250-10.0.0.253",
      "10.0.0.254/31",
      "10.0.1.0/30",
      "10.0.1.4/31",
    ]);
  });

  it("fill one block from scattered hosts of one network", () => {
    const cut = blocks(addressSpace(ranges("10.0.0.1,3,5,7", "10.0.9.1")), 64);
    expect(
      all(cut).map(({ count, network }) => [count, formatAddress({ family: 4, value: network })]),
    ).toEqual([
      [4, "10.0.0.0"],
      [1, "10.0.9.0"],
    ]);
  });

  it("of a /8 are computed from anywhere", () => {
    const cut = blocks(addressSpace(ranges("10.0.0.0/8")), 100);
    expect(cut.blockCount).toBe(65536 * 3);
    const last = cut.blockAt(cut.blockCount - 1);
    expect(last.ranges.map(formatRange)).toEqual(["10.255.255.200-10.255.255.255"]);
    expect(last.count).toBe(56);
  });

  it("hold every address once, in order, none across a boundary, none larger than asked", () => {
    fc.assert(
      fc.property(someRanges, someRanges, fc.integer({ min: 1, max: 300 }), (include, exclude, maxHosts) => {
        const space = addressSpace(include, exclude);
        const cut = all(blocks(space, maxHosts));
        expect(cut.flatMap((block) => listed(block.ranges))).toEqual(listed(space.ranges));
        let first = 0;
        for (const block of cut) {
          expect(block.first).toBe(first);
          expect(block.count).toBe(listed(block.ranges).length);
          expect(block.count).toBeGreaterThan(0);
          expect(block.count).toBeLessThanOrEqual(maxHosts);
          for (const range of block.ranges)
            expect([range.family, range.first >> 8n, range.last >> 8n]).toEqual([
              block.family,
              block.network >> 8n,
              block.network >> 8n,
            ]);
          first += block.count;
        }
        expect(first).toBe(space.count);
      }),
      { numRuns: 60 },
    );
  });

  it("are as few as the networks allow", () => {
    fc.assert(
      fc.property(someRanges, fc.integer({ min: 1, max: 300 }), (include, maxHosts) => {
        const space = addressSpace(include);
        const perNetwork = new Map<string, number>();
        for (const { family, first, last } of space.ranges)
          for (let v = first; v <= last; v++) {
            const key = `${family}/${v >> 8n}`;
            perNetwork.set(key, (perNetwork.get(key) ?? 0) + 1);
          }
        const fewest = [...perNetwork.values()].reduce(
          (sum, n) => sum + Math.ceil(n / Math.min(maxHosts, 256)),
          0,
        );
        expect(blocks(space, maxHosts).blockCount).toBe(fewest);
      }),
      { numRuns: 60 },
    );
  });
});

describe("permutation", () => {
  it("meets every number once, for any size and key", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), fc.string({ maxLength: 8 }), (size, key) => {
        const order = permutation(size, key);
        const met = new Set(Array.from({ length: size }, (_, i) => order(i)));
        expect(met.size).toBe(size);
        for (const value of met) expect(value >= 0 && value < size && Number.isInteger(value)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("is the same on every machine", () => {
    const order = permutation(10, "scan-1");
    expect(Array.from({ length: 10 }, (_, i) => order(i))).toEqual([3, 5, 7, 6, 0, 2, 1, 9, 8, 4]);
  });

  it("differs by key, and leaves few neighbours side by side", () => {
    const [a, b] = [permutation(10_000, "a"), permutation(10_000, "b")];
    const indices = Array.from({ length: 9_999 }, (_, i) => i);
    expect(indices.filter((i) => a(i) === b(i)).length).toBeLessThan(20);
    expect(indices.filter((i) => Math.abs(a(i) - a(i + 1)) === 1).length).toBeLessThan(20);
  });

  it("stays within bounds and exact for very large sizes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2 ** 31, max: 2 ** 52 }),
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        (size, i) => {
          const order = permutation(size, "k");
          const [x, y] = [order(i), order(i + 1)];
          expect(x).not.toBe(y);
          expect(Number.isSafeInteger(x) && x >= 0 && x < size).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("refuses what is outside", () => {
    const order = permutation(5, "k");
    for (const index of [-1, 5, 1.5]) expect(() => order(index)).toThrow(RangeError);
    for (const size of [-1, 1.5, 2 ** 53]) expect(() => permutation(size, "k")).toThrow(RangeError);
  });
});
