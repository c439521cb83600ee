import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyConfiguration, configurationFile } from "../../lib/cli/configuration-file.ts";
import { addScanCommands } from "../../lib/cli/scan-commands.ts";

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "doorplate-configuration-"));
  file = join(folder, "config.yaml");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What `scan` would do with these arguments and this file. */
async function optionsOf(text: string, ...args: string[]): Promise<Record<string, unknown>> {
  writeFileSync(file, text);
  const program = new Command().exitOverride();
  addScanCommands(program, () => async () => undefined);
  const scan = program.commands.find((command) => command.name() === "scan")!;
  scan.action(() => undefined);
  const before = process.env.DOORPLATE_CONFIG;
  process.env.DOORPLATE_CONFIG = file;
  try {
    await program.parseAsync(["scan", ...args], { from: "user" });
  } finally {
    if (before === undefined) delete process.env.DOORPLATE_CONFIG;
    else process.env.DOORPLATE_CONFIG = before;
  }
  return scan.opts();
}

describe("the configuration file", () => {
  test("gives options that are not given, of every form", async () => {
    const text =
      "scope: [10.0.0.0/8, example.com]\nexclude: 10.0.0.1\nports: [22, 80]\nmax-cost: 0.5\nbuiltin: false\nquiet: true\nformat: jsonl\n";
    expect(await optionsOf(text)).toMatchObject({
      scope: ["10.0.0.0/8", "example.com"],
      exclude: ["10.0.0.1"],
      ports: "22,80",
      maxCost: 0.5,
      builtin: false,
      quiet: true,
      format: "jsonl",
    });
  });

  test("gives way to flags, another way of saying the same among them, and to the profile that is chosen", async () => {
    const text = "ports: 22\nprofile: web\nversion-light: true\nscope: 10.0.0.0/8\n";
    expect(await optionsOf(text, "--scope", "192.0.2.0/24")).toMatchObject({
      scope: ["192.0.2.0/24"],
      profile: "web",
      ports: "22",
    });
    const { ports } = await optionsOf(text, "--top-ports", "10");
    expect(ports).toBeUndefined();
    const fast = await optionsOf(text, "--profile", "fast");
    expect([fast.profile, fast.ports, fast.versionLight]).toEqual(["fast", undefined, undefined]);
  });

  test("says where it is wrong", async () => {
    await expect(optionsOf("quiet: true\nport: 22\n")).rejects.toThrow(
      /line 2, column \d+: port: is no option of scan/,
    );
    await expect(optionsOf("quiet: maybe\n")).rejects.toThrow(
      /line 1, column \d+: quiet: must be true or false/,
    );
    await expect(optionsOf("format: pdf\n")).rejects.toThrow(/must be one of table/);
    await expect(optionsOf("profile: [fast, web]\n")).rejects.toThrow(/must be one value/);
    await expect(optionsOf("top-ports: none\n")).rejects.toThrow(/--top-ports/);
    await expect(optionsOf("- a\n")).rejects.toThrow(/must be a list of options/);
    expect(() => applyConfiguration(new Command(), join(folder, "none.yaml"))).toThrow(
      /there is no such file/,
    );
  });

  test("lies where such files lie, or where it is said to", () => {
    expect(configurationFile({ DOORPLATE_CONFIG: "x.yaml", XDG_CONFIG_HOME: folder })).toBe("x.yaml");
    expect(configurationFile({ XDG_CONFIG_HOME: folder })).toBeNull();
    mkdirSync(join(folder, "doorplate"));
    const usual = join(folder, "doorplate", "config.yaml");
    writeFileSync(usual, "");
    expect(configurationFile({ XDG_CONFIG_HOME: folder })).toBe(usual);
  });
});
