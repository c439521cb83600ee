import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../lib/model/errors.ts";
import { compilePattern, freshBudget, PatternError, STEPS_PER_MATCH } from "../../lib/signatures/pattern.ts";
import vectors from "./vectors/patterns.json" with { type: "json" };
import refused from "./vectors/refused-patterns.json" with { type: "json" };

describe("a pattern means what PCRE2 says it means", () => {
  for (const { why, pattern, flags, subject, groups } of vectors as Vector[]) {
    test(`${why}: ${pattern}`, () => {
      const options = { ignoreCase: flags?.includes("i"), dotAll: flags?.includes("s") };
      const match = compilePattern(pattern, options).exec(subject);
      expect(match?.groups.map((text) => text ?? null) ?? null).toEqual(groups);
    });
  }

  test("reports where the match begins", () => {
    expect(compilePattern("b+").exec("aabb")?.index).toBe(2);
  });
});

interface Vector {
  why: string;
  pattern: string;
  flags?: string;
  subject: string;
  groups: (string | null)[] | null;
}

describe("a pattern outside the subset is refused with place and reason", () => {
  for (const { pattern, offset, reason } of refused) {
    test(pattern, () => {
      const error = failure(() => compilePattern(pattern));
      expect(error).toBeInstanceOf(PatternError);
      expect(error).toBeInstanceOf(InputError);
      expect((error as PatternError).reason).toContain(reason);
      expect((error as PatternError).offset).toBe(offset);
    });
  }

  test("nesting is bounded", () => {
    const deep = (n: number) => `${"(".repeat(n)}a${")".repeat(n)}`;
    expect(compilePattern(deep(250)).groups).toBe(250);
    expect(failure(() => compilePattern(deep(251)))).toBeInstanceOf(PatternError);
    expect(failure(() => compilePattern("(?:".repeat(100_000)))).toBeInstanceOf(PatternError);
  });

  test("no text whatever makes the parser throw anything else", () => {
    const piece = fc.constantFrom(..."()[]{}|*+?^$.\\-,:=!<>#&'PRCQEdswxkgbABNh0123456789aiz \n\xe9\x00");
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: piece, maxLength: 40 }), fc.string({ maxLength: 40 })),
        (source) => {
          const error = failure(() => compilePattern(source).exec("ab12 \n[]{}\\x"));
          if (error !== null) expect(error).toBeInstanceOf(PatternError);
        },
      ),
      { numRuns: 5000 },
    );
  });
});

describe("patterns that can match the empty string are known", () => {
  test.each(["", "a*", "^$", "(?:a|b?)", "(?=a)", "(a)?\\1", "a{0}", "\\b", "(?:a*)+"])(
    "%s can",
    (source) => {
      expect(compilePattern(source).matchesEmpty).toBe(true);
    },
  );
  test.each(["a", "a+", "(?:a|bc)", "a*b", "(?=a).", "(a)\\1", "[^a]{2,}"])("%s cannot", (source) => {
    expect(compilePattern(source).matchesEmpty).toBe(false);
  });
});

describe("every match is bounded in steps", () => {
  const size = 65_536;
  const hostile: [string, string][] = [
    ["(a+)+$", `${"a".repeat(size - 1)}!`],
    ["(a|a)*b", `${"a".repeat(size - 1)}c`],
    ["(a|aa)+[bc]", `${"a".repeat(size - 1)}d`],
    ["(.*)*x", "a\r".repeat(size / 2)],
    ["(?:.*)*[xy]", "a".repeat(size)],
    ["(a*)*[bc]", "a".repeat(size)],
    ["^(.*?,){11}[P-Z]", "1,".repeat(size / 2)],
    [".*.*.*.*[=x]y", "z".repeat(size)],
    ["(?:(\\w+)\\s?)+[!?]", "word ".repeat(size / 5)],
    ["(?=(a+))(?:\\1)*[bc]", "a".repeat(size)],
    ["(?s).*(?:a.*)+[bc]", "a".repeat(size)],
    ["(?:a?){65535}[bc]", "a".repeat(size)],
    ["(?<![^a]{1,200})[^a]*[bc]{3}", "a".repeat(size)],
    ["((((a*)*)*)*)*[bc]", "a".repeat(size)],
    ["(?>(?:a+)+)[bc]", "a".repeat(size)],
    ["\\s+$", `${" ".repeat(size - 1)}x`],
  ];
  test.each(hostile)("%s", (source, subject) => {
    const budget = freshBudget();
    const match = compilePattern(source).exec(subject, budget);
    expect(match).toBeNull();
    expect(2_000_000 - budget.remaining).toBeLessThanOrEqual(STEPS_PER_MATCH);
  });

  test("a match given up is counted, and the response's budget runs down", () => {
    const budget = freshBudget();
    const pattern = compilePattern("(a+)+[bc]");
    const subject = "a".repeat(2000);
    let tries = 0;
    while (budget.remaining > 0 && tries < 100) {
      expect(pattern.exec(subject, budget)).toBeNull();
      tries++;
    }
    expect(tries).toBe(2_000_000 / STEPS_PER_MATCH);
    expect(budget.exceeded).toBe(tries);
    expect(pattern.exec("ab", budget)).toBeNull();
    expect(budget.exceeded).toBe(tries + 1);
  });

  test("long subjects that match are no trouble", () => {
    const page = `${"x<p>\r\n".repeat(10_000)}Server: nginx/1.22.1\r\n`;
    const match = compilePattern("^.*\\r\\nServer: nginx/([\\d.]+)\\r\\n", { dotAll: true }).exec(page);
    expect(match?.groups[1]).toBe("1.22.1");
    expect(match?.steps).toBeLessThan(20_000);
  });

  test("a search for absent text costs next to nothing", () => {
    const budget = freshBudget();
    compilePattern("<title>[^<]*Router (\\w+)</title>").exec("<title>x</title>".repeat(4096), budget);
    expect(2_000_000 - budget.remaining).toBeLessThan(1000);
  });
});

describe("where JavaScript means the same, both agree", () => {
  // Only constructs with one meaning: no captures in loops, no $, no classes that differ, no empty loops.
  const char = fc.constantFrom("a", "b", "c", "\\.", "\\d", "\\w", "[ab]", "[^a]", "[a-c0-9]", "x");
  const quantifier = fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{1,3}", "*?", "+?", "??", "{0,2}?");
  const item = fc.tuple(char, quantifier).map(([c, q]) => c + q);
  const run = fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => items.join(""));
  const group = fc.tuple(run, run, quantifier).map(([a, b, q]) => `(?:x${a}|b${b})${q}`);
  const look = fc.tuple(fc.constantFrom("=", "!"), run).map(([kind, a]) => `(?${kind}${a})`);
  const capture = run.map((a) => `(${a})`);
  const pattern = fc
    .array(fc.oneof(run, group, look, capture, fc.constantFrom("^", "\\b", "\\B")), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) => parts.join(""));
  const subject = fc.string({ unit: fc.constantFrom(..."aabbccx01. _\n"), maxLength: 24 });

  test("in place and captures", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          pattern,
          fc.tuple(pattern, pattern).map((p) => p.join("|")),
        ),
        subject,
        (source, text) => {
          const ours = compilePattern(source).exec(text);
          const theirs = new RegExp(source).exec(text);
          expect(ours && [ours.index, ...ours.groups]).toEqual(theirs && [theirs.index, ...theirs]);
        },
      ),
      { numRuns: 5000 },
    );
  });
});

function failure(run: () => unknown): unknown {
  try {
    run();
    return null;
  } catch (error) {
    return error;
  }
}
