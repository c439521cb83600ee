/**
 * What is known of an endpoint, across scans: its latest fingerprint, which is written when its content changed and never for a change of
 * wording in the evidence, all that it ever was, and for each scan a small item that points there. All under deterministic keys.
 */
import { createHash } from "node:crypto";
import type { Cloud } from "../cloud/index.ts";
import { ABSENT, type Item, type Key } from "../cloud/table.ts";
import { type Endpoint, portKey } from "../model/endpoint.ts";
import type { Result } from "../model/fingerprint.ts";
import { identify } from "../registry/products.ts";
import type { KeptRecipe } from "./cache.ts";
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
  const all = found.map((one) => ({ ...one, hash: contentHash(one.result) }));
  const assets = await present(
    cloud,
    all.map(({ endpoint }) => assetKey(endpoint)),
  );
  const latest = ({ endpoint }: Hashed) => assets.get(itemKey(assetKey(endpoint))) ?? null;
  const isKnown = (one: Hashed) => latest(one)?.hash === one.hash;
  const changed = all.filter((one) => !isKnown(one));
  await writeVersions(cloud, changed);
  await Promise.all([
    ...changed.map((one) => writeAsset(cloud, one, latest(one))),
    ...all.filter(isKnown).map((one) => confirm(cloud, scanId, batch, one, latest(one))),
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

/** Those that were there before keep the time when they were first seen. */
async function writeVersions(cloud: Cloud, changed: readonly Hashed[]): Promise<void> {
  const keyOf = ({ endpoint, hash }: Hashed) => assetVersionKey(endpoint, hash);
  const known = changed.length > 0 ? await present(cloud, changed.map(keyOf)) : new Map();
  await cloud.table.putMany(
    changed.flatMap((one) => {
      const { result, hash } = one;
      const key = keyOf(one);
      return known.has(itemKey(key)) ? [] : [{ ...key, result, hash, firstSeen: result.observedAt }];
    }),
  );
}

/** The asset says so already. */
async function confirm(
  cloud: Cloud,
  scanId: string,
  batch: number,
  { endpoint, result, hash, recipe }: Hashed,
  latest: Item | null,
): Promise<void> {
  if (latest && (await owesEvent(cloud, scanId, batch, endpoint, result, latest))) {
    const before = await cloud.table.get(assetVersionKey(endpoint, String(latest.previousHash)));
    if (before) await tellChange(cloud, before.result, result);
  }
  if (recipe) await confirmAsset(cloud, endpoint, hash, recipe);
}

async function writeAsset(
  cloud: Cloud,
  { endpoint, result, hash, recipe }: Hashed,
  latest: Item | null,
): Promise<void> {
  const seen = result.observedAt;
  const product = result.product && identify({ product: result.product, vendor: result.vendor }).key;
  const written = await cloud.table.put(
    {
      ...assetKey(endpoint),
      asset: endpoint.host,
      port: portKey(endpoint),
      result,
      hash,
      recipe: recipe ?? undefined,
      previousHash: latest?.hash ?? null,
      product: result.product,
      version: result.version,
      confidence: result.confidence,
      firstSeen: latest?.firstSeen ?? seen,
      lastSeen: seen,
      productShard: product ? `${product}#0` : undefined,
      versionKey: product
        ? `${versionKey(result.version ?? "")}#${endpoint.host}#${portKey(endpoint)}`
        : undefined,
    },
    latest
      ? {
          expression: "#hash = :before AND lastSeen <= :seen",
          names: { "#hash": "hash" },
          values: { ":before": latest.hash, ":seen": seen },
        }
      : ABSENT,
  );
  // Lost to a newer sighting of the same endpoint: that one is the latest, and told of the change itself.
  if (written && latest) await tellChange(cloud, latest.result, result);
}

const tellChange = (cloud: Cloud, before: unknown, after: Result) =>
  cloud.bus.put("Fingerprint Changed", { before, after });

/**
 * The asset is what this very sighting made of it, yet the scan's own port item, which is written after the event, is not there: whoever
 * wrote the asset died in between, and may not have told of the change.
 */
async function owesEvent(
  cloud: Cloud,
  scanId: string,
  batch: number,
  endpoint: Endpoint,
  { observedAt }: Result,
  latest: Item,
): Promise<boolean> {
  const written = latest.result as Result;
  if (!latest.previousHash || written.scanId !== scanId || written.observedAt !== observedAt) return false;
  return (await cloud.table.get(scanPortKey(scanId, batch, endpoint))) === null;
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
