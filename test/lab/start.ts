import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command, Daemon, Door, Place } from "./daemon.ts";
import { ended, listeners, type Network, openNetwork, portGiver } from "./network.ts";
import { packageVersion } from "./truth.ts";

/** Longest time from start until every door listens, ms, unless told otherwise: a database makes its files first, on a busy machine. */
const START_MS = Number(process.env.DOORPLATE_LAB_START_MS ?? 60_000);
/** After this a daemon that does not go is killed, ms. */
const STOP_MS = 5_000;
const LOOK_MS = 100;
const LOG_SHOWN = 2_000;

/** A door with its number and its version from dpkg. */
export interface RunningDoor extends Omit<Door, "version" | "host"> {
  daemon: string;
  host: string;
  port: number;
  version: string | null;
}

export interface Lab {
  network: Network;
  doors: RunningDoor[];
  /** What could not be started here, and why. */
  missing: string[];
  stop(): Promise<void>;
}

/**
 * Starts all daemons side by side and waits until every door listens. One that does not is told in `missing`, with its log, where
 * `tolerant`. @throws with its log where not
 */
export async function startLab(daemons: readonly Daemon[], { tolerant = false } = {}): Promise<Lab> {
  const network = await openNetwork();
  const root = mkdtempSync(join(tmpdir(), "doorplate-lab-"));
  chmodSync(root, 0o755);
  const { certificate, privateKey } = makeCertificate(root);
  const givePort = portGiver(network);
  const running: Running[] = [];
  const missing: string[] = [];
  const silent = new Set<Running>();
  const stop = async () => {
    await Promise.all(running.flatMap(({ children }) => children).map(stopProcess));
    await network.stop();
    rmSync(root, { recursive: true, force: true });
  };
  try {
    for (const daemon of daemons) {
      if (daemon.needsOwnNetwork && !network.isolated) {
        missing.push(`${daemon.name}: needs a network of its own`);
        continue;
      }
      const ports = daemon.ports.map(givePort);
      const own = daemon.name.replace(/\W+/g, "-");
      const directory = join(root, own);
      mkdirSync(directory, { mode: 0o755 });
      const place: Place = { directory, ports, certificate, privateKey, prepare: prepareIn(directory) };
      const log = join(root, `${own}.log`);
      try {
        const children = daemon.start(place).map((command) => launch(command, network, directory, log));
        running.push({ daemon, ports, children, log });
      } catch (error) {
        if (!tolerant) throw error;
        missing.push(`${daemon.name}: ${(error as Error).message}`);
      }
    }
    const waits = await Promise.allSettled(running.map((one) => untilListening(one, network)));
    for (const [i, { status, reason }] of waits.map((wait) => ({ reason: null, ...wait })).entries()) {
      if (status === "fulfilled") continue;
      if (!tolerant) throw reason;
      missing.push((reason as unknown as Error).message);
      const failed = running[i];
      if (failed) silent.add(failed);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const doors = running.filter((one) => !silent.has(one)).flatMap(doorsOf);
  return { network, doors, missing, stop };
}

interface Running {
  daemon: Daemon;
  ports: number[];
  children: ChildProcess[];
  log: string;
}

function doorsOf({ daemon, ports }: Running): RunningDoor[] {
  return daemon.doors.map((door) => ({
    ...door,
    daemon: daemon.name,
    host: door.host ?? "127.0.0.1",
    port: ports[door.at] ?? 0,
    version: door.version === "package" ? packageVersion(daemon.package) : door.version,
  }));
}

function makeCertificate(root: string) {
  const certificate = join(root, "certificate.pem");
  const privateKey = join(root, "key.pem");
  const subject = ["-subj", "/CN=lab.test", "-addext", "subjectAltName=DNS:lab.test"];
  const files = ["-keyout", privateKey, "-out", certificate];
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, ...files];
  execFileSync("openssl", args, { stdio: "pipe" });
  return { certificate, privateKey };
}

const prepareIn =
  (cwd: string): Place["prepare"] =>
  ([command, ...args]) => {
    execFileSync(command, args, { cwd, stdio: "pipe" });
  };

/** A family of processes of their own: with the first of them all are gone, also those that took another user id or session. */
const FAMILY = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"] as const;
/** Its first process is a shell, since a daemon that changes its user id is no longer told of its parent's death (prctl(2)). */
const FIRST = ["sh", "-c", '"$@"; exit $?', "lab"] as const;

/** In a process group of its own, so that its children can be ended with it. Dies with this process, whatever happens. */
function launch(
  { argv, env }: Command,
  { prefix, isolated }: Network,
  cwd: string,
  log: string,
): ChildProcess {
  const family = isolated ? [...FAMILY, ...FIRST] : [];
  const [command = "", ...args] = [...prefix, "setpriv", "--pdeathsig=KILL", "--", ...family, ...argv];
  const output = openSync(log, "a");
  return spawn(command, args, {
    cwd,
    detached: true,
    stdio: ["ignore", output, output],
    env: { PATH: process.env.PATH, LANG: "C.UTF-8", ...env },
  });
}

async function untilListening({ daemon, ports, children, log }: Running, network: Network): Promise<void> {
  const until = performance.now() + START_MS;
  for (;;) {
    const open = new Set(listeners(network).map(({ transport, port }) => `${transport}/${port}`));
    if (daemon.doors.every(({ transport, at }) => open.has(`${transport}/${ports[at]}`))) return;
    const dead = children.some((child) => child.exitCode !== null || child.signalCode !== null);
    if (dead || performance.now() > until) {
      const printed = readFileSync(log, "utf8").slice(-LOG_SHOWN);
      throw new Error(`${daemon.name} ${dead ? "ended" : "does not listen"} at its start:\n${printed}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function stopProcess(child: ChildProcess): Promise<void> {
  const kill = setTimeout(() => signalGroup(child, "SIGKILL"), STOP_MS);
  await ended(child, () => signalGroup(child, "SIGTERM"));
  clearTimeout(kill);
  // Its children may outlive it.
  signalGroup(child, "SIGKILL");
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
