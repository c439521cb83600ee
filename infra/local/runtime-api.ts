/**
 * Lambda's Runtime API, version 2018-06-01, as AWS documents it ("Using the Lambda runtime API for custom runtimes"): an instance asks for
 * its next invocation, and posts a response or an error. Here all instances speak to one port, so the API's address ends in a secret path
 * that names the instance (`127.0.0.1:1234/runtime-<secret>`), which also keeps other users of the machine from stealing invocations.
 */
import type { ServerResponse } from "node:http";
import { type Handler, RUNTIME_PATH, readBody, replyJson } from "./server.ts";

/** Largest payload of a synchronous invocation, request or response (AWS: 6 MB; a little more for the envelope), bytes. */
export const PAYLOAD_LIMIT = 6 * 1024 * 1024 + 64 * 1024;

/** One invocation on its way to the instance. */
export interface Delivery {
  requestId: string;
  payload: string;
  /** Epoch ms at which the instance is killed. */
  deadlineMs: number;
  functionArn: string;
}

/** What an instance may say to its host. The booleans tell whether the request id was the current one. */
export interface RuntimeCalls {
  /** The instance is ready; `deliver` is called once, with its next invocation. */
  next(deliver: (delivery: Delivery) => void): void;
  respond(requestId: string, payload: string): boolean;
  fail(requestId: string, error: string): boolean;
  initFailed(error: string): void;
}

const INVOCATION = /^\/2018-06-01\/runtime\/invocation\/([\w-]{1,64})(?:\/(response|error))?$/;

/** Routes `/runtime-<secret>/2018-06-01/…` to the instance that `find` knows by its secret. */
export function runtimeApi(find: (secret: string) => RuntimeCalls | undefined): Handler {
  return async (request, response) => {
    const url = request.url ?? "";
    const slash = url.indexOf("/", 1);
    const instance = slash < 0 ? undefined : find(url.slice(RUNTIME_PATH.length, slash));
    if (instance === undefined)
      return replyJson(response, 403, { errorType: "Forbidden", errorMessage: "no such instance" });
    const path = url.slice(slash);

    if (request.method === "GET" && path === "/2018-06-01/runtime/invocation/next") {
      return instance.next((delivery) => deliver(response, delivery));
    }
    if (request.method !== "POST") return notFound(response);
    const body = await readBody(request, PAYLOAD_LIMIT);
    if (path === "/2018-06-01/runtime/init/error") {
      instance.initFailed(body?.toString() ?? "");
      return accepted(response);
    }
    const [, requestId, kind] = INVOCATION.exec(path) ?? [];
    if (requestId === undefined || kind === undefined) return notFound(response);
    if (body === undefined) {
      instance.fail(
        requestId,
        runtimeError("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum (6 MB)."),
      );
      return replyJson(response, 413, {
        errorType: "RequestEntityTooLarge",
        errorMessage: "payload too large",
      });
    }
    const current =
      kind === "response"
        ? instance.respond(requestId, body.toString())
        : instance.fail(requestId, body.toString());
    if (current) accepted(response);
    else replyJson(response, 400, { errorType: "InvalidRequestID", errorMessage: "Invalid request ID" });
  };
}

/** The JSON that AWS reports for a failed invocation. */
export function runtimeError(errorType: string, errorMessage: string): string {
  return JSON.stringify({ errorType, errorMessage });
}

function deliver(response: ServerResponse, { requestId, payload, deadlineMs, functionArn }: Delivery): void {
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(payload),
    "lambda-runtime-aws-request-id": requestId,
    "lambda-runtime-deadline-ms": String(deadlineMs),
    "lambda-runtime-invoked-function-arn": functionArn,
  });
  response.end(payload);
}

function accepted(response: ServerResponse): void {
  replyJson(response, 202, { status: "OK" });
}

function notFound(response: ServerResponse): void {
  replyJson(response, 404, { errorType: "NotFound", errorMessage: "no such operation" });
}
