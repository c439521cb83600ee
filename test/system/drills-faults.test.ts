import { describe, expect } from "vitest";
import type { FunctionName, QueueName } from "../../infra/topology.ts";
import { checkLedger, type Drill, expectAllSeen, nameOf, pause, unseen } from "./drill.ts";
import { drilling, drills, killOne } from "./drilling.ts";

// As `drills.test.ts`: the stores themselves fail, targets hang, the fan-out is a tree, and all of it at once.

/**
 * Faults stop before a message can have been delivered for the last time (a failed one comes back after its visibility time-out, 5 s): what is
 * lost then was lost by us.
 */
const STORM_MS = 6_000;

/** Probed again and again behind the drill's back, a door is still one door. */
const finishedWhole = async (drill: Drill, announcers = 1) => {
  await drill.finished();
  expectAllSeen(drill, await checkLedger(drill, { announcers }));
};

describe.concurrent("stores that fail lose nothing", () => {
  drills(10, "a table that throttles, errs and loses answers", (own) =>
    drilling(
      {
        seed: own,
        silent: 1,
        faults: { forMs: STORM_MS, stores: { table: { refused: 0.3, lost: 0.1 } } },
      },
      async (drill) => {
        await drill.dispatched();
        await finishedWhole(drill);
      },
    ),
  );

  drills(11, "queues that err, lose answers and fail parts of a batch", (own) =>
    drilling(
      {
        seed: own,
        silent: 1,
        faults: { forMs: STORM_MS, stores: { queue: { refused: 0.2, lost: 0.1, partial: 0.3 } } },
      },
      async (drill) => {
        await drill.dispatched();
        await finishedWhole(drill);
      },
    ),
  );

  drills(12, "a bucket and a bus that err and lose answers", (own) =>
    drilling(
      {
        seed: own,
        silent: 0,
        faults: {
          forMs: STORM_MS,
          stores: { bucket: { refused: 0.3, lost: 0.1 }, bus: { refused: 0.3, lost: 0.2, partial: 0.2 } },
        },
      },
      async (drill) => {
        await drill.dispatched();
        // A lost answer of the bus is an event that is sent again.
        await finishedWhole(drill, 10);
      },
    ),
  );

  drills(13, "duplicates, late and out of order, from everywhere at once", (own) =>
    drilling(
      {
        seed: own,
        silent: 1,
        // Observations are shown again while an aggregator still works on them.
        durations: { visibility: { observation: 1.5 } },
        faults: {
          forMs: STORM_MS,
          delayMs: 250,
          stores: { queue: { lost: 0.3, partial: 0.3 }, table: { lost: 0.1 } },
        },
      },
      async (drill) => {
        await drill.dispatched();
        await finishedWhole(drill);
      },
    ),
  );
});

describe.concurrent("a fan-out that is a tree", () => {
  const branching = { silent: 0, closed: 60, hosts: 20, variant: "branching" } as const;

  drills(
    14,
    "whose dispatcher dies in the middle, twice",
    (own) =>
      drilling({ seed: own, ...branching }, async (drill) => {
        const asked = drill.dispatch();
        await pause(drill.random() * 400);
        await killOne(drill, "dispatcher");
        await pause(drill.random() * 400);
        // Whoever died before anything was sent leaves nobody to kill.
        if (drill.instances("dispatcher").length > 0) await killOne(drill, "dispatcher");
        if (!(await asked)) await drill.dispatched();
        await finishedWhole(drill, 2);
      }),
    [44302148],
  );

  drills(15, "whose sub-plans are each sent, and then forgotten to be acknowledged", (own) =>
    drilling(
      {
        seed: own,
        ...branching,
        wrap: {
          // The first time that a sub-plan comes, all its messages go out, and it comes again.
          dispatcher: `async (event, context, real, file) => {
            const result = await real(event, context);
            const body = event.Records?.[0]?.body;
            if (body === undefined) return result;
            const known = existsSync(file) ? (await import("node:fs")).readFileSync(file, "utf8") : "";
            if (known.includes(body)) return result;
            appendFileSync(file, body + "\\n");
            throw new Error("forgotten");
          }`,
        },
      },
      async (drill) => {
        await drill.dispatched();
        await finishedWhole(drill);
      },
    ),
  );
});

