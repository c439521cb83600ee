/**
 * Waiting for a peer, less the time in which this process stood still: its machine was overloaded, or stopped by its host. A peer on the same machine
 * stood still as well, and one elsewhere loses nothing by being waited for. A clock ticks; a tick that comes late tells how long that was.
 */
import { performance } from "node:perf_hooks";
import { timerMs } from "./timer.ts";

const TICK_MS = 20;
/** What a tick may be late by on a machine that is well, ms. */
const SLACK_MS = 10;
/** A wait grows to this many times its length at most, so that a machine that never recovers still comes to an end. */
const MOST_GROWTH = 3;

let lost = 0;
let tickedAt = 0;
/** The tick before the last that the timer made: sockets have been looked at since. */
let lookedAt = 0;
let timedAt = 0;
let ticking: NodeJS.Timeout | null = null;

const tick = () => {
  const at = performance.now();
  lost += Math.max(0, at - tickedAt - TICK_MS - SLACK_MS);
  tickedAt = at;
};

/** ms in which this process stood still, since it first asked. */
function lostMs(): number {
  if (!ticking) {
    tickedAt = performance.now();
    lookedAt = tickedAt;
    timedAt = tickedAt;
    ticking = setInterval(() => {
      tick();
      lookedAt = timedAt;
      timedAt = tickedAt;
    }, TICK_MS).unref();
    // What was lost before a wait begins is none of its business: a function may have been frozen between two invocations.
  } else if (performance.now() - tickedAt > TICK_MS + SLACK_MS) tick();
  return lost;
}

/** `performance.now()` up to which all that came has been seen: now, or where this process stood still just now, the moment before. */
export function seenUntil(): number {
  const at = performance.now();
  return ticking && at - lookedAt > 2 * TICK_MS + SLACK_MS ? lookedAt : at;
}

/** Monotonic, ms, less what was lost: for the deadlines of conversations. Not for those that others set, such as a function's own. */
export const patientNow = () => performance.now() - lostMs();

/** A clock that may stand still, from here on for `mostMs` at most. */
export function standingStill(clock: () => number, mostMs: number): () => number {
  const ahead = clock() - performance.now();
  return () => Math.max(clock(), performance.now() + ahead - mostMs);
}

export interface Wait {
  stop(): void;
  /** Begins anew. */
  restart(): void;
}

/**
 * Calls back once after `ms` and what was lost meanwhile, one poll of the sockets later: bytes that had arrived in time still count.
 * @param ms Infinity: after 24 days
 */
export function waitFor(ms: number, callback: () => void): Wait {
  let lostBefore = lostMs();
  let grown = 0;
  let round = 0;
  const decide = (of: number) => {
    if (of !== round) return;
    const more = Math.min(lostMs() - lostBefore, (MOST_GROWTH - 1) * ms) - grown;
    if (more <= 0) {
      round++;
      return callback();
    }
    grown += more;
    timer = setTimeout(fire, more);
  };
  const fire = () => setImmediate(decide, round);
  let timer = setTimeout(fire, timerMs(ms));
  return {
    stop() {
      round++;
      clearTimeout(timer);
    },
    restart() {
      round++;
      lostBefore = lostMs();
      if (grown === 0) timer.refresh();
      else {
        clearTimeout(timer);
        timer = setTimeout(fire, timerMs(ms));
      }
      grown = 0;
    },
  };
}

/** Resolves after `ms` and what was lost meanwhile. */
export const patientSleep = (ms: number) => new Promise<void>((resolve) => waitFor(ms, resolve));
