/**
 * The ways to ask for a scan, told apart by shape: a ScanRequest itself, `Scan Requested` on the bus, and a target list that lands in the
 * bucket (as EventBridge or as S3's own notification tells it). An event's id becomes the scan's, so that one delivered twice is one scan.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import type { Archive } from "../cloud/archive.ts";
import { InputError } from "../model/errors.ts";
import type { ScanRequest } from "../model/request.ts";
import { parseTargetList } from "../targets/parse.ts";
import { parseRequest, TARGET_LIST_BYTES } from "./dispatch.ts";

const requestedSchema = z.object({
  id: z.string(),
  "detail-type": z.literal("Scan Requested"),
  detail: z.record(z.string(), z.unknown()),
});
const createdSchema = z.object({
  id: z.string(),
  "detail-type": z.literal("Object Created"),
  detail: z.object({ object: z.object({ key: z.string(), etag: z.string().optional() }) }),
});
const notificationSchema = z.object({
  Records: z.tuple([
    z.object({
      eventSource: z.literal("aws:s3"),
      s3: z.object({ object: z.object({ key: z.string(), eTag: z.string().optional() }) }),
    }),
  ]),
});

/** The id that an event gives to its scan; null for what is no event: then somebody waits for the answer. */
export function eventId(event: unknown): string | null {
  const told = requestedSchema.or(createdSchema).safeParse(event);
  if (told.success) return told.data.id;
  const notification = notificationSchema.safeParse(event);
  return notification.success ? notified(notification.data).id : null;
}

/** S3's own notifications encode the key as a form does, and carry no id: the same object is the same scan. */
function notified({ Records: [{ s3 }] }: z.infer<typeof notificationSchema>): { key: string; id: string } {
  const { key, eTag = "" } = s3.object;
  const decoded = decodeURIComponent(key.replaceAll("+", " "));
  const id = createHash("sha256").update(`${decoded} ${eTag}`).digest("hex").slice(0, 32);
  return { key: decoded, id };
}

/** @throws InputError when it is none of them, or the request in it is wrong */
export async function readTrigger(event: unknown, archive: Archive): Promise<ScanRequest> {
  const requested = requestedSchema.safeParse(event);
  if (requested.success) {
    const { id, detail } = requested.data;
    return parseRequest({ scanId: id, cause: "event: Scan Requested", ...detail });
  }
  const created = createdSchema.safeParse(event);
  if (created.success) return requestFromList(archive, created.data.detail.object.key, created.data.id);
  const notification = notificationSchema.safeParse(event);
  if (notification.success) {
    const { key, id } = notified(notification.data);
    return requestFromList(archive, key, id);
  }
  return parseRequest(event);
}

/** A list of targets as text, one or several a line; or a whole ScanRequest where the name ends in `.json`. */
async function requestFromList(archive: Archive, key: string, scanId: string): Promise<ScanRequest> {
  const text = await archive.getText(key, TARGET_LIST_BYTES);
  const cause = `list: ${key}`.slice(0, 256);
  if (!key.endsWith(".json")) {
    return parseRequest({ scanId, cause, targets: parseTargetList(text).map((target) => target.text) });
  }
  try {
    return parseRequest({ scanId, cause, ...(JSON.parse(text) as object) });
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(`${key} is not JSON: ${error.message}`, key);
    throw error;
  }
}
