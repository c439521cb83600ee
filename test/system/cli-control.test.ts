import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { randomFrom } from "../random.ts";
import { type Desk, doorsOfFile, endpointsOf, expectRefusal, makeDesk, summaryOf } from "./command.ts";
import { until } from "./local-handlers.ts";

// A scan steered from the command line: called off, limited in money, estimated without a packet.

const seed = Number(process.env.DOORPLATE_DRILL_SEED ?? Date.now() % 1_000_000);
console.log(`control: DOORPLATE_DRILL_SEED=${seed}`);

const doors = await doorsOfFile({ greeting: 8, silent: 500 });
let desk: Desk;
beforeEach(() => {
  desk = makeDesk();
});
afterEach(() => desk.clear());

const longScan = (...more: string[]) =>
  desk.start(["scan", "127.0.0.1", "-p", doors.ports, "--format", "jsonl", "--no-progress", ...more]);
const outcomesOf = (stdout: string) => summaryOf(stdout)?.outcomes as Record<string, number>;
const total = (outcomes: Record<string, number>) => Object.values(outcomes).reduce((sum, n) => sum + n, 0);

describe("cancel", () => {
  test("from another terminal ends a scan that runs; what was found stays", async () => {
    const running = longScan();
    const id = await running.scanId();
    await until("first rows", () => running.rows().length > 0);
    const called = await desk.run(["cancel", id]);
    expect(called).toMatchObject({ code: 0, stdout: "" });
    expect(called.stderr).toMatch(new RegExp(`scan ${id} cancelled: .*What was found stays`));
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/cancelled: [\d,]+ endpoints? w/);
    expect(summaryOf(stdout)).toMatchObject({ status: "cancelled", cause: "cancelled", planned: 508 });
    expect(total(outcomesOf(stdout))).toBe(508);
    const report = await desk.run(["report", id]);
    expect(endpointsOf(report.stdout).length).toBe(outcomesOf(stdout).fingerprinted);
    const again = await desk.run(["cancel", id]);
    expect(again.code).toBe(0);
  });

  test("of a scan that was interrupted ends it without another packet", async () => {
    const running = longScan();
    const id = await running.scanId();
    await until("first rows", () => running.rows().length > 0);
    running.child.kill("SIGINT");
    await running.ended;
    let asked = 0;
    doors.onConnection(() => asked++);
    expect((await desk.run(["cancel", id])).code).toBe(0);
    expect(asked).toBe(0);
    const status = JSON.parse((await desk.run(["status", id])).stdout);
    expect(status).toMatchObject({ status: "cancelled", settled: 508, pending: 0 });
    expect((await desk.run(["resume", id])).code).toBe(1);
    expectRefusal(await desk.run(["redrive", id]), 2, /was cancelled/);
  });
});

describe("a limit in money", () => {
  test("is not passed; what does not fit ends as expired, and the exit code and a message say so", async () => {
    const random = randomFrom(seed);
    const limit = 0.0006 + random() * 0.0006;
    const running = longScan("--profile", "fast", "--max-cost", limit.toFixed(6));
    const { code, stdout, stderr } = await running.ended;
    const summary = summaryOf(stdout);
    expect(Number(summary?.costUsd)).toBeLessThanOrEqual(Number(limit.toFixed(6)));
    expect(total(outcomesOf(stdout))).toBe(508);
    expect(summary).toMatchObject({ status: "incomplete", cause: "budget", planned: 508 });
    expect(outcomesOf(stdout).expired).toBeGreaterThan(0);
    expect(stderr).toMatch(/the limit of \$0\.\d+ was reached .*raise --max-cost/);
    expect(code).toBe(1);
  });

  test("that is wide enough changes nothing", async () => {
    const args = [
      "scan",
      "127.0.0.1",
      "-p",
      doors.greeting.join(","),
      "--format",
      "jsonl",
      "--max-cost",
      "$0.5",
    ];
    const { code, stdout } = await desk.run([...args, "--profile", "fast", "--no-progress"]);
    expect(code).toBe(0);
    expect(summaryOf(stdout)).toMatchObject({ status: "done", cause: null, outcomes: { fingerprinted: 8 } });
  });

  test("that planning alone would pass is refused before anything is started", async () => {
    const args = ["scan", "127.0.0.1", "-p", "1", "--max-cost", "0.0000001"];
    expectRefusal(await desk.run(args), 2, /limit of \$0.0000001 is less than planning .* about \$0\.00\d+/);
    expect((await desk.run([...args, "--dry-run"])).stdout).toMatch(/it would be refused/);
  });

  test.each(["0", "-1", "much"])("of %s is refused", async (amount) => {
    const args = ["scan", "127.0.0.1", "-p", "1", `--max-cost=${amount}`];
    expectRefusal(await desk.run(args), 2, /no amount of US dollars/);
  });
});

describe("a dry run", () => {
  test("of a /8 tells plan and estimate, starts nothing, and leaves no state", async () => {
    const args = ["scan", "10.0.0.0/8", "--top-ports", "1000", "--scope", "10.0.0.0/8", "--dry-run"];
    const { code, stdout, stderr } = await desk.run([...args, "--format", "json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const plan = JSON.parse(stdout);
    expect(plan).toMatchObject({
      type: "plan",
      endpoints: 2 ** 24 * 1000,
      batches: 2 ** 23,
      maxCostUsd: null,
    });
    expect(plan.cost.map(({ line }: { line: string }) => line)).toContain("DynamoDB writes");
    const table = await desk.run([...args, "--max-cost", "5"]);
    expect(table.stdout).toMatch(
      /nothing was sent[\s\S]*16,777,216,000[\s\S]*together[\s\S]*--max-cost \$5\.00 is less than planning/,
    );
    expectRefusal(await desk.run(["report", "x"]), 2, /there is no scan x/);
  });

  test("takes a name without resolving it, and refuses what a scan would refuse", async () => {
    const args = ["scan", "no-such-name.invalid", "--scope", "invalid", "-p", "80", "--dry-run"];
    const { code, stdout } = await desk.run(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/1 name was not resolved/);
    expectRefusal(await desk.run(["scan", "192.168.7.7", "-p", "80", "--dry-run"]), 3, /not in scope/);
  });

  test("divides a limit among the probers here, though it is too low for those of a stack", async () => {
    const args = ["scan", "127.0.0.1", "-p", "1", "--limit", "connections=10", "--dry-run"];
    const { code, stdout } = await desk.run(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/here with 4 probers at once\n/);
    const lower = await desk.run([...args.slice(0, -2), "connections=5", "--dry-run"]);
    expectRefusal(lower, 2, /limits\.connections is 5; 4 batches.*at least 8/);
  });
});
