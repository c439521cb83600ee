/**
 * EventBridge: the `PutEvents` operation, and the topology's rules that lead an event to a function. Objects that land under `targets/` in
 * the bucket become the event that S3 would send. The last events are kept in a file, one JSON line each.
 */
import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { EventBridgeEvent } from "aws-lambda";
import { bucketPrefixes, type FunctionName, rules } from "../topology.ts";
import { ACCOUNT, BUS, REGION } from "./identity.ts";
import { type Handler, readBody, replyJson } from "./server.ts";
import type { StoredObject } from "./stores.ts";

export interface EventBusOptions {
  /** `events.jsonl` of the state directory. */
  file: string;
  invokeLater(name: FunctionName, payload: string): void;
}

export interface EventBus {
  /** The `PutEvents` endpoint. */
  handler: Handler;
  /** Tells the default bus about a new object, if it lies where the rules look. */
  objectStored(object: StoredObject): void;
}

type Event = EventBridgeEvent<string, unknown>;

/** Events kept. The file is cut back to this number when it holds twice as many. */
const KEPT = 100;
/** AWS: at most ten entries of together 256 KB. */
const MAX_ENTRIES = 10;
const BODY_LIMIT = 1024 * 1024;

export function openEventBus({ file, invokeLater }: EventBusOptions): EventBus {
  let lines = readLines(file);

  const keep = (event: Event) => {
    lines.push(JSON.stringify(event));
    if (lines.length >= 2 * KEPT) {
      lines = lines.slice(-KEPT);
      writeFileSync(`${file}.new`, `${lines.join("\n")}\n`, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } else {
      writeFileSync(file, `${lines.at(-1)}\n`, { flag: "a", mode: 0o600 });
    }
  };

  const publish = (bus: "own" | "default", event: Event) => {
    keep(event);
    for (const rule of rules) {
      if (rule.bus === bus && rule.source === event.source && rule.detailType === event["detail-type"]) {
        invokeLater(rule.function, JSON.stringify(event));
      }
    }
  };

  return {
    async handler(request, response) {
      if (request.headers["x-amz-target"] !== "AWSEvents.PutEvents") {
        return replyJson(response, 400, {
          __type: "UnknownOperationException",
          message: "only PutEvents is known here",
        });
      }
      const entries = parseEntries(await readBody(request, BODY_LIMIT));
      if (typeof entries === "string") {
        return replyJson(response, 400, { __type: "ValidationException", message: entries });
      }
      const results = entries.map((entry) => {
        const parsed = toEvent(entry);
        if ("ErrorCode" in parsed) return parsed;
        publish(parsed.bus, parsed.event);
        return { EventId: parsed.event.id };
      });
      const FailedEntryCount = results.filter((result) => "ErrorCode" in result).length;
      replyJson(response, 200, { FailedEntryCount, Entries: results });
    },
    objectStored(object) {
      if (object.key.startsWith(bucketPrefixes.targets)) publish("default", objectCreated(object));
    },
  };
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

/** The entries of a PutEvents request, or what is wrong with it. */
function parseEntries(body: Buffer | undefined): object[] | string {
  try {
    const value: unknown = JSON.parse(body?.toString() ?? "");
    const entries = typeof value === "object" && value !== null && "Entries" in value ? value.Entries : null;
    if (!Array.isArray(entries) || entries.length === 0 || entries.length > MAX_ENTRIES) {
      return `Entries: 1 to ${MAX_ENTRIES} expected`;
    }
    return entries.every((entry) => typeof entry === "object" && entry !== null)
      ? entries
      : "Entries: objects expected";
  } catch {
    return "the body is not JSON";
  }
}

/** Envelope of one entry as EventBridge builds it, or the error that it reports for the entry. */
function toEvent(
  entry: object,
): { bus: "own" | "default"; event: Event } | { ErrorCode: string; ErrorMessage: string } {
  const fields = new Map<string, unknown>(Object.entries(entry));
  const source = fields.get("Source");
  const detailType = fields.get("DetailType");
  const text = fields.get("Detail");
  if (typeof source !== "string" || typeof detailType !== "string" || typeof text !== "string") {
    return { ErrorCode: "InvalidArgument", ErrorMessage: "Source, DetailType and Detail are required." };
  }
  if (source.startsWith("aws.")) {
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  }
  let detail: unknown;
  try {
    detail = JSON.parse(text);
  } catch {
    detail = null;
  }
  if (typeof detail !== "object" || detail === null) {
    return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  }
  // By name or ARN, whose last part is the name.
  const name = String(fields.get("EventBusName") ?? "default")
    .split("/")
    .at(-1);
  if (name !== BUS && name !== "default") {
    return { ErrorCode: "InternalFailure", ErrorMessage: `Event bus ${name} does not exist.` };
  }
  const resources = fields.get("Resources");
  const time = fields.get("Time");
  const event = envelope(source, detailType, detail, {
    resources: Array.isArray(resources) ? resources.map(String) : [],
    // Epoch seconds in AWS' JSON protocol.
    time: typeof time === "number" && Math.abs(time) < 1e11 ? new Date(time * 1000) : new Date(),
  });
  return { bus: name === BUS ? "own" : "default", event };
}

/** S3's own event, as "Amazon S3 event message structure" for EventBridge has it. */
function objectCreated({ bucket, key, size, etag, reason }: StoredObject): Event {
  const detail = {
    version: "0",
    bucket: { name: bucket },
    object: { key, size, etag, sequencer: Date.now().toString(16).toUpperCase().padStart(18, "0") },
    "request-id": randomUUID().replaceAll("-", "").slice(0, 16).toUpperCase(),
    requester: ACCOUNT,
    "source-ip-address": "127.0.0.1",
    reason,
  };
  return envelope("aws.s3", "Object Created", detail, {
    resources: [`arn:aws:s3:::${bucket}`],
    time: new Date(),
  });
}

function envelope(
  source: string,
  detailType: string,
  detail: unknown,
  more: { resources: string[]; time: Date },
): Event {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": detailType,
    source,
    account: ACCOUNT,
    // Whole seconds, as AWS has it.
    time: more.time.toISOString().replace(/\.\d+Z$/, "Z"),
    region: REGION,
    resources: more.resources,
    detail,
  };
}
