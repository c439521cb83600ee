/**
 * Runs functions as Lambda does: as many instances at once as the function's mappings may keep busy, an idle instance is used again, a dead
 * one is replaced. What waits for an instance waits in order.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type FunctionName, functions, mappings } from "../topology.ts";
import { functionArn, functionNames } from "./identity.ts";
import type { LaterEvent, LaterEvents } from "./later.ts";
import type { Log } from "./log.ts";
import type { RuntimeCalls } from "./runtime-api.ts";
import { runtimeError } from "./runtime-api.ts";
import { type InvocationResult, type Sandbox, startSandbox } from "./sandbox.ts";

export interface HostOptions {
  /** Directory with `<function>/index.mjs`. */
  bundles: string;
  bootstrapPath: string;
  /** `127.0.0.1:port` of the Runtime API. */
  runtimeApi: string;
  environmentOf(name: FunctionName): Record<string, string>;
  logOf(name: FunctionName): Log;
  /** Every duration of the topology is divided by this. */
  timeScale: number;
  /** Upper limit of instances per function on this machine. */
  maxConcurrency: number;
  /** Where asynchronous invocations wait. */
  later: LaterEvents;
}

export interface LambdaHost {
  /** Runs the function once, with a JSON payload. Never rejects: a failed invocation is a result. */
  invoke(name: FunctionName, payload: string): Promise<InvocationResult>;
  /** As Lambda's asynchronous invocation: up to two retries, then the event is dropped (and logged). */
  invokeLater(name: FunctionName, payload: string): void;
  /** Invokes what an earlier local cloud over this state had accepted and not done. */
  resumeLater(): void;
  /** Starts an instance, if there is none, so that the next invocation finds it warm. */
  warm(name: FunctionName): void;
  /** For the Runtime API. */
  find(secret: string): RuntimeCalls | undefined;
  /** Process ids of the living instances. */
  pids(): number[];
  /** Kills every instance. Invocations under way fail. */
  stop(): Promise<void>;
}

interface Waiting {
  payload: string;
  resolve(result: InvocationResult): void;
}

interface Pool {
  limit: number;
  sandboxes: Set<Sandbox>;
  queue: Waiting[];
}

/** Waits before the retries of an asynchronous invocation, seconds (AWS: one minute, then two). */
const RETRY_SECONDS = [60, 120];

export function startHost(options: HostOptions): LambdaHost {
  const pools = new Map<FunctionName, Pool>(
    functionNames.map((name) => [
      name,
      { limit: concurrencyOf(name, options.maxConcurrency), sandboxes: new Set(), queue: [] },
    ]),
  );
  const bySecret = new Map<string, Sandbox>();
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  const poolOf = (name: FunctionName): Pool => {
    const pool = pools.get(name);
    if (pool === undefined) throw new Error(`no function ${name}`);
    return pool;
  };

  const start = (name: FunctionName, pool: Pool): Sandbox => {
    const { timeoutSeconds, memoryMb } = functions[name];
    const sandbox = startSandbox({
      functionArn: functionArn(name),
      handlerPath: join(options.bundles, name, "index.mjs"),
      bootstrapPath: options.bootstrapPath,
      timeoutMs: (timeoutSeconds * 1000) / options.timeScale,
      memoryMb,
      environment: options.environmentOf(name),
      runtimeApi: options.runtimeApi,
      log: options.logOf(name),
    });
    pool.sandboxes.add(sandbox);
    bySecret.set(sandbox.secret, sandbox);
    void sandbox.exited.then((failedToStart) => {
      pool.sandboxes.delete(sandbox);
      bySecret.delete(sandbox.secret);
      if (stopped) return;
      pump(name, pool);
      // Warm again, but not in a circle when the bundle cannot even be loaded.
      if (!failedToStart && pool.sandboxes.size === 0) start(name, pool);
    });
    return sandbox;
  };

  const pump = (name: FunctionName, pool: Pool): void => {
    while (!stopped && pool.queue.length > 0) {
      const free = [...pool.sandboxes].filter((sandbox) => sandbox.isAlive() && !sandbox.isBusy());
      const sandbox = free.find((one) => one.isReady()) ?? free[0];
      if (sandbox === undefined && pool.sandboxes.size >= pool.limit) return;
      const next = pool.queue.shift();
      if (next === undefined) return;
      void (sandbox ?? start(name, pool)).invoke(next.payload).then((result) => {
        next.resolve(result);
        pump(name, pool);
      });
    }
  };

  const invoke = (name: FunctionName, payload: string): Promise<InvocationResult> =>
    new Promise((resolve) => {
      const pool = poolOf(name);
      if (stopped)
        return resolve({ ok: false, error: runtimeError("Sandbox.Stopped", "the local cloud is stopping") });
      pool.queue.push({ payload, resolve });
      pump(name, pool);
    });

  const attempt = async (event: LaterEvent): Promise<void> => {
    const { name, payload, retry } = event;
    const result = await invoke(name, payload);
    // What was under way when the local cloud stops is for the next.
    if (stopped) return;
    if (result.ok) return options.later.done(event);
    const seconds = RETRY_SECONDS[retry];
    if (seconds === undefined) {
      options.logOf(name).write(`asynchronous event dropped after ${retry + 1} attempts: ${result.error}\n`);
      return options.later.done(event);
    }
    const next = options.later.failed(event);
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        void attempt(next);
      },
      (seconds * 1000) / options.timeScale,
    );
    timers.add(timer);
  };

  return {
    invoke,
    invokeLater: (name, payload) => void attempt(options.later.keep(name, payload)),
    resumeLater() {
      for (const event of options.later.waiting) void attempt(event);
    },
    warm(name) {
      const pool = poolOf(name);
      if (!stopped && pool.sandboxes.size === 0) start(name, pool);
    },
    find: (secret) => bySecret.get(secret),
    pids: () => [...bySecret.values()].flatMap(({ pid }) => pid ?? []),
    async stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      const all = [...bySecret.values()];
      for (const sandbox of all) sandbox.kill();
      await Promise.all(all.map(({ exited }) => exited));
    },
  };
}

/** Instances of the aggregator, which unlike a prober waits for nobody: more than there are processors for would take turns. Two, should one hang. */
const AGGREGATORS = Math.max(2, availableParallelism() - 1);

/** How many instances a function may have here: what its widest mapping may keep busy, at most `most`. */
export function concurrencyOf(name: FunctionName, most: number): number {
  const cap = name === "aggregator" ? Math.min(most, AGGREGATORS) : most;
  const widths = mappings
    .filter((mapping) => mapping.function === name)
    .map(({ maxConcurrency }) => maxConcurrency);
  return Math.max(1, Math.min(cap, widths.length === 0 ? cap : Math.max(...widths)));
}
