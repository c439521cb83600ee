import { describe, expect, test } from "vitest";
import { fuse } from "../../lib/evidence/fuse.ts";
import { IDENTITY } from "../../lib/evidence/isotonic.ts";
import { kindOf } from "../../lib/evidence/kinds.ts";
import { fitRates, type KindClaim, weigh } from "../../lib/evidence/rates.ts";
import type { Claim, Evidence } from "../../lib/model/evidence.ts";

const piece = (signature: string, source: string, claim: Claim, weight = 6): Evidence => ({
  source,
  family: "http.headers",
  claim,
  weight,
  excerpt: "",
  signature,
});
const token = (product: string) => piece("builtin:grammar/http.server", "http.server", { product }, 4.7);
const claims = (kind: string, right: number, wrong: number): KindClaim[] => [
  ...Array.from({ length: right }, () => ({ kind, right: true })),
  ...Array.from({ length: wrong }, () => ({ kind, right: false })),
];

describe("the kind of a claim", () => {
  test("is how it was made and where it was read", () => {
    const exact = piece("builtin:http.server/nginx", "http.server", { product: "nginx" });
    expect(kindOf(exact)).toBe("exact/token");
    expect(kindOf({ ...exact, source: "http.title", weight: 5 })).toBe("typical/page");
    expect(kindOf({ ...exact, source: "ssh.banner" })).toBe("exact/ssh");
    expect(kindOf({ ...exact, source: "smtp.banner" })).toBe("exact/greeting");
    expect(kindOf({ ...exact, source: "mysql.version", weight: 2 })).toBe("hint/protocol");
  });

  test("of a grammar is whether the name is known, and what it looks like", () => {
    expect(kindOf(token("Jetty"))).toBe("grammar-known/word");
    expect(kindOf(token("Wombat"))).toBe("grammar-new/word");
    expect(kindOf(token("Wombat Burrow"))).toBe("grammar-new/words");
    expect(kindOf(token("wmbtd"))).toBe("grammar-new/part");
    expect(kindOf(token("WMB"))).toBe("grammar-new/part");
    expect(kindOf(token("HP-Wombat"))).toBe("grammar-new/part");
    expect(kindOf(token("Jetty"), () => false)).toBe("grammar-new/word");
  });

  test("is none for services alone, and for what an operator brings", () => {
    expect(kindOf(piece("builtin:protocol/http", "http.get", { service: "http" }, 9))).toBeNull();
    expect(kindOf(piece("nmap-service-probes:12", "GetRequest", { product: "nginx" }, 7))).toBeNull();
    expect(kindOf(piece("rules:mine/app", "http.get", { product: "App" }, 2))).toBeNull();
  });
});

describe("rates", () => {
  test("of a kind with many claims are what was counted", () => {
    expect(fitRates(claims("exact/token", 900, 100))["exact/token"]?.rate).toBeCloseTo(0.9, 2);
  });

  test("of a kind with few are drawn towards those of its first part", () => {
    const rates = fitRates([...claims("exact/token", 98, 2), ...claims("exact/icon", 0, 2)]);
    expect(rates["exact/icon"]?.rate).toBeGreaterThan(0.8);
    expect(rates["exact/icon"]?.rate).toBeLessThan(rates["exact/token"]?.rate ?? 0);
  });

  test("of a kind with few are drawn towards those of its second part, too", () => {
    const others = [
      ...claims("exact/token", 95, 5),
      ...claims("exact/part", 60, 40),
      ...claims("known/token", 95, 5),
    ];
    const rates = fitRates([...others, ...claims("known/part", 3, 0)]);
    expect(rates["known/part"]?.rate).toBeLessThan(0.9);
    expect(rates["known/token"]?.rate).toBeGreaterThan(0.93);
  });

  test("never reach certainty", () => {
    expect(fitRates(claims("exact/token", 100_000, 0))["exact/token"]?.rate).toBeLessThan(1);
  });
});

describe("a weighed claim", () => {
  const rates = fitRates([
    ...claims("exact/token", 980, 20),
    ...claims("grammar-new/word", 80, 20),
    ...claims("hint/page", 50, 0),
  ]);
  const alone = (one: Evidence) => {
    const service = piece("builtin:protocol/http", "http.get", { service: "http" }, 9);
    const evidence = [service, { ...one, claim: { service: "http", ...one.claim } }];
    const maps = { service: IDENTITY, product: IDENTITY, version: IDENTITY };
    return fuse({ port: 80, transport: "tcp", asked: true, evidence }, maps).confidence;
  };

  test("is believed alone as often as its kind is right", () => {
    const exact = piece("builtin:http.server/nginx", "http.server", { product: "nginx" });
    expect(alone(weigh(exact, rates))).toBeCloseTo(rates["exact/token"]!.rate, 2);
    expect(alone(weigh(token("Wombat"), rates))).toBeCloseTo(rates["grammar-new/word"]!.rate, 2);
  });

  test("of a kind that was never met has the rate of the kind's first part", () => {
    const other = piece("builtin:ssh.banner/x", "ssh.banner", { product: "nginx" });
    expect(alone(weigh(other, rates))).toBeCloseTo(rates.exact!.rate, 2);
  });

  test("that its author called a hint stays below what was counted", () => {
    const hint = piece("builtin:http.title/x", "http.title", { product: "nginx" }, 1);
    expect(alone(weigh(hint, rates))).toBeLessThan(rates["hint/page"]!.rate - 0.05);
    const never = piece("builtin:ssh.banner/x", "ssh.banner", { product: "nginx" }, 1);
    expect(weigh(never, rates)).toEqual(never);
  });

  test("against a product stays against it", () => {
    const against = piece("builtin:http.title/x", "http.title", { product: "nginx" }, -2);
    expect(weigh(against, rates)).toEqual(against);
  });
});
