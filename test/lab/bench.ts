/**
 * `npm run bench`: the wall time of `nmap -sV` and of Doorplate over the TCP doors of the lab, in one run. Doorplate reads once
 * the very file that Nmap reads, and nothing else, and once what it has of its own. Beside the times stands how much of
 * it is right, since a wrong answer is quick.
 *
 * A time is that of the whole command, from its start to its end: for Doorplate that holds the start of the local cloud and,
 * with a file, compiling it. Nmap runs once (it waits for minutes), Doorplate several times, the two ways in turn. RustScan, where it is installed, finds
 * the open ports and leaves the names to Nmap, so its row is its own time and that of Nmap's run.
 */
import { existsSync } from "node:fs";
import { DAEMONS } from "./daemons.ts";
import { type Judged, judge, type Said, withProduct, withVersion } from "./judge.ts";
import { doorOf, nmapSays, PROBES_FILE } from "./nmap-says.ts";
import { differences, doorplateSays } from "./parity.ts";
import { asMarkdown, asText, circumstances, type Table, tell } from "./report.ts";
import { openRustScan } from "./rustscan.ts";
import { type ScanRun, scan } from "./scan.ts";
import { type Lab, startLab } from "./start.ts";

/** Timed runs of Doorplate each way. */
const RUNS = Number(process.env.DOORPLATE_BENCH_RUNS ?? 5);
/** Issue 3: at least so many times faster than Nmap. Printed, never asserted: the machine decides too. */
const WANTED = { file: 5, builtin: 10 };

const WAYS = {
  file: { name: "doorplate, the same file", flags: ["--no-builtin", "--signatures", PROBES_FILE] },
  builtin: { name: "doorplate, built-in pack", flags: [] },
} as const;
type Way = keyof typeof WAYS;

/** What one endpoint took. */
interface Effort {
  connections: number;
  ms: number;
}

/** Nearest rank; `share` 0.5 is the median. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The head lines of `--version-trace` (lib/cli/version-trace.ts): `127.0.0.1:22: 1 connections, 31 ms`. */
function effortsOf({ messages }: ScanRun): Effort[] {
  return [...messages.matchAll(/^\S+: (\d+) connections, (\d+) ms/gm)].map(([, connections, ms]) => ({
    connections: Number(connections),
    ms: Number(ms),
  }));
}

const times = (runs: readonly ScanRun[]) => runs.map(({ seconds }) => seconds);
const seconds = (value: number) => `${value.toFixed(1)} s`;
const spread = (all: readonly number[]) =>
  `${seconds(quantile(all, 0.5))} (${Math.min(...all).toFixed(1)}-${Math.max(...all).toFixed(1)})`;

/** Right answers of those that an answer shows, and the wrong ones: `31/32, 1 wrong`. */
function accuracy(all: readonly Judged<Said>[]): string[] {
  const shown = { product: withProduct(all), version: withVersion(all) };
  const services = all.filter(({ service }) => service).length;
  const marks = (["product", "version"] as const).map((field) => {
    const right = shown[field].filter((one) => one[field] === "right").length;
    const wrong = all.filter((one) => one[field] === "wrong").length;
    return `${right}/${shown[field].length}${wrong > 0 ? `, ${wrong} wrong` : ""}`;
  });
  return [`${services}/${all.length}`, ...marks];
}

