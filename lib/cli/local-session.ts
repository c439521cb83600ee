/** A scan in a local cloud of its own, over the scan's directory. */
import { lookAtLocalCloud, startLocalCloud } from "../../infra/local/client.ts";
import type { Session } from "./session.ts";
import type { Workspace } from "./workspace.ts";

/** Time between two looks at the ledger, ms. */
const LOOK_MS = 100;

/**
 * How a command uses the scan's local cloud. `run`: its own, everything at work. `look`: that of the process that runs the scan, if there is one, else its
 * own without probing: no packet leaves.
 */
export type Use = "run" | "look";

/** Starts the local cloud, or attaches to it, and points this process' AWS clients to it. */
export async function openLocalSession(
  workspace: Pick<Workspace, "cloud" | "settings">,
  use: Use = "run",
): Promise<Session> {
  // The clients of the SDK are loaded while the local cloud starts.
  const clients = () => Promise.all([import("../cloud/index.ts"), import("../cloud/lambda.ts")]);
  const options = { stateDir: workspace.cloud, scope: workspace.settings.scope };
  const [local, [{ openCloud }, { invokeFunction }]] = await Promise.all([
    use === "look" ? lookAtLocalCloud(options) : startLocalCloud(options),
    clients(),
  ]);
  Object.assign(process.env, local.environment);
  return {
    cloud: openCloud(process.env),
    dispatch: (request) => invokeFunction("dispatcher", request),
    lookMs: LOOK_MS,
    words: {
      where: "the local cloud",
      unplanned: (scanId) => `scan ${scanId} was stopped before it was planned; start it again`,
      interrupted: (scanId) => `interrupted; go on with: doorplate resume ${scanId}`,
    },
    explain: (error) => error,
    ended: local.ended,
    stop: () => local.stop(),
  };
}
