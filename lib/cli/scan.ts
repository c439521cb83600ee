import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { invokeFunction } from "../cloud/lambda.ts";
import { DoorplateError, EXIT, InputError } from "../model/errors.ts";
import type { Result } from "../model/fingerprint.ts";
import { builtinPorts } from "../registry/ports.ts";
import { parseRpcFile } from "../registry/rpc.ts";
import { type ReportFormat, type ReportWriter, writerFor } from "../report/index.ts";
import { parseRequest } from "../scan/dispatch.ts";
import { uploadPack } from "../scan/packs.ts";
import { profileByName } from "../scan/profiles.ts";
import { parseTargetList, parseTargets } from "../targets/parse.ts";
import { parsePorts } from "../targets/ports.ts";
import { scopeFrom } from "../targets/scope.ts";
import { durationMs } from "./arguments.ts";
import { type Progress, progress } from "./progress.ts";
import {
  errorFromFunction,
  exitCodeOf,
  loadScan,
  openSession,
  readAll,
  readSummary,
  reportContext,
  type Scan,
  type Session,
  watch,
  writeOutputs,
} from "./session.ts";
import { compileSignatureFiles, type ReadyPack } from "./signature-files.ts";
import { printTrace } from "./version-trace.ts";
import { createWorkspace, openWorkspace, type Settings, stateRoot, type Workspace } from "./workspace.ts";

// `scan`, `resume`, `status`, `report`.

export interface ScanOptions {
  inputList?: string;
  exclude?: string[];
  ports?: string;
  topPorts?: number;
  allPorts?: boolean;
  ipv6?: boolean;
  profile?: string;
  deadline?: string;
  signatures?: string[];
  builtin?: boolean;
  versionIntensity?: number;
  versionLight?: boolean;
  versionAll?: boolean;
  allports?: boolean;
  strictOrder?: boolean;
  rpc?: string;
  versionTrace?: boolean;
  scope?: string[];
  skipOutOfScope?: boolean;
  format: ReportFormat;
  output?: string[];
  showEvidence?: boolean;
  showAll?: boolean;
  progress: boolean;
  quiet?: boolean;
}

const DEADLINE = "1h";

/** Everything that can be wrong with the request is found here, before anything is started. */
function requestFrom(targets: string[], options: ScanOptions, packs: readonly ReadyPack[]) {
  const listed = options.inputList === undefined ? [] : parseTargetList(readList(options.inputList));
  const all = [...parseTargets(targets), ...listed].map(({ text }) => text);
  if (all.length === 0)
    throw new InputError(
      "No target. Name an address, a CIDR, a range or a host; see doorplate scan --help",
      "",
    );
  const picks = [options.ports, options.topPorts, options.allPorts].filter(
    (pick) => pick !== undefined && pick !== false,
  );
  if (picks.length > 1) throw new InputError("Choose one of --ports, --top-ports and --all-ports", "--ports");
  const ports = options.allPorts ? "1-65535" : options.ports;
  if (ports !== undefined) parsePorts(ports, builtinPorts);
  if (options.profile !== undefined) profileByName(options.profile);
  parseTargets(options.exclude ?? []);
  scopeFrom(options.scope ?? [], { allowLoopback: true });
  return parseRequest({
    scanId: newScanId(new Date()),
    targets: all,
    excludes: options.exclude ?? [],
    ports,
    packs: packs.map(({ digest }) => digest),
    builtin: options.builtin ?? true,
    intensity: intensityOf(options),
    allPorts: options.allports ?? false,
    strictOrder: options.strictOrder ?? false,
    rpcPrograms: options.rpc === undefined ? undefined : rpcPrograms(options.rpc),
    topPorts: options.topPorts,
    profile: options.profile,
    ipv6: options.ipv6 ?? false,
    skipOutOfScope: options.skipOutOfScope ?? false,
    deadlineMs: durationMs(options.deadline ?? DEADLINE),
    args: process.argv.slice(2).join(" ").slice(0, 4096),
  });
}

/** Nmap's names for intensities. */
const LIGHT = 2;
const ALL = 9;

function intensityOf({ versionIntensity, versionLight, versionAll }: ScanOptions): number | undefined {
  const picks = [versionIntensity, versionLight ? LIGHT : undefined, versionAll ? ALL : undefined].filter(
    (pick) => pick !== undefined,
  );
  if (picks.length > 1)
    throw new InputError(
      "Choose one of --version-intensity, --version-light and --version-all",
      "--version-intensity",
    );
  return picks[0];
}

const readList = (file: string) => readText(file === "-" ? 0 : file, "target list");

function readText(file: string | 0, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new DoorplateError(`cannot read the ${what} ${file}: ${(cause as Error).message}`, { cause });
  }
}

function rpcPrograms(file: string) {
  const programs = parseRpcFile(readText(file, "list of RPC programs"));
  if (programs.length === 0)
    throw new InputError(`${file} names no RPC program; a line is a name, blanks and a number`, file);
  return programs.map(({ number, name }) => ({ number, name }));
}

