// gpsd greets with one JSON object of class VERSION; what it does not understand it answers with one of class ERROR.
// Nothing is sent: asking for more would start receivers.
// Source: gpsd_json(5), "VERSION" and "ERROR".
import * as z from "zod";
import { latin1, printable, type Response } from "../model/observation.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const word = z.string().max(200).optional().catch(undefined);
const number = z.number().int().min(0).max(999).optional().catch(undefined);
const objectSchema = z.object({
  class: z.enum(["VERSION", "ERROR"]),
  release: word,
  rev: word,
  proto_major: number,
  proto_minor: number,
  message: word,
});

/** The object on the first line, or null. */
function parseObject(data: Uint8Array): z.infer<typeof objectSchema> | null {
  const line = /^(\{"class":"[A-Z]{2,10}"[^\r\n]{1,2000}\})\r?\n/.exec(latin1(data.subarray(0, 4096)))?.[1];
  if (!line) return null;
  try {
    return objectSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null; // not JSON
  }
}

function read({ data }: Response): Reading | null {
  const object = parseObject(data);
  if (!object) return null;
  const excerpt = printable(latin1(data.subarray(0, 300)).trim());
  if (object.class === "VERSION" && object.release !== undefined && object.proto_major !== undefined) {
    return {
      service: "gpsd",
      weight: 9,
      excerpt,
      values: {
        release: object.release,
        revision: object.rev,
        protocol: `${object.proto_major}.${object.proto_minor ?? 0}`,
      },
    };
  }
  return object.class === "ERROR" && /^Unrecognized request '/.test(object.message ?? "")
    ? { service: "gpsd", weight: 9, excerpt, values: { error: object.message } }
    : null;
}

export const gpsd: Protocol = readingProtocol({
  name: "gpsd",
  prefix: "gpsd",
  transports: ["tcp"],
  speaksFirst: "server",
  openers: () => [],
  read,
});
