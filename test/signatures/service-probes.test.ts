import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isExcluded } from "../../lib/signatures/exclude-list.ts";
import { inRanges } from "../../lib/signatures/service-probes.ts";
import { parseServiceProbes } from "../../lib/signatures/service-probes-read.ts";
import { probeNamed } from "./probe-named.ts";

const parse = (...lines: string[]) => parseServiceProbes(lines.join("\n"), "test");
const reasons = (...lines: string[]) => parse(...lines).refused.map(({ line, column }) => [line, column]);

const NULL = "Probe TCP NULL q||";

describe("a service-probes file", () => {
  test("is probes with their directives, in file order", () => {
    const file = parse(
      "# a comment",
      "Exclude T:9100-9107",
      "",
      NULL,
      "totalwaitms 6000",
      "tcpwrappedms 3000",
      "match ssh m|^SSH-|",
      "Probe TCP Hello q|HI\\r\\n|",
      "rarity 3",
      "ports 21,80-90, 8080",
      "ports 99",
      "sslports 443",
      "softmatch http m|^HTTP|",
      "Probe UDP Ask q/|\\0\\x01/ no-payload source=500",
    );
    expect(file.refused).toEqual([]);
    expect(file.nullProbe).toMatchObject({ totalWaitMs: 6000, tcpWrappedMs: 3000, rarity: 5, line: 4 });
    expect(file.probes.map((probe) => probe.name)).toEqual(["Hello", "Ask"]);
    const [hello, ask] = file.probes;
    expect(hello).toMatchObject({ transport: "tcp", rarity: 3, totalWaitMs: 5000, tcpWrappedMs: 2000 });
    expect(hello?.ports).toEqual([
      { from: 21, to: 21 },
      { from: 80, to: 90 },
      { from: 8080, to: 8080 },
      { from: 99, to: 99 },
    ]);
    expect(inRanges(hello?.sslPorts ?? [], 443)).toBe(true);
    expect(hello?.matches[0]).toMatchObject({ soft: true, service: "http" });
    expect([...(ask?.data ?? [])]).toEqual([0x7c, 0x00, 0x01]);
  });

  test("all escapes of probe data, and no others", () => {
    const file = parse("Probe TCP x q=\\\\\\0\\a\\b\\f\\n\\r\\t\\v\\xFf\\01=");
    expect([...(file.probes[0]?.data ?? [])]).toEqual([0x5c, 0, 7, 8, 12, 10, 13, 9, 11, 0xff, 0, 0x31]);
    expect(reasons("Probe TCP x q|\\q|")).toEqual([[1, 15]]);
    expect(reasons("Probe TCP x q|\\x4|")).toEqual([[1, 15]]);
  });

  test("numbers may be at their bounds, ports 0 and 65535, and fallbacks seventeen", () => {
    const file = parse(
      "Probe TCP x q|a|",
      "totalwaitms 100",
      "tcpwrappedms 300000",
      "rarity 1",
      "ports 0,65535,7-7",
      `fallback ${Array(17).fill("x").join(",")}`,
      "Probe TCP y q|b|",
      "totalwaitms 300000",
      "tcpwrappedms 100",
      "rarity 9",
    );
    expect(file.refused).toEqual([]);
    expect(file.probes).toMatchObject([
      { totalWaitMs: 100, tcpWrappedMs: 300_000, rarity: 1 },
      { totalWaitMs: 300_000, tcpWrappedMs: 100, rarity: 9 },
    ]);
    const inside = [0, 65_535, 7, 6, 8].map((port) => inRanges(file.probes[0]?.ports ?? [], port));
    expect(inside).toEqual([true, true, true, false, false]);
  });

  test("NUL then 1 in probe data is octal 1 in a pattern", () => {
    const file = parse("Probe TCP x q|\\01|", "match y m|^\\01$|");
    expect([...(file.probes[0]?.data ?? [])]).toEqual([0, 0x31]);
    expect(file.probes[0]?.matches[0]?.pattern().exec("\x01")).not.toBeNull();
    expect(file.probes[0]?.matches[0]?.pattern().exec("\x001")).toBeNull();
  });

  test("CRLF files, a last line without LF and blank lines are fine", () => {
    const file = parseServiceProbes(`${NULL}\r\n \t\r\nmatch a m|^A$| p/x/\r\nmatch b m|^B$| p/y/`, "test");
    expect(file.refused).toEqual([]);
    expect(file.nullProbe?.matches.map((match) => match.templates.product)).toEqual(["x", "y"]);
  });

  test("a line of 8191 bytes is read, one of 8192 refused", () => {
    const line = (size: number) => `match a m|^${"x".repeat(size - "match a m|^|".length)}|`;
    expect(parse(NULL, line(8191)).nullProbe?.matches.length).toBe(1);
    expect(reasons(NULL, line(8192))).toEqual([[2, 8192]]);
  });

  test("bytes above 7F stand for themselves", () => {
    const file = parse(NULL, "match a m|^\xff\xe9|i");
    expect(file.nullProbe?.matches[0]?.pattern().exec("\xff\xe9")).not.toBeNull();
    expect(file.nullProbe?.matches[0]?.pattern().exec("\xff\xc9")).toBeNull();
  });

  test.each([
    ["an unknown directive", ["Bogus 1"], 1, 1],
    ["indentation", [NULL, " match a m|x|"], 2, 1],
    ["a keyword in other case", [NULL, "Match a m|x|"], 2, 1],
    ["a directive before the first probe", ["match a m|x|"], 1, 1],
    ["Exclude after a probe", [NULL, "Exclude 1"], 2, 1],
    ["a second Exclude", ["Exclude 1", "Exclude 2"], 2, 1],
    ["a bad Exclude", ["Exclude 1,70000"], 1, 11],
    ["two blanks after Probe", ["Probe  TCP x q|a|"], 1, 7],
    ["an unknown transport", ["Probe SCTP x q|a|"], 1, 7],
    ["a name that begins badly", ["Probe TCP -x q|a|"], 1, 11],
    ["a probe without data", ["Probe TCP x"], 1, 12],
    ["data that does not end", ["Probe TCP x q|abc"], 1, 15],
    ["a second probe without data", [NULL, "Probe TCP other q||"], 2, 1],
    ["a UDP probe without data", ["Probe UDP x q||"], 1, 1],
    ["a port above 65535", [NULL, "ports 1,65536"], 2, 9],
    ["an open range", [NULL, "ports 1-"], 2, 7],
    ["a range backwards", [NULL, "ports 9-1"], 2, 7],
    ["a service name in ports", [NULL, "ports http"], 2, 7],
    ["rarity 0", [NULL, "rarity 0"], 2, 8],
    ["rarity 10", [NULL, "rarity 10"], 2, 8],
    ["a rarity with a sign", [NULL, "rarity +1"], 2, 8],
    ["a window too short", [NULL, "totalwaitms 99"], 2, 13],
    ["a window too long", [NULL, "totalwaitms 300001"], 2, 13],
    ["a fallback to nobody", ["Probe TCP x q|a|", "fallback y"], 2, 10],
    ["too many fallbacks", ["Probe TCP x q|a|", `fallback ${Array(18).fill("x").join(",")}`], 2, 10],
    ["two blanks after match", [NULL, "match  a m|x|"], 2, 7],
    ["a match without a service", [NULL, "match m|x|"], 2, 7],
    ["a match without a pattern", [NULL, "match a p/x/"], 2, 7],
    ["a pattern that does not end", [NULL, "match a m|x"], 2, 9],
    ["an unknown flag", [NULL, "match a m|x|g"], 2, 13],
    ["a pattern that can match nothing", [NULL, "match a m|x*|"], 2, 11],
    ["a pattern outside the subset", [NULL, "match a m|ab(?R)|"], 2, 13],
    ["an unknown template", [NULL, "match a m|x| q/y/"], 2, 14],
    ["a template that does not end", [NULL, "match a m|x| p/y"], 2, 14],
    ["four letters after a template", [NULL, "match a m|x| p/y/abcd"], 2, 21],
  ] as [string, string[], number, number][])(
    "%s is refused with line and column",
    (_, lines, line, column) => {
      expect(reasons(...lines)).toEqual([[line, column]]);
    },
  );

  test("only a pattern outside our subset would be fine upstream", () => {
    expect(parse(NULL, "match a m|(?R)x|").refused[0]?.fatal).toBe(false);
    expect(parse(NULL, "match a m|x*|").refused[0]?.fatal).toBe(true);
  });

  test("a refused line does not stop the reading; lines of a refused probe go with it", () => {
    const file = parse(
      NULL,
      "nonsense",
      "match a m|x|",
      "Probe TCP bad q|\\q|",
      "match b m|y|",
      "Probe TCP c q|c|",
    );
    expect(file.nullProbe?.matches.length).toBe(1);
    expect(file.probes.map((probe) => probe.name)).toEqual(["c"]);
    expect(file.refused.map((refusal) => refusal.line)).toEqual([2, 4]);
  });
});

