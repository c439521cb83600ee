import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { durationMs, positive } from "../../lib/cli/arguments.ts";
import {
  createWorkspace,
  openWorkspace,
  type Settings,
  scansIn,
  stackFrom,
  workspaceOf,
} from "../../lib/cli/workspace.ts";
import { DoorplateError, EnvironmentError, InputError } from "../../lib/model/errors.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "doorplate-workspace-"));
});
afterAll(() => rmSync(root, { recursive: true }));

const settings: Settings = {
  scope: ["10.0.0.0/8"],
  format: "jsonl",
  outputs: ["out.xml"],
  showEvidence: true,
  showAll: false,
};

describe("a scan's workspace", () => {
  test("is its owner's alone, and remembers how the scan was asked for", () => {
    createWorkspace(root, "scan-1", settings);
    expect(statSync(join(root, "scan-1")).mode & 0o077).toBe(0);
    expect(statSync(join(root, "scan-1", "settings.json")).mode & 0o077).toBe(0);
    expect(openWorkspace(root, "scan-1").settings).toEqual(settings);
  });

  test("says where it could not be written what was printed, and how to go on", () => {
    const { told } = createWorkspace(root, "scan-full", settings);
    mkdirSync(join(root, "scan-full", "printed"));
    told.add(0, 1);
    expect(() => told.remember()).toThrow(EnvironmentError);
    expect(() => told.remember()).toThrow(
      /scan-full\/printed: it is a directory .*doorplate resume scan-full/,
    );
  });

  test("knows after a restart what was printed, and only what was remembered", () => {
    const first = createWorkspace(root, "scan-2", settings);
    first.told.add(0, 5);
    first.told.add(12, 0);
    first.told.remember();
    first.told.add(3, 3);
    const second = openWorkspace(root, "scan-2");
    expect([second.told.has(0, 5), second.told.has(12, 0), second.told.has(3, 3)]).toEqual([
      true,
      true,
      false,
    ]);
    second.told.add(3, 3);
    second.told.remember();
    second.told.remember();
    expect(
      readFileSync(join(root, "scan-2", "printed"), "utf8")
        .trim()
        .split("\n"),
    ).toHaveLength(3);
  });

  test("that is not there is named, with those that are", () => {
    expect(() => openWorkspace(root, "scan-9")).toThrow(
      /no scan scan-9 in .*; the latest are scan-1, scan-2/,
    );
    expect(() => openWorkspace(join(root, "nowhere"), "scan-9")).toThrow(DoorplateError);
    expect(scansIn(join(root, "nowhere"))).toEqual([]);
  });

  test.each(["../scan-1", "scan-1/", "", ".", "a b"])("is not found by a path: %j", (id) => {
    expect(() => openWorkspace(root, id)).toThrow(/there is no scan/);
  });

  test("that cannot be made says which directory, and what to do", () => {
    const file = join(root, "file");
    writeFileSync(file, "");
    expect(() => createWorkspace(file, "scan-1", settings)).toThrow(EnvironmentError);
    expect(() => createWorkspace(file, "scan-1", settings)).toThrow(
      /file\/scan-1: a part of its path is no directory \(ENOTDIR\).*DOORPLATE_STATE/,
    );
  });
});

describe("a scan in a stack", () => {
  const stack = { name: "Doorplate", region: "eu-central-1" };
  const flags = { cloud: "Doorplate", region: "eu-central-1" };

  test("is found again without saying where it runs", () => {
    createWorkspace(root, "scan-3", { ...settings, stack });
    expect(workspaceOf(root, "scan-3", {}).settings).toEqual({ ...settings, stack });
    const elsewhere = workspaceOf(root, "scan-3", { cloud: "Other" });
    expect(elsewhere.settings).toEqual({ ...settings, stack: { name: "Other" } });
  });

  test("that somebody else asked for leaves nothing here until something was printed", () => {
    const known = workspaceOf(root, "scan-4", flags);
    expect(known.settings).toMatchObject({ format: "table", outputs: [], stack });
    expect(scansIn(root)).not.toContain("scan-4");
    known.told.add(1, 2);
    known.told.remember();
    expect(workspaceOf(root, "scan-4", {}).settings.stack).toEqual(stack);
    expect(workspaceOf(root, "scan-4", flags).told.has(1, 2)).toBe(true);
  });

  test.each(["../scan-1", "", "a b"])("is not looked for by a path: %j", (id) => {
    expect(() => workspaceOf(root, id, flags)).toThrow(/is no scan id/);
  });

  test("needs a stack for its region, and names for both", () => {
    expect(stackFrom({})).toBeUndefined();
    expect(() => stackFrom({ region: "eu-central-1" })).toThrow(/--region goes with --cloud/);
    expect(() => stackFrom({ cloud: " " })).toThrow(InputError);
  });
});

describe("arguments", () => {
  test.each([
    ["500ms", 500],
    ["90s", 90_000],
    ["15m", 900_000],
    ["1.5h", 5_400_000],
    [" 2h ", 7_200_000],
  ])("%j is %i ms", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each(["", "15", "m", "-1s", "1d", "1s2", "1e3s", "١s"])("%j is no duration", (text) => {
    expect(() => durationMs(text)).toThrow(InputError);
  });

  test("a count is a whole number from 1 on", () => {
    expect(positive("42")).toBe(42);
    for (const text of ["0", "-1", "1.5", "", "1e3", "0x10", "9".repeat(20)]) {
      expect(() => positive(text)).toThrow(InputError);
    }
  });
});
