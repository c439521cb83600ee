import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { listening } from "../net/servers.ts";
import { deskOfFile, endpointsOf, expectRefusal, summaryOf } from "./command.ts";

// The operator's rules, from the command line to the prober and back.

const desk = deskOfFile();
const file = join(desk.state, "my-rules.yaml");
const bad = join(desk.state, "bad.yaml");
const server = createServer((request, response) => {
  if (request.url === "/health") response.setHeader("X-Internal-App", "MyApp");
  response.end(request.url === "/health" ? "version=1.2.3" : "hello");
});
const port = await listening(server);
writeFileSync(
  file,
  `fingerprints:
  - name: Custom Internal App
    service: http
    probes:
      - type: http
        request: |
          GET /health HTTP/1.1
          Host: {{target}}
        match:
          - pattern: "X-Internal-App: MyApp"
            confidence: 0.9
          - pattern: "version=([0-9.]+)"
            extract: version
            confidence: 0.8
`,
);
writeFileSync(bad, "fingerprints:\n  - name: x\n    probes:\n      - {type: tpc, expect: '('}\n");
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const said = { service: "http", method: "probed", product: "Custom Internal App", version: "1.2.3" };

describe("--rules", () => {
  test.each([
    ["beside what is built in", []],
    ["alone", ["--no-builtin"]],
  ])(
    "%s, the rule's request is sent and its verdict comes out, with the digest of what was used",
    async (_, flags) => {
      const look = ["--format", "jsonl", "--no-progress", ...flags];
      const { code, stdout } = await desk.run(["scan", `127.0.0.1:${port}`, "--rules", file, ...look]);
      expect([code, endpointsOf(stdout)[0]]).toMatchObject([0, said]);
      expect(summaryOf(stdout)?.packs).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(summaryOf(stdout)?.packs).toBe(endpointsOf(stdout)[0]?.packs);
    },
  );

  test("match reads a stored answer by the same rules", async () => {
    const data_b64 = Buffer.from("HTTP/1.1 200 OK\r\nX-Internal-App: MyApp\r\n\r\nversion=1.2.3").toString(
      "base64",
    );
    const input = `${JSON.stringify({ id: 7, port: 80, responses: [{ probe: "http.get", data_b64 }] })}\n`;
    const { code, stdout } = await desk.run(["match", "--rules", file], { input });
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { id: 7, ...said }]);
  });

  test("with a mistake in the file nothing is scanned, and the place is told", async () => {
    const refused = await desk.run(["scan", `127.0.0.1:${port}`, "--rules", bad]);
    expectRefusal(
      refused,
      2,
      /bad\.yaml, line 4, column 16: type must be one of .* \(and 1 more\)\. See all with: doorplate rules check/,
    );
  });
});

describe("rules check and test", () => {
  test("count a good file and point at every mistake of a bad one", async () => {
    const both = await desk.run(["rules", "check", file, bad]);
    expect(both).toMatchObject({ code: 1, stderr: "" });
    expect(both.stdout).toContain("my-rules.yaml: 1 rule, 1 probe, 2 patterns, 0 warnings, no mistakes");
    expect(both.stdout).toMatch(/bad\.yaml:4:16: mistake: type must be one of/);
    expect(both.stdout).toMatch(/bad\.yaml:4:29: mistake: the pattern is wrong at character 1/);
    expect(await desk.run(["rules", "check", file])).toMatchObject({ code: 0 });
  });

  test("show what matches a response, and end with 1 where nothing does", async () => {
    const response = join(desk.state, "response");
    writeFileSync(response, "HTTP/1.1 200 OK\r\nX-Internal-App: MyApp\r\n\r\nversion=9");
    const { code, stdout } = await desk.run(["rules", "test", file, "--response", response]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/probes\[0\]\.match\[0\]: identifies, confidence 0\.9: "X-Internal-App: MyApp"/);
    expect(stdout).toMatch(/probes\[0\]\.match\[1\]: version is 9/);
    expect(stdout).toMatch(/verdict: http Custom Internal App 9/);
    const other = await desk.run(["rules", "test", file, "--response", "-"], {
      input: "HTTP/1.1 200 OK\r\n\r\n",
    });
    expect(other).toMatchObject({ code: 1, stdout: "Custom Internal App: no match\n" });
  });
});
