// Oracle's listener: the connect packet carries a command instead of a database name. `ping`, what tnsping sends, is
// answered without any right by a REFUSE packet that holds the listener's version as a number (0 in releases that
// hide it); `version` is answered in text where remote administration was left open, as in old ones.
// Source: no specification is public; the layout is that of Wireshark's description of TNS packets and of what
// Oracle's own documents show of them (tnsping traces; "Oracle Net Services Reference", listener control commands).
import { latin1, printable, type Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const TYPE = { connect: 1, accept: 2, refuse: 4, redirect: 5, data: 6, resend: 11 };
/** Header and fixed part of a connect packet of this version, bytes. */
const CONNECT_SIZE = 58;
/** TNS version 3.12, compatible down to 3.00. */
const VERSION = 312;
const LOWEST_VERSION = 300;
/** Session and transport data unit, bytes. */
const SDU = 2048;
const TDU = 32_767;
/** From this release on the parts of the version number have other widths. */
const NEW_FORM_RELEASE = 18;
const MAX_PACKET = 8192;

function connect(probe: string, command: string): Ask {
  const data = `(DESCRIPTION=(CONNECT_DATA=(COMMAND=${command})))`;
  return {
    probe,
    data: join(
      big(CONNECT_SIZE + data.length, 2),
      big(0, 2),
      TYPE.connect,
      0,
      big(0, 2),
      big(VERSION, 2),
      big(LOWEST_VERSION, 2),
      big(0, 2), // service options
      big(SDU, 2),
      big(TDU, 2),
      big(0x7f08, 2), // protocol characteristics
      big(0, 2), // line turnaround
      big(1, 2), // the number 1 in our byte order
      big(data.length, 2),
      big(CONNECT_SIZE, 2), // where the data begins
      big(MAX_PACKET, 4), // most connect data we take
      0,
      0,
      new Uint8Array(CONNECT_SIZE - 34), // cross facility items and the rest: none
      data,
    ),
    complete: (received) => {
      const first = packetOf(received);
      // Text that answers a command comes in a packet after the acceptance.
      return first !== null && (first.type !== TYPE.accept || latin1(received).includes("(VSNNUM="));
    },
  };
}
const ping = connect("oracle.ping", "ping");
const version = connect("oracle.version", "version");

interface Packet {
  type: number;
  body: Uint8Array;
}

/** The first packet, whole, with the zeroes that this packet's header has; null otherwise. */
function packetOf(data: Uint8Array): Packet | null {
  const r = reader(data);
  const size = r.u16();
  const checksum = r.u16();
  const type = r.u8();
  r.u8(); // reserved
  const headerChecksum = r.u16();
  if (size < 8 || size > MAX_PACKET || checksum !== 0 || headerChecksum !== 0) return null;
  const body = r.take(size - 8);
  return r.failed ? null : { type, body };
}

/** VSNNUM as Oracle writes versions: `186647296` → `11.2.0.3.0`. Null for 0, which hides it. */
export function releaseOf(number: number): string | null {
  const major = Math.floor(number / 2 ** 24);
  if (major < 7 || major > 99) return null;
  const parts =
    major >= NEW_FORM_RELEASE
      ? [(number >>> 16) & 0xff, (number >>> 12) & 0xf, (number >>> 4) & 0xff, number & 0xf]
      : [(number >>> 20) & 0xf, (number >>> 12) & 0xff, (number >>> 8) & 0xf, number & 0xff];
  return [major, ...parts].join(".");
}

function details(text: string): Record<string, string | null | undefined> {
  const number = /\(VSNNUM=(\d{1,10})\)/.exec(text)?.[1];
  return {
    version:
      /\bVersion (\d{1,2}(?:\.\d{1,3}){2,5})/.exec(text)?.[1] ??
      (number ? releaseOf(Number(number)) : undefined),
    banner: /TNSLSNR for [^\n\0()]{1,160}/.exec(text)?.[0].trim(),
    error: /\(ERR=(\d{1,6})\)/.exec(text)?.[1],
    alias: /\(ALIAS=([\w.-]{1,60})\)/.exec(text)?.[1],
  };
}

function read({ data, probe }: Response): Reading | null {
  const packet = packetOf(data);
  if (!packet) return null;
  const text = latin1(data.subarray(8, MAX_PACKET));
  const ours = probe.startsWith("oracle.");
  if (packet.type === TYPE.refuse) {
    const r = reader(packet.body, 2);
    const size = r.u16();
    if (size !== r.left) return null;
    const telling = /^\s{0,4}\(DESCRIPTION=/i.test(latin1(r.take(size)));
    if (!telling && !ours) return null;
    return {
      service: "oracle-tns",
      weight: telling ? 9 : 7,
      excerpt: printable(text.slice(4) || "REFUSE"),
      values: { packet: "refuse", ...details(text) },
    };
  }
  if (!ours) return null;
  if (packet.type === TYPE.accept && packet.body.length >= 16)
    return {
      service: "oracle-tns",
      weight: 9,
      excerpt: printable(/TNSLSNR[^\n\0]{1,100}/.exec(text)?.[0] ?? "ACCEPT"),
      values: { packet: "accept", ...details(text) },
    };
  if (packet.type === TYPE.resend && packet.body.length === 0 && data.length === 8)
    return { service: "oracle-tns", weight: 8, excerpt: "RESEND", values: { packet: "resend" } };
  return packet.type === TYPE.redirect && text.includes("(ADDRESS=")
    ? { service: "oracle-tns", weight: 9, excerpt: printable(text), values: { packet: "redirect" } }
    : null;
}

export const oracleTns: Protocol = readingProtocol({
  name: "oracleTns",
  prefix: "oracle",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [ping],
  read,
  async converse(session) {
    // Every command ends its connection.
    const told = session.responses.some((response) => read(response)?.values?.version);
    if (!told) await session.ask(version, { fresh: true });
  },
});
