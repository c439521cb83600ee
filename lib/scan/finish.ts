/**
 * The end of a scan. Whoever sees the last batch complete finishes it (usually the aggregator that wrote it); the tick looks again every
 * minute, so that a scan ends even if that aggregator died after its last write.
 */
import type { Cloud } from "../cloud/index.ts";
import type { Item } from "../cloud/table.ts";
import type { Summary } from "../model/fingerprint.ts";
import { nextWave } from "./budget.ts";
import { CANCEL_GRACE_MS } from "./cancel.ts";
import { addUsage, receipt } from "./cost.ts";
import { loadPlan, tickDelay } from "./dispatch.ts";
import { FAN_OUT, metaKey, shardOf } from "./keys.ts";
import { settleRest } from "./ledger.ts";
import type { TickMessage } from "./messages.ts";
import { notedUsage, noteUsage } from "./meter.ts";
import { deadlineOf } from "./plan.ts";
import { indexPlan, type PlanIndex } from "./plan-index.ts";
import { climb, incompleteBatches, total } from "./tree.ts";

/** Whoever announces an end has this long, ms (an aggregator's time-out); then he is taken for dead, and the next tick announces it. */
const ANNOUNCING_MS = 60_000;

/**
 * Writes the end once, and announces it; false when somebody else is about to. Of several that see the end at the same moment the first to
 * write it decides what is announced, and the first to take it on announces it. Only if he dies between the event and
 * its record is it sent again, in the same words. A redrive that comes between gives the scan another deadline: then this was not its end.
 */
export async function finish(cloud: Cloud, scanId: string, now: Date): Promise<boolean> {
  const meta = await cloud.table.get(metaKey(scanId));
  if (!meta || meta.announced) return true;
  await noteUsage(cloud, scanId, "end", THE_END);
  const summary = await summarise(cloud, meta, now);
  const first = await cloud.table.set(
    metaKey(scanId),
    {
      status: summary.status,
      finishedAt: summary.finishedAt,
      cause: summary.cause,
      counts: summary.outcomes,
      costUsd: summary.costUsd,
      announcement: summary,
    },
    {
      expression: `(attribute_not_exists(finishedAt) OR finishedAt = :none) AND ${SAME_RUN}`,
      values: { ":none": null, ":deadline": meta.deadlineAt },
    },
  );
  const announcement = first ? summary : (await cloud.table.get(metaKey(scanId)))?.announcement;
  const taken = await cloud.table.set(
    metaKey(scanId),
    { announcingUntil: now.getTime() + ANNOUNCING_MS / cloud.configuration.timeScale },
    {
      expression: `(attribute_not_exists(announced) OR announced = :no) AND (attribute_not_exists(announcingUntil) OR announcingUntil < :now) AND ${SAME_RUN}`,
      values: { ":now": now.getTime(), ":no": false, ":deadline": meta.deadlineAt },
    },
  );
  if (!taken) return false;
  await cloud.bus.put("Scan Completed", { ...summary, ...(announcement as object | undefined) });
  return cloud.table.set(
    metaKey(scanId),
    { announced: true },
    { expression: SAME_RUN, values: { ":deadline": meta.deadlineAt } },
  );
}

/** No redrive has opened the scan again since it was read. */
const SAME_RUN = "deadlineAt = :deadline";
/** What is used from the last note on: the sums read, the end written and announced. */
const THE_END = { tableWriteUnits: 4, tableReadUnits: 3, events: 1 };

