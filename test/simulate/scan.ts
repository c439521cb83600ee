/**
 * A whole scan, event by event: the real planner and dispatcher make the messages, a few virtual queues and a virtual clock carry them. Every batch
 * is scheduled; each goes through the real ledger and aggregator up to DRIVEN_BATCHES, and beyond that a sample does and the rest is
 * taken to write what the sample wrote on average.
 */
import { functions, mappings, queues } from "../../infra/topology.ts";
import { dispatch, dispatchSubPlan, loadPlan, parseRequest } from "../../lib/scan/dispatch.ts";
import { FAN_OUT, shardOf } from "../../lib/scan/keys.ts";
import { batchMessageSchema, subPlanSchema } from "../../lib/scan/messages.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { DEFAULT_LIMITS, DEFAULT_PROBERS } from "../../lib/scan/politeness.ts";
import { PRICES } from "../../lib/scan/prices.ts";
import { formatAddress } from "../../lib/targets/address.ts";
import { randomFrom } from "../random.ts";
import { drive, sweepMs, type Written } from "./batch.ts";
import { memoryCloud } from "./memory.ts";
import { DRIVEN_BATCHES, MODEL } from "./model.ts";

export interface Simulated {
  endpoints: number;
  batches: number;
  driven: number;
  probers: number;
  /** Seconds until the last outcome is written. */
  wallSeconds: number;
  /** Share of the endpoints settled when the longest deadline (24 h) passes. */
  within24h: number;
  /** Most batches probed at once. */
  peakProbers: number;
  usd: number;
  usdPer10k: number;
  /** Write units per second: the most in any window, in the whole table and in one partition. */
  peakUnits: number;
  peakPartitionUnits: number;
  /** Messages per second that aggregators had to keep up with, and what they can. */
  peakMessages: number;
  aggregatorMessages: number;
  /** How long the dispatcher took to send all batches, s. */
  dispatchSeconds: number;
  throttled: boolean;
}

const PORTS_EACH = 1_000;
const DAY_SECONDS = 86_400;

