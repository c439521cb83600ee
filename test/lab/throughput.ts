/**
 * The second half of `npm run bench`: how many endpoints a second the whole local system does, from the command's start to its end, and which
 * of its processes had the processor meanwhile. Closed ports: all ports of some addresses of loopback on which nothing listens. Open
 * ports: a thousand listeners of one kind. Beside it stand Nmap in the same run, its connect scan for the closed ones, `-sV` for the open ones, and
 * RustScan, where it is installed: it finds open ports, and `nmap -sV` then names what it found.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { openNetwork } from "./network.ts";
import { asMarkdown, asText, circumstances, type Table, tell } from "./report.ts";
import { openRustScan } from "./rustscan.ts";
import { type ScanRun, scan } from "./scan.ts";

const LISTENERS = 1_000;
const FIRST_PORT = 20_000;
const CLOSED_HOSTS = 4;
/** Nmap's -sV on a thousand ports that its file does not name at once takes long; it is stopped after this, ms. */
const NMAP_MS = 60_000;

/** What the listeners do, as a program of its own: server-first, client-first, and one that says nothing. */
const KINDS = {
  "greets as FTP": `s.write("220 (vsFTPd 3.0.3)\\r\\n"); s.on("data", () => s.write("530 Please login with USER and PASS.\\r\\n"))`,
  "answers HTTP": `s.once("data",()=>s.end("HTTP/1.1 200 OK\\r\\nServer: nginx/1.22.1\\r\\nContent-Length: 2\\r\\n\\r\\nok"))`,
  "never says a word": "undefined",
} as const;

const listen = (serve: string) => `
const { createServer } = require("node:net");
let open = 0;
for (let i = 0; i < ${LISTENERS}; i++)
  createServer((s) => { s.on("error", () => {}); ${serve}; }).listen(${FIRST_PORT} + i, "127.0.0.1", () => {
    if (++open === ${LISTENERS}) console.log("open");
  });
process.stdin.resume().on("end", () => process.exit());`;

const seconds = (value: number) => `${value.toFixed(1)} s`;
const rate = (endpoints: number, time: number) => Math.round(endpoints / time).toLocaleString("en");

/** Shares of the processor time, largest first. */
function shares({ cpuSeconds }: ScanRun): string {
  const all = Object.values(cpuSeconds).reduce((sum, one) => sum + one, 0);
  const sorted = Object.entries(cpuSeconds).sort(([, a], [, b]) => b - a);
  const told = sorted.map(([program, one]) => `${program} ${((100 * one) / all).toFixed(0)} %`);
  return `${seconds(all)}: ${told.join(", ")}`;
}

const network = await openNetwork();
const rustscan = openRustScan((line) => console.error(line));

function nmapSeconds(args: readonly string[]): number | null {
  const [command = "", ...rest] = [...network.prefix, "nmap", "-n", "-Pn", "-oX", "-", ...args];
  const began = performance.now();
  try {
    execFileSync(command, rest, { stdio: ["ignore", "ignore", "inherit"], timeout: NMAP_MS });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ETIMEDOUT") return null;
    throw error;
  }
  return (performance.now() - began) / 1000;
}

const orLonger = (taken: number | null, longest: string) =>
  taken === null ? `> ${longest}` : seconds(taken);

/** Finding the ports alone; behind it `nmap -sV` on what it found, which took `nmap` seconds. */
function rustScanned(targets: readonly string[], ports: string, wanted: number, nmap: number | null): string {
  if (!rustscan) return "-";
  const found = rustscan.discover(network, targets, ["-r", ports]);
  if (!found) return "stopped";
  const open = [...found.open.values()].reduce((sum, { length }) => sum + length, 0);
  const missed = open === wanted ? "" : `, found ${open.toLocaleString("en")}`;
  const named =
    wanted === 0
      ? ""
      : `; with nmap ${orLonger(nmap && found.seconds + nmap, seconds(found.seconds + NMAP_MS / 1000))}`;
  return `${seconds(found.seconds)}${missed}${named}`;
}

async function measured(
  name: string,
  { targets, ports, listeners }: { targets: readonly string[]; ports: string; listeners: number },
  nmapArgs: string[],
): Promise<string[]> {
  const [first = 0, last = 0] = ports.split("-").map(Number);
  const endpoints = targets.length * (last - first + 1);
  const args = [...targets, "-p", ports];
  const nmap = nmapSeconds(nmapArgs);
  const discovered = rustScanned(targets, ports, listeners, nmap);
  const run = await scan(args, network);
  if (run.exitCode !== 0) throw new Error(`the scan ended with ${run.exitCode}:\n${run.messages}`);
  const settled = Object.values(run.summary.outcomes).reduce((sum, n) => sum + n, 0);
  if (settled !== endpoints) throw new Error(`${settled} of ${endpoints} endpoints have an outcome`);
  console.error(`${name}: ${seconds(run.seconds)}`);
  return [
    name,
    endpoints.toLocaleString("en"),
    seconds(run.seconds),
    rate(endpoints, run.seconds),
    rate(endpoints, run.summary.durationMs / 1000),
    orLonger(nmap, seconds(NMAP_MS / 1000)),
    discovered,
    shares(run),
  ];
}

const rows: string[][] = [];
try {
  const targets = Array.from({ length: CLOSED_HOSTS }, (_, i) => `127.1.0.${i + 1}`);
  rows.push(
    await measured("closed", { targets, ports: "1-65535", listeners: 0 }, ["-sT", "-p-", ...targets]),
  );
  for (const [kind, serve] of Object.entries(KINDS)) {
    const [command = "", ...rest] = [...network.prefix, process.execPath, "-e", listen(serve)];
    const listeners = spawn(command, rest, { stdio: ["pipe", "pipe", "inherit"] });
    await once(listeners.stdout, "data");
    const ports = `${FIRST_PORT}-${FIRST_PORT + LISTENERS - 1}`;
    const nmap = ["-sT", "-sV", "-p", ports, "127.0.0.1"];
    rows.push(await measured(`open, ${kind}`, { targets: ["127.0.0.1"], ports, listeners: LISTENERS }, nmap));
    listeners.stdin.end();
    await once(listeners, "exit");
  }
} finally {
  await network.stop();
}
const head = [
  "ports",
  "endpoints",
  "command",
  "a second",
  "a second, the scan alone",
  "nmap",
  rustscan?.version ?? "rustscan",
  "processor time",
];
const table: Table = { head, rows };
const note =
  "From the command's start to its end, the start of the local cloud and of its functions in it; `the scan alone` from the plan to the last outcome. Nmap: `-sT -p-` for the closed ports, `-sT -sV` for the open ones. RustScan as it stands: the open ports alone, then with the time of `nmap -sV` on what it found (`-`: not installed; `found`: other ports than ours are open, or were missed).";
console.log([circumstances(), asText(table), note].join("\n"));
tell("Endpoints a second", [note, asMarkdown(table)]);
