import { createHash, randomBytes } from "node:crypto";

/*
 * The two hellos of TLS. Ours is written by hand, so that it is the same on every machine and offers TLS 1.0 to 1.3 at once; the
 * server's is read from its first records (RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3).
 */

/** Record content types, RFC 8446 section 5.1. */
const ALERT = 21;
const HANDSHAKE = 22;
const SERVER_HELLO = 2;
/** RFC 8446 section 5.2: no record is longer. */
const MAX_RECORD = 16_640;
/** RFC 8446 section 4.1.3: this "random" marks a HelloRetryRequest; it is SHA-256 of that word. */
const RETRY_RANDOM = createHash("sha256").update("HelloRetryRequest").digest();

/** Code points of the IANA TLS cipher suite registry, strongest first, down to what old appliances still need. */
const SUITES = [
  0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014,
  0x009e, 0x009f, 0x0033, 0x0039, 0x009c, 0x009d, 0x002f, 0x0035, 0x000a, 0x0005,
  // Signalling value of RFC 5746: secure renegotiation.
  0x00ff,
];
/** x25519, secp256r1, secp384r1, secp521r1 */
const GROUPS = [0x001d, 0x0017, 0x0018, 0x0019];
/** ECDSA and RSA-PSS first; RSA and ECDSA over SHA-1 last, for old servers. */
const SIGNATURES = [
  0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201,
];
const VERSIONS = [0x0304, 0x0303, 0x0302, 0x0301];
/** Those in which a server shows its certificate and whom it trusts in the clear. */
export const OPEN_VERSIONS: readonly number[] = VERSIONS.slice(1);
const ALPN = ["h2", "http/1.1"];

function u16(...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) out.writeUInt16BE(value, index * 2);
  return out;
}
/** A vector with a length field of `size` bytes before it. */
function vector(size: 1 | 2 | 3, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(size);
  length.writeUIntBE(body.length, 0, size);
  return Buffer.concat([length, body]);
}
const extension = (type: number, ...parts: Uint8Array[]): Buffer =>
  Buffer.concat([u16(type), vector(2, ...parts)]);

/**
 * One ClientHello record. `servername` is sent as SNI (RFC 6066 section 3, never an address). A key share of 32 random bytes is a
 * valid x25519 public key (RFC 7748 section 5): the handshake is not finished with this hello.
 * `versions`: code points, newest first.
 */
export function clientHello(servername: string | null, versions: readonly number[] = VERSIONS): Uint8Array {
  const extensions = [
    extension(0x0017),
    extension(0xff01, vector(1)),
    extension(0x000a, vector(2, u16(...GROUPS))),
    extension(0x000b, vector(1, Buffer.from([0]))),
    extension(0x0023),
    extension(0x0010, vector(2, ...ALPN.map((name) => vector(1, Buffer.from(name, "latin1"))))),
    extension(0x0005, Buffer.from([1, 0, 0, 0, 0])),
    extension(0x000d, vector(2, u16(...SIGNATURES))),
    extension(0x0033, vector(2, u16(0x001d), vector(2, randomBytes(32)))),
    extension(0x002d, vector(1, Buffer.from([1]))),
    extension(0x002b, vector(1, u16(...versions))),
  ];
  if (servername && /^[\x21-\x7e]{1,253}$/.test(servername)) {
    extensions.unshift(
      extension(0, vector(2, Buffer.from([0]), vector(2, Buffer.from(servername, "latin1")))),
    );
  }
  const body = Buffer.concat([
    u16(0x0303),
    randomBytes(32),
    vector(1, randomBytes(32)),
    vector(2, u16(...SUITES)),
    vector(1, Buffer.from([0])),
    vector(2, ...extensions),
  ]);
  const handshake = Buffer.concat([Buffer.from([1]), vector(3, body)]);
  // The record layer says 1.0, as RFC 8446 section 5.1 advises for old servers.
  return Buffer.concat([Buffer.from([HANDSHAKE, 3, 1]), vector(2, handshake)]);
}

export interface ServerHello {
  /** Version agreed on: that of `supported_versions` where present, else the legacy field. e.g. 0x0304 */
  version: number;
  cipher: number;
  /** Extension types, in the order sent. */
  extensions: number[];
  retry: boolean;
}

export interface Alert {
  level: 1 | 2;
  /** RFC 8446 section 6: 40 handshake_failure, 70 protocol_version, 112 unrecognized_name, … */
  description: number;
}

/** Header of the record that `data` starts with, or null. */
function record(data: Uint8Array): { type: number; length: number } | null {
  const [type, major, minor, high, low] = data;
  if (
    type === undefined ||
    major !== 3 ||
    minor === undefined ||
    minor > 4 ||
    high === undefined ||
    low === undefined
  )
    return null;
  const length = high * 256 + low;
  return length === 0 || length > MAX_RECORD ? null : { type, length };
}

/** An alert as the first record: a TLS server's answer to what it does not understand. */
export function parseAlert(data: Uint8Array): Alert | null {
  const head = record(data);
  if (head?.type !== ALERT || head.length !== 2 || data.length < 7) return null;
  const [level, description] = data.subarray(5);
  if ((level !== 1 && level !== 2) || description === undefined) return null;
  return { level, description };
}

/** Is the first record a handshake record that begins a ServerHello? True also while the rest has not arrived. */
export function startsServerHello(data: Uint8Array): boolean {
  return record(data)?.type === HANDSHAKE && data[5] === SERVER_HELLO && data[6] === 0 && data[9] === 3;
}

/** The ServerHello in the first record; null when it is not one, not whole, or malformed. */
export function parseServerHello(data: Uint8Array): ServerHello | null {
  const head = record(data);
  if (!head || !startsServerHello(data)) return null;
  const bodyEnd = 9 + ((data[7] ?? 0) << 8) + (data[8] ?? 0);
  if (bodyEnd > 5 + head.length || bodyEnd > data.length) return null;
  const body = data.subarray(9, bodyEnd);
  // version (2), random (32), session id (1 + n), cipher (2), compression (1), extensions (2 + n)
  const idLength = body[34];
  if (idLength === undefined || idLength > 32 || body.length < 38 + idLength) return null;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const hello: ServerHello = {
    version: view.getUint16(0),
    cipher: view.getUint16(35 + idLength),
    extensions: [],
    retry: RETRY_RANDOM.equals(body.subarray(2, 34)),
  };
  let at = 38 + idLength;
  if (at === body.length) return hello;
  if (at + 2 > body.length || at + 2 + view.getUint16(at) !== body.length) return null;
  at += 2;
  while (at < body.length) {
    if (at + 4 > body.length) return null;
    const type = view.getUint16(at);
    const length = view.getUint16(at + 2);
    if (at + 4 + length > body.length) return null;
    if (type === 0x002b && length === 2) hello.version = view.getUint16(at + 4);
    hello.extensions.push(type);
    at += 4 + length;
  }
  return hello;
}

const hex = (value: number): string => value.toString(16).padStart(4, "0");

/**
 * `tls.hello`, our own hash of how a server answers {@link clientHello}: the first 16 hex digits of the SHA-256 of
 * `<version>,<cipher>,<extension>-<extension>-…`, each a code point of four lower-case hex digits, extensions in the order sent,
 * with `,retry` appended for a HelloRetryRequest. Comparable only between answers to the same hello.
 */
export function helloHash(hello: ServerHello): string {
  const text = `${hex(hello.version)},${hex(hello.cipher)},${hello.extensions.map(hex).join("-")}${hello.retry ? ",retry" : ""}`;
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
