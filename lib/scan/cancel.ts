/**
 * Calling a scan off. The word stands in the scan's item; probers read it every few seconds, start nothing more and tell what they have; what is
 * left `expired` is settled by the tick, a moment later, so that what was found until then stays found.
 */
import type { Cloud } from "../cloud/index.ts";
import { metaKey } from "./keys.ts";
import type { TickMessage } from "./messages.ts";

/** A prober looks this often, ms: one read unit each time. */
const LOOK_MS = 2_000;
/** From the word to the end of what was not settled by then, ms: two looks, and the way of the last messages. */
export const CANCEL_GRACE_MS = 6_000;

/** False when there is no such scan, or it has ended. */
export async function cancel(
  cloud: Pick<Cloud, "table" | "outbox">,
  scanId: string,
  now: Date,
): Promise<boolean> {
  const told = await cloud.table.set(
    metaKey(scanId),
    { cancelled: true, cancelledAt: now.toISOString() },
    {
      expression:
        "attribute_exists(pk) AND (attribute_not_exists(finishedAt) OR finishedAt = :none) AND attribute_not_exists(cancelled)",
      values: { ":none": null },
    },
  );
  const meta = told ? null : await cloud.table.get(metaKey(scanId));
  if (!told && (!meta || meta.finishedAt)) return false;
  await cloud.outbox.tick.send([{ scanId } satisfies TickMessage]);
  return true;
}

/** Has the scan been called off? Asks now and then, as long as it is open; never fails because a look did. */
export function watchCancelled(
  cloud: Cloud,
  scanId: string,
  known: boolean,
): { readonly cancelled: boolean; close(): void } {
  let cancelled = known;
  const look = async () => {
    const meta = await cloud.table.get(metaKey(scanId)).catch(() => null);
    if (meta?.cancelled === true) cancelled = true;
  };
  const timer = setInterval(() => void look(), LOOK_MS / cloud.configuration.timeScale);
  return {
    get cancelled() {
      return cancelled;
    },
    close: () => clearInterval(timer),
  };
}
