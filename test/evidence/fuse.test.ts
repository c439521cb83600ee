import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FuseInput } from "../../lib/evidence/contests.ts";
import { fuse } from "../../lib/evidence/fuse.ts";
import type { Claim, Evidence } from "../../lib/model/evidence.ts";
import { verdictSchema } from "../../lib/model/fingerprint.ts";

const piece = (claim: Claim, family: string, weight: number): Evidence => ({
  source: family,
  family,
  claim,
  weight,
  excerpt: "",
  signature: `test:${family}/${claim.product ?? claim.service ?? "?"}`,
});
const verdictOn = (evidence: Evidence[], input: Partial<FuseInput> = {}) =>
  fuse({ port: 8080, transport: "tcp", asked: true, evidence, ...input });

const http = piece({ service: "http" }, "reply:http.get", 7);
const nginx = (family: string, version?: string, weight = 6) =>
  piece({ service: "http", product: "nginx", vendor: "F5", version }, family, weight);
const iis = (family: string, weight = 6) =>
  piece({ service: "http", product: "Microsoft IIS httpd", vendor: "Microsoft" }, family, weight);

describe("one product", () => {
  test("named by one exact token is believed at about 0.95", () => {
    const verdict = verdictOn([http, nginx("http.headers")]);
    expect(verdict).toMatchObject({ service: "http", method: "probed", product: "nginx", conflicts: [] });
    expect(verdict.confidence).toBeGreaterThan(0.92);
    expect(verdict.confidence).toBeLessThan(0.98);
    expect(verdict.confidence).toBe(verdict.confidences.product);
  });

  test("is contradicted by no sign of TLS", () => {
    const tls = piece({ service: "ssl" }, "reply:tls.hello", 7);
    expect(verdictOn([http, nginx("http.headers"), tls]).conflicts).toEqual([]);
  });

  test("named by two families that agree is believed more", () => {
    const one = verdictOn([http, nginx("http.headers")]);
    const two = verdictOn([http, nginx("http.headers"), nginx("http.body")]);
    expect(two.confidence).toBeGreaterThan(one.confidence);
  });

  test("named twice by the same bytes is believed no more than by the stronger of the two", () => {
    const one = verdictOn([http, nginx("http.headers")]);
    const twice = verdictOn([http, nginx("http.headers"), nginx("http.headers", undefined, 4)]);
    expect(twice.confidences).toEqual(one.confidences);
  });

  test("under two names of one identity does not compete with itself", () => {
    const apache = (product: string, family: string) => piece({ service: "http", product }, family, 6);
    const verdict = verdictOn([http, apache("Apache httpd", "http.headers"), apache("Apache", "http.body")]);
    expect(verdict.conflicts).toEqual([]);
    expect(verdict.confidence).toBeGreaterThan(verdictOn([http, apache("Apache", "http.body")]).confidence);
  });

  test("weakly hinted at leaves most of the posterior to something else", () => {
    const verdict = verdictOn([http, nginx("http.body", undefined, 1)]);
    expect(verdict.product).toBe("nginx");
    expect(verdict.confidence).toBeLessThan(0.2);
    expect(verdict.confidences.service).toBeGreaterThan(0.9);
  });
});

describe("a certificate that names its product", () => {
  const certificate = piece({ product: "Traefik" }, "tls.subject", 6);

  test("is believed where nothing tells the service", () => {
    const verdict = verdictOn([certificate], { port: 0 });
    expect(verdict).toMatchObject({ service: null, product: "Traefik" });
    expect(verdict.confidence).toBeGreaterThan(0.9);
  });

  test("says nothing about a service that only the port's number suggests", () => {
    expect(verdictOn([certificate], { port: 80 })).toMatchObject({ service: "http", product: null });
  });
});

describe("products that disagree", () => {
  test("lower the confidence, and both are named with the signatures of the loser", () => {
    const agreed = verdictOn([http, nginx("http.body"), nginx("tls.certificate")]);
    const verdict = verdictOn([http, nginx("http.body"), nginx("tls.certificate"), iis("http.headers")]);
    expect(verdict.product).toBe("nginx");
    expect(verdict.confidence).toBeLessThan(agreed.confidence);
    expect(verdict.conflicts).toEqual([
      {
        field: "product",
        claimed: "nginx",
        against: "Microsoft IIS httpd",
        signatures: ["test:http.headers/Microsoft IIS httpd"],
      },
    ]);
  });

  test("with equal evidence share the posterior", () => {
    const verdict = verdictOn([http, nginx("http.body"), iis("http.headers")]);
    expect(verdict.confidence).toBeLessThan(0.5);
    expect(verdict.conflicts).toHaveLength(1);
  });

  test("are no conflict when the rival is a faint hint", () => {
    expect(verdictOn([http, nginx("http.body"), iis("http.headers", 1)]).conflicts).toEqual([]);
  });
});

