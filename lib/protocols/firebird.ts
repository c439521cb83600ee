// Firebird and InterBase: a connect request offers protocol versions, and the server accepts one of them or rejects
// all. Which it accepts says how old it is at most; its exact version is told to those who log in, which we do not.
// Source: Firebird documentation "Firebird Wire Protocol" (op_connect, op_accept, op_reject); RFC 4506 (XDR).
import type { Response } from "../model/observation.ts";
import { big, bytes, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const OP = {
  connect: 1,
  accept: 3,
  reject: 4,
  response: 9,
  acceptData: 94,
  conditional: 98,
  continueAuthentication: 92,
};
const OP_ATTACH = 19;
const CONNECT_VERSION = 3;
const ARCHITECTURE_GENERIC = 1;
/** Versions above 10 carry this bit, so that InterBase does not mistake them for its own. */
const FIREBIRD_BIT = 0x8000;
/** Lowest and highest type of sending: in batches, lazily. */
const BATCH = 3;
const LAZY = 5;
const USER_HOST = 4;

const MAX_ACCEPT = 4096;

/** XDR: length, bytes, zeroes up to a multiple of four. */
function opaque(data: Uint8Array): Uint8Array {
  return join(big(data.length, 4), data, new Uint8Array((4 - (data.length % 4)) % 4));
}

/** Protocol version and the release that came with it. */
const RELEASES: Record<number, string> = {
  10: "1.0",
  11: "2.1",
  12: "2.5",
  13: "3.0",
  14: "3.0",
  15: "3.0",
  16: "4.0",
  17: "4.0",
  18: "5.0",
  19: "5.0",
};
const OFFERED: readonly number[] = [10, 11, 12, 13, 15, 16, 18];

const wire = (version: number): number => (version > 10 ? version + FIREBIRD_BIT : version);

const connect: Ask = {
  probe: "firebird.connect",
  data: join(
    ...[OP.connect, OP_ATTACH, CONNECT_VERSION, ARCHITECTURE_GENERIC].map((value) => big(value, 4)),
    opaque(bytes("doorplate.invalid")),
    big(OFFERED.length, 4),
    opaque(join(USER_HOST, 9, "doorplate")),
    ...OFFERED.map((version, preference) =>
      join(
        big(wire(version), 4),
        big(ARCHITECTURE_GENERIC, 4),
        big(BATCH, 4),
        big(LAZY, 4),
        big((preference + 1) * 2, 4),
      ),
    ),
  ),
  complete: (received) => received.length >= 16 || (received.length === 4 && received[3] === OP.reject),
};

function read({ data, probe }: Response): Reading | null {
  if (probe !== connect.probe || data.length > MAX_ACCEPT) return null;
  const r = reader(data);
  const operation = r.u32();
  if (operation === OP.reject && data.length === 4)
    return { service: "firebird", weight: 6, excerpt: "op_reject", values: { answer: "reject" } };
  // Firebird 3 and later go on to authentication: four empty strings (data, plugin, its list, keys).
  if (
    operation === OP.continueAuthentication &&
    data.length === 20 &&
    data.subarray(4).every((byte) => byte === 0)
  )
    return {
      service: "firebird",
      weight: 8,
      excerpt: "op_cont_auth",
      values: { answer: "continue authentication" },
    };
  // In version 3 the number is a signed word made 32 bits wide.
  const number = r.u32() & 0xffff;
  const architecture = r.u32();
  const type = r.u32() & 0xff;
  if (r.failed || ![OP.accept, OP.acceptData, OP.conditional].includes(operation)) return null;
  const version = number & ~FIREBIRD_BIT;
  const offered = OFFERED.includes(version) && number === wire(version);
  if (!offered || architecture > 64 || type > LAZY) return null;
  if (operation === OP.accept && data.length !== 16) return null;
  return {
    service: "firebird",
    weight: 9,
    excerpt: `accepted protocol ${version}`,
    values: { answer: "accept", protocol: version, since: RELEASES[version] },
  };
}

export const firebird: Protocol = readingProtocol({
  name: "firebird",
  prefix: "firebird",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [connect],
  read,
});
