/**
 * One failure drill: a local cloud of its own with short time-outs, a few servers and many closed ports, and what must hold in the end,
 * read from the table. Everything random comes from the drill's seed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { build } from "esbuild";
import { expect } from "vitest";
import { type LocalCloud, startLocalCloud } from "../../infra/local/client.ts";
import { type FunctionName, functions, type QueueName, queues } from "../../infra/topology.ts";
import { yamlForEsbuild } from "../../infra/yaml-plugin.ts";
import { openArchive } from "../../lib/cloud/archive.ts";
import { type Endpoint, portKey } from "../../lib/model/endpoint.ts";
import { OUTCOMES, type Outcome, type OutcomeCounts } from "../../lib/model/outcome.ts";
import { readObservations } from "../../lib/scan/observations.ts";
import { planSchema } from "../../lib/scan/plan.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { root } from "../build.ts";
import { randomFrom } from "../random.ts";
import { DRILL_AGENT, type Faults } from "./faults.ts";
import { until } from "./local-handlers.ts";

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Durations of one drill in real seconds; what is left out stays the topology's, divided by the time scale. */
export interface Durations {
  visibility?: Partial<Record<QueueName | "dead", number>>;
  timeout?: Partial<Record<FunctionName, number>>;
}

/**
 * How many want each processor of this machine now, 1 to 10: all waits of a drill grow with it. A message that comes again while a starved prober has not
 * even loaded would be given up for reasons that no drill is about.
 */
export const SLOWNESS = Math.max(1, Math.min(10, Number(loadavg()[0]) / availableParallelism()));

/** Divides the topology's durations: the tick looks every 2 s. */
const TIME_SCALE = 30;
/**
 * A prober starts no endpoint within its last 12 s (profile `fast`), so its time-out stays above; a lost message comes back after 5 s.
 */
const DURATIONS: Required<Durations> = {
  visibility: { dispatch: 3, probe: 5, observation: 4, tick: 3, dead: 5 },
  timeout: { dispatcher: 10, prober: 40, aggregator: 10, tick: 10, "dead-letter": 10 },
};

/** The build's functions, kept for all drills of a run: somebody may build again meanwhile. */
export interface Bundles {
  directory: string;
  remove(): void;
}

/** Variants of one function, built from the sources with a smaller constant: what needs a plan of thousands of batches otherwise. */
const VARIANTS = {
  /** A dispatcher that sends one chain itself: what is more becomes sub-plans, over several levels. */
  branching: {
    function: "dispatcher",
    file: "lib/scan/dispatch.ts",
    constant: /const CHAINS_PER_INVOCATION = [\d_]+;/,
    value: "const CHAINS_PER_INVOCATION = 1;",
  },
} as const satisfies Record<
  string,
  { function: FunctionName; file: string; constant: RegExp; value: string }
>;
export type Variant = keyof typeof VARIANTS;

async function buildVariant(name: Variant, directory: string): Promise<void> {
  const { function: of, file, constant, value } = VARIANTS[name];
  let replaced = false;
  await build({
    absWorkingDir: root,
    entryPoints: [`functions/${of}.ts`],
    outfile: join(directory, `${of}-${name}`, "index.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    plugins: [
      yamlForEsbuild,
      {
        name: "constant",
        setup: (it) =>
          void it.onLoad({ filter: new RegExp(`${file}$`) }, ({ path }) => {
            const source = readFileSync(path, "utf8");
            const contents = source.replace(constant, value);
            replaced = contents !== source;
            return { contents, loader: "ts" };
          }),
      },
    ],
    logLevel: "warning",
  });
  if (!replaced) throw new Error(`${constant} is no longer in ${file}`);
}

export async function keepBundles(): Promise<Bundles> {
  const directory = mkdtempSync(join(tmpdir(), "doorplate-drills-"));
  for (const name of Object.keys(functions)) {
    mkdirSync(join(directory, name));
    copyFileSync(join(root, "dist/functions", name, "index.mjs"), join(directory, name, "index.mjs"));
  }
  for (const name of Object.keys(VARIANTS) as Variant[]) await buildVariant(name, directory);
  // Inherited by the local clouds: what they compile is theirs, and goes with them.
  process.env.NODE_COMPILE_CACHE = join(directory, "cache");
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }) };
}