describe.concurrent("targets that hang", () => {
  drills(16, "take their time, and the scan still ends with an outcome for each", (own) =>
    drilling({ seed: own, silent: 4, closed: 20, hosts: 2, hanging: 8 }, async (drill) => {
      expect(await drill.dispatch()).toBe(true);
      await finishedWhole(drill);
    }),
  );
});

describe.concurrent("messages that are nearly right", () => {
  drills(17, "change nothing, whatever is wrong with them", (own) =>
    drilling(
      {
        seed: own,
        silent: 0,
        durations: { visibility: { dispatch: 1.5, probe: 4, observation: 2, tick: 1 } },
      },
      async (drill) => {
        const { scanId } = drill;
        const right: Record<QueueName, Record<string, unknown>> = {
          probe: { scanId, batch: 1, generation: 0 },
          observation: {
            scanId,
            batch: 0,
            sightings: [],
            // Beyond the batch: another field that turns out right by chance must not make this a claim.
            settled: [[2, 100_000, 1]],
            meter: { invocation: "x", gbSeconds: 1, queueRequests: 1, tableUnits: 1, bucketRequests: 1 },
          },
          dispatch: { scanId, from: 0, to: 2 },
          tick: { scanId },
        };
        const wrong = [
          null,
          -1,
          1.5,
          "",
          "0",
          [],
          {},
          [[0, 0, 1]],
          [[1, -1, 1]],
          [[1, 0, 0]],
          1e20,
          true,
          [{}],
        ];
        await drill.dispatched();
        for (let i = 0; i < 40; i++) {
          const queue = draw(drill, Object.keys(right) as QueueName[]);
          const message = right[queue];
          const field = draw(drill, Object.keys(message));
          const { [field]: _, ...without } = message;
          // What is left out, or of another type. Zero and one would be right.
          const body = drill.random() < 0.3 ? without : { ...without, [field]: draw(drill, wrong) };
          // No scan's id is the number of a batch, and no tick asks for more than an id.
          await drill.send(queue, JSON.stringify(body), 0);
        }
        await finishedWhole(drill);
      },
    ),
  );
});

describe.concurrent("everything at once", () => {
  drills(
    18,
    "kills, restarts, faults and duplicates: what is not seen has failed, with a dead letter for it",
    (own) =>
      drilling(
        {
          seed: own,
          silent: 1,
          hosts: 8,
          closed: 120,
          variant: "branching",
          faults: {
            forMs: STORM_MS,
            delayMs: 60,
            stores: {
              table: { refused: 0.1, lost: 0.05 },
              queue: { refused: 0.1, lost: 0.1, partial: 0.1 },
              bucket: { refused: 0.1 },
              bus: { refused: 0.2, lost: 0.1 },
            },
          },
        },
        async (drill) => {
          const asked = drill.dispatch();
          const victims: FunctionName[] = ["prober", "aggregator", "dispatcher", "tick"];
          for (let blows = 0; blows < 5; blows++) {
            await pause(drill.random() * 900);
            if (drill.random() < 0.2) await drill.restart();
            else {
              const pids = drill.instances(draw(drill, victims));
              if (pids.length > 0) process.kill(draw(drill, pids), "SIGKILL");
            }
          }
          if (!(await asked)) await drill.dispatched();
          await drill.finished();
          const settled = await checkLedger(drill, { announcers: 10 });
          const outcomes = new Map(settled.map(({ endpoint, outcome }) => [nameOf(endpoint), outcome]));
          const lost = unseen(drill, settled);
          expect(lost.filter((door) => outcomes.get(door) !== "failed")).toEqual([]);
          if (lost.length > 0) {
            expect(await drill.query(`SCAN#${drill.scanId}`, "DEAD#")).not.toEqual([]);
          }
        },
      ),
  );
});

function draw<T>(drill: Drill, from: readonly T[]): T {
  return from[Math.floor(drill.random() * from.length)] as T;
}
