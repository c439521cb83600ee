import { invokeFunction } from "../cloud/lambda.ts";
import { DoorplateError, EXIT } from "../model/errors.ts";
import { metaKey } from "../scan/keys.ts";
import { readText } from "./files.ts";
import { withSession } from "./screen.ts";
import { createWorkspace, stateRoot } from "./workspace.ts";

const FUNCTIONS = ["dispatcher", "prober", "aggregator", "tick", "dead-letter", "inventory"];
/** A scan that the event started is given this long, ms; `resume` goes on with it. */
const LOOK_MS = 200;

/** Invokes a function with an event from a file and prints its answer; a scan that it started is run to its end. */
export async function invokeCommand(
  name: string,
  file: string,
  options: { scope?: string[] },
): Promise<number> {
  if (!FUNCTIONS.includes(name)) {
    throw new DoorplateError(`there is no function "${name}"; there are ${FUNCTIONS.join(", ")}`);
  }
  const event = readEvent(file);
  const id = `invoke-${new Date().toISOString().replace(/\D/g, "").slice(0, 17)}`;
  const workspace = createWorkspace(stateRoot(process.env), id, {
    scope: options.scope ?? [],
    format: "jsonl",
    outputs: [],
    showEvidence: false,
    showAll: false,
  });
  return withSession(
    workspace,
    async ({ cloud }, screen) => {
      const { failed, payload } = await invokeFunction(name, event);
      screen.print(`${JSON.stringify(payload, null, 2)}\n`);
      if (failed) return EXIT.incomplete;
      const scanId = (payload as { scanId?: unknown } | null)?.scanId;
      if (typeof scanId !== "string") return EXIT.done;
      screen.say(`scan ${scanId} runs`);
      for (;;) {
        const meta = await cloud.table.get(metaKey(scanId));
        if (meta?.finishedAt) {
          const { status, planned, counts, costUsd } = meta;
          screen.print(
            `${JSON.stringify({ scanId, status, planned, outcomes: counts, costUsd }, null, 2)}\n`,
          );
          return status === "done" ? EXIT.done : EXIT.incomplete;
        }
        if (screen.interrupted) return EXIT.interrupted;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    { progress: false },
  );
}

function readEvent(file: string): unknown {
  const text = readText(file, "event");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DoorplateError(`the event ${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
