/**
 * Reads a scan from the table: what is new since the last look, endpoint by endpoint, and how far it is. The ledger is the only clock: a batch
 * item that changed is read again, and each endpoint it settled is reported once.
 */
import type { Cloud } from "../cloud/index.ts";
import type { Item } from "../cloud/table.ts";
import type { Endpoint } from "../model/endpoint.ts";
import { NO_VERDICT, type Result } from "../model/fingerprint.ts";
import type { LedgerOutcome, OutcomeCounts } from "../model/outcome.ts";
import { keptResult } from "./kept-result.ts";
import { assetVersionKey, FAN_OUT, scanPortKey, shardPartition } from "./keys.ts";
import { outcomeOf, PROGRESS_ATTRIBUTES, readBatch } from "./ledger.ts";
import type { Plan } from "./plan.ts";
import type { PlanIndex } from "./plan-index.ts";

type Store = Pick<Cloud, "table">;

/** Which endpoints of which batches somebody has been told of already. */
export interface Told {
  has(batch: number, index: number): boolean;
  add(batch: number, index: number): void;
}

export interface Follower {
  /** Results settled since the last call, and the counts so far. */
  look(): Promise<{ results: { batch: number; index: number; result: Result }[]; counts: OutcomeCounts }>;
}

export function follower(
  cloud: Store,
  { plan, index }: { plan: Plan; index: PlanIndex },
  options: { showAll: boolean; told: Told },
): Follower {
  const seen = new Map<number, number>();
  const counts = new Map<number, OutcomeCounts>();
  const through = new Set<number>();
  const shards = Math.ceil(index.batches / FAN_OUT);

  return {
    async look() {
      const results: { batch: number; index: number; result: Result }[] = [];
      for (let shard = 0; shard < shards; shard++) {
        if (through.has(shard)) continue;
        let complete = 0;
        for await (const item of cloud.table.query(
          shardPartition(plan.scanId, shard),
          "BATCH#",
          PROGRESS_ATTRIBUTES,
        )) {
          const batch = Number(item.batch);
          if (item.complete) complete++;
          if (seen.get(batch) === item.version) continue;
          seen.set(batch, Number(item.version));
          counts.set(batch, item.counts as OutcomeCounts);
          results.push(...(await newIn(batch)));
        }
        if (complete === Math.min(FAN_OUT, index.batches - shard * FAN_OUT)) through.add(shard);
      }
      return { results, counts: sum(counts.values()) };
    },
  };

  async function newIn(number: number) {
    const batch = index.batchAt(number);
    const { codes } = await readBatch(cloud.table, plan.scanId, number, batch.size);
    const fresh: { index: number; endpoint: Endpoint; outcome: LedgerOutcome }[] = [];
    codes.forEach((code, i) => {
      const outcome = outcomeOf(code);
      if (outcome === "pending" || options.told.has(number, i)) return;
      if (outcome !== "fingerprinted" && !options.showAll) return;
      fresh.push({ index: i, endpoint: batch.endpointAt(i), outcome });
      options.told.add(number, i);
    });
    const open = await readOpen(
      cloud,
      plan,
      number,
      fresh.filter(({ outcome }) => outcome === "fingerprinted").map(({ endpoint }) => endpoint),
    );
    return fresh.flatMap(({ index: i, endpoint, outcome }) => {
      const result =
        outcome === "fingerprinted" ? open.get(endpointKey(endpoint)) : notOpen(plan, endpoint, outcome);
      return result ? [{ batch: number, index: i, result }] : [];
    });
  }
}

const endpointKey = ({ host, hostname, transport, port }: Endpoint) =>
  `${host} ${hostname} ${transport} ${port}`;

function sum(all: Iterable<OutcomeCounts>): OutcomeCounts {
  const total: OutcomeCounts = {};
  for (const counts of all) {
    for (const [outcome, n] of Object.entries(counts) as [LedgerOutcome, number][]) {
      total[outcome] = (total[outcome] ?? 0) + n;
    }
  }
  return total;
}

/** The scan's own summary of a port points to the version of the asset that was seen. */
async function readOpen(
  cloud: Store,
  plan: Plan,
  batch: number,
  endpoints: Endpoint[],
): Promise<Map<string, Result>> {
  const byKey = (items: Item[]) => new Map(items.map((item) => [`${item.pk} ${item.sk}`, item]));
  const text = ({ pk, sk }: { pk: string; sk: string }) => `${pk} ${sk}`;
  const portKeys = endpoints.map((endpoint) => scanPortKey(plan.scanId, batch, endpoint));
  const ports = byKey(await cloud.table.getMany(portKeys));
  const pointers = endpoints.flatMap((endpoint) => {
    const port = ports.get(text(scanPortKey(plan.scanId, batch, endpoint)));
    return port ? [{ endpoint, port, key: assetVersionKey(endpoint, String(port.hash)) }] : [];
  });
  const versions = byKey(await cloud.table.getMany(pointers.map(({ key }) => key)));
  const results = new Map<string, Result>();
  for (const { endpoint, port, key } of pointers) {
    const stored = keptResult(versions.get(text(key))?.result);
    if (!stored) continue;
    results.set(endpointKey(endpoint), {
      ...stored,
      ...endpoint,
      confidence: Number(port.confidence),
      confidences: port.confidences as Result["confidences"],
      observedAt: String(port.observedAt),
      cached: port.cached === true,
      scanId: plan.scanId,
      cause: plan.cause,
    });
  }
  return results;
}

/** State and reason that an outcome without a fingerprint implies. */
const STATES: Partial<Record<LedgerOutcome, { state: Result["state"]; reason: string }>> = {
  closed: { state: "closed", reason: "conn-refused" },
  filtered: { state: "filtered", reason: "no-response" },
  "open-filtered": { state: "open|filtered", reason: "no-response" },
};

function notOpen(plan: Plan, endpoint: Endpoint, outcome: LedgerOutcome): Result | null {
  if (outcome === "pending") return null;
  return {
    type: "endpoint",
    ...endpoint,
    outcome,
    state: STATES[outcome]?.state ?? null,
    reason: STATES[outcome]?.reason ?? null,
    tls: false,
    ...NO_VERDICT,
    flags: [],
    scripts: [],
    findings: [],
    servicefp: null,
    evidence: [],
    packs: null,
    observedAt: null,
    cached: false,
    scanId: plan.scanId,
    cause: plan.cause,
  };
}
