import { DEFAULT_MAX_CONCURRENCY } from "../../infra/local/client.ts";
import { EXIT, InputError } from "../model/errors.ts";
import type { Result, Summary } from "../model/fingerprint.ts";
import type { ScanRequest } from "../model/request.ts";
import { registryOf } from "../registry/services.ts";
import type { ReportFormat } from "../report/index.ts";
import { counted, usdText } from "../report/text.ts";
import { refuseTooLittle } from "../scan/budget.ts";
import { makePlan } from "../scan/make-plan.ts";
import { uploadPack } from "../scan/packs.ts";
import type { Plan } from "../scan/plan.ts";
import { scopeFrom } from "../targets/scope.ts";
import { dryRun } from "./dry-run.ts";
import { checkOutputs, checkWritable } from "./files.ts";
import { compilePacks } from "./pack-files.ts";
import { chooseProfile } from "./profile.ts";
import { requestFrom, type ScanOptions } from "./scan-request.ts";
import { type Screen, withSession } from "./screen.ts";
import { servicesFrom } from "./services-file.ts";
import {
  errorFromFunction,
  exitCodeOf,
  loadScan,
  readAll,
  readSummary,
  type Session,
  watch,
  writeOutputs,
} from "./session.ts";

import { printTrace } from "./version-trace.ts";
import {
  createWorkspace,
  type Settings,
  type StackOptions,
  stackFrom,
  stateRoot,
  type Workspace,
  workspaceOf,
} from "./workspace.ts";

// `scan`, `resume`, `report`.

export async function scanCommand(targets: string[], options: ScanOptions): Promise<number> {
  const root = stateRoot(process.env);
  const packs = compilePacks(options, root);
  const services = servicesFrom(options.services);
  const { profile, notes } = chooseProfile(options.profile, registryOf(services));
  const request = requestFrom(targets, options, packs, { profile, services });
  const stack = stackFrom(options);
  if (stack && options.scope)
    throw new InputError(
      `--scope is for local scans; what may be scanned in AWS, the stack ${stack.name} says (cdk deploy --parameters Scope="…")`,
      "--scope",
    );
  if (options.dryRun) {
    for (const note of options.quiet ? [] : notes) console.error(note);
    return dryRun(request, options);
  }
  checkOutputs(options.output ?? [], options.formatGiven ?? false);
  for (const file of options.output ?? []) checkWritable(file);
  if (!stack) await checkTargets(request, options.scope ?? []);
  const settings: Settings = {
    scope: options.scope ?? [],
    format: options.format,
    outputs: options.output ?? [],
    showEvidence: options.showEvidence ?? false,
    showAll: options.showAll ?? false,
    stack,
  };
  const workspace = createWorkspace(root, request.scanId ?? "", settings);
  return withSession(
    workspace,
    async (session, screen) => {
      const announce = () => {
        screen.say(`scan: ${workspace.scanId}`);
        if (stack) screen.say(`in ${session.words.where}`);
        for (const note of notes) screen.say(note);
      };
      // What a stack refuses it never knew; a local scan has been checked.
      if (!stack) announce();
      for (const pack of packs) await uploadPack(session.cloud.archive, pack);
      const { failed, payload } = await session.dispatch(request);
      if (failed) throw errorFromFunction(payload as object);
      if (stack) announce();
      const { skipped } = payload as { skipped: string[] };
      for (const line of skipped) screen.say(`left out: ${line}`);
      const exitCode = await runToEnd(session, workspace, screen);
      if (options.versionTrace)
        await printTrace(session, await loadScan(session, workspace.scanId), packs, screen.trace);
      return exitCode;
    },
    options,
  );
}

