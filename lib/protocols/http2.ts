import { latin1, type Response } from "../model/observation.ts";
import { headerDecoder } from "./hpack.ts";
import { hostField, MISSING_PAGE } from "./http.ts";
import { httpFacts } from "./http-facts.ts";
import { readingProtocol } from "./reading.ts";
import { bytes } from "./reply-lines.ts";
import type { Ask, AskContext, Protocol } from "./types.ts";

/*
 * HTTP/2 without HTTP/1 before it (RFC 9113 section 3.3, "prior knowledge"), as gRPC speaks it. Its servers begin with a SETTINGS frame,
 * most of them before they have read anything, so that they are known whatever was sent; the order and values of the settings are habits
 * of an implementation.
 */

/** Section 3.4: the client's preface, and a SETTINGS frame without settings. */
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/** Bytes of a frame's header (section 4.1). */
const FRAME_HEADER = 9;
/** Bytes of one setting (section 6.5.1). */
const SETTING = 6;
/** Settings that a server may send; defined are fewer than ten. */
const MAX_SETTINGS = 32;
const SETTINGS_TYPE = 4;
/** A SETTINGS frame that acknowledges (section 6.5). */
const ACKNOWLEDGED = "\0\0\0\x04\x01\0\0\0\0";
const WINDOW_UPDATE_TYPE = 8;
const DATA_TYPE = 0;
const HEADERS_TYPE = 1;
const RST_STREAM_TYPE = 3;
const GOAWAY_TYPE = 7;
const CONTINUATION_TYPE = 9;
/** Flags of HEADERS and DATA (section 6.1 and 6.2). */
const END_STREAM = 0x01;
const END_HEADERS = 0x04;
const PADDED = 0x08;
const PRIORITY = 0x20;
/** The client's streams that we open: odd, from 1 on (section 5.1.1). */
const STREAMS = [1, 3];
const GET_PROBE = "http2.get";

/** Length of the SETTINGS frame that `data` begins with, null when it does not. An acknowledgement is none. */
function settingsLength(data: Buffer): number | null {
  if (data.length < FRAME_HEADER) return null;
  const length = data.readUIntBE(0, 3);
  const isSettings = data[3] === SETTINGS_TYPE && data[4] === 0 && data.readUInt32BE(5) === 0;
  return isSettings && length % SETTING === 0 && length <= MAX_SETTINGS * SETTING ? length : null;
}