export interface DrillOptions {
  bundles: Bundles;
  seed: number;
  durations?: Durations;
  /** Closed ports of the first batch. */
  closed?: number;
  /** Ports that accept and say nothing keep a prober busy for seconds. */
  silent?: number;
  /** Further addresses, with two open ports of their own each. */
  hosts?: number;
  /** Ports, three kinds of each, behind which everything hangs; no closed ones are asked for beside them. */
  hanging?: number;
  /**
   * Code of `async (event, context, real, file) => …` put around a real handler; `file` is a path of its own that outlives the process.
   * `existsSync`, `appendFileSync` and `writeFileSync` are there.
   */
  wrap?: Partial<Record<FunctionName, string>>;
  /** Functions in another build. */
  variant?: Variant;
  /** What goes wrong at the stores; the seed is the drill's. */
  faults?: Omit<Faults, "seed">;
  /** Of the scan request, in place of the drill's own. */
  request?: Record<string, unknown>;
  /** Function instances at once. */
  maxConcurrency?: number;
}

interface Item {
  pk: string;
  sk: string;
  [field: string]: unknown;
}

export interface Drill {
  random: () => number;
  scanId: string;
  cloud: LocalCloud;
  /** Endpoints `host port` that listen. */
  listening: string[];
  /** Endpoints `host port` that never answer a connection. */
  mute: string[];
  /** The file of a wrapped function. */
  fileOf(name: FunctionName): string;
  /** Asks the dispatcher; false when it (or the cloud) died meanwhile. */
  dispatch(): Promise<boolean>;
  /** Asks it until it has answered, as whoever wants a scan does. */
  dispatched(): Promise<void>;
  /** Kills the local cloud and starts another over its state. */
  restart(): Promise<void>;
  /** Process ids of a function's instances. */
  instances(name: FunctionName): number[];
  /** Invocations of a function that have ended, as the local cloud reports them: how long each took, s. */
  reports(name: FunctionName): Map<string, number>;
  /** Puts a message on a queue as it is; its id. */
  send(queue: QueueName, body: string, delaySeconds?: number): Promise<string>;
  query(pk: string, prefix?: string): Promise<Item[]>;
  isFinished(): Promise<boolean>;
  /** Waits until the scan's end has been announced. */
  finished(): Promise<void>;
  events(detailType: string): { detail: Record<string, unknown> }[];
  close(): Promise<void>;
}

