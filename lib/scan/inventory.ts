/**
 * The account's own public addresses, in the table. Whoever takes the inventory writes one item an address, with when EC2's answer was asked for; an
 * item counts for `FRESH_MS` from then on, whatever happens to the one who takes it: when nobody takes it any more, nothing is owned. What EC2
 * does not list any more is marked as gone at once. An older round never overwrites what a newer one found, however late it writes.
 */
import * as z from "zod";
import type { AccountAddress, AddressSource } from "../cloud/addresses.ts";
import type { Cloud } from "../cloud/index.ts";
import type { Item } from "../cloud/table.ts";
import { type Address, type AddressRange, formatAddress, parseAddress } from "../targets/address.ts";
import { mergeRanges } from "../targets/ranges.ts";
import { OWNED_PARTITION, ownedKey } from "./keys.ts";
import { single } from "./plan-groups.ts";

/** How long it counts that EC2 listed an address, ms: three rounds of the schedule (`infra/topology.ts`). */
export const FRESH_MS = 15 * 60_000;
/** Items are kept for a while longer, to tell what was; then the table forgets them, ms. */
const KEPT_MS = 24 * 3_600_000;
/** Items written side by side. */
const WRITERS = 16;

type Store = Pick<Cloud, "table">;

const ownedSchema = z.object({
  address: z.string(),
  account: z.string(),
  region: z.string(),
  /** Network interface or Elastic IP. */
  resource: z.string(),
  /** Whose door it is beside the account's: then owning the address is not owning what answers. */
  sharedWith: z.string().nullable(),
  gone: z.boolean(),
  /** The round that first saw it so: under this resource, or gone. What was found out before may be of another machine. */
  since: z.iso.datetime(),
  seenAt: z.iso.datetime(),
  /** The invocation that saw it. */
  seenBy: z.string(),
});
type Owned = z.infer<typeof ownedSchema>;

export interface Round {
  account: string;
  /** Invocation that takes it. */
  seenBy: string;
  sources: ReadonlyMap<string, AddressSource>;
  now: () => Date;
}

export interface Taken {
  /** Addresses by region. */
  addresses: Record<string, number>;
  /** Addresses that were there before and are not any more. */
  gone: number;
}

/**
 * Asks every region and writes what it lists. A region that does not answer keeps the others from nothing; its own items grow old.
 * @throws Error naming the regions that did not answer, when the others are written
 */
export async function takeInventory(cloud: Store, { account, seenBy, sources, now }: Round): Promise<Taken> {
  const taken: Taken = { addresses: {}, gone: 0 };
  const failures: { region: string; error: unknown }[] = [];
  const known = await stored(cloud);
  const before = new Map(known.map((one) => [one.address, one]));
  const began = now();
  const seenAt = began.toISOString();
  const stamp = { seenAt, seenBy, ttl: epochSeconds(began.getTime() + KEPT_MS) };
  const listed = new Set<string>();
  const through = new Set<string>();
  for (const [region, source] of sources) {
    try {
      const addresses = (await source()).flatMap(canonical);
      await eachOf(addresses, ({ address, resource, sharedWith }) => {
        const held = { account, resource, sharedWith, gone: false };
        const since = sinceOf(before.get(address), held) ?? seenAt;
        const owned = { address, region, since, ...held, ...stamp };
        return cloud.table.put({ ...ownedKey(address), ...owned }, notNewer(seenAt, since));
      });
      for (const { address } of addresses) listed.add(address);
      taken.addresses[region] = addresses.length;
      through.add(region);
    } catch (error) {
      failures.push({ region, error });
    }
  }
  // Of a region that did not answer nothing is known; one that is not asked any more says nothing any more.
  const gone = known.filter(
    ({ address, region, gone }) =>
      !gone && !listed.has(address) && (through.has(region) || !sources.has(region)),
  );
  await eachOf(gone, ({ address }) =>
    cloud.table.set(ownedKey(address), { gone: true, since: seenAt, ...stamp }, notNewer(seenAt, seenAt)),
  );
  taken.gone = gone.length;
  if (failures.length > 0) {
    const told = failures.map(({ region, error }) => `${region} (${String(error)})`).join(", ");
    throw new Error(`no inventory of ${told}`, { cause: failures[0]?.error });
  }
  return taken;
}

