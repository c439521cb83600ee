/**
 * Starts the local cloud and stops it: for the command line and the tests.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DoorplateError, EnvironmentError } from "../../lib/model/errors.ts";
import {
  type CloudDescriptor,
  type CloudOptions,
  type CloudReport,
  CONNECTION_FILE,
  DEFAULT_MAX_CONCURRENCY,
  STOP_LIMIT_MS,
} from "./protocol.ts";
import { ownerOf } from "./state.ts";

export { type CloudDescriptor, DEFAULT_MAX_CONCURRENCY } from "./protocol.ts";

export interface LocalCloudOptions {
  stateDir: string;
  scope?: string[];
  timeScale?: number;
  maxConcurrency?: number;
  /** Directory with `<function>/index.mjs`; default: the build's. */
  bundles?: string;
  /** False: no batch is probed and no plan sent; for commands that only look or settle. */
  probing?: boolean;
  /** The program to run; default: the build's, or the source beside this file. */
  program?: string;
}

export interface LocalCloud extends CloudDescriptor {
  /** Resolves when the local cloud has ended, with what it said last; early if it died. */
  ended: Promise<string>;
  /** Ends it within two seconds, invocations under way with it; what they had not finished goes on at the next start. */
  stop(): Promise<void>;
}

export { makeDirectory } from "./state.ts";

/** Longest wait for the ready line, ms. It takes about half a second. */
const START_LIMIT_MS = 30_000;
/** A young generation of 16 MB from the start saves a fifth of the CPU time that loading the stores takes (measured). */
const YOUNG_SPACE = "--min-semi-space-size=16";
/** Last output kept for the message when it dies, characters. */
const STDERR_KEPT = 4_000;

// This file runs from infra/local as source, and inside dist/cli or dist/local as part of a bundle.
const here = import.meta.dirname;
const isSource = import.meta.filename.endsWith(".ts");
const dist = isSource ? join(here, "../../dist") : join(here, "..");

/**
 * Starts the local cloud and waits until it is ready.
 *
 * @throws EnvironmentError when the state directory is in use or cannot be written, or the local cloud does not start.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const program = options.program ?? (isSource ? join(here, "cloud.ts") : join(dist, "local/cloud.mjs"));
  const complete: CloudOptions = {
    stateDir: resolve(options.stateDir),
    scope: options.scope ?? [],
    timeScale: options.timeScale ?? 1,
    maxConcurrency: options.maxConcurrency ?? DEFAULT_MAX_CONCURRENCY,
    bundles: resolve(options.bundles ?? join(dist, "functions")),
    probing: options.probing ?? true,
  };
  const child = spawn(process.execPath, [YOUNG_SPACE, program, JSON.stringify(complete)], {
    // As the launcher says it, for those who come without it.
    env: { NODE_COMPILE_CACHE: join(dist, "../node_modules/.cache/doorplate"), ...process.env },
    // The fourth is the watchdog's: it closes when this process ends, however it ends.
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  child.stdio[3]?.on("error", () => undefined);
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-STDERR_KEPT);
  });
  const ended = new Promise<string>((done) => {
    child.once("error", (error) => done(error.message));
    child.once("close", (code, signal) => done(stderr.trim() || `ended with ${signal ?? code}`));
  });
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };

  const answer = await Promise.race([firstLine(child.stdout), ended.then(() => null), pause(START_LIMIT_MS)]);
  if (answer === null) {
    await kill();
    throw new EnvironmentError(`the local cloud did not start: ${stderr.trim() || "no answer"}`);
  }
  const report = JSON.parse(answer) as CloudReport;
  if (!report.ready) {
    await kill();
    throw new (report.exitCode === 2 ? DoorplateError : EnvironmentError)(report.error);
  }
  const { ready: _, ...descriptor } = report;
  return {
    ...descriptor,
    ended,
    async stop() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS + 200);
      await ended;
      clearTimeout(late);
    },
  };
}

/**
 * The local cloud of whoever works in the directory, or one of its own that probes nothing. Two that come at once are both served: the one waits until that of the
 * other is ready, or has ended.
 * @throws EnvironmentError as `startLocalCloud` does
 */
export async function lookAtLocalCloud(options: Omit<LocalCloudOptions, "probing">): Promise<LocalCloud> {
  const giveUp = performance.now() + START_LIMIT_MS;
  for (;;) {
    const there = attachLocalCloud(options.stateDir);
    if (there) return there;
    const isFree = () => ownerOf(options.stateDir) === null;
    const late = performance.now() > giveUp;
    if (late || isFree()) {
      try {
        return await startLocalCloud({ ...options, probing: false });
      } catch (error) {
        if (late || isFree()) throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, OWNER_LOOK_MS));
  }
}

/** Time between two looks whether the owner still lives, ms. */
const OWNER_LOOK_MS = 250;

/**
 * The local cloud that another process of this user runs over the directory; null when there is none, or it is not ready. Its credentials lie in
 * the directory, which only the owner can read. `stop` lets go of it and leaves it running.
 */
export function attachLocalCloud(stateDir: string): LocalCloud | null {
  const owner = ownerOf(stateDir);
  if (owner === null) return null;
  let descriptor: CloudDescriptor;
  try {
    descriptor = JSON.parse(readFileSync(join(stateDir, CONNECTION_FILE), "utf8")) as CloudDescriptor;
  } catch {
    return null;
  }
  // Left behind by an owner that was killed.
  if (descriptor.pid !== owner) return null;
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<string>((done) => {
    timer = setInterval(() => {
      if (ownerOf(stateDir) === owner) return;
      clearInterval(timer);
      done("its owner ended it");
    }, OWNER_LOOK_MS).unref();
  });
  return { ...descriptor, ended, stop: async () => clearInterval(timer) };
}

function firstLine(stream: NodeJS.ReadableStream | null): Promise<string> {
  return new Promise((done) => {
    let text = "";
    stream?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end >= 0) done(text.slice(0, end));
    });
  });
}

function pause(ms: number): Promise<null> {
  return new Promise((done) => setTimeout(done, ms, null).unref());
}
