/**
 * What a plan will take, by arithmetic over its parts: nothing is listed, so a /8 takes as long as one host. Two figures: what is likely (a share of
 * ports open, every other one silent, or closed on loopback), which `--dry-run` shows, and per batch what a wave puts aside.
 */
import { DEADLINE_FACTOR } from "../detect/detection.ts";
import { BATCH_USD, WORST_ENDPOINT_USD } from "./allowance.ts";
import { addUsage, type CostLine, NO_USAGE, receipt, timesUsage, type Usage, usdOf } from "./cost.ts";
import type { Plan } from "./plan.ts";
import { indexPlan, type PlanIndex } from "./plan-index.ts";
import { DEFAULT_PROBERS, type Share } from "./politeness.ts";
import { PRICES } from "./prices.ts";

/** Ports open, of those asked; the cost target of DESIGN section 6 is at this share. */
const OPEN_SHARE = 0.02;
/** Prober: its memory, GB, and its time-out, s (`infra/topology.ts`; a test compares). */
export const PROBER_GB = 1;
export const PROBER_TIMEOUT_S = 300;
/** Endpoints asked at once on loopback (`probe.ts`). */
const LOOPBACK_AT_ONCE = 400;
/** Connections of one prober that loopback answers in a second, closed or open (measured on two busy cores: 5,000 to 20,000). */
const LOOPBACK_PER_SECOND = 5_000;
/** Until an open port is identified, s (lab: median 0.4, mean about 1.5 with the silent ones). */
const IDENTIFY_S = 1.5;
/** Loading, plan, last messages, s. */
const AROUND_S = 0.7;
/** Sightings that share a message when a host has several; write units of one that is new; of one seen before, 1. */
const SIGHTINGS_PER_MESSAGE = 4;
const UNITS_PER_SIGHTING = 5;
const READS_PER_SIGHTING = 2;
const AGGREGATOR_GB_SECONDS = 0.5 * 0.03;
const TICK_GB_SECONDS = 0.25 * 0.2;
const DISPATCHER_GB_SECONDS = 0.5 * 2;
const CHAINS_PER_DISPATCH = 2_000;
const TICK_SECONDS = 60;

/** Batches of one kind. */
export interface Shape {
  batches: number;
  /** Of one batch, on average. */
  endpoints: number;
  hosts: number;
  /** Its part of the scan's limits; null on loopback. */
  share: Share | null;
}

/** Seconds that a prober needs for one such batch. */
function batchSeconds(shape: Omit<Shape, "batches">, timeoutMs: number, openShare: number): number {
  const open = shape.endpoints * openShare;
  const { share } = shape;
  const hosts = Math.max(1, shape.hosts);
  const wait = timeoutMs / 1000;
  const asked = shape.endpoints - open;
  const sweep = share
    ? Math.max(
        (Math.ceil(asked / Math.min(share.sweep.total, share.sweep.perHost * hosts)) || 1) * wait,
        asked / (share.sweep.newPerSecond ?? Number.POSITIVE_INFINITY) + wait,
        asked / ((share.sweep.newPerSecondPerHost ?? Number.POSITIVE_INFINITY) * hosts) + wait,
      )
    : shape.endpoints / LOOPBACK_PER_SECOND;
  const questions = share ? Math.min(share.turns.total, share.turns.perHost * hosts) : LOOPBACK_AT_ONCE;
  return AROUND_S + sweep + (open / questions) * IDENTIFY_S;
}

/** What one such batch uses, all functions together. */
function batchUsage(shape: Omit<Shape, "batches">, timeoutMs: number, openShare: number): Usage {
  const seconds = batchSeconds(shape, timeoutMs, openShare);
  const open = shape.endpoints * openShare;
  const generations = Math.max(1, Math.ceil(seconds / PROBER_TIMEOUT_S));
  const messages = generations + open / SIGHTINGS_PER_MESSAGE;
  return {
    ...NO_USAGE,
    invocations: generations + messages,
    gbSeconds: { prober: seconds * PROBER_GB, aggregator: messages * AGGREGATOR_GB_SECONDS },
    queueRequests: 3 * generations + 3 * messages,
    // One more for the mark of each prober that begins.
    tableWriteUnits: generations + 2 * messages + open * UNITS_PER_SIGHTING,
    tableReadUnits: 4 + 2 * messages + open * READS_PER_SIGHTING,
    bucketWrites: open / SIGHTINGS_PER_MESSAGE,
    bucketReads: 0.2,
    events: 0,
  };
}

