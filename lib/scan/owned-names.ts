/**
 * Names of the account's shared front doors, as the inventory has them. An address behind one is never in scope by itself: others answer there, too,
 * or will tomorrow. It is in scope under that name, at the ports at which the resource answers, and only while the name's home, which AWS gave
 * the resource (`lib/cloud/account-names.ts`), leads there. The name's own zone proves nothing: what once led to a distribution may lead to
 * anybody now.
 */
import * as z from "zod";
import type { Cloud } from "../cloud/index.ts";
import type { Item } from "../cloud/table.ts";
import { InputError } from "../model/errors.ts";
import { builtinPorts } from "../registry/ports.ts";
import type { Address } from "../targets/address.ts";
import { parseTarget } from "../targets/parse.ts";
import { NO_PORTS, type PortSet, parsePorts, unionPorts } from "../targets/ports.ts";
import { type Lookup, resolvesTo } from "../targets/resolve.ts";
import { ledKey, OWNED_PARTITION, ownedNamePrefix } from "./keys.ts";
import { assertFresh, entrySchema, isFresh } from "./owned-entry.ts";

const ownedNameSchema = entrySchema.extend({
  name: z.string(),
  /** The name that AWS gave the resource. */
  home: z.string(),
  /** What the resource is, in words. */
  kind: z.string(),
  /** At which it answers; `-p` syntax. */
  ports: z.string(),
});
export type OwnedName = z.infer<typeof ownedNameSchema>;

/** What is no whole item proves nothing. */
export const readName = (item: Item): OwnedName | null => ownedNameSchema.safeParse(item).data ?? null;

/** As targets are written; null when it is no host name. */
export function hostNameOf(text: string): string | null {
  try {
    const target = parseTarget(text);
    return target.kind === "name" && target.port === null ? target.name : null;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/**
 * What the inventory has of a name now, by a consistent read.
 * @throws Error when it was the account's, and the inventory has grown old since
 */
export async function ownedNames(cloud: Pick<Cloud, "table">, name: string, now: Date): Promise<OwnedName[]> {
  const listed: OwnedName[] = [];
  for await (const item of cloud.table.query(OWNED_PARTITION, ownedNamePrefix(name))) {
    const owned = readName(item);
    if (owned && !owned.gone) listed.push(owned);
  }
  const fresh = listed.filter((owned) => isFresh(owned, now));
  const [stale] = listed;
  if (stale && fresh.length === 0) assertFresh(name, stale, now);
  return fresh;
}

/** A name that was asked for, and where the home of a name of the account's led. */
export interface Led {
  name: string;
  /** Canonical text. */
  address: string;
  /** The name of the account's: itself, or a load balancer's for a name that leads to it. */
  under: string;
}

/** The dispatcher's look at a name counts for this long, ms: names with many addresses give others each time. */
export const NAME_FRESH_MS = 10 * 60_000;
/** Then the table forgets it, ms. */
const KEPT_MS = 24 * 3_600_000;

/**
 * Writes down what the dispatcher saw, where only functions write: a plan is a file of the bucket, and could name any address under a name
 * of the account's.
 */
export async function noteLed(
  cloud: Pick<Cloud, "table">,
  scanId: string,
  led: readonly Led[],
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  const ttl = Math.floor((now.getTime() + KEPT_MS) / 1000);
  if (led.length > 0)
    await cloud.table.putMany(
      led.map(({ name, address, under }) => ({ ...ledKey(scanId, name, address), under, at, ttl })),
    );
}

const notedSchema = z.object({ under: z.string(), at: z.iso.datetime() });

/** What the dispatcher saw, and whether that was a short while ago; null: it did not. */
export async function ledBefore(
  cloud: Pick<Cloud, "table">,
  scanId: string,
  { name, address }: Pick<Led, "name" | "address">,
  now: Date,
): Promise<{ under: string; fresh: boolean } | null> {
  const noted = notedSchema.safeParse(await cloud.table.get(ledKey(scanId, name, address))).data;
  if (!noted) return null;
  return { under: noted.under, fresh: Math.abs(now.getTime() - Date.parse(noted.at)) < NAME_FRESH_MS };
}

/**
 * The load balancers of the account behind addresses that EC2 listed as theirs. Whatever the name is that leads there, it is the balancer that
 * answers: nobody else has these addresses as long as its own name leads there, too.
 * @param shared with whom the account shares an address, as `lib/cloud/addresses.ts` words it: `… (ELB app/web/50dc6c495c0c9188)`
 */
export function balancersAt(
  addresses: readonly string[],
  shared: ReadonlyMap<string, string>,
  names: Iterable<readonly OwnedName[]>,
): OwnedName[] {
  const called = addresses.flatMap((address) => /\(ELB (\S+)\)$/.exec(shared.get(address) ?? "")?.[1] ?? []);
  if (called.length === 0) return [];
  // A balancer's ARN ends in what EC2 calls it; a classic one is called by its name.
  return [...names]
    .flat()
    .filter(({ kind }) => kind.endsWith("load balancer"))
    .filter(({ resource }) => called.includes(resource.split(":loadbalancer/").at(-1) ?? ""));
}

/**
 * Those whose home leads to the address now.
 * @throws InputError when the resolver fails
 */
export async function homesAt(
  owned: readonly OwnedName[],
  address: Address,
  lookup: Lookup | undefined,
): Promise<OwnedName[]> {
  const leads = await Promise.all(owned.map(({ home }) => resolvesTo(home, address, lookup)));
  return owned.filter((_, index) => leads[index]);
}

export const portsOf = (owned: readonly OwnedName[]): PortSet =>
  owned.map(({ ports }) => parsePorts(ports, builtinPorts)).reduce(unionPorts, NO_PORTS);
