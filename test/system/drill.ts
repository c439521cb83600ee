/**
 * One failure drill: a local cloud of its own with short time-outs, a few servers and many closed ports, and what must hold in the end,
 * read from the table. Everything random comes from the drill's seed.
 */
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
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "vitest";
import { type LocalCloud, startLocalCloud } from "../../infra/local/client.ts";
import { type FunctionName, functions, type QueueName, queues } from "../../infra/topology.ts";
import { type Endpoint, portKey } from "../../lib/model/endpoint.ts";
import { OUTCOMES, type Outcome, type OutcomeCounts } from "../../lib/model/outcome.ts";
import { planSchema } from "../../lib/scan/plan.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import { root } from "../build.ts";
import { until } from "./local-handlers.ts";

/** Numbers from 0 up to 1, the same for the same seed (mulberry32, public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Durations of one drill in real seconds; what is left out stays the topology's, divided by the time scale. */
export interface Durations {
  visibility?: Partial<Record<QueueName | "dead", number>>;
  timeout?: Partial<Record<FunctionName, number>>;
}

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

export function keepBundles(): Bundles {
  const directory = mkdtempSync(join(tmpdir(), "doorplate-drills-"));
  for (const name of Object.keys(functions)) {
    mkdirSync(join(directory, name));
    copyFileSync(join(root, "dist/functions", name, "index.mjs"), join(directory, name, "index.mjs"));
  }
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
  /**
   * Code of `async (event, context, real, file) => …` put around a real handler; `file` is a path of its own that outlives the process.
   * `existsSync`, `appendFileSync` and `writeFileSync` are there.
   */
  wrap?: Partial<Record<FunctionName, string>>;
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
  /** The file of a wrapped function. */
  fileOf(name: FunctionName): string;
  /** Asks the dispatcher; false when it (or the cloud) died meanwhile. */
  dispatch(): Promise<boolean>;
  /** Kills the local cloud and starts another over its state. */
  restart(): Promise<void>;
  /** Process ids of a function's instances. */
  instances(name: FunctionName): number[];
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
  const { seed, closed = 250, silent = 2 } = options;
  const random = randomFrom(seed);
  const directory = mkdtempSync(join(tmpdir(), "doorplate-drill-"));
  const doors = await openDoors(silent);
  const scanId = `drill-${String(seed).padStart(8, "0")}`;
  const fileOf = (name: FunctionName) => join(directory, `${name}.wrapped`);
  const request = {
    scanId,
    // Each of the further addresses has ports of its own, and so a batch of its own.
    targets: ["127.0.0.1", ...doors.own],
    ports: [...doors.general, ...closedPorts(random, closed)].join(","),
    profile: "fast",
    deadlineMs: 120_000,
  };
  const start = () =>
    startLocalCloud({
      stateDir: join(directory, "state"),
      timeScale: TIME_SCALE,
      maxConcurrency: 3,
      bundles: layOut(directory, options, fileOf),
      program: writeProgram(directory, options.durations ?? {}),
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
  const isFinished = async () => (await query(`SCAN#${scanId}`, "META"))[0]?.announced === true;

  return {
    random,
    scanId,
    get cloud() {
      return cloud;
    },
    listening: doors.listening,
    fileOf,
    query,
    isFinished,
    async dispatch() {
      try {
        const Payload = JSON.stringify(request);
        const { FunctionError } = await aws.lambda.send(
          new InvokeCommand({ FunctionName: "dispatcher", Payload }),
        );
        return FunctionError === undefined;
      } catch {
        return false;
      }
    },
    async restart() {
      process.kill(cloud.pid, "SIGKILL");
      await cloud.ended;
      await open();
    },
    instances: (name) => childrenOf(cloud.pid).filter((pid) => functionOf(pid) === name),
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
const FINISH_MS = 60_000;

function clientsOf({ endpoints, credentials, region }: LocalCloud) {
  const to = (api: keyof LocalCloud["endpoints"]) => ({ endpoint: endpoints[api], credentials, region });
  return {
    table: DynamoDBDocumentClient.from(new DynamoDBClient(to("dynamodb"))),
    s3: new S3Client({ ...to("s3"), forcePathStyle: true }),
    sqs: new SQSClient(to("sqs")),
    // An invocation whose local cloud dies is not asked for again behind the drill's back.
    lambda: new LambdaClient({ ...to("lambda"), maxAttempts: 1 }),
  };
}

/** The local cloud with this drill's durations in the topology. */
function writeProgram(directory: string, { visibility, timeout }: Durations): string {
  const source = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);
  const lines = [`import * as topology from ${source("infra/topology.ts")};`];
  const waits = { ...DURATIONS.visibility, ...visibility };
  for (const queue of Object.keys(queues) as QueueName[]) {
    lines.push(`topology.queues.${queue}.visibilitySeconds = ${(waits[queue] ?? 5) * TIME_SCALE};`);
  }
  for (const [name, seconds] of Object.entries({ ...DURATIONS.timeout, ...timeout })) {
    lines.push(`topology.functions[${JSON.stringify(name)}].timeoutSeconds = ${seconds * TIME_SCALE};`);
  }
  lines.push(`await import(${source("infra/local/cloud.ts")});`);
  const program = join(directory, "cloud.mjs");
  writeFileSync(program, lines.join("\n"));
  return program;
}

/** The real bundles, some with a wrapper around their handler. */
function layOut(
  directory: string,
  { bundles, wrap = {} }: DrillOptions,
  fileOf: (name: FunctionName) => string,
): string {
  const laid = join(directory, "functions");
  if (existsSync(laid)) return laid;
  mkdirSync(laid);
  for (const name of Object.keys(functions) as FunctionName[]) {
    const real = join(bundles.directory, name);
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

async function openDoors(silent: number) {
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
  const general = [await open("127.0.0.1", greet), await open("127.0.0.1", http)];
  for (let i = 0; i < silent; i++) general.push(await open("127.0.0.1", quiet));
  const own: string[] = [];
  for (const host of ["127.0.0.2", "127.0.0.3", "127.0.0.4"]) {
    own.push(`${host}:${await open(host, greet)}`, `${host}:${await open(host, http)}`);
  }
  return {
    general,
    own,
    listening,
    close() {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
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
 * called fingerprinted can be read and nothing else, and the scan ended once with one meaning.
 */
export async function checkLedger(drill: Drill): Promise<Settled[]> {
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
  const announced = drill.events("Scan Completed").map(({ detail }) => detail);
  expect(announced.length).toBeGreaterThan(0);
  expect(announced[0]).toMatchObject({ status: ended, outcomes: counts, finishedAt: meta?.finishedAt });
  for (const again of announced) expect(again).toEqual(announced[0]);
  return settled;
}

/** Nothing was lost: whoever listens was fingerprinted, and nothing failed. */
export function expectAllSeen(drill: Drill, settled: readonly Settled[]): void {
  const others = settled.filter(({ outcome }) => outcome !== "closed" && outcome !== "fingerprinted");
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