describe("match lines", () => {
  const one = (line: string) => parse(NULL, line).nullProbe?.matches[0];

  test("any delimiter, flags, and templates in any order", () => {
    const match = one(
      "match ssl/http m=^a|b=si\tv/$1/\tp|x/y|a i/z/ h/q/ o/r/ d/s/ cpe:/a:v:p/a cpe:/o:v:q/",
    );
    expect(match).toMatchObject({
      soft: false,
      service: "ssl/http",
      source: "^a|b",
      ignoreCase: true,
      dotAll: true,
      templates: {
        version: "$1",
        product: "x/y",
        info: "z",
        hostname: "q",
        os: "r",
        device: "s",
        cpe: ["cpe:/a:v:p", "cpe:/o:v:q"],
      },
    });
  });

  test("several blanks between service and pattern, as Nmap bears them", () => {
    expect(one("match x   m|abc| v/1/")).toMatchObject({ service: "x", source: "abc" });
  });

  test("a delimiter is any byte", () => {
    // Nmap 7.93 has no use for letters, colons and blanks there: it refuses a file that has them, so none does.
    for (const delimiter of ["m", "i", "1", ":", '"', "(", " ", "\xff"])
      expect(one(`match x m${delimiter}^HAT${delimiter} p:a: vxbx i1c1 cpe:xa:dx`)).toMatchObject({
        source: "^HAT",
        templates: { product: "a", version: "b", info: "c", cpe: ["cpe:/a:d"] },
      });
  });

  test("a repeated key replaces the earlier one", () => {
    expect(one("match a m|x| p/one/ p/two/")?.templates.product).toBe("two");
  });

  test("older files write CPEs with any delimiter", () => {
    expect(one("match a m|x| cpe:|h:siemens:315-2pn/dp|")?.templates.cpe).toEqual([
      "cpe:/h:siemens:315-2pn/dp",
    ]);
  });

  test("an unknown CPE part is skipped with a warning, the line stands", () => {
    const file = parse(NULL, "match a m|x| cpe:/x:v:p/ p/y/");
    expect(file.refused).toEqual([]);
    expect(file.warnings).toMatchObject([{ line: 2, column: 14 }]);
    expect(file.nullProbe?.matches[0]?.templates).toEqual({ product: "y", cpe: [] });
  });
});

