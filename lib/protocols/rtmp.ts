// RTMP: the client opens with one byte of version and 1,536 bytes (C0, C1), the server answers with as much and with a copy of the client's
// (S0, S1, S2). Only that much of the handshake is said: no application is named, nothing connected to or published.
// Source: Adobe, "Real Time Messaging Protocol", 1.0 (2012), section 5.2.
import type { Response } from "../model/observation.ts";
import { join } from "./binary.ts";
import { readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const VERSION = 3;
/** C1, S1 and S2 are of this length, bytes. */
const PACKET = 1536;
/** Time and the four bytes that a plain handshake leaves zero, then what the specification calls random. */
const challenge = join(new Uint8Array(8), new Uint8Array(PACKET - 8).fill(0x44));
/** S2 repeats this part of C1; time and version before it may be the server's own. */
const OURS = Buffer.from(challenge.subarray(8, PACKET));
const PROBE = "rtmp.handshake";
const whole = (received: Uint8Array) => received.length >= 1 + 2 * PACKET;

const handshake: Ask = { probe: PROBE, data: join(VERSION, challenge), complete: whole };

/** S0, S1 and, in S2, what we said. */
function echoes(data: Uint8Array): boolean {
  return data[0] === VERSION && whole(data) && Buffer.from(data).indexOf(OURS, 1 + PACKET) === 1 + PACKET + 8;
}

export const rtmp: Protocol = readingProtocol({
  name: "rtmp",
  prefix: "rtmp",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [handshake],
  read: ({ probe, data }: Response) =>
    probe === PROBE && echoes(data) ? { service: "rtmp", weight: 9, excerpt: "S0, S1 and C1 again" } : null,
});
