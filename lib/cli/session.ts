/**
 * A scan as the command line sees it: a cloud that runs it (here: `local-session.ts`, or in AWS: `stack-session.ts`), a follower that reads it,
 * writers that show it. Used by `scan`, `resume`, `report`, `status` and `demo`.
 */
import type { Cloud } from "../cloud/index.ts";
import type { Invocation } from "../cloud/lambda.ts";
import { DoorplateError, EnvironmentError, EXIT } from "../model/errors.ts";
import type { Result, Summary } from "../model/fingerprint.ts";
import { addCounts, type OutcomeCounts } from "../model/outcome.ts";
import type { ScanRequest } from "../model/request.ts";
import { VERSION } from "../model/version.ts";
import { builtinPorts } from "../registry/ports.ts";
import { formatFromFile, type ReportContext, writerFor } from "../report/index.ts";
import { loadPlan } from "../scan/dispatch.ts";
import { summarise } from "../scan/finish.ts";
import { follower, type Told } from "../scan/follow.ts";
import { metaKey } from "../scan/keys.ts";
import { digestOver } from "../scan/packs.ts";
import type { Plan } from "../scan/plan.ts";
import { indexPlan, type PlanIndex } from "../scan/plan-index.ts";
import builtinDigest from "../signatures/builtin/digest.static.ts";
import { countPorts, formatPorts, NO_PORTS, parsePorts, unionPorts } from "../targets/ports.ts";
import { fileTrouble, writeWhole } from "./files.ts";
import type { Progress } from "./progress.ts";
import { toldNothing, type Workspace } from "./workspace.ts";

/** Columns of a report that goes to no terminal. */
const WIDE = 160;
/** A look takes both sides some ms of work: the longer a scan runs, the rarer it is looked at, and its end is seen at most this share of its time later. */
const LOOK_SHARE = 1 / 40;
const LONGEST_LOOK_MS = 500;

export interface Session {
  cloud: Cloud;
  /** Asks the dispatcher for a scan. */
  dispatch(request: ScanRequest): Promise<Invocation>;
  /** Least time between two looks at the ledger, ms. */
  lookMs: number;
  words: {
    where: string;
    /** There is nothing of this scan in the table. */
    unplanned(scanId: string): string;
    /** Somebody pressed Ctrl-C while the scan ran. */
    interrupted(scanId: string): string;
  };
  /** What to throw instead of what the cloud's clients threw. */
  explain(error: unknown, scanId: string): unknown;
  /** Resolves with the reason when the cloud has ended under us. */
  ended: Promise<string>;
  /** Lets go of it; what is this command's own ends. */
  stop(): Promise<void>;
}

export interface Scan {
  plan: Plan;
  index: PlanIndex;
  /** The digest that the probers put on each result. */
  packs: string;
}

/** @throws EnvironmentError when the scan never got as far as a plan */
export async function loadScan({ cloud, words }: Session, scanId: string): Promise<Scan> {
  if (!(await cloud.table.get(metaKey(scanId)))) throw new EnvironmentError(words.unplanned(scanId));
  const plan = await loadPlan(cloud, scanId);
  return { plan, index: indexPlan(plan), packs: packsDigest(plan) };
}

export function reportContext(
  { plan }: Scan,
  look: { color: boolean; width?: number; showEvidence: boolean; showAll: boolean },
): ReportContext {
  return {
    scanId: plan.scanId,
    args: plan.args,
    startedAt: plan.startedAt,
    version: VERSION,
    profile: plan.profile.name,
    width: look.width ?? WIDE,
    color: look.color,
    showEvidence: look.showEvidence,
    showAll: look.showAll,
    ports: portsAsked(plan),
  };
}

/** The ports of all groups together, by transport, as Nmap's XML lists them. */
function portsAsked(plan: Plan): ReportContext["ports"] {
  const all = plan.groups.map(({ ports }) => parsePorts(ports, builtinPorts)).reduce(unionPorts, NO_PORTS);
  return (["tcp", "udp"] as const)
    .map((transport) => ({
      transport,
      count: countPorts(all, transport),
      list: formatPorts({ ...NO_PORTS, tcp: all[transport] }),
    }))
    .filter(({ count }) => count > 0);
}

export interface WatchOptions {
  session: Session;
  scan: Scan;
  told: Told;
  showAll: boolean;
  progress: Progress;
  onResults: (results: Result[]) => void;
  stopped: () => boolean;
}