export async function startDrill(options: DrillOptions): Promise<Drill> {
  const { seed, closed = 250, silent = 2, hosts = 3, hanging = 0 } = options;
  const random = randomFrom(seed);
  const directory = mkdtempSync(join(tmpdir(), "doorplate-drill-"));
  const doors = await openDoors(silent, hosts, hanging);
  const scanId = `drill-${String(seed).padStart(8, "0")}`;
  const fileOf = (name: FunctionName) => join(directory, `${name}.wrapped`);
  const request = {
    scanId,
    // Each of the further addresses has ports of its own, and so a batch of its own.
    targets: ["127.0.0.1", ...doors.own],
    ports: [...doors.general, ...closedPorts(random, closed)].join(","),
    profile: "fast",
    deadlineMs: Math.ceil(120_000 * SLOWNESS),
    ...options.request,
  };
  const start = () =>
    startLocalCloud({
      stateDir: join(directory, "state"),
      timeScale: TIME_SCALE,
      maxConcurrency: options.maxConcurrency ?? 3,
      bundles: layOut(directory, options, fileOf),
      program: writeProgram(directory, options),
    });
  let cloud: LocalCloud;
  let aws: ReturnType<typeof clientsOf>;
  const open = async () => {
    cloud = await start();
    aws = clientsOf(cloud);
  };
  try {
    await open();
  } catch (error) {
    doors.close();
    throw error;
  }

  const query: Drill["query"] = async (pk, prefix = "") => {
    const items: Item[] = [];
    for (let from: Record<string, unknown> | undefined, first = true; first || from; first = false) {
      const page = await aws.table.send(
        new QueryCommand({
          TableName: cloud.table,
          ConsistentRead: true,
          KeyConditionExpression: prefix ? "pk = :pk AND begins_with(sk, :prefix)" : "pk = :pk",
          ExpressionAttributeValues: prefix ? { ":pk": pk, ":prefix": prefix } : { ":pk": pk },
          ExclusiveStartKey: from,
        }),
      );
      items.push(...((page.Items ?? []) as Item[]));
      from = page.LastEvaluatedKey;
    }
    return items;
  };
  const dispatch = async () => {
    try {
      const Payload = JSON.stringify(request);
      const { FunctionError } = await aws.lambda.send(
        new InvokeCommand({ FunctionName: "dispatcher", Payload }),
      );
      return FunctionError === undefined;
    } catch {
      return false;
    }
  };
  const isFinished = async () => (await query(`SCAN#${scanId}`, "META"))[0]?.announced === true;

  return {
    random,
    scanId,
    get cloud() {
      return cloud;
    },
    listening: doors.listening,
    mute: doors.mute,
    fileOf,
    query,
    isFinished,
    dispatch,
    async dispatched() {
      await until("the dispatcher answered", dispatch, FINISH_MS);
    },
    async restart() {
      process.kill(cloud.pid, "SIGKILL");
      await cloud.ended;
      await open();
    },
    instances: (name) => childrenOf(cloud.pid).filter((pid) => functionOf(pid) === name),
    reports(name) {
      const log = readFileSync(join(directory, "state/log", `${name}.log`), "utf8");
      const ended = log.matchAll(/^REPORT RequestId: (\S+) Duration: (\d+) ms/gm);
      return new Map([...ended].map(([, id = "", ms]) => [id, Number(ms) / 1000]));
    },
    async send(queue, MessageBody, DelaySeconds = 0) {
      const QueueUrl = cloud.queues[queue];
      const { MessageId } = await aws.sqs.send(
        new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }),
      );
      return String(MessageId);
    },
    async finished() {
      await until(`scan ${scanId} finished`, isFinished, FINISH_MS);
    },
    events: (detailType) =>
      readFileSync(join(directory, "state/events.jsonl"), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
        .filter((event) => event["detail-type"] === detailType && event.detail.scanId === scanId),
    async close() {
      await cloud.stop();
      doors.close();
      rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

/** Longest a drill's scan may take, ms; most need less than ten seconds. */
const FINISH_MS = 60_000 * SLOWNESS;

function clientsOf({ endpoints, credentials, region }: LocalCloud) {
  const to = (api: keyof LocalCloud["endpoints"]) => ({
    endpoint: endpoints[api],
    credentials,
    region,
    customUserAgent: DRILL_AGENT,
  });
  return {
    table: DynamoDBDocumentClient.from(new DynamoDBClient(to("dynamodb"))),
    s3: new S3Client({ ...to("s3"), forcePathStyle: true }),
    sqs: new SQSClient(to("sqs")),
    // An invocation whose local cloud dies is not asked for again behind the drill's back.
    lambda: new LambdaClient({ ...to("lambda"), maxAttempts: 1 }),
  };
}

/** The local cloud with this drill's durations in the topology. */
function writeProgram(directory: string, { durations = {}, faults, seed }: DrillOptions): string {
  const { visibility, timeout } = durations;
  const source = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);
  const lines = [`import * as topology from ${source("infra/topology.ts")};`];
  const waits = { ...DURATIONS.visibility, ...visibility };
  for (const queue of Object.keys(queues) as QueueName[]) {
    lines.push(
      `topology.queues.${queue}.visibilitySeconds = ${(waits[queue] ?? 5) * SLOWNESS * TIME_SCALE};`,
    );
  }
  for (const [name, seconds] of Object.entries({ ...DURATIONS.timeout, ...timeout })) {
    lines.push(
      `topology.functions[${JSON.stringify(name)}].timeoutSeconds = ${seconds * SLOWNESS * TIME_SCALE};`,
    );
  }
  if (faults) {
    lines.push(`const { injectFaults } = await import(${source("test/system/faults.ts")});`);
    lines.push(`injectFaults(${JSON.stringify({ ...faults, seed } satisfies Faults)});`);
  }
  lines.push(`await import(${source("infra/local/cloud.ts")});`);
  const program = join(directory, "cloud.mjs");
  writeFileSync(program, lines.join("\n"));
  return program;
}

/** The real bundles, some with a wrapper around their handler. */
function layOut(
  directory: string,
  { bundles, variant, wrap = {} }: DrillOptions,
  fileOf: (name: FunctionName) => string,
): string {
  const laid = join(directory, "functions");
  if (existsSync(laid)) return laid;
  mkdirSync(laid);
  for (const name of Object.keys(functions) as FunctionName[]) {
    const other = variant && VARIANTS[variant].function === name;
    const real = join(bundles.directory, other ? `${name}-${variant}` : name);
    const code = wrap[name];
    if (code === undefined) {
      symlinkSync(real, join(laid, name));
      continue;
    }
    mkdirSync(join(laid, name));
    writeFileSync(
      join(laid, name, "index.mjs"),
      `import { appendFileSync, existsSync, writeFileSync } from "node:fs";
       import { handler as real } from ${JSON.stringify(pathToFileURL(join(real, "index.mjs")).href)};
       const wrapped = ${code};
       export const handler = (event, context) => wrapped(event, context, real, ${JSON.stringify(fileOf(name))});`,
    );
  }
  return laid;
}

/** Low ports where nothing of a test listens; `doors` take theirs from the ephemeral range. */
function closedPorts(random: () => number, many: number): number[] {
  const ports = new Set<number>();
  while (ports.size < many) ports.add(1_100 + Math.floor(random() * 7_900));
  return [...ports];
}

async function openDoors(silent: number, hosts: number, hanging: number) {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const listening: string[] = [];
  const open = async (host: string, serve: (socket: Socket) => void): Promise<number> => {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
      serve(socket);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const { port } = server.address() as { port: number };
    listening.push(`${host} ${port}`);
    return port;
  };
  const greet = (socket: Socket) => void socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
  const http = (socket: Socket) =>
    void socket.once("data", () =>
      socket.end("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    );
  const quiet = (socket: Socket) => void socket.resume();
  const drip = (socket: Socket) => {
    socket.resume();
    const drops = setInterval(() => socket.write("."), 300);
    socket.on("close", () => clearInterval(drops));
  };
  const general = [await open("127.0.0.1", greet), await open("127.0.0.1", http)];
  for (let i = 0; i < silent; i++) general.push(await open("127.0.0.1", quiet));
  const own: string[] = [];
  for (let i = 0; i < hosts; i++) {
    const host = `127.0.0.${i + 2}`;
    own.push(`${host}:${await open(host, greet)}`, `${host}:${await open(host, http)}`);
  }
  const stuck = hanging > 0 ? await openStuck(hanging) : null;
  for (const port of stuck?.ports ?? []) own.push(`${STUCK_HOST}:${port}`);
  for (let i = 0; i < hanging; i++) {
    const host = `127.0.2.${i + 1}`;
    own.push(`${host}:${await open(host, quiet)}`, `${host}:${await open(host, drip)}`);
  }
  return {
    general,
    own,
    listening,
    mute: (stuck?.ports ?? []).map((port) => `${STUCK_HOST} ${port}`),
    close() {
      stuck?.close();
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
    },
  };
}

const STUCK_HOST = "127.0.3.1";

/** Ports of a process that has been stopped, their queues full: the kernel drops what further connections begin with, as a firewall does. */
async function openStuck(many: number) {
  const code = `const net = require("node:net"); const ports = [];
    for (let i = 0; i < ${many}; i++) {
      const server = net.createServer().listen({ port: 0, host: "${STUCK_HOST}", backlog: 1 }, () => {
        ports.push(server.address().port);
        if (ports.length === ${many}) console.log(JSON.stringify(ports));
      });
    }
    process.stdin.resume().on("end", () => process.exit());`;
  const child = spawn(process.execPath, ["-e", code], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const ports = JSON.parse(line.toString()) as number[];
  child.kill("SIGSTOP");
  // What waits to be accepted is the backlog and one more; the others of these never connect.
  const fillers = ports.flatMap((port) => Array.from({ length: 3 }, () => connect(port, STUCK_HOST)));
  for (const filler of fillers) filler.on("error", () => undefined);
  await until(
    "queues full",
    () => fillers.filter(({ readyState }) => readyState === "open").length >= 2 * many,
  );
  return {
    ports,
    close() {
      child.kill("SIGKILL");
      for (const filler of fillers) filler.destroy();
    },
  };
}

function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const stat = readProcess(pid, "stat");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parent;
    });
}

const functionOf = (pid: number) =>
  /(?:^|\0)AWS_LAMBDA_FUNCTION_NAME=([^\0]*)/.exec(readProcess(pid, "environ"))?.[1];

/** Empty when it has ended. */
function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** One endpoint as the ledger has it. */
export interface Settled {
  endpoint: Endpoint;
  batch: number;
  outcome: Outcome;
}

/**
 * Reads the ledger and checks what holds after every drill: each planned endpoint has exactly one outcome, the totals are their sums, what is
 * called fingerprinted can be read, what it said, too, and nothing else, and the scan ended once with one meaning. Where announcers die, or lose the bus' answer,
 * more than one may announce it, in the same words.
 */
export async function checkLedger(drill: Drill, { announcers = 1 } = {}): Promise<Settled[]> {
  const { scanId, query } = drill;
  const [meta] = await query(`SCAN#${scanId}`, "META");
  const index = indexPlan(await planOf(drill));
  const settled: Settled[] = [];
  const ports = new Set<string>();
  // All batches of so small a plan lie in the first shard.
  for (const item of await query(`SCAN#${scanId}#0`)) {
    if (item.sk.startsWith("PORT#")) ports.add(item.sk);
    if (!item.sk.startsWith("BATCH#")) continue;
    const number = Number(item.batch);
    const batch = index.batchAt(number);
    const codes = inflateRawSync(item.codes as Uint8Array);
    expect(codes.length, `codes of batch ${number}`).toBe(batch.size);
    expect(item.complete, `batch ${number} complete`).toBe(true);
    codes.forEach((code, i) => {
      const outcome = OUTCOMES[code];
      if (code === 0 || outcome === undefined || outcome === "pending") {
        throw new Error(`endpoint ${i} of batch ${number} ended with code ${code}`);
      }
      settled.push({ endpoint: batch.endpointAt(i), batch: number, outcome });
    });
  }
  expect(new Set(settled.map(({ endpoint }) => nameOf(endpoint))).size).toBe(index.planned);
  expect(settled).toHaveLength(index.planned);
  const counts: OutcomeCounts = {};
  for (const { outcome } of settled) counts[outcome] = (counts[outcome] ?? 0) + 1;
  const ended = counts.expired || counts.failed ? "incomplete" : "done";
  expect(meta).toMatchObject({ planned: index.planned, status: ended, announced: true, counts });
  const seen = settled.filter(({ outcome }) => outcome === "fingerprinted");
  expect([...ports].sort()).toEqual(
    seen.map(({ endpoint }) => `PORT#${endpoint.host}#${portKey(endpoint)}`).sort(),
  );
  for (const { endpoint } of seen) {
    const assets = await query(`ASSET#${endpoint.host}`, `PORT#${portKey(endpoint)}`);
    expect(assets, nameOf(endpoint)).toHaveLength(1);
  }
  const kept = new Set<string>();
  const archive = openArchive(clientsOf(drill.cloud).s3, drill.cloud.bucket);
  const unreadable = (key: string, reason: string) => expect.unreachable(`${key}: ${reason}`);
  for await (const { endpoint } of readObservations({ archive }, scanId, unreadable))
    kept.add(nameOf(endpoint));
  expect(seen.map(({ endpoint }) => nameOf(endpoint)).filter((name) => !kept.has(name))).toEqual([]);
  const announced = drill.events("Scan Completed").map(({ detail }) => detail);
  expect(announced.length).toBeGreaterThan(0);
  expect(announced.length, "Scan Completed").toBeLessThanOrEqual(announcers);
  expect(announced[0]).toMatchObject({ status: ended, outcomes: counts, finishedAt: meta?.finishedAt });
  for (const again of announced) expect(again).toEqual(announced[0]);
  return settled;
}

/** Nothing was lost: whoever listens was fingerprinted, and nothing failed. */
export function expectAllSeen(drill: Drill, settled: readonly Settled[]): void {
  const others = settled.filter(
    ({ outcome, endpoint }) =>
      !(drill.mute.includes(nameOf(endpoint)) ? ["filtered"] : ["closed", "fingerprinted"]).includes(outcome),
  );
  expect(others.map(({ endpoint, outcome }) => `${nameOf(endpoint)} ${outcome}`)).toEqual([]);
  expect(unseen(drill, settled)).toEqual([]);
}

export function unseen(drill: Drill, settled: readonly Settled[]): string[] {
  const seen = settled
    .filter(({ outcome }) => outcome === "fingerprinted")
    .map(({ endpoint }) => nameOf(endpoint));
  const known = new Set(seen);
  return drill.listening.filter((door) => !known.has(door));
}

export const nameOf = ({ host, port }: Endpoint) => `${host} ${port}`;

async function planOf({ cloud, scanId }: Drill) {
  const { Body } = await clientsOf(cloud).s3.send(
    new GetObjectCommand({ Bucket: cloud.bucket, Key: `plans/${scanId}.json.gz` }),
  );
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  return planSchema.parse(JSON.parse(gunzipSync(bytes).toString()));
}
