/**
 * The state of local scans: `.doorplate/<scanId>/`, one directory a scan, readable by its owner alone. Beside the local cloud's own files it holds
 * how the scan was asked for (so that `resume` goes on under the same rules) and which endpoints have been printed.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { DoorplateError, EnvironmentError } from "../model/errors.ts";
import { REPORT_FORMATS, type ReportFormat } from "../report/index.ts";
import type { Told } from "../scan/follow.ts";

const OWNER_ONLY = 0o700;

export const settingsSchema = z.object({
  /** Scope entries, beside loopback. */
  scope: z.array(z.string()),
  format: z.enum(REPORT_FORMATS as [ReportFormat, ...ReportFormat[]]),
  outputs: z.array(z.string()),
  showEvidence: z.boolean(),
  showAll: z.boolean(),
});
export type Settings = z.infer<typeof settingsSchema>;

export interface Workspace {
  scanId: string;
  /** Directory of the local cloud. */
  cloud: string;
  settings: Settings;
  told: Told & { remember(): void };
}

export const stateRoot = (environment: NodeJS.ProcessEnv) => environment.DOORPLATE_STATE ?? ".doorplate";

/** @throws EnvironmentError when the directory cannot be written */
export function createWorkspace(root: string, scanId: string, settings: Settings): Workspace {
  const path = join(root, scanId);
  try {
    mkdirSync(path, { recursive: true, mode: OWNER_ONLY });
    writeFileSync(join(path, "settings.json"), JSON.stringify(settings), { mode: 0o600 });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new EnvironmentError(
      `cannot write the state directory ${path} (${reason}); name another with DOORPLATE_STATE=DIR`,
      { cause },
    );
  }
  return { scanId, cloud: join(path, "cloud"), settings, told: toldIn(path) };
}

/** @throws DoorplateError when there is no such scan */
export function openWorkspace(root: string, scanId: string): Workspace {
  const path = join(root, scanId);
  const file = join(path, "settings.json");
  if (!/^[0-9A-Za-z-]+$/.test(scanId) || !existsSync(file)) {
    const known = scansIn(root).slice(-3);
    throw new DoorplateError(
      `there is no scan ${scanId} in ${root}${known.length > 0 ? `; the latest are ${known.join(", ")}` : ""}`,
    );
  }
  const settings = settingsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  return { scanId, cloud: join(path, "cloud"), settings, told: toldIn(path) };
}

/** Ids begin with the time, so they sort by age. */
export function scansIn(root: string): string[] {
  try {
    return readdirSync(root)
      .filter((name) => existsSync(join(root, name, "settings.json")))
      .sort();
  } catch {
    return [];
  }
}

/** Printed endpoints, a line each, written after they were printed: a crash prints one again rather than none. */
function toldIn(path: string): Workspace["told"] {
  const file = join(path, "printed");
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
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
      if (fresh.length > 0) appendFileSync(file, `${fresh.join("\n")}\n`, { mode: 0o600 });
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
