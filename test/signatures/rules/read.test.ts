import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRulesPack, loadRulesPack } from "../../../lib/signatures/rules/pack.ts";
import { readRules } from "../../../lib/signatures/rules/read.ts";
import { fillRequest, httpRequest } from "../../../lib/signatures/rules/request.ts";

const file = (...lines: string[]) => ["fingerprints:", ...lines].join("\n");
const mistakesOf = (text: string) =>
  readRules(text).mistakes.map(({ line, column, reason }) => `${line}:${column} ${reason}`);

const HEALTH = file(
  "  - name: Custom Internal App",
  "    service: http",
  "    probes:",
  "      - type: http",
  "        ports: 8000-8999",
  "        request: |",
  "          GET /health HTTP/1.1",
  "          Host: {{target}}",
  "        match:",
  '          - pattern: "X-Internal-App: MyApp"',
  "            confidence: 0.9",
  '          - pattern: "version=([0-9.]+)"',
  "            extract: version",
  "            confidence: 0.8",
);

describe("rules that ask", () => {
  test("are read with their request joined by CRLF and ended by a blank line", () => {
    const { rules, mistakes } = readRules(HEALTH);
    expect(mistakes).toEqual([]);
    expect(rules[0]).toMatchObject({
      name: "Custom Internal App",
      service: "http",
      probes: [
        {
          ports: [{ first: 8000, last: 8999 }],
          request: "GET /health HTTP/1.1\r\nHost: {{target}}\r\n\r\n",
          entries: [
            { extract: null, confidence: 0.9 },
            { extract: "version", group: 1, confidence: 0.8 },
          ],
        },
      ],
    });
  });

  test("send the same bytes however YAML was quoted", () => {
    const sent = (scalar: string) =>
      readRules(file("  - name: x", "    probes:", `      - {type: tcp, send: ${scalar}, expect: hi}`))
        .rules[0]?.probes[0]?.request;
    expect([sent('"\\r\\n\\xff"'), sent("'\\r\\n\\xff'"), sent("\\r\\n\\xff")]).toEqual(
      Array.from({ length: 3 }, () => "\r\n\xff"),
    );
  });

  test("share one probe where they send the same", () => {
    const [first, second] = readRules(
      file(
        "  - {name: a, probes: [{type: tcp, send: x, expect: a}]}",
        "  - {name: b, probes: [{type: tcp, send: x, expect: b}]}",
      ),
    ).rules;
    expect(first?.probes[0]?.probe).toBe(second?.probes[0]?.probe);
  });

  test("know the name asked for, else the address, and brackets around IPv6 in HTTP", () => {
    const { text } = httpRequest("GET / HTTP/1.1\nHost: {{target}}:{{port}}");
    const filled = (host: string, hostname: string | null) =>
      fillRequest(text, "http", { host, hostname, port: 81 }).toString();
    expect(filled("10.0.0.1", "a.example")).toContain("Host: a.example:81\r\n");
    expect(filled("10.0.0.1", null)).toContain("Host: 10.0.0.1:81\r\n");
    expect(filled("2001:db8::1", null)).toContain("Host: [2001:db8::1]:81\r\n");
  });

  test("are warned of what may change something, and refused what does", () => {
    const asking = (method: string) => readRules(HEALTH.replace("GET /health", `${method} /health`));
    expect(asking("POST").warnings).toMatchObject([{ line: 7, reason: expect.stringContaining("POST") }]);
    expect(asking("DELETE").mistakes).toMatchObject([{ line: 7, reason: expect.stringContaining("DELETE") }]);
  });
});

