import { createServer as createHttpsServer } from "node:https";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Detection } from "../../../lib/detect/detection.ts";
import { interpret } from "../../../lib/detect/interpret.ts";
import { MOST_RULE_REQUESTS } from "../../../lib/detect/rules/ask.ts";
import { detectTcpWithFiles, detectUdpWithFiles } from "../../../lib/detect/with-files.ts";
import { fuse } from "../../../lib/evidence/fuse.ts";
import type { Response } from "../../../lib/model/observation.ts";
import { connectionBudget } from "../../../lib/net/budget.ts";
import { tcpDialer, udpDialer } from "../../../lib/net/dialer.ts";
import { protocols } from "../../../lib/protocols/index.ts";
import { usePacks } from "../../../lib/scan/packs.ts";
import { builtinPack } from "../../../lib/signatures/builtin/index.ts";
import { compileRulesPack, loadRulesPack } from "../../../lib/signatures/rules/pack.ts";
import { readRules } from "../../../lib/signatures/rules/read.ts";
import { certified, listening, tcpServer, udpServer } from "../../net/servers.ts";

const TIMEOUT_MS = 400;

function usesOf(yaml: string, { builtin = true, anyAnswer = false } = {}) {
  const { rules, mistakes } = readRules(`fingerprints:\n${yaml}`);
  expect(mistakes).toEqual([]);
  const pack = loadRulesPack(compileRulesPack(rules, "mine").bytes);
  return usePacks(pack ? [pack] : [], builtin ? { pack: builtinPack(), protocols } : null, { anyAnswer });
}

function optionsFor(yaml: string, builtin: boolean) {
  const { knowledge, rules } = usesOf(yaml, { builtin });
  const profile = { timeoutMs: TIMEOUT_MS, maxProbesPerPort: 2, confidenceThreshold: 0.95 };
  const now = () => performance.now();
  return {
    knowledge,
    rules,
    builtin,
    files: null,
    profile,
    now,
    budget: connectionBudget({ total: 16, perHost: 16 }),
  };
}

async function detect(port: number, yaml: string, { builtin = true } = {}): Promise<Detection> {
  const { budget, ...options } = optionsFor(yaml, builtin);
  const endpoint = { host: "127.0.0.1", hostname: null, port, transport: "tcp" as const };
  const dialer = tcpDialer(endpoint, budget);
  const opened = await dialer.open({ timeoutMs: TIMEOUT_MS });
  if (opened.state !== "open") throw new Error(`port ${port} is ${opened.state}`);
  return detectTcpWithFiles({ ...options, endpoint, dialer, connection: opened.connection });
}