/** Since when it has been so; null: it was otherwise before, or nothing is known. */
function sinceOf(
  before: Owned | undefined,
  held: Pick<Owned, "account" | "resource" | "sharedWith" | "gone">,
): string | null {
  const { account, resource, sharedWith, gone } = held;
  const same =
    before?.account === account &&
    before.resource === resource &&
    before.sharedWith === sharedWith &&
    before.gone === gone;
  return same ? before.since : null;
}

/** An item of the same or an earlier round may be overwritten, unless another round saw a change of hands that this one missed. */
const notNewer = (seenAt: string, since: string) => ({
  expression: "attribute_not_exists(since) OR (seenAt <= :at AND since <= :since)",
  values: { ":at": seenAt, ":since": since },
});

const epochSeconds = (ms: number) => Math.floor(ms / 1000);

/** One spelling of each address: it is a key. */
function canonical(one: AccountAddress): AccountAddress[] {
  const address = parseAddress(one.address);
  return address ? [{ ...one, address: formatAddress(address) }] : [];
}

async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < all.length; from += WRITERS)
    await Promise.all(all.slice(from, from + WRITERS).map(work));
}

async function stored(cloud: Store): Promise<Owned[]> {
  const all: Owned[] = [];
  for await (const item of cloud.table.query(OWNED_PARTITION, "")) {
    const owned = read(item);
    if (owned) all.push(owned);
  }
  return all;
}

/** What is no whole item proves nothing. */
const read = (item: Item | null): Owned | null => ownedSchema.safeParse(item).data ?? null;

const isFresh = ({ seenAt }: Owned, now: Date) => Math.abs(now.getTime() - Date.parse(seenAt)) <= FRESH_MS;

/** What the account owns, as far as it is known at the moment. */
export interface Inventory {
  /** Addresses that are the account's alone. */
  ranges: AddressRange[];
  /** Addresses of the account behind which others answer, too, with whom. */
  shared: ReadonlyMap<string, string>;
  /** When it was last taken; null: not within a day. */
  takenAt: string | null;
}

export async function readInventory(cloud: Store, now: Date): Promise<Inventory> {
  const all = await stored(cloud);
  const ranges: AddressRange[] = [];
  const shared = new Map<string, string>();
  let takenAt: string | null = null;
  for (const owned of all) {
    if (takenAt === null || owned.seenAt > takenAt) takenAt = owned.seenAt;
    if (owned.gone || !isFresh(owned, now)) continue;
    const address = parseAddress(owned.address);
    if (owned.sharedWith !== null) shared.set(owned.address, owned.sharedWith);
    else if (address) ranges.push(single(address));
  }
  return { ranges: mergeRanges(ranges), shared, takenAt };
}

/**
 * Is the address the account's alone, by a consistent read?
 * @throws Error when the account had it, and the inventory has grown old since: nobody knows who has it now
 */
export async function isOwned(cloud: Store, address: Address, now: Date): Promise<boolean> {
  const text = formatAddress(address);
  const owned = read(await cloud.table.get(ownedKey(text)));
  if (!owned || owned.gone || owned.sharedWith !== null) return false;
  if (isFresh(owned, now)) return true;
  throw new Error(
    `${text} was this account's at ${owned.seenAt}, and no inventory was taken since; whether it still is must be known before it is touched`,
  );
}

/**
 * Since when the address has been in the hands that it is in, epoch ms, by a consistent read: what was found out before may be of another machine.
 * Null: the inventory never saw it.
 */
export async function heldSince(
  cloud: { table: Pick<Cloud["table"], "get"> },
  address: Address,
): Promise<number | null> {
  const owned = read(await cloud.table.get(ownedKey(formatAddress(address))));
  return owned ? Date.parse(owned.since) : null;
}