/** Follows a running scan to its end, or until `stopped`. */
export async function watch(options: WatchOptions): Promise<Summary> {
  const { session, scan, progress } = options;
  const { cloud } = session;
  const { scanId } = scan.plan;
  const began = performance.now();
  const look = follower(cloud, scan, { showAll: options.showAll, told: options.told });
  let died: string | null = null;
  void session.ended.then((last) => {
    died = last;
  });
  for (;;) {
    const meta = await cloud.table.get(metaKey(scanId));
    const { results, counts } = await look.look();
    if (results.length > 0) options.onResults(results.map(({ result }) => result));
    progress.update({
      done: settled(counts),
      planned: scan.index.planned,
      open: counts.fingerprinted ?? 0,
      elapsedMs: performance.now() - began,
    });
    if (meta?.finishedAt || options.stopped()) return readSummary(session, scan);
    if (died !== null) throw endedEarly(session, died, scanId);
    await new Promise((resolve) => setTimeout(resolve, untilNextLook(session, performance.now() - began)));
  }
}

const untilNextLook = ({ lookMs }: Session, elapsedMs: number) =>
  Math.max(lookMs, Math.min(elapsedMs * LOOK_SHARE, LONGEST_LOOK_MS));

/** `last`: what was heard of it last, of which the error itself is told. */
export function endedEarly({ words }: Session, last: string, scanId: string): EnvironmentError {
  const why = /\bError: ([^\n\]]+)/.exec(last)?.[1] ?? last.split("\n", 1)[0];
  return new EnvironmentError(
    `${words.where} ended in the middle of the scan: ${why}. When that is mended, go on with: doorplate resume ${scanId}`,
  );
}

const settled = (counts: OutcomeCounts) => {
  const { pending: _, ...rest } = addCounts(counts, {});
  return Object.values(rest).reduce((sum, n) => sum + n, 0);
};

export async function readSummary({ cloud }: Session, { plan, packs }: Scan): Promise<Summary> {
  const meta = await cloud.table.get(metaKey(plan.scanId));
  if (!meta) throw new EnvironmentError(`scan ${plan.scanId} is not in the table`);
  return { ...(await summarise(cloud, meta, new Date())), packs, args: plan.args };
}

function packsDigest({ builtin, packs }: Plan): string {
  return digestOver([...(builtin ? [builtinDigest()] : []), ...packs]);
}

/** All results of a scan so far. */
export async function readAll({ cloud }: Session, scan: Scan, showAll: boolean): Promise<Result[]> {
  const { results } = await follower(cloud, scan, { showAll, told: toldNothing() }).look();
  return results.sort((a, b) => a.batch - b.batch || a.index - b.index).map(({ result }) => result);
}

/** Writes each `-o` file whole, in the format of its extension. @throws EnvironmentError naming the file that cannot be written */
export async function writeOutputs(
  session: Session,
  scan: Scan,
  { settings }: Workspace,
  summary: Summary,
): Promise<void> {
  if (settings.outputs.length === 0) return;
  const results = await readAll(session, scan, settings.showAll);
  for (const file of settings.outputs) {
    const writer = writerFor(formatFromFile(file) ?? settings.format);
    const context = reportContext(scan, { ...settings, color: false });
    const text = [
      writer.begin(context),
      ...results.map((result) => writer.endpoint(result)),
      writer.end(summary),
    ];
    try {
      writeWhole(file, text.join(""));
    } catch (cause) {
      throw new EnvironmentError(
        `cannot write ${file}: ${fileTrouble(cause)}. The results are kept; write them elsewhere with: doorplate report ${scan.plan.scanId} --output FILE`,
        { cause },
      );
    }
  }
}

export function exitCodeOf(summary: Summary): number {
  return summary.status === "done" ? EXIT.done : EXIT.incomplete;
}

/** Errors that functions return by name become the errors that they were. */
export function errorFromFunction(payload: { errorType?: string; errorMessage?: string }): DoorplateError {
  const message = payload.errorMessage ?? "the function failed";
  const codes: Record<string, number> = {
    InputError: EXIT.usage,
    DoorplateError: EXIT.usage,
    ScopeError: EXIT.scope,
  };
  return new DoorplateError(message, { exitCode: codes[payload.errorType ?? ""] ?? EXIT.environment });
}