async function bench(lab: Lab): Promise<void> {
  const doors = lab.doors.filter(({ transport }) => transport === "tcp");
  const ports = [...new Set(doors.map(({ port }) => port))];
  const run = async (way: Way, ...more: string[]) => {
    const one = await scan(["127.0.0.1", "-p", ports.join(","), ...WAYS[way].flags, ...more], lab.network);
    if (one.exitCode !== 0) throw new Error(`the scan ended with ${one.exitCode}:\n${one.messages}`);
    return one;
  };
  const say = (line: string) => console.error(line);

  say(
    `nmap -sV over ${doors.length} TCP doors of ${lab.network.isolated ? "a network of its own" : "loopback"} …`,
  );
  const nmap = await nmapSays([{ host: "127.0.0.1", transport: "tcp", ports }], lab.network);
  say(`  ${seconds(nmap.seconds)}`);
  const rustscan = openRustScan(say);
  const found = rustscan?.discover(lab.network, ["127.0.0.1"], ["-p", ports.join(",")]);
  const open = new Set(found?.open.get("127.0.0.1"));

  const runs: Record<Way, ScanRun[]> = { file: [], builtin: [] };
  for (let i = 0; i < RUNS; i++) {
    for (const way of ["file", "builtin"] as const) {
      const one = await run(way);
      runs[way].push(one);
      say(`${WAYS[way].name}, run ${i + 1} of ${RUNS}: ${seconds(one.seconds)}`);
    }
  }
  // It prints what each endpoint took when all is done, so it is not timed.
  const efforts = effortsOf(await run("builtin", "--version-trace"));
  const [connections, ms] = [efforts.map((one) => one.connections), efforts.map((one) => one.ms)];

  const judgeAll = (said: readonly Said[]) => accuracy(doors.map((door) => judge(door, said)));
  const row = (way: Way): string[] => {
    const all = times(runs[way]);
    const last = runs[way].at(-1);
    return [
      WAYS[way].name,
      spread(all),
      `${(nmap.seconds / quantile(all, 0.5)).toFixed(1)} ×`,
      `${WANTED[way]} ×`,
      ...judgeAll(last?.results ?? []),
    ];
  };
  const table: Table = {
    head: ["", "wall time, median (range)", "faster than nmap", "target", "service", "product", "version"],
    rows: [
      ["nmap -sV", seconds(nmap.seconds), "1.0 ×", "", ...judgeAll(nmap.said)],
      ...(rustscan && found
        ? [
            [
              `${rustscan.version}, then nmap -sV`,
              seconds(found.seconds + nmap.seconds),
              `${(nmap.seconds / (found.seconds + nmap.seconds)).toFixed(1)} ×`,
              "",
              ...judgeAll(nmap.said.filter(({ port }) => open.has(port))),
            ],
          ]
        : []),
      row("file"),
      row("builtin"),
    ],
  };
  const differing = differences(nmap.said, (runs.file.at(-1)?.results ?? []).map(doorplateSays));
  const notes = [
    `${doors.length} TCP doors of ${new Set(doors.map(({ daemon }) => daemon)).size} daemons. Nmap once; Doorplate ${RUNS} times each way, in turn.`,
    `With the same file: ${differing.length} fields differ from Nmap's${differing.map((one) => `; ${doorOf(one)} ${one.field}: nmap ${one.nmap}, doorplate ${one.doorplate}`).join("")}. What explains them: test/lab/parity.test.ts.`,
    `With the built-in pack (one more run, with --version-trace, ${efforts.length} endpoints): connections an endpoint median ${quantile(connections, 0.5)}, most ${Math.max(...connections)}; time to verdict median ${quantile(ms, 0.5)} ms, p95 ${quantile(ms, 0.95)} ms, most ${Math.max(...ms)} ms.`,
    `The scan alone, without starting and stopping the local cloud: ${(["file", "builtin"] as const)
      .map(
        (way) =>
          `${WAYS[way].name} ${seconds(
            quantile(
              runs[way].map(({ summary }) => summary.durationMs / 1000),
              0.5,
            ),
          )}`,
      )
      .join("; ")}.`,
    ...(found
      ? [`RustScan alone: ${open.size} of ${ports.length} ports open, in ${found.seconds.toFixed(2)} s.`]
      : []),
  ];
  console.log([circumstances(), asText(table), ...notes].join("\n"));
  tell("Time beside nmap -sV", [notes[0] ?? "", asMarkdown(table), ...notes.slice(1)]);
}

if (!existsSync(PROBES_FILE))
  throw new Error(`there is no ${PROBES_FILE}; run test/lab/install.sh, or set NMAP_SERVICE_PROBES`);
if (!(Number.isInteger(RUNS) && RUNS > 0)) throw new Error("DOORPLATE_BENCH_RUNS is no number of runs");
const lab = await startLab(DAEMONS);
for (const line of lab.missing) console.error(`left out: ${line}`);
try {
  await bench(lab);
} finally {
  await lab.stop();
}