/** What a scan came to, so far or in the end. */
export async function summarise(
  cloud: Pick<Cloud, "table">,
  meta: Item,
  now: Date,
): Promise<Omit<Summary, "packs" | "args">> {
  const scanId = String(meta.scanId);
  const planned = Number(meta.planned);
  const { counts, usage } = await total(cloud.table, scanId, Number(meta.batches));
  const { pending: _, ...outcomes } = counts;
  const settled = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
  const whole = settled >= planned;
  const { lines, usd } = receipt(addUsage(usage, await notedUsage(cloud, scanId)));
  const cause = meta.cancelled
    ? "cancelled"
    : outcomes.expired
      ? meta.outOfBudget
        ? "budget"
        : "deadline"
      : outcomes.failed
        ? "failed endpoints"
        : null;
  const startedAt = String(meta.startedAt);
  const finishedAt = whole ? String(meta.finishedAt ?? now.toISOString()) : null;
  return {
    type: "summary",
    scanId,
    status: whole ? (meta.cancelled ? "cancelled" : cause ? "incomplete" : "done") : "running",
    cause,
    planned,
    outcomes,
    addresses: Number(meta.addresses),
    costUsd: usd,
    cost: lines,
    durationMs: Date.parse(finishedAt ?? now.toISOString()) - Date.parse(startedAt),
    startedAt,
    finishedAt,
  };
}

/** Work of one look at a scan that is over, ms; what is left then is for the next, which comes at once. */
const LOOK_MS = 20_000;
/** Batches settled side by side: those of one node of the tree. */
const AT_ONCE = FAN_OUT;

/**
 * Looks after one scan: expires what is left when its time or its money is over or it was called off, gives out the next wave of one with a cost
 * limit, finishes it when all is settled, else looks again later.
 */
export async function tick(cloud: Cloud, { scanId }: TickMessage, now: () => Date): Promise<void> {
  const meta = await cloud.table.get(metaKey(scanId));
  if (!meta || meta.announced) return;
  const plan = await loadPlan(cloud, scanId);
  const index = indexPlan(plan);
  const deadline = deadlineOf(plan, meta);
  const graceMs = meta.cancelled === true ? graceLeft(cloud, meta, now()) : 0;
  let over =
    meta.outOfBudget === true || (meta.cancelled === true && graceMs <= 0) || deadline <= now().getTime();
  if (!over && !meta.cancelled && (await nextWave(cloud, plan, index, now())) === "spent") {
    await cloud.table.set(metaKey(scanId), { outOfBudget: true });
    over = true;
  }
  const again = async (delaySeconds: number) => {
    await cloud.outbox.tick.send([{ scanId }], { delaySeconds });
    await noteUsage(cloud, scanId, "tick");
  };
  const end = async () => {
    // Somebody else is about to announce it; should he die, the next look does.
    if (!(await finish(cloud, scanId, now()))) await again(tickDelay(deadline, now()));
  };
  if (over) {
    const until = now().getTime() + LOOK_MS;
    if (!(await expire(cloud, scanId, index, () => now().getTime() >= until))) return again(0);
    return end();
  }
  const { done } = await incompleteBatches(cloud.table, scanId, index.batches).next();
  if (done) return end();
  return again(meta.cancelled === true ? Math.ceil(graceMs / 1000) : tickDelay(deadline, now()));
}

/** ms until what a cancelled scan has not settled is called expired. */
function graceLeft({ configuration }: Cloud, meta: Item, now: Date): number {
  const since = Date.parse(String(meta.cancelledAt ?? ""));
  const left = since + CANCEL_GRACE_MS / configuration.timeScale - now.getTime();
  return Number.isFinite(left) ? left * configuration.timeScale : 0;
}

/** Settles what is pending as expired, node by node; false when there was no time for all of it. */
async function expire(
  cloud: Cloud,
  scanId: string,
  index: PlanIndex,
  enough: () => boolean,
): Promise<boolean> {
  const settleAll = async (batches: number[]) => {
    await Promise.all(
      batches.map((batch) => settleRest(cloud.table, scanId, batch, index.batchAt(batch).size, "expired")),
    );
    const [one] = batches;
    if (one !== undefined) await climb(cloud.table, scanId, one, index.batches);
  };
  let node: number[] = [];
  for await (const batch of incompleteBatches(cloud.table, scanId, index.batches)) {
    const sameNode = node[0] === undefined || shardOf(node[0]) === shardOf(batch);
    if (!sameNode || node.length >= AT_ONCE) {
      await settleAll(node);
      node = [];
      if (enough()) return false;
    }
    node.push(batch);
  }
  await settleAll(node);
  return true;
}
