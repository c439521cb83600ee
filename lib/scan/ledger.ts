/**
 * The ledger: one item per batch holds one outcome code per endpoint, and a code changes only from *pending*. Whatever is delivered twice,
 * late, out of order, or dies half-way, each endpoint is therefore counted exactly once; totals are sums over these items
 * (`tree.ts`), never counters that are added to. A batch without an item is all pending. Who goes on
 * with a batch stands in the same item (`handover.ts`).
 *
 * Codes are one byte each, deflated: neighbours mostly share their fate, so 65,535 ports take about a hundred bytes.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { ABSENT, type Condition } from "../cloud/condition.ts";
import type { Item, Table } from "../cloud/table.ts";
import { type LedgerOutcome, OUTCOMES, type Outcome, type OutcomeCounts } from "../model/outcome.ts";
import { addUsage, mostUsage, NO_USAGE, type Usage, usageFrom } from "./cost.ts";
import { batchKey } from "./keys.ts";
import type { Meter } from "./messages.ts";
import { currentMeter } from "./meter.ts";

export interface BatchState {
  /** One code per endpoint: an index into OUTCOMES. */
  codes: Uint8Array;
  counts: OutcomeCounts;
  complete: boolean;
  /** Which hand-over of the batch is current (0: as dispatched). */
  generation: number;
  /** The invocation that claimed it; null: as dispatched. */
  claimedBy: string | null;
  /** The generation from which hand-overs are counted: 0, or where `redrive` took up again. */
  since: number;
  /** Seen open by an earlier generation, sighting still under way: [first index, how many]. Nobody else need ask. */
  awaited: [number, number][];
  /** Of a scan with a cost limit: the wave in which it was last given out, and whether it waits for another. */
  wave: number;
  waits: boolean;
  /** USD put aside for an invocation that works on it; until its meter comes, all of that counts as spent. */
  claims: Record<string, number>;
  /** Increases with every change. */
  version: number;
  /** What its probers used, by invocation; of one under way, or dead, the most that it can be. */
  meters: Record<string, Meter>;
  /** What those used that wrote this item. */
  usage: Usage;
}

export interface Settlement {
  index: number;
  outcome: Outcome;
}

/** Lost races against other writers of the same item before giving up; the message is then delivered again. */
const WRITE_TRIES = 30;

export const codeOf = (outcome: LedgerOutcome) => OUTCOMES.indexOf(outcome);
export const outcomeOf = (code: number): LedgerOutcome => OUTCOMES[code] ?? "pending";

export function count(codes: Uint8Array): OutcomeCounts {
  const perCode = new Array<number>(OUTCOMES.length).fill(0);
  for (const code of codes) perCode[code] = (perCode[code] ?? 0) + 1;
  return Object.fromEntries(
    OUTCOMES.map((outcome, code) => [outcome, perCode[code] ?? 0]).filter(([, n]) => n),
  );
}

const pending = (size: number): BatchState => ({
  codes: new Uint8Array(size),
  counts: { pending: size },
  complete: size === 0,
  generation: 0,
  claimedBy: null,
  since: 0,
  awaited: [],
  wave: 0,
  waits: false,
  claims: {},
  version: 0,
  meters: {},
  usage: NO_USAGE,
});

/** Endpoints to be asked: pending, and not awaited. */
export function* openIn({ codes, awaited }: Pick<BatchState, "codes" | "awaited">): Generator<number> {
  const asked = Uint8Array.from(codes);
  for (const [first, many] of awaited) asked.fill(1, first, first + many);
  for (let i = 0; i < asked.length; i++) if (asked[i] === 0) yield i;
}

/** The attributes that tell how far a batch is, without its codes. */
export const PROGRESS_ATTRIBUTES = ["batch", "counts", "complete", "version", "meters", "usage"] as const;

export function stateFrom(item: Item | null, size: number): BatchState {
  if (!item) return pending(size);
  const packed = item.codes instanceof Uint8Array ? item.codes : new Uint8Array(0);
  const codes =
    packed.length > 0 ? inflateRawSync(packed, { maxOutputLength: size + 1 }) : new Uint8Array(size);
  return {
    codes: new Uint8Array(codes),
    counts: item.counts as OutcomeCounts,
    complete: item.complete === true,
    generation: Number(item.generation),
    claimedBy: typeof item.claimedBy === "string" ? item.claimedBy : null,
    since: Number(item.since ?? 0),
    awaited: (item.awaited ?? []) as [number, number][],
    wave: Number(item.wave ?? 0),
    waits: item.waits === true,
    claims: (item.claims ?? {}) as Record<string, number>,
    version: Number(item.version),
    meters: (item.meters ?? {}) as Record<string, Meter>,
    usage: usageFrom(item.usage),
  };
}

export async function readBatch(
  table: Table,
  scanId: string,
  batch: number,
  size: number,
): Promise<BatchState> {
  return stateFrom(await table.get(batchKey(scanId, batch)), size);
}

