// QUIC: a packet of a version that is reserved for this use makes a server list the versions it speaks,
// without setting up a connection. The request is padded to 1,200 bytes, below which servers must not answer.
// Source: RFC 8999 sections 5.1 and 6, RFC 9000 sections 6 (version negotiation), 14.1 (datagram size), 15
// (reserved versions 0x?a?a?a?a); IANA QUIC Versions registry for the names.
import { type Fact, latin1, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

/** Smallest datagram that a client may open with, bytes. */
const DATAGRAM = 1200;
const LONG_HEADER = 0x80;
const FIXED_BIT = 0x40;
const RESERVED_VERSION = 0x1a2a3a4a;
const MAX_CONNECTION_ID = 20;
/** Our connection ids, which come back exchanged. */
const DESTINATION = "DoorplDC";
const SOURCE = "DoorplSC";
const MAX_VERSIONS = 64;
const NAMES: Record<number, string> = { 1: "1", 1798521807: "2", 1889161412: "2-draft" };

const header = join(
  LONG_HEADER | FIXED_BIT,
  big(RESERVED_VERSION, 4),
  DESTINATION.length,
  DESTINATION,
  SOURCE.length,
  SOURCE,
);
const negotiate: Ask = {
  probe: "quic.versions",
  data: join(header, new Uint8Array(DATAGRAM - header.length)),
  complete: (received) => parseVersions(received) !== null,
};

export interface VersionNegotiation {
  /** Both connection ids are ours, exchanged. */
  echoed: boolean;
  versions: number[];
}

/** A version negotiation packet. Null when the bytes are something else. */
function parseVersions(data: Uint8Array): VersionNegotiation | null {
  const r = reader(data);
  if ((r.u8() & LONG_HEADER) === 0 || r.u32() !== 0) return null;
  const destination = r.take(r.u8());
  const source = r.take(r.u8());
  if (r.failed || destination.length > MAX_CONNECTION_ID || source.length > MAX_CONNECTION_ID) return null;
  if (r.left < 4 || r.left % 4 !== 0 || r.left > 4 * MAX_VERSIONS) return null;
  const versions = Array.from({ length: r.left / 4 }, () => r.u32());
  return { echoed: latin1(destination) === SOURCE && latin1(source) === DESTINATION, versions };
}

/** `1`, `draft-29`, `Q050`, else hexadecimal; null for versions reserved to exercise negotiation. */
function versionName(version: number): string | null {
  const known = NAMES[version];
  if (known) return known;
  if ((version & 0x0f0f0f0f) === 0x0a0a0a0a) return null;
  if (version >>> 8 === 0xff0000) return `draft-${version & 255}`;
  const text = latin1(big(version, 4));
  return /^[A-Z]\d{3}$/.test(text) ? text : `0x${version.toString(16).padStart(8, "0")}`;
}

function namesOf(answer: VersionNegotiation): string {
  return answer.versions.flatMap((version) => versionName(version) ?? []).join(" ");
}

function recognise({ data }: Response): Recognition | null {
  const answer = parseVersions(data);
  return answer?.echoed
    ? { service: "quic", weight: 9, excerpt: `versions ${namesOf(answer) || "none"}` }
    : null;
}

function read(response: Response): Fact[] {
  const answer = parseVersions(response.data);
  return answer?.echoed ? named("quic", familyOf(response), { versions: namesOf(answer) }) : [];
}

export const quic: Protocol = {
  name: "quic",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [negotiate],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
