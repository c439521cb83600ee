// Bolt, the protocol of Neo4j and its kin: four versions are offered, the server picks one. From 5.1 on HELLO carries no
// credentials (they moved to LOGON), so it is sent there and names the server; in older versions HELLO is a login
// and is not.
// Source: neo4j.com "Bolt Protocol": "Bolt Protocol handshake specification", "Message specification" (HELLO,
// GOODBYE), "PackStream".
import { printable, type Response } from "../model/observation.ts";
import { big, join, type Reader, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const MAGIC = join(0x60, 0x60, 0xb0, 0x17);
/** 5.8 down to 5.1, 4.4 down to 4.2, 4.1, 3.0: reserved byte, how many minors below, minor, major. */
const OFFERS = [join(0, 7, 8, 5), join(0, 2, 4, 4), join(0, 0, 1, 4), join(0, 0, 0, 3)];
const MESSAGE = { hello: 0x01, goodbye: 0x02, success: 0x70, failure: 0x7f };
/** PackStream markers: structure with one field; small map, small string (low half: the size). */
const STRUCTURE_1 = 0xb1;
const TINY_MAP = 0xa0;
const TINY_STRING = 0x80;
const STRING_8 = 0xd0;
const MAX_DEPTH = 6;
const MAX_ITEMS = 200;
/** GOODBYE has no answer: long enough to let it go out, ms. */
const GOODBYE_MS = 50;
const USER_AGENT = "doorplate/1.0";

/** One message in one chunk, and the empty chunk that ends it. */
const message = (...parts: (number | string | Uint8Array)[]): Uint8Array => {
  const body = join(...parts);
  return join(big(body.length, 2), body, 0, 0);
};

/** A string of at most 15 bytes. */
const tiny = (text: string): Uint8Array => join(TINY_STRING + text.length, text);

const handshake: Ask = {
  probe: "bolt.handshake",
  data: join(MAGIC, ...OFFERS),
  complete: (received) => received.length >= 4,
};
const hello: Ask = {
  probe: "bolt.hello",
  data: message(
    STRUCTURE_1,
    MESSAGE.hello,
    TINY_MAP + 2,
    tiny("user_agent"),
    tiny(USER_AGENT),
    tiny("bolt_agent"), // wanted from 5.3 on
    TINY_MAP + 1,
    tiny("product"),
    tiny(USER_AGENT),
  ),
  complete: (received) =>
    received.length > 4 && received[received.length - 1] === 0 && received[received.length - 2] === 0,
};

/** `5.4`; null when the bytes are no choice among our offers. `none` when the server knows none of them. */
function chosen(data: Uint8Array): string | null {
  const [reserved, range, minor = -1, major = -1] = data;
  if (data.length !== 4 || reserved !== 0 || range !== 0) return null;
  if (major === 0 && minor === 0) return "none";
  const offered =
    (major === 5 && minor >= 1 && minor <= 8) ||
    (major === 4 && minor >= 1 && minor <= 4) ||
    (major === 3 && minor === 0);
  return offered ? `${major}.${minor}` : null;
}

/** Reads one PackStream value; only strings and maps are kept. `failed` on the reader tells of damage. */
function unpack(r: Reader, depth: number, budget: { items: number }): unknown {
  const marker = r.u8();
  budget.items -= 1;
  if (depth > MAX_DEPTH || budget.items < 0) {
    r.take(-1);
    return null;
  }
  const high = marker & 0xf0;
  const low = marker & 0x0f;
  if (high === TINY_STRING || (marker >= STRING_8 && marker <= STRING_8 + 1))
    return r.text(high === TINY_STRING ? low : marker === STRING_8 ? r.u8() : r.u16());
  if (high === TINY_MAP || marker === 0xd8) {
    const size = high === TINY_MAP ? low : r.u8();
    const map = new Map<string, unknown>();
    for (let i = 0; i < size && !r.failed; i++) {
      const key = unpack(r, depth + 1, budget);
      map.set(String(key), unpack(r, depth + 1, budget));
    }
    return map;
  }
  if (high === 0x90 || marker === 0xd4) {
    const size = high === 0x90 ? low : r.u8();
    for (let i = 0; i < size && !r.failed; i++) unpack(r, depth + 1, budget);
    return null;
  }
  // Numbers by width; null, true, false and small integers are the marker itself.
  const width = { 193: 8, 200: 1, 201: 2, 202: 4, 203: 8 }[marker] ?? 0;
  r.take(width);
  return null;
}

/** Message type and the map it carries. Null when the bytes are no whole message. */
function parseMessage(data: Uint8Array): { type: number; fields: Map<string, unknown> } | null {
  const r = reader(data);
  const size = r.u16();
  const body = reader(r.take(size));
  if (r.u16() !== 0 || r.failed || body.u8() !== STRUCTURE_1) return null;
  const type = body.u8();
  const fields = unpack(body, 0, { items: MAX_ITEMS });
  return body.failed || !(fields instanceof Map) ? null : { type, fields };
}

function read({ data, probe }: Response): Reading | null {
  if (probe === handshake.probe) {
    const version = chosen(data);
    if (!version) return null;
    const weight = version === "none" ? 4 : 9;
    return { service: "bolt", weight, excerpt: `version ${version}`, values: { version } };
  }
  if (probe !== hello.probe) return null;
  const answer = parseMessage(data);
  if (!answer || (answer.type !== MESSAGE.success && answer.type !== MESSAGE.failure)) return null;
  const text = (key: string): string | null => {
    const value = answer.fields.get(key);
    return typeof value === "string" ? value.slice(0, 200) : null;
  };
  return {
    service: "bolt",
    weight: 9,
    excerpt: printable(text("server") ?? text("code") ?? "HELLO"),
    values: { server: text("server"), error: text("code") },
  };
}

export const bolt: Protocol = readingProtocol({
  name: "bolt",
  prefix: "bolt",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [handshake],
  read,
  async converse(session) {
    const last = session.responses.at(-1);
    const version = last?.probe === handshake.probe ? chosen(last.data) : null;
    if (!version?.startsWith("5.")) return;
    if (!(await session.ask(hello))) return;
    await session.ask({
      probe: "bolt.goodbye",
      data: message(0xb0, MESSAGE.goodbye),
      timeoutMs: GOODBYE_MS,
    });
  },
});
