/** `status`, `cancel`, `redrive`: a scan looked at and steered, whether it runs (in another terminal) or was stopped. */
import { DoorplateError, EXIT } from "../model/errors.ts";
import type { Summary } from "../model/fingerprint.ts";
import { counted, outcomesText } from "../report/text.ts";
import { cancel } from "../scan/cancel.ts";
import { metaKey } from "../scan/keys.ts";
import { deadLetters, redrive } from "../scan/redrive.ts";
import { runToEnd } from "./scan.ts";
import { type Screen, withSession } from "./screen.ts";
import { exitCodeOf, loadScan, readSummary, type Session } from "./session.ts";
import { type StackOptions, stateRoot, workspaceOf } from "./workspace.ts";

export async function statusCommand(scanId: string, options: StackOptions = {}): Promise<number> {
  const workspace = workspaceOf(stateRoot(process.env), scanId, options);
  return withSession(
    workspace,
    async (session, screen) => {
      const summary = await readSummary(session, await loadScan(session, scanId));
      const letters = await deadLetters(session.cloud, scanId);
      const settled = Object.values(summary.outcomes).reduce((sum, n) => sum + n, 0);
      const pending = summary.planned - settled;
      screen.print(`${JSON.stringify({ ...summary, settled, pending, deadLetters: letters }, null, 2)}\n`);
      return exitCodeOf(summary);
    },
    { progress: false, use: "look" },
  );
}

/** Longest that a cancelled scan may take to end, ms; it needs less than ten seconds, a very large one some rounds of the tick. */
const END_LIMIT_MS = 120_000;
const LOOK_MS = 200;

export async function cancelCommand(
  scanId: string,
  options: { quiet?: boolean } & StackOptions,
): Promise<number> {
  const workspace = workspaceOf(stateRoot(process.env), scanId, options);
  return withSession(workspace, (session, screen) => cancelScan(session, screen, scanId), {
    ...options,
    progress: false,
    use: "look",
  });
}

async function cancelScan(session: Session, screen: Screen, scanId: string): Promise<number> {
  const scan = await loadScan(session, scanId);
  if (!(await cancel(session.cloud, scanId, new Date()))) {
    const { status } = await readSummary(session, scan);
    if (status !== "cancelled") {
      screen.say(`scan ${scanId} had ended already (${status}): there is nothing to cancel`);
      return EXIT.done;
    }
  }
  const giveUp = Date.now() + END_LIMIT_MS;
  let summary: Summary;
  do {
    await new Promise((resolve) => setTimeout(resolve, Math.max(LOOK_MS, session.lookMs)));
    summary = await readSummary(session, scan);
  } while (summary.finishedAt === null && Date.now() < giveUp && !screen.interrupted);
  const outcomes = outcomesText(summary.outcomes) || "nothing ended";
  screen.say(
    summary.finishedAt === null
      ? `scan ${scanId} is called off, and still settles what is left: ${outcomes}; doorplate status ${scanId} tells how far it is`
      : `scan ${scanId} cancelled: ${outcomes}. What was found stays: doorplate report ${scanId}`,
  );
  return summary.finishedAt === null ? EXIT.incomplete : EXIT.done;
}

export async function redriveCommand(
  scanId: string,
  options: { progress: boolean; quiet?: boolean } & StackOptions,
): Promise<number> {
  const workspace = workspaceOf(stateRoot(process.env), scanId, options);
  return withSession(
    workspace,
    async (session, screen) => {
      const scan = await loadScan(session, scanId);
      const meta = await session.cloud.table.get(metaKey(scanId));
      if (meta?.cancelled)
        throw new DoorplateError(`scan ${scanId} was cancelled; start it again instead of redriving it`);
      const { sent, unreadable, reopened } = await redrive(session.cloud, scan, new Date());
      if (unreadable > 0)
        screen.say(
          `${counted(unreadable, "dead letter", "dead letters")} cannot be read, and so not sent again; doorplate status ${scanId} lists all`,
        );
      if (sent === 0) {
        screen.say(`scan ${scanId} has no dead letter to send again`);
        return exitCodeOf(await readSummary(session, scan));
      }
      screen.say(
        `${counted(sent, "dead letter", "dead letters")} sent again, ${counted(reopened, "endpoint is", "endpoints are")} pending again`,
      );
      return runToEnd(session, workspace, screen);
    },
    options,
  );
}
