import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { resultSchema } from "../../lib/model/fingerprint.ts";
import { closedPort } from "../net/servers.ts";
import { deskOfFile, doorsOfFile, endpointsOf, processesIn, rowsOf, summaryOf } from "./command.ts";
import { until } from "./local-handlers.ts";

const doors = await doorsOfFile({ greeting: 3, silent: 1 });
const desk = deskOfFile();

const QUICK = ["--profile", "fast", "--format", "jsonl", "--no-progress"];

describe("a scan from end to end", () => {
  test("prints a row for each open port, one summary, and ends with 0", async () => {
    const closed = await closedPort();
    const { code, stdout, stderr } = await desk.run([
      "scan",
      "127.0.0.1",
      "-p",
      `${doors.ports},${closed}`,
      ...QUICK,
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^scan: \d{8}-\d{6}-[0-9a-f]{6}$/m);
    const rows = endpointsOf(stdout);
    for (const row of rows) resultSchema.parse(row);
    expect(rows.map(({ port }) => port).sort()).toEqual([...doors.all].sort());
    for (const port of doors.greeting) {
      expect(rows.find((row) => row.port === port)).toMatchObject({
        host: "127.0.0.1",
        outcome: "fingerprinted",
        state: "open",
        reason: "syn-ack",
        service: "ssh",
        product: "OpenSSH",
        version: "9.2p1",
        method: "probed",
      });
    }
    expect(rowsOf(stdout).filter(({ type }) => type === "summary")).toHaveLength(1);
    expect(rowsOf(stdout).at(-1)).toMatchObject({
      type: "summary",
      status: "done",
      planned: 5,
      outcomes: { fingerprinted: 4, closed: 1 },
      addresses: 1,
    });
    expect(Number(summaryOf(stdout)?.costUsd)).toBeGreaterThan(0);
    expect(processesIn(desk.state)).toEqual([]);
  });

  test("is reported again, whole, and its status is told, after it ended", async () => {
    const first = await desk.run(["scan", "127.0.0.1", "-p", doors.ports, "--show-all", ...QUICK]);
    const id = String(summaryOf(first.stdout)?.scanId);
    const again = await desk.run(["report", id]);
    expect(again.code).toBe(0);
    const byPort = (stdout: string) => endpointsOf(stdout).sort((a, b) => a.port - b.port);
    expect(byPort(again.stdout)).toEqual(byPort(first.stdout));
    const status = await desk.run(["status", id]);
    expect(JSON.parse(status.stdout)).toMatchObject({ scanId: id, status: "done", planned: 4 });
    // Resumed, it has nothing left to say but its summary.
    const resumed = await desk.run(["resume", id]);
    expect(resumed.code).toBe(0);
    expect(endpointsOf(resumed.stdout)).toEqual([]);
    expect(summaryOf(resumed.stdout)).toMatchObject({ status: "done" });
  });

  test("is reported to all who ask at once; and where its files are damaged, that is said", async () => {
    const args = ["-p", String(doors.greeting[0]), "--profile", "fast", "--format", "jsonl", "-q"];
    const scanId = String(summaryOf((await desk.run(["scan", "127.0.0.1", ...args])).stdout)?.scanId);
    const reports = await Promise.all([1, 2, 3].map(() => desk.run(["report", scanId])));
    expect(reports.map(({ code, stdout }) => [code, endpointsOf(stdout).length])).toEqual(
      reports.map(() => [0, 1]),
    );
    const folder = join(desk.state, scanId, "cloud", "sqs-s3");
    for (const name of readdirSync(folder, { recursive: true }).map(String))
      if (statSync(join(folder, name)).isFile()) writeFileSync(join(folder, name), "x".repeat(9_000));
    const { code, stderr } = await desk.run(["report", scanId]);
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(/cannot work with its files in .*not a database/),
    ]);
  });

  test("with --show-all has a row for closed and excluded ports too", async () => {
    const closed = await closedPort();
    const targets = [`127.0.0.1:${doors.greeting[0]}`, `127.0.0.1:${closed}`, `127.0.0.2:${closed}`];
    const { stdout } = await desk.run(["scan", ...targets, "--show-all", ...QUICK]);
    expect(
      endpointsOf(stdout)
        .map(({ host, port, outcome }) => [host, port, outcome])
        .sort(),
    ).toEqual(
      [
        ["127.0.0.1", doors.greeting[0], "fingerprinted"],
        ["127.0.0.1", closed, "closed"],
        ["127.0.0.2", closed, "closed"],
      ].sort(),
    );
  });

  test("takes targets from stdin, and writes files in the formats of their names", async () => {
    const files = ["report.json", "report.jsonl", "report.xml", "report.txt"].map((name) =>
      join(desk.state, name),
    );
    const args = ["scan", "-iL", "-", ...QUICK.slice(0, 2), "-q", ...files.flatMap((file) => ["-o", file])];
    const input = `# mine\n127.0.0.1:${doors.greeting[0]}\n`;
    const { code, stdout, stderr } = await desk.run(args, { input });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain("OpenSSH");
    const [json, jsonl, xml, text] = files.map((file) => readFileSync(file, "utf8"));
    expect(JSON.stringify(JSON.parse(json!))).toContain('"product":"OpenSSH"');
    expect(endpointsOf(jsonl!)).toHaveLength(1);
    expect(xml).toMatch(/^<\?xml[\s\S]*<nmaprun [\s\S]*product="OpenSSH"[\s\S]*<\/nmaprun>/);
    expect(text).toContain("OpenSSH");
  });

  test("leaves out what --exclude and the deadline say, and says so by its exit code", async () => {
    const none = await desk.run([
      "scan",
      "127.0.0.1-127.0.0.2",
      "-p",
      "1",
      "--exclude",
      "127.0.0.2",
      ...QUICK,
    ]);
    expect(summaryOf(none.stdout)).toMatchObject({ planned: 1, addresses: 1 });
    expect(none.stderr).toMatch(/Nothing answered/);
  });

  test("and another at the same time both finish", async () => {
    const [one, two] = await Promise.all([
      desk.run(["scan", "127.0.0.1", "-p", doors.ports, ...QUICK]),
      desk.run(["scan", "127.0.0.1", "-p", doors.ports, ...QUICK]),
    ]);
    for (const { code, stdout } of [one, two]) {
      expect(code).toBe(0);
      expect(endpointsOf(stdout)).toHaveLength(4);
    }
    expect(summaryOf(one.stdout)?.scanId).not.toBe(summaryOf(two.stdout)?.scanId);
  });

  test("whose reader goes away ends without a word", async () => {
    const running = desk.start(["scan", "127.0.0.1", "-p", doors.ports, ...QUICK]);
    running.child.stdout?.destroy();
    const { code, stderr } = await running.ended;
    expect([0, 1]).toContain(code);
    expect(stderr).not.toMatch(/EPIPE|Error/);
    await until("processes gone", () => processesIn(desk.state).length === 0);
  });
});

