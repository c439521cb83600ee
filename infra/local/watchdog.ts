/**
 * No process outlives the one that started it. The parent keeps one end of a pipe and never writes; the kernel closes it when the parent
 * dies, however it dies. A worker thread of the child waits for that end of file and kills the whole process, so it works even while the
 * main thread is stuck in a loop.
 */
import { Worker } from "node:worker_threads";

/** The child's descriptor of the pipe to its parent, right after stdin, stdout and stderr. */
export const WATCHDOG_FD = 3;

// As text: the bundle is one file, and loading all of it again in the worker would cost every start.
const WATCH = `
const { Socket } = require("node:net");
const { workerData } = require("node:worker_threads");
const die = () => process.kill(process.pid, "SIGKILL");
const pipe = new Socket({ fd: workerData, readable: true, writable: false });
pipe.on("error", die).on("end", die).on("close", die).resume();
`;

/** The thread only waits: a small heap is enough, MB. */
const LIMITS = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 };

/** Kills this process as soon as the parent at the other end of `fd` is gone. Call it first thing. */
export function startWatchdog(fd: number): void {
  const worker = new Worker(WATCH, {
    eval: true,
    workerData: fd,
    env: {},
    execArgv: [],
    resourceLimits: LIMITS,
  });
  // A process that cannot be watched must not run at all.
  worker.on("error", () => process.kill(process.pid, "SIGKILL"));
  worker.unref();
}
