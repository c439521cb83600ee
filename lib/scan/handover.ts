/**
 * Who goes on with a batch. Two copies of its message may be worked on at once, and the ledger counts each endpoint once all the same; but only one
 * invocation may hand the remainder over, else copies would multiply. So whoever goes on says so in the batch's item first: the next
 * generation takes over what its prober had no time for, a wave takes up what a cost limit laid aside, and `redrive` makes failed
 * endpoints a generation of their own. A claim is a change of the ledger like any other: of two claimants one is told yes, and again when it asks again.
 */
import type { Table } from "../cloud/table.ts";
import { type BatchState, change, codeOf } from "./ledger.ts";
import type { Meter } from "./messages.ts";

/** Puts down what a prober knows before somebody else goes on: what it settled, and what it saw open, whose sightings are still under way. */
function putDown(state: BatchState, told: Uint8Array): void {
  const seen = codeOf("fingerprinted");
  const awaited: [number, number][] = [];
  for (const [index, code] of told.entries()) {
    if (code === 0 || state.codes[index] !== 0) continue;
    if (code !== seen) state.codes[index] = code;
    else {
      const last = awaited.at(-1);
      if (last && last[0] + last[1] === index) last[1]++;
      else awaited.push([index, 1]);
    }
  }
  state.awaited = [...state.awaited, ...awaited];
}

const NOTHING = new Uint8Array(0);

/**
 * Claims the next generation for an invocation; true for the one claimant that hands the remainder over, also when it asks again because
 * the answer to its first write was lost. What the claimant found out (`told`: a code each) is written with the claim: its messages may
 * still be under way, and the next generation would ask for all of it again, or call failed what was seen.
 */
export async function claimGeneration(
  table: Table,
  scanId: string,
  batch: number,
  size: number,
  next: number,
  claimant: string,
  told: Uint8Array = NOTHING,
): Promise<boolean> {
  const state = await change(table, scanId, batch, size, (current) => {
    if (current.generation >= next) return false;
    putDown(current, told);
    current.generation = next;
    current.claimedBy = claimant;
    return true;
  });
  return state.generation === next && state.claimedBy === claimant;
}

/**
 * For a scan with a cost limit. Claims a batch for one invocation of one wave, with the USD it may use; false when another invocation of this wave
 * has it, or had it and died. `mark`: what it is charged for if it tells nothing.
 */
export async function claimWave(
  table: Table,
  scanId: string,
  batch: number,
  size: number,
  { wave, claimant, usd, mark }: { wave: number; claimant: string; usd: number; mark?: Meter | null },
): Promise<boolean> {
  const state = await change(table, scanId, batch, size, (current) => {
    if (current.wave >= wave || current.complete) return false;
    current.wave = wave;
    current.waits = false;
    current.claims = { ...current.claims, [claimant]: usd };
    if (mark) current.meters = { ...current.meters, [claimant]: mark };
    return true;
  });
  return state.wave === wave && claimant in state.claims;
}

/**
 * Lays a batch aside until the next wave; what is left of it counts as another generation only if time was short. `meter`: what who lays it aside used, told
 * with this very write: whoever sees the batch wait reckons with it, and with nothing more.
 */
export function layAside(
  table: Table,
  scanId: string,
  batch: number,
  size: number,
  generation: number,
  told: Uint8Array = NOTHING,
  meter: Meter | null = null,
): Promise<BatchState> {
  return change(table, scanId, batch, size, (current) => {
    if (current.complete || current.waits) return false;
    putDown(current, told);
    current.generation = Math.max(current.generation, generation);
    current.waits = true;
    if (meter) current.meters = { ...current.meters, [meter.invocation]: meter };
    return true;
  });
}

/**
 * Makes failed endpoints pending again, all or those named; `reopened` is 0 when there are none. The only way back from an outcome, and only by `redrive`:
 * the batch becomes a generation of its own, so that messages of before cannot settle what is asked anew under another name.
 */
export async function reopen(
  table: Table,
  scanId: string,
  batch: number,
  size: number,
  options: { only?: ReadonlySet<number>; waits?: boolean } = {},
): Promise<{ reopened: number; pending: number; generation: number }> {
  let reopened = 0;
  const state = await change(table, scanId, batch, size, (current) => {
    reopened = 0;
    const failed = codeOf("failed");
    for (const [index, code] of current.codes.entries()) {
      if (code !== failed || (options.only && !options.only.has(index))) continue;
      current.codes[index] = 0;
      reopened++;
    }
    if (reopened === 0) return false;
    current.generation++;
    current.since = current.generation;
    current.awaited = [];
    current.waits = options.waits ?? false;
    return true;
  });
  return { reopened, pending: state.counts.pending ?? 0, generation: state.generation };
}
