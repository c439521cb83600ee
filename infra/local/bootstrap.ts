/**
 * The inside of one function instance, in place of AWS' runtime: loads the handler's bundle, then asks the Runtime API for one invocation
 * after the other. `node bootstrap.mjs <bundle> <watchdog fd>`; everything else comes from the environment, under Lambda's own names.
 */
import { Agent, request } from "node:http";
import { flushCompileCache } from "node:module";
import { pathToFileURL } from "node:url";
import { startWatchdog } from "./watchdog.ts";

type FunctionHandler = (event: unknown, context: LambdaContext) => unknown;

/** What Lambda's Node.js runtime hands to a handler, but for the callbacks of old. */
interface LambdaContext {
  callbackWaitsForEmptyEventLoop: boolean;
  functionName: string;
  functionVersion: string;
  invokedFunctionArn: string;
  memoryLimitInMB: string;
  awsRequestId: string;
  logGroupName: string;
  logStreamName: string;
  getRemainingTimeInMillis(): number;
}

interface Answer {
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

const [, , bundle = "", fd = ""] = process.argv;
startWatchdog(Number(fd));
// Ctrl-C reaches the whole process group; the command line decides what it means.
process.on("SIGINT", () => undefined);

const env = process.env;
const [address = "", ...secret] = (env.AWS_LAMBDA_RUNTIME_API ?? "").split("/");
const [hostname, port] = address.split(":");
const base = `/${secret.join("/")}/2018-06-01/runtime`;
// One connection for the life of the instance. node:http waits without limit; fetch() would give up after five minutes.
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method: "GET" | "POST", path: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const outgoing = request({ hostname, port, agent, method, path: base + path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
      response.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function describe(error: unknown): string {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split("\n") ?? [] });
}

async function load(): Promise<FunctionHandler> {
  try {
    const module: unknown = await import(pathToFileURL(bundle).href);
    if (
      typeof module === "object" &&
      module !== null &&
      "handler" in module &&
      typeof module.handler === "function"
    ) {
      return module.handler as FunctionHandler;
    }
    throw new Error(`${bundle} exports no function named handler`);
  } catch (error) {
    console.error(error);
    await call("POST", "/init/error", describe(error));
    process.exit(1);
  }
}

function contextFrom(answer: Answer): LambdaContext {
  const header = (name: string) => String(answer.headers[name] ?? "");
  const deadlineMs = Number(header("lambda-runtime-deadline-ms"));
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME ?? "",
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION ?? "",
    invokedFunctionArn: header("lambda-runtime-invoked-function-arn"),
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? "",
    awsRequestId: header("lambda-runtime-aws-request-id"),
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME ?? "",
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME ?? "",
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

const handler = await load();
// Instances end by SIGKILL, at which Node would not write what it compiled.
flushCompileCache();

let requestId = "";
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    console.error(error);
    call("POST", `/invocation/${requestId}/error`, describe(error)).finally(() => process.exit(1));
  });
}

for (;;) {
  const answer = await call("GET", "/invocation/next");
  const context = contextFrom(answer);
  requestId = context.awsRequestId;
  let path = `/invocation/${requestId}/response`;
  let body: string;
  try {
    body = JSON.stringify((await handler(JSON.parse(answer.body), context)) ?? null);
  } catch (error) {
    console.error(error);
    path = `/invocation/${requestId}/error`;
    body = describe(error);
  }
  await call("POST", path, body);
}
