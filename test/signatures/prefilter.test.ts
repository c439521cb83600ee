import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePattern, PatternError } from "../../lib/signatures/pattern.ts";
import { parsePattern } from "../../lib/signatures/pattern-parse.ts";
import { buildPrefilter, type PrefilterSource } from "../../lib/signatures/prefilter.ts";
import { randomFrom } from "../random.ts";
import { damaged, likelySubject } from "./subjects.ts";
import vectors from "./vectors/patterns.json" with { type: "json" };

const sources = (...list: string[]): PrefilterSource[] => list.map((source) => ({ source }));

describe("the prefilter", () => {
  test("leaves only patterns whose required text is there, in file order", () => {
    const filter = buildPrefilter(
      sources("^SSH-2\\.0-dropbear", "OpenSSH_(\\S+)", "^220 ", "lighttpd|nginx", "[0-9]"),
    );
    expect(filter.candidates("SSH-2.0-OpenSSH_9")).toEqual([1, 4]);
    expect(filter.candidates("server: nginx")).toEqual([3, 4]);
    expect(filter.candidates("220 x")).toEqual([2, 4]);
    expect(filter.candidates(" 220 x")).toEqual([4]);
    expect(filter.candidates("")).toEqual([4]);
  });

  test("is blind to case, since patterns may be", () => {
    const filter = buildPrefilter([{ source: "server: foo", ignoreCase: true }, { source: "Server: Foo" }]);
    expect(filter.candidates("SERVER: FOO")).toEqual([0, 1]);
  });

  test("short texts count too", () => {
    const filter = buildPrefilter(sources("\\xff", "\\d\\0\\d", "^ab"));
    expect(filter.candidates("x\xff")).toEqual([0]);
    expect(filter.candidates("1\x002")).toEqual([1]);
    expect(filter.candidates("ab")).toEqual([2]);
  });

  test("never loses a pattern that would match", () => {
    const random = randomFrom(42);
    const literal = fc.constantFrom(
      "SSH-",
      "Server: ",
      "220 ",
      "\\r\\n",
      "nginx/",
      "foo",
      "é",
      "\\0\\x01",
      "x",
      "HTTP/1",
    );
    const loose = fc.constantFrom(
      ".*",
      "\\d+",
      "(\\S+)",
      "[ab]?",
      "\\s*",
      "(?:foo|bar)",
      "(?:foo|ba?r|)",
      "(?:ab){2}",
      "^",
      "$",
    );
    const deeper = fc.constantFrom(
      "(?=Server)",
      "(?!foo)",
      "(?<=x)",
      "(?i)abcd",
      "(?i:Server)",
      "\\bfoo",
      "(?:^a|b)c",
      "a{0}",
      "(?s).*",
    );
    const pattern = fc
      .array(fc.oneof({ weight: 3, arbitrary: literal }, loose, deeper), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.join(""));
    const source = fc.record({ source: pattern, ignoreCase: fc.boolean(), dotAll: fc.boolean() });
    let matched = 0;
    fc.assert(
      fc.property(fc.array(source, { minLength: 1, maxLength: 12 }), (list) => {
        const filter = buildPrefilter(list);
        const compiled = list.map((one) => compilePattern(one.source, one));
        for (const one of list) {
          const likely = likelySubject(parsePattern(one.source, one), random);
          for (const subject of [likely, damaged(likely, random), `x\r\n${likely}`]) {
            const expected = compiled.flatMap((each, i) => (each.exec(subject) ? [i] : []));
            const candidates = filter.candidates(subject);
            matched += expected.length;
            expect(candidates).toEqual(expect.arrayContaining(expected));
            expect(candidates).toEqual([...candidates].sort((a, b) => a - b));
            expect(candidates.find((i) => compiled[i]?.exec(subject))).toBe(expected[0]);
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(matched).toBeGreaterThan(500);
  });

  test("every vector that matches passes, among all the others", () => {
    const list = vectors.map(({ pattern, flags }) => ({
      source: pattern,
      ignoreCase: flags?.includes("i") ?? false,
      dotAll: flags?.includes("s") ?? false,
    }));
    const filter = buildPrefilter(list);
    vectors.forEach(({ subject, groups }, i) => {
      if (groups) expect(filter.candidates(subject)).toContain(i);
    });
  });

  test("a wrong pattern is refused when the filter is built", () => {
    expect(() => buildPrefilter(sources("(a"))).toThrow(PatternError);
  });
});
