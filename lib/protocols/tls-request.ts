/**
 * What a TLS server sends in the clear up to TLS 1.2 before it wants anything of us: its certificate and, where it asks for ours, the names
 * of the authorities that it would take it from (RFC 5246 sections 7.4.2 and 7.4.4). Such a server tells nothing more to who has no certificate, and
 * the authority is often the product's own: `etcd-ca`, `Consul Agent CA`, `Puppet CA`. From TLS 1.3 on both are encrypted.
 */
import { latin1 } from "../model/observation.ts";
import { readAll, readBer, readOid } from "./ber.ts";
import { parseAlert, startsServerHello } from "./tls-hello.ts";

const HANDSHAKE = 22;
const CERTIFICATE = 11;
const CERTIFICATE_REQUEST = 13;
const SERVER_HELLO_DONE = 14;
const TLS12 = 3;
/** Authorities that are read; a server with the whole of a system's store sends some hundred. */
const MOST_AUTHORITIES = 64;
/** Parts of one name, and characters of a part. */
const MOST_PARTS = 16;
const MOST_CHARACTERS = 256;

export interface FirstFlight {
  /** Of the server, DER. */
  certificate: Uint8Array | null;
  /** Distinguished names in the form of RFC 2253; null where no certificate of ours is wanted. */
  authorities: string[] | null;
  /** Nothing more comes before our answer. */
  done: boolean;
}

/** Attribute types by their short names (RFC 4514 section 3, and e-mail as OpenSSL writes it). */
const ATTRIBUTES: Record<string, string> = {
  "2.5.4.3": "CN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "emailAddress",
};
/** Universal tag of a string of 16-bit characters, X.690 section 8.23. */
const BMP_STRING = 0x1e;

/** Null when the bytes do not begin with a server's hello. */
export function parseFirstFlight(data: Uint8Array): FirstFlight | null {
  if (!startsServerHello(data)) return null;
  const flight: FirstFlight = { certificate: null, authorities: null, done: false };
  const { payload, minor } = handshakeOf(data);
  for (let at = 0; at + 4 <= payload.length; ) {
    const type = payload[at];
    const end = at + 4 + payload.readUIntBE(at + 1, 3);
    if (end > payload.length) break;
    const body = payload.subarray(at + 4, end);
    if (type === CERTIFICATE) flight.certificate = firstOf(body);
    if (type === CERTIFICATE_REQUEST) flight.authorities = authoritiesOf(body, minor >= TLS12);
    if (type === SERVER_HELLO_DONE) flight.done = true;
    at = end;
  }
  return flight;
}

/** All that comes of it has come: an `Ask`'s `complete`. */
export const flightComplete = (received: Uint8Array): boolean =>
  parseAlert(received) !== null || parseFirstFlight(received)?.done === true;

/** The records of the handshake joined, up to the first other one, and the minor number of their version. */
function handshakeOf(data: Uint8Array): { payload: Buffer; minor: number } {
  const source = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const parts: Buffer[] = [];
  let at = 0;
  while (at + 5 <= source.length && source[at] === HANDSHAKE) {
    const end = at + 5 + source.readUInt16BE(at + 3);
    parts.push(source.subarray(at + 5, end));
    at = end;
  }
  return { payload: Buffer.concat(parts), minor: source[2] ?? 0 };
}

/** The first certificate of a chain: each with a length of three bytes, and all together. */
function firstOf(body: Buffer): Uint8Array | null {
  if (body.length < 6) return null;
  const length = body.readUIntBE(3, 3);
  return length > 0 && 6 + length <= body.length ? body.subarray(6, 6 + length) : null;
}

/** Types of certificates, since TLS 1.2 kinds of signatures, then names, each with its length. */
function authoritiesOf(body: Buffer, withSignatures: boolean): string[] {
  const names: string[] = [];
  let at = 1 + (body[0] ?? 0);
  if (withSignatures && at + 2 <= body.length) at += 2 + body.readUInt16BE(at);
  at += 2;
  while (at + 2 <= body.length && names.length < MOST_AUTHORITIES) {
    const end = at + 2 + body.readUInt16BE(at);
    const name = distinguishedName(body.subarray(at + 2, end));
    if (name) names.push(name);
    at = end;
  }
  return names;
}

/** A Name (X.501) on one line, most specific part first; null when it is none, or empty. Values are bytes as latin1. */
export function distinguishedName(der: Uint8Array): string | null {
  const parts = readAll(readBer(der)?.value ?? new Uint8Array(), MOST_PARTS)?.map((set) => {
    const [type, value] = readAll(readBer(set.value)?.value ?? new Uint8Array(), 2) ?? [];
    const attribute = type && readOid(type.value);
    if (!attribute || !value) return null;
    const text = value.tag === BMP_STRING ? fromBmp(value.value) : latin1(value.value);
    const plain = text.slice(0, MOST_CHARACTERS).replace(/([,+"\\<>;])/g, "\\$1");
    return `${ATTRIBUTES[attribute] ?? attribute}=${plain}`;
  });
  return parts && parts.length > 0 && parts.every((part) => part !== null)
    ? parts.toReversed().join(",")
    : null;
}

const fromBmp = (bytes: Uint8Array) =>
  Buffer.from(
    Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString("utf16le"),
    "utf8",
  ).toString("latin1");
