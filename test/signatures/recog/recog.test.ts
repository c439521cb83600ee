import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuse } from "../../../lib/evidence/fuse.ts";
import { PRODUCT_PRIOR } from "../../../lib/evidence/weights.ts";
import type { Fact } from "../../../lib/model/observation.ts";
import { compileRecogPack, loadRecogPack, recogKnowledge } from "../../../lib/signatures/recog/pack.ts";
import { readRecog } from "../../../lib/signatures/recog/read.ts";

// The format, in files of our own.

const file = (matches: string, body: string, attributes = "") =>
  `<?xml version="1.0"?>\n<fingerprints matches="${matches}" ${attributes}>\n${body}\n</fingerprints>\n`;

function evidenceOf(facts: Partial<Fact>[], ...texts: string[]) {
  const files = texts.map((text, i) => {
    const { file: read, refused } = readRecog(text, `${i}.xml`);
    expect(refused).toEqual([]);
    return read;
  });
  const pack = loadRecogPack(
    compileRecogPack(
      files.flatMap((one) => one ?? []),
      "mine",
    ).bytes,
  );
  if (!pack) throw new Error("no pack");
  const whole = facts.map((fact) => ({ name: "http.server", value: "", family: "http.headers", ...fact }));
  return recogKnowledge(pack, PRODUCT_PRIOR).evaluate({ responses: [], facts: whole });
}

const ACME = `  <fingerprint pattern="^acmed/(\\d+\\.\\d+)(?: \\((.*)\\))?$" flags="REG_ICASE" certainty="0.9">
    <description>Acme &amp; Sons</description>
    <example service.version="1.2">Acmed/1.2</example>
    <param pos="0" name="service.vendor" value="Acme"/>
    <param pos="0" name="service.product" value="Acmed"/>
    <param pos="1" name="service.version"/>
    <param pos="2" name="os.product"/>
    <param pos="0" name="service.cpe23" value="cpe:/a:acme:acmed:{service.version}"/>
    <param pos="0" name="os.cpe23" value="cpe:/o:acme:acmeos:{os.version}"/>
  </fingerprint>`;

describe("a Recog file", () => {
  test("claims by groups, fixed values and values of values, in the family of the bytes", () => {
    expect(evidenceOf([{ value: "ACMED/1.2 (AcmeOS)" }], file("http_header.server", ACME))).toEqual([
      {
        source: "http.server",
        family: "http.headers",
        claim: {
          service: "http",
          product: "Acmed",
          vendor: "Acme",
          version: "1.2",
          os: "AcmeOS",
          cpe: ["cpe:2.3:a:acme:acmed:1.2:*:*:*:*:*:*:*", "cpe:2.3:o:acme:acmeos:*:*:*:*:*:*:*:*"],
        },
        weight: expect.closeTo(Math.log(9) + 3, 5),
        excerpt: "ACMED/1.2 (AcmeOS)",
        signature: "recog:mine/0.xml:3",
      },
    ]);
  });

  test("makes a claim as likely as its certainty says", () => {
    const evidence = evidenceOf([{ value: "Acmed/1.2" }], file("http_header.server", ACME));
    const { product, confidences } = fuse({ port: 80, transport: "tcp", evidence, asked: true });
    expect(product).toBe("Acmed");
    expect(confidences.product / confidences.service).toBeCloseTo(0.9, 2);
  });

  test("lets its first match speak, whatever else would match", () => {
    const two = `<fingerprint pattern="^a"><param pos="0" name="service.product" value="One"/></fingerprint>
      <fingerprint pattern="^ab"><param pos="0" name="service.product" value="Two"/></fingerprint>`;
    const products = (...texts: string[]) =>
      evidenceOf([{ value: "abc" }], ...texts).map(({ claim }) => claim.product);
    expect(products(file("http_header.server", two))).toEqual(["One"]);
    const other = two.replace('"One"', '"Other"');
    expect(
      products(file("http_header.server", two), file("http_header.server", other, 'preference="0.9"')),
    ).toEqual(["Other", "One"]);
  });

  test("reads the facts of its key, hardware and components among them", () => {
    const body = `<fingerprint pattern="^Acme (\\w+)"><param pos="0" name="hw.vendor" value="Acme"/>
      <param pos="0" name="hw.device" value="Printer"/><param pos="1" name="hw.product"/>
      <param pos="0" name="service.component.product" value="Lib"/></fingerprint>`;
    const facts = [
      { name: "snmp.sysDescr", value: "Acme X1", family: "reply:snmp" },
      { name: "http.title", value: "Acme X1" },
    ];
    expect(evidenceOf(facts, file("snmp.sys_description", body)).map(({ claim }) => claim)).toEqual([
      { service: "snmp", device: "Printer", info: "Acme X1" },
      { service: "snmp", technology: { name: "Lib", version: null } },
    ]);
  });

  test("knows the flags: case, dots over line ends, and lines as in Ruby", () => {
    const one = (pattern: string, flags: string) =>
      file(
        "html_title",
        `<fingerprint pattern="${pattern}" flags="${flags}"><param pos="0" name="service.product" value="P"/></fingerprint>`,
      );
    const hits = (pattern: string, flags: string, value: string) =>
      evidenceOf([{ name: "http.title", value }], one(pattern, flags)).length;
    expect([hits("^abc", "", "ABC"), hits("^abc", "REG_ICASE", "ABC")]).toEqual([0, 1]);
    expect([hits("a.b", "", "a\nb"), hits("a.b", "REG_DOT_NEWLINE,REG_ICASE", "A\nb")]).toEqual([0, 1]);
    expect(hits("^second$", "", "first\nsecond\nthird")).toBe(1);
  });
});

