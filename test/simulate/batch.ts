/**
 * One batch of a simulated scan. How long it takes follows from the share of the limits that the real planner gave it; what it writes is
 * counted at the real aggregator and ledger, fed with made-up sightings.
 */
import { aggregate } from "../../lib/scan/aggregate.ts";
import { codeOf } from "../../lib/scan/ledger.ts";
import type { ObservationMessage, Sighting } from "../../lib/scan/messages.ts";
import type { Plan } from "../../lib/scan/plan.ts";
import type { Batch, PlanIndex } from "../../lib/scan/plan-index.ts";
import type { Counted, memoryCloud } from "./memory.ts";
import { MODEL } from "./model.ts";

const { openShare, closedShare, roundTripMs, timeoutMs, detectMs } = MODEL;
const ENDLESS = Number.POSITIVE_INFINITY;

/** ms that a prober needs for the batch: whichever of pace and places is the tighter. */
export function sweepMs({ size, share, endpointAt }: Batch): number {
  // Hosts of a batch are as many as its last endpoint is away from its first.
  const perHost = size / hostsOf(size, endpointAt);
  const hosts = size / perHost;
  const { sweep, turns } = share ?? {
    sweep: { total: 400, perHost: 400 },
    turns: { total: 400, perHost: 400 },
  };
  const places = Math.min(sweep.total, sweep.perHost * hosts);
  const pace = Math.min(sweep.newPerSecond ?? ENDLESS, (sweep.newPerSecondPerHost ?? ENDLESS) * hosts);
  const held =
    size *
    (closedShare * roundTripMs +
      (1 - closedShare - openShare) * timeoutMs +
      openShare * (roundTripMs + detectMs));
  const asked = (size * openShare * detectMs) / Math.min(turns.total, turns.perHost * hosts);
  return Math.max((size / pace) * 1_000, held / places, asked) + timeoutMs + MODEL.overheadMs;
}

function hostsOf(size: number, endpointAt: Batch["endpointAt"]): number {
  const first = endpointAt(0).host;
  let low = 0;
  let high = size - 1;
  // Endpoints of one host are neighbours.
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (endpointAt(middle).host === first) low = middle;
    else high = middle - 1;
  }
  return size / (low + 1);
}

/** Observation messages that a batch of such a length sends: sightings leave soon, progress now and then. */
const messagesOf = (open: number, ms: number) =>
  Math.ceil(Math.min(open, ms / MODEL.sightingWaitMs) + ms / MODEL.progressMs);

export interface Written {
  /** Write units and reads of one batch, all messages together, and of them those in its own shard. */
  units: number;
  shardUnits: number;
  reads: number;
  messages: number;
}

/** Sends what the batch would send through the real aggregator. */
export async function drive(
  { plan, index, random }: { plan: Plan; index: PlanIndex; random: () => number },
  cloud: ReturnType<typeof memoryCloud>,
  batch: Batch,
): Promise<Written> {
  const before = { ...cloud.counted, partitions: new Map(cloud.counted.partitions) } satisfies Counted;
  const open: number[] = [];
  const closed: number[] = [];
  const silent: number[] = [];
  for (let i = 0; i < batch.size; i++) {
    const dice = random();
    (dice < openShare ? open : dice < openShare + closedShare ? closed : silent).push(i);
  }
  const count = Math.max(1, messagesOf(open.length, sweepMs(batch)));
  const part = <T>(of: readonly T[], n: number) =>
    of.slice(Math.floor((n * of.length) / count), Math.floor(((n + 1) * of.length) / count));
  for (let n = 0; n < count; n++) {
    const message: ObservationMessage = {
      scanId: plan.scanId,
      batch: batch.number,
      sightings: part(open, n).map((i) => sighting(i, random)),
      settled: [
        ...part(closed, n).map((i): [number, number, number] => [codeOf("closed"), i, 1]),
        ...part(silent, n).map((i): [number, number, number] => [codeOf("filtered"), i, 1]),
      ],
      meter: null,
    };
    await aggregate(cloud.cloud, message, { plan, index, now: () => new Date(plan.startedAt) });
  }
  const { counted } = cloud;
  const own = [...counted.partitions].map(
    ([key, units]) => [key, units - (before.partitions.get(key) ?? 0)] as const,
  );
  const shard = own.filter(([key]) => key.startsWith("SCAN#"));
  return {
    units: counted.writeUnits - before.writeUnits,
    shardUnits: Math.max(0, ...shard.map(([, units]) => units)),
    reads: counted.reads - before.reads,
    messages: count,
  };
}

const PRODUCTS = ["OpenSSH", "nginx", "Apache httpd", "Postfix", "MySQL"];

function sighting(index: number, random: () => number): Sighting {
  const product = PRODUCTS[Math.floor(random() * PRODUCTS.length)] ?? "nginx";
  const evidence = ["banner", "http.headers", "tls.certificate"].map((family) => ({
    source: family,
    family,
    claim: { service: "http", product, version: `1.${Math.floor(random() * 30)}` },
    weight: 3,
    excerpt: `${product} and what else stands in a banner of common length`,
    signature: `builtin:${family}/${product}`,
  }));
  return {
    index,
    state: "open",
    reason: "syn-ack",
    tls: false,
    evidence,
    flags: [],
    packs: `sha256:${"0".repeat(64)}`,
    observedAt: "2026-01-01T00:00:00.000Z",
  };
}
