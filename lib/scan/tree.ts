/**
 * The plan's tree: batches are its leaves, FAN_OUT of them under one node, FAN_OUT nodes under the next, up to one root. A node's item is
 * written once all its children are complete and then never changes, so writing it twice is harmless. Whoever completes a
 * batch climbs as far as everything is complete; `climb` is true for whoever reaches the root.
 */
import type { Item, Table } from "../cloud/table.ts";
import { addCounts, type OutcomeCounts } from "../model/outcome.ts";
import { addUsage, NO_USAGE, type Usage, usageFrom } from "./cost.ts";
import { FAN_OUT, nodeKey, nodePartition, shardPartition } from "./keys.ts";
import { PROGRESS_ATTRIBUTES } from "./ledger.ts";
import type { Meter } from "./messages.ts";

/** Sums over a subtree. */
export interface Total {
  counts: OutcomeCounts;
  usage: Usage;
}

const EMPTY: Total = { counts: {}, usage: NO_USAGE };
const add = (a: Total, b: Total): Total => ({
  counts: addCounts(a.counts, b.counts),
  usage: addUsage(a.usage, b.usage),
});

/** How many nodes each level has, the batches first, the root last. */
export function levels(batches: number): number[] {
  const sizes = [batches];
  for (let size = batches; size > 1; ) {
    size = Math.ceil(size / FAN_OUT);
    sizes.push(size);
  }
  return sizes;
}

interface Children {
  total: Total;
  /** How many of them are complete. */
  complete: number;
  incomplete: Set<number>;
}

/** The children of node `parent` of level `level + 1`: what they sum to and which are not complete yet. */
async function children(
  table: Table,
  scanId: string,
  level: number,
  parent: number,
  size: number,
): Promise<Children> {
  const from = parent * FAN_OUT;
  const expected = Math.min(FAN_OUT, size - from);
  const incomplete = new Set(Array.from({ length: expected }, (_, i) => from + i));
  let total = EMPTY;
  if (level === 0) {
    const items = table.query(shardPartition(scanId, parent), "BATCH#", PROGRESS_ATTRIBUTES);
    for await (const item of items) {
      total = add(total, { counts: item.counts as OutcomeCounts, usage: usageIn(item) });
      if (item.complete) incomplete.delete(Number(item.batch));
    }
  } else {
    for await (const item of table.query(nodePartition(scanId, level, parent), "NODE#")) {
      if (item.open) continue;
      total = add(total, totalIn(item));
      incomplete.delete(Number(item.node));
    }
  }
  return { total, complete: expected - incomplete.size, incomplete };
}

const metersIn = (item: Item): Meter[] => Object.values((item.meters ?? {}) as Record<string, Meter>);

/** What a batch took, as told: its probers, and those that wrote its item. */
export function toldIn(item: Item): Usage {
  return metersIn(item)
    .filter(({ underWay }) => !underWay)
    .reduce((sum, { usage }) => addUsage(sum, usageFrom(usage)), usageFrom(item.usage));
}

/** Those that have not told yet, each with the most that it can have used. */
const untoldIn = (item: Item): Meter[] =>
  metersIn(item)
    .filter(({ underWay }) => underWay)
    .map((meter) => ({ ...meter, usage: usageFrom(meter.usage) }));

/** The same; once the batch is complete, with what those used that never told: they have died, or a copy of them was faster. */
export const usageIn = (item: Item): Usage =>
  item.complete
    ? untoldIn(item).reduce((sum, { usage }) => addUsage(sum, usage), toldIn(item))
    : toldIn(item);

const totalIn = (item: Item): Total => {
  const { counts, usage } = item.total as Total;
  return { counts, usage: usageFrom(usage) };
};

/** A batch was opened again: so are the nodes above it, until somebody climbs past them. */
export async function reopenAbove(
  table: Table,
  scanId: string,
  batch: number,
  batches: number,
): Promise<void> {
  let index = batch;
  for (let level = 1; level < levels(batches).length; level++) {
    index = Math.floor(index / FAN_OUT);
    await table.set(nodeKey(scanId, level, index), { open: true });
  }
}

/** From a complete batch upwards. True when the root is complete. */
export async function climb(table: Table, scanId: string, batch: number, batches: number): Promise<boolean> {
  const sizes = levels(batches);
  let index = batch;
  for (let level = 0; level < sizes.length - 1; level++) {
    const parent = Math.floor(index / FAN_OUT);
    const { total, incomplete } = await children(table, scanId, level, parent, sizes[level] ?? 0);
    if (incomplete.size > 0) return false;
    await table.put({ ...nodeKey(scanId, level + 1, parent), node: parent, total });
    index = parent;
  }
  return true;
}

/** The sums over the whole plan, complete or not. */
export async function total(table: Table, scanId: string, batches: number): Promise<Total> {
  const sizes = levels(batches);
  const sum = async (level: number, node: number): Promise<Total> => {
    if (level > 0) {
      const item = await table.get(nodeKey(scanId, level, node));
      if (item && !item.open) return totalIn(item);
    }
    const { total: known, incomplete } = await children(
      table,
      scanId,
      level - 1,
      node,
      sizes[level - 1] ?? 0,
    );
    if (level === 1) return known;
    let below = known;
    for (const child of incomplete) below = add(below, await sum(level - 1, child));
    return below;
  };
  // One batch alone has no node above it in `levels`, but its shard is read the same way.
  return sizes.length === 1 ? (await children(table, scanId, 0, 0, batches)).total : sum(sizes.length - 1, 0);
}

/** Batches that are not complete, in order. */
export async function* incompleteBatches(
  table: Table,
  scanId: string,
  batches: number,
): AsyncGenerator<number> {
  const sizes = levels(batches);
  async function* below(level: number, node: number): AsyncGenerator<number> {
    const item = level > 0 ? await table.get(nodeKey(scanId, level, node)) : null;
    if (item && !item.open) return;
    const { incomplete } = await children(table, scanId, level - 1, node, sizes[level - 1] ?? 0);
    for (const child of incomplete) {
      if (level === 1) yield child;
      else yield* below(level - 1, child);
    }
  }
  if (batches > 0) yield* below(Math.max(1, sizes.length - 1), 0);
}