export async function simulate(endpoints: number, probers: number, seed: number): Promise<Simulated> {
  const random = randomFrom(seed);
  const memory = memoryCloud(["10.0.0.0/8"], probers);
  const { cloud, sent } = memory;
  const last = formatAddress({ family: 4, value: 0x0a00_0000n + BigInt(endpoints / PORTS_EACH - 1) });
  const request = parseRequest({
    targets: [`10.0.0.0-${last}`],
    ports: `1-${PORTS_EACH}`,
    deadlineMs: DAY_SECONDS * 1_000,
    limits: limitsFor(probers),
  });
  const { scanId } = await dispatch(cloud, request, {
    now: () => new Date("2026-01-01T00:00:00Z"),
    randomId: () => `simulated-${seed}`,
  });
  const plan = await loadPlan(cloud, scanId);
  const index = indexPlan(plan);

  // The dispatcher's tree, `maxConcurrency` invocations at a time; when each batch's message is on the queue.
  const ready: { batch: number; at: number }[] = [];
  const width = mappings.find((m) => m.function === "dispatcher")?.maxConcurrency ?? 1;
  const free = new Array<number>(width).fill(MODEL.coldStartMs / 1_000);
  let invocations = 1;
  const collect = (at: number) => {
    for (const message of sent.probe.splice(0))
      ready.push({ batch: batchMessageSchema.parse(message).batch, at });
  };
  collect(free[0] ?? 0);
  for (let next = sent.dispatch.shift(); next !== undefined; next = sent.dispatch.shift()) {
    await dispatchSubPlan(cloud, subPlanSchema.parse(next));
    const worker = free.indexOf(Math.min(...free));
    const requests = Math.ceil((sent.probe.length + 1) / 10);
    free[worker] = (free[worker] ?? 0) + (requests * MODEL.queueMs) / 1_000 + 0.1;
    invocations++;
    collect(free[worker] ?? 0);
  }
  const dispatchSeconds = Math.max(...free);

  // Every nth batch through the real aggregator.
  const stride = Math.max(1, Math.ceil(ready.length / DRIVEN_BATCHES));
  const written: Written[] = [];
  for (let i = 0; i < ready.length; i += stride) {
    written.push(await drive({ plan, index, random }, memory, index.batchAt(ready[i]?.batch ?? 0)));
  }
  const mean = (of: (one: Written) => number) =>
    written.reduce((sum, one) => sum + of(one), 0) / written.length;
  const each = {
    units: mean((one) => one.units),
    shardUnits: mean((one) => one.shardUnits),
    messages: mean((one) => one.messages),
    reads: mean((one) => one.reads),
  };

  // Probers: as many as the mapping allows and Lambda's pollers have started, each message once, some twice.
  const ends = new Agenda();
  const rates = new Rates();
  const shards = new Map<number, Rates>();
  const visibility = queues.probe.visibilitySeconds;
  const queue = new Agenda();
  for (const { batch, at } of ready) queue.push(at, batch);
  let gbSeconds = 0;
  let finished = 0;
  let peakProbers = 0;
  let settledInTime = 0;
  let clock = 0;
  const place = (batchNumber: number, at: number) => {
    let start = Math.max(at, clock);
    while (ends.size > 0 && ends.first <= start) ends.pop();
    // Somebody ends, or the pollers have started one more, within the mapping's own limit.
    const grownAt =
      ends.size < probers
        ? (Math.max(0, ends.size + 1 - MODEL.pollersAtFirst) / MODEL.pollersPerMinute) * 60
        : Number.POSITIVE_INFINITY;
    if (grownAt > start) {
      start = Math.min(grownAt, ends.first);
      while (ends.size > 0 && ends.first <= start) ends.pop();
    }
    clock = start;
    const batch = index.batchAt(batchNumber);
    const ms = sweepMs(batch) * Math.exp(gauss(random) * MODEL.spread) + MODEL.coldStartMs / 100;
    const dies = random() < MODEL.deathShare;
    const seconds = (ms / 1_000) * (dies ? random() : 1);
    ends.push(start + seconds);
    peakProbers = Math.max(peakProbers, ends.size);
    gbSeconds += (seconds * functions.prober.memoryMb) / 1_024;
    invocations++;
    if (dies) {
      queue.push(start + visibility, batchNumber);
      return;
    }
    rates.add(start, seconds, each.units, each.messages);
    const shard = shardOf(batchNumber);
    const heat = shards.get(shard) ?? new Rates();
    heat.add(start, seconds, each.shardUnits, 0);
    shards.set(shard, heat);
    finished = Math.max(finished, start + seconds);
    if (start + seconds <= DAY_SECONDS) settledInTime += batch.size;
    if (batch.next !== null) queue.push(start + seconds, batch.next);
  };
  for (let next = queue.pop(); next; next = queue.pop()) place(next[1], next[0]);

  // Aggregators: what they can do a second, and how far they are behind at the end.
  const mapping = mappings.find((m) => m.function === "aggregator" && m.queue === "observation");
  const perMessage = (MODEL.aggregateMs + (each.reads / each.messages + 1) * MODEL.tableMs) / 1_000;
  // The messages of one batch of ten are worked on side by side, their CPU time one after the other.
  const perTen = (10 * MODEL.aggregateMs) / 1_000 + perMessage;
  const aggregatorMessages = ((mapping?.maxConcurrency ?? 1) * 10) / perTen;
  const messages = each.messages * index.batches;
  const behind = Math.max(0, messages / aggregatorMessages - finished);
  const wallSeconds = finished + behind + perTen;
  const { peakUnits, peakMessages } = rates.peak();

  const units = each.units * index.batches;
  const reads = each.reads * index.batches;
  const nodes = Math.ceil(index.batches / FAN_OUT);
  const aggregations = Math.ceil(messages / 10);
  gbSeconds += (aggregations * perTen * functions.aggregator.memoryMb) / 1_024;
  // A message: sent, and in tens received and deleted.
  const queueRequests = messages * 1.2 + index.batches * 2.1;
  const usd =
    gbSeconds * PRICES.gbSecond +
    (invocations + aggregations) * PRICES.lambdaRequest +
    queueRequests * PRICES.queueRequest +
    (units + nodes) * PRICES.tableWriteUnit +
    reads * PRICES.tableReadUnit +
    index.batches * PRICES.bucketWrite;
  const peakPartitionUnits = [...shards.values()].reduce(
    (most, heat) => Math.max(most, heat.peak().peakUnits),
    0,
  );
  return {
    endpoints: index.planned,
    batches: index.batches,
    driven: written.length,
    probers,
    wallSeconds,
    within24h: settledInTime / index.planned,
    peakProbers,
    usd,
    usdPer10k: (usd / index.planned) * 10_000,
    peakUnits,
    peakPartitionUnits,
    peakMessages,
    aggregatorMessages,
    dispatchSeconds,
    throttled: peakUnits > MODEL.tableUnitsPerSecond || peakPartitionUnits > MODEL.partitionUnitsPerSecond,
  };
}

