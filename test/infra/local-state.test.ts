import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openEventBus } from "../../infra/local/events.ts";
import { openLog } from "../../infra/local/log.ts";
import { openStateDirectory, processStartTime } from "../../infra/local/state.ts";
import { EnvironmentError } from "../../lib/model/errors.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "doorplate-state-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A process id that belonged to somebody and does so no more. */
const deadPid = () => spawnSync(process.execPath, ["--version"]).pid;
const writeLock = (owner: unknown) => writeFileSync(join(root, "lock"), JSON.stringify(owner));

describe("a state directory", () => {
  test("is made with its parents, for the owner alone", () => {
    const path = join(root, "a", "b");
    openStateDirectory(path).release();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, "a")).mode & 0o777).toBe(0o700);
  });

  test("is refused while its owner lives, and free when it was given back", () => {
    const state = openStateDirectory(root);
    expect(() => openStateDirectory(root)).toThrow(
      expect.objectContaining({
        name: new EnvironmentError("").name,
        message: expect.stringContaining(`another doorplate (pid ${process.pid}) works in ${root};`),
      }),
    );
    state.release();
    expect(readdirSync(root)).toEqual([]);
    openStateDirectory(root).release();
  });

  test.each([
    ["of a dead process", () => ({ pid: deadPid(), startedAt: "1" })],
    ["of a process whose id is another's now", () => ({ pid: process.pid, startedAt: "1" })],
    ["that says nothing", () => "rubbish"],
  ])("is taken over with a lock %s", (_, owner) => {
    writeLock(owner());
    openStateDirectory(root);
    expect(JSON.parse(readFileSync(join(root, "lock"), "utf8"))).toEqual({
      pid: process.pid,
      startedAt: processStartTime(process.pid),
    });
    expect(readdirSync(root)).toEqual(["lock"]);
  });

  test("keeps the lock of another when it gives back its own", () => {
    const state = openStateDirectory(root);
    writeLock({ pid: 1, startedAt: processStartTime(1) });
    state.release();
    expect(existsSync(join(root, "lock"))).toBe(true);
  });

  test("that is a file is named in the error", () => {
    const path = join(root, "file");
    writeFileSync(path, "");
    expect(() => openStateDirectory(path)).toThrow(`cannot write the state directory ${path}`);
  });
});

describe("a log", () => {
  test("is put aside at its limit, and only once", () => {
    const path = join(root, "some.log");
    const log = openLog(path, 10);
    for (const line of ["first....", "second...", "third...."]) log.write(line);
    log.close();
    expect(readFileSync(path, "utf8")).toBe("third....");
    expect(readFileSync(`${path}.1`, "utf8")).toBe("second...");
    expect(readdirSync(root).sort()).toEqual(["some.log", "some.log.1"]);
  });

  test("goes on where it ended", () => {
    const path = join(root, "some.log");
    for (const line of ["a", "b"]) {
      const log = openLog(path);
      log.write(line);
      log.close();
    }
    expect(readFileSync(path, "utf8")).toBe("ab");
  });
});

test("the file of events holds the last hundred, and never more than twice as many", () => {
  const file = join(root, "events.jsonl");
  const invoked: string[] = [];
  const store = (bus: ReturnType<typeof openEventBus>, index: number) =>
    bus.objectStored({ bucket: "b", key: `targets/${index}`, size: 1, etag: "e", reason: "PutObject" });
  const open = () => openEventBus({ file, invokeLater: (name) => invoked.push(name) });
  let bus = open();
  for (let index = 0; index < 250; index++) {
    if (index === 150) bus = open();
    store(bus, index);
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines.length).toBeGreaterThanOrEqual(Math.min(index + 1, 100));
    expect(lines.length).toBeLessThanOrEqual(200);
  }
  const keys = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .slice(-100)
    .map((line) => JSON.parse(line).detail.object.key);
  expect(keys).toEqual(Array.from({ length: 100 }, (_, index) => `targets/${150 + index}`));
  expect(invoked).toHaveLength(250);
});
