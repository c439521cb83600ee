import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { compileSignatureFiles } from "../../lib/cli/signature-files.ts";
import { checkReport } from "../../lib/cli/signatures.ts";
import { traceOf } from "../../lib/cli/version-trace.ts";
import { observationSchema } from "../../lib/model/observation.ts";
import { compileProbePack, loadProbePack } from "../../lib/signatures/probe-pack.ts";

const FILE = ["Probe TCP NULL q||", "match x m|^x| p/X/", "Probe TCP Ask q|ask\\r\\n|", "softmatch y m|^y|"];

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "doorplate-signatures-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function fileOf(directory: string, ...lines: string[]): string {
  const path = join(directory, "my-probes");
  writeFileSync(path, lines.join("\n"));
  return path;
}

describe("signatures check", () => {
  test("counts what is there", () => {
    expect(checkReport(FILE.join("\n"), "f")).toEqual({
      lines: ["f: 2 probes, 1 match, 1 softmatch, 0 refused"],
      refused: 0,
    });
  });

  test("points at line and column of what it refused, with the reason", () => {
    const report = checkReport(
      [...FILE, "match z m|(|", "rarity 12", "match z m|^z| cpe:/q:x/"].join("\n"),
      "f",
    );
    expect(report.refused).toBe(2);
    expect(report.lines[0]).toBe("f: 2 probes, 2 match, 1 softmatch, 2 refused");
    expect(report.lines[1]).toMatch(/^f:5:\d+: refused: pattern: .* \(this line only\)$/);
    expect(report.lines[2]).toBe("f:6:8: refused: must be a number from 1 to 9");
    expect(report.lines[3]).toMatch(/^f:7:\d+: warning: CPE part/);
  });
});

describe("files for a scan", () => {
  test("are compiled once, and kept under their content", () => {
    const directory = folder();
    const file = fileOf(directory, ...FILE);
    const [first] = compileSignatureFiles([file], directory);
    const [again] = compileSignatureFiles([file], directory);
    expect(again?.digest).toBe(first?.digest);
    expect(readdirSync(join(directory, "packs"))).toHaveLength(1);
    expect(loadProbePack(first?.bytes ?? new Uint8Array()).name).toBe("my-probes");
    fileOf(directory, ...FILE, "match more m|^more|");
    expect(compileSignatureFiles([file], directory)[0]?.digest).not.toBe(first?.digest);
  });

  test("that Nmap would refuse are refused with the place; a pattern beyond our subset costs its line alone", () => {
    const directory = folder();
    expect(() => compileSignatureFiles([fileOf(directory, ...FILE, "rarity 12")], directory)).toThrow(
      /line 5, column 8: must be a number from 1 to 9.*signatures check/,
    );
    expect(compileSignatureFiles([fileOf(directory, ...FILE, "match z m|(|")], directory)).toHaveLength(1);
  });

  test("that are not there are named", () => {
    expect(() => compileSignatureFiles(["/nowhere/probes"], folder())).toThrow(
      /cannot read .*\/nowhere\/probes/,
    );
  });
});

test("a trace tells what was sent, received and matched", () => {
  const pack = loadProbePack(compileProbePack(FILE.join("\n"), "f").bytes);
  const base64 = (text: string) => Buffer.from(text, "latin1").toString("base64");
  const observation = observationSchema.parse({
    scanId: "s",
    endpoint: { host: "127.0.0.1", hostname: null, port: 7, transport: "tcp" },
    state: "open",
    reason: "syn-ack",
    responses: [
      { probe: "NULL", data_b64: "", end: "timeout" },
      { probe: "Ask", data_b64: base64("x\x1b[2J"), firstByteMs: 12.4, end: "eof", connection: 1, tls: true },
    ],
    tls: null,
    facts: [],
    evidence: [
      {
        source: "Ask",
        family: "reply:Ask",
        claim: { service: "x", product: "X" },
        weight: 7,
        excerpt: "",
        signature: "f:2",
      },
    ],
    flags: ["serial"],
    packs: "",
    rttMs: 1,
    connections: 2,
    durationMs: 6_100,
    observedAt: new Date(0).toISOString(),
  });
  expect(traceOf(observation, [pack])).toEqual([
    "127.0.0.1:7: 2 connections, 6100 ms, serial",
    "  connection 0: listened",
    "    received nothing, then timeout",
    '  connection 1 (TLS): sent Ask, 5 bytes "ask.."',
    '    received 5 bytes after 12 ms "x.[2J", then eof',
    "  matched Ask by f:2: x X",
  ]);
});
