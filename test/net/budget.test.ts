import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Clock, type ConnectionBudget, connectionBudget, type Release } from "../../lib/net/budget.ts";

/** A clock that moves only when told to. */
function handClock() {
  let now = 0;
  let due: { at: number; callback: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after: (ms, callback) => {
      due.push({ at: now + ms, callback });
    },
  };
  const advance = async (ms: number) => {
    const until = now + ms;
    for (;;) {
      const next = due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      due = due.filter((entry) => entry !== next);
      now = Math.max(now, next.at);
      next.callback();
      await settled();
    }
    now = until;
  };
  return { clock, advance, pending: () => due.length };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Somebody who asked for a place. */
interface Asker {
  host: string;
  state: "waiting" | "holding" | "gone";
  release?: Release;
  abort: AbortController;
}

function ask(budget: ConnectionBudget, host: string, log: Asker[]): Asker {
  const asker: Asker = { host, state: "waiting", abort: new AbortController() };
  budget.acquire(host, asker.abort.signal).then(
    (release) => {
      asker.release = release;
      asker.state = "holding";
      log.push(asker);
    },
    () => {
      asker.state = "gone";
    },
  );
  return asker;
}

describe("a connection budget", () => {
  it("is full for who would have to wait: for a place, behind others, or for the pace", async () => {
    const { clock, advance } = handClock();
    const budget = connectionBudget({ total: 2, perHost: 1, newPerSecondPerHost: 10 }, clock);
    const full = () => ["a", "b", "c"].filter((host) => budget.isFull(host));
    expect(full()).toEqual([]);
    const log: Asker[] = [];
    ask(budget, "a", log);
    expect(full()).toEqual(["a"]);
    ask(budget, "b", log);
    expect(full()).toEqual(["a", "b", "c"]);
    await settled();
    log[0]?.release?.();
    expect(full()).toEqual(["a", "b"]);
    await advance(100);
    expect(full()).toEqual(["b"]);
  });

  it("serves in the order of arrival, and lets others pass a host that is full", async () => {
    const budget = connectionBudget({ total: 2, perHost: 1 });
    const log: Asker[] = [];
    const askers = ["a", "a", "b", "c", "a"].map((host) => ask(budget, host, log));
    await settled();
    expect(log).toEqual([askers[0], askers[2]]);
    askers[2]?.release?.();
    await settled();
    expect(log.at(-1)).toBe(askers[3]);
    askers[0]?.release?.();
    await settled();
    expect(log.at(-1)).toBe(askers[1]);
    expect(budget).toMatchObject({ active: 2, waiting: 1 });
  });

  it("takes the oldest of all who may go, whatever their hosts", async () => {
    for (const hosts of ["aab", "aba", "abba", "abcab", "cbaabc"]) {
      const budget = connectionBudget({ total: 1, perHost: 1 });
      const log: Asker[] = [];
      const askers = [...hosts].map((host) => ask(budget, host, log));
      for (let n = 0; n < hosts.length; n++) {
        await settled();
        log.at(-1)?.release?.();
      }
      expect(log).toEqual(askers);
    }
  });

  it("counts a place given back twice once", async () => {
    const budget = connectionBudget({ total: 1, perHost: 1 });
    const release = await budget.acquire("a");
    release();
    release();
    expect(budget.active).toBe(0);
    await budget.acquire("a");
    release();
    expect(budget.active).toBe(1);
  });

  it("rejects with the signal's reason, and forgets who gave up", async () => {
    const budget = connectionBudget({ total: 1, perHost: 1 });
    await expect(budget.acquire("a", AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
    const release = await budget.acquire("a");
    const controller = new AbortController();
    const given = budget.acquire("a", controller.signal);
    controller.abort(new Error("meanwhile"));
    await expect(given).rejects.toThrow("meanwhile");
    expect(budget).toMatchObject({ active: 1, waiting: 0 });
    release();
    expect(budget.active).toBe(0);
    controller.abort();
    expect(budget.active).toBe(0);
  });

  it("keeps its promises whatever is asked, given back and given up in whatever order", async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("ask" as const), host: fc.constantFrom("a", "b", "c") }),
      fc.record({ do: fc.constantFrom("release" as const, "abort" as const), pick: fc.nat() }),
    );
    const limits = fc.record({
      total: fc.integer({ min: 1, max: 5 }),
      perHost: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { maxLength: 60 }), async ({ total, perHost }, steps) => {
        const budget = connectionBudget({ total, perHost });
        const log: Asker[] = [];
        const askers: Asker[] = [];
        const of = (state: Asker["state"], host?: string) =>
          askers.filter((asker) => asker.state === state && (host === undefined || asker.host === host));
        const giveBack = (asker: Asker | undefined) => {
          if (!asker) return;
          asker.state = "gone";
          asker.release?.();
        };
        for (const next of steps) {
          if (next.do === "ask") askers.push(ask(budget, next.host, log));
          else if (next.do === "release") giveBack(of("holding")[next.pick % of("holding").length]);
          else of("waiting")[next.pick % of("waiting").length]?.abort.abort();
          await settled();
          expect(budget).toMatchObject({ active: of("holding").length, waiting: of("waiting").length });
          expect(budget.active).toBeLessThanOrEqual(total);
          for (const host of ["a", "b", "c"]) {
            const holding = of("holding", host).length;
            expect(holding).toBeLessThanOrEqual(perHost);
            // Nobody waits while there is room.
            if (of("waiting", host).length > 0)
              expect(budget.active === total || holding === perHost).toBe(true);
          }
        }
        while (of("holding").length > 0) {
          giveBack(of("holding")[0]);
          await settled();
        }
        expect(of("waiting")).toEqual([]);
        expect(budget).toMatchObject({ active: 0, waiting: 0 });
        // Those who were served came to their host in this order.
        for (const host of ["a", "b", "c"]) {
          const served = log.filter((asker) => asker.host === host);
          expect(served).toEqual(askers.filter((asker) => served.includes(asker)));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("spaces new connections to a host, and to each host on its own", async () => {
    const { clock, advance } = handClock();
    const budget = connectionBudget({ total: 100, perHost: 100, newPerSecondPerHost: 10 }, clock);
    const log: Asker[] = [];
    for (const host of ["a", "a", "a", "b"]) ask(budget, host, log);
    await settled();
    expect(log.map(({ host }) => host)).toEqual(["a", "b"]);
    await advance(70);
    expect(log).toHaveLength(2);
    await advance(30);
    expect(log.map(({ host }) => host)).toEqual(["a", "b", "a"]);
    await advance(100);
    expect(log).toHaveLength(4);
  });

  it("never starts more in any stretch of time than the pace allows, and serves everyone in the end", async () => {
    const gaps = fc.array(fc.nat(400), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(gaps, fc.integer({ min: 1, max: 50 }), async (waits, rate) => {
        const { clock, advance, pending } = handClock();
        const budget = connectionBudget({ total: 3, perHost: 3, newPerSecondPerHost: rate }, clock);
        const starts: number[] = [];
        for (const wait of waits) {
          budget.acquire("a").then((release) => {
            starts.push(clock.now());
            release();
          });
          await settled();
          await advance(wait);
        }
        for (let n = 0; n < 2 * waits.length; n++) {
          await advance(1_000 / rate);
        }
        expect(starts).toHaveLength(waits.length);
        expect(pending()).toBe(0);
        const slackMs = 20;
        for (let from = 0; from < starts.length; from++) {
          for (let to = from; to < starts.length; to++) {
            const span = starts[to]! - starts[from]! + slackMs;
            expect(to - from).toBeLessThanOrEqual((span * rate) / 1_000 + 1e-6);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it("serves a long line of which half gave up", async () => {
    const budget = connectionBudget({ total: 50, perHost: 50 });
    const controllers = Array.from({ length: 20_000 }, () => new AbortController());
    let served = 0;
    const line = controllers.map((controller, n) =>
      budget.acquire(n % 2 ? "a" : "b", controller.signal).then(
        (release) => {
          served++;
          setImmediate(release);
        },
        () => undefined,
      ),
    );
    for (const controller of controllers.slice(10_000)) controller.abort();
    await Promise.all(line);
    expect(served).toBe(10_000);
    expect(budget.waiting).toBe(0);
  });
});

describe("a pace in all", () => {
  it("spaces new connections to whatever hosts evenly, and lets nobody wait for ever", async () => {
    const { clock, advance } = handClock();
    const budget = connectionBudget({ total: 100, perHost: 100, newPerSecond: 10 }, clock);
    const log: Asker[] = [];
    for (let i = 0; i < 25; i++) ask(budget, `host ${i % 5}`, log);
    await settled();
    expect(log).toHaveLength(1);
    await advance(1_000);
    expect(log.length).toBeGreaterThanOrEqual(10);
    expect(log.length).toBeLessThanOrEqual(11);
    await advance(2_000);
    expect(log).toHaveLength(25);
  });

  it("holds beside the pace of each host", async () => {
    const { clock, advance } = handClock();
    const budget = connectionBudget(
      { total: 100, perHost: 100, newPerSecond: 10, newPerSecondPerHost: 2 },
      clock,
    );
    const log: Asker[] = [];
    for (let i = 0; i < 20; i++) ask(budget, i < 12 ? "a" : "b", log);
    await advance(2_000);
    const to = (host: string) => log.filter((asker) => asker.host === host).length;
    expect(to("a")).toBeLessThanOrEqual(5);
    expect(to("b")).toBeLessThanOrEqual(5);
    expect(to("a") + to("b")).toBeGreaterThanOrEqual(8);
  });
});
