/** What a prober makes of an open endpoint: the observation that is archived, and the sighting that goes to the aggregator. */
import type { Detection } from "../detect/detection.ts";
import type { Endpoint } from "../model/endpoint.ts";
import { type Observation, speaksTls, storeResponse, storeTls } from "../model/observation.ts";
import type { Sighting } from "./messages.ts";
import type { Plan } from "./plan.ts";

/** An open port, and what its conversation came to. */
export interface Open {
  reason: string;
  detection: Detection;
  rttMs: number | null;
  /** It would have been asked more, had it said anything. */
  brief?: boolean;
}

/** What one endpoint said, as it is stored. */
export function observe(
  endpoint: Endpoint,
  { reason, detection, rttMs }: Open,
  { plan, packs, wallClock }: { plan: Pick<Plan, "scanId">; packs: string; wallClock: () => Date },
  durationMs: number,
): Observation {
  return {
    scanId: plan.scanId,
    endpoint,
    state: "open",
    reason,
    responses: detection.responses.map(storeResponse),
    tls: storeTls(detection.tls),
    facts: detection.facts,
    evidence: detection.evidence,
    flags: detection.flags,
    packs,
    rttMs,
    connections: detection.connections,
    durationMs: Math.round(durationMs),
    observedAt: wallClock().toISOString(),
    servicefp: detection.servicefp ?? null,
    recipe: detection.recipe,
    cached: detection.cached,
  };
}

/** Pieces of evidence that travel; the strongest, should a hostile answer raise more. */
const MOST_EVIDENCE = 64;

/** What of it the aggregator needs. */
export function sightingOf(index: number, observation: Observation): Sighting {
  const { state, reason, flags, packs, observedAt, servicefp, recipe, cached } = observation;
  const strongest = [...observation.evidence].sort((a, b) => b.weight - a.weight).slice(0, MOST_EVIDENCE);
  return {
    index,
    state,
    reason,
    tls: speaksTls(observation),
    evidence: strongest,
    flags,
    packs,
    observedAt,
    servicefp,
    recipe,
    cached,
  };
}
