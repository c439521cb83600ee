/**
 * How many connections may be open at once, in all and to one host, and how fast new ones may start.
 *
 * Waiters are served in the order in which they came, except that one whose host has no room lets the others
 * pass. So each host has its own line, and whenever there is room in all, the oldest of those waiters that stand
 * first and may go is next. Only hosts that are connected to, waited for or still paced are remembered.
 *
 * New connections, to a host and in all, are spaced evenly (the generic cell rate algorithm): the next may start one interval
 * after the last was due, and at most TIMER_SLACK_MS early, which makes up for timers that fire late.
 */

import { performance } from "node:perf_hooks";
import { onAbort } from "./abort.ts";
import { timerMs } from "./timer.ts";

/** Catch-up that the pace allows, ms: what Node timers are late by under load. */
const TIMER_SLACK_MS = 20;
/** Remembered hosts above which idle ones are looked for. */
const SWEEP_HOSTS = 1_024;

/** Gives the connection's place back. Calls after the first do nothing. */
export type Release = () => void;

/** Time as the budget sees it, ms. A parameter, so that a test can be its own clock. */
export interface Clock {
  now(): number;
  /** Calls back once after `ms`. */
  after(ms: number, callback: () => void): void;
}

export interface BudgetLimits {
  /** Connections open at once, in all. */
  total: number;
  /** Connections open at once to one host. */
  perHost: number;
  /** Connections started per second, in all; absent: as fast as they come. */
  newPerSecond?: number | undefined;
  /** Connections started per second to one host; absent: as fast as they come. */
  newPerSecondPerHost?: number | undefined;
}

export interface ConnectionBudget {
  /** Connections that are open now. */
  readonly active: number;
  /** Those that wait for their turn. */
  readonly waiting: number;
  /** Would one more to this host have to wait? */
  isFull(host: string): boolean;
  /**
   * Waits for a place.
   * @throws the signal's reason (as a rejection) when it aborts before the place was given
   */
  acquire(host: string, signal?: AbortSignal): Promise<Release>;
}

interface Waiter {
  readonly ticket: number;
  grant(): void;
  previous: Waiter | null;
  next: Waiter | null;
}

interface Host {
  active: number;
  first: Waiter | null;
  last: Waiter | null;
  /** When the pace says that the next connection is due, in the clock's ms. */
  dueAt: number;
  /** A wake-up for `dueAt` is on its way. */
  waking: boolean;
}

const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after: (ms, callback) => {
    setTimeout(callback, ms);
  },
};

