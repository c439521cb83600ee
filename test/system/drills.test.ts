import { existsSync, readFileSync } from "node:fs";
import { describe, expect } from "vitest";
import { functions, type QueueName } from "../../infra/topology.ts";
import type { Summary } from "../../lib/model/fingerprint.ts";
import type { Meter } from "../../lib/scan/messages.ts";
import { checkLedger, type Drill, expectAllSeen, pause, SLOWNESS, unseen } from "./drill.ts";
import { drilling, drills, killOne } from "./drilling.ts";
import { until } from "./local-handlers.ts";

// The real functions in the local cloud, something goes wrong, and the ledger must come out right (`drilling.ts` says how to repeat a run).

describe.concurrent("what dies loses nothing", () => {
  drills(1, "a prober killed at a random moment", (own) =>
    drilling({ seed: own }, async (drill) => {
      expect(await drill.dispatch()).toBe(true);
      await pause(drill.random() * 1_500);
      await killOne(drill, "prober");
      await drill.finished();
      expectAllSeen(drill, await checkLedger(drill));
    }),
  );

  drills(19, "a prober killed at work, which is charged for it", (own) =>
    drilling({ seed: own, silent: 1, maxConcurrency: 1 }, async (drill) => {
      const { scanId } = drill;
      const meters = async (): Promise<Meter[]> => {
        const batches = await drill.query(`SCAN#${scanId}#0`, "BATCH#");
        return batches.flatMap((batch) => Object.values((batch.meters ?? {}) as Record<string, Meter>));
      };
      expect(await drill.dispatch()).toBe(true);
      await pause(drill.random() * 1_500);
      // The one prober that there is has said that it is under way, and has not ended.
      const victim = await until("a prober at work", async () => {
        const ended = drill.reports("prober");
        return (await meters()).find(({ invocation, underWay }) => underWay && !ended.has(invocation));
      });
      await killOne(drill, "prober");
      await drill.finished();
      expectAllSeen(drill, await checkLedger(drill));
      const counted = drill.reports("prober");
      const charged = await meters();
      expect(charged.filter(({ underWay }) => underWay).map(({ invocation }) => invocation)).toEqual([
        victim?.invocation,
      ]);
      expect(charged.map(({ invocation }) => invocation).sort()).toEqual([...counted.keys()].sort());
      const [meta] = await drill.query(`SCAN#${scanId}`, "META");
      const receipt = (meta?.announcement as Summary | undefined)?.cost;
      const told = receipt?.find(({ line }) => line === "Lambda duration, prober")?.quantity;
      const { memoryMb } = functions.prober;
      const ran = [...counted.values()].reduce((sum, seconds) => sum + seconds * (memoryMb / 1024), 0);
      expect(told).toBeGreaterThanOrEqual(ran);
    }),
  );

  drills(2, "an aggregator killed three times at random moments", (own) =>
    drilling({ seed: own }, async (drill) => {
      expect(await drill.dispatch()).toBe(true);
      for (let kills = 0; kills < 3; kills++) {
        await pause(drill.random() * 700);
        await killOne(drill, "aggregator");
      }
      await drill.finished();
      expectAllSeen(drill, await checkLedger(drill));
    }),
  );

  drills(3, "the local cloud killed at a random moment and started again", (own) =>
    drilling({ seed: own }, async (drill) => {
      const answered = drill.dispatch();
      await pause(drill.random() * 3_000);
      await drill.restart();
      // A dispatcher that died with it is asked again, under the same id.
      if (!(await answered)) expect(await drill.dispatch()).toBe(true);
      await drill.finished();
      expectAllSeen(drill, await checkLedger(drill));
    }),
  );

  drills(
    4,
    "a prober that dies at each delivery of one batch: its endpoints fail, the others do not",
    (own) =>
      drilling(
        {
          seed: own,
          silent: 0,
          durations: { visibility: { probe: 4 } },
          wrap: {
            prober: `async (event, context, real) => {
            const doomed = event.Records.some(({ body }) => JSON.parse(body).batch === 2);
            if (doomed) process.kill(process.pid, "SIGKILL");
            return real(event, context);
          }`,
          },
        },
        async (drill) => {
          expect(await drill.dispatch()).toBe(true);
          await drill.finished();
          const settled = await checkLedger(drill);
          const failed = settled.filter(({ outcome }) => outcome === "failed");
          expect(failed.map(({ batch }) => batch)).toEqual([2, 2]);
          expect(unseen(drill, settled)).toHaveLength(2);
          const dead = await drill.query(`SCAN#${drill.scanId}`, "DEAD#");
          expect(dead).toContainEqual(
            expect.objectContaining({ queue: "probe", body: expect.stringContaining('"batch":2') }),
          );
        },
      ),
  );
});