describe("mistakes", () => {
  test("are all found at once, each with its line and column", () => {
    const text = file(
      "  - name: One",
      "    servcie: http",
      "    probes:",
      "      - type: htp",
      "        ports: 99999",
      '        request: "HELLO"',
      "        match:",
      '          - pattern: "("',
      "            confidence: 9",
      '          - pattern: "x*"',
      "          - pattern: abc",
      "            extract: version",
      "  - probes: []",
      "  - name: One",
      "    patterns:",
      "      - {type: banner, regex: 8080, confidence: 0.9, requires: nothing}",
    );
    expect(mistakesOf(text)).toEqual([
      expect.stringMatching(/^3:5 "servcie" is unknown here; known are name, service/),
      "5:15 type must be one of http, tcp, udp, tls",
      "6:16 ports: port 99999 is not between 0 and 65535",
      expect.stringMatching(/^7:18 request begins with "HELLO"/),
      expect.stringMatching(/^9:22 the pattern is wrong at character 1/),
      expect.stringMatching(/^10:25 confidence is a probability/),
      expect.stringMatching(/^11:22 the pattern can match the empty text/),
      expect.stringMatching(/^12:22 extract takes group 1, but the pattern has no group/),
      "14:5 name is missing; it is text",
      "14:13 probes must have at least 1 entry",
      '15:11 "One" names a rule above already',
      '17:31 regex must be text; write "8080" in quotes',
      expect.stringMatching(/^17:49 confidence is in percent here/),
      expect.stringMatching(/^17:64 requires names "nothing"/),
    ]);
  });

  test("may say that a pattern counts for nothing by itself, so that others can require it", () => {
    const pattern = (confidence: number) => `      - {type: banner, regex: a, confidence: ${confidence}}`;
    const confidences = [0, 1, 100].map((n) => pattern(n));
    const { rules, mistakes } = readRules(file("  - name: x", "    patterns:", ...confidences));
    expect(mistakes).toEqual([]);
    expect(rules[0]?.patterns.map(({ confidence }) => confidence)).toEqual([0, 0.01, 1]);
  });

  test.each([
    ["no YAML at all", "fingerprints: [", /^\d+:\d+ /],
    ["nothing", "", /^1:1 the file must be a group of fields/],
    ["a list", "- a", /^1:1 the file must be a group of fields/],
    ["no rule", "fingerprints: []", /^1:15 fingerprints must have at least 1 entry/],
    ["a key twice", "fingerprints: []\nfingerprints: []", /^2:1 /],
    ["a rule that does nothing", file("  - name: x"), /^2:5 the rule has neither probes/],
    [
      "only what extracts",
      file("  - name: x", "    probes:", "      - {type: tcp, match: [{pattern: (a), extract: version}]}"),
      /^4:7 no entry identifies/,
    ],
    [
      "fields of the other type",
      file("  - name: x", "    probes:", "      - {type: tcp, request: x, expect: y}"),
      /request is for type http/,
    ],
    [
      "placeholders that nobody fills",
      file("  - name: x", "    probes:", '      - {type: tcp, send: "{{user}}", expect: y}'),
      /\{\{user\}\} is unknown/,
    ],
  ])("%s is one", (_, text, mistake) => {
    expect(mistakesOf(text).join("\n")).toMatch(mistake);
  });

  test("never end in an exception, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (noise) => {
        const { rules, mistakes } = readRules(noise);
        expect(rules.length + mistakes.length).toBeGreaterThan(0);
        const spliced = HEALTH.slice(0, noise.length * 2) + noise + HEALTH.slice(noise.length * 2);
        for (const { line, column } of readRules(spliced).mistakes) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(column).toBeGreaterThanOrEqual(1);
        }
      }),
    );
  });
});

test("a pack of rules comes back as it was, and is named after its bytes", () => {
  const { rules } = readRules(HEALTH);
  const packed = compileRulesPack(rules, "mine.yaml");
  expect(loadRulesPack(packed.bytes)).toEqual({
    kind: "rules",
    name: "rules:mine.yaml",
    digest: packed.digest,
    rules,
  });
  expect(compileRulesPack(rules, "mine.yaml").digest).toBe(packed.digest);
  expect(loadRulesPack(Buffer.from("no pack"))).toBeNull();
});
