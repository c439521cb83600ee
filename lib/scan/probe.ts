/**
 * One batch, probed. Workers walk the pending endpoints; what they find leaves in messages as it is ready. Before its own deadline the prober
 * stops starting endpoints, finishes those under way, and hands the remainder over as the next generation of the batch: claimed in the
 * ledger first, so that of two copies of a message only one hands on. What died with a prober is still pending in the
 * ledger and is probed again when its message comes back.
 *
 * Here stands what becomes of the batch; `probe-run.ts` takes its endpoints one by one, `probe-endpoint.ts` asks one.
 */
import { z } from "zod";
import type { Cloud } from "../cloud/index.ts";
import { portKey } from "../model/endpoint.ts";
import { type Observation, observationSchema } from "../model/observation.ts";
import type { Outcome } from "../model/outcome.ts";
import { type Budget, readBudget } from "./budget.ts";
import { watchCancelled } from "./cancel.ts";
import { claimGeneration, claimWave, layAside } from "./handover.ts";
import { metaKey, observationsObject } from "./keys.ts";
import { type BatchState, openIn, readBatch } from "./ledger.ts";
import type { BatchMessage } from "./messages.ts";
import { takeWith } from "./meter.ts";
import { outgoing } from "./outgoing.ts";
import { deadlineOf } from "./plan.ts";
import type { Batch } from "./plan-index.ts";
import { type ProbeContext, startRun, WIDTH } from "./probe-run.ts";

/** A batch may be handed over this often; then what is left has failed. */
const MOST_GENERATIONS = 5;
/** What a prober uses after it has told what it used: that message, and the batch's next. */
const FAREWELL = { queueRequests: 2 };

/** @throws Error when the stores, the queues or the servers of a name do not answer: the message is delivered again */
export async function probeBatch(cloud: Cloud, message: BatchMessage, context: ProbeContext): Promise<void> {
  const { plan, index } = context;
  const { scanId } = plan;
  const batch = index.batchAt(message.batch);
  const [state, meta] = await Promise.all([
    readBatch(cloud.table, scanId, batch.number, batch.size),
    cloud.table.get(metaKey(scanId)),
  ]);
  const limit = plan.maxCostUsd === null ? null : await readBudget(cloud, scanId);
  if (limit && !(await claimed(cloud, batch, state, limit, context))) return;
  if (state.generation > message.generation) {
    // A copy of a message whose remainder was handed over already; whoever claimed it may have died before sending it.
    await cloud.outbox.probe.send([{ ...message, generation: state.generation }]);
    return;
  }

  const out = outgoing(cloud, { scanId, batch: batch.number, size: batch.size });
  const watch = watchCancelled(cloud, scanId, meta?.cancelled === true);
  const deadline = deadlineOf(plan, meta);
  const over = () => watch.cancelled || context.wallClock().getTime() >= deadline;
  const run = startRun(cloud, batch, context, out, over, limit?.allotmentUsd ?? null);
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
  } finally {
    watch.close();
    run.end();
  }

  const generation = message.generation + 1;
  const exhausted = left.length > 0 && !run.allowance.short && generation - state.since > MOST_GENERATIONS;
  // What this run found out is on its way to the ledger: only what it did not start has failed.
  if (exhausted) out.settleRest(left, "failed");
  out.hold();
  if (run.observations.length > 0) {
    const object = observationsObject(scanId, batch.number, message.generation);
    // A copy of the message may have got this far before it died, and what it saw is settled: nobody asks for it again.
    const earlier = state.version > 0 ? await readObservations(cloud, object) : [];
    const key = ({ endpoint }: Observation) => `${endpoint.host} ${portKey(endpoint)}`;
    const again = new Set(run.observations.map(key));
    const others = earlier.filter((one) => !again.has(key(one)));
    await cloud.archive.putJson(object, [...others, ...run.observations]);
  }
  const { invocation } = context;
  const { number, size } = batch;
  const handsOver = left.length > 0 && !exhausted;
  if (limit) {
    // Whoever writes what follows sees that the batch waits, and wakes the tick.
    const next = run.allowance.short ? message.generation : generation;
    if (handsOver) {
      await out.flush();
      await layAside(cloud.table, scanId, number, size, next, out.told);
    }
    return out.close({ invocation, usage: takeWith(FAREWELL) });
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
  { number, size }: Batch,
  state: BatchState,
  { wave, batches, allotmentUsd: usd }: Budget,
  { plan: { scanId }, invocation }: ProbeContext,
): Promise<boolean> {
  if (!batches.includes(number)) return false;
  if (await claimWave(cloud.table, scanId, number, size, { wave, claimant: invocation, usd })) return true;
  if (state.wave === wave && !state.complete && !state.waits) {
    // Given out already: who had it has died, or works on it still and will find it laid aside.
    await layAside(cloud.table, scanId, number, size, state.generation);
    const usage = takeWith({ queueRequests: 1 });
    await outgoing(cloud, { scanId, batch: number, size }).close({ invocation, usage });
  }
  return false;
}

async function readObservations({ archive }: Pick<Cloud, "archive">, object: string): Promise<Observation[]> {
  return z.array(observationSchema).parse((await archive.getJson(object)) ?? []);
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
