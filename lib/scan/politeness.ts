/**
 * How gently a scan goes about it: connections at once and new ones per second, to one host, into one network (a /24, or a /120 of IPv6), and in
 * all. Probers share nothing while they run, so the planner divides: it knows how many batches may run at once and which of them fall
 * into one network or on one host, and gives each its part; a batch that keeps to its part keeps the whole within the limit.
 *
 * The limits hold for what one scan sends as it was planned. Two scans of one network add up, and so do two deliveries of one message while both
 * are worked on.
 */
import { InputError } from "../model/errors.ts";
import type { ScanLimits } from "../model/request.ts";
import type { BudgetLimits } from "../net/budget.ts";

/** What a scan keeps to if nothing else is said; loopback is this machine's own and has no limit. Set by hand: a host should not notice. */
export const DEFAULT_LIMITS: ScanLimits = {
  connections: 16_000,
  newPerSecond: 8_000,
  connectionsPerNetwork: 2_048,
  newPerSecondPerNetwork: 1_024,
  connectionsPerHost: 80,
  newPerSecondPerHost: 128,
};
/** Batches that run at once, if the environment does not say (the topology's mapping of the probe queue). */
export const DEFAULT_PROBERS = 20;
/** Sockets of one prober: its sweep and its questions stay together below Lambda's 1,024 descriptors. */
export const SOCKETS = 800;
/** Of a batch's part, what goes to first connections; the rest is for further questions, which must never wait for a sweep that waits for them. */
export const SWEEP_SHARE = 0.6;
/** An endpoint that is asked may wait so long for the pace of a question, s; its own time is a multiple of the wait for an answer. */
const QUESTION_WAIT_SECONDS = 2;
/** One first connection and one question. */
const LEAST_CONNECTIONS = 2;
/** A rate holds over any so many seconds. An evenly paced stream may put one connection more into a window than its rate says: that is taken off. */
export const RATE_WINDOW_SECONDS = 10;

/** Longest that the sweep of a batch should take, s: well inside a prober's 300. */
const SWEEP_SECONDS = 160;
const MOST_ENDPOINTS = 2_000;
/** Loopback has no limit to keep to: so many that a prober is worth starting (some two seconds), and that two processors share the ports of one address. */
export const LOOPBACK_ENDPOINTS_PER_BATCH = 40_000;
/** Addresses in a network: hardly more batches can fall into it. */
const NETWORK_ADDRESSES = 256;

/**
 * The limits of a request, with the defaults for what it leaves open.
 * @throws InputError when a limit cannot be divided among `probers` batches
 */
export function limitsOf(asked: Partial<ScanLimits> | undefined, probers: number): ScanLimits {
  const limits = { ...DEFAULT_LIMITS };
  for (const key of Object.keys(limits) as (keyof ScanLimits)[]) limits[key] = asked?.[key] ?? limits[key];
  const least = {
    connections: LEAST_CONNECTIONS * probers,
    connectionsPerNetwork: LEAST_CONNECTIONS * probers,
    connectionsPerHost: LEAST_CONNECTIONS,
  };
  for (const [key, minimum] of Object.entries(least)) {
    const value = limits[key as keyof ScanLimits];
    if (value < minimum) {
      throw new InputError(
        `limits.${key} is ${value}; ${probers} batches may run at once, and each host takes ${LEAST_CONNECTIONS} connections: at least ${minimum}`,
        key,
      );
    }
  }
  return limits;
}

/** Endpoints in one batch, so that its sweep ends in time although all others run beside it and nobody answers. */
export function endpointsPerBatch(limits: ScanLimits, probers: number, timeoutMs: number): number {
  const inNetwork = Math.min(probers, NETWORK_ADDRESSES);
  const { sweep } = shareOf(limits, { running: probers, inNetwork, atHost: 1 });
  const perSecond = Math.min(
    sweep.newPerSecond ?? Number.POSITIVE_INFINITY,
    sweep.newPerSecondPerHost ?? Number.POSITIVE_INFINITY,
    (Math.min(sweep.total, sweep.perHost) * 1000) / timeoutMs,
  );
  return Math.max(1, Math.min(MOST_ENDPOINTS, Math.floor(perSecond * SWEEP_SECONDS)));
}

/** How many batches may run at the same time: in all, in this batch's network, and on one of its hosts. */
export interface Neighbours {
  running: number;
  inNetwork: number;
  atHost: number;
}

export interface Share {
  /** First connections, one for each endpoint. */
  sweep: BudgetLimits;
  /** Further questions to what is open. */
  questions: BudgetLimits;
  /** Endpoints that are asked at once: more would wait for their questions until their time is over. */
  turns: BudgetLimits;
}

/** The part of one batch. All of a batch lies in one network, so what its network allows it is what it may have in all. */
export function shareOf(limits: ScanLimits, { running, inNetwork, atHost }: Neighbours): Share {
  const connections = Math.floor(
    Math.min(SOCKETS, limits.connections / running, limits.connectionsPerNetwork / inNetwork),
  );
  const rate = Math.min(limits.newPerSecond / running, limits.newPerSecondPerNetwork / inNetwork);
  const perHost = Math.max(LEAST_CONNECTIONS, Math.floor(limits.connectionsPerHost / atHost));
  const hostRate = limits.newPerSecondPerHost / atHost;
  const sweepOf = (n: number) => Math.max(1, Math.floor(n * SWEEP_SHARE));
  const sweep = {
    total: sweepOf(connections),
    perHost: sweepOf(perHost),
    newPerSecond: paced(rate * SWEEP_SHARE),
    newPerSecondPerHost: paced(hostRate * SWEEP_SHARE),
  };
  const questions = {
    total: connections - sweep.total,
    perHost: perHost - sweep.perHost,
    newPerSecond: paced(rate * (1 - SWEEP_SHARE)),
    newPerSecondPerHost: paced(hostRate * (1 - SWEEP_SHARE)),
  };
  const turnsAt = (many: number, pace: number) =>
    Math.max(1, Math.min(many, Math.floor(pace * QUESTION_WAIT_SECONDS)));
  const turns = {
    total: turnsAt(questions.total, questions.newPerSecond),
    perHost: turnsAt(questions.perHost, questions.newPerSecondPerHost),
  };
  return { sweep, questions, turns };
}

const paced = (rate: number) => Math.max(rate / 2, rate - 1 / RATE_WINDOW_SECONDS);
