// Nagios' remote plugin executor: `_NRPE_CHECK` runs no command and is answered with the daemon's version. A packet of version 2
// is understood by all daemons since 2.0. It is often wrapped in TLS without certificates.
// Source: NRPE's protocol description (docs/NRPE.pdf, "packet": version, type, CRC-32, result, 1,024 bytes of text, two of padding).
import { crc32 } from "node:zlib";
import { printable, type Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const VERSION = 2;
const TYPE = { query: 1, response: 2 };
const TEXT_BYTES = 1024;
const PACKET_BYTES = 1036;
const CHECK = "_NRPE_CHECK";

function query(): Uint8Array {
  const packet = (sum: number) =>
    join(
      big(VERSION, 2),
      big(TYPE.query, 2),
      big(sum, 4),
      big(0, 2),
      CHECK,
      new Uint8Array(TEXT_BYTES - CHECK.length + 2),
    );
  return packet(crc32(packet(0)));
}

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const version = r.u16();
  const type = r.u16();
  r.u32();
  const result = r.u16();
  const text = r.text(TEXT_BYTES).split("\0", 1)[0] ?? "";
  if (r.failed || version < 2 || version > 4 || type !== TYPE.response || result > 3) return null;
  if (!/^[\x20-\x7e]{1,1000}$/.test(text)) return null;
  return { service: "nrpe", weight: 9, excerpt: printable(text), values: { reply: text } };
}

export const nrpe: Protocol = readingProtocol({
  name: "nrpe",
  prefix: "nrpe",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    { probe: "nrpe.check", data: query(), complete: (received) => received.length >= PACKET_BYTES },
  ],
  read,
});
