/**
 * What is known of an endpoint, across scans: its latest fingerprint, which is written when its content changed and never for a change of
 * wording in the evidence, all that it ever was, and for each scan a small item that points there. All under deterministic keys.
 */
import { createHash } from "node:crypto";
import { ABSENT } from "../cloud/condition.ts";
import type { Cloud } from "../cloud/index.ts";
import type { Item, Key } from "../cloud/table.ts";
import { type Endpoint, portKey } from "../model/endpoint.ts";
import type { Result } from "../model/fingerprint.ts";
import { identify } from "../registry/products.ts";
import type { KeptRecipe } from "./cache.ts";
import { keptResult, packResult } from "./kept-result.ts";
import { assetKey, assetVersionKey, scanPortKey } from "./keys.ts";
import { versionKey } from "./version-key.ts";

/** What a fingerprint says, without the wording of its evidence and without when it was seen. */
const CONTENT = [
  "service",
  "method",
  "product",
  "vendor",
  "version",
  "info",
  "os",
  "device",
  "cpe",
  "tls",
  "flags",
  "technologies",
  "conflicts",
] as const satisfies (keyof Result)[];

function contentHash(result: Result): string {
  const content = CONTENT.map((field) => result[field]);
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 32);
}

/** What is to be written of one endpoint. */
export interface Found {
  endpoint: Endpoint;
  result: Result;
  recipe: KeptRecipe | null;
}
interface Hashed extends Found {
  /** Of the result's content. */
  hash: string;
}
/** What nobody has seen so is written, the result as the table keeps it. */
interface Changed extends Hashed {
  packed: Uint8Array;
}

/** Who made an asset what it is: told of it, he writes the port item of this batch. */
interface Writer {
  scanId: string;
  batch: number;
}

/** Lost races against other writers of one asset before giving up; the message is then delivered again. */
const WRITE_TRIES = 10;

const itemKey = ({ pk, sk }: Key) => `${pk} ${sk}`;

async function present(cloud: Cloud, keys: readonly Key[]): Promise<ReadonlyMap<string, Item>> {
  return new Map((await cloud.table.getMany(keys)).map((item) => [itemKey(item), item]));
}

/**
 * What a message holds, in few requests: the fingerprints first, then what points at them, the scan's own items last. Delivered again, it all
 * becomes the same items.
 */
export async function writeFound(
  cloud: Cloud,
  scanId: string,
  batch: number,
  found: readonly Found[],
): Promise<void> {
  if (found.length === 0) return;
  const all = found.map((one): Hashed => ({ ...one, hash: contentHash(one.result) }));
  const assets = await present(
    cloud,
    all.map(({ endpoint }) => assetKey(endpoint)),
  );
  const latest = ({ endpoint }: Hashed) => assets.get(itemKey(assetKey(endpoint))) ?? null;
  const isKnown = (one: Hashed) => latest(one)?.hash === one.hash;
  const changed = all
    .filter((one) => !isKnown(one))
    .map((one): Changed => ({ ...one, packed: packResult(one.result) }));
  // Whom nobody knew has no newer sighting to lose to, and no change to tell of: of two that find it at once, the last is the latest.
  const strangers = changed.filter((one) => !latest(one));
  await writeVersions(
    cloud,
    changed,
    changed.filter((one) => latest(one)),
  );
  await Promise.all([
    cloud.table.putMany(strangers.map((one) => assetOf(one, null, { scanId, batch }))),
    ...changed.flatMap((one) => {
      const before = latest(one);
      return before ? [writeAsset(cloud, { scanId, batch }, one, before)] : [];
    }),
    ...all.filter(isKnown).map((one) => confirm(cloud, one, latest(one))),
  ]);
  await cloud.table.putMany(
    all.map(({ endpoint, result, hash }) => ({
      ...scanPortKey(scanId, batch, endpoint),
      hash,
      service: result.service,
      product: result.product,
      version: result.version,
      confidence: result.confidence,
      confidences: result.confidences,
      observedAt: result.observedAt,
      cached: result.cached || undefined,
    })),
  );
}

/** Those that were there before keep the time when they were first seen; only who is known (`others`) may have been the same before. */
async function writeVersions(
  cloud: Cloud,
  changed: readonly Changed[],
  others: readonly Hashed[],
): Promise<void> {
  const keyOf = ({ endpoint, hash }: Hashed) => assetVersionKey(endpoint, hash);
  const known = await present(cloud, others.map(keyOf));
  await cloud.table.putMany(
    changed.flatMap((one) => {
      const { result, packed, hash } = one;
      const key = keyOf(one);
      return known.has(itemKey(key)) ? [] : [{ ...key, result: packed, hash, firstSeen: result.observedAt }];
    }),
  );
}