describe.concurrent("what comes twice, late or out of order counts once", () => {
  drills(5, "every probe and observation message three times, delayed", (own) => {
    const record = `async (event, context, real, file) => {
      for (const { body } of event.Records) appendFileSync(file, body + "\\n");
      return real(event, context);
    }`;
    return drilling({ seed: own, silent: 1, wrap: { prober: record, aggregator: record } }, async (drill) => {
      const copied = new Set<string>();
      const sources = { probe: "prober", observation: "aggregator" } as const;
      /** Sends copies of what was delivered for the first time. */
      const copyAll = async () => {
        for (const [queueName, name] of Object.entries(sources)) {
          const file = drill.fileOf(name);
          const bodies = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
          for (const body of bodies.filter((one) => !copied.has(one)).reverse()) {
            copied.add(body);
            for (let copies = 0; copies < 2; copies++) {
              await drill.send(queueName as QueueName, body, Math.floor(drill.random() * 4));
            }
          }
        }
      };
      // Some arrive before anything was planned.
      const early = JSON.stringify({ scanId: drill.scanId, batch: 0, generation: 0 });
      for (let copies = 0; copies < 2; copies++) await drill.send("probe", early);
      expect(await drill.dispatch()).toBe(true);
      await until(
        "finished, copies under way",
        async () => {
          await copyAll();
          return drill.isFinished();
        },
        60_000 * SLOWNESS,
      );
      expectAllSeen(drill, await checkLedger(drill));
      const before = await drill.query(`SCAN#${drill.scanId}#0`, "BATCH#");
      copied.clear();
      await copyAll();
      await pause(1_500);
      expectAllSeen(drill, await checkLedger(drill));
      const after = await drill.query(`SCAN#${drill.scanId}#0`, "BATCH#");
      expect(after.map(({ codes }) => codes)).toEqual(before.map(({ codes }) => codes));
    });
  });
});

describe.concurrent("what nobody can read", () => {
  drills(6, "becomes a dead letter, on each of the four queues, and the scan ends well", (own) =>
    drilling(
      {
        seed: own,
        silent: 0,
        durations: { visibility: { dispatch: 1.5, probe: 4, observation: 2, tick: 1 } },
      },
      async (drill) => {
        const { scanId } = drill;
        const garbage = ["{nonsense", "null", '"text"', JSON.stringify({ scanId })];
        const observation = { sightings: [], settled: [[2, 0, 300]], meter: null };
        const poison: Record<QueueName, string[]> = {
          probe: [
            ...garbage,
            JSON.stringify({ scanId: "no-such-scan", batch: 0, generation: 0 }),
            JSON.stringify({ scanId, batch: 1_000_000, generation: 0 }),
            JSON.stringify({ scanId, batch: -1, generation: 0 }),
          ],
          observation: [
            ...garbage,
            JSON.stringify({ scanId: "no-such-scan", batch: 0, ...observation }),
            JSON.stringify({ scanId, batch: 1_000_000, ...observation }),
          ],
          dispatch: [
            ...garbage,
            JSON.stringify({ scanId: "no-such-scan", from: 0, to: 1 }),
            JSON.stringify({ scanId, from: 7, to: 9 }),
          ],
          // A tick of an unknown scan has nothing to look after, and ends.
          tick: ["{nonsense", "null", JSON.stringify({ scanId: 5 })],
        };
        expect(await drill.dispatch()).toBe(true);
        const sent = new Map<string, { queue: string; body: string }>();
        for (const [name, bodies] of Object.entries(poison)) {
          for (const body of bodies) {
            sent.set(await drill.send(name as QueueName, body), { queue: name, body });
          }
        }
        // Read as far as the plan goes, not split into a million messages; then it is no more than a copy.
        await drill.send("dispatch", JSON.stringify({ scanId, from: 0, to: 1_000_000_000 }));
        await drill.finished();
        const buried = async () => {
          const found = new Map<string, string>();
          for (const scan of ["unknown", "no-such-scan", scanId]) {
            for (const { sk, queue } of await drill.query(`SCAN#${scan}`, "DEAD#")) {
              found.set(sk.slice("DEAD#".length), String(queue));
            }
          }
          return found;
        };
        const missing = async () => {
          const found = await buried();
          return [...sent].filter(([id]) => !found.has(id)).map(([, message]) => message);
        };
        await until("all poison buried", async () => (await missing()).length === 0, 25_000 * SLOWNESS).catch(
          async (error: unknown) => {
            throw new Error(`${error}: ${JSON.stringify(await missing())}`);
          },
        );
        const found = await buried();
        for (const [id, message] of sent) expect(found.get(id), message.body).toBe(message.queue);
        expectAllSeen(drill, await checkLedger(drill));
      },
    ),
  );
});

