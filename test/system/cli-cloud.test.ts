import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LocalCloud, startLocalCloud } from "../../infra/local/client.ts";
import { root } from "../build.ts";
import { type Desk, doorsOfFile, endpointsOf, expectRefusal, makeDesk, summaryOf } from "./command.ts";
import { until } from "./local-handlers.ts";
import { type StackServer, startStackServer } from "./stack-server.ts";

// `--cloud`: a stack found by its outputs, and worked with through AWS' own APIs. Here they lead to a local cloud that this test owns: the command
// line starts none, and nothing of the scan ends with it.

let folder: string;
let cloud: LocalCloud;
const doors = await doorsOfFile({ greeting: 6, silent: 250 });
let stack: StackServer;
/** Two people with the same rights, and a state directory each. */
let desk: Desk;
let other: Desk;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "doorplate-stack-"));
  cloud = await startLocalCloud({ stateDir: join(folder, "state"), bundles: join(root, "dist/functions") });
  stack = await startStackServer(cloud);
}, 60_000);
afterAll(async () => {
  stack?.close();
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  desk = makeDesk();
  other = makeDesk();
});
afterEach(async () => {
  stack.fail(null);
  await desk.clear();
  await other.clear();
});

const env = () => ({ env: stack.environment });
const quick = () => [
  "-p",
  doors.greeting.join(","),
  "--profile",
  "fast",
  "--format",
  "jsonl",
  "--no-progress",
];
/** Asks little of silent doors and waits long for it: there is time to do something to the scan. */
const patient = () => {
  const file = join(folder, "patient.yaml");
  writeFileSync(file, "max_probes_per_port: 2\ntimeout: 4s\n");
  return file;
};
const long = () => ["-p", doors.ports, "--profile", patient(), "--format", "jsonl", "--no-progress"];
const scan = (args: string[], of = desk) => of.start(["scan", "127.0.0.1", ...args, ...stack.flags], env());
const portsOf = (stdout: string) => endpointsOf(stdout).map(({ port }) => port);
const order = (a: number, b: number) => a - b;

describe("a scan in a stack", () => {
  test("is submitted, followed to its end, and shown as a local one is; nothing is started here", async () => {
    const running = scan(quick());
    const id = await running.scanId();
    const { code, stdout, stderr } = await running.ended;
    expect(stderr).toContain("in the stack Doorplate in us-east-1");
    expect(code).toBe(0);
    expect(portsOf(stdout).sort(order)).toEqual([...doors.greeting].sort(order));
    expect(endpointsOf(stdout)[0]).toMatchObject({ service: "ssh", product: "OpenSSH", version: "9.2p1" });
    expect(summaryOf(stdout)).toMatchObject({ scanId: id, status: "done", planned: 6 });
    expect(readdirSync(join(desk.state, id)).sort()).toEqual(["printed", "settings.json"]);
    // Who asked for it need not say again where it runs.
    expect(JSON.parse((await desk.run(["status", id], env())).stdout)).toMatchObject({ settled: 6 });

    // And who did not can look at it, too, without leaving a trace.
    const report = await other.run(["report", id, "--format", "jsonl", ...stack.flags], env());
    expect(report.code).toBe(0);
    expect(portsOf(report.stdout).sort(order)).toEqual([...doors.greeting].sort(order));
    const status = await other.run(["status", id, ...stack.flags], env());
    expect(JSON.parse(status.stdout)).toMatchObject({ scanId: id, status: "done", pending: 0 });
    expect(existsSync(join(other.state, id))).toBe(false);
  });

  test("finds its region where the AWS CLI finds it, and its packs where they were uploaded", async () => {
    const rules = join(folder, "rules.yaml");
    writeFileSync(
      rules,
      `fingerprints:\n  - name: Our Own Gate\n    probes:\n      - type: tcp\n        send: "hello\\r\\n"\n        expect: "OpenSSH_9.2p1"\n        confidence: 0.99\n`,
    );
    const args = ["scan", "127.0.0.1", "-p", String(doors.greeting[0]), "--no-builtin", "--rules", rules];
    const { code, stdout } = await desk.run([...args, "--format", "jsonl", "--cloud", stack.name], {
      env: { ...stack.environment, AWS_DEFAULT_REGION: cloud.region },
    });
    expect(code).toBe(0);
    expect(endpointsOf(stdout)).toMatchObject([{ product: "Our Own Gate" }]);
  });

  test("goes on after Ctrl-C, and it is said how to follow it and how to stop it", async () => {
    const running = scan(long());
    const id = await running.scanId();
    await until("first rows", () => running.rows().length > 0);
    running.child.kill("SIGINT");
    const first = await running.ended;
    expect(first.code).toBe(130);
    expect(first.stderr).toContain("runs on in the stack Doorplate in us-east-1");
    expect(first.stderr).toContain(`doorplate resume ${id} --cloud Doorplate --region us-east-1`);
    expect(first.stderr).toContain(`doorplate cancel ${id} --cloud Doorplate --region us-east-1`);
    expect(summaryOf(first.stdout)).toMatchObject({ status: "running" });

    // It ends though nobody looks.
    const settled = async () => {
      const { stdout } = await other.run(["status", id, ...stack.flags], env());
      return JSON.parse(stdout).status === "done";
    };
    await until("ended on its own", settled, 60_000);
    const second = await desk.run(["resume", id, "-q"], env());
    expect(second).toMatchObject({ code: 0, stderr: "" });
    const [before, after] = [portsOf(first.stdout), portsOf(second.stdout)];
    expect(before.length).toBeGreaterThan(0);
    expect([...before, ...after].sort(order)).toEqual([...doors.all].sort(order));
    // Somebody else has seen none of it.
    const third = await other.run(["resume", id, "-q", ...stack.flags], env());
    expect(third.code).toBe(0);
    expect(third.stdout.match(/\/tcp/g)).toHaveLength(256);
  });

  test("is called off by somebody else", async () => {
    const running = scan(long());
    const id = await running.scanId();
    await until("first rows", () => running.rows().length > 0);
    const called = await other.run(["cancel", id, ...stack.flags], env());
    expect(called).toMatchObject({ code: 0, stdout: "" });
    expect(called.stderr).toMatch(new RegExp(`scan ${id} cancelled: `));
    const { code, stdout } = await running.ended;
    expect(code).toBe(1);
    expect(summaryOf(stdout)).toMatchObject({ status: "cancelled", planned: 256 });
  });

  test("is refused by the stack's scope, not by this machine's", async () => {
    const ended = await desk.run(["scan", "10.9.8.7", "-p", "22", ...stack.flags], env());
    expectRefusal(ended, 3, /10\.9\.8\.7 is not in scope/);
    expect(ended.stderr).not.toContain("scan: ");
  });
});

