/**
 * A scan that may cost only so much. Batches go out in waves: when all of a wave are through (complete, or laid aside), what it cost is known
 * to the last unit, and the next one gets what is then left, divided among its batches as allotments. An allotment is put aside before its batch
 * is sent, and a prober does not go beyond it (`allowance.ts`); of a prober that died, all of it counts as spent. So the limit is never passed,
 * whatever answers or dies. What accounts for the batches that will not be probed is put aside first of all.
 *
 * One item per scan holds the wave, changed under a condition on its number; whoever wrote it sends it.
 */

import { ABSENT } from "../cloud/condition.ts";
import type { Cloud } from "../cloud/index.ts";
import type { Item } from "../cloud/table.ts";
import { InputError } from "../model/errors.ts";
import { addUsage, NO_USAGE, type Usage, usageFrom, usdOf } from "./cost.ts";
import { leastUsd, likelyUsd, worstUsd } from "./estimate.ts";
import { batchKey, budgetKey } from "./keys.ts";
import { type BatchState, stateFrom } from "./ledger.ts";
import type { BatchMessage } from "./messages.ts";
import { notedUsage } from "./meter.ts";
import type { Plan } from "./plan.ts";
import { indexPlan, type PlanIndex } from "./plan-index.ts";
import { PRICES } from "./prices.ts";
import { toldIn } from "./tree.ts";

export interface Budget {
  wave: number;
  /** Given out in this wave. */
  batches: number[];
  /** USD for each of them. */
  allotmentUsd: number;
  /** Batches that wait for a wave. */
  backlog: number[];
  /** Chains from this position on have not been given out. */
  frontier: number;
  /** Of batches that are complete: how many, what they used, and what was put aside for probers that never told. */
  complete: number;
  usage: Usage;
  lostUsd: number;
  /** The wave's messages are on the queue. */
  sent: boolean;
  /** ISO 8601. */
  since: string;
}

/** Batches in a wave: one read of their items. */
const WAVE_MOST = 100;
/** A wave whose sender died is sent again after this, ms. */
const RESEND_MS = 30_000;
/** To settle one batch without probing it, and its part of the climb, USD. */
const CLOSING_BATCH_USD = 2 * PRICES.tableWriteUnit + 4 * PRICES.tableReadUnit + 0.005 * PRICES.gbSecond;
/** Ticks and the end of the scan, USD. */
const CLOSING_USD =
  20 * (PRICES.lambdaRequest + 3 * PRICES.queueRequest + 6 * PRICES.tableWriteUnit) + 2 * PRICES.gbSecond;

const FIRST: Omit<Budget, "since"> = {
  wave: 0,
  batches: [],
  allotmentUsd: 0,
  backlog: [],
  frontier: 0,
  complete: 0,
  usage: NO_USAGE,
  lostUsd: 0,
  sent: true,
};

export async function readBudget(cloud: Pick<Cloud, "table">, scanId: string): Promise<Budget | null> {
  const item = await cloud.table.get(budgetKey(scanId));
  return item && { ...(item as unknown as Budget), usage: usageFrom(item.usage) };
}

/** Before the first wave; again is harmless. */
export async function openBudget(cloud: Pick<Cloud, "table">, scanId: string, now: Date): Promise<void> {
  await cloud.table.put({ ...budgetKey(scanId), ...FIRST, since: now.toISOString() }, ABSENT);
}

/** What became of a look: `running`: the wave is not through; `sent`; `spent`: too little is left for another one; `all`: nothing is left to give out. */
export type WaveEnd = "running" | "sent" | "spent" | "all";

export async function nextWave(
  cloud: Pick<Cloud, "table" | "outbox" | "configuration">,
  plan: Plan,
  index: PlanIndex,
  now: Date,
): Promise<WaveEnd> {
  const { scanId } = plan;
  const budget = await readBudget(cloud, scanId);
  if (!budget || plan.maxCostUsd === null) return "all";
  if (!budget.sent) {
    const age = now.getTime() - Date.parse(budget.since);
    if (age > RESEND_MS / cloud.configuration.timeScale) await send(cloud, scanId, budget);
    return "running";
  }
  const items = await batchItems(cloud, scanId, budget.batches);
  const states = budget.batches.map((number) => {
    const item = items.get(number) ?? null;
    return { number, item, ...stateFrom(item, index.batchAt(number).size) };
  });
  if (states.some(({ complete, waits }) => !complete && !waits)) return "running";

  const next: Budget = { ...budget, backlog: [...budget.backlog] };
  for (const { number, item, complete } of states) {
    if (!complete) {
      next.backlog.unshift(number);
      continue;
    }
    const following = index.batchAt(number).next;
    if (following !== null) next.backlog.push(following);
    next.complete++;
    if (!item) continue;
    next.usage = addUsage(next.usage, toldIn(item));
    next.lostUsd += unreportedUsd(item);
  }
  const availableUsd =
    plan.maxCostUsd - (await heldUsd(cloud, scanId, next)) - closingUsd(index.batches - next.complete);
  if (next.backlog.length === 0 && next.frontier >= index.chains) return "all";
  const { timeoutMs } = plan.profile;
  if (availableUsd < leastUsd(timeoutMs)) return "spent";

  const room = (of: number) => Math.min(WAVE_MOST, Math.max(1, Math.floor(availableUsd / of)));
  const first = next.backlog[0] ?? index.chainAt(next.frontier);
  const waited = states.some(({ number, complete }) => number === first && !complete);
  const batch = index.batchAt(first);
  const shape = { endpoints: batch.size, hosts: batch.hosts, share: batch.share };
  const worst = worstUsd(shape, timeoutMs);
  // What was laid aside needed more than was likely.
  const most = room(waited ? worst : Math.min(worst, likelyUsd(shape, timeoutMs)));
  next.batches = next.backlog.splice(0, most);
  while (next.batches.length < most && next.frontier < index.chains) {
    next.batches.push(index.chainAt(next.frontier++));
  }
  next.allotmentUsd = Math.min(worst, availableUsd / next.batches.length);
  next.wave++;
  next.sent = false;
  next.since = now.toISOString();
  const mine = await cloud.table.put(
    { ...budgetKey(scanId), ...next },
    { expression: "wave = :seen", values: { ":seen": budget.wave } },
  );
  if (mine) await send(cloud, scanId, next);
  return "sent";
}

