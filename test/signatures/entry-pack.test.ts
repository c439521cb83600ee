import { describe, expect, test } from "vitest";
import { type Entry, entriesSchema } from "../../lib/signatures/entries.ts";
import { entryPack, type Identity, type IdentityRegistry } from "../../lib/signatures/entry-pack.ts";
import { checkEntries } from "./entry-check.ts";

const known: Record<string, Identity> = {
  nginx: { key: "nginx", product: "nginx", vendor: "F5", cpe: "a:f5:nginx", service: "http" },
  iis: {
    key: "iis",
    product: "Microsoft IIS",
    vendor: "Microsoft",
    cpe: null,
    service: "http",
    os: "Windows",
  },
};
const registry: IdentityRegistry = {
  byKey: (key) => known[key] ?? null,
  cpe23: ({ cpe }, version) => cpe && `cpe:2.3:${cpe}:${version ?? "*"}:*:*:*:*:*:*:*`,
};
const entries = (...list: Record<string, unknown>[]): Entry[] =>
  entriesSchema.parse(
    list.map((entry, i) => ({
      id: `e${i}`,
      ...(entry.response ? {} : { fact: "http.server" }),
      ...(entry.tests ? {} : { test: { input: "x" } }),
      ...entry,
    })),
  );
const server = (value: string) => ({
  responses: [],
  facts: [{ name: "http.server", value, family: "http.headers" }],
});
const response = (probe: string, text: string) => ({
  facts: [],
  responses: [
    {
      probe,
      tls: false,
      data: Buffer.from(text, "latin1"),
      firstByteMs: 1,
      end: "quiet" as const,
      connection: 0,
    },
  ],
});

