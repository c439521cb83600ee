import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalCloud, startLocalCloud } from "../../infra/local/client.ts";
import { readOptions } from "../../infra/options.ts";
import { DoorplateStack } from "../../infra/stack.ts";
import * as topology from "../../infra/topology.ts";
import ensureBuilt, { root } from "../build.ts";

// What runs on this machine is, byte for byte, what CDK would deploy.

const names = Object.keys(topology.functions) as topology.FunctionName[];
const bundleOf = (name: string) => join(root, "dist/functions", name);
const digest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

let folder: string;
const assets = new Map<string, string>();

beforeAll(async () => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), "doorplate-bundles-"));
  const app = new App({ outdir: join(folder, "cdk.out"), analyticsReporting: false });
  const stack = new DoorplateStack(app, "Doorplate", { options: readOptions(() => undefined) });
  const assembly = app.synth();
  const { Resources } = assembly.getStackArtifact(stack.artifactId).template;
  const manifest = readdirSync(assembly.directory).find((name) => name.endsWith(".assets.json"));
  const { files } = JSON.parse(readFileSync(join(assembly.directory, manifest!), "utf8"));
  for (const { Type, Properties } of Object.values<{ Type: string; Properties: Record<string, never> }>(
    Resources,
  )) {
    if (Type !== "AWS::Lambda::Function") continue;
    const { Code, Environment } = Properties as unknown as {
      Code: { S3Key: string };
      Environment?: { Variables?: Record<string, string> };
    };
    const hash = Code.S3Key.replace(/\.zip$/, "");
    const name = Environment?.Variables?.POWERTOOLS_SERVICE_NAME;
    if (name) assets.set(name, join(assembly.directory, files[hash].source.path));
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("CDK deploys the build", () => {
  test("of every function, and of no other", () => {
    expect([...assets.keys()].sort()).toEqual([...names].sort());
  });

  test.each(names)("%s: each file is the same", (name) => {
    const asset = assets.get(name)!;
    const files = readdirSync(bundleOf(name)).sort();
    expect(files).toContain("index.mjs");
    expect(readdirSync(asset).sort()).toEqual(files);
    for (const file of files) expect(digest(join(asset, file))).toBe(digest(join(bundleOf(name), file)));
  });
});

test("the local cloud runs the same files by default", async () => {
  const cloud: LocalCloud = await startLocalCloud({ stateDir: join(folder, "state") });
  try {
    // Its instances name the bundle that they were started with.
    const expected = names.map((name) => `LAMBDA_TASK_ROOT=${bundleOf(name)}`);
    const running = () =>
      readdirSync("/proc")
        .filter((pid) => /^\d+$/.test(pid))
        .flatMap((pid) => {
          try {
            const parent = / \d+/.exec(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1] ?? "")?.[0];
            if (Number(parent) !== cloud.pid) return [];
            return readFileSync(`/proc/${pid}/environ`, "utf8")
              .split("\0")
              .filter((line) => line.startsWith("LAMBDA_TASK_ROOT="));
          } catch {
            return [];
          }
        });
    let found: string[] = [];
    for (let tries = 0; tries < 200 && found.length === 0; tries++) {
      found = running();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(found.length).toBeGreaterThan(0);
    for (const line of found) expect(expected).toContain(line);
  } finally {
    await cloud.stop();
  }
}, 30_000);
