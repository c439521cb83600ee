/**
 * The meter of one function instance for one scan. It runs while an invocation works for that scan, counts what the clients are asked
 * (`lib/cloud/tally.ts`), and is emptied into whatever is written next on the scan's behalf: a prober's last message, the batch item that an
 * aggregator writes, an item of its own. What an invocation uses after its last write goes into the instance's next one; so of a scan only the
 * last breath of each instance is missing, and `finish` puts in what its own end takes.
 *
 * A prober that dies tells nothing any more. So it writes first that it is under way, with all that it may use up to its time-out, and each of its
 * messages says what it has used so far; its last word replaces that. Where that never comes, the invocation is charged as if it had run
 * until it was stopped (`usageIn` in `tree.ts`).
 */
import type { Cloud } from "../cloud/index.ts";
import { type CloudUse, currentTally, type Tally } from "../cloud/tally.ts";
import { addUsage, COUNTED, NO_USAGE, type Usage, usageFrom } from "./cost.ts";
import { meterKey } from "./keys.ts";

const MB_PER_GB = 1024;
const MS_PER_SECOND = 1000;

export interface Invocation {
  /** Lambda request id: makes what is written idempotent. */
  id: string;
  /** Part of it that is this scan's, up to 1: an invocation may work on messages of several scans. */
  share: number;
  /** Billed beside its duration, ms: the initialisation of a new instance. */
  initMs: number;
}

export interface Meter extends Tally {
  /** The invocation under way, or the last one. */
  readonly invocation: string;
  begin(invocation: Invocation): void;
  /** What has been used since the last time, duration so far included; `take` empties the meter. */
  read(): Usage;
  take(): Usage;
  /** What so many ms of this function take. */
  duration(ms: number): Usage;
  end(): void;
}

/** `now`: monotonic, ms. */
export function openMeter(of: { function: string; memoryMb: number; now: () => number }): Meter {
  let usage = NO_USAGE;
  let invocation = "";
  let share = 1;
  let since: number | null = null;

  const duration = (ms: number): Usage => {
    const seconds = (ms / MS_PER_SECOND) * (of.memoryMb / MB_PER_GB) * share;
    return { ...NO_USAGE, gbSeconds: { [of.function]: seconds } };
  };
  const addTime = (ms: number) => {
    usage = addUsage(usage, duration(ms));
  };
  const lap = () => {
    if (since === null) return;
    const now = of.now();
    addTime(now - since);
    since = now;
  };

  return {
    duration,
    get invocation() {
      return invocation;
    },
    add(use: Partial<CloudUse>) {
      for (const [unit, n] of Object.entries(use) as [keyof CloudUse, number][]) {
        usage = { ...usage, [unit]: usage[unit] + n };
      }
    },
    begin(next) {
      invocation = next.id;
      share = next.share;
      usage = { ...usage, invocations: usage.invocations + share };
      addTime(next.initMs);
      since = of.now();
    },
    read() {
      lap();
      return usage;
    },
    take() {
      lap();
      // What was told ahead (`takeWith`) and has not happened yet is kept back, until it has.
      const taken = { ...usage };
      const ahead = { ...NO_USAGE };
      for (const unit of COUNTED) {
        if (taken[unit] >= 0) continue;
        ahead[unit] = taken[unit];
        taken[unit] = 0;
      }
      usage = ahead;
      return taken;
    },
    end() {
      lap();
      since = null;
    },
  };
}

/** The meter that counts what happens here; null outside of a metered invocation. */
export function currentMeter(): Meter | null {
  const tally = currentTally();
  return tally !== null && "take" in tally ? (tally as Meter) : null;
}

/** What has been used so far and will be used by what follows at once, so that it need not wait for the next invocation. */
export function takeWith(following: Partial<CloudUse>): Usage {
  const meter = currentMeter();
  if (!meter) return NO_USAGE;
  const usage = addUsage(meter.take(), { ...NO_USAGE, ...following });
  for (const [unit, n] of Object.entries(following)) meter.add({ [unit]: -n });
  return usage;
}

/** One small item. */
const NOTE_UNITS = 1;

/**
 * Writes what was used so far, and what is used next (`following`), as an item of its own: for functions that write no batch item. Returns it.
 * `part` tells several notes of one invocation apart.
 */
export async function noteUsage(
  cloud: Pick<Cloud, "table">,
  scanId: string,
  part: string,
  following: Partial<CloudUse> = {},
): Promise<Usage> {
  const meter = currentMeter();
  if (!meter) return NO_USAGE;
  const units = (following.tableWriteUnits ?? 0) + NOTE_UNITS;
  const usage = takeWith({ ...following, tableWriteUnits: units });
  await cloud.table.put({ ...meterKey(scanId, meter.invocation, part), usage });
  return usage;
}

/** The sum of such items. */
export async function notedUsage(cloud: Pick<Cloud, "table">, scanId: string): Promise<Usage> {
  let sum = NO_USAGE;
  for await (const { usage } of cloud.table.query(meterKey(scanId, "", "").pk, "METER#"))
    sum = addUsage(sum, usageFrom(usage));
  return sum;
}
