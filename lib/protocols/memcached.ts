// Memcached's text protocol: `version` is answered with `VERSION <text>`; anything unknown with `ERROR`.
// Over UDP each datagram has an 8-byte header (request id, sequence, count, reserved).
// Source: memcached doc/protocol.txt ("version", "Error strings", "UDP protocol").
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { bytes, distinct, familyOf, join, named } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const endsInNewline = (received: Uint8Array): boolean => received[received.length - 1] === 0x0a;

const version: Ask = {
  probe: "memcached.version",
  data: bytes("version\r\n"),
  complete: endsInNewline,
};
/** Request id of ours ("DP"), sequence 0, one datagram, reserved 0. */
const UDP_HEADER = join("DP", 0, 0, 0, 1, 0, 0);
const versionUdp: Ask = {
  probe: "memcached.version-udp",
  data: join(UDP_HEADER, "version\r\n"),
  complete: endsInNewline,
};

/** The answer's text without a UDP header. */
function textOf(data: Uint8Array): string {
  const udp = data.length > 8 && data[2] === 0 && data[4] === 0 && data[6] === 0 && data[7] === 0;
  return latin1((udp ? data.subarray(8) : data).subarray(0, 2048));
}

const VERSION = /^VERSION ([^\r\n]{1,100})\r\n/;
/** `stats` lines carry the version too. */
const STATS = /^STAT pid \d{1,10}\r\n/;

function recognise({ data }: Response): Recognition | null {
  const text = textOf(data);
  const told = VERSION.exec(text);
  if (told)
    return {
      service: "memcached",
      weight: /^\d+\.\d+/.test(told[1] ?? "") ? 9 : 6,
      excerpt: printable(text.trim()),
    };
  if (STATS.test(text)) return { service: "memcached", weight: 9, excerpt: printable(text) };
  if (
    /^CLIENT_ERROR (?:line too long|bad command line format|bad data chunk|malformed request|unauthenticated)\r\n/.test(
      text,
    )
  )
    return { service: "memcached", weight: 7, excerpt: printable(text.trim()) };
  // one `ERROR` for every line of another protocol's request
  if (/^(?:ERROR\r\n){2,100}$/.test(text)) return { service: "memcached", weight: 5, excerpt: "ERROR" };
  return text === "ERROR\r\n" ? { service: "memcached", weight: 3, excerpt: "ERROR" } : null;
}

function read(response: Response): Fact[] {
  const text = textOf(response.data);
  const family = familyOf(response);
  const told =
    VERSION.exec(text)?.[1] ??
    (STATS.test(text) ? /\r\nSTAT version ([^\r\n]{1,100})\r\n/.exec(text)?.[1] : null);
  return told ? named("memcached", family, { version: told }) : [];
}

export const memcached: Protocol = {
  name: "memcached",
  transports: ["tcp", "udp"],
  speaksFirst: "client",
  // The meta no-op, `MN`; an error before 1.6.
  unlike: "memcached.mn",
  indifferent: (data) => /^(?:CLIENT_)?ERROR/.test(latin1(data.subarray(0, 12))),
  openers: (context) => [context.transport === "udp" ? versionUdp : version],
  recognise,
  async converse(session) {
    if (session.context.transport === "udp") return;
    await session.ask({
      probe: "memcached.mn",
      data: bytes("mn\r\n"),
      complete: endsInNewline,
      evenIfEnough: true,
    });
  },
  facts: (responses) => distinct(responses.flatMap(read)),
};