/** One budget for all connections of a process (or of a batch). */
export function connectionBudget(limits: BudgetLimits, clock: Clock = SYSTEM_CLOCK): ConnectionBudget {
  const intervalMs = limits.newPerSecondPerHost ? 1_000 / limits.newPerSecondPerHost : 0;
  const intervalInAllMs = limits.newPerSecond ? 1_000 / limits.newPerSecond : 0;
  let dueInAllAt = 0;
  let wakingInAll = false;
  const hosts = new Map<string, Host>();
  /** Hosts with a waiter that their own limits let go: what they wait for is room in all. */
  const ready = new Set<Host>();
  let active = 0;
  let waiting = 0;
  let tickets = 0;
  let sweepAt = SWEEP_HOSTS;
  /** Runs while somebody waits. Closing sockets do not keep the process alive, but who waits for them must. */
  let awake: NodeJS.Timeout | null = null;

  const countWaiting = (change: 1 | -1) => {
    waiting += change;
    if (waiting > 0) awake ??= setInterval(() => undefined, timerMs(Number.POSITIVE_INFINITY));
    else if (awake) {
      clearInterval(awake);
      awake = null;
    }
  };

  const hostOf = (name: string): Host => {
    const known = hosts.get(name);
    if (known) return known;
    if (hosts.size >= sweepAt) {
      const now = clock.now();
      for (const [key, host] of hosts) {
        if (host.active === 0 && !host.first && host.dueAt <= now) hosts.delete(key);
      }
      sweepAt = Math.max(SWEEP_HOSTS, 2 * hosts.size);
    }
    const host: Host = { active: 0, first: null, last: null, dueAt: 0, waking: false };
    hosts.set(name, host);
    return host;
  };

  const unlink = (host: Host, waiter: Waiter) => {
    if (waiter.previous) waiter.previous.next = waiter.next;
    else host.first = waiter.next;
    if (waiter.next) waiter.next.previous = waiter.previous;
    else host.last = waiter.previous;
    countWaiting(-1);
  };

  /** ms until the pace lets the host have one more; 0 or less: now. */
  const early = ({ dueAt }: Host) => (intervalMs > 0 ? dueAt - TIMER_SLACK_MS - clock.now() : 0);
  const earlyInAll = () => (intervalInAllMs > 0 ? dueInAllAt - TIMER_SLACK_MS - clock.now() : 0);

  /** Whether the host's first waiter may go, as far as the host is concerned. */
  const judge = (host: Host) => {
    ready.delete(host);
    if (!host.first || host.active >= limits.perHost) return;
    const earlyMs = early(host);
    if (earlyMs <= 0) {
      ready.add(host);
    } else if (!host.waking) {
      host.waking = true;
      clock.after(earlyMs, () => {
        host.waking = false;
        judge(host);
        serve();
      });
    }
  };

  /** Whether the pace in all lets one more go now; else somebody comes back when it does. */
  const mayGo = () => {
    const earlyMs = earlyInAll();
    if (earlyMs <= 0) return true;
    if (!wakingInAll) {
      wakingInAll = true;
      clock.after(earlyMs, () => {
        wakingInAll = false;
        serve();
      });
    }
    return false;
  };

  const take = (host: Host) => {
    active++;
    host.active++;
    if (intervalInAllMs > 0) dueInAllAt = Math.max(dueInAllAt, clock.now()) + intervalInAllMs;
    if (intervalMs > 0) host.dueAt = Math.max(host.dueAt, clock.now()) + intervalMs;
  };

  const serve = () => {
    while (active < limits.total && ready.size > 0 && mayGo()) {
      let next: Host | null = null;
      for (const host of ready) {
        if (!next || ticketOf(host) < ticketOf(next)) next = host;
      }
      const waiter = next?.first;
      if (!next || !waiter) return;
      unlink(next, waiter);
      take(next);
      judge(next);
      waiter.grant();
    }
  };

  const releaseOnce = (host: Host): Release => {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      active--;
      host.active--;
      judge(host);
      serve();
    };
  };

  return {
    get active() {
      return active;
    },
    get waiting() {
      return waiting;
    },
    isFull(name) {
      const host = hosts.get(name);
      if (waiting > 0 || active >= limits.total || earlyInAll() > 0) return true;
      return host !== undefined && (host.active >= limits.perHost || early(host) > 0);
    },
    acquire(name, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      const host = hostOf(name);
      // No pace to keep and room for everybody: so it is for nearly every port of a sweep of loopback.
      const atOnce = intervalMs === 0 && intervalInAllMs === 0 && waiting === 0;
      if (atOnce && active < limits.total && host.active < limits.perHost) {
        take(host);
        return Promise.resolve(releaseOnce(host));
      }
      return new Promise((resolve, reject) => {
        const abort = () => {
          unlink(host, waiter);
          judge(host);
          reject(signal?.reason);
        };
        const waiter: Waiter = {
          ticket: tickets++,
          grant() {
            forget();
            resolve(releaseOnce(host));
          },
          previous: host.last,
          next: null,
        };
        const forget = onAbort(signal, abort);
        if (host.last) host.last.next = waiter;
        else host.first = waiter;
        host.last = waiter;
        countWaiting(1);
        judge(host);
        serve();
      });
    },
  };
}

function ticketOf(host: Host): number {
  return host.first?.ticket ?? Number.POSITIVE_INFINITY;
}
