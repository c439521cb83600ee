// BER as LDAP and SNMP use it: tag, length (short or long form, definite), value. Read one level at a time,
// bounded by the enclosing value; written in the short or long form.
// Source: ITU-T X.690 sections 8.1.2 and 8.1.3.
import { join } from "./binary.ts";

export interface Ber {
  tag: number;
  value: Uint8Array;
  /** Offset just after the value. */
  end: number;
}

/** The element at `offset`, or null when it is malformed or runs over the end. One-byte tags only. */
export function readBer(data: Uint8Array, offset = 0): Ber | null {
  const tag = data[offset];
  const first = data[offset + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return null;
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const size = first & 0x7f;
    if (size < 1 || size > 4 || start + size > data.length) return null;
    length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + (data[start + i] ?? 0);
    start += size;
  }
  const end = start + length;
  return end <= data.length ? { tag, value: data.subarray(start, end), end } : null;
}

/** The elements of a constructed value, at most `max`; null when one is malformed. */
export function readAll(value: Uint8Array, max = 1000): Ber[] | null {
  const all: Ber[] = [];
  for (let at = 0; at < value.length && all.length < max; ) {
    const one = readBer(value, at);
    if (!one) return null;
    all.push(one);
    at = one.end;
  }
  return all;
}

/** An INTEGER of at most six bytes; null when longer or empty. */
export function readInteger(value: Uint8Array): number | null {
  if (value.length === 0 || value.length > 6) return null;
  const magnitude = value.reduce((sum, byte) => sum * 256 + byte, 0);
  return (value[0] ?? 0) < 0x80 ? magnitude : magnitude - 256 ** value.length;
}

/** OBJECT IDENTIFIER in dotted form; null when malformed. */
export function readOid(value: Uint8Array): string | null {
  if (value.length === 0 || value.length > 128 || (value.at(-1) ?? 0) >= 0x80) return null;
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of value) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > 2 ** 40) return null;
    if (byte >= 0x80) continue;
    if (arcs.length === 0)
      arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join(".");
}

/** One element around its parts (bytes, latin1 text, or single byte values). */
export function ber(tag: number, ...parts: (number | string | Uint8Array)[]): Uint8Array {
  const body = join(...parts);
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255];
  return join(tag, ...length, body);
}
