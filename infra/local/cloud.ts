/**
 * The local cloud: one process that deploys `topology.ts` on this machine. `node cloud.mjs <options as JSON>`, with a pipe to its parent as
 * descriptor 3; see `protocol.ts` for what it says and `client.ts` for who starts it.
 *
 * Everything answers on one loopback port, taken first, so that instances start while the stores still load. Requests that come too early
 * wait for their API.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { DoorplateError, EXIT } from "../../lib/model/errors.ts";
import { type FunctionName, type MappingSpec, mappings } from "../topology.ts";
import { type EnvironmentOptions, functionEnvironment, sharedEnvironment } from "./environment.ts";
import { openEventBus } from "./events.ts";
import { type Credentials, randomCredentials } from "./guard.ts";
import { ACCOUNT, BUCKET, BUS, functionNames, queueNames, queueUrl, REGION, TABLE } from "./identity.ts";
import { lambdaApi } from "./lambda-api.ts";
import { type LambdaHost, startHost } from "./lambda-host.ts";
import { openLater } from "./later.ts";
import { type Log, openLog } from "./log.ts";
import {
  type CloudDescriptor,
  type CloudOptions,
  type CloudReport,
  CONNECTION_FILE,
  STOP_LIMIT_MS,
} from "./protocol.ts";
import { runtimeApi } from "./runtime-api.ts";
import { type Apis, listen } from "./server.ts";
import { openStateDirectory, type StateDirectory } from "./state.ts";
import { type MessagesAndObjects, openDynamo, openMessagesAndObjects } from "./stores.ts";
import { ensureTable } from "./table.ts";
import { startWatchdog, WATCHDOG_FD } from "./watchdog.ts";

/** A scan begins here: an instance starts while the stores load. */
const FIRST: FunctionName = "dispatcher";
/** Started as soon as the stores are up, so as not to slow them down, in the order in which a scan needs them. */
const HOT: FunctionName[] = ["prober", "aggregator"];

interface Running {
  descriptor: CloudDescriptor;
  /** Begins to read the queues. */
  work(): Promise<void>;
  stop(): Promise<void>;
}

function report(line: CloudReport): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function parseOptions(text: string): CloudOptions {
  const value: Partial<CloudOptions> = JSON.parse(text);
  const { stateDir, scope, timeScale, maxConcurrency, bundles, probing } = value;
  if (
    typeof stateDir !== "string" ||
    typeof bundles !== "string" ||
    !Array.isArray(scope) ||
    !(Number.isFinite(timeScale) && Number(timeScale) > 0) ||
    !(Number.isSafeInteger(maxConcurrency) && Number(maxConcurrency) > 0)
  ) {
    throw new DoorplateError(`options of the local cloud are wrong: ${text}`);
  }
  return {
    stateDir,
    bundles,
    scope: scope.map(String),
    timeScale: Number(timeScale),
    maxConcurrency: Number(maxConcurrency),
    probing: probing !== false,
  };
}

