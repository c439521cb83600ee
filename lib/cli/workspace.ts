/**
 * The state of local scans: `.doorplate/<scanId>/`, one directory a scan, readable by its owner alone. Beside the local cloud's own files it holds
 * how the scan was asked for (so that `resume` goes on under the same rules) and which endpoints have been printed. Of a scan in AWS it holds only these.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod";
import { makeDirectory } from "../../infra/local/client.ts";
import { DoorplateError, EnvironmentError, InputError } from "../model/errors.ts";
import { REPORT_FORMATS, type ReportFormat } from "../report/index.ts";
import type { Told } from "../scan/follow.ts";
import { fileTrouble, readNamed } from "./files.ts";

/** Nothing that could lead out of the directory. */
const SCAN_ID = /^[0-9A-Za-z-]+$/;

const stackSchema = z.object({ name: z.string().min(1), region: z.string().min(1).optional() });
/** A stack in AWS, by name; without a region it is the caller's own. */
export type StackChoice = z.infer<typeof stackSchema>;

export const settingsSchema = z.object({
  /** Scope entries, beside loopback. */
  scope: z.array(z.string()),
  format: z.enum(REPORT_FORMATS as [ReportFormat, ...ReportFormat[]]),
  outputs: z.array(z.string()),
  showEvidence: z.boolean(),
  showAll: z.boolean(),
  /** Where the scan runs; absent: in a local cloud of its own. */
  stack: stackSchema.optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

export interface Workspace {
  scanId: string;
  /** Directory of the local cloud. */
  cloud: string;
  settings: Settings;
  told: Told & { remember(): void };
}

export const stateRoot = (environment: NodeJS.ProcessEnv) => environment.DOORPLATE_STATE || ".doorplate";

/** @throws EnvironmentError when the directory cannot be written */
export function createWorkspace(root: string, scanId: string, settings: Settings): Workspace {
  const path = join(root, scanId);
  try {
    makeDirectory(path);
    writeFileSync(join(path, "settings.json"), JSON.stringify(settings), { mode: 0o600 });
  } catch (cause) {
    throw new EnvironmentError(
      `cannot write the state directory ${path}: ${fileTrouble(cause)}; name another with DOORPLATE_STATE=DIR`,
      { cause },
    );
  }
  return { scanId, cloud: join(path, "cloud"), settings, told: toldIn(path) };
}

/** @throws DoorplateError when there is no such scan */
export function openWorkspace(root: string, scanId: string): Workspace {
  const path = join(root, scanId);
  const file = join(path, "settings.json");
  if (!SCAN_ID.test(scanId) || !existsSync(file)) {
    const known = scansIn(root).slice(-3);
    throw new DoorplateError(
      `there is no scan ${scanId} in ${root}${known.length > 0 ? `; the latest are ${known.join(", ")}` : ""}`,
    );
  }
  const settings = readSettings(file);
  return { scanId, cloud: join(path, "cloud"), settings, told: toldIn(path) };
}

/** @throws EnvironmentError when the file cannot be read, or was cut off or changed */
function readSettings(file: string): Settings {
  try {
    return settingsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    const why =
      cause instanceof SyntaxError || cause instanceof z.ZodError ? "it is damaged" : fileTrouble(cause);
    throw new EnvironmentError(
      `cannot read how the scan was asked for, ${file}: ${why}; start the scan again`,
      { cause },
    );
  }
}

/** How commands are told of a stack: `--cloud NAME`, `--region NAME`. */
export interface StackOptions {
  cloud?: string;
  region?: string;
}

/** @throws InputError when a region is named without a stack, or neither has a name */
export function stackFrom({ cloud, region }: StackOptions): StackChoice | undefined {
  if (cloud === undefined && region !== undefined)
    throw new InputError("--region goes with --cloud STACK; a local scan knows no regions", "--region");
  if (cloud === undefined) return undefined;
  const stack = stackSchema.safeParse({ name: cloud.trim(), region: region?.trim() });
  if (!stack.success) throw new InputError("--cloud and --region each need a name", "--cloud");
  return stack.data;
}

/** What a scan is shown like that was not asked for from here. */
const DEFAULT_SETTINGS: Settings = {
  scope: [],
  format: "table",
  outputs: [],
  showEvidence: false,
  showAll: false,
};

/**
 * The workspace of a scan that is there already. One in AWS need not have been asked for from this machine: then nothing of it is here, until there is
 * something to remember.
 * @throws DoorplateError when there is no such scan here, and no stack was named
 */
export function workspaceOf(root: string, scanId: string, options: StackOptions): Workspace {
  const stack = stackFrom(options);
  if (!stack) return openWorkspace(root, scanId);
  if (!SCAN_ID.test(scanId)) throw new InputError(`"${scanId}" is no scan id`, scanId);
  const path = join(root, scanId);
  if (existsSync(join(path, "settings.json"))) {
    const known = openWorkspace(root, scanId);
    return { ...known, settings: { ...known.settings, stack } };
  }
  const settings = { ...DEFAULT_SETTINGS, stack };
  const told = toldIn(path);
  const remember = () => {
    createWorkspace(root, scanId, settings);
    told.remember();
  };
  return { scanId, cloud: join(path, "cloud"), settings, told: { ...told, remember } };
}

/** Ids begin with the time, so they sort by age. */
export function scansIn(root: string): string[] {
  try {
    return readdirSync(root)
      .filter((name) => !name.startsWith("invoke-") && existsSync(join(root, name, "settings.json")))
      .sort();
  } catch {
    return [];
  }
}

/** Printed endpoints, a line each, written after they were printed: a crash prints one again rather than none. */
function toldIn(path: string): Workspace["told"] {
  const file = join(path, "printed");
  const lines = existsSync(file)
    ? readNamed(file, "record of what was printed").toString("utf8").split("\n")
    : [];
  const known = new Set(lines.filter(Boolean));
  let fresh: string[] = [];
  const key = (batch: number, index: number) => `${batch} ${index}`;
  return {
    has: (batch, index) => known.has(key(batch, index)),
    add(batch, index) {
      known.add(key(batch, index));
      fresh.push(key(batch, index));
    },
    remember() {
      try {
        if (fresh.length > 0) appendFileSync(file, `${fresh.join("\n")}\n`, { mode: 0o600 });
      } catch (cause) {
        throw new EnvironmentError(
          `cannot write ${file}: ${fileTrouble(cause)}; when that is mended, go on with: doorplate resume ${basename(path)}`,
          { cause },
        );
      }
      fresh = [];
    },
  };
}

/** Remembers nothing: everything is news. */
export function toldNothing(): Told {
  const known = new Set<string>();
  return {
    has: (batch, index) => known.has(`${batch} ${index}`),
    add: (batch, index) => void known.add(`${batch} ${index}`),
  };
}
