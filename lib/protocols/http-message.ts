import { latin1 } from "../model/observation.ts";

/*
 * Reads one response message of the HTTP family (RFC 9112; RTSP and SIP share its shape) from raw bytes. Order and casing of the
 * header fields are kept, since they tell implementations apart. Lenient where servers are: bare LF ends a line, a missing reason
 * phrase is empty, a cut body is given as far as it came.
 */

export interface HeaderField {
  name: string;
  value: string;
}

export interface HttpMessage {
  /** `1.1` */
  version: string;
  status: number;
  reason: string;
  /** In the order received, casing kept. */
  headers: HeaderField[];
  /** Transfer coding removed; content coding (gzip, …) is not. */
  body: Uint8Array;
}

/** Header lines read from one message; servers send a few dozen. */
const MAX_FIELDS = 128;
/** Longest header section looked at, bytes. */
const MAX_HEAD = 32_768;
/** Interim (1xx) responses skipped before the final one. */
const MAX_INTERIM = 4;

const STATUS_LINE = /^([A-Z]{3,5})\/(\d{1,2}\.\d{1,2}) +(\d{3})(?: ([^\r\n]{0,1024})|$)/;

/** Value of the first field of that name (any casing), or null. */
export function header(message: HttpMessage, name: string): string | null {
  return headerValues(message, name)[0] ?? null;
}

/** Values of all fields of that name (any casing), in order. */
export function headerValues(message: HttpMessage, name: string): string[] {
  const wanted = name.toLowerCase();
  return message.headers.filter((field) => field.name.toLowerCase() === wanted).map((field) => field.value);
}

/** Index behind the empty line that ends the header section, or -1. */
function headEnd(data: Buffer): number {
  const crlf = data.indexOf("\r\n\r\n");
  const lf = data.indexOf("\n\n");
  if (crlf < 0 && lf < 0) return -1;
  if (crlf < 0) return lf + 2;
  return lf < 0 || crlf < lf ? crlf + 4 : lf + 2;
}

function parseFields(lines: string[]): HeaderField[] {
  const fields: HeaderField[] = [];
  for (const line of lines) {
    if (fields.length >= MAX_FIELDS) break;
    const previous = fields.at(-1);
    if (/^[ \t]/.test(line)) {
      // Obsolete line folding, RFC 9112 section 5.2.
      if (previous) previous.value = `${previous.value} ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(":");
    if (colon > 0) fields.push({ name: line.slice(0, colon).trimEnd(), value: line.slice(colon + 1).trim() });
  }
  return fields;
}

/** Removes the chunked coding (RFC 9112 section 7.1); what is cut or malformed ends the body. */
export function dechunk(data: Uint8Array): Uint8Array {
  const source = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < source.length) {
    const end = source.indexOf(0x0a, at);
    if (end < 0 || end - at > 256) break;
    const size = /^[ \t]*([0-9a-fA-F]{1,7})/.exec(source.toString("latin1", at, end));
    if (!size) break;
    const length = Number.parseInt(size[1] ?? "", 16);
    if (length === 0) break;
    parts.push(source.subarray(end + 1, end + 1 + length));
    at = end + 1 + length;
    // The chunk's own line end.
    if (source[at] === 0x0d) at += 1;
    if (source[at] === 0x0a) at += 1;
  }
  return Buffer.concat(parts);
}

/** No body follows, whatever the fields say (RFC 9112 section 6.3). */
function bodiless(status: number): boolean {
  return status === 204 || status === 304 || (status >= 100 && status < 200);
}

/**
 * The final response message in `data`, or null when it does not start with a status line of `protocol` (`HTTP`, `RTSP`, `SIP`).
 * An unfinished header section is read as far as it came.
 */
export function parseMessage(data: Uint8Array, protocol: string): HttpMessage | null {
  let source: Buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  for (let interim = 0; interim <= MAX_INTERIM; interim++) {
    if (latin1(source.subarray(0, protocol.length + 1)) !== `${protocol}/`) return null;
    const found = headEnd(source.subarray(0, MAX_HEAD));
    const end = found < 0 ? Math.min(source.length, MAX_HEAD) : found;
    const lines = source.toString("latin1", 0, end).split(/\r?\n/);
    const match = STATUS_LINE.exec(lines[0] ?? "");
    if (!match) return null;
    const status = Number(match[3]);
    const rest = found < 0 ? source.subarray(source.length) : source.subarray(end);
    if (status >= 100 && status < 200 && status !== 101 && rest.length > 0) {
      source = rest;
      continue;
    }
    const message: HttpMessage = {
      version: match[2] ?? "",
      status,
      reason: match[4] ?? "",
      headers: parseFields(lines.slice(1)),
      body: bodiless(status) ? rest.subarray(rest.length) : rest,
    };
    if (/\bchunked\b/i.test(header(message, "transfer-encoding") ?? "")) message.body = dechunk(message.body);
    else {
      const length = contentLength(message);
      if (length !== null) message.body = message.body.subarray(0, length);
    }
    return message;
  }
  return null;
}

function contentLength(message: HttpMessage): number | null {
  const text = header(message, "content-length");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/**
 * An Ask's `complete` for one exchange. It remembers where the header section ended, so that a body arriving byte by byte costs no
 * second parse. Bodies that end with the connection are left to the reader.
 */
export function messageComplete(protocol: string): (received: Uint8Array) => boolean {
  let total: number | "chunked" | "close" | null = null;
  return (received) => {
    const data = Buffer.from(received.buffer, received.byteOffset, received.byteLength);
    if (total === null) {
      const end = headEnd(data.subarray(0, MAX_HEAD));
      if (end < 0) return false;
      const message = parseMessage(data.subarray(0, end), protocol);
      // Something else, or an interim response: more may follow.
      if (!message || (message.status < 200 && message.status !== 101)) return false;
      const length = contentLength(message);
      if (bodiless(message.status)) total = end;
      else if (/\bchunked\b/i.test(header(message, "transfer-encoding") ?? "")) total = "chunked";
      else if (length !== null) total = end + length;
      // RTSP and SIP: no Content-Length means no body (RFC 2326 section 12.14, RFC 3261 section 18.3 for streams).
      else total = protocol === "HTTP" ? "close" : end;
    }
    if (total === "close") return false;
    if (total === "chunked") return data.subarray(-7).toString("latin1").endsWith("\n0\r\n\r\n");
    return received.length >= total;
  };
}
