/**
 * One batch, probed. Workers walk the pending endpoints; what they find leaves in messages as it is ready. Before its own deadline the prober
 * stops starting endpoints, finishes those under way, and hands the remainder over as the next generation of the batch: claimed in the
 * ledger first, so that of two copies of a message only one hands on. What died with a prober is still pending in the
 * ledger and is probed again when its message comes back.
 *
 * Here stands what becomes of the batch; `probe-run.ts` takes its endpoints one by one, `probe-endpoint.ts` asks one.
 */
import type { Cloud } from "../cloud/index.ts";
import type { Outcome } from "../model/outcome.ts";
import { type Budget, readBudget } from "./budget.ts";
import { watchCancelled } from "./cancel.ts";
import { timesUsage, usdOf } from "./cost.ts";
import { ASIDE_MS } from "./crowd.ts";
import { claimGeneration, claimWave, layAside } from "./handover.ts";
import { metaKey } from "./keys.ts";
import { type BatchState, begin, giveUp, openIn, readBatch } from "./ledger.ts";
import type { BatchMessage, Meter } from "./messages.ts";
import { currentMeter, type Meter as RunningMeter, takeWith } from "./meter.ts";
import { outgoing } from "./outgoing.ts";
import { deadlineOf } from "./plan.ts";
import type { Batch } from "./plan-index.ts";
import { type ProbeContext, startRun, WIDTH } from "./probe-run.ts";

/** A batch may be handed over this often; then what is left has failed. */
const MOST_GENERATIONS = 5;
/** What a prober uses after it has told what it used: that message, and the batch's next. */
const FAREWELL = { queueRequests: 2 };
/** The same, with the change of the ledger by which a batch is laid aside. */
const LAYING_ASIDE = { ...FAREWELL, tableReadUnits: 1, tableWriteUnits: 2 };

/** @throws Error when the stores, the queues or the servers of a name do not answer: the message is delivered again */
export async function probeBatch(cloud: Cloud, message: BatchMessage, context: ProbeContext): Promise<void> {
  const { plan, index, invocation } = context;
  const batch = index.batchAt(message.batch);
  try {
    await probe(cloud, message, batch, context);
  } catch (error) {
    // It is not dead, and what it used can be told: if the table does not answer either, it is charged to its time-out.
    await giveUp(cloud.table, plan.scanId, batch.number, batch.size, invocation).catch(() => undefined);
    throw error;
  }
}

