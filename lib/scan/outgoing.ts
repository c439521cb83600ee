/**
 * What a prober has found and not yet sent. Sightings leave soon, so that results show while the scan runs; closed and filtered ports, of
 * which there are many, leave as runs of equal outcomes with the next message or at the end.
 */
import type { Cloud } from "../cloud/index.ts";
import type { Outcome } from "../model/outcome.ts";
import { codeOf, type Settlement } from "./ledger.ts";
import type { Meter, ObservationMessage, Sighting } from "./messages.ts";

/** Sightings that make a message full, and the longest that one waits, ms. */
const SIGHTINGS_PER_MESSAGE = 10;
const LONGEST_WAIT_MS = 400;
/** With no sighting, progress is told this often, ms. */
const PROGRESS_MS = 2_000;

export interface Outgoing {
  settle(index: number, outcome: Outcome): void;
  settleRest(indices: readonly number[], outcome: Outcome): void;
  sight(sighting: Sighting): void;
  /** Everything settled without a sighting so far, sent or not. */
  readonly told: readonly Settlement[];
  /** Messages sent so far. */
  readonly sent: number;
  /** Sends the rest with the meter; throws what any sending threw. */
  close(meter: Meter): Promise<void>;
}

export function outgoing(cloud: Cloud, { scanId, batch }: { scanId: string; batch: number }): Outgoing {
  let sightings: Sighting[] = [];
  let settled = new Map<number, number>();
  const told: Settlement[] = [];
  let sent = 0;
  let sending: Promise<void> = Promise.resolve();
  let failure: unknown = null;
  let timer: NodeJS.Timeout | null = null;

  function flush(meter: Meter | null = null): void {
    if (timer) clearTimeout(timer);
    timer = null;
    if (sightings.length === 0 && settled.size === 0 && !meter) return;
    const message: ObservationMessage = { scanId, batch, sightings, settled: runs(settled), meter };
    sightings = [];
    settled = new Map();
    sent++;
    sending = sending
      .then(() => cloud.outbox.observation.send([message]))
      .catch((error: unknown) => {
        failure ??= error;
      });
  }

  let due = 0;
  function flushWithin(ms: number): void {
    const at = Date.now() + ms;
    if (timer && due <= at) return;
    if (timer) clearTimeout(timer);
    due = at;
    timer = setTimeout(flush, ms);
  }

  return {
    told,
    get sent() {
      return sent;
    },
    settle(index, outcome) {
      settled.set(index, codeOf(outcome));
      told.push({ index, outcome });
      flushWithin(PROGRESS_MS);
    },
    settleRest(indices, outcome) {
      for (const index of indices) settled.set(index, codeOf(outcome));
    },
    sight(sighting) {
      sightings.push(sighting);
      if (sightings.length >= SIGHTINGS_PER_MESSAGE) flush();
      else flushWithin(LONGEST_WAIT_MS);
    },
    async close(meter) {
      flush(meter);
      await sending;
      if (failure) throw failure;
    },
  };
}

/** [code, first index, how many] for each run of neighbours with one code. */
export function runs(settled: ReadonlyMap<number, number>): ObservationMessage["settled"] {
  const found: ObservationMessage["settled"] = [];
  for (const [index, code] of [...settled].sort(([a], [b]) => a - b)) {
    const last = found.at(-1);
    if (last && last[0] === code && last[1] + last[2] === index) last[2]++;
    else found.push([code, index, 1]);
  }
  return found;
}
