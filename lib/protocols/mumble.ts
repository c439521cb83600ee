// Mumble: over UDP a ping is answered with version and number of users; over TCP, inside TLS, the server
// greets with a Version message. Nothing is sent there, and no user appears.
// Source: Mumble protocol documentation (protocol stack: TCP message header; UDP connectivity ping; Version
// message in Mumble.proto), protocol buffers encoding (varint and length-delimited fields).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, type Reader, reader } from "./binary.ts";
import type { Ask, AskContext, Protocol, Recognition } from "./types.ts";

/** Eight bytes that come back with the pong. */
const IDENTIFIER = "Doorplat";
/** Size of a pong, bytes. */
const PONG = 24;
/** Message type 0 over TCP. */
const VERSION_MESSAGE = 0;
/** Largest Version message that is read, bytes; servers send below 200. */
const MAX_VERSION = 1024;
const FIELD = { version: 1, release: 2, os: 3, osVersion: 4, versionTwo: 5 };
const WIRE = { varint: 0, bytes: 2 };

const ping: Ask = {
  probe: "mumble.ping",
  data: join(big(0, 4), IDENTIFIER),
  complete: (received) => received.length >= PONG,
};

export interface Mumble {
  version: string | null;
  release: string | null;
  os: string | null;
  osVersion: string | null;
  users: string | null;
}

const numbers = (version: number) => `${version >>> 16}.${(version >>> 8) & 255}.${version & 255}`;

/** A pong to our ping. Null when the bytes are something else. */
function parsePong(data: Uint8Array): Mumble | null {
  const r = reader(data);
  const version = r.u32();
  const identifier = r.text(8);
  const [users, most] = [r.u32(), r.u32()];
  if (r.failed || data.length !== PONG || identifier !== IDENTIFIER || version > 0x00ffffff) return null;
  return { version: numbers(version), release: null, os: null, osVersion: null, users: `${users}/${most}` };
}

/** A varint of at most ten bytes, exact below 2^53. */
function varint(r: Reader): number {
  let value = 0;
  for (let shift = 0; shift < 10; shift++) {
    const byte = r.u8();
    value += (byte & 0x7f) * 128 ** shift;
    if (byte < 0x80) break;
  }
  return value;
}

/** The Version message with which a server greets. Null when the bytes are something else. */
function parseVersion(data: Uint8Array): Mumble | null {
  const head = reader(data);
  const type = head.u16();
  const length = head.u32();
  if (type !== VERSION_MESSAGE || length < 4 || length > MAX_VERSION) return null;
  const r = reader(head.take(length));
  if (head.failed) return null;
  const values = new Map<number, string>();
  while (r.left > 0) {
    const key = varint(r);
    const [field, wire] = [key >> 3, key & 7];
    if (field < 1 || field > 16 || (wire !== WIRE.varint && wire !== WIRE.bytes)) return null;
    const value = wire === WIRE.varint ? String(varint(r)) : r.text(varint(r));
    if (r.failed) return null;
    values.set(field, value);
  }
  const version = values.get(FIELD.version);
  const release = values.get(FIELD.release);
  if (version === undefined || release === undefined || !/^\d{1,9}$/.test(version)) return null;
  return {
    version: numbers(Number(version)),
    release,
    os: values.get(FIELD.os) ?? null,
    osVersion: values.get(FIELD.osVersion) ?? null,
    users: null,
  };
}

const parse = (data: Uint8Array) => parsePong(data) ?? parseVersion(data);

function recognise({ data }: Response): Recognition | null {
  const told = parse(data);
  return (
    told && { service: "mumble", weight: 9, excerpt: printable(told.release ?? `version ${told.version}`) }
  );
}

function read(response: Response): Fact[] {
  const told = parse(response.data);
  return told ? named("mumble", familyOf(response), { ...told }) : [];
}

export const mumble: Protocol = {
  name: "mumble",
  transports: ["tcp", "udp"],
  speaksFirst: "server",
  openers: ({ transport }: AskContext) => (transport === "udp" ? [ping] : []),
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