async function probe(
  cloud: Cloud,
  message: BatchMessage,
  batch: Batch,
  context: ProbeContext,
): Promise<void> {
  const { plan, invocation } = context;
  const { scanId } = plan;
  const { number, size } = batch;
  const [budget, meta] = await Promise.all([
    plan.maxCostUsd === null ? null : readBudget(cloud, scanId),
    cloud.table.get(metaKey(scanId)),
  ]);
  const meter = currentMeter();
  // What was used until here is written with the mark, and counts beside it.
  const usd = budget && budget.allotmentUsd - (meter ? usdOf(meter.read()) : 0);
  const mark = meter && startMark(meter, context, usd);
  const state =
    budget || !mark
      ? await readBatch(cloud.table, scanId, number, size)
      : await begin(cloud.table, scanId, number, size, message.generation, mark);
  const claim = usd === null ? null : { claimant: invocation, usd, mark };
  if (budget && claim && !(await claimed(cloud, scanId, batch, state, budget, claim))) return;
  if (state.generation > message.generation) {
    // A copy of a message whose remainder was handed over already; whoever claimed it may have died before sending it.
    await cloud.outbox.probe.send([{ ...message, generation: state.generation }]);
    return;
  }

  // With a cost limit, what is put aside is charged, and includes this.
  const soFar = () =>
    budget || !meter ? null : { invocation, usage: meter.read(), underWay: true as const };
  const { generation: current } = message;
  const out = outgoing(cloud, { scanId, batch: number, size, generation: current, invocation }, soFar);
  const watch = watchCancelled(cloud, scanId, meta?.cancelled === true);
  const deadline = deadlineOf(plan, meta);
  const over = () => watch.cancelled || context.wallClock().getTime() >= deadline;
  const run = startRun(cloud, batch, context, out, over, usd);
  const left: number[] = [];
  const settledHosts = new Map<string, Outcome>();
  try {
    await runWorkers(openIn(state), WIDTH, async (i) => {
      if (!run.mayStart() || !(await run.allowance.take())) {
        left.push(i);
        return;
      }
      const probed = await run.probe(i, settledHosts);
      run.allowance.done(probed?.sighting ?? null);
      if (!probed) left.push(i);
    });
    const { doors, width } = run.aside();
    const until = performance.now() + ASIDE_MS;
    await runWorkers(doors, width, async (door) => {
      const full = performance.now() < until && run.mayStart() && (await run.allowance.take());
      const probed = await run.probeAgain(door, full);
      if (full) run.allowance.done(probed?.sighting ?? null);
    });
  } finally {
    watch.close();
    run.end();
  }

  const generation = current + 1;
  const exhausted = left.length > 0 && !run.allowance.short && generation - state.since > MOST_GENERATIONS;
  // What this run found out is on its way to the ledger: only what it did not start has failed.
  if (exhausted) out.settleRest(left, "failed");
  await out.hold();
  const handsOver = left.length > 0 && !exhausted;
  if (budget) {
    // Whoever writes what follows sees that the batch waits, and wakes the tick.
    const next = run.allowance.short ? current : generation;
    if (handsOver) await out.flush();
    const last = { invocation, usage: takeWith(handsOver ? LAYING_ASIDE : FAREWELL) };
    if (handsOver) await layAside(cloud.table, scanId, number, size, next, out.told, last);
    return out.close(last);
  }
  await out.close({ invocation, usage: takeWith(FAREWELL) });

  if (handsOver) {
    if (await claimGeneration(cloud.table, scanId, number, size, generation, invocation, out.told)) {
      await cloud.outbox.probe.send([{ ...message, generation }]);
    }
  } else if (batch.next !== null) {
    await cloud.outbox.probe.send([{ scanId, batch: batch.next, generation: 0 } satisfies BatchMessage]);
  }
}

/** Of a scan with a cost limit, a batch is probed once a wave; a copy of its message, or one of a wave that is over, does nothing. */
async function claimed(
  cloud: Cloud,
  scanId: string,
  { number, size }: Batch,
  state: BatchState,
  { wave, batches }: Budget,
  claim: { claimant: string; usd: number; mark: Meter | null },
): Promise<boolean> {
  if (!batches.includes(number)) return false;
  if (await claimWave(cloud.table, scanId, number, size, { wave, ...claim })) return true;
  if (state.wave === wave && !state.complete && !state.waits) {
    // Given out already: who had it has died, or works on it still and will find it laid aside.
    await layAside(cloud.table, scanId, number, size, state.generation);
    const usage = takeWith({ queueRequests: 1 });
    const { claimant: invocation } = claim;
    const origin = { scanId, batch: number, size, generation: state.generation, invocation };
    await outgoing(cloud, origin).close({ invocation, usage });
  }
  return false;
}

/** What an invocation that begins is charged unless it tells what it used: until its time-out, or `usd` if it stops at that. */
function startMark(
  meter: RunningMeter,
  { invocation, remainingMs }: ProbeContext,
  usd: number | null,
): Meter {
  const usage = meter.duration(Math.max(0, remainingMs()));
  const share = usd === null ? 1 : Math.min(1, usd / usdOf(usage));
  return { invocation, usage: timesUsage(usage, share), underWay: true };
}

/** `width` workers share one iterator: nothing is listed, nobody waits for a slow neighbour. */
async function runWorkers<T>(
  items: Iterator<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const worker = async () => {
    for (let next = items.next(); !next.done; next = items.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
