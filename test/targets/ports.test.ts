import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../lib/model/errors.ts";
import {
  countPorts,
  formatPorts,
  hasPort,
  type PortSet,
  parsePorts,
  portAt,
  portIndex,
  portSet,
  subtractPorts,
  unionPorts,
} from "../../lib/targets/ports.ts";

const list = (ranges: PortSet["tcp"]) =>
  ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
const ports = fc.array(fc.oneof(fc.integer({ min: 0, max: 65535 }), fc.integer({ min: 0, max: 40 })), {
  maxLength: 60,
});
const anySet = fc.record({ tcp: ports, udp: ports });
const distinct = (values: number[]) => [...new Set(values)].sort((a, b) => a - b);

describe("parsePorts", () => {
  it.each([
    ["22,80,8000-8100", "22,80,8000-8100"],
    [" 80 , 22 ", "22,80"],
    ["1-10,5-20,21", "1-21"],
    ["-", "1-65535"],
    ["-100", "1-100"],
    ["60000-", "60000-65535"],
    ["0", "0"],
    ["0-5", "0-5"],
    ["U:53", "U:53"],
    ["22,U:53,161,T:80,443", "22,80,443,U:53,161"],
    ["T:-,U:-", "1-65535,U:1-65535"],
    ["ssh", "22,2022,2200,2222,2233,8022,9922,10022,10222,22022,22222,50022"],
    ["U:snmp*", "U:161-162"],
    ["imap?", "220,993"],
    ["[20-25]", "20-25"],
    ["[1000-1024]", "1000-1002,1010,1021-1022,1024"],
    ["[U:1-20]", "U:7,9,13,17,19"],
    ["U:[1-20],T:5", "5,U:7,9,13,17,19"],
    ["[7-8,40-43],8", "7-8,41-43"],
    ["", ""],
  ])("reads %s as %s", (text, expected) => {
    expect(formatPorts(parsePorts(text))).toBe(expected);
  });

  it("takes items without a prefix for TCP when scanning, and for both when excluding", () => {
    expect(formatPorts(parsePorts("9100-9107"))).toBe("9100-9107");
    expect(formatPorts(parsePorts("53,T:9100-9107,S:36412", undefined, { use: "exclude" }))).toBe(
      "53,9100-9107,U:53",
    );
  });

  it.each([
    ["22,70000", "70000 is not between 0 and 65535", 3],
    ["22,,80", "an item is missing", 3],
    ["22,", "an item is missing", 3],
    ["T:", "an item is missing", 2],
    ["100-5", "runs backwards", 0],
    ["22,5-70000", "70000 is not", 5],
    ["22,nosuchservice", 'no TCP service is called "nosuchservice"', 3],
    ["X:80", '"X:" is not a transport', 0],
    ["S:80", '"S:" is not a transport', 0],
    ["22,1-2-3", "is not a port", 3],
    ["80;443", "is not a port", 0],
    ["22,[1-5", 'without "]"', 3],
    ["[[1]]", '"[1]" is not a port', 1],
    ["[1,[2]]", '"[" inside', 3],
  ])("refuses %s: %s", (text, message, position) => {
    const error = (() => {
      try {
        return parsePorts(text);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toContain(message);
    expect((error as InputError).position).toBe(position);
  });

  it("throws nothing but InputError", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."0123456789,-TUS:[]*? hs"), maxLength: 20 }),
        (text) => {
          try {
            const set = parsePorts(text);
            expect(countPorts(set)).toBe(list(set.tcp).length + list(set.udp).length);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("sets of ports", () => {
  it("come back from their text", () => {
    fc.assert(
      fc.property(anySet, (numbers) => {
        const set = portSet(numbers);
        expect(parsePorts(formatPorts(set))).toEqual(set);
      }),
    );
  });

  it("count and index exactly the ports that they list", () => {
    fc.assert(
      fc.property(anySet, (numbers) => {
        const set = portSet(numbers);
        for (const transport of ["tcp", "udp"] as const) {
          const expected = distinct(numbers[transport]);
          const index = portIndex(set[transport]);
          expect(countPorts(set, transport)).toBe(expected.length);
          expect(expected.map((_, i) => portAt(index, i))).toEqual(expected);
          expect(expected.map((_, i) => portAt(set[transport], i))).toEqual(expected);
        }
        expect(countPorts(set)).toBe(countPorts(set, "tcp") + countPorts(set, "udp"));
      }),
    );
  });

  it("know what they hold, join and take away as sets of numbers do", () => {
    fc.assert(
      fc.property(anySet, anySet, (a, b) => {
        const [x, y] = [portSet(a), portSet(b)];
        expect(list(unionPorts(x, y).tcp)).toEqual(distinct([...a.tcp, ...b.tcp]));
        expect(list(subtractPorts(x, y).udp)).toEqual(
          distinct(a.udp.filter((port) => !b.udp.includes(port))),
        );
        for (let port = 0; port <= 41; port++) expect(hasPort(x, "tcp", port)).toBe(a.tcp.includes(port));
      }),
    );
  });

  it("have no port before the first or after the last", () => {
    const { tcp } = portSet({ tcp: [22, 80] });
    for (const index of [-1, 2, 0.5, Number.NaN]) expect(() => portAt(tcp, index)).toThrow(RangeError);
  });
});
