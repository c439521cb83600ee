import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../build.ts";
import { deskOfFile, expectRefusal, openDoors } from "./command.ts";
import { until } from "./local-handlers.ts";

// A newcomer's mistakes, and what a machine does to a scan: each is answered in a line that says what was wrong, where, and what to do.

const desk = deskOfFile();

const file = (name: string, content: string | Uint8Array) => {
  const path = join(desk.state, name);
  writeFileSync(path, content);
  return path;
};
const directory = (name: string) => {
  const path = join(desk.state, name);
  mkdirSync(path, { recursive: true });
  return path;
};
const ONE = ["127.0.0.1", "-p", "1"];

describe("a target that may not be scanned", () => {
  test("is refused before there is a scan: no id is told, nothing is left behind, each is named once", async () => {
    const state = directory("untouched");
    const ended = await desk.run(["scan", "8.8.8.8", "10.0.0.0/30", "-p", "80"], {
      env: { DOORPLATE_STATE: state },
    });
    expectRefusal(
      ended,
      3,
      /^doorplate: refused, nothing was sent\. 8\.8\.8\.8 is not in scope; 10\.0\.0\.0\/30 is not in scope\. Say .*--scope/,
    );
    expect(ended.stderr).not.toContain("scan: ");
    expect(readdirSync(state)).toEqual([]);
  });

  test("of a larger one the part is named that is outside", async () => {
    const ended = await desk.run(["scan", "127.0.0.0/7", "-p", "80"]);
    expectRefusal(ended, 3, /127\.0\.0\.0\/7: 126\.0\.0\.0\/8 is not in scope/);
  });
});

describe("files that are not what they should be", () => {
  test.each<[string, (path: string) => string[], number, RegExp]>([
    [
      "a directory for a list",
      () => ["scan", "-iL", directory("folder")],
      2,
      /target list .*folder: it is a directory/,
    ],
    [
      "a list of comments",
      () => ["scan", "-iL", file("comments.txt", "# none\r\n")],
      2,
      /comments\.txt holds no target/,
    ],
    [
      "a list with a mistake, by file, line and column",
      () => ["scan", "-iL", file("list.txt", "127.0.0.1\nlocalhost foo_bar\n")],
      2,
      /list\.txt: line 2, column 11: target "foo_bar"/,
    ],
    [
      "a list that is no text, with nothing in the message that a terminal obeys",
      () => ["scan", "-iL", file("binary", Buffer.from("\x1b[2J\x07"))],
      2,
      /"\\u001b\[2J\\u0007"/,
    ],
    [
      "rules that are no YAML",
      () => ["scan", ...ONE, "--rules", file("r.yaml", "fingerprints:\n  - [\n")],
      2,
      /r\.yaml, line 3, column 1: .*rules check/,
    ],
    [
      "a directory for rules",
      () => ["scan", ...ONE, "--rules", directory("folder")],
      2,
      /rules .*folder: it is a directory/,
    ],
    [
      "missing signatures",
      () => ["scan", ...ONE, "--signatures", "/nowhere/probes"],
      2,
      /\/nowhere\/probes: there is no such file/,
    ],
    [
      "a directory for an event",
      () => ["invoke", "dispatcher", directory("folder")],
      2,
      /folder: it is a directory/,
    ],
    [
      "an output in no directory",
      () => ["scan", ...ONE, "-o", "/nowhere/x.json"],
      4,
      /cannot write \/nowhere\/x\.json: there is no such/,
    ],
    [
      "an output that is a directory",
      () => ["scan", ...ONE, "-o", directory("folder")],
      4,
      /folder: it is a directory/,
    ],
    [
      "an output of no known format",
      () => ["scan", ...ONE, "-o", "report.docx"],
      2,
      /no format is known by \.docx; there are .*\.json.*--format/,
    ],
    ["no ports", () => ["scan", "127.0.0.1", "-p", ""], 2, /--ports names no port/],
    [
      "a limit of nothing",
      () => ["scan", ...ONE, "--limit", "new-per-second=0"],
      2,
      /--limit new-per-second=0: the number must be above 0/,
    ],
    ["a number, by its option", () => ["scan", "127.0.0.1", "--top-ports", "many"], 2, /--top-ports: "many"/],
    ["a scope, by its option", () => ["scan", ...ONE, "--scope", "10.0.0.0/99"], 2, /--scope: .*\/99/],
  ])("%s", async (_, args, code, message) => {
    const ended = await desk.run(args(desk.state));
    expectRefusal(ended, code, message);
    expect(ended.stderr).not.toContain("scan: ");
  });

  test("an unknown option, with the help of its own command", async () => {
    const { stderr, code } = await desk.run(["rules", "check", "--nosuch"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("(see doorplate rules check --help)")]);
  });

  test("a list as Windows writes it, with a byte order mark, is read", async () => {
    const list = file("windows.txt", "\ufeff127.0.0.1:1\r\n# two\r\n127.0.0.1:2\r\n");
    const { code, stdout } = await desk.run(["scan", "-iL", list]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("2 endpoints on 1 address")]);
  });

  test("an empty file and an empty folder are no signatures", async () => {
    for (const path of [file("empty", ""), directory("no-recog")]) {
      const { code, stdout } = await desk.run(["signatures", "check", path]);
      expect([code, stdout]).toEqual([1, expect.stringMatching(/mistake: there is no/)]);
    }
  });
});