/** Begins with the time, so that directories sort by age: 20261121-014502-9f3a1c. */
function newScanId(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${stamp}-${randomBytes(3).toString("hex")}`;
}

export async function scanCommand(targets: string[], options: ScanOptions): Promise<number> {
  const root = stateRoot(process.env);
  const packs = compileSignatureFiles(options.signatures ?? [], root);
  const request = requestFrom(targets, options, packs);
  const settings: Settings = {
    scope: options.scope ?? [],
    format: options.format,
    outputs: options.output ?? [],
    showEvidence: options.showEvidence ?? false,
    showAll: options.showAll ?? false,
  };
  const workspace = createWorkspace(root, request.scanId ?? "", settings);
  return withSession(
    workspace,
    async (session, screen) => {
      screen.say(`scan: ${workspace.scanId}`);
      for (const pack of packs) await uploadPack(session.cloud.archive, pack);
      const { failed, payload } = await invokeFunction("dispatcher", request);
      if (failed) throw errorFromFunction(payload as object);
      const { skipped } = payload as { skipped: string[] };
      for (const line of skipped) screen.say(`left out: ${line}`);
      const exitCode = await runToEnd(session, workspace, screen);
      if (options.versionTrace)
        await printTrace(session, await loadScan(session.cloud, workspace.scanId), packs, screen.trace);
      return exitCode;
    },
    options,
  );
}

export async function resumeCommand(
  scanId: string,
  options: Pick<ScanOptions, "progress" | "quiet">,
): Promise<number> {
  const workspace = openWorkspace(stateRoot(process.env), scanId);
  return withSession(workspace, (session, screen) => runToEnd(session, workspace, screen), options);
}

export async function reportCommand(
  scanId: string,
  options: { format?: ReportFormat; output?: string[]; showEvidence?: boolean; showAll?: boolean },
): Promise<number> {
  const workspace = openWorkspace(stateRoot(process.env), scanId);
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
      const scan = await loadScan(session.cloud, scanId);
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
    { progress: false },
  );
}

export async function statusCommand(scanId: string): Promise<number> {
  const workspace = openWorkspace(stateRoot(process.env), scanId);
  return withSession(
    workspace,
    async (session, screen) => {
      const summary = await readSummary(session, await loadScan(session.cloud, scanId));
      screen.print(`${JSON.stringify(summary, null, 2)}\n`);
      return exitCodeOf(summary);
    },
    { progress: false },
  );
}

async function runToEnd(session: Session, workspace: Workspace, screen: Screen): Promise<number> {
  const scan = await loadScan(session.cloud, workspace.scanId);
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
    screen.say(`interrupted; go on with: doorplate resume ${workspace.scanId}`);
    return EXIT.interrupted;
  }
  if (!summary.outcomes.fingerprinted) {
    screen.say(
      "Nothing answered on any of the ports asked. To see what an answer looks like: npx doorplate demo",
    );
  }
  return exitCodeOf(summary);
}

/** The two streams and the interrupt of one command. */
export interface Screen {
  progress: Progress;
  readonly interrupted: boolean;
  /** Results, to stdout. */
  print(text: string): void;
  /** Messages, to stderr. */
  say(line: string): void;
  /** What was asked for explicitly, to stderr even when quiet. */
  trace(line: string): void;
  /** The writer of the results on stdout, begun. */
  open(scan: Scan, settings: Settings): ReportWriter;
}

/** Two signals within this are one: a terminal sends Ctrl-C to every process of the group, and the launcher passes it on, ms. */
const SAME_SIGNAL_MS = 500;

export async function withSession(
  workspace: Workspace,
  work: (session: Session, screen: Screen) => Promise<number>,
  options: { progress: boolean; quiet?: boolean },
): Promise<number> {
  const bar = progress({ stream: process.stderr, enabled: options.progress && !options.quiet });
  let interruptedAt: number | null = null;
  const interrupt = () => {
    if (interruptedAt === null) interruptedAt = performance.now();
    else if (performance.now() - interruptedAt > SAME_SIGNAL_MS) process.exit(EXIT.interrupted);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  const screen: Screen = {
    progress: bar,
    get interrupted() {
      return interruptedAt !== null;
    },
    print: (text) => void (text && bar.around(() => process.stdout.write(text))),
    trace: (line) => void bar.log(line),
    say: (line) => void (options.quiet || bar.log(line)),
    open(scan, settings) {
      const writer = writerFor(settings.format);
      const color = process.stdout.isTTY === true && !process.env.NO_COLOR;
      screen.print(writer.begin(reportContext(scan, { ...settings, color, width: process.stdout.columns })));
      return writer;
    },
  };
  const session = await openSession(workspace);
  try {
    return await work(session, screen);
  } finally {
    bar.done();
    await session.local.stop();
  }
}