/** The asset says so already. */
async function confirm(cloud: Cloud, { endpoint, hash, recipe }: Hashed, latest: Item | null): Promise<void> {
  if (latest && (await tellOwed(cloud, endpoint, latest))) {
    const still = { expression: "#hash = :hash", names: { "#hash": "hash" }, values: { ":hash": hash } };
    await cloud.table.set(assetKey(endpoint), { previousHash: null }, still);
  }
  if (recipe) await confirmAsset(cloud, endpoint, hash, recipe);
}

/** The item of an endpoint's latest fingerprint. */
function assetOf(
  { endpoint, result, packed, hash, recipe }: Changed,
  before: Item | null,
  writer: Writer,
): Item {
  const seen = result.observedAt;
  const product = result.product && identify({ product: result.product, vendor: result.vendor }).key;
  return {
    ...assetKey(endpoint),
    asset: endpoint.host,
    port: portKey(endpoint),
    result: packed,
    hash,
    recipe: recipe ?? undefined,
    previousHash: before?.hash ?? null,
    writer,
    product: result.product,
    version: result.version,
    confidence: result.confidence,
    firstSeen: before?.firstSeen ?? seen,
    lastSeen: seen,
    productShard: product ? `${product}#0` : undefined,
    versionKey: product
      ? `${versionKey(result.version ?? "")}#${endpoint.host}#${portKey(endpoint)}`
      : undefined,
  };
}

/** Others write the same asset: an older sighting gives way, a newer one goes on from what they wrote. */
async function writeAsset(cloud: Cloud, writer: Writer, found: Changed, known: Item): Promise<void> {
  const { endpoint, result, hash } = found;
  const seen = result.observedAt ?? "";
  let latest: Item | null = known;
  for (let tries = 0; tries < WRITE_TRIES; tries++) {
    if (latest && String(latest.lastSeen) > seen) return;
    if (latest?.hash === hash) return confirm(cloud, found, latest);
    if (latest) await tellOwed(cloud, endpoint, latest);
    const condition = latest
      ? {
          expression: "#hash = :before AND lastSeen <= :seen",
          names: { "#hash": "hash" },
          values: { ":before": latest.hash, ":seen": seen },
        }
      : ABSENT;
    const written = await cloud.table.put(assetOf(found, latest, writer), condition);
    if (written) return latest ? tellChange(cloud, keptResult(latest.result), result) : undefined;
    latest = await cloud.table.get(assetKey(endpoint));
  }
  throw new Error(`${endpoint.host} ${portKey(endpoint)}: ${WRITE_TRIES} writes lost against other writers`);
}

const tellChange = (cloud: Cloud, before: Result | null, after: Result) =>
  cloud.bus.put("Fingerprint Changed", { before, after });

/**
 * Tells of the change that made the asset what it is, if its writer may not have: the port item of his scan, which is written after the event,
 * is not there. He has died in between, and whoever comes next tells in his place: his own message, delivered again, or another scan, before it
 * writes over what he would have told. If he lives, it is told twice.
 */
async function tellOwed(cloud: Cloud, endpoint: Endpoint, latest: Item): Promise<boolean> {
  const { previousHash, writer } = latest as { previousHash?: string | null; writer?: Writer };
  if (!previousHash || !writer) return false;
  if (await cloud.table.get(scanPortKey(writer.scanId, writer.batch, endpoint))) return false;
  const before = await cloud.table.get(assetVersionKey(endpoint, previousHash));
  const after = keptResult(latest.result);
  if (before && after) await tellChange(cloud, keptResult(before.result), after);
  return true;
}

/** Identified in full, and found the same: it holds from now on. */
async function confirmAsset(
  cloud: Cloud,
  endpoint: Endpoint,
  hash: string,
  recipe: KeptRecipe,
): Promise<void> {
  await cloud.table.set(
    assetKey(endpoint),
    { recipe, lastSeen: recipe.at },
    {
      expression: "#hash = :hash AND lastSeen <= :at",
      names: { "#hash": "hash" },
      values: { ":hash": hash, ":at": recipe.at },
    },
  );
}
