/**
 * How soon the next probe follows the one before it: after as much silence as the way there and a busy server explain (`round-trip.ts`). How busy
 * all are now shows in the newest connect.
 */
import { patience } from "../../net/round-trip.ts";

/** Silence after which the next probe is sent ahead, once it has held several connections in silence, ms. */
const QUICK_PACE_MS = 100;
/** A server that other connections kept busy has turned to this one by then, as far as waiting can tell, ms: its machine may be busy, too. */
const LEAST_GRACE_MS = 600;

export interface Pace {
  /** A connect took so long, ms. */
  took(connectMs: number): void;
  /** A probe goes out now. */
  launched(): void;
  /** ms until a server has turned a connection away, or returned a goodbye, if it means to. */
  reactionMs(): number;
  /** ms that a busy server may take to turn to the next connection. */
  graceMs(): number;
  /** ms; 0 or less: the next may go. Who has held several connections in silence (`tolerant`) need not be given so much time for each. */
  beforeNext(tolerant: boolean): number;
}

export function paceOf(now: () => number, connectMs: number): Pace {
  let shortestMs = connectMs;
  let newestMs = connectMs;
  let launchedAt = now();
  return {
    took(ms) {
      shortestMs = Math.min(shortestMs, ms);
      newestMs = ms;
    },
    launched() {
      launchedAt = now();
    },
    reactionMs: () => 2 * patience(newestMs),
    graceMs: () => Math.max(LEAST_GRACE_MS, 2 * patience(newestMs)),
    beforeNext: (tolerant) =>
      launchedAt + (tolerant ? Math.max(QUICK_PACE_MS, shortestMs) : patience(shortestMs)) - now(),
  };
}

/** Rings after `ms`, unless it is stopped. */
export function alarm(ms: number): { rings: Promise<void>; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, ms));
  return { rings: promise, stop: () => clearTimeout(timer) };
}
