/**
 * What could not be done, whatever was tried: recorded with its reason, its endpoints settled as `failed`, so that the scan still ends and
 * says so. A later slice of the same addresses goes on.
 */
import type { Cloud } from "../cloud/index.ts";
import { loadPlan } from "./dispatch.ts";
import { finish } from "./finish.ts";
import { deadLetterKey, metaKey } from "./keys.ts";
import { readBatch, settle, settleRest } from "./ledger.ts";
import {
  batchMessageSchema,
  observationMessageSchema,
  subPlanSchema,
  tickMessageSchema,
} from "./messages.ts";
import { indexPlan, type PlanIndex } from "./plan-index.ts";
import { climb } from "./tree.ts";

export interface DeadLetter {
  messageId: string;
  /** Name of the queue that gave it up: `probe`, `observation`, `dispatch`, `tick`. */
  queue: string;
  body: unknown;
  receiveCount: number;
}

export async function bury(cloud: Cloud, letter: DeadLetter, now: Date): Promise<void> {
  const named = tickMessageSchema.safeParse(letter.body);
  const scanId = named.success ? named.data.scanId : "unknown";
  await cloud.table.put({
    ...deadLetterKey(scanId, letter.messageId),
    queue: letter.queue,
    body: JSON.stringify(letter.body).slice(0, 4096),
    reason: `given up by the ${letter.queue} queue after ${letter.receiveCount} deliveries`,
    buriedAt: now.toISOString(),
  });
  // What belongs to no scan is recorded, and that is all: a dead letter that fails would come back for two weeks.
  if (!named.success || !(await cloud.table.get(metaKey(scanId)))) return;
  const index = indexPlan(await loadPlan(cloud, scanId));
  switch (letter.queue) {
    case "probe": {
      const parsed = batchMessageSchema.safeParse(letter.body);
      if (!parsed.success || parsed.data.batch >= index.batches) return;
      const { batch } = parsed.data;
      await fail(cloud, scanId, index, batch, now);
      const { next } = index.batchAt(batch);
      if (next !== null) await cloud.outbox.probe.send([{ scanId, batch: next, generation: 0 }]);
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
      if (!parsed.success) return;
      const { from, to } = parsed.data;
      for (let chain = from; chain < Math.min(to, index.chains); chain++) {
        let batch: number | null = index.chainAt(chain);
        while (batch !== null) {
          await fail(cloud, scanId, index, batch, now);
          batch = index.batchAt(batch).next;
        }
      }
      return;
    }
    default:
      await cloud.outbox.tick.send([{ scanId }], { delaySeconds: 60 });
  }
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