describe("fallback arrays", () => {
  const file = parse(
    NULL,
    "fallback A,Nobody",
    "Probe TCP A q|a|",
    "fallback B,U",
    "Probe TCP B q|b|",
    "fallback A",
    "Probe UDP U q|u|",
    "fallback B",
    "Probe UDP B q|b|",
    "Probe UDP V q|v|",
    "fallback A",
    "fallback U",
  );
  const names = (name: string, transport: "tcp" | "udp") =>
    probeNamed(file, name, transport)?.fallback.map((probe) => `${probe.transport} ${probe.name}`);

  test("NULL has only itself, whatever is said of it, as in Nmap 7.93", () => {
    expect(file.refused).toEqual([]);
    expect(names("NULL", "tcp")).toEqual(["tcp NULL"]);
  });
  test("TCP: itself, the named ones, NULL; not transitive; another transport's probe only if there is no own", () => {
    expect(names("A", "tcp")).toEqual(["tcp A", "tcp B", "udp U", "tcp NULL"]);
    expect(names("B", "tcp")).toEqual(["tcp B", "tcp A", "tcp NULL"]);
  });
  test("UDP: itself and the named ones of its own transport first; the last directive wins", () => {
    expect(names("U", "udp")).toEqual(["udp U", "udp B"]);
    expect(names("V", "udp")).toEqual(["udp V", "udp U"]);
  });
});