async function start(options: CloudOptions, state: StateDirectory, log: Log): Promise<Running> {
  const { timeScale, maxConcurrency, bundles } = options;
  const credentials = randomCredentials();
  const apis = Promise.withResolvers<Apis>();
  // Awaited by requests only; a failure of the start is reported by the start.
  apis.promise.catch(() => undefined);
  const { server, port } = await listen(credentials, apis.promise);
  const endpoint = `http://127.0.0.1:${port}`;
  const compileCache = process.env.NODE_COMPILE_CACHE;
  const environment = {
    endpoint,
    credentials,
    scope: options.scope,
    selfPorts: [port],
    maxConcurrency,
    timeScale,
    bundles,
    compileCache,
  };

  mkdirSync(state.file("log"), { recursive: true });
  const logs = new Map(functionNames.map((name) => [name, openLog(state.file("log", `${name}.log`))]));
  const host = startHost({
    bundles,
    bootstrapPath: siblingProgram("bootstrap"),
    runtimeApi: `127.0.0.1:${port}`,
    environmentOf: (name) => functionEnvironment(name, environment),
    logOf: (name) => logs.get(name) ?? log,
    timeScale,
    maxConcurrency,
    later: openLater(state.file("later")),
  });
  if (options.probing) host.warm(FIRST);

  const bus = openEventBus({ file: state.file("events.jsonl"), invokeLater: host.invokeLater });
  // dynalite takes its ARNs from here.
  Object.assign(process.env, { AWS_REGION: REGION, AWS_ACCOUNT_ID: ACCOUNT });
  const [dynamodb, stores] = await Promise.all([
    openDynamo(state.file("dynamodb")),
    openMessagesAndObjects(state.file("sqs-s3"), endpoint, timeScale, bus.objectStored),
  ]);
  apis.resolve({
    dynamodb,
    sqsAndS3: stores.listener,
    events: bus.handler,
    lambda: lambdaApi(host),
    runtime: runtimeApi(host.find),
  });
  await ensureTable(port, credentials);

  let stopPollers: () => void = () => undefined;
  return {
    descriptor: describe(endpoint, port, credentials, environment),
    async work() {
      for (const name of HOT) if (options.probing || name !== "prober") host.warm(name);
      if (options.probing) host.resumeLater();
      // The SDK is loaded after the word is out that the APIs answer.
      const { startPollers } = await import("./poller.ts");
      const quiet = (mapping: MappingSpec) =>
        mapping.deadLetters || !(mapping.queue === "probe" || mapping.queue === "dispatch");
      const served = options.probing ? mappings : mappings.filter(quiet);
      const poller = startPollers(served, { endpoint, credentials, host, log, timeScale, maxConcurrency });
      stopPollers = poller.stop;
    },
    stop: () => stop(stopPollers, host, server, stores),
  };
}

async function stop(
  stopPollers: () => void,
  host: LambdaHost,
  server: Server,
  stores: MessagesAndObjects,
): Promise<void> {
  stopPollers();
  await host.stop();
  server.close();
  server.closeAllConnections();
  await stores.close();
}

function describe(
  endpoint: string,
  port: number,
  credentials: Credentials,
  environment: EnvironmentOptions,
): CloudDescriptor {
  const urls = (dead: boolean) =>
    Object.fromEntries(
      queueNames.map((queue) => [queue, queueUrl(endpoint, queue, dead)]),
    ) as CloudDescriptor["queues"];
  return {
    pid: process.pid,
    region: REGION,
    endpoints: { dynamodb: endpoint, sqs: endpoint, s3: endpoint, events: endpoint, lambda: endpoint },
    credentials,
    queues: urls(false),
    deadLetterQueues: urls(true),
    table: TABLE,
    bucket: BUCKET,
    bus: BUS,
    selfPorts: [port],
    environment: sharedEnvironment(environment),
  };
}

/** Another program of this folder, as source or as bundle, as this one is. */
function siblingProgram(name: string): string {
  return join(import.meta.dirname, `${name}${import.meta.filename.endsWith(".ts") ? ".ts" : ".mjs"}`);
}

async function main(): Promise<void> {
  startWatchdog(WATCHDOG_FD);
  // Ctrl-C reaches the whole process group; the command line decides what it means.
  process.on("SIGINT", () => undefined);

  let state: StateDirectory | undefined;
  const end = (code: number) => {
    if (state) rmSync(state.file(CONNECTION_FILE), { force: true });
    state?.release();
    process.exit(code);
  };
  const fail = (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    console.error(error);
    const own = error instanceof DoorplateError || !state;
    report({
      ready: false,
      error: own
        ? message
        : `the local cloud cannot work with its files in ${state?.file("")}: ${message}; start the scan again, or name another directory with DOORPLATE_STATE=DIR`,
      exitCode: error instanceof DoorplateError ? error.exitCode : EXIT.environment,
    });
    end(1);
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);

  const options = parseOptions(process.argv[2] ?? "");
  state = openStateDirectory(options.stateDir);
  const log = openLog(state.file("cloud.log"));
  let running: Running | undefined;
  process.on("SIGTERM", () => {
    setTimeout(end, STOP_LIMIT_MS, 0).unref();
    Promise.resolve(running?.stop()).then(() => end(0), fail);
  });
  running = await start(options, state, log);
  writeFileSync(state.file(CONNECTION_FILE), JSON.stringify(running.descriptor), { mode: 0o600 });
  report({ ready: true, ...running.descriptor });
  await running.work();
  flushCompileCache();
}

await main();
