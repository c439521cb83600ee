import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Desk,
  descendants,
  doorsOfFile,
  endpointsOf,
  expectRefusal,
  makeDesk,
  processesIn,
  type Running,
  summaryOf,
} from "./command.ts";
import { isRunning, until } from "./local-handlers.ts";

// A scan that lasts: some ports greet at once, several hundred say nothing and take the profile's whole patience.

const doors = await doorsOfFile({ greeting: 12, silent: 250 });
let desk: Desk;
beforeEach(() => {
  desk = makeDesk();
});
afterEach(() => desk.clear());

/** Longest that anything of a killed command line may outlive it, ms. */
const GONE_MS = 2_000;

const longScan = () =>
  desk.start([
    "scan",
    "127.0.0.1",
    "-p",
    doors.ports,
    "--profile",
    "fast",
    "--format",
    "jsonl",
    "--no-progress",
  ]);
const firstRows = (running: Running) => until("first rows", () => running.rows().length > 0);
const portsOf = (stdout: string) => endpointsOf(stdout).map(({ port }) => port);

describe("interrupted by Ctrl-C", () => {
  test("a scan says how to go on, and resume prints the rest: every endpoint once over both runs", async () => {
    const running = longScan();
    const id = await running.scanId();
    await firstRows(running);
    running.child.kill("SIGINT");
    const first = await running.ended;
    expect(first.code).toBe(130);
    expect(first.stderr).toContain(`doorplate resume ${id}`);
    expect(summaryOf(first.stdout)).toMatchObject({ scanId: id, status: "running", planned: 262 });
    expect(processesIn(desk.state)).toEqual([]);

    const second = await desk.run(["resume", id, "-q"]);
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(summaryOf(second.stdout)).toMatchObject({ status: "done", outcomes: { fingerprinted: 262 } });
    const [before, after] = [portsOf(first.stdout), portsOf(second.stdout)];
    expect(before.length).toBeGreaterThan(0);
    expect(after.length).toBeGreaterThan(0);
    const order = (a: number, b: number) => a - b;
    expect([...before, ...after].sort(order)).toEqual([...doors.all].sort(order));
  });

  test("twice, it ends at once", async () => {
    const running = longScan();
    await firstRows(running);
    running.child.kill("SIGINT");
    const again = setTimeout(() => running.child.kill("SIGINT"), 700);
    const { code } = await running.ended;
    clearTimeout(again);
    expect(code).toBe(130);
    await until("processes gone", () => processesIn(desk.state).length === 0);
  });

  test("or ended with all its processes, as timeout and systemd do it, a scan says how to go on, and can", async () => {
    const running = longScan();
    const id = await running.scanId();
    await firstRows(running);
    const pid = Number(running.child.pid);
    // The local cloud is the quicker one, and gone when the command line hears of it.
    process.kill(pid, "SIGSTOP");
    for (const one of processesIn(desk.state)) process.kill(one, "SIGTERM");
    await until("the local cloud gone", () => processesIn(desk.state).length === 0);
    process.kill(pid, "SIGTERM");
    process.kill(pid, "SIGCONT");
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toContain(`interrupted; go on with: doorplate resume ${id}`);
    expect(await desk.run(["resume", id, "-q"])).toMatchObject({ code: 0, stderr: "" });
  });

  test("before anything was planned, it can be started again but says so when resumed", async () => {
    const port = String(doors.greeting[0]);
    const running = desk.start(["scan", "127.0.0.1", "-p", port, "--profile", "fast", "--no-progress"]);
    const id = await running.scanId();
    running.child.kill("SIGTERM");
    const { code } = await running.ended;
    expect(code).toBe(130);
    const { code: resumed, stderr } = await desk.run(["resume", id, "-q"]);
    // The plan may have been made between the two: then it is simply finished.
    if (resumed !== 0) expect(stderr).toMatch(/stopped before it was planned; start it again/);
  });
});

describe("killed", () => {
  test("a scan leaves no process behind, and resume finishes it", async () => {
    const running = longScan();
    const id = await running.scanId();
    await firstRows(running);
    const family = descendants(Number(running.child.pid));
    expect(family.length).toBeGreaterThan(1);
    running.child.kill("SIGKILL");
    const first = await running.ended;
    await until("all of its processes gone", () => !family.some(isRunning), GONE_MS);
    expect(processesIn(desk.state)).toEqual([]);

    const second = await desk.run(["resume", id, "-q"]);
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(summaryOf(second.stdout)).toMatchObject({ status: "done", outcomes: { fingerprinted: 262 } });
    // What was printed but not noted down is printed again; nothing is left out, nothing twice in one run.
    const after = portsOf(second.stdout);
    expect(new Set([...portsOf(first.stdout), ...after])).toEqual(new Set(doors.all));
    expect(new Set(after).size).toBe(after.length);
    const report = await desk.run(["report", id]);
    expect(portsOf(report.stdout)).toHaveLength(262);
  });
});

test("a scan under way can be looked at, but not resumed, by somebody else, who is told who has it", async () => {
  const running = longScan();
  const id = await running.scanId();
  await firstRows(running);
  expectRefusal(await desk.run(["resume", id]), 4, /another doorplate \(pid \d+\) works in .*cloud/);
  const status = JSON.parse((await desk.run(["status", id])).stdout);
  expect(status).toMatchObject({ scanId: id, planned: 262, deadLetters: [] });
  expect(status.settled + status.pending).toBe(262);
  const { code, stdout } = await running.ended;
  expect(code).toBe(0);
  expect(portsOf(stdout)).toHaveLength(262);
});

test("a deadline ends a scan as incomplete, with every endpoint accounted for", async () => {
  const args = [
    "scan",
    "127.0.0.1",
    "-p",
    doors.ports,
    "--deadline",
    "1s",
    "--format",
    "jsonl",
    "--no-progress",
  ];
  const { code, stdout } = await desk.run([...args, "--show-all"]);
  const summary = summaryOf(stdout);
  expect(summary).toMatchObject({ planned: 262 });
  const outcomes = Object.values(summary?.outcomes as Record<string, number>);
  expect(outcomes.reduce((sum, n) => sum + n, 0)).toBe(262);
  expect(portsOf(stdout)).toHaveLength(262);
  const expired = (summary?.outcomes as Record<string, number> | undefined)?.expired ?? 0;
  expect(code).toBe(expired > 0 ? 1 : 0);
  expect(summary?.status).toBe(expired > 0 ? "incomplete" : "done");
});