test("out of scope but skipped: the rest is scanned, and what was left out is named", async () => {
  const targets = [`127.0.0.1:${doors.greeting[0]}`, "192.168.7.7:22"];
  const { code, stdout, stderr } = await desk.run(["scan", ...targets, "--skip-out-of-scope", ...QUICK]);
  expect(code).toBe(0);
  expect(stderr).toMatch(/left out: 192\.168\.7\.7:22.*not in scope/);
  expect(endpointsOf(stdout).map(({ host }) => host)).toEqual(["127.0.0.1"]);
});

test("demo starts servers, recognises each of them with its evidence, and stops them", async () => {
  const { code, stdout, stderr } = await desk.run(["demo", "--no-progress"]);
  expect(code).toBe(0);
  const ports = [...stderr.matchAll(/^ +(\d+) {2}\w+/gm)].map(([, port]) => Number(port));
  expect(ports).toHaveLength(5);
  const rows = [...stdout.matchAll(/^127\.0\.0\.1 +(\d+)\/tcp +(\S+)/gm)];
  expect(rows.map(([, port]) => Number(port)).sort()).toEqual([...ports].sort());
  expect(rows.map(([, , service]) => service).sort()).toEqual(["http", "mqtt", "smtp", "ssh", "ssl/http"]);
  // Evidence stands below each row: its weight, what was asked, and the excerpt.
  expect(stdout).toMatch(/^ +\+\d.*"SSH-2\.0-ssh2/m);
});

test("invoke runs a function with an event from a file, and the scan that it starts", async () => {
  const { code, stdout, stderr } = await desk.run(["invoke", "dispatcher", "events/scan-request.json"]);
  expect(stderr).toMatch(/scan \S+ runs/);
  expect(code).toBe(0);
  expect(stdout).toMatch(/"planned": [1-9]/);
  expect(stdout).toMatch(/"status": "done"/);
});
