// ONC RPC messages: a call without credentials, the reply to it, and the record marks that stand around both on a
// TCP stream. All numbers are 32-bit, big-endian; padding goes to the next multiple of 4.
// Source: RFC 5531 sections 8.2 (authentication), 9 (messages) and 11 (record marking).
import { big, join, reader } from "./binary.ts";

const CALL = 0;
const REPLY = 1;
const RPC_VERSION = 2;
const LAST_FRAGMENT = 0x80000000;
/** Largest body of a verifier, bytes (RFC 5531, section 8.2). */
const MAX_VERIFIER = 400;
/** Largest message that we put together from fragments, bytes, and most fragments of one. */
export const MAX_RECORD_BYTES = 65_536;
export const MAX_FRAGMENTS = 400;
/** Places in a heap of datagrams that may be our reply before we stop looking. */
const MAX_CANDIDATES = 8;

/** accept_stat 0 to 5. */
export const ACCEPT_STATES = [
  "success",
  "program unavailable",
  "version mismatch",
  "procedure unavailable",
  "garbage arguments",
  "system error",
] as const;
export type RpcStatus = (typeof ACCEPT_STATES)[number] | "denied: RPC version" | "denied: authentication";

export interface RpcCall {
  /** Transaction id, echoed in the reply. */
  xid: number;
  program: number;
  version: number;
  procedure: number;
}

export interface RpcReply {
  xid: number;
  status: RpcStatus;
  /** Authentication flavour of the verifier; 0 when denied. */
  flavour: number;
  /** Lowest and highest version the server has, after a version mismatch of the program. */
  versions: [number, number] | null;
  /** Results of a successful call. */
  results: Uint8Array;
}

/** A call of 40 bytes: no arguments, no credentials. */
export function callMessage({ xid, program, version, procedure }: RpcCall): Uint8Array {
  return join(
    ...[xid, CALL, RPC_VERSION, program, version, procedure].map((word) => big(word, 4)),
    big(0, 16), // credentials and verifier: flavour 0, length 0
  );
}

/** The message as one fragment of a TCP stream. */
export function marked(message: Uint8Array): Uint8Array {
  return join(big(LAST_FRAGMENT + message.length, 4), message);
}

/**
 * The record of a TCP stream that begins at `from`, its fragments put together, and where the next one begins. `more` when it is not
 * all there yet; null when it passes MAX_RECORD_BYTES or MAX_FRAGMENTS: then these are no record marks.
 */
export function readRecord(
  data: Uint8Array,
  from = 0,
): { message: Uint8Array; next: number } | "more" | null {
  const fragments: Uint8Array[] = [];
  let total = 0;
  for (let at = from; fragments.length < MAX_FRAGMENTS; ) {
    const r = reader(data, at);
    const mark = r.u32();
    if (r.failed) return "more";
    const length = mark % LAST_FRAGMENT;
    total += length;
    if (total > MAX_RECORD_BYTES) return null;
    fragments.push(r.take(length));
    if (r.failed) return "more";
    at = r.at;
    if (mark >= LAST_FRAGMENT) return { message: join(...fragments), next: at };
  }
  return null;
}

/** A reply without record mark. Null when the bytes are something else. */
export function parseReplyMessage(message: Uint8Array): RpcReply | null {
  const r = reader(message);
  const xid = r.u32();
  if (r.u32() !== REPLY || r.failed) return null;
  const state = r.u32();
  if (state === 1) {
    const why = r.u32();
    const status = (["denied: RPC version", "denied: authentication"] as const)[why];
    if (r.failed || status === undefined) return null;
    return { xid, status, flavour: 0, versions: null, results: new Uint8Array(0) };
  }
  if (state !== 0) return null;
  const flavour = r.u32();
  const length = r.u32();
  if (length > MAX_VERIFIER) return null;
  r.take(length + ((4 - (length % 4)) % 4));
  const status = ACCEPT_STATES[r.u32()];
  if (r.failed || status === undefined) return null;
  const versions: [number, number] | null = status === "version mismatch" ? [r.u32(), r.u32()] : null;
  if (r.failed || (versions && versions[0] > versions[1])) return null;
  const results = status === "success" ? r.take(r.left) : new Uint8Array(0);
  return { xid, status, flavour, versions, results };
}

/**
 * What answers the call `xid` among everything received. `stream` (TCP): the first whole record with that id. Datagrams (UDP) come
 * joined and may stand behind foreign ones, so the reply is looked for by its first words. `more`: not there yet;
 * null: this stream is no RPC. `rest` is what follows in the stream.
 */
export function answerTo(
  xid: number,
  data: Uint8Array,
  stream: boolean,
): { message: Uint8Array; rest: Uint8Array } | "more" | null {
  if (!stream) {
    const start = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const words = join(big(xid, 4), big(REPLY, 4));
    let at = start.indexOf(words);
    for (let tries = 0; at >= 0 && tries < MAX_CANDIDATES; tries++) {
      const message = data.subarray(at);
      if (parseReplyMessage(message)) return { message, rest: new Uint8Array(0) };
      at = start.indexOf(words, at + 1);
    }
    return "more";
  }
  for (let at = 0; ; ) {
    const record = readRecord(data, at);
    if (record === null || record === "more") return record;
    at = record.next;
    if (reader(record.message).u32() === xid && record.message.length >= 4)
      return { message: record.message, rest: data.subarray(at) };
  }
}