/** USD to put aside for a batch at first: twice what it takes when a tenth of its ports is open, and room to ask side by side. */
const WAVE_OPEN_SHARE = 0.1;
const WAVE_WIDTH = 50;
export const likelyUsd = (shape: Omit<Shape, "batches">, timeoutMs: number): number =>
  2 * usdOf(batchUsage(shape, timeoutMs, WAVE_OPEN_SHARE)) +
  WAVE_WIDTH * WORST_ENDPOINT_USD +
  tailUsd(timeoutMs);

/** USD beyond which no batch goes: every port open and as talkative as can be, and a prober to the end of its time. */
export const worstUsd = (shape: Omit<Shape, "batches">, timeoutMs: number): number =>
  shape.endpoints * WORST_ENDPOINT_USD + PROBER_TIMEOUT_S * PROBER_GB * PRICES.gbSecond + tailUsd(timeoutMs);

/** Below this, USD, not even one endpoint can be asked. */
export const leastUsd = (timeoutMs: number): number => tailUsd(timeoutMs) + 2 * WORST_ENDPOINT_USD;

/** From the last endpoint's start to the end of a prober: as `probe.ts` keeps it free. */
const tailUsd = (timeoutMs: number) =>
  ((timeoutMs * (DEADLINE_FACTOR + 1)) / 1000 + 5) * PROBER_GB * PRICES.gbSecond + 2 * BATCH_USD;

export interface Estimate {
  scanId: string;
  addresses: number;
  endpoints: number;
  batches: number;
  invocations: number;
  /** With `concurrency` probers at once. */
  wallSeconds: number;
  concurrency: number;
  openShare: number;
  costUsd: number;
  cost: CostLine[];
  maxCostUsd: number | null;
  prices: { region: string; date: string };
}

export function estimate(
  plan: Plan,
  {
    index = indexPlan(plan),
    concurrency = DEFAULT_PROBERS,
  }: { index?: PlanIndex; concurrency?: number } = {},
): Estimate {
  const { timeoutMs } = plan.profile;
  let usage = NO_USAGE;
  let proberSeconds = 0;
  for (const shape of index.shapes) {
    usage = addUsage(usage, timesUsage(batchUsage(shape, timeoutMs, OPEN_SHARE), shape.batches));
    proberSeconds += shape.batches * batchSeconds(shape, timeoutMs, OPEN_SHARE);
  }
  // Hosts are asked side by side, the slices of one host one after another.
  const longestChain = Math.max(
    0,
    ...index.shapes.map((shape) => batchSeconds(shape, timeoutMs, OPEN_SHARE) * shape.slices),
  );
  const wallSeconds = Math.max(longestChain, proberSeconds / concurrency) + AROUND_S;
  const dispatches = Math.max(1, Math.ceil(index.chains / CHAINS_PER_DISPATCH));
  const ticks = Math.ceil(wallSeconds / TICK_SECONDS);
  usage = addUsage(usage, {
    ...NO_USAGE,
    invocations: dispatches + ticks,
    gbSeconds: { dispatcher: dispatches * DISPATCHER_GB_SECONDS, tick: ticks * TICK_GB_SECONDS },
    queueRequests: index.chains / 10 + 3 * ticks + 3 * (dispatches - 1),
    tableWriteUnits: dispatches + ticks + 12,
    tableReadUnits: 2 * ticks + 10,
    bucketWrites: 1,
    bucketReads: dispatches + DEFAULT_PROBERS,
    events: 1,
  });
  const { lines, usd } = receipt(usage);
  return {
    scanId: plan.scanId,
    addresses: index.addresses,
    endpoints: index.planned,
    batches: index.batches,
    invocations: Math.ceil(usage.invocations),
    wallSeconds: Math.ceil(wallSeconds),
    concurrency,
    openShare: OPEN_SHARE,
    costUsd: usd,
    cost: lines,
    maxCostUsd: plan.maxCostUsd,
    prices: { region: PRICES.region, date: PRICES.date },
  };
}
