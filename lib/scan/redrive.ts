/**
 * Dead letters, listed and sent again. An endpoint that failed with one becomes pending again, in a generation of its own: its batch, the nodes above
 * it and the scan are open once more, and close as they did before, each endpoint with the one outcome that it then has. This is the only way
 * back from an outcome, and only from `failed`.
 */
import type { Cloud } from "../cloud/index.ts";
import type { Item } from "../cloud/table.ts";
import { queueAgain } from "./budget.ts";
import { reopen } from "./handover.ts";
import { metaKey } from "./keys.ts";
import { batchMessageSchema, observationMessageSchema, subPlanSchema, type TickMessage } from "./messages.ts";
import type { Plan } from "./plan.ts";
import type { PlanIndex } from "./plan-index.ts";
import { reopenAbove } from "./tree.ts";

export interface BuriedLetter {
  messageId: string;
  /** Name of the queue that gave it up. */
  queue: string;
  reason: string;
  buriedAt: string;
  /** When it was sent again; null: not yet. */
  redrivenAt: string | null;
}

/** Of a scan, oldest first. */
export async function deadLetters(cloud: Pick<Cloud, "table">, scanId: string): Promise<BuriedLetter[]> {
  const letters = (await stored(cloud, scanId)).map(({ sk, queue, reason, buriedAt, redrivenAt }) => ({
    messageId: sk.slice("DEAD#".length),
    queue: String(queue),
    reason: String(reason),
    buriedAt: String(buriedAt),
    redrivenAt: typeof redrivenAt === "string" ? redrivenAt : null,
  }));
  return letters.sort((a, b) => a.buriedAt.localeCompare(b.buriedAt));
}

async function stored(cloud: Pick<Cloud, "table">, scanId: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of cloud.table.query(metaKey(scanId).pk, "DEAD#")) items.push(item);
  return items;
}

export interface Redriven {
  /** Letters sent again, and those that cannot be: nobody could read them, or they are of no part of the plan. */
  sent: number;
  unreadable: number;
  /** Endpoints that are pending again. */
  reopened: number;
}

/** What a letter asks for, as far as it can be read. */
interface Again {
  /** Batches whose failed endpoints are to be asked anew; `only` these of them. */
  batches: { batch: number; only?: ReadonlySet<number> }[];
  /** A message that goes out as it was; else the batches are probed. */
  resend?: { queue: "observation" | "dispatch"; body: unknown };
}

export async function redrive(
  cloud: Cloud,
  { plan, index }: { plan: Plan; index: PlanIndex },
  now: Date,
): Promise<Redriven> {
  const { scanId } = plan;
  const letters = (await stored(cloud, scanId)).filter(({ redrivenAt }) => !redrivenAt);
  const readable = letters.map((letter) => ({ letter, again: read(letter, index) }));
  const able = readable.filter(({ again }) => again !== null);
  const done: Redriven = { sent: able.length, unreadable: letters.length - able.length, reopened: 0 };
  if (able.length === 0) return done;
  const waits = plan.maxCostUsd !== null;

  // The scan first: whoever settles the last endpoint must find it open, with as much time as it had.
  const lastsMs = Date.parse(plan.deadlineAt) - Date.parse(plan.startedAt);
  const deadlineAt = new Date(now.getTime() + lastsMs).toISOString();
  await cloud.table.set(metaKey(scanId), {
    status: "running",
    finishedAt: null,
    cause: null,
    announced: false,
    announcingUntil: 0,
    outOfBudget: false,
    deadlineAt,
  });
  // A letter that is delivered once more from here on must not fail again what is about to be asked again.
  const mark = async (attributes: { redriving: string } | { redrivenAt: string }) => {
    for (const { letter } of able) await cloud.table.set({ pk: letter.pk, sk: letter.sk }, attributes);
  };
  await mark({ redriving: now.toISOString() });
  const probed: { scanId: string; batch: number; generation: number }[] = [];
  for (const { again } of able) {
    for (const { batch, only } of again?.batches ?? []) {
      const { size } = index.batchAt(batch);
      // Before the batch: a node that is open for nothing is only summed again.
      await reopenAbove(cloud.table, scanId, batch, index.batches);
      const { reopened, pending, generation } = await reopen(cloud.table, scanId, batch, size, {
        only,
        waits,
      });
      done.reopened += reopened;
      if (pending > 0 && (!again?.resend || waits)) probed.push({ scanId, batch, generation });
    }
    if (again?.resend && !(waits && again.resend.queue === "dispatch")) {
      await cloud.outbox[again.resend.queue].send([again.resend.body]);
    }
  }
  if (waits) {
    await queueAgain(
      cloud,
      scanId,
      probed.map(({ batch }) => batch),
    );
  } else if (probed.length > 0) await cloud.outbox.probe.send(probed);
  await cloud.outbox.tick.send([{ scanId } satisfies TickMessage]);
  // Last: should this die before, the letters are still there to be sent again, and what is pending is found pending.
  await mark({ redrivenAt: now.toISOString() });
  return done;
}

function read({ queue, body, cut }: Item, index: PlanIndex): Again | null {
  const value = parse(String(body));
  switch (queue) {
    case "probe": {
      const parsed = batchMessageSchema.safeParse(value);
      if (!parsed.success || parsed.data.batch >= index.batches) return null;
      return { batches: [{ batch: parsed.data.batch }] };
    }
    case "observation": {
      const parsed = observationMessageSchema.safeParse(value);
      // Too large to be kept: what it told must be found out again.
      const [, named] = cut ? (/"batch":(\d{1,15})/.exec(String(body)) ?? []) : [];
      if (named !== undefined && Number(named) < index.batches)
        return { batches: [{ batch: Number(named) }] };
      if (!parsed.success || parsed.data.batch >= index.batches) return null;
      const { batch, sightings, settled } = parsed.data;
      const { size } = index.batchAt(batch);
      const only = new Set(sightings.map((sighting) => sighting.index));
      for (const [, first, many] of settled)
        for (let i = first; i < Math.min(size, first + many); i++) only.add(i);
      return { batches: [{ batch, only }], resend: { queue: "observation", body: parsed.data } };
    }
    case "dispatch": {
      const parsed = subPlanSchema.safeParse(value);
      if (!parsed.success || parsed.data.from >= parsed.data.to || parsed.data.to > index.chains) return null;
      return {
        batches: chainsOf(parsed.data, index),
        resend: { queue: "dispatch", body: parsed.data },
      };
    }
    default:
      return queue === "tick" && value !== undefined ? { batches: [] } : null;
  }
}

function chainsOf({ from, to }: { from: number; to: number }, index: PlanIndex): Again["batches"] {
  const batches: Again["batches"] = [];
  for (let chain = from; chain < to; chain++) {
    for (let batch: number | null = index.chainAt(chain); batch !== null; batch = index.batchAt(batch).next)
      batches.push({ batch });
  }
  return batches;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
