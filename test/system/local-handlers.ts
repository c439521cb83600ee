import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { functions } from "../../infra/topology.ts";

/**
 * Stand-ins for the functions, laid out as the build lays out the real ones. Each writes down what it was given, then does what the event
 * (or each message of a batch) says: `echo`, `throw`, `fail` (partial batch), `malformed`, `slow`, `loop` (for ever), `crash`.
 */
export interface Call {
  function: string;
  pid: number;
  event: {
    Records?: {
      messageId: string;
      body: string;
      eventSourceARN: string;
      attributes: Record<string, string>;
    }[];
    [field: string]: unknown;
  };
  context: { remaining: number; awsRequestId: string; memoryLimitInMB: string; invokedFunctionArn: string };
  environment: Record<string, string>;
}

export interface Workplace {
  stateDir: string;
  bundles: string;
  calls(): Call[];
  /** The calls of one function that were given this word in an event or message. */
  callsWith(name: string, word: string): Call[];
  remove(): void;
}

const handlerSource = (record: string) => `
import { appendFileSync } from "node:fs";
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function act(order) {
  if (order.do === "throw") throw new TypeError("as ordered");
  if (order.do === "slow") await pause(order.ms);
  if (order.do === "loop") for (;;);
  if (order.do === "crash") process.exit(3);
  return order.do === "fail";
}
export const handler = async (event, context) => {
  const { awsRequestId, memoryLimitInMB, invokedFunctionArn } = context;
  appendFileSync(${JSON.stringify(record)}, JSON.stringify({
    function: context.functionName, pid: process.pid, event, environment: process.env,
    context: { remaining: context.getRemainingTimeInMillis(), awsRequestId, memoryLimitInMB, invokedFunctionArn },
  }) + "\\n");
  if (!event.Records) { await act(event.detail ?? event); return { echo: event }; }
  const batchItemFailures = [];
  for (const { messageId, body } of event.Records) {
    const order = JSON.parse(body);
    if (order.do === "malformed") return { batchItemFailures: [{ itemIdentifier: "no such message" }] };
    if (await act(order)) batchItemFailures.push({ itemIdentifier: messageId });
  }
  return { batchItemFailures };
};
`;

export function makeWorkplace(): Workplace {
  const root = mkdtempSync(join(tmpdir(), "doorplate-local-"));
  const record = join(root, "calls.jsonl");
  const bundles = join(root, "functions");
  appendFileSync(record, "");
  for (const name of Object.keys(functions)) {
    mkdirSync(join(bundles, name), { recursive: true });
    writeFileSync(join(bundles, name, "index.mjs"), handlerSource(record));
  }
  const calls = () =>
    readFileSync(record, "utf8")
      .split("\n")
      // A line that is being written has no end yet.
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Call);
  return {
    stateDir: join(root, "state"),
    bundles,
    calls,
    callsWith: (name, word) =>
      calls().filter((call) => call.function === name && JSON.stringify(call.event).includes(word)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Waits until `probe` gives something other than false, null, undefined or an empty list. */
export async function until<T>(what: string, probe: () => T | Promise<T>, limitMs = 30_000): Promise<T> {
  const giveUp = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (Array.isArray(value) ? value.length > 0 : value) return value;
    if (Date.now() > giveUp) throw new Error(`never happened within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A dead process that nobody has waited for is a zombie: gone, for our purposes.
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) [ZX] /.test(readFileSync(stat, "utf8"));
  } catch {
    return false;
  }
}
