/**
 * `npm run simulate [-- <endpoints>…]`: scans of 10^4 to 10^9 endpoints in the model of `model.ts`, with the real planner, dispatcher, aggregator and
 * ledger. Prints a table and draws `docs/simulation.svg` (only when nothing was asked for by number).
 */
import "./yaml.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

// After the hook that reads YAML.
const { simulate } = await import("./scan.ts");
const { picture } = await import("./picture.ts");
type Simulated = Awaited<ReturnType<typeof simulate>>;

const SIZES = [1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/** The topology's own, and ten times as many, with the limits in all and for each network raised in proportion. */
const PROBERS = [20, 200];
/** Issue: at most so much for 10,000 endpoints, USD. */
const WANTED_USD = 0.02;

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  if (seconds < 7_200) return `${(seconds / 60).toFixed(0)} min`;
  return seconds < 172_800 ? `${(seconds / 3_600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}

const COLUMNS: [name: string, of: (one: Simulated) => string][] = [
  ["endpoints", ({ endpoints }) => `10^${Math.log10(endpoints).toFixed(0)}`],
  ["probers", ({ probers }) => String(probers)],
  ["batches", ({ batches }) => String(batches)],
  ["driven for real", ({ driven }) => String(driven)],
  ["wall time", ({ wallSeconds }) => duration(wallSeconds)],
  ["within 24 h", ({ within24h }) => `${(within24h * 100).toFixed(0)} %`],
  ["at once", ({ peakProbers }) => String(peakProbers)],
  ["USD", ({ usd }) => usd.toFixed(2)],
  ["USD per 10,000", ({ usdPer10k }) => usdPer10k.toFixed(4)],
  ["writes/s, table", ({ peakUnits }) => peakUnits.toFixed(0)],
  ["writes/s, hottest partition", ({ peakPartitionUnits }) => peakPartitionUnits.toFixed(0)],
  [
    "messages/s, of possible",
    ({ peakMessages, aggregatorMessages }) => `${peakMessages.toFixed(0)}/${aggregatorMessages.toFixed(0)}`,
  ],
  ["dispatch", ({ dispatchSeconds }) => duration(dispatchSeconds)],
];

const asked = process.argv.slice(2).map(Number);
const sizes = asked.length > 0 ? asked : SIZES;
const all: Simulated[] = [];
console.log(`| ${COLUMNS.map(([name]) => name).join(" | ")} |\n|${"---|".repeat(COLUMNS.length)}`);
for (const probers of PROBERS) {
  for (const endpoints of sizes) {
    const one = await simulate(endpoints, probers, 1);
    all.push(one);
    console.log(`| ${COLUMNS.map(([, of]) => of(one)).join(" | ")} |`);
  }
}
const dearest = Math.max(...all.map(({ usdPer10k }) => usdPer10k));
console.log(
  `\nDearest: USD ${dearest.toFixed(4)} per 10,000 endpoints (wanted: at most ${WANTED_USD}): ${dearest <= WANTED_USD ? "kept" : "NOT kept"}`,
);
if (asked.length === 0) writeFileSync(join(import.meta.dirname, "../../docs/simulation.svg"), picture(all));
if (dearest > WANTED_USD) process.exitCode = 1;
