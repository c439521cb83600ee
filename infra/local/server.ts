/**
 * The one port of the local cloud. Every API answers on it, so a scan of this machine meets one port of ours, and one guard stands in front
 * of everything. The request says which API it is for: DynamoDB, SQS and EventBridge by `X-Amz-Target`, Lambda and the Runtime API by path;
 * what is left is S3, with the bucket in the path.
 */
import {
  createServer,
  IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type Credentials, refuseOrigin, refuseSignature } from "./guard.ts";

/** Answers a request; the body comes from `readBody`. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface Apis {
  dynamodb: RequestListener;
  /** SQS and S3. */
  sqsAndS3: RequestListener;
  events: Handler;
  lambda: Handler;
  /** Lambda's Runtime API. Not signed, as in AWS; its paths begin with a secret that only the instance knows. */
  runtime: Handler;
}

/** Bodies that are read into memory: the largest that any of the APIs takes (DynamoDB's batch write), bytes. */
export const BODY_LIMIT = 16 * 1024 * 1024;

export const LAMBDA_PATH = "/2015-03-31/functions/";
export const RUNTIME_PATH = "/runtime-";

/** Listens on a free loopback port. `apis` may be filled in after this returns, before the first request. */
export async function listen(
  credentials: Credentials,
  apis: Promise<Apis>,
): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    // A client that dies in the middle of a request is not our error.
    request.on("error", () => response.destroy());
    route(request, response, credentials, apis).catch((error: unknown) => {
      if (!response.headersSent)
        replyJson(response, 500, { __type: "InternalFailure", message: String(error) });
    });
  });
  // An instance waits for its next invocation, and a long poll for its message, as long as it takes.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => resolve());
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  credentials: Credentials,
  apis: Promise<Apis>,
): Promise<void> {
  const { method = "GET", url = "/", headers } = request;
  const forbidden = refuseOrigin(headers, request.socket.localPort ?? 0);
  if (forbidden !== null) return refuse(response, forbidden);
  if (url.startsWith(RUNTIME_PATH)) return (await apis).runtime(request, response);

  // S3 signs the payload's hash in a header, so its bodies need not be read for the check.
  const body = headers["x-amz-content-sha256"] === undefined ? await readBody(request) : null;
  if (body === undefined)
    return replyJson(response, 413, { __type: "RequestEntityTooLarge", message: "body too large" });
  const refusal = refuseSignature({ method, url, headers }, credentials, () => body ?? Buffer.alloc(0));
  if (refusal !== null) return refuse(response, refusal);

  const whole = body === null ? request : replay(request, body);
  const target = headers["x-amz-target"];
  const { dynamodb, sqsAndS3, events, lambda } = await apis;
  if (typeof target === "string" && target.startsWith("DynamoDB_")) {
    dynamodb(whole, response);
    // dynalite throws what its request emits, which would end this process with the client.
    whole.removeAllListeners("error").on("error", () => response.destroy());
  } else if (typeof target === "string" && target.startsWith("AWSEvents.")) await events(whole, response);
  else if (url.startsWith(LAMBDA_PATH)) await lambda(whole, response);
  else sqsAndS3(whole, response);
}

/** A request with its body to be read again. */
function replay(request: IncomingMessage, body: Buffer): IncomingMessage {
  const again = new IncomingMessage(request.socket);
  again.method = request.method;
  again.url = request.url;
  again.httpVersion = request.httpVersion;
  again.headers = request.headers;
  again.rawHeaders = request.rawHeaders;
  again.complete = true;
  again.push(body);
  again.push(null);
  return again;
}

/** The whole body, or undefined if it is larger than `limit` bytes. */
export async function readBody(request: IncomingMessage, limit = BODY_LIMIT): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function replyJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.1",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

function refuse(response: ServerResponse, message: string): void {
  replyJson(response, 403, { __type: "AccessDeniedException", message }, { connection: "close" });
}
