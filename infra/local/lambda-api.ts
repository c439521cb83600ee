/**
 * Lambda's `Invoke` operation (2015-03-31): synchronous, asynchronous, and the dry run that only checks.
 */
import { findFunction } from "./identity.ts";
import type { LambdaHost } from "./lambda-host.ts";
import { PAYLOAD_LIMIT } from "./runtime-api.ts";
import { type Handler, LAMBDA_PATH, readBody, replyJson } from "./server.ts";

const INVOKE = /^([^/?]{1,256})\/invocations(?:\?.*)?$/;

export function lambdaApi(host: LambdaHost): Handler {
  return async (request, response) => {
    const fail = (status: number, type: string, message: string) =>
      replyJson(response, status, { Type: "User", Message: message }, { "x-amzn-errortype": type });

    const [, encoded] = INVOKE.exec((request.url ?? "").slice(LAMBDA_PATH.length)) ?? [];
    if (encoded === undefined || request.method !== "POST") {
      return fail(400, "InvalidRequestContentException", "only Invoke is known here");
    }
    const name = findFunction(decodePath(encoded));
    if (name === null) return fail(404, "ResourceNotFoundException", `Function not found: ${encoded}`);
    const body = await readBody(request, PAYLOAD_LIMIT);
    if (body === undefined) return fail(413, "RequestTooLargeException", "the payload is larger than 6 MB");
    const payload = body.length === 0 ? "{}" : body.toString();
    if (!isJson(payload))
      return fail(400, "InvalidRequestContentException", "Could not parse request body into json");

    const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
    if (type === "DryRun") {
      response.writeHead(204).end();
    } else if (type === "Event") {
      host.invokeLater(name, payload);
      response.writeHead(202).end();
    } else {
      const result = await host.invoke(name, payload);
      const text = result.ok ? result.payload : result.error;
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
        "x-amz-executed-version": "$LATEST",
        ...(result.ok ? {} : { "x-amz-function-error": "Unhandled" }),
      });
      response.end(text);
    }
  };
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