/** More probers are no use within the same limits: in all and for each network they grow with them. What one host meets stays the same. */
function limitsFor(probers: number) {
  const times = Math.max(1, probers / DEFAULT_PROBERS);
  const { connections, newPerSecond, connectionsPerNetwork, newPerSecondPerNetwork } = DEFAULT_LIMITS;
  return {
    connections: connections * times,
    newPerSecond: newPerSecond * times,
    connectionsPerNetwork: connectionsPerNetwork * times,
    newPerSecondPerNetwork: newPerSecondPerNetwork * times,
  };
}

/** A normal deviate (Box and Muller). */
function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Numbers in order of a time that each has, the earliest first. */
class Agenda {
  private readonly heap: [at: number, what: number][] = [];
  get size() {
    return this.heap.length;
  }
  get first() {
    return this.heap[0]?.[0] ?? Number.POSITIVE_INFINITY;
  }
  push(at: number, what = 0) {
    const { heap } = this;
    let i = heap.push([at, what]) - 1;
    for (let parent = (i - 1) >> 1; i > 0 && this.at(parent) > at; parent = (i - 1) >> 1) {
      this.swap(i, parent);
      i = parent;
    }
  }
  pop(): [at: number, what: number] | undefined {
    const { heap } = this;
    this.swap(0, heap.length - 1);
    const first = heap.pop();
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      const child = this.at(left + 1) < this.at(left) ? left + 1 : left;
      if (this.at(child) >= this.at(i)) return first;
      this.swap(i, child);
      i = child;
    }
  }
  private at(i: number) {
    return this.heap[i]?.[0] ?? Number.POSITIVE_INFINITY;
  }
  private swap(i: number, j: number) {
    const [a, b] = [this.heap[i], this.heap[j]];
    if (!a || !b) return;
    this.heap[i] = b;
    this.heap[j] = a;
  }
}

/** What goes on per second, from many stretches of even work: changes of the rate, added up in order of time. */
class Rates {
  private readonly changes: [at: number, units: number, messages: number][] = [];
  add(start: number, seconds: number, units: number, messages: number) {
    this.changes.push(
      [start, units / seconds, messages / seconds],
      [start + seconds, -units / seconds, -messages / seconds],
    );
  }
  peak() {
    let units = 0;
    let messages = 0;
    const peak = { peakUnits: 0, peakMessages: 0 };
    for (const [, u, m] of this.changes.sort(([a], [b]) => a - b)) {
      units += u;
      messages += m;
      peak.peakUnits = Math.max(peak.peakUnits, units);
      peak.peakMessages = Math.max(peak.peakMessages, messages);
    }
    return peak;
  }
}
