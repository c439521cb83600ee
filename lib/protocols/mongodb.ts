// MongoDB wire protocol: `hello` says what a server is in its replica set and which wire versions it speaks,
// `buildInfo` its version; both are answered without a login (buildInfo not on every server).
// Source: MongoDB manual "Wire Protocol" (OP_MSG, OP_REPLY, OP_QUERY), "hello", "buildInfo"; bsonspec.org 1.1.
import { type Fact, printable, type Response } from "../model/observation.ts";
import { distinct, familyOf, join, little, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

const OP = { reply: 1, query: 2004, message: 2013 };
const BSON = { double: 1, string: 2, document: 3, array: 4, boolean: 8, int32: 16, int64: 18 };
/** Bytes of the BSON types of fixed size that we skip: object id, UTC time, null, timestamp, decimal, min, max. */
const FIXED: Record<number, number> = { 6: 0, 7: 12, 9: 8, 10: 0, 17: 8, 19: 16, 127: 0, 255: 0 };
const MAX_ELEMENTS = 128;
const MAX_DEPTH = 3;
/** Our request identifiers ("DP" and a number); a reply carries it in `responseTo`. */
const REQUEST = { hello: 0x44500001, buildInfo: 0x44500002 };

function document(...elements: Uint8Array[]): Uint8Array {
  const body = join(...elements, 0);
  return join(little(body.length + 4, 4), body);
}
const int32 = (name: string, value: number) => join(BSON.int32, name, 0, little(value, 4));
const string = (name: string, value: string) =>
  join(BSON.string, name, 0, little(value.length + 1, 4), value, 0);

function command(id: number, name: string): Uint8Array {
  const body = join(little(0, 4), 0, document(int32(name, 1), string("$db", "admin")));
  return join(little(body.length + 16, 4), little(id, 4), little(0, 4), little(OP.message, 4), body);
}
const whole = (received: Uint8Array): boolean => {
  const length = reader(received).u32le();
  return length >= 16 && received.length >= length;
};
const hello: Ask = { probe: "mongodb.hello", data: command(REQUEST.hello, "hello"), complete: whole };
const buildInfo: Ask = {
  probe: "mongodb.buildInfo",
  data: command(REQUEST.buildInfo, "buildInfo"),
  complete: whole,
};

/** Scalar fields of a BSON document under dotted names. Null when malformed. */
function parseDocument(data: Uint8Array, prefix = "", depth = 0): Map<string, string> | null {
  const r = reader(data);
  const length = r.u32le();
  if (r.failed || length < 5 || length > data.length || data[length - 1] !== 0) return null;
  const body = reader(data.subarray(0, length - 1), 4);
  const fields = new Map<string, string>();
  for (let count = 0; body.left > 0 && count < MAX_ELEMENTS; count++) {
    const type = body.u8();
    const name = prefix + body.cstring();
    if (type === BSON.string) fields.set(name, body.text(body.u32le()).replace(/\0$/, ""));
    else if (type === BSON.boolean) fields.set(name, body.u8() ? "true" : "false");
    else if (type === BSON.int32) fields.set(name, String(body.u32le() | 0));
    else if (type === BSON.double || type === BSON.int64) {
      const raw = Buffer.from(body.take(8));
      if (raw.length === 8)
        fields.set(name, String(type === BSON.double ? raw.readDoubleLE() : raw.readBigInt64LE()));
    } else if (type === BSON.document || type === BSON.array) {
      const size = body.u32le();
      const rest = body.take(size - 4);
      const inner =
        depth < MAX_DEPTH ? parseDocument(join(little(size, 4), rest), `${name}.`, depth + 1) : null;
      for (const [key, value] of inner ?? []) fields.set(key, value);
    } else if (type === 5) body.take(body.u32le() + 1);
    else if (FIXED[type] !== undefined) body.take(FIXED[type] ?? 0);
    else return null;
    if (body.failed) return null;
  }
  return fields;
}

/** The document of the first OP_MSG or OP_REPLY. Null when the bytes are something else. */
function parseReply(data: Uint8Array): { responseTo: number; fields: Map<string, string> } | null {
  const r = reader(data);
  const length = r.u32le();
  r.u32le();
  const responseTo = r.u32le();
  const operation = r.u32le();
  if (r.failed || length < 26 || length > 65_536) return null;
  if (operation === OP.reply) r.take(20);
  else if (operation === OP.message) {
    r.u32le(); // flag bits
    if (r.u8() !== 0) return null;
  } else return null;
  const fields = r.failed ? null : parseDocument(r.take(r.left));
  return fields ? { responseTo, fields } : null;
}

/** MongoDB answers an HTTP request on its port in plain words. */
const HTTP_HINT = "It looks like you are trying to access MongoDB over HTTP on the native driver port.";

function recognise({ data }: Response): Recognition | null {
  const reply = parseReply(data);
  if (reply) {
    const ours = Object.values(REQUEST).includes(reply.responseTo);
    const excerpt = printable([...reply.fields].map(([name, value]) => `${name}=${value}`).join(" "));
    return { service: "mongodb", weight: ours || reply.fields.has("ok") ? 9 : 7, excerpt };
  }
  const text = Buffer.from(data.subarray(0, 512)).toString("latin1");
  return text.includes(HTTP_HINT) ? { service: "mongodb", weight: 9, excerpt: HTTP_HINT.slice(0, 60) } : null;
}

function read(response: Response): Fact[] {
  const fields = parseReply(response.data)?.fields;
  if (!fields) return [];
  const error = fields.get("errmsg");
  return named("mongodb", familyOf(response), {
    version: fields.get("version"),
    gitVersion: fields.get("gitVersion"),
    maxWireVersion: fields.get("maxWireVersion"),
    setName: fields.get("setName"),
    me: fields.get("me"),
    modules: fields.get("modules.0"),
    openssl: fields.get("openssl.running"),
    os: fields.get("buildEnvironment.target_os"),
    msg: fields.get("msg"),
    error,
    errorCode: error && fields.get("codeName"),
    ferretdb: fields.get("ferretdb.version") ?? fields.get("ferretdbVersion"),
  });
}

async function converse(session: Session): Promise<void> {
  await session.ask(buildInfo);
}

export const mongodb: Protocol = {
  name: "mongodb",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [hello],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