describe("the exclude list", () => {
  const excluded = (list: string, transport: "tcp" | "udp", port: number, name: string | null = null) =>
    isExcluded(parse(`Exclude ${list}`).exclude, { transport, port, name });

  test("a transport's prefix stays in force for the items after it", () => {
    expect(excluded("T:9100-9107,80", "tcp", 80)).toBe(true);
    expect(excluded("T:9100-9107,80", "udp", 80)).toBe(false);
    expect(excluded("S:80", "tcp", 80)).toBe(false);
    expect(excluded("53,T:80,U:161", "udp", 53)).toBe(true);
    expect(excluded("53,T:80,U:161", "tcp", 161)).toBe(false);
  });
  test("open ranges", () => {
    expect(excluded("-10", "tcp", 1)).toBe(true);
    expect(excluded("-10", "tcp", 0)).toBe(false);
    expect(excluded("60000-", "tcp", 65535)).toBe(true);
  });
  test("names and globs", () => {
    expect(excluded("http*", "tcp", 443, "https")).toBe(true);
    expect(excluded("?ttp", "tcp", 443, "https")).toBe(false);
    expect(excluded("http*", "tcp", 443, null)).toBe(false);
    expect(excluded("xttp", "tcp", 80, "http")).toBe(false);
    expect(excluded("*ab", "tcp", 1, "aaab")).toBe(true);
    expect(excluded(`${"*a".repeat(50)}b`, "tcp", 1, "a".repeat(2000))).toBe(false);
  });
  test("brackets: only registered ports", () => {
    expect(excluded("[1-1000]", "tcp", 80, "http")).toBe(true);
    expect(excluded("[1-1000]", "tcp", 81, null)).toBe(false);
    expect(excluded("[1-100,200],300", "tcp", 200, "src")).toBe(true);
    expect(excluded("[1-100,200],300", "tcp", 300, null)).toBe(true);
  });
  test.each(["1,,2", "9-1", "65536", "1-65536", "[1", "1]", "[1,[2]", "1T:5", "a b"])(
    "%s is refused",
    (list) => {
      expect(parse(`Exclude ${list}`).refused.length).toBe(1);
    },
  );
});

test("no text whatever makes the reader throw", () => {
  const word = fc.constantFrom(
    ...[
      "Probe ",
      "TCP ",
      "UDP ",
      "x ",
      "q|",
      "|",
      "match ",
      "softmatch ",
      "a ",
      "m|",
      "(",
      "[",
      "p/",
      "cpe:/a:",
      "/",
    ],
    ...[
      "ports ",
      "1-",
      "9",
      ",",
      "Exclude ",
      "fallback ",
      "rarity ",
      "\\",
      "\n",
      "\n",
      "\r",
      " ",
      "\xff",
      "$1",
      "NULL ",
    ],
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      const file = parseServiceProbes(words.join(""), "x");
      for (const { line, column } of file.refused) expect(line >= 1 && column >= 1).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