describe("dead letters in a stack", () => {
  // Here nothing is ever probed, so the one batch ends as a letter for certain, and stays pending when it is sent again.
  let quiet: LocalCloud;
  let still: StackServer;
  beforeAll(async () => {
    const bundles = join(root, "dist/functions");
    quiet = await startLocalCloud({ stateDir: join(folder, "quiet"), bundles, probing: false });
    still = await startStackServer(quiet, "Quiet");
  });
  afterAll(async () => {
    still?.close();
    await quiet?.stop();
  });

  test("are told of, listed, and sent again, by whoever may", async () => {
    const { environment, flags } = still;
    const running = desk.start(["scan", "127.0.0.1", ...quick(), ...flags], { env: environment });
    const id = await running.scanId();
    const status = async () =>
      JSON.parse((await other.run(["status", id, ...flags], { env: environment })).stdout);
    await until(
      "planned",
      async () => (await other.run(["status", id, ...flags], { env: environment })).code !== 4,
    );
    const { endpoints, credentials, region } = quiet;
    await new SQSClient({ endpoint: endpoints.sqs, credentials, region }).send(
      new SendMessageCommand({
        QueueUrl: quiet.deadLetterQueues.probe,
        MessageBody: JSON.stringify({ scanId: id, batch: 0, generation: 0 }),
      }),
    );
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(summaryOf(stdout)).toMatchObject({ cause: "failed endpoints", outcomes: { failed: 6 } });
    expect(stderr).toContain(`doorplate redrive ${id}`);
    expect(await status()).toMatchObject({ pending: 0, deadLetters: [{ queue: "probe", redrivenAt: null }] });

    const again = other.start(["redrive", id, ...flags, "--no-progress"], { env: environment });
    await until("sent", () =>
      again.stderr.includes("1 dead letter sent again, 6 endpoints are pending again"),
    );
    expect(await status()).toMatchObject({ status: "running", pending: 6 });
    again.child.kill("SIGINT");
    expect((await again.ended).code).toBe(130);
    expect((await status()).deadLetters).toMatchObject([{ redrivenAt: expect.stringMatching(/^20/) }]);
  });
});