/** Answers each request line with a page of its own. */
const web = (pages: Record<string, string>, asked: string[] = []) =>
  tcpServer((socket) =>
    socket.on("data", (data) => {
      const text = data.toString("latin1");
      asked.push(text);
      const path = text.split(" ")[1] ?? "";
      const [head = "", body = ""] = (pages[path] ?? "|nothing").split("|");
      socket.end(
        `HTTP/1.1 200 OK\r\n${head}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
    }),
  );

const APP = `
  - name: Custom Internal App
    cpe: cpe:/a:acme:app
    probes:
      - type: http
        request: |
          GET /health HTTP/1.1
          Host: {{target}}
        match:
          - {pattern: "X-Internal-App: MyApp", confidence: 0.9}
          - {pattern: "version=([0-9.]+)", extract: version, confidence: 0.8}
`;
const PAGES = { "/health": "X-Internal-App: MyApp\r\n|version=1.2.3" };

describe("http rules", () => {
  test("ask whoever answered in HTTP, and name what only they know", async () => {
    const asked: string[] = [];
    const { verdict, evidence } = await detect(await web(PAGES, asked), APP);
    expect(asked).toContain("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    expect(verdict).toMatchObject({
      service: "http",
      product: "Custom Internal App",
      version: "1.2.3",
      cpe: ["cpe:2.3:a:acme:app:1.2.3:*:*:*:*:*:*:*"],
    });
    // The stated 0.9, given the service.
    expect(verdict.confidences.product / verdict.confidences.service).toBeCloseTo(0.9, 1);
    expect(evidence.map(({ signature }) => signature)).toContain("rules:mine/Custom Internal App");
  });

  test("name the application; the server software that carries it becomes a part, not a rival", async () => {
    const port = await web({ ...PAGES, "/": "Server: nginx/1.22.1\r\n|hello" });
    const { verdict } = await detect(port, APP);
    expect(verdict).toMatchObject({ product: "Custom Internal App", conflicts: [] });
    expect(verdict.technologies).toContainEqual(
      expect.objectContaining({ name: "nginx", version: "1.22.1" }),
    );
  });

  test("work without anything built in", async () => {
    const { verdict } = await detect(await web(PAGES), APP, { builtin: false });
    expect(verdict).toMatchObject({ service: "http", product: "Custom Internal App", version: "1.2.3" });
  });

  test("are asked inside TLS where the service is inside", async () => {
    const keys = certified("app.test");
    onTestFinished(() => keys.remove());
    const server = createHttpsServer({ key: keys.key, cert: keys.cert }, (request, response) => {
      if (request.url === "/health") response.setHeader("X-Internal-App", "MyApp");
      response.end("version=4");
    });
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { verdict, tls } = await detect(await listening(server), APP);
    expect(tls).not.toBeNull();
    expect(verdict).toMatchObject({ product: "Custom Internal App", version: "4" });
  });

  test("leave alone who speaks something else, and ports that are not theirs", async () => {
    const heard: string[] = [];
    const ssh = await tcpServer((socket) => {
      socket.on("data", (data) => heard.push(data.toString("latin1")));
      socket.write("SSH-2.0-OpenSSH_9.2p1\r\n");
    });
    await detect(ssh, APP);
    const elsewhere: string[] = [];
    await detect(
      await web(PAGES, elsewhere),
      APP.replace("      - type: http", "      - type: http\n        ports: 1"),
    );
    expect([...heard, ...elsewhere].filter((text) => text.includes("/health"))).toEqual([]);
  });

  test("identify with every pattern where all is asked for, and extract nothing before", async () => {
    const all = APP.replace("match:", "all: true\n        match:\n          - {pattern: never there}");
    expect((await detect(await web(PAGES), all)).verdict.product).toBeNull();
  });

  test("share a request, and are cut at a bound", async () => {
    const many = (path: (i: number) => string) =>
      Array.from(
        { length: MOST_RULE_REQUESTS + 5 },
        (_, i) =>
          `  - {name: r${i}, probes: [{type: http, request: "GET ${path(i)} HTTP/1.1\\nHost: x", expect: "nothing ${i}"}]}`,
      ).join("\n");
    const asked: string[] = [];
    const shared = await detect(
      await web({}, asked),
      many(() => "/same"),
    );
    expect(asked.filter((text) => text.includes("/same"))).toHaveLength(1);
    expect(shared.flags).not.toContain("rules-cut");
    const cut = await detect(
      await web({}),
      many((i) => `/${i}`),
    );
    expect(cut.flags).toContain("rules-cut");
  });
});

describe("other rules", () => {
  const LEGACY = `
  - name: Legacy Telnet Service
    probes:
      - {type: tcp, send: "\\r\\n", expect: "Welcome to Legacy System", confidence: 0.95}
`;
  test("ask who is silent, and the service has the name unknown where nobody gives it one", async () => {
    const port = await tcpServer((socket) =>
      socket.on("data", (data) => {
        if (data.toString() === "\r\n") socket.write("Welcome to Legacy System\r\n");
      }),
    );
    const { verdict } = await detect(port, LEGACY);
    expect(verdict).toMatchObject({ service: "unknown", product: "Legacy Telnet Service", method: "probed" });
    expect(verdict.confidence).toBeGreaterThan(0.9);
  });

  test("listen where they send nothing", async () => {
    const port = await tcpServer((socket) => socket.write("HELLO gate 7\r\n"));
    const listening =
      "  - {name: Gate, service: gate, probes: [{type: tcp, match: [{pattern: ^HELLO gate}, {pattern: gate (\\d), extract: version}]}]}";
    for (const builtin of [true, false])
      expect((await detect(port, listening, { builtin })).verdict).toMatchObject({
        service: "gate",
        product: "Gate",
        version: "7",
      });
  });

  test("of type tls read the certificate", async () => {
    const keys = certified("gate.acme.test");
    onTestFinished(() => keys.remove());
    const server = createHttpsServer({ key: keys.key, cert: keys.cert }, (_, response) => response.end("x"));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const port = await listening(server);
    const rule = `  - {name: Acme Gate, probes: [{type: tls, ports: ${port}, expect: 'subject: .*CN=gate\\.acme'}]}`;
    expect((await detect(port, rule)).verdict).toMatchObject({ service: "http", product: "Acme Gate" });
  });

  test("of type udp send their datagram, and an answer makes the port open", async () => {
    const port = await udpServer((datagram, from, socket) => {
      if (datagram.toString() === "who?") socket.send("me 3", from.port, from.address);
    });
    const rule =
      "  - {name: Me, service: me, probes: [{type: udp, send: who?, match: [{pattern: ^me}, {pattern: me (.), extract: version}]}]}";
    const { budget, ...options } = optionsFor(rule, true);
    const endpoint = { host: "127.0.0.1", hostname: null, port, transport: "udp" as const };
    const seen = await detectUdpWithFiles({ ...options, endpoint, dialer: udpDialer(endpoint, budget) });
    expect(seen).toMatchObject({
      state: "open",
      detection: { verdict: { service: "me", product: "Me", version: "3" } },
    });
  });
});

describe("rules that read what others heard", () => {
  const verdictOf = (yaml: string, response: Partial<Response> & { data: Uint8Array }) => {
    const { knowledge } = usesOf(yaml, { builtin: false });
    const whole: Response = {
      probe: "NULL",
      tls: false,
      firstByteMs: 0,
      end: "complete",
      connection: 0,
      ...response,
    };
    const { evidence } = interpret(knowledge, [whole], null, []);
    return fuse({ port: 0, transport: "tcp", evidence, asked: true });
  };
  const http = Buffer.from("HTTP/1.1 200 OK\r\nServer: x\r\nX-Gate: AcmeGate/4.2\r\n\r\nby Acme");

  test.each([
    [
      "a header line",
      "{type: http_header, header: X-Gate, regex: '^AcmeGate/([\\d.]+)', version_group: 1, confidence: 90}",
      http,
    ],
    ["any header line", "{type: http_header, regex: '^X-Gate: AcmeGate/([\\d.]+)', version_group: 1}", http],
    ["a page", "{type: http_content, regex: '^by (Acme)'}", http],
    [
      "a greeting",
      "{type: banner, regex: '^220 acme ([\\d.]+)', version_group: 1}",
      Buffer.from("220 acme 4.2\r\n"),
    ],
    [
      "an SSH greeting",
      "{type: ssh_banner, regex: '-acme_([\\d.]+)', version_group: 1}",
      Buffer.from("SSH-2.0-acme_4.2\r\n"),
    ],
  ])("%s", (_, pattern, data) => {
    const verdict = verdictOf(`  - {name: Gate, service: gate, patterns: [${pattern}]}`, { data });
    expect(verdict).toMatchObject({ service: "gate", product: "Gate" });
    if (pattern.includes("version_group")) expect(verdict.version).toBe("4.2");
  });

  test("know what the grammar would only guess at", () => {
    const rule =
      "  - {name: Fork, service: ssh, patterns: [{type: ssh_banner, regex: 'dropfork_([\\d.]+)', version_group: 1, confidence: 95}]}";
    const whole = { probe: "NULL", tls: false, firstByteMs: 0, end: "complete" as const, connection: 0 };
    const response = { ...whole, data: Buffer.from("SSH-2.0-dropfork_2.2\r\n") };
    const { evidence } = interpret(usesOf(rule).knowledge, [response], null, []);
    const verdict = fuse({ port: 22, transport: "tcp", evidence, asked: true });
    expect(verdict).toMatchObject({ product: "Fork", version: "2.2", conflicts: [] });
  });

  test("count only with what they require, however it hangs together", () => {
    const chain = (first: string) =>
      `  - {name: Gate, service: gate, patterns: [{id: a, type: banner, regex: ${first}, confidence: 20}, {id: b, type: banner, regex: two, requires: a}, {type: banner, regex: three, requires: [b]}]}`;
    const data = Buffer.from("one two three");
    expect(verdictOf(chain("one"), { data }).product).toBe("Gate");
    expect(verdictOf(chain("absent"), { data }).product).toBeNull();
  });

  test("that count for nothing name nobody by themselves", () => {
    const rule =
      "  - {name: Gate, service: gate, patterns: [{id: a, type: banner, regex: one, confidence: 0}, {type: banner, regex: two, requires: a}]}";
    expect(verdictOf(rule, { data: Buffer.from("one") }).product).toBeNull();
    expect(verdictOf(rule, { data: Buffer.from("two") }).product).toBeNull();
    expect(verdictOf(rule, { data: Buffer.from("one two") }).product).toBe("Gate");
  });

  test("several on one line are no more certain than the surest of them", () => {
    const one = "{type: banner, regex: acme, confidence: 80}";
    const confidence = (patterns: string) =>
      verdictOf(`  - {name: Gate, service: gate, patterns: [${patterns}]}`, {
        data: Buffer.from("acme gate"),
      }).confidence;
    expect(confidence(`${one}, {type: banner, regex: gate, confidence: 70}`)).toBe(confidence(one));
  });
});

test("match lets rules read answers to requests that were not theirs, unless theirs were sent", () => {
  const { knowledge } = usesOf(APP, { builtin: false, anyAnswer: true });
  const answer = (probe: string, text: string): Response => ({
    probe,
    tls: false,
    data: Buffer.from(`HTTP/1.1 200 OK\r\n${text}\r\n\r\n`),
    firstByteMs: 0,
    end: "complete",
    connection: 0,
  });
  const foreign = answer("GetRequest", "X-Internal-App: MyApp");
  const own = answer(usesOf(APP).rules[0]?.probes[0]?.probe ?? "", "Server: other");
  expect(interpret(knowledge, [foreign], null).evidence).not.toEqual([]);
  expect(interpret(knowledge, [foreign, own], null).evidence).toEqual([]);
});