function read({ data }: Response) {
  const frame = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const length = settingsLength(frame);
  if (length === null || frame.length < FRAME_HEADER + length) return null;
  const settings: string[] = [];
  for (let at = FRAME_HEADER; at < FRAME_HEADER + length; at += SETTING)
    settings.push(`${frame.readUInt16BE(at)}=${frame.readUInt32BE(at + 2)}`);
  // No setting has the identifier 0; zero bytes with a 4 among them are no proof.
  if (settings.some((setting) => setting.startsWith("0="))) return null;
  const next = frame.subarray(FRAME_HEADER + length);
  const window =
    next.length >= FRAME_HEADER + 4 && next[3] === WINDOW_UPDATE_TYPE
      ? next.readUInt32BE(FRAME_HEADER)
      : null;
  return {
    service: "http",
    weight: settings.length > 0 || next.length > 0 ? 9 : 7,
    excerpt: `HTTP/2 SETTINGS ${settings.join(",")}`,
    values: { settings: settings.join(",") || "none", windowUpdate: window },
  };
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(FRAME_HEADER);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A field whose name stands in the static table, spelled out and not to be remembered (RFC 7541 section 6.2.2); `value` is shorter than 127 characters. */
function literal(index: number, value: string): Buffer {
  const name = index < 15 ? [index] : [15, index - 15];
  return Buffer.concat([Buffer.from([...name, value.length]), Buffer.from(value, "latin1")]);
}

/** The root and a missing page on one connection, as `http.ts` asks for them. */
function get(context: AskContext): Ask {
  const requests = STREAMS.map((stream, index) => {
    const block = [
      // Indexed (section 6.1): `:method: GET`, `:scheme`. Then `:path`, `:authority`, `accept`, `user-agent`.
      Buffer.from([0x82, context.tls ? 0x87 : 0x86]),
      literal(4, index === 0 ? "/" : MISSING_PAGE),
      literal(1, hostField(context).slice(0, 126)),
      literal(19, "*/*"),
      literal(58, "Mozilla/5.0 (compatible; Doorplate)"),
    ];
    return frame(HEADERS_TYPE, END_STREAM | END_HEADERS, stream, Buffer.concat(block));
  });
  let at = 0;
  const open = new Set(STREAMS);
  return {
    probe: GET_PROBE,
    data: Buffer.concat([bytes(PREFACE), ...requests]),
    complete: (received) => {
      for (let next = frameAt(received, at); next?.whole; next = frameAt(received, at)) {
        at = next.end;
        if (next.over) open.delete(next.stream);
        if (next.type === GOAWAY_TYPE) open.clear();
      }
      return open.size === 0;
    },
  };
}

/** The frame that begins at `at`, as far as it came; null when its header did not. `over`: nothing more comes on its stream. */
function frameAt(data: Uint8Array, at: number) {
  if (data.length < at + FRAME_HEADER) return null;
  const source = Buffer.from(data.buffer, data.byteOffset + at, data.length - at);
  const [type = 0, flags = 0] = source.subarray(3, 5);
  const end = FRAME_HEADER + source.readUIntBE(0, 3);
  let payload = source.subarray(FRAME_HEADER, end);
  const isMessage = type === HEADERS_TYPE || type === DATA_TYPE;
  if (isMessage && flags & PADDED)
    payload = payload.subarray(1, Math.max(1, payload.length - (payload[0] ?? 0)));
  if (type === HEADERS_TYPE && flags & PRIORITY) payload = payload.subarray(5);
  return {
    type,
    flags,
    stream: source.readUInt32BE(5) & 0x7fffffff,
    payload,
    over: type === RST_STREAM_TYPE || (isMessage && (flags & END_STREAM) !== 0),
    end: at + end,
    whole: source.length >= end,
  };
}

/** The answers in `data`, each as a message of HTTP/1 would look. */
function messages(data: Uint8Array): Buffer[] {
  const decode = headerDecoder();
  const parts = new Map<number, Uint8Array[]>();
  let block: Uint8Array[] = [];
  for (let next = frameAt(data, 0); next; next = frameAt(data, next.end)) {
    const { type, flags, stream, payload } = next;
    if (type === DATA_TYPE) parts.get(stream)?.push(payload);
    if (type !== HEADERS_TYPE && type !== CONTINUATION_TYPE) continue;
    block.push(payload);
    if ((flags & END_HEADERS) === 0) continue;
    const fields = decode(Buffer.concat(block));
    block = [];
    const status = fields.find(({ name }) => name === ":status")?.value ?? "";
    // Neither an interim response nor trailers.
    if (/^[2-5]\d\d$/.test(status) && !parts.has(stream)) parts.set(stream, [head(status, fields)]);
  }
  return [...parts.values()].map((part) => Buffer.concat(part));
}

/** Its fields as lines; the coding of the transfer is not that of HTTP/1 (RFC 9113 section 8.2.2). */
function head(status: string, fields: { name: string; value: string }[]): Buffer {
  const lines = fields
    .filter(({ name }) => /^[!#-'*+.^-z|~-]+$/.test(name) && name !== "transfer-encoding")
    .map(({ name, value }) => `${name}: ${value.replace(/[\r\n]/g, " ")}`);
  return Buffer.from([`HTTP/2.0 ${status}`, ...lines, "", ""].join("\r\n"), "latin1");
}

const settingsOf = readingProtocol({
  name: "http2",
  prefix: "http2",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "http2.preface",
      data: bytes(PREFACE),
      complete: (received) => {
        const frame = Buffer.from(latin1(received), "latin1");
        const length = settingsLength(frame);
        // The acknowledgement of our own settings ends what a server says unasked; one that has greeted with its own sends no more.
        const unasked = length === null ? 0 : FRAME_HEADER + length;
        return frame.includes(ACKNOWLEDGED, unasked, "latin1");
      },
    },
  ],
  read,
});

/** Habits of HTTP/1: how fields are spelled, and their order beside those that HTTP/2 has not. */
const SPELLING = new Set(["http.order", "http.headers", "http.headersHash"]);

export const http2: Protocol = {
  ...settingsOf,
  async converse(session) {
    await session.ask(get(session.context), { fresh: true });
  },
  facts(responses, tls) {
    const answers = responses
      .filter(({ probe }) => probe === GET_PROBE)
      .flatMap((response) => messages(response.data).map((data) => ({ ...response, data })));
    return [
      ...settingsOf.facts(responses, tls),
      ...httpFacts(answers).filter(({ name }) => !SPELLING.has(name)),
    ];
  },
};