describe("what is wrong", () => {
  test("in a fingerprint costs that fingerprint, and is told with line and column", () => {
    const { file: read, refused } = readRecog(
      file(
        "ssh.banner",
        `<fingerprint pattern="(">
  </fingerprint>
  <fingerprint pattern="a" flags="REG_ODD"/>
  <fingerprint pattern="a"><param pos="1" name="service.version"/></fingerprint>
  <fingerprint certainty="1"/>
${ACME}`,
      ),
      "x.xml",
    );
    expect(read?.fingerprints).toHaveLength(1);
    expect(refused).toEqual([
      { line: 3, column: 1, reason: "pattern: missing ), at character 1" },
      { line: 5, column: 3, reason: "the flag REG_ODD is unknown" },
      { line: 6, column: 3, reason: "param service.version takes group 1, but the pattern has 0" },
      { line: 7, column: 3, reason: "the fingerprint has no pattern" },
    ]);
  });

  test.each([
    ["broken XML", "<fingerprints matches='ssh.banner'><fingerprint></fingerprints>", /closing tag/i],
    [
      "entities of its own",
      '<!DOCTYPE a [<!ENTITY x "y">]><fingerprints matches="ssh.banner"/>',
      /document type/,
    ],
    ["another root", "<other/>", /root element/],
    ["no key", "<fingerprints/>", /matches key/],
  ])("with a file, such as %s, costs the file", (_, text, reason) => {
    expect(readRecog(text, "x.xml")).toMatchObject({
      file: null,
      refused: [{ reason: expect.stringMatching(reason) }],
    });
  });

  test("is not a key that nothing here is heard for: that is a note", () => {
    expect(readRecog(file("tls.jarm", ACME), "x.xml")).toMatchObject({
      file: null,
      refused: [],
      note: expect.stringContaining("tls.jarm"),
    });
  });

  test("is never an exception", () => {
    const whole = file("ssh.banner", ACME);
    fc.assert(
      fc.property(fc.nat(whole.length), fc.string({ unit: "binary", maxLength: 20 }), (at, noise) => {
        const {
          file: read,
          refused,
          note,
        } = readRecog(whole.slice(0, at) + noise + whole.slice(at + 3), "x.xml");
        expect(read !== null || refused.length > 0 || note !== null).toBe(true);
      }),
    );
  });
});