describe.concurrent("what takes too long", () => {
  drills(
    7,
    "a prober that hangs on its first invocation is killed at its time-out, and its batch probed again",
    (own) =>
      drilling(
        {
          seed: own,
          silent: 0,
          durations: { timeout: { prober: 7 }, visibility: { probe: 8 } },
          // The time-out is short for the drill alone: the prober believes in its full one.
          wrap: {
            prober: `async (event, context, real, file) => {
            const first = !existsSync(file);
            writeFileSync(file, "");
            if (first) ${own % 2 === 0 ? "for (;;);" : "await new Promise(() => setInterval(() => {}, 1000));"}
            return real(event, { ...context, getRemainingTimeInMillis: () => context.getRemainingTimeInMillis() + 30000 });
          }`,
          },
        },
        async (drill) => {
          expect(await drill.dispatch()).toBe(true);
          await drill.finished();
          expect(existsSync(drill.fileOf("prober"))).toBe(true);
          expectAllSeen(drill, await checkLedger(drill));
        },
      ),
  );

  /** A prober that may start so many endpoints an invocation and is then out of time. */
  const hasty = (starts: number) => `async (event, context, real, file) => {
    for (const { body } of event.Records) appendFileSync(file, body + "\\n");
    let asked = 0;
    return real(event, { ...context, getRemainingTimeInMillis: () => (++asked > ${starts} ? 5000 : 40000) });
  }`;
  const generations = (drill: Drill) =>
    readFileSync(drill.fileOf("prober"), "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .filter(({ batch }) => batch === 0)
      .map(({ generation }) => generation);

  drills(8, "a prober short of time hands its batch over until it is done", (own) =>
    drilling({ seed: own, silent: 0, closed: 900, wrap: { prober: hasty(250) } }, async (drill) => {
      expect(await drill.dispatch()).toBe(true);
      await drill.finished();
      const settled = await checkLedger(drill);
      expectAllSeen(drill, settled);
      expect(Math.max(...generations(drill))).toBeGreaterThanOrEqual(3);
      expect(Math.max(...generations(drill))).toBeLessThanOrEqual(5);
    }),
  );

  drills(
    9,
    "a prober that never gets through fails what is left after five hand-overs, and only that",
    (own) =>
      drilling({ seed: own, silent: 0, closed: 900, wrap: { prober: hasty(100) } }, async (drill) => {
        expect(await drill.dispatch()).toBe(true);
        await drill.finished();
        const settled = await checkLedger(drill);
        expect(generations(drill)).toContain(5);
        expect(generations(drill)).not.toContain(6);
        const failed = settled.filter(({ outcome }) => outcome === "failed");
        // Six invocations look at the time 100 times, once for their mark and then for each they start of 902; a few open ones may be asked again
        // while their sightings are under way.
        expect(failed.every(({ batch }) => batch === 0)).toBe(true);
        expect(failed.length).toBeGreaterThanOrEqual(302);
        expect(failed.length).toBeLessThanOrEqual(302 + 6 + 2 * 5);
      }),
    [85458810],
  );
});
