/**
 * What could not be done, whatever was tried: recorded with its reason, its endpoints settled as `failed`, so that the scan still ends and
 * says so. A later slice of the same addresses goes on.
 */
import { ABSENT } from "../cloud/condition.ts";
import type { Cloud } from "../cloud/index.ts";
import { loadPlan } from "./dispatch.ts";
import { finish } from "./finish.ts";
import { deadLetterKey, metaKey } from "./keys.ts";
import { readBatch, settle, settleRest } from "./ledger.ts";
import {
  batchMessageSchema,
  observationMessageSchema,
  subPlanSchema,
  type TickMessage,
  tickMessageSchema,
} from "./messages.ts";
import { noteUsage } from "./meter.ts";
import { indexPlan, type PlanIndex } from "./plan-index.ts";
import { climb } from "./tree.ts";

export interface DeadLetter {
  messageId: string;
  /** Name of the queue that gave it up: `probe`, `observation`, `dispatch`, `tick`. */
  queue: string;
  body: unknown;
  receiveCount: number;
}

/** Largest body that is kept whole, characters: a DynamoDB item holds 400 KB. What is larger cannot be sent again as it was. */
const MOST_KEPT = 300_000;

function storedBody(body: unknown): { body: string; cut?: true } {
  const text = JSON.stringify(body) ?? "null";
  return text.length <= MOST_KEPT ? { body: text } : { body: text.slice(0, 4096), cut: true };
}

export async function bury(cloud: Cloud, letter: DeadLetter, now: Date): Promise<void> {
  const named = tickMessageSchema.safeParse(letter.body);
  const scanId = named.success ? named.data.scanId : "unknown";
  const key = deadLetterKey(scanId, letter.messageId);
  const first = await cloud.table.put(
    {
      ...key,
      queue: letter.queue,
      ...storedBody(letter.body),
      reason: `given up by the ${letter.queue} queue after ${letter.receiveCount} deliveries`,
      buriedAt: now.toISOString(),
    },
    ABSENT,
  );
  // What was sent again meanwhile, or is being sent again, has another chance.
  if (!first && (await cloud.table.get(key))?.redriving) return;
  // What belongs to no scan is recorded, and that is all: a dead letter that fails would come back for two weeks.
  if (!named.success || !(await cloud.table.get(metaKey(scanId)))) return;
  await settleLost(cloud, scanId, letter, now);
  await noteUsage(cloud, scanId, letter.messageId);
}

async function settleLost(cloud: Cloud, scanId: string, letter: DeadLetter, now: Date): Promise<void> {
  const plan = await loadPlan(cloud, scanId);
  const index = indexPlan(plan);
  switch (letter.queue) {
    case "probe": {
      const parsed = batchMessageSchema.safeParse(letter.body);
      if (!parsed.success || parsed.data.batch >= index.batches) return;
      const { batch } = parsed.data;
      await fail(cloud, scanId, index, batch, now);
      const { next } = index.batchAt(batch);
      if (plan.maxCostUsd !== null) await cloud.outbox.tick.send([{ scanId }]);
      else if (next !== null) await cloud.outbox.probe.send([{ scanId, batch: next, generation: 0 }]);
      return;
    }
    case "observation": {
      // The endpoints were seen, but nobody could write what was seen.
      const parsed = observationMessageSchema.safeParse(letter.body);
      if (!parsed.success || parsed.data.batch >= index.batches) return;
      const message = parsed.data;
      const { size } = index.batchAt(message.batch);
      const lost = message.sightings.map(({ index: i }) => ({ index: i, outcome: "failed" as const }));
      const quiet = message.settled.flatMap(([, first, many]) =>
        Array.from({ length: Math.min(many, size) }, (_, i) => ({
          index: first + i,
          outcome: "failed" as const,
        })),
      );
      const state = await settle(cloud.table, scanId, message.batch, size, [...lost, ...quiet]);
      if (state.complete) await completed(cloud, scanId, index, message.batch, now);
      return;
    }
    case "dispatch": {
      const parsed = subPlanSchema.safeParse(letter.body);
      const { messageId } = letter;
      if (parsed.success) await failChains(cloud, scanId, index, { ...parsed.data, messageId }, now);
      return;
    }
    default:
      await cloud.outbox.tick.send([{ scanId }], { delaySeconds: 60 });
  }
}

/** Batches that one invocation looks at: some seconds of a minute. */
const MOST_LOOKED_AT = 500;
/** Chains that are failed side by side. */
const AT_ONCE = 16;

/**
 * What a sub-plan should have sent. One that reaches beyond the plan is none of ours: the chains in it have messages of their own, and are left
 * alone. So are chains of which a batch has been begun: their batches were sent before the dispatcher gave up, and go on. A range
 * may be most of a plan: what is too much for one invocation goes on as a message to the tick.
 */
async function failChains(
  cloud: Cloud,
  scanId: string,
  index: PlanIndex,
  { from, to, messageId }: NonNullable<TickMessage["lost"]>,
  now: Date,
): Promise<void> {
  if (from >= to || to > index.chains) return;
  let lookedAt = 0;
  let next = from;
  const failOne = async (chain: number) => {
    let batch: number | null = index.chainAt(chain);
    const { version, counts } = await readBatch(cloud.table, scanId, batch, index.batchAt(batch).size);
    lookedAt++;
    // Failed endpoints: this letter itself, delivered before.
    if (version > 0 && !counts.failed) return;
    while (batch !== null) {
      await fail(cloud, scanId, index, batch, now);
      lookedAt++;
      batch = index.batchAt(batch).next;
    }
  };
  while (next < to && lookedAt < MOST_LOOKED_AT) {
    const chains = Array.from({ length: Math.min(AT_ONCE, to - next) }, (_, i) => next + i);
    await Promise.all(chains.map(failOne));
    next += chains.length;
  }
  if (next < to) await cloud.outbox.tick.send([{ scanId, lost: { from: next, to, messageId } }]);
}

/** The next part of it, unless somebody has sent the sub-plan again meanwhile. */
export async function failLost(
  cloud: Cloud,
  { scanId, lost }: Required<TickMessage>,
  now: Date,
): Promise<void> {
  const letter = await cloud.table.get(deadLetterKey(scanId, lost.messageId));
  if (!letter || letter.redriving) return;
  await failChains(cloud, scanId, indexPlan(await loadPlan(cloud, scanId)), lost, now);
  await noteUsage(cloud, scanId, `lost-${lost.from}`);
}

async function fail(cloud: Cloud, scanId: string, index: PlanIndex, batch: number, now: Date): Promise<void> {
  const { size } = index.batchAt(batch);
  const before = await readBatch(cloud.table, scanId, batch, size);
  if (!before.complete) await settleRest(cloud.table, scanId, batch, size, "failed");
  await completed(cloud, scanId, index, batch, now);
}

async function completed(
  cloud: Cloud,
  scanId: string,
  index: PlanIndex,
  batch: number,
  now: Date,
): Promise<void> {
  if (await climb(cloud.table, scanId, batch, index.batches)) await finish(cloud, scanId, now);
}
