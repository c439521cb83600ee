import ipaddr from "ipaddr.js";
import { InputError } from "../model/errors.ts";

// An address is a number with a family. Whatever way somebody spells it (0177.1, 0x7f000001, 2130706433,
// ::ffff:7f00:1), it becomes the same number here, before anybody asks whether it may be touched.

export type Family = 4 | 6;

export interface Address {
  readonly family: Family;
  /** 32 bits (IPv4) or 128 bits (IPv6), network order. */
  readonly value: bigint;
}

/** Inclusive, within one family. */
export interface AddressRange {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** Bits of an address by family. */
export const WIDTH = { 4: 32, 6: 128 } as const;
const IPV4_MASK = 0xffff_ffffn;

/**
 * Reads an address in any spelling: IPv4 dotted, with fewer parts, octal, hex or one number (inet_aton),
 * IPv6 by RFC 4291, with or without brackets. A trailing dot, as in a host name, is taken off. Null when it is none.
 * @throws InputError for an IPv6 zone: `fe80::1%eth0` means another host on every machine.
 */
export function parseAddress(text: string): Address | null {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (!bare.includes(":")) return bare === text ? parseIpv4(text) : null;
  const zone = bare.indexOf("%");
  if (zone >= 0) {
    if (parseAddress(bare.slice(0, zone)) === null) return null;
    throw new InputError(
      `"${text}": an address with a zone ("${bare.slice(zone)}") is link-local and cannot be scanned; write an address without it`,
      text,
      text.indexOf("%"),
    );
  }
  return parseIpv6(bare);
}

function parseIpv4(text: string): Address | null {
  const bare = text.endsWith(".") ? text.slice(0, -1) : text;
  if (!/^(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}$/i.test(bare)) return null;
  return ipaddr.IPv4.isValid(bare) ? fromBytes(4, ipaddr.IPv4.parse(bare).octets) : null;
}

// ipaddr.js reads "::1.2.3.4" as the mapped address ::ffff:1.2.3.4, so the dotted tail becomes two groups first.
function parseIpv6(text: string): Address | null {
  const tail = text.slice(text.lastIndexOf(":") + 1);
  let plain = text;
  if (tail.includes(".")) {
    if (!ipaddr.IPv4.isValidFourPartDecimal(tail)) return null;
    const value = fromBytes(4, ipaddr.IPv4.parse(tail).octets).value;
    plain = `${text.slice(0, -tail.length)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  }
  if (!/^[0-9a-f:]+$/i.test(plain) || !ipaddr.IPv6.isValid(plain)) return null;
  return fromBytes(6, ipaddr.IPv6.parse(plain).toByteArray());
}

function fromBytes(family: Family, bytes: readonly number[]): Address {
  return { family, value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) };
}

/** Canonical text: IPv4 dotted, IPv6 by RFC 5952. The mapped prefix keeps its dotted tail (RFC 5952 section 5). */
export function formatAddress(address: Address): string {
  const bytes: number[] = [];
  for (let shift = WIDTH[address.family] - 8; shift >= 0; shift -= 8)
    bytes.push(Number((address.value >> BigInt(shift)) & 0xffn));
  if (address.family === 4) return bytes.join(".");
  const inner = mapped(address);
  return inner
    ? `::ffff:${formatAddress(inner)}`
    : (ipaddr.fromByteArray(bytes) as ipaddr.IPv6).toRFC5952String();
}

/** `10.0.0.0/8` where the range is one CIDR, else `10.0.0.1-10.0.0.20`, or the one address. */
export function formatRange(range: AddressRange): string {
  const first = formatAddress({ family: range.family, value: range.first });
  if (range.first === range.last) return first;
  const size = range.last - range.first + 1n;
  if ((size & (size - 1n)) === 0n && range.first % size === 0n)
    return `${first}/${WIDTH[range.family] - (size.toString(2).length - 1)}`;
  return `${first}-${formatAddress({ family: range.family, value: range.last })}`;
}

/** Order of addresses: IPv4 before IPv6, then by value. Negative, 0 or positive. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** An IPv6 prefix whose addresses carry an IPv4 address, `shift` bits from the right. */
export interface Embedding {
  readonly name: string;
  readonly base: bigint;
  /** Bits of the fixed prefix. */
  readonly prefix: number;
  readonly shift: bigint;
}

/** ::ffff:0:0/96 is IPv4 itself in another notation (RFC 4291 section 2.5.5.2): the kernel sends IPv4. */
export const MAPPED: Embedding = { name: "IPv4-mapped", base: 0xffffn << 32n, prefix: 96, shift: 0n };

/** Prefixes that lead to, or through, the IPv4 address inside. */
export const EMBEDDINGS: readonly Embedding[] = [
  MAPPED,
  // ::/96, deprecated (RFC 4291 section 2.5.5.1). `::` and `::1` are not of it.
  { name: "IPv4-compatible", base: 0n, prefix: 96, shift: 0n },
  // ::ffff:0:0:0/96, stateless translation (RFC 2765 section 2.1)
  { name: "IPv4-translated", base: 0xffffn << 48n, prefix: 96, shift: 0n },
  // 64:ff9b::/96, the well-known prefix of NAT64 (RFC 6052 section 2.1)
  { name: "NAT64", base: 0x64ff9bn << 96n, prefix: 96, shift: 0n },
  // 2002::/16, the site's router in the next 32 bits (RFC 3056 section 2)
  { name: "6to4", base: 0x2002n << 112n, prefix: 16, shift: 80n },
];

/** The IPv4 address that an IPv6 address embeds, and how; null when there is none. */
export function unwrap(address: Address): { address: Address; embedding: Embedding } | null {
  if (address.family === 4 || address.value <= 1n) return null;
  for (const embedding of EMBEDDINGS) {
    const free = BigInt(128 - embedding.prefix);
    if (address.value >> free !== embedding.base >> free) continue;
    return { address: { family: 4, value: (address.value >> embedding.shift) & IPV4_MASK }, embedding };
  }
  return null;
}

function mapped(address: Address): Address | null {
  const inner = unwrap(address);
  return inner?.embedding === MAPPED ? inner.address : null;
}

/** An IPv4-mapped address as the IPv4 address that it is; every other as it stands. */
export function canonicalAddress(address: Address): Address {
  return mapped(address) ?? address;
}
