import { randomBytes } from "node:crypto";
import { InputError } from "../model/errors.ts";
import { type Profile, type ScanLimits, type ServiceRow, scanLimitsSchema } from "../model/request.ts";
import { parseRpcFile } from "../registry/rpc.ts";
import { registryOf } from "../registry/services.ts";
import type { ReportFormat } from "../report/index.ts";
import { parseRequest } from "../scan/dispatch.ts";
import { parseTarget, parseTargetList, parseTargets, type Target } from "../targets/parse.ts";
import { countPorts, parsePorts } from "../targets/ports.ts";
import { scopeFrom } from "../targets/scope.ts";
import { durationMs, named } from "./arguments.ts";
import { readText } from "./files.ts";
import type { PackFiles } from "./pack-files.ts";
import type { ReadyPack } from "./signature-files.ts";
import type { StackOptions } from "./workspace.ts";

// The options of `scan` as the request that the dispatcher gets.

export interface ScanOptions extends PackFiles, StackOptions {
  inputList?: string;
  exclude?: string[];
  ports?: string;
  topPorts?: number;
  allPorts?: boolean;
  ipv6?: boolean;
  profile?: string;
  deadline?: string;
  maxCost?: number;
  dryRun?: boolean;
  builtin?: boolean;
  versionIntensity?: number;
  versionLight?: boolean;
  versionAll?: boolean;
  allports?: boolean;
  strictOrder?: boolean;
  fresh?: boolean;
  rpc?: string;
  services?: string;
  versionTrace?: boolean;
  scope?: string[];
  skipOutOfScope?: boolean;
  limit?: string[];
  format: ReportFormat;
  /** The format was said, and is not the default. */
  formatGiven?: boolean;
  output?: string[];
  showEvidence?: boolean;
  showAll?: boolean;
  progress: boolean;
  quiet?: boolean;
}

const DEADLINE = "1h";

/** Everything that can be wrong with the request is found here, before anything is started. */
export function requestFrom(
  targets: string[],
  options: ScanOptions,
  packs: readonly ReadyPack[],
  { profile, services }: { profile?: string | Profile; services?: readonly ServiceRow[] } = {},
) {
  const listed = options.inputList === undefined ? [] : readList(options.inputList);
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
  if (ports !== undefined && countPorts(parsePorts(ports, registryOf(services))) === 0)
    throw new InputError("--ports names no port; write for example 22,80,8000-8100 or T:22,U:53", "--ports");
  for (const text of options.exclude ?? []) named("--exclude", parseTarget)(text);
  for (const text of options.scope ?? [])
    named("--scope", (entry) => scopeFrom([entry], { allowLoopback: true }))(text);
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
    cache: options.fresh ? false : undefined,
    rpcPrograms: options.rpc === undefined ? undefined : rpcPrograms(options.rpc),
    services,
    topPorts: options.topPorts,
    profile,
    ipv6: options.ipv6 ?? false,
    skipOutOfScope: options.skipOutOfScope ?? false,
    limits: limitsFrom(options.limit),
    deadlineMs: deadlineFrom(options.deadline ?? DEADLINE),
    maxCostUsd: options.maxCost,
    args: process.argv.slice(2).join(" ").slice(0, 4096),
  });
}

const LONGEST_MS = 24 * 3_600_000;

function deadlineFrom(text: string): number {
  const ms = named("--deadline", durationMs)(text);
  if (ms < 1000 || ms > LONGEST_MS)
    throw new InputError(`--deadline: ${text} is not between 1s and 24h`, text);
  return ms;
}

/** `new-per-second=100` as the request's `limits`. */
function limitsFrom(entries: readonly string[] | undefined): Partial<ScanLimits> | undefined {
  if (!entries) return undefined;
  const names = new Map(
    Object.keys(scanLimitsSchema.shape).map((key) => [
      key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`),
      key,
    ]),
  );
  const limits: Record<string, number> = {};
  for (const entry of entries) {
    const [name = "", value = ""] = entry.split("=");
    const key = names.get(name.trim());
    if (key === undefined || !/^\d+(\.\d+)?$/.test(value.trim())) {
      throw new InputError(
        `--limit ${entry}: name=number, and one of ${[...names.keys()].join(", ")}`,
        entry,
      );
    }
    limits[key] = Number(value);
    if (!scanLimitsSchema.partial().safeParse({ [key]: limits[key] }).success)
      throw new InputError(
        `--limit ${entry}: the number must be above 0, at most 1,000,000, and whole where it is of connections`,
        entry,
      );
  }
  return limits;
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

/** @throws InputError naming the file with the place of its first mistake; or when it holds no target */
function readList(file: string): Target[] {
  const name = file === "-" ? "stdin" : file;
  const text = readText(file, "target list");
  const targets = named(name, parseTargetList)(text);
  if (targets.length === 0)
    throw new InputError(`${name} holds no target; write one or more a line, # begins a comment`, file);
  return targets;
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
