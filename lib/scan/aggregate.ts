/**
 * From claims to results. Each sighting is fused (the same pure function that the prober asked), written (`assets.ts`), and only
 * then settled in the ledger: what the ledger calls fingerprinted can be read.
 */
import type { Cloud } from "../cloud/index.ts";
import { fuse } from "../evidence/fuse.ts";
import type { Endpoint } from "../model/endpoint.ts";
import { EXCLUDED_FLAG, EXCLUDED_TEXT, type Result, type Verdict } from "../model/fingerprint.ts";
import type { PortRegistry } from "../registry/ports.ts";
import { writeFound } from "./assets.ts";
import { cacheKey } from "./cache.ts";
import { finish } from "./finish.ts";
import { outcomeOf, type Settlement, settle } from "./ledger.ts";
import type { ObservationMessage, Sighting } from "./messages.ts";
import type { Plan } from "./plan.ts";
import type { PlanIndex } from "./plan-index.ts";
import { climb } from "./tree.ts";

export interface AggregateContext {
  plan: Plan;
  index: PlanIndex;
  /** What ports suggest in this plan; absent: the built-in table. */
  ports?: PortRegistry;
  now: () => Date;
}

export async function aggregate(
  cloud: Cloud,
  message: ObservationMessage,
  context: AggregateContext,
): Promise<void> {
  const { plan, index, ports } = context;
  const batch = index.batchAt(message.batch);
  const sightings = new Map(
    message.sightings.flatMap((one) => (one.index < batch.size ? [[one.index, one] as const] : [])),
  );
  await writeFound(
    cloud,
    plan.scanId,
    message.batch,
    [...sightings.values()].map((sighting) => {
      const endpoint = batch.endpointAt(sighting.index);
      const kept = { key: cacheKey(plan, sighting.packs), at: sighting.observedAt };
      const recipe = sighting.recipe ? { ...sighting.recipe, ...kept } : null;
      return { endpoint, result: resultOf(plan, endpoint, sighting, ports), recipe };
    }),
  );
  const settlements: Settlement[] = [...sightings.keys()].map((i) => ({
    index: i,
    outcome: "fingerprinted" as const,
  }));
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

/** The operator's signature file excludes the port, and nothing else named it. */
function isUnasked({ method }: Verdict, flags: readonly string[]): boolean {
  return method === "table" && flags.includes(EXCLUDED_FLAG);
}

export function resultOf(plan: Plan, endpoint: Endpoint, sighting: Sighting, ports?: PortRegistry): Result {
  const verdict = fuse({ ...endpoint, ports, evidence: sighting.evidence, asked: true });
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
