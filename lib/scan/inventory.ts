/**
 * What is the account's own, in the table: its public addresses, and the names of its shared front doors. Whoever takes the inventory writes one item
 * each, with when AWS' answer was asked for; an item counts for `FRESH_MS` from then on, whatever happens to the one who takes it: when
 * nobody takes it any more, nothing is owned. What AWS does not list any more is marked as gone at once. An older round never overwrites what a
 * newer one found, however late it writes.
 */
import * as z from "zod";
import type { AccountName, NameSource } from "../cloud/account-names.ts";
import type { AccountAddress, AddressSource } from "../cloud/addresses.ts";
import type { Cloud } from "../cloud/index.ts";
import type { Item, Key } from "../cloud/table.ts";
import { type Address, type AddressRange, formatAddress, parseAddress } from "../targets/address.ts";
import { mergeRanges } from "../targets/ranges.ts";
import { OWNED_ADDRESSES, OWNED_NAMES, OWNED_PARTITION, ownedKey, ownedNameKey } from "./keys.ts";
import { assertFresh, type Entry, entrySchema, isFresh } from "./owned-entry.ts";
import { hostNameOf, type OwnedName, readName } from "./owned-names.ts";
import { single } from "./plan-groups.ts";

/** Items are kept for a while longer, to tell what was; then the table forgets them, ms. */
const KEPT_MS = 24 * 3_600_000;
/** Items written side by side. */
const WRITERS = 16;

type Store = Pick<Cloud, "table">;

const ownedSchema = entrySchema.extend({
  address: z.string(),
  /** Whose door it is beside the account's: then owning the address is not owning what answers. */
  sharedWith: z.string().nullable(),
});
type Owned = z.infer<typeof ownedSchema>;

export interface Round {
  account: string;
  /** Invocation that takes it. */
  seenBy: string;
  /** By region. */
  sources: ReadonlyMap<string, AddressSource>;
  /** By what they list, and where. */
  names?: ReadonlyMap<string, NameSource>;
  now: () => Date;
}

export interface Taken {
  /** Addresses by region. */
  addresses: Record<string, number>;
  /** Names by what was listed. */
  names: Record<string, number>;
  /** Addresses and names that were there before and are not any more. */
  gone: number;
}

/** Whose and what it is: when one of these is another, it is another thing. */
interface Listed {
  key: Key;
  held: Record<string, string | null>;
}

/**
 * Asks every source and writes what it lists. One that does not answer keeps the others from nothing; its own items grow old.
 * @throws Error naming the sources that did not answer, when the others are written
 */
export async function takeInventory(
  cloud: Store,
  { account, seenBy, sources, names = new Map(), now }: Round,
): Promise<Taken> {
  const taken: Taken = { addresses: {}, names: {}, gone: 0 };
  const failures: { place: string; error: unknown }[] = [];
  const known = new Map((await stored(cloud)).map((entry) => [entry.sk, entry]));
  const began = now();
  const seenAt = began.toISOString();
  const stamp = { seenAt, seenBy, ttl: epochSeconds(began.getTime() + KEPT_MS) };
  const listed = new Set<string>();
  const through = new Set<string>();
  const ask = async (place: string, list: () => Promise<Listed[]>, counts: Record<string, number>) => {
    try {
      const all = await list();
      await eachOf(all, ({ key, held }) => {
        const since = sinceOf(known.get(key.sk), held) ?? seenAt;
        return cloud.table.put(
          { ...key, ...held, region: place, gone: false, since, ...stamp },
          notNewer(seenAt, since),
        );
      });
      for (const { key } of all) listed.add(key.sk);
      counts[place] = all.length;
      through.add(place);
    } catch (error) {
      failures.push({ place, error });
    }
  };
  for (const [region, source] of sources)
    await ask(
      region,
      async () => (await source()).flatMap((one) => listedAddress(one, account)),
      taken.addresses,
    );
  for (const [place, source] of names)
    await ask(place, async () => (await source()).flatMap((one) => listedName(one, account)), taken.names);
  // Of a source that did not answer nothing is known; one that is not asked any more says nothing any more.
  const isAsked = (place: string) => sources.has(place) || names.has(place);
  const gone = [...known.values()].filter(
    ({ sk, region, gone }) => !gone && !listed.has(sk) && (through.has(region) || !isAsked(region)),
  );
  await eachOf(gone, ({ pk, sk }) =>
    cloud.table.set({ pk, sk }, { gone: true, since: seenAt, ...stamp }, notNewer(seenAt, seenAt)),
  );
  taken.gone = gone.length;
  if (failures.length > 0) {
    const told = failures.map(({ place, error }) => `${place} (${String(error)})`).join(", ");
    throw new Error(`no inventory of ${told}`, { cause: failures[0]?.error });
  }
  return taken;
}

