/**
 * From claims to results. Each sighting is fused (the same pure function that the prober asked), written under deterministic keys, and only
 * then settled in the ledger: what the ledger calls fingerprinted can be read. The asset's latest fingerprint is written when its content
 * changed, never for a change of wording in the evidence.
 */
import { createHash } from "node:crypto";
import type { Cloud } from "../cloud/index.ts";
import { ABSENT, type Item } from "../cloud/table.ts";
import { fuse } from "../evidence/fuse.ts";
import { type Endpoint, portKey } from "../model/endpoint.ts";
import { EXCLUDED_FLAG, EXCLUDED_TEXT, type Result, type Verdict } from "../model/fingerprint.ts";
import { identify } from "../registry/products.ts";
import { cacheKey, type KeptRecipe } from "./cache.ts";
import { finish } from "./finish.ts";
import { assetKey, assetVersionKey, scanPortKey } from "./keys.ts";
import { outcomeOf, type Settlement, settle } from "./ledger.ts";
import type { ObservationMessage, Sighting } from "./messages.ts";
import type { Plan } from "./plan.ts";
import type { PlanIndex } from "./plan-index.ts";
import { climb } from "./tree.ts";
import { versionKey } from "./version-key.ts";

export interface AggregateContext {
  plan: Plan;
  index: PlanIndex;
  now: () => Date;
}

export async function aggregate(
  cloud: Cloud,
  message: ObservationMessage,
  context: AggregateContext,
): Promise<void> {
  const { plan, index } = context;
  const batch = index.batchAt(message.batch);
  const settlements: Settlement[] = [];
  for (const sighting of message.sightings) {
    if (sighting.index >= batch.size) continue;
    const endpoint = batch.endpointAt(sighting.index);
    await write(cloud, plan, message.batch, endpoint, sighting);
    settlements.push({ index: sighting.index, outcome: "fingerprinted" });
  }
  for (const [code, first, many] of message.settled) {
    const outcome = outcomeOf(code);
    if (outcome === "pending") continue;
    for (let i = first; i < first + many && i < batch.size; i++) settlements.push({ index: i, outcome });
  }
  const { scanId } = plan;
  const state = await settle(cloud.table, scanId, message.batch, batch.size, settlements, message.meter);
  // The next wave of a scan with a cost limit begins when this one is through.
  if (plan.maxCostUsd !== null && (state.complete || state.waits)) await cloud.outbox.tick.send([{ scanId }]);
  if (state.complete && (await climb(cloud.table, plan.scanId, message.batch, index.batches))) {
    await finish(cloud, plan.scanId, context.now());
  }
}

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

async function write(
  cloud: Cloud,
  plan: Plan,
  batch: number,
  endpoint: Endpoint,
  sighting: Sighting,
): Promise<void> {
  const result = resultOf(plan, endpoint, sighting);
  const hash = contentHash(result);
  const latest = await cloud.table.get(assetKey(endpoint));
  const recipe: KeptRecipe | null = sighting.recipe
    ? { ...sighting.recipe, key: cacheKey(plan, sighting.packs), at: sighting.observedAt }
    : null;
  if (latest?.hash !== hash) await writeAsset(cloud, endpoint, result, hash, latest, recipe);
  else {
    if (await owesEvent(cloud, plan, batch, endpoint, result, latest)) {
      const before = await cloud.table.get(assetVersionKey(endpoint, String(latest.previousHash)));
      if (before) await tellChange(cloud, before.result, result);
    }
    if (recipe) await confirmAsset(cloud, endpoint, hash, recipe);
  }
  // Deterministic: delivered again, it becomes the same item.
  await cloud.table.put({
    ...scanPortKey(plan.scanId, batch, endpoint),
    hash,
    service: result.service,
    product: result.product,
    version: result.version,
    confidence: result.confidence,
    confidences: result.confidences,
    observedAt: result.observedAt,
    cached: result.cached || undefined,
  });
}

async function writeAsset(
  cloud: Cloud,
  endpoint: Endpoint,
  result: Result,
  hash: string,
  latest: Record<string, unknown> | null,
  recipe: KeptRecipe | null,
): Promise<void> {
  const seen = result.observedAt;
  await cloud.table.put({ ...assetVersionKey(endpoint, hash), result, hash, firstSeen: seen }, ABSENT);
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
  plan: Plan,
  batch: number,
  endpoint: Endpoint,
  { observedAt }: Result,
  latest: Item,
): Promise<boolean> {
  const written = latest.result as Result;
  if (!latest.previousHash || written.scanId !== plan.scanId || written.observedAt !== observedAt)
    return false;
  return (await cloud.table.get(scanPortKey(plan.scanId, batch, endpoint))) === null;
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

/** The operator's signature file excludes the port, and nothing else named it. */
function isUnasked({ method }: Verdict, flags: readonly string[]): boolean {
  return method === "table" && flags.includes(EXCLUDED_FLAG);
}

export function resultOf(plan: Plan, endpoint: Endpoint, sighting: Sighting): Result {
  const verdict = fuse({ ...endpoint, evidence: sighting.evidence, asked: true });
  return {
    type: "endpoint",
    ...endpoint,
    outcome: "fingerprinted",
    state: sighting.state,
    reason: sighting.reason,
    tls: sighting.tls,
    ...verdict,
    info: verdict.info ?? (isUnasked(verdict, sighting.flags) ? EXCLUDED_TEXT : null),
    flags: sighting.flags,
    scripts: [],
    findings: [],
    servicefp: sighting.servicefp ?? null,
    evidence: sighting.evidence,
    packs: sighting.packs,
    observedAt: sighting.observedAt,
    cached: sighting.cached ?? false,
    scanId: plan.scanId,
    cause: plan.cause,
  };
}