describe("where results go", () => {
  const shell = (script: string) =>
    spawnSync(
      "sh",
      ["-c", script.replaceAll("doorplate", `"${process.execPath}" "${join(root, "lib/cli/launcher.js")}"`)],
      {
        encoding: "utf8",
        env: { PATH: process.env.PATH, HOME: desk.state, DOORPLATE_STATE: desk.state },
      },
    );

  test("a reader that goes away early ends the command, without a word", () => {
    const { stdout, stderr } = shell(
      "(doorplate scan 127.0.0.1 -p 1-50 --show-all --format jsonl -q; echo $? >&2) | head -1",
    );
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(stderr.trim()).toBe("0");
  });

  test.runIf(existsSync("/dev/full"))("a disk that is full is told of, and is a failure", () => {
    for (const command of ["scan 127.0.0.1 -p 1 -q", "--help"]) {
      const { status, stderr } = shell(`doorplate ${command} > /dev/full`);
      expect(status).toBe(4);
      expect(stderr.trim()).toBe(
        "doorplate: cannot write the results to stdout: there is no space left (ENOSPC)",
      );
    }
  });

  test.runIf(existsSync("/dev/full"))(
    "an output file that the disk cannot hold: the results are kept, and it is said how to get them",
    () => {
      const { status, stdout, stderr } = shell("doorplate scan 127.0.0.1 -p 1 -q --format json -o /dev/full");
      expect(status).toBe(4);
      expect(stderr).toMatch(
        /^doorplate: cannot write \/dev\/full: there is no space left \(ENOSPC\)\. The results are kept; .*doorplate report \S+ --output FILE\n$/,
      );
      const id = /report (\S+)/.exec(stderr)?.[1];
      expect(stdout).toContain(id);
      expect(shell(`doorplate report ${id}`)).toMatchObject({ status: 0, stderr: "" });
    },
  );

  test.runIf(existsSync("/dev/full"))("messages that cannot be written stop nothing", () => {
    expect(shell("doorplate scan 127.0.0.1 -p 1 2> /dev/full").status).toBe(0);
  });
});

describe("a scan that something happened to", () => {
  test("two at once know nothing of each other, and a second hand at one is turned away with what to do", async () => {
    const targets = await openDoors({ greeting: 1, silent: 3 });
    const [one, two] = [0, 1].map(() =>
      desk.start(["scan", "127.0.0.1", "-p", targets.ports, "--format", "jsonl"]),
    );
    const id = await one!.scanId();
    const second = await desk.run(["resume", id]);
    expectRefusal(second, 4, /another doorplate \(pid \d+\) works in .*doorplate status and report/);
    expect((await two!.ended).code).toBe(0);
    expect((await one!.ended).code).toBe(0);
    const again = await desk.run(["resume", id]);
    targets.close();
    expect(again.code).toBe(0);
    expect((await desk.run(["report", id])).stdout).toContain("fingerprinted");
  }, 120_000);

  test("its local cloud dies: that is said, with how to go on, and going on works", async () => {
    const targets = await openDoors({ greeting: 1, silent: 2 });
    const scan = desk.start(["scan", "127.0.0.1", "-p", targets.ports, "--format", "jsonl"]);
    const id = await scan.scanId();
    await until("the first row", () => scan.rows()[0]);
    const { pid } = JSON.parse(readFileSync(join(desk.state, id, "cloud", "connection.json"), "utf8"));
    process.kill(pid, "SIGKILL");
    const ended = await scan.ended;
    expect(ended.code).toBe(4);
    expect(ended.stderr).toMatch(
      new RegExp(`the local cloud ended in the middle of the scan: .*go on with: doorplate resume ${id}`),
    );
    expect(ended.stderr).not.toMatch(/\n\s+at |should not have happened/);
    const resumed = await desk.run(["resume", id]);
    targets.close();
    expect(resumed.code).toBe(0);
  }, 120_000);

  test("its record is damaged", async () => {
    const { stderr } = await desk.run(["scan", ...ONE]);
    const id = /^scan: (\S+)$/m.exec(stderr)?.[1] ?? "";
    writeFileSync(join(desk.state, id, "settings.json"), "{");
    expectRefusal(await desk.run(["status", id]), 4, /settings\.json: it is damaged; start the scan again/);
  });
});
