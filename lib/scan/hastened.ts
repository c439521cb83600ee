/**
 * A round of the inventory now, because an event said that something changed: an address that is new is in scope within seconds, and one that left
 * is out of it. Changes come in flocks, so the first event announces a round and waits until the others have come, too; those that arrive before
 * it begins need no other, since it will see what they are about. An announcement ends when its round begins: should whoever made it die, the
 * next event makes another.
 */
import * as z from "zod";
import type { Cloud } from "../cloud/index.ts";
import { type Round, type Taken, takeInventory } from "./inventory.ts";
import { announcedRoundKey } from "./keys.ts";

/** How long changes are given to settle and others to come, ms. */
export const SETTLE_MS = 10_000;
/** After this the table may forget an announcement, ms. */
const KEPT_MS = 24 * 3_600_000;

/** EventBridge's events of the services whose changes the inventory is about; its own schedule's are of `aws.events`. */
const changeSchema = z.object({
  source: z.enum(["aws.ec2", "aws.elasticloadbalancing"]),
  "detail-type": z.string(),
});
export const isChange = (event: unknown): boolean => changeSchema.safeParse(event).success;

/** Null: another event announced a round that has not begun. @throws as `takeInventory` */
export async function hastenedRound(
  cloud: Pick<Cloud, "table">,
  round: Round,
  pause: (ms: number) => Promise<unknown>,
): Promise<Taken | null> {
  const now = round.now().getTime();
  const announcement = {
    beginsAt: new Date(now + SETTLE_MS).toISOString(),
    ttl: Math.floor((now + KEPT_MS) / 1000),
  };
  const first = await cloud.table.put(
    { ...announcedRoundKey, ...announcement },
    {
      expression: "attribute_not_exists(beginsAt) OR beginsAt <= :now",
      values: { ":now": new Date(now).toISOString() },
    },
  );
  if (!first) return null;
  await pause(SETTLE_MS);
  return takeInventory(cloud, round);
}
