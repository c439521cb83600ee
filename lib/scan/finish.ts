/**
 * The end of a scan. Whoever sees the last batch complete finishes it (usually the aggregator that wrote it); the tick looks again every
 * minute, so that a scan ends even if that aggregator died after its last write.
 */
import type { Cloud } from "../cloud/index.ts";
import type { Item } from "../cloud/table.ts";
import type { Summary } from "../model/fingerprint.ts";
import { receipt } from "./cost.ts";
import { loadPlan, tickDelay } from "./dispatch.ts";
import { metaKey } from "./keys.ts";
import { settleRest } from "./ledger.ts";
import type { TickMessage } from "./messages.ts";
import { indexPlan } from "./plan-index.ts";
import { climb, incompleteBatches, total } from "./tree.ts";

/** Whoever announces an end has this long, ms (an aggregator's time-out); then he is taken for dead, and the next tick announces it. */
const ANNOUNCING_MS = 60_000;

/**
 * Writes the end once, and announces it; false when somebody else is about to. Of several that see the end at the same moment the first to
 * write it decides what is announced, and the first to take it on announces it. Only if he dies between the event and
 * its record is it sent again, in the same words.
 */
export async function finish(cloud: Cloud, scanId: string, now: Date): Promise<boolean> {
  const meta = await cloud.table.get(metaKey(scanId));
  if (!meta || meta.announced) return true;
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
    { expression: "attribute_not_exists(finishedAt)" },
  );
  const announcement = first ? summary : (await cloud.table.get(metaKey(scanId)))?.announcement;
  const taken = await cloud.table.set(
    metaKey(scanId),
    { announcingUntil: now.getTime() + ANNOUNCING_MS / cloud.configuration.timeScale },
    {
      expression:
        "(attribute_not_exists(announced) OR announced = :no) AND (attribute_not_exists(announcingUntil) OR announcingUntil < :now)",
      values: { ":now": now.getTime(), ":no": false },
    },
  );
  if (!taken) return false;
  await cloud.bus.put("Scan Completed", { ...summary, ...(announcement as object | undefined) });
  await cloud.table.set(metaKey(scanId), { announced: true });
  return true;
}

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
  const { lines, usd } = receipt(usage);
  const cause = meta.cancelled
    ? "cancelled"
    : outcomes.expired
      ? "deadline"
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

/** Looks after one scan: expires it when its time is over, finishes it when all is settled, else looks again later. */
export async function tick(cloud: Cloud, { scanId }: TickMessage, now: () => Date): Promise<void> {
  const meta = await cloud.table.get(metaKey(scanId));
  if (!meta || meta.announced) return;
  const plan = await loadPlan(cloud, scanId);
  const index = indexPlan(plan);
  const over = meta.cancelled === true || Date.parse(plan.deadlineAt) <= now().getTime();
  let left = 0;
  for await (const batch of incompleteBatches(cloud.table, scanId, index.batches)) {
    left++;
    if (!over) break;
    await settleRest(cloud.table, scanId, batch, index.batchAt(batch).size, "expired");
    await climb(cloud.table, scanId, batch, index.batches);
  }
  const announced = (left === 0 || over) && (await finish(cloud, scanId, now()));
  if (!announced) await cloud.outbox.tick.send([{ scanId }], { delaySeconds: tickDelay(plan, now()) });
}
