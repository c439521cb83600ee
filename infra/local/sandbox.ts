/**
 * One instance of a function: a process of its own that takes one invocation at a time. It has the function's memory as heap limit, is
 * killed at its deadline even in a CPU loop, and when it dies its invocation fails as AWS reports it.
 */
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import type { Log } from "./log.ts";
import { type Delivery, type RuntimeCalls, runtimeError } from "./runtime-api.ts";
import { RUNTIME_PATH } from "./server.ts";
import { WATCHDOG_FD } from "./watchdog.ts";

export interface SandboxSpec {
  functionArn: string;
  /** Bundle that exports `handler`. */
  handlerPath: string;
  bootstrapPath: string;
  /** ms from the delivery of an invocation to SIGKILL. */
  timeoutMs: number;
  memoryMb: number;
  environment: Record<string, string>;
  /** `127.0.0.1:port` of the Runtime API. */
  runtimeApi: string;
  log: Log;
}

export type InvocationResult = { ok: true; payload: string } | { ok: false; error: string };

export interface Sandbox extends RuntimeCalls {
  /** Names the instance in the Runtime API. */
  readonly secret: string;
  readonly pid: number | undefined;
  /** Has begun to wait for invocations. */
  isReady(): boolean;
  isBusy(): boolean;
  /** False once it died or is being killed: takes nothing more. */
  isAlive(): boolean;
  /** Runs one invocation; only while alive and not busy. Never rejects. */
  invoke(payload: string): Promise<InvocationResult>;
  kill(): void;
  /** Resolves when the process is gone; true if it failed before it was ready. */
  exited: Promise<boolean>;
}

/** Longest time from start to the first request for work, ms (AWS: 10 s). */
const INIT_LIMIT_MS = 10_000;
const SECRET_BYTES = 16;

interface Current {
  requestId: string;
  payload: string;
  /** When it was handed to the process, monotonic ms; null: not yet. */
  since: number | null;
  finish(result: InvocationResult): void;
}

export function startSandbox(spec: SandboxSpec): Sandbox {
  const secret = randomBytes(SECRET_BYTES).toString("hex");
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${spec.memoryMb}`, spec.bootstrapPath, spec.handlerPath, String(WATCHDOG_FD)],
    {
      env: { ...spec.environment, AWS_LAMBDA_RUNTIME_API: `${spec.runtimeApi}${RUNTIME_PATH}${secret}` },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    },
  );
  let alive = true;
  let ready = false;
  let initError: string | null = null;
  let waiting: ((delivery: Delivery) => void) | null = null;
  let current: Current | null = null;
  let timer: NodeJS.Timeout | undefined;

  child.stdout?.on("data", (chunk: Buffer) => spec.log.write(chunk));
  child.stderr?.on("data", (chunk: Buffer) => spec.log.write(chunk));
  // The pipe of the watchdog: nothing is ever written, and its end is the process's end.
  child.stdio[WATCHDOG_FD]?.on("error", () => undefined);

  const kill = () => {
    alive = false;
    waiting = null;
    child.kill("SIGKILL");
  };

  const finish = (requestId: string, result: InvocationResult): boolean => {
    if (current === null || current.requestId !== requestId) return false;
    clearTimeout(timer);
    const { finish: done, since } = current;
    current = null;
    if (!result.ok) spec.log.write(`RequestId: ${requestId} Error: ${result.error}\n`);
    // As Lambda does, of whatever it began, however that ended.
    if (since !== null) {
      const ms = Math.ceil(performance.now() - since);
      spec.log.write(`REPORT RequestId: ${requestId} Duration: ${ms} ms Memory Size: ${spec.memoryMb} MB\n`);
    }
    done(result);
    return true;
  };

  const timeOut = (requestId: string, seconds: number) => {
    kill();
    const message = `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
    finish(requestId, { ok: false, error: runtimeError("Sandbox.Timedout", message) });
  };

  const deliver = () => {
    if (current === null || waiting === null) return;
    const { requestId, payload } = current;
    current.since = performance.now();
    clearTimeout(timer);
    timer = setTimeout(timeOut, spec.timeoutMs, requestId, spec.timeoutMs / 1000);
    waiting({ requestId, payload, deadlineMs: Date.now() + spec.timeoutMs, functionArn: spec.functionArn });
    waiting = null;
  };

  const exited = new Promise<boolean>((resolve) => {
    const ended = (how: string) => {
      alive = false;
      waiting = null;
      if (current !== null) {
        const { requestId } = current;
        const message = `RequestId: ${requestId} Error: Runtime exited ${how}`;
        finish(requestId, { ok: false, error: initError ?? runtimeError("Runtime.ExitError", message) });
      }
      resolve(!ready);
    };
    child.once("error", (error) => ended(`before it started: ${error.message}`));
    child.once("exit", (code, signal) =>
      ended(signal === null ? `with error: exit status ${code}` : `with error: signal: ${signal}`),
    );
  });

  return {
    secret,
    pid: child.pid,
    exited,
    kill,
    isReady: () => ready,
    isBusy: () => current !== null,
    isAlive: () => alive,
    invoke(payload) {
      return new Promise((resolve) => {
        const requestId = randomUUID();
        current = { requestId, payload, since: null, finish: resolve };
        timer = setTimeout(timeOut, INIT_LIMIT_MS, requestId, INIT_LIMIT_MS / 1000);
        deliver();
      });
    },
    next(give) {
      ready = true;
      waiting = give;
      deliver();
    },
    respond: (requestId, payload) => finish(requestId, { ok: true, payload }),
    fail: (requestId, error) => finish(requestId, { ok: false, error }),
    initFailed(error) {
      alive = false;
      initError = error;
    },
  };
}