/** Since when it has been so; null: it was otherwise before, or nothing is known. */
function sinceOf(before: Entry | undefined, held: Listed["held"]): string | null {
  const same =
    before && !before.gone && Object.entries(held).every(([name, value]) => before[name] === value);
  return same ? before.since : null;
}

/** An item of the same or an earlier round may be overwritten, unless another round saw a change of hands that this one missed. */
const notNewer = (seenAt: string, since: string) => ({
  expression: "attribute_not_exists(since) OR (seenAt <= :at AND since <= :since)",
  values: { ":at": seenAt, ":since": since },
});

const epochSeconds = (ms: number) => Math.floor(ms / 1000);

/** One spelling of each address: it is a key. */
function listedAddress({ address: text, resource, sharedWith }: AccountAddress, account: string): Listed[] {
  const parsed = parseAddress(text);
  if (!parsed) return [];
  const address = formatAddress(parsed);
  return [{ key: ownedKey(address), held: { address, account, resource, sharedWith } }];
}

/** What is no plain host name is left out, wildcards with it: their names are not the holder's alone, another account may hold a closer one. */
function listedName(told: AccountName, account: string): Listed[] {
  const [name, home] = [hostNameOf(told.name), hostNameOf(told.home)];
  if (name === null || home === null) return [];
  const { resource, kind, ports } = told;
  return [{ key: ownedNameKey(name, home), held: { name, home, account, resource, kind, ports } }];
}

async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < all.length; from += WRITERS)
    await Promise.all(all.slice(from, from + WRITERS).map(work));
}

async function stored(cloud: Store): Promise<Entry[]> {
  const all: Entry[] = [];
  for (const prefix of [OWNED_ADDRESSES, OWNED_NAMES])
    for await (const item of cloud.table.query(OWNED_PARTITION, prefix)) {
      const entry = entrySchema.safeParse(item).data;
      if (entry) all.push(entry);
    }
  return all;
}

/** What is no whole item proves nothing. */
const read = (item: Item | null): Owned | null => ownedSchema.safeParse(item).data ?? null;

/** What the account owns, as far as it is known at the moment. */
export interface Inventory {
  /** Addresses that are the account's alone. */
  ranges: AddressRange[];
  /** Addresses of the account behind which others answer, too, with whom. */
  shared: ReadonlyMap<string, string>;
  /** Names of its shared front doors. */
  names: ReadonlyMap<string, readonly OwnedName[]>;
  /** When it was last taken; null: not within a day. */
  takenAt: string | null;
}

export async function readInventory(cloud: Store, now: Date): Promise<Inventory> {
  const ranges: AddressRange[] = [];
  const shared = new Map<string, string>();
  const names = new Map<string, OwnedName[]>();
  let takenAt: string | null = null;
  for (const entry of await stored(cloud)) {
    if (takenAt === null || entry.seenAt > takenAt) takenAt = entry.seenAt;
    if (entry.gone || !isFresh(entry, now)) continue;
    const [owned, named] = [read(entry), readName(entry)];
    const address = owned && parseAddress(owned.address);
    if (named) names.set(named.name, [...(names.get(named.name) ?? []), named]);
    else if (owned && owned.sharedWith !== null) shared.set(owned.address, owned.sharedWith);
    else if (address) ranges.push(single(address));
  }
  return { ranges: mergeRanges(ranges), shared, names, takenAt };
}

/**
 * Is the address the account's alone, by a consistent read?
 * @throws Error when the account had it, and the inventory has grown old since: nobody knows who has it now
 */
export async function isOwned(cloud: Store, address: Address, now: Date): Promise<boolean> {
  const text = formatAddress(address);
  const owned = read(await cloud.table.get(ownedKey(text)));
  if (!owned || owned.gone || owned.sharedWith !== null) return false;
  assertFresh(text, owned, now);
  return true;
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
