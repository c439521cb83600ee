import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { draftCommand } from "../../lib/cli/draft.ts";
import { parseServiceProbes } from "../../lib/signatures/service-probes-read.ts";

const observation = {
  scanId: "scan-0001",
  endpoint: { host: "127.0.0.1", hostname: null, port: 4711, transport: "tcp" },
  state: "open",
  reason: "syn-ack",
  responses: [
    { probe: "NULL", data_b64: Buffer.from("+ACME acmed 1.2.3\r\n").toString("base64") },
    { probe: "http.get", data_b64: Buffer.from("-ERR what is GET?\r\n").toString("base64") },
    { probe: "acme.secret", data_b64: Buffer.from("+OK secret\r\n").toString("base64") },
  ],
  tls: null,
  facts: [],
  evidence: [],
  flags: [],
  packs: "sha256:0",
  rttMs: 1,
  connections: 2,
  durationMs: 5,
  observedAt: "2026-11-21T00:00:00.000Z",
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "doorplate-draft-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function draft(content: string): Promise<string> {
  const file = join(folder, "observation.json");
  writeFileSync(file, content);
  let printed = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  onTestFinished(() => write.mockRestore());
  expect(draftCommand(file)).toBe(0);
  return printed;
}

describe("signatures draft", () => {
  test("prints a service-probes file, with what our own probes sent", async () => {
    const text = await draft(JSON.stringify(observation));
    const file = parseServiceProbes(text, "draft");
    expect(file.refused).toEqual([]);
    expect(file.nullProbe?.matches[0]?.templates).toMatchObject({ product: "acmed", version: "$1" });
    expect(Buffer.from(file.probes[0]!.data).toString("latin1")).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
    expect(text).toContain("# match unknown m|^\\+OK secret\\r\\n|");
    expect(text).not.toContain("127.0.0.1");
  });

  test("says what is wrong with other input", async () => {
    await expect(draft("{")).rejects.toThrow(/is not JSON/);
    await expect(draft(`{"scanId": 1}`)).rejects.toThrow(/is no observation: scanId/);
    expect(() => draftCommand(join(folder, "none"))).toThrow(/cannot read the observation .*no such file/);
  });
});
