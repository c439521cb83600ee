// Jamulus, a server for musicians: anybody may ask it for its version and system before a session.
// Source: Jamulus' protocol (src/protocol.cpp): tag 0, identifier, counter and length (little-endian), data, checksum (CRC-16-CCITT, inverted);
// connectionless messages 1011 (version and operating system) and 1012 (the question).
import { latin1, printable, type Response } from "../model/observation.ts";
import { join, little, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const MESSAGE = { version: 1011, askVersion: 1012 };
const SYSTEMS = ["Windows", "macOS", "Linux", "Android", "iOS", "Unix"];
const HEADER = 7;

function checksum(data: Uint8Array): number {
  let state = 0xffff;
  for (const byte of data) {
    for (let bit = 7; bit >= 0; bit--) {
      const top = ((state >> 15) ^ (byte >> bit)) & 1;
      state = ((state << 1) ^ (top ? 0x1021 : 0)) & 0xffff;
    }
  }
  return ~state & 0xffff;
}

function message(identifier: number): Uint8Array {
  const body = join(0, 0, little(identifier, 2), 0, 0, 0);
  return join(body, little(checksum(body), 2));
}

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const [tag, identifier] = [r.u16(), r.u16le()];
  r.u8();
  const body = reader(r.take(r.u16le()));
  const end = r.at;
  const given = r.u16le();
  if (identifier === MESSAGE.askVersion) return null;
  if (r.failed || tag !== 0 || data.length > 512 || given !== checksum(data.subarray(0, end))) return null;
  if (identifier !== MESSAGE.version)
    return {
      service: "jamulus",
      weight: 5,
      excerpt: `message ${identifier}`,
      values: { message: identifier },
    };
  const system = SYSTEMS[body.u8()];
  const version = latin1(body.take(body.u16le()));
  return body.failed
    ? null
    : { service: "jamulus", weight: 9, excerpt: printable(version), values: { version, system } };
}

export const jamulus: Protocol = readingProtocol({
  name: "jamulus",
  prefix: "jamulus",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "jamulus.version",
      data: message(MESSAGE.askVersion),
      complete: (received) => received.length > HEADER + 2,
    },
  ],
  read,
});