describe("a pack of entries", () => {
  test("claims what the entry says, completed by the product's identity", () => {
    const pack = entryPack(
      "builtin",
      entries({
        id: "http.server/nginx",
        pattern: "^nginx(?:/([\\d.]+))?",
        flags: "i",
        product: "nginx",
        version: "$1",
      }),
      registry,
    );
    expect(pack.evaluate(server("NGINX/1.22.1 \x07(x)"))).toEqual([
      {
        source: "http.server",
        family: "http.headers",
        claim: {
          service: "http",
          product: "nginx",
          vendor: "F5",
          version: "1.22.1",
          cpe: ["cpe:2.3:a:f5:nginx:1.22.1:*:*:*:*:*:*:*"],
        },
        weight: 6,
        excerpt: "NGINX/1.22.1",
        signature: "builtin:http.server/nginx",
      },
    ]);
    const [bare] = pack.evaluate(server("nginx"));
    expect(bare?.claim).not.toHaveProperty("version");
  });

  test("the first that names a product wins; technologies and other hints all apply", () => {
    const pack = entryPack(
      "p",
      entries(
        { pattern: "PHP/([\\d.]+)", technology: "PHP", version: "$1" },
        { pattern: "IIS", product: "iis" },
        { pattern: "nginx", product: "nginx" },
        { pattern: "OpenSSL", technology: "OpenSSL" },
        { pattern: "Debian", os: "Debian", weight: 3 },
      ),
      registry,
    );
    const evidence = pack.evaluate(server("IIS nginx PHP/8.2 OpenSSL Debian"));
    expect(evidence.map(({ signature }) => signature)).toEqual(["p:e0", "p:e1", "p:e3", "p:e4"]);
    expect(evidence[0]?.claim).toEqual({ technology: { name: "PHP", version: "8.2" } });
    expect(evidence[1]?.claim).toEqual({
      service: "http",
      product: "Microsoft IIS",
      vendor: "Microsoft",
      os: "Windows",
    });
    expect(evidence[2]?.claim).toEqual({ technology: { name: "OpenSSL", version: null } });
    expect(evidence[3]).toMatchObject({ claim: { os: "Debian" }, weight: 3 });
  });

  test("responses are read by the entries of their probe and by those of any", () => {
    const pack = entryPack(
      "p",
      entries(
        { response: "NULL", pattern: "^hello", label: "Greeter", service: "greet" },
        { response: "any", pattern: "hello (\\w+)", technology: "Names", version: "$1" },
      ),
      registry,
    );
    expect(pack.evaluate(response("NULL", "hello you")).map((e) => [e.family, e.claim.product])).toEqual([
      ["banner", "Greeter"],
      ["banner", undefined],
    ]);
    expect(pack.evaluate(response("Help", "hello you")).map((e) => [e.family, e.signature])).toEqual([
      ["reply:Help", "p:e1"],
    ]);
    expect(pack.evaluate(response("NULL", ""))).toEqual([]);
  });

  test("hostile bytes come out printable and short", () => {
    const pack = entryPack(
      "p",
      entries({ pattern: "x([^!]*)", label: "L", version: "$1", info: "$1" }),
      registry,
    );
    const [evidence] = pack.evaluate(server(`x${"\x1b[31m\xe9".repeat(5000)}`));
    expect(evidence?.excerpt).toMatch(/^[\x20-\x7e]{120}$/);
    expect(evidence?.claim.version).toMatch(/^[\x20-\x7e]{1,120}$/);
  });

  test("the digest follows the content, not the order of keys", () => {
    const [a, b] = [entries({ pattern: "a" }), entries({ pattern: "b" })];
    const swapped = a.map((entry) => Object.fromEntries(Object.entries(entry).reverse()) as Entry);
    const digest = (list: Entry[]) => entryPack("p", list, registry).digest;
    expect(digest(a)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(digest(swapped)).toBe(digest(a));
    expect(digest(b)).not.toBe(digest(a));
  });
});

test("an entry may read several facts, name a family by a template, and say what its product is made of", () => {
  const pack = entryPack(
    "p",
    entries({
      fact: ["sip.server", "sip.userAgent"],
      pattern: "^Acme (\\w+) (\\d+)",
      label: "Acme $1",
      version: "$2",
      technology: "Python",
      test: { input: "Acme Phone 2" },
    }),
    registry,
  );
  const facts = ["sip.server", "sip.userAgent", "http.server"].map((name) => ({
    name,
    value: "Acme Phone 2",
    family: name,
  }));
  const evidence = pack.evaluate({ responses: [], facts });
  expect(evidence.map(({ source }) => source)).toEqual(["sip.server", "sip.userAgent"]);
  expect(evidence[0]?.claim).toEqual({
    product: "Acme Phone",
    version: "2",
    technology: { name: "Python", version: null },
  });
});

describe("checking entries", () => {
  test("finds what a reviewer would", () => {
    const problems = checkEntries(
      entries(
        {
          id: "good",
          pattern: "^nginx/(\\d+)",
          product: "nginx",
          version: "$1",
          test: { input: "nginx/1", version: "1" },
        },
        { id: "good", pattern: "^a", label: "A", test: { input: "a" } },
        { id: "stolen", pattern: "nginx", label: "N", test: { input: "nginx/2" } },
        { id: "silent", pattern: "b", label: "B", tests: [{ input: "c" }] },
        {
          id: "version",
          pattern: "d(\\d)",
          label: "D",
          version: "$1",
          test: [{ input: "d1", version: "2" }],
        },
        { id: "broken", pattern: "(", label: "E" },
        { id: "greedy", pattern: "g", label: "G", test: { input: "g" }, not: ["gg"] },
        { id: "unknown", pattern: "^h$", product: "hhh", test: { input: "h" } },
        { id: "empty", pattern: "f*", label: "F", test: { input: "zzz" } },
      ),
      registry,
    );
    const about = (id: string) => problems.filter((problem) => problem.startsWith(`${id}: `)).length;
    expect(
      ["good", "stolen", "silent", "version", "broken", "greedy", "unknown", "empty"].map(about),
    ).toEqual(Array(8).fill(1));
  });

  test("the schema refuses entries that say too little or too much", () => {
    const base = { id: "x", fact: "f", pattern: "a", test: { input: "a" } };
    expect(entriesSchema.safeParse([base]).success).toBe(true);
    for (const wrong of [
      { ...base, response: "NULL" },
      { ...base, fact: undefined },
      { ...base, product: "a", label: "b" },
      { ...base, fact: [] },
      { ...base, test: undefined },
      { ...base, flags: "g" },
      { ...base, surprise: 1 },
    ])
      expect(entriesSchema.safeParse([wrong]).success).toBe(false);
  });
});
