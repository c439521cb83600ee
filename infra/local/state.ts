/**
 * The state directory of one local cloud: everything that must survive it, readable by the owner alone (0700), used by one process at a time.
 *
 * The lock is a file that names its owner by process id and start time, since ids are used again. A lock whose owner is dead is taken over.
 * Two processes that take over at the same moment are told apart by reading the lock back; behind it stands LevelDB's own file lock, which
 * the kernel drops with its holder.
 */
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { EnvironmentError } from "../../lib/model/errors.ts";

export interface StateDirectory {
  path: string;
  /** Absolute path of a file or directory inside. */
  file(...names: string[]): string;
  /** Gives the lock back. */
  release(): void;
}

interface Owner {
  pid: number;
  /** Clock ticks after boot (Linux), null where the system does not tell. */
  startedAt: string | null;
}

const OWNER_ONLY = 0o700;
const LOCK = "lock";
/** Field 22 of /proc/<pid>/stat, counted after the command's closing bracket, where field 3 is the first (man 5 proc). */
const START_TIME_INDEX = 22 - 3;

/** Fields of /proc/<pid>/stat from the third on; null: no such process, or no /proc. */
function processFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/** Start time of a process, or null: no such process, or no /proc. */
export function processStartTime(pid: number): string | null {
  return processFields(pid)?.[START_TIME_INDEX] ?? null;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function isAlive(owner: Owner): boolean {
  if (!processExists(owner.pid)) return false;
  // A zombie is dead, whether or not its parent has noticed.
  if (/^[ZX]$/.test(processFields(owner.pid)?.[0] ?? "")) return false;
  const startedAt = processStartTime(owner.pid);
  return owner.startedAt === null || startedAt === null || startedAt === owner.startedAt;
}

function readOwner(path: string): Owner | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null || !("pid" in value) || typeof value.pid !== "number")
      return null;
    const startedAt = "startedAt" in value && typeof value.startedAt === "string" ? value.startedAt : null;
    return Number.isSafeInteger(value.pid) && value.pid > 0 ? { pid: value.pid, startedAt } : null;
  } catch {
    return null;
  }
}

/**
 * Creates the directory if need be and locks it for this process.
 *
 * @throws EnvironmentError when it cannot be created or written, or a living process works in it.
 */
export function openStateDirectory(path: string): StateDirectory {
  const lock = join(path, LOCK);
  const mine = join(path, `${LOCK}.${process.pid}`);
  const content = JSON.stringify({
    pid: process.pid,
    startedAt: processStartTime(process.pid),
  } satisfies Owner);
  try {
    makeDirectory(path);
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, OWNER_ONLY);
    writeFileSync(mine, content, { mode: 0o600 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EnvironmentError(`cannot write the state directory ${path}: ${reason}`, { cause });
  }
  try {
    claim(lock, mine, path);
  } finally {
    rmSync(mine, { force: true });
  }
  if (readFileSync(lock, "utf8") !== content) throw occupied(path, readOwner(lock));
  return {
    path,
    file: (...names) => join(path, ...names),
    release() {
      if (readOwner(lock)?.pid === process.pid) rmSync(lock, { force: true });
    },
  };
}

/** Process id of the living owner of a state directory; null when nobody works in it. */
export function ownerOf(path: string): number | null {
  const owner = readOwner(join(path, LOCK));
  return owner !== null && isAlive(owner) ? owner.pid : null;
}

/** As mkdir -p. Node's own recursive mkdir never returns where even the parent cannot be made, as in /proc. */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: OWNER_ONLY });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    if (code !== "ENOENT" || dirname(path) === path || existsSync(dirname(path))) throw error;
    makeDirectory(dirname(path));
    mkdirSync(path, { mode: OWNER_ONLY });
  }
}

/** link() fails when the name exists: that makes it the one step in which a lock is taken. */
function claim(lock: string, mine: string, path: string): void {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      linkSync(mine, lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw new EnvironmentError(`cannot lock the state directory ${path}`, { cause: error });
      }
    }
    const owner = readOwner(lock);
    if (owner !== null && isAlive(owner)) throw occupied(path, owner);
    try {
      // Away by renaming, so that of several takers only one removes it.
      renameSync(lock, `${mine}.stale`);
      rmSync(`${mine}.stale`, { force: true });
    } catch {
      // Another taker was faster; look again.
    }
  }
  throw occupied(path, readOwner(lock));
}

function occupied(path: string, owner: Owner | null): EnvironmentError {
  return new EnvironmentError(
    `another doorplate (pid ${owner?.pid ?? "unknown"}) works in ${path}; let it end, or interrupt it first. doorplate status and report look at a scan while it runs`,
  );
}