describe("services", () => {
  test("that nothing but the port suggests are said to come from the table", () => {
    const verdict = verdictOn([], { port: 22, asked: false });
    expect(verdict).toMatchObject({ service: "ssh", method: "table", product: null, version: null, cpe: [] });
    expect(verdict.confidence).toBeGreaterThan(0);
    const answered = verdictOn([piece({ service: "ssh" }, "banner", 7)], { port: 22 });
    expect(verdict.confidence).toBeLessThan(answered.confidence);
    expect(verdict.confidences).toMatchObject({ product: 0, version: 0 });
  });

  test("become less likely when they were asked and stayed silent", () => {
    const before = verdictOn([], { port: 22, asked: false });
    expect(verdictOn([], { port: 22, asked: true }).confidence).toBeLessThan(before.confidence);
  });

  test("are unknown on a port that nobody registered", () => {
    expect(verdictOn([], { port: 49_151 })).toMatchObject({ service: null, confidence: 0, method: "table" });
  });

  test("that answered outrank those that the port's number suggests", () => {
    const ssh = piece({ service: "ssh" }, "banner", 7);
    expect(verdictOn([ssh], { port: 80 })).toMatchObject({ service: "ssh", method: "probed" });
    expect(verdictOn([piece({ service: "ssh" }, "banner", 2)], { port: 80 }).service).toBe("ssh");
  });

  test("of an unregistered port compete with something else", () => {
    const weak = verdictOn([piece({ service: "ssh" }, "banner", 2)], { port: 49_151 });
    const strong = verdictOn([piece({ service: "ssh" }, "banner", 7)], { port: 49_151 });
    expect(weak.confidence).toBeLessThan(0.3);
    expect(strong.confidence).toBeGreaterThan(0.9);
  });

  test("that are other readings of the same bytes are none", () => {
    const dict = [
      piece({ service: "dict" }, "banner", 7),
      piece({ service: "dict" }, "reply:dict.server", 9),
    ];
    const ftp = piece({ service: "ftp" }, "banner", 7);
    expect(verdictOn([...dict, ftp], { port: 2628 })).toMatchObject({ service: "dict", conflicts: [] });
    const goodbye = piece({ service: "ftp" }, "reply:dict.quit", 5);
    expect(verdictOn([...dict, ftp, goodbye], { port: 2628 }).conflicts).toMatchObject([{ against: "ftp" }]);
  });

  test("that disagree are a conflict, and products of the loser are not listed", () => {
    const smtp = piece({ service: "smtp", product: "Postfix smtpd" }, "banner", 5);
    const verdict = verdictOn([http, nginx("http.headers"), smtp]);
    expect(verdict).toMatchObject({ service: "http", product: "nginx" });
    expect(verdict.conflicts).toMatchObject([{ field: "service", claimed: "http", against: "smtp" }]);
  });
});

describe("versions", () => {
  test("that refine one another agree on the finest", () => {
    const coarse = verdictOn([http, nginx("http.headers", "1.22")]);
    const both = verdictOn([http, nginx("http.headers", "1.22"), nginx("http.body", "1.22.1")]);
    expect(both).toMatchObject({ version: "1.22.1", conflicts: [] });
    expect(both.confidences.version).toBeGreaterThan(coarse.confidences.version);
    expect(both.cpe[0]).toContain(":nginx:1.22.1:");
  });

  test("that only share digits are two versions", () => {
    const verdict = verdictOn([http, nginx("http.headers", "1.2", 6), nginx("http.body", "1.22", 5)]);
    expect(verdict.version).toBe("1.2");
    expect(verdict.conflicts).toMatchObject([{ field: "version", claimed: "1.2", against: "1.22" }]);
  });

  test("of a losing product are not mixed into the winner's", () => {
    const other = piece({ service: "http", product: "Apache httpd", version: "2.4.57" }, "http.body", 3);
    expect(verdictOn([http, nginx("http.headers", "1.22.1"), other]).version).toBe("1.22.1");
  });
});

test("technologies stand beside the product and never compete with it", () => {
  const php = piece({ service: "http", technology: { name: "PHP", version: "8.2.7" } }, "http.powered-by", 5);
  const verdict = verdictOn([http, nginx("http.headers"), php]);
  expect(verdict.technologies).toMatchObject([{ name: "PHP", version: "8.2.7" }]);
  expect(verdict.confidences).toEqual(verdictOn([http, nginx("http.headers")]).confidences);
});