/** Gives a batch out again with the next wave, after `redrive` opened it. */
export async function queueAgain(
  cloud: Pick<Cloud, "table">,
  scanId: string,
  batches: readonly number[],
): Promise<void> {
  for (;;) {
    const budget = await readBudget(cloud, scanId);
    if (!budget) return;
    const backlog = [...new Set([...budget.backlog, ...batches])].filter((n) => !budget.batches.includes(n));
    const next = { ...budget, backlog, wave: budget.wave + 1 };
    const seen = { expression: "wave = :seen", values: { ":seen": budget.wave } };
    if (await cloud.table.put({ ...budgetKey(scanId), ...next }, seen)) return;
  }
}

async function send(
  cloud: Pick<Cloud, "table" | "outbox">,
  scanId: string,
  { batches, wave }: Budget,
): Promise<void> {
  const items = await batchItems(cloud, scanId, batches);
  await cloud.outbox.probe.send(
    batches.map((batch): BatchMessage => {
      const generation = Number(items.get(batch)?.generation ?? 0);
      return { scanId, batch, generation };
    }),
  );
  const still = { expression: "wave = :wave", values: { ":wave": wave } };
  await cloud.table.set(budgetKey(scanId), { sent: true }, still);
}

async function batchItems(cloud: Pick<Cloud, "table">, scanId: string, batches: readonly number[]) {
  const items = await cloud.table.getMany(batches.map((number) => batchKey(scanId, number)));
  return new Map<number, Item>(items.map((item) => [Number(item.batch), item]));
}

/** Everything spent so far, and what may have been. */
async function heldUsd(cloud: Pick<Cloud, "table">, scanId: string, budget: Budget): Promise<number> {
  const begun = await batchItems(cloud, scanId, budget.backlog.slice(0, WAVE_MOST));
  let used = addUsage(budget.usage, await notedUsage(cloud, scanId));
  let lostUsd = budget.lostUsd;
  for (const item of begun.values()) {
    used = addUsage(used, toldIn(item));
    lostUsd += unreportedUsd(item);
  }
  return usdOf(used) + lostUsd;
}

/** Put aside for probers that have not told what they used. */
function unreportedUsd(item: Item): number {
  const { claims, meters } = item as Partial<Pick<BatchState, "claims" | "meters">>;
  return Object.entries(claims ?? {})
    .filter(([invocation]) => !meters?.[invocation] || meters[invocation].underWay)
    .reduce((sum, [, usd]) => sum + usd, 0);
}

/** The dispatcher's run, and what it writes, USD: 2 s of 0.5 GB where planning takes 0.2 s. */
const PLANNING_USD =
  PRICES.gbSecond + PRICES.lambdaRequest + 15 * PRICES.tableWriteUnit + 5 * PRICES.queueRequest;

/** What is put aside for the end of a scan is so many times what a short one takes. */
const CLOSING_RESERVE = 4;

/** What a scan costs of which nothing can be probed, USD. */
export const leastScanUsd = (batches: number): number =>
  PLANNING_USD + CLOSING_USD / CLOSING_RESERVE + batches * CLOSING_BATCH_USD;

/** @throws InputError for a limit that would be passed before a port is asked */
export function refuseTooLittle(plan: Plan): void {
  const { maxCostUsd } = plan;
  if (maxCostUsd === null) return;
  const least = leastScanUsd(indexPlan(plan).batches);
  if (maxCostUsd >= least) return;
  throw new InputError(
    `a limit of $${maxCostUsd.toLocaleString("en-US", { maximumSignificantDigits: 3 })} is less than planning and ending this scan takes, about $${least.toPrecision(2)} before a port is asked; raise it (--max-cost), or ask for less`,
    String(maxCostUsd),
  );
}

const closingUsd = (batches: number) => CLOSING_USD + batches * CLOSING_BATCH_USD;
