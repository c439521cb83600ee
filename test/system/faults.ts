/**
 * Faults at the endpoint of the local cloud's stores, as AWS shows them to a client: refusals (throttling, 5xx), answers that get lost after the
 * work was done, batches of which a part failed, answers that are late. Loaded by a drill's cloud program before the cloud itself: the
 * first HTTP server that is made there is the cloud's one port, and what it listens with goes through here. The functions, the
 * pollers and their SDK are the real ones. Lambda's own API and whoever says that he is the drill (`DRILL_AGENT`) are left alone.
 */
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { randomFrom } from "../random.ts";

/** Share of the requests, 0 to 1, that meet each kind of fault. What a store does not have is left out. */
export interface FaultRates {
  /** Refused, nothing done. */
  refused?: number;
  /** Done, but the connection ends before the answer. */
  lost?: number;
  /** Of a batch: some parts reported as failed (done or not). */
  partial?: number;
}

export type FaultyStore = "table" | "queue" | "bucket" | "bus";

export interface Faults {
  seed: number;
  /** Faults happen for this long after the cloud has started, ms; then all is well. */
  forMs: number;
  stores: Partial<Record<FaultyStore, FaultRates>>;
  /** Every request waits up to so long, so that they overtake one another, ms. */
  delayMs?: number;
}

/** Part of the user agent of clients that are never failed: the drill's own eyes. */
export const DRILL_AGENT = "doorplate-drill";

/** What each store says when it refuses: status, then error type (S3: code). AWS API references, "Common errors" and "Errors" of the operations. */
const REFUSALS: Record<FaultyStore, readonly (readonly [status: number, type: string])[]> = {
  table: [
    [400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"],
    [400, "com.amazonaws.dynamodb.v20120810#ThrottlingException"],
    [500, "com.amazonaws.dynamodb.v20120810#InternalServerError"],
  ],
  queue: [
    [400, "com.amazonaws.sqs#RequestThrottled"],
    [503, "com.amazonaws.sqs#ServiceUnavailable"],
    [500, "com.amazonaws.sqs#InternalFailure"],
  ],
  bucket: [
    [503, "SlowDown"],
    [500, "InternalError"],
  ],
  bus: [
    [400, "ThrottlingException"],
    [500, "InternalException"],
  ],
};

/** From now on, the next server that is made has faults. */
export function injectFaults(faults: Faults): void {
  const real = http.createServer;
  const replace = (createServer: typeof real) => {
    http.createServer = createServer;
    syncBuiltinESMExports();
  };
  replace(((listener: RequestListener) => {
    replace(real);
    return real(faulty(listener, faults));
  }) as typeof real);
}

function faulty(listener: RequestListener, { seed, forMs, stores, delayMs = 0 }: Faults): RequestListener {
  const random = randomFrom(seed);
  const until = Date.now() + forMs;
  const draw = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;

  const meet = (request: IncomingMessage, response: ServerResponse, store: FaultyStore) => {
    const { refused = 0, lost = 0, partial = 0 } = stores[store] ?? {};
    const dice = random();
    if (dice < refused) return refuse(request, response, store, draw(REFUSALS[store]));
    if (dice < refused + lost) loseAnswer(response);
    else if (dice < refused + lost + partial) {
      if (random() < 0.5) return void refuseBatch(request, response, listener);
      failParts(response, random);
    }
    listener(request, response);
  };

  return (request, response) => {
    const store = storeOf(request);
    if (!store || Date.now() > until || request.headers["user-agent"]?.includes(DRILL_AGENT)) {
      return listener(request, response);
    }
    if (delayMs > 0) setTimeout(() => meet(request, response, store), random() * delayMs);
    else meet(request, response, store);
  };
}

function storeOf({ url = "/", headers }: IncomingMessage): FaultyStore | null {
  const target = String(headers["x-amz-target"] ?? "");
  // What the local cloud asks when it starts is its own business.
  if (target.startsWith("DynamoDB_")) return /Table$/.test(target) ? null : "table";
  if (target.startsWith("AmazonSQS.")) return "queue";
  if (target.startsWith("AWSEvents.")) return "bus";
  return url.startsWith("/runtime-") || url.startsWith("/2015-03-31/") ? null : "bucket";
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  store: FaultyStore,
  [status, type]: readonly [number, string],
): void {
  request.resume();
  const body =
    store === "bucket"
      ? `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${type}</Code><Message>drill</Message></Error>`
      : JSON.stringify({ __type: type, message: "drill" });
  response.writeHead(status, { "content-type": store === "bucket" ? "application/xml" : JSON_1_0 }).end(body);
}

const JSON_1_0 = "application/x-amz-json-1.0";

function loseAnswer(response: ServerResponse): void {
  response.writeHead = () => response;
  response.write = () => true;
  response.end = () => response.destroy();
}

/** A batch of which every entry failed, none was done. What is no batch goes on. */
async function refuseBatch(request: IncomingMessage, response: ServerResponse, listener: RequestListener) {
  const target = String(request.headers["x-amz-target"] ?? "");
  if (!/Batch$|PutEvents$/.test(target)) return listener(request, response);
  let text = "";
  for await (const chunk of request) text += chunk;
  const { Entries = [] } = JSON.parse(text) as { Entries?: { Id?: string }[] };
  const answer = target.endsWith("PutEvents")
    ? {
        FailedEntryCount: Entries.length,
        Entries: Entries.map(() => ({ ErrorCode: "InternalFailure", ErrorMessage: "drill" })),
      }
    : {
        Successful: [],
        Failed: Entries.map(({ Id }) => ({
          Id,
          SenderFault: false,
          Code: "InternalError",
          Message: "drill",
        })),
      };
  response.writeHead(200, { "content-type": JSON_1_0 }).end(JSON.stringify(answer));
}

/** Some entries of a batch are told as failed although they were done. */
function failParts(response: ServerResponse, random: () => number): void {
  const end = response.end.bind(response) as (body: string) => ServerResponse;
  response.end = ((body?: unknown) => {
    const text = body instanceof Uint8Array ? Buffer.from(body).toString() : String(body ?? "");
    return end(isBatchAnswer(text) ? withFailures(text, random) : text);
  }) as typeof response.end;
  const writeHead = response.writeHead.bind(response) as (status: number, headers: object) => ServerResponse;
  response.writeHead = ((status: number, headers: Record<string, unknown> = {}) => {
    // The body may become another: Node says how long it is.
    response.removeHeader("content-length");
    const { "content-length": _, "Content-Length": __, ...rest } = headers;
    return writeHead(status, rest);
  }) as typeof response.writeHead;
}

const isBatchAnswer = (text: string) => text.startsWith("{") && text.includes('"Successful"');

function withFailures(text: string, random: () => number): string {
  const { Successful = [], Failed = [] } = JSON.parse(text) as {
    Successful?: { Id: string }[];
    Failed?: unknown[];
  };
  const failing = new Set(Successful.filter(() => random() < 0.5).map(({ Id }) => Id));
  return JSON.stringify({
    Successful: Successful.filter(({ Id }) => !failing.has(Id)),
    Failed: [
      ...Failed,
      ...[...failing].map((Id) => ({ Id, SenderFault: false, Code: "InternalError", Message: "drill" })),
    ],
  });
}
