/**
 * Runs drills: each kind (number, name, work) once for each round, with a seed of its own. DOORPLATE_DRILL_SEED repeats a run; DOORPLATE_DRILLS is
 * how many times each kind of drill is run; DOORPLATE_DRILL_OWN runs each kind with exactly these seeds (commas between), to repeat a single drill.
 */
import { afterAll, beforeAll, test } from "vitest";
import type { FunctionName } from "../../infra/topology.ts";
import { randomFrom } from "../random.ts";
import { type Bundles, type Drill, type DrillOptions, keepBundles, SLOWNESS, startDrill } from "./drill.ts";
import { until } from "./local-handlers.ts";

const seed = Number(process.env.DOORPLATE_DRILL_SEED ?? Date.now() % 1_000_000);
const rounds = Number(process.env.DOORPLATE_DRILLS ?? 1);
const own = process.env.DOORPLATE_DRILL_OWN?.split(",").map(Number);
console.log(
  `drills: DOORPLATE_DRILL_SEED=${seed} DOORPLATE_DRILLS=${rounds}, waits ${SLOWNESS.toFixed(1)} times as long as on an idle machine`,
);
const seedsFor = (kind: number) =>
  own ??
  Array.from({ length: rounds }, (_, round) => Math.floor(randomFrom(seed + kind * 1_000 + round)() * 1e8));

/** A drill mostly waits for a time-out. */
const AT_ONCE = Number(process.env.DOORPLATE_DRILLS_AT_ONCE ?? 4);
const TEST_LIMIT_MS = (120_000 + rounds * 120_000) * SLOWNESS;

let bundles: Bundles;
beforeAll(async () => {
  bundles = await keepBundles();
});
afterAll(() => bundles?.remove());

let running = 0;
const queue: (() => void)[] = [];
export async function drilling(
  options: Omit<DrillOptions, "bundles">,
  work: (drill: Drill) => Promise<void>,
): Promise<void> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => queue.push(resolve));
  running++;
  try {
    const drill = await startDrill({ ...options, bundles });
    try {
      await work(drill);
    } finally {
      await drill.close();
    }
  } finally {
    running--;
    queue.shift()?.();
  }
}

/** `regressions`: seeds that once failed. */
export function drills(
  kind: number,
  name: string,
  work: (own: number) => Promise<void>,
  regressions: readonly number[] = [],
): void {
  test.concurrent.each([...regressions, ...seedsFor(kind)])(`${name} (seed %i)`, work, TEST_LIMIT_MS);
}

/** Kills one instance of a function, as soon as there is one. */
export async function killOne(drill: Drill, name: FunctionName): Promise<void> {
  const pids = await until(`a ${name} to kill`, () => drill.instances(name));
  process.kill(Number(pids[Math.floor(drill.random() * pids.length)]), "SIGKILL");
}