describe("what stands in the way is said in a line, with what to do", () => {
  const look = (flags = stack.flags, environment: Record<string, string> = {}) =>
    desk.run(["status", "20260101-000000-abcdef", ...flags], {
      env: { ...stack.environment, ...environment },
    });
  const with403 = (message: string) => stack.fail({ status: 403, code: "AccessDenied", message });

  test("no such stack", async () => {
    const ended = await look(["--cloud", "Nowhere", "--region", "us-east-1"]);
    expectRefusal(ended, 4, /there is no stack Nowhere in us-east-1; name another with --cloud and --region/);
  });

  test("no such scan", async () => {
    expectRefusal(
      await look(),
      4,
      /there is no scan 20260101-000000-abcdef in the stack Doorplate in us-east-1/,
    );
  });

  test("no region", async () => {
    expectRefusal(await look(["--cloud", "Doorplate"]), 4, /no AWS region: say which one with --region/);
  });

  test("no credentials", async () => {
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...without } = stack.environment;
    const ended = await desk.run(["status", "20260101-000000-abcdef", ...stack.flags], { env: without });
    expectRefusal(ended, 4, /no AWS credentials .*AWS_PROFILE/);
  });

  test("credentials that the APIs do not know", async () => {
    const ended = await look(stack.flags, { AWS_ACCESS_KEY_ID: "AKIAUNKNOWN" });
    expectRefusal(ended, 4, /access denied/);
  });

  test("credentials that have expired", async () => {
    stack.fail({
      status: 403,
      code: "ExpiredToken",
      message: "The security token included in the request is expired",
    });
    expectRefusal(await look(), 4, /credentials have expired/);
  });

  test("a permission that is missing: which, and on what", async () => {
    with403(
      "User: arn:aws:iam::000000000000:user/eve is not authorized to perform: cloudformation:DescribeStacks on resource: arn:aws:cloudformation:us-east-1:000000000000:stack/Doorplate/* because no identity-based policy allows it",
    );
    expectRefusal(
      await look(),
      4,
      /permission cloudformation:DescribeStacks on arn:aws:cloudformation:us-east-1/,
    );
  });

  test("a stack of another version, and one of something else", async () => {
    const { Version = "", TableName = "" } = stack.outputs;
    try {
      stack.outputs.Version = "99.1.0";
      expectRefusal(await look(), 4, /runs doorplate 99\.1\.0, and this is \d.*take doorplate 99\.1\.0/);
      stack.outputs.Version = Version;
      delete stack.outputs.TableName;
      expectRefusal(
        await look(),
        4,
        /\(UPDATE_COMPLETE\) tells no usable TableName: it is no Doorplate stack/,
      );
    } finally {
      Object.assign(stack.outputs, { Version, TableName });
    }
  });

  test("AWS out of reach", async () => {
    const ended = await look(stack.flags, { AWS_ENDPOINT_URL_CLOUDFORMATION: "http://127.0.0.1:1" });
    expectRefusal(ended, 4, /AWS cannot be reached .*ECONNREFUSED/);
  });

  test("a table that is gone", async () => {
    const { TableName = "" } = stack.outputs;
    try {
      stack.outputs.TableName = "no-such-table";
      expectRefusal(await look(), 4, /a part of the stack Doorplate in us-east-1 is not there any more/);
    } finally {
      stack.outputs.TableName = TableName;
    }
  });

  test.each([
    [["--cloud", "Doorplate", "--scope", "10.0.0.0/8"], /--scope is for local scans/],
    [["--region", "us-east-1"], /--region goes with --cloud/],
    [["--cloud", ""], /each need a name/],
  ])("%j is no usage", async (flags, message) => {
    expectRefusal(await desk.run(["scan", "127.0.0.1", "-p", "1", ...flags], env()), 2, message);
  });
});

test("a dry run asks nobody: neither targets, nor AWS, nor the stack", async () => {
  const before = stack.asked;
  const args = [
    "scan",
    "18.130.0.0/24",
    "www.example.com",
    "--top-ports",
    "100",
    "--dry-run",
    "--cloud",
    "Nowhere",
  ];
  const table = await desk.run(args);
  expect(table).toMatchObject({ code: 0, stderr: "" });
  expect(table.stdout).toMatch(
    /25,700 on 257 addresses[\s\S]*on AWS with 20 probers[\s\S]*the stack Nowhere may scan/,
  );
  expect(table.stdout).not.toMatch(/ here with/);
  const plan = JSON.parse((await desk.run([...args, "--format", "json"])).stdout);
  expect(plan).toMatchObject({ type: "plan", endpoints: 25_700, concurrency: 20 });
  expect(stack.asked).toBe(before);
  expectRefusal(
    await desk.run(["scan", "169.254.169.254", "--dry-run", "--cloud", "Nowhere"]),
    3,
    /metadata/,
  );
});
