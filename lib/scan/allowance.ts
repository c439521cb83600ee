/**
 * What one invocation may spend on a batch of a scan with a cost limit. Before an endpoint is asked, the most that it can still cost is put
 * aside, together with that of the endpoints under way and with the prober's own time until the last of them is through. Where that does not
 * fit, the endpoint waits until others have come out cheaper; if none is under way, it is left for another wave. So no invocation uses
 * more than it was given, whatever answers.
 */
import type { Sighting } from "./messages.ts";
import { PRICES } from "./prices.ts";

const KB = 1024;
/** Index copies of an asset, the scan's own port item, the version that was there before (read): units beside the asset's own. */
const SMALL_WRITES = 4;
/** Read of the asset as it was, 4 KB a unit. */
const READ_KB = 4;
/** Aggregator time for one sighting, GB-s: 0.5 GB, and 100 ms where most take 5. */
const FUSION_GB_SECONDS = 0.05;
/** The sighting's share of a message that it may have for itself: archived, sent, received, deleted, an invocation, the batch item read and written. */
const MESSAGE_USD =
  PRICES.bucketWrite +
  3 * PRICES.queueRequest +
  PRICES.lambdaRequest +
  4 * PRICES.tableWriteUnit +
  2 * PRICES.tableReadUnit;
/** A result is larger than its sighting by the verdict drawn from it, KB. */
const VERDICT_KB = 4;

/** The most that an open endpoint costs after the prober, for a sighting of so many bytes, USD. */
export function sightingUsd(bytes: number): number {
  const kb = bytes / KB + VERDICT_KB;
  const writes = 2 * Math.ceil(kb) + SMALL_WRITES;
  const reads = Math.ceil(kb / READ_KB) + 1;
  return (
    writes * PRICES.tableWriteUnit +
    reads * PRICES.tableReadUnit +
    FUSION_GB_SECONDS * PRICES.gbSecond +
    PRICES.event +
    MESSAGE_USD
  );
}

/** Largest sighting, bytes: 64 pieces of evidence and a service fingerprint (`probe.ts` bounds both). */
const LARGEST_SIGHTING = 40 * KB;
/** The most that any endpoint costs after the prober, USD. */
export const WORST_ENDPOINT_USD = sightingUsd(LARGEST_SIGHTING);
/** Said of a batch, whatever is in it: plan read, last messages, ledger, climb, tick, USD. */
export const BATCH_USD =
  PRICES.bucketRead + 20 * PRICES.tableWriteUnit + 40 * PRICES.tableReadUnit + 2 * MESSAGE_USD;

/** Whoever asks `isUsedUp` does so at least this often, ms. */
const LOOK_MS = 1_000;

export interface Allowance {
  /** Waits until there is money for one more endpoint; false when there is none. `done` after it, with what was sent. */
  take(): Promise<boolean>;
  done(sighting: Sighting | null): void;
  /** What is under way is all that can be paid: who still waits for a turn must give up. */
  isUsedUp(): boolean;
  /** Somebody was refused. */
  readonly short: boolean;
}

/** No limit. */
export const NO_LIMIT: Allowance = {
  take: async () => true,
  done: () => undefined,
  isUsedUp: () => false,
  short: false,
};

/**
 * `usd`: what may be spent in all. `spentUsd()`: what the invocation itself has used so far. `tailMs`: the longest that an endpoint takes from its
 * start to the invocation's end.
 */
export function allowance(of: {
  usd: number;
  spentUsd: () => number;
  tailMs: number;
  memoryMb: number;
}): Allowance {
  const tailUsd = ((of.tailMs + LOOK_MS) / 1000) * (of.memoryMb / 1024) * PRICES.gbSecond + BATCH_USD;
  let sentUsd = 0;
  let underWay = 0;
  let short = false;
  const waiting: (() => void)[] = [];
  const costsUsd = (endpoints: number) => of.spentUsd() + sentUsd + endpoints * WORST_ENDPOINT_USD + tailUsd;
  const fits = () => costsUsd(underWay + 1) <= of.usd;
  return {
    get short() {
      return short;
    },
    isUsedUp() {
      short ||= underWay > 0 && costsUsd(underWay) > of.usd;
      return short;
    },
    async take() {
      while (!fits()) {
        if (underWay === 0) {
          short = true;
          return false;
        }
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      underWay++;
      return true;
    },
    done(sighting) {
      underWay--;
      if (sighting) sentUsd += sightingUsd(Buffer.byteLength(JSON.stringify(sighting)));
      for (const wake of waiting.splice(0)) wake();
    },
  };
}
