// NSQ: after the magic of its protocol version, IDENTIFY with feature negotiation is answered by a JSON object that
// holds nsqd's version. Any other start of a connection is refused in so many words, framed by nsqd and bare by
// nsqlookupd.
// Source: nsq.io "TCP Protocol Spec" (IDENTIFY, "Frame Types"); nsq source, tcp.go of nsqd and nsqlookupd.
import * as z from "zod";
import { printable, type Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const MAX_FRAME = 16_384;
const FRAME_RESPONSE = 0;
const FRAME_ERROR = 1;
const CLIENT = JSON.stringify({
  client_id: "doorplate",
  hostname: "doorplate.invalid",
  feature_negotiation: true,
  user_agent: "doorplate",
});

const word = z.string().max(100).optional().catch(undefined);
const featuresSchema = z.object({
  max_rdy_count: z.number(),
  version: word,
  tls_v1: z.boolean().optional().catch(undefined),
  auth_required: z.boolean().optional().catch(undefined),
});

const identify: Ask = {
  probe: "nsq.identify",
  data: join("  V2", "IDENTIFY\n", big(CLIENT.length, 4), CLIENT),
  complete: (received) => received.length >= 4 && received.length >= reader(received).u32() + 4,
};

/** Kind and text of the first frame, which must be whole. */
function parseFrame(data: Uint8Array): { kind: number; text: string } | null {
  const r = reader(data);
  const size = r.u32();
  const kind = r.u32();
  if (size < 5 || size > MAX_FRAME || kind > 2) return null;
  const text = r.text(size - 4);
  return r.failed ? null : { kind, text };
}

function read({ data }: Response): Reading | null {
  const bare = reader(data);
  const size = bare.u32();
  if (size === data.length - 4 && bare.text(size) === "E_BAD_PROTOCOL") {
    const values = { error: "E_BAD_PROTOCOL", role: "nsqlookupd" };
    return { service: "nsq", weight: 9, excerpt: "E_BAD_PROTOCOL", values };
  }
  const frame = parseFrame(data);
  if (frame?.kind === FRAME_ERROR && /^E_[A-Z_]{3,40}(?: |$)/.test(frame.text)) {
    const error = frame.text.split(" ", 1)[0];
    return {
      service: "nsq",
      weight: 9,
      excerpt: printable(frame.text),
      values: { error, role: "nsqd" },
    };
  }
  if (frame?.kind !== FRAME_RESPONSE || !frame.text.startsWith("{")) return null;
  const features = parseFeatures(frame.text);
  if (!features) return null;
  return {
    service: "nsq",
    weight: 9,
    excerpt: printable(`nsqd ${features.version ?? ""}`),
    values: {
      version: features.version,
      role: "nsqd",
      tls: features.tls_v1 ? "yes" : null,
      auth: features.auth_required ? "required" : null,
    },
  };
}

function parseFeatures(text: string): z.infer<typeof featuresSchema> | null {
  try {
    return featuresSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // not JSON
  }
}

export const nsq: Protocol = readingProtocol({
  name: "nsq",
  prefix: "nsq",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [identify],
  read,
  async converse(session) {
    const seen = session.responses.map((response) => read(response)?.values);
    const lookup = seen.some((values) => values?.role === "nsqlookupd");
    if (!lookup && !session.responses.some(({ probe, data }) => probe === identify.probe && data.length > 0))
      await session.ask(identify, { fresh: true });
  },
});
