import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readOptions } from "../../infra/options.ts";

const from = (context: Record<string, unknown>) => readOptions((name) => context[name]);

describe("deploy options", () => {
  test("without context: keep the data, allow no target, take the bundles of this build", () => {
    const options = from({});
    expect(options).toMatchObject({ stackName: "Doorplate", removalPolicy: "retain", scope: "" });
    expect(options.alarmTopicArn).toBeUndefined();
    expect(options.bundles).toMatch(/dist\/functions$/);
  });

  test.each([
    ["stackName", "door plate"],
    ["removalPolicy", "snapshot"],
    ["alarmTopicArn", "alarms@example.com"],
    ["scope", "10.0.0.0/8; rm -rf"],
    ["inventory", "yes"],
    ["inventory", "eu-central-1 *"],
  ])("a wrong %s is named", (name, value) => {
    expect(() => from({ [name]: value })).toThrow(name);
  });
});

test("without bundles the app says what to run, and fails", async () => {
  const app = join(import.meta.dirname, "..", "..", "infra", "app.ts");
  const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ bundles: "/nonexistent" }) };
  const ended = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [app], { env }, (error, _stdout, stderr) =>
      resolve({ code: error?.code, stderr }),
    );
  });
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain("npm run build");
  expect(ended.stderr).toContain("dispatcher");
});
