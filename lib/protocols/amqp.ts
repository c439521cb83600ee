// AMQP 0-9-1: after the protocol header the broker introduces itself with Connection.Start, whose server
// properties name product, version and platform. We answer nothing and close: no login is tried. A broker of
// another AMQP version answers with the header it would rather have.
// Source: AMQP 0-9-1 specification sections 2.2.4 (protocol header), 2.3.5 (frames), 4.2.5 (field tables);
// RabbitMQ "AMQP 0-9-1 errata" for the field types really used.
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { distinct, familyOf, join, named, type Reader, reader, startsWith } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const FRAME_METHOD = 1;
const FRAME_END = 0xce;
/** Class Connection, method Start. */
const START = { class: 10, method: 10 };
/** Largest Connection.Start that is read, bytes; brokers send below 1 KiB. */
const MAX_FRAME = 16_384;
const MAX_FIELDS = 64;
/** Bytes of the field types that have a fixed size. */
const FIXED: Record<string, number> = {
  t: 1,
  b: 1,
  B: 1,
  s: 2,
  u: 2,
  U: 2,
  I: 4,
  i: 4,
  f: 4,
  D: 5,
  l: 8,
  L: 8,
  d: 8,
  T: 8,
  V: 0,
};

const header: Ask = {
  probe: "amqp.header",
  data: join("AMQP", 0, 0, 9, 1),
  complete: (received) => {
    if (startsWith(received, "AMQP")) return received.length >= 8;
    const r = reader(received, 3);
    const size = r.u32();
    return !r.failed && received.length >= size + 8;
  },
};

/** String fields of a table, those of nested tables (`capabilities`) skipped. Null when malformed. */
function readTable(r: Reader): Map<string, string> | null {
  const table = reader(r.take(r.u32()));
  const fields = new Map<string, string>();
  while (table.left > 0 && fields.size < MAX_FIELDS) {
    const name = table.text(table.u8());
    const type = table.text(1);
    if (type === "S" || type === "x") fields.set(name, table.text(table.u32()));
    else if (type === "F" || type === "A") table.take(table.u32());
    else if (FIXED[type] !== undefined) table.take(FIXED[type] ?? 0);
    else return null;
    if (table.failed) return null;
  }
  return r.failed ? null : fields;
}

export interface Start {
  version: string;
  properties: Map<string, string>;
  mechanisms: string;
  locales: string;
}

/** Connection.Start in a method frame on channel 0. Null when the bytes are something else. */
function parseStart(data: Uint8Array): Start | null {
  const r = reader(data);
  const type = r.u8();
  const channel = r.u16();
  const size = r.u32();
  if (r.failed || type !== FRAME_METHOD || channel !== 0 || size > MAX_FRAME) return null;
  const body = reader(r.take(size));
  if (r.u8() !== FRAME_END || r.failed) return null;
  if (body.u16() !== START.class || body.u16() !== START.method) return null;
  const version = `${body.u8()}-${body.u8()}`;
  const properties = readTable(body);
  const mechanisms = body.text(body.u32());
  const locales = body.text(body.u32());
  return !properties || body.failed ? null : { version, properties, mechanisms, locales };
}

/** `0-9-1`, or `1-0-0` with id 3 for SASL: the header that a server sends when it refuses ours. */
function refusal(data: Uint8Array): string | null {
  if (!startsWith(data, "AMQP") || data.length !== 8) return null;
  const numbers = [...data.subarray(4)];
  return numbers.every((number) => number < 16) ? numbers.join("-") : null;
}

function recognise({ data }: Response): Recognition | null {
  const start = parseStart(data);
  if (start) {
    const excerpt = printable(
      `${start.properties.get("product") ?? ""} ${start.properties.get("version") ?? ""}`.trim(),
    );
    return { service: "amqp", weight: 9, excerpt: excerpt || "Connection.Start" };
  }
  return refusal(data) ? { service: "amqp", weight: 9, excerpt: printable(latin1(data)) } : null;
}

function read(response: Response): Fact[] {
  const family = familyOf(response);
  const start = parseStart(response.data);
  if (!start) return named("amqp", family, { header: refusal(response.data) });
  const { properties } = start;
  const product = properties.get("product");
  const version = properties.get("version");
  return named("amqp", family, {
    protocol: start.version,
    product,
    version,
    server: [product, version].filter(Boolean).join(" "),
    platform: properties.get("platform"),
    clusterName: properties.get("cluster_name"),
    mechanisms: start.mechanisms,
  });
}

export const amqp: Protocol = {
  name: "amqp",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [header],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