/** A change of a batch's item: alters the state it is given and says whether it did. Called again when another writer was faster. */
type Alter = (state: BatchState) => boolean;
type Change = [table: Table, scanId: string, batch: number, size: number, alter: Alter];

/** What waits for the write before it of the same item, by key, for each store. */
const queues = new WeakMap<Table, Map<string, (PromiseWithResolvers<BatchState> & { alter: Alter })[]>>();

/**
 * Reads, lets `alter` change the state, writes under the version condition; again when somebody else was faster. Nothing is
 * written where `alter` says false. Messages of one batch are worked on side by side, so what comes while the item is being written goes
 * into the next write together.
 * @throws Error when too many writes were lost: the message is delivered again
 */
export function change(...[table, scanId, batch, size, alter]: Change): Promise<BatchState> {
  const ofTable = queues.get(table) ?? new Map();
  queues.set(table, ofTable);
  const name = `${scanId} ${batch}`;
  const one = { ...Promise.withResolvers<BatchState>(), alter };
  const waiting = ofTable.get(name);
  if (waiting) waiting.push(one);
  else {
    const queue = [one];
    ofTable.set(name, queue);
    void writeAll();
    async function writeAll(): Promise<void> {
      for (let group = queue.splice(0); group.length > 0; group = queue.splice(0)) {
        const all: Alter = (state) => group.map(({ alter }) => alter(state)).includes(true);
        const written = write(table, scanId, batch, size, all);
        for (const { resolve } of group) resolve(written);
        await written.catch(() => undefined);
      }
      ofTable.delete(name);
    }
  }
  return one.promise;
}

async function write(...[table, scanId, batch, size, alter]: Change): Promise<BatchState> {
  const key = batchKey(scanId, batch);
  let used = NO_USAGE;
  for (let tries = 0; tries < WRITE_TRIES; tries++) {
    const item = await table.get(key);
    const state = stateFrom(item, size);
    if (!alter(state)) return state;
    used = addUsage(used, currentMeter()?.take() ?? NO_USAGE);
    state.usage = addUsage(state.usage, used);
    state.counts = count(state.codes);
    state.complete = !state.counts.pending;
    const unchanged: Condition = item
      ? {
          expression: "#version = :seen",
          names: { "#version": "version" },
          values: { ":seen": state.version },
        }
      : ABSENT;
    const { codes, ...rest } = state;
    const next = { ...rest, version: state.version + 1 };
    const written = await table.put({ ...key, batch, ...next, codes: deflateRawSync(codes) }, unchanged);
    if (written) return { codes, ...next };
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * (tries + 1)));
  }
  throw new Error(`batch ${batch} of scan ${scanId}: ${WRITE_TRIES} writes lost against other writers`);
}

/** Notes that an invocation begins to work on this generation of a batch, unless there is nothing left to do. */
export function begin(
  table: Table,
  scanId: string,
  batch: number,
  size: number,
  generation: number,
  meter: Meter,
): Promise<BatchState> {
  return change(table, scanId, batch, size, (state) => {
    if (state.complete || state.generation > generation) return false;
    state.meters = { ...state.meters, [meter.invocation]: meter };
    return true;
  });
}

/** An invocation gave up, and told what it used with this very write: its message comes again. */
export function giveUp(
  table: Table,
  scanId: string,
  batch: number,
  size: number,
  invocation: string,
): Promise<BatchState> {
  return change(table, scanId, batch, size, (state) => {
    const { [invocation]: mark, ...others } = state.meters;
    if (!mark?.underWay) return false;
    state.meters = others;
    return true;
  });
}

/** Settles endpoints that are still pending, and notes what an invocation used: for good, or so far. */
export function settle(
  table: Table,
  scanId: string,
  batch: number,
  size: number,
  settlements: Iterable<Settlement>,
  meter: Meter | null = null,
): Promise<BatchState> {
  const all = [...settlements];
  return change(table, scanId, batch, size, (state) => {
    let changed = false;
    for (const { index, outcome } of all) {
      if (index < state.codes.length && state.codes[index] === 0) {
        state.codes[index] = codeOf(outcome);
        changed = true;
      }
    }
    const known = meter && state.meters[meter.invocation];
    if (meter && !meter.underWay && (!known || known.underWay)) {
      state.meters[meter.invocation] = meter;
      changed = true;
    } else if (meter?.underWay && known?.underWay) {
      // Not worth a write of its own.
      state.meters[meter.invocation] = { ...known, usage: mostUsage(known.usage, meter.usage) };
    }
    return changed;
  });
}

/** Settles all that is pending. */
export function settleRest(table: Table, scanId: string, batch: number, size: number, outcome: Outcome) {
  return change(table, scanId, batch, size, (state) => {
    const before = state.codes.includes(0);
    for (let i = 0; i < state.codes.length; i++) if (state.codes[i] === 0) state.codes[i] = codeOf(outcome);
    return before || (size === 0 && state.version === 0);
  });
}