/** Before anything is started or written down: what the dispatcher will refuse. It asks again, of its own configuration. */
async function checkTargets(request: ScanRequest, scope: string[]): Promise<void> {
  const { plan } = await makePlan(request, {
    scanId: request.scanId ?? "",
    scope: scopeFrom(scope, { allowLoopback: true }),
    scopeEntries: scope,
    local: true,
    selfPorts: [],
    startedAt: new Date(),
    probers: DEFAULT_MAX_CONCURRENCY,
  });
  refuseTooLittle(plan);
}

/** Why a scan ended before everything was probed, and what to do; null when it did not. */
function earlyEnd({ cause, outcomes, costUsd, scanId }: Summary, plan: Plan): string | null {
  const left = `${counted(outcomes.expired ?? 0, "endpoint was", "endpoints were")} not probed and ended as expired`;
  switch (cause) {
    case "deadline":
      return `the deadline passed: ${left}; give it more with --deadline, or ask for less`;
    case "budget":
      return `the limit of ${usdText(plan.maxCostUsd ?? 0)} was reached at ${usdText(costUsd)}: ${left}; raise --max-cost, or ask for less (--dry-run estimates)`;
    case "cancelled":
      return `cancelled: ${left}`;
    case "failed endpoints":
      return `${counted(outcomes.failed ?? 0, "endpoint", "endpoints")} failed; doorplate status ${scanId} says why, doorplate redrive ${scanId} tries dead letters again`;
    default:
      return null;
  }
}

export async function resumeCommand(
  scanId: string,
  options: Pick<ScanOptions, "progress" | "quiet"> & StackOptions,
): Promise<number> {
  const workspace = workspaceOf(stateRoot(process.env), scanId, options);
  return withSession(workspace, (session, screen) => runToEnd(session, workspace, screen), options);
}

export async function reportCommand(
  scanId: string,
  options: {
    format?: ReportFormat;
    output?: string[];
    showEvidence?: boolean;
    showAll?: boolean;
  } & StackOptions,
): Promise<number> {
  const workspace = workspaceOf(stateRoot(process.env), scanId, options);
  checkOutputs(options.output ?? [], options.format !== undefined);
  const settings: Settings = {
    ...workspace.settings,
    format: options.format ?? workspace.settings.format,
    outputs: options.output ?? [],
    showEvidence: options.showEvidence ?? workspace.settings.showEvidence,
    showAll: options.showAll ?? workspace.settings.showAll,
  };
  return withSession(
    workspace,
    async (session, screen) => {
      const scan = await loadScan(session, scanId);
      const summary = await readSummary(session, scan);
      if (settings.outputs.length > 0) {
        await writeOutputs(session, scan, { ...workspace, settings }, summary);
      } else {
        const writer = screen.open(scan, settings);
        for (const result of await readAll(session, scan, settings.showAll))
          screen.print(writer.endpoint(result));
        screen.print(writer.end(summary));
      }
      return exitCodeOf(summary);
    },
    { progress: false, use: "look" },
  );
}

export async function runToEnd(session: Session, workspace: Workspace, screen: Screen): Promise<number> {
  const scan = await loadScan(session, workspace.scanId);
  const writer = screen.open(scan, workspace.settings);
  const summary = await watch({
    session,
    scan,
    told: workspace.told,
    showAll: workspace.settings.showAll,
    progress: screen.progress,
    stopped: () => screen.interrupted,
    onResults(results: Result[]) {
      screen.print(results.map((result) => writer.endpoint(result)).join(""));
      workspace.told.remember();
    },
  });
  screen.progress.done();
  screen.print(writer.end(summary));
  await writeOutputs(session, scan, workspace, summary);
  if (summary.finishedAt === null && screen.interrupted) {
    screen.say(session.words.interrupted(workspace.scanId));
    return EXIT.interrupted;
  }
  const early = earlyEnd(summary, scan.plan);
  if (early) screen.say(early);
  else if (!summary.outcomes.fingerprinted) {
    screen.say(
      "Nothing answered on any of the ports asked. To see what an answer looks like: npx doorplate demo",
    );
  }
  return exitCodeOf(summary);
}
