/**
 * A scan as its user runs it: the launcher as a child process, JSONL on its stdout. While it runs, the peak memory of
 * every process below it is read from /proc.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Result, resultSchema, type Summary } from "../../lib/model/fingerprint.ts";
import type { Network } from "./network.ts";

const LAUNCHER = fileURLToPath(new URL("../../lib/cli/launcher.js", import.meta.url));
/** Time between two looks at /proc, ms. VmHWM is a peak, so only a process that lives shorter is missed. */
const SAMPLE_MS = 200;

export interface ScanRun {
  results: Result[];
  summary: Summary;
  exitCode: number | null;
  seconds: number;
  messages: string;
  /** Peak resident memory by program, MiB, highest process of each. */
  peakMib: Record<string, number>;
  /** Processor seconds by program, all its processes together. */
  cpuSeconds: Record<string, number>;
}

/** Runs `doorplate scan` to its end. @throws with its messages when it printed no summary */
export async function scan(args: readonly string[], network: Network): Promise<ScanRun> {
  const state = mkdtempSync(join(tmpdir(), "doorplate-lab-scan-"));
  const [command = "", ...rest] = [
    ...network.prefix,
    process.execPath,
    LAUNCHER,
    "scan",
    ...args,
    "--format",
    "jsonl",
    "--no-progress",
  ];
  const began = performance.now();
  const child = spawn(command, rest, { cwd: state, stdio: ["ignore", "pipe", "pipe"] });
  const seen: Seen = new Map();
  const sampler = setInterval(() => sample(child.pid ?? 0, seen), SAMPLE_MS);
  try {
    const [stdout, stderr, exitCode] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve, reject) => child.on("exit", resolve).on("error", reject)),
    ]);
    const seconds = (performance.now() - began) / 1000;
    const lines = stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { type: string });
    const results = lines.filter(({ type }) => type === "endpoint").map((line) => resultSchema.parse(line));
    const summary = lines.find(({ type }) => type === "summary");
    if (!summary) throw new Error(`the scan printed no summary (exit ${exitCode}):\n${stderr}`);
    return { results, summary: summary as Summary, exitCode, seconds, messages: stderr, ...byProgram(seen) };
  } finally {
    clearInterval(sampler);
    rmSync(state, { recursive: true, force: true });
  }
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

/** What a process has taken so far, by its number. */
type Seen = Map<number, { program: string; peakMib: number; cpuSeconds: number }>;

/** Of /proc/<pid>/stat, in a second: USER_HZ, which is 100 on every Linux. */
const TICKS = 100;

function sample(root: number, seen: Seen): void {
  for (const pid of descendants(root)) {
    const peakKib = /^VmHWM:\s+(\d+) kB/m.exec(readProc(pid, "status"))?.[1];
    const program = programOf(readProc(pid, "cmdline"));
    const [user, system] = statOf(pid).slice(11, 13).map(Number);
    // Without them it has ended meanwhile.
    if (!peakKib || !program || user === undefined || system === undefined) continue;
    seen.set(pid, {
      program,
      peakMib: Math.round(Number(peakKib) / 1024),
      cpuSeconds: (user + system) / TICKS,
    });
  }
}

function byProgram(seen: Seen): Pick<ScanRun, "peakMib" | "cpuSeconds"> {
  const peakMib: Record<string, number> = {};
  const cpuSeconds: Record<string, number> = {};
  for (const one of seen.values()) {
    peakMib[one.program] = Math.max(peakMib[one.program] ?? 0, one.peakMib);
    cpuSeconds[one.program] = (cpuSeconds[one.program] ?? 0) + one.cpuSeconds;
  }
  return { peakMib, cpuSeconds };
}

/** The local cloud's Lambda host runs `node bootstrap.mjs dist/functions/prober/index.mjs`: that is `prober`. */
function programOf(cmdline: string): string | undefined {
  const words = cmdline.split("\0").filter(Boolean);
  const scripts = words
    .filter((word) => /\.m?js$/.test(word))
    .map((word) => word.replace(/(?:\/index)?\.m?js$/, ""));
  const [program = words[0] ?? "", bundle] = scripts.map((script) => basename(script));
  return (program === "bootstrap" ? bundle : basename(program)) || undefined;
}

/** A process and all below it. */
function descendants(root: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(statOf(Number(name))[1]);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(parents.get(pid) ?? []));
  return found;
}

/** The fields of /proc/<pid>/stat after the name, which stands in brackets and may hold spaces and brackets itself. */
const statOf = (pid: number) =>
  readProc(pid, "stat")
    .replace(/^.*\) /s, "")
    .split(" ");

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // it has ended
  }
}
