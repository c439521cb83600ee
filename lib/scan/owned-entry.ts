/** What every item of the inventory says, whatever it is of, and for how long that counts. */
import * as z from "zod";

/** How long it counts that AWS listed something, ms: three rounds of the schedule (`infra/topology.ts`). */
export const FRESH_MS = 15 * 60_000;

export const entrySchema = z.looseObject({
  pk: z.string(),
  sk: z.string(),
  account: z.string(),
  /** Which list told of it: the addresses of a region, its load balancers, … */
  region: z.string(),
  /** Network interface, Elastic IP, load balancer, distribution, … */
  resource: z.string(),
  gone: z.boolean(),
  /** The round that first saw it so: under this resource, or gone. What was found out before may be of another machine. */
  since: z.iso.datetime(),
  seenAt: z.iso.datetime(),
  /** The invocation that saw it. */
  seenBy: z.string(),
});
export type Entry = z.infer<typeof entrySchema>;
type Seen = Pick<Entry, "seenAt">;

export const isFresh = ({ seenAt }: Seen, now: Date) =>
  Math.abs(now.getTime() - Date.parse(seenAt)) <= FRESH_MS;

/** @throws Error when it is too long ago that it was seen: nobody knows whose it is now */
export function assertFresh(what: string, seen: Seen, now: Date): void {
  if (isFresh(seen, now)) return;
  throw new Error(
    `${what} was this account's at ${seen.seenAt}, and no inventory was taken since; whether it still is must be known before it is touched`,
  );
}