test("info, host name, OS and device come from the strongest piece that tells them", () => {
  const told = (os: string, weight: number, family: string) =>
    piece({ service: "http", product: "nginx", os, info: `on ${os}` }, family, weight);
  const verdict = verdictOn([http, told("Linux", 3, "a"), told("FreeBSD", 5, "b")]);
  expect(verdict).toMatchObject({ os: "FreeBSD", info: "on FreeBSD", device: null });
});

test("of a maker and the same with its model the model is told, however weakly; another maker's stays with it", () => {
  const told = (device: string, weight: number) => piece({ service: "http", device }, device, weight);
  expect(verdictOn([http, told("ACME", 6), told("Acme X-7", 2)]).device).toBe("Acme X-7");
  expect(verdictOn([http, told("Acme X7", 6), told("Acme X7-24P", 5)]).device).toBe("Acme X7-24P");
  expect(verdictOn([http, told("ACME", 6), told("Acmeland X-7", 5), told("Bolt X-7", 5)]).device).toBe(
    "ACME",
  );
});

/** Evidence drawn from few names, so that pieces agree and disagree often. */
const claims = fc.record(
  {
    service: fc.constantFrom("http", "ssh", "smtp"),
    product: fc.constantFrom("nginx", "Apache httpd", "Apache", "OpenSSH", "My <own> server"),
    vendor: fc.constantFrom("F5", "Apache"),
    version: fc.constantFrom("1", "1.2", "1.2.3", "1.22", "2.0p1"),
    info: fc.constantFrom("a", "b"),
    hostname: fc.constantFrom("h1", "h2"),
    os: fc.constantFrom("Linux", "Windows"),
    device: fc.constantFrom("printer", "router"),
    cpe: fc.array(
      fc.constantFrom("cpe:2.3:a:x:y:1:*:*:*:*:*:*:*", "cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*"),
    ),
    technology: fc.constant({ name: "PHP", version: null }),
  },
  { requiredKeys: [] },
);
const evidences = fc.array(
  fc.record({
    source: fc.constant("test"),
    family: fc.constantFrom("banner", "http.headers", "http.body", "tls.certificate"),
    claim: claims,
    weight: fc.oneof(fc.integer({ min: -3, max: 12 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
    excerpt: fc.constant(""),
    signature: fc.constantFrom("p:a", "p:b", "p:c"),
  }),
  { maxLength: 12 },
);
const ports = fc.constantFrom(22, 80, 443, 8080, 49_151);

describe("whatever the evidence", () => {
  test("its order changes nothing", () => {
    const shuffled = evidences.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ports, ([list, other], port) => {
        expect(verdictOn(other, { port })).toEqual(verdictOn(list, { port }));
      }),
      { numRuns: 500 },
    );
  });

  test("confidences lie within 0 and 0.999, and narrow from service to product to version", () => {
    fc.assert(
      fc.property(evidences, ports, fc.boolean(), (list, port, asked) => {
        const verdict = verdictOn(list, { port, asked });
        verdictSchema.parse(verdict);
        const { service, product, version } = verdict.confidences;
        for (const value of [verdict.confidence, service, product, version]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(0.999);
        }
        // A product without a service stands by itself.
        if (verdict.service !== null) expect(product).toBeLessThanOrEqual(service);
        expect(version).toBeLessThanOrEqual(verdict.product === null ? service : product);
      }),
      { numRuns: 500 },
    );
  });

  test("one more family that says what the verdict says makes it no less sure, the same evidence again no surer", () => {
    fc.assert(
      fc.property(evidences, ports, fc.integer({ min: 0, max: 12 }), (list, port, weight) => {
        const before = verdictOn(list, { port });
        expect(verdictOn([...list, ...list], { port }).confidences).toEqual(before.confidences);
        const { service, product, version } = before;
        fc.pre(service !== null && product !== null && before.method === "probed");
        const claim = { service, product, ...(version === null ? {} : { version }) };
        const after = verdictOn([...list, piece(claim, "another", weight)], { port });
        expect(after).toMatchObject({ service, product });
        // A version that was told without a product gives way to the product's own.
        const nameless = list.some((one) => one.claim.version && !one.claim.product);
        for (const field of nameless
          ? (["service", "product"] as const)
          : (["service", "product", "version"] as const))
          expect(after.confidences[field]).toBeGreaterThanOrEqual(before.confidences[field]);
      }),
      { numRuns: 500 },
    );
  });

  test("it is only read", () => {
    fc.assert(
      fc.property(evidences, (list) => {
        const before = structuredClone(list);
        verdictOn(list);
        expect(list).toEqual(before);
      }),
    );
  });
});
