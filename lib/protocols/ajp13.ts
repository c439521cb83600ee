// AJP 1.3, in which a web server hands requests to Tomcat and its kin: CPing is answered by CPong, whatever secret is set.
// Source: Apache Tomcat Connectors, "AJPv13 extensions proposal", section "CPing/CPong"; packets begin 12 34 to and 41 42 ("AB") from the container.
import { printable, type Response } from "../model/observation.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const CPONG: readonly number[] = [0x41, 0x42, 0x00, 0x01, 0x09];

function read({ data }: Response): Reading | null {
  const pong = data.length === CPONG.length && CPONG.every((byte, i) => data[i] === byte);
  return pong
    ? { service: "ajp13", weight: 9, excerpt: printable("AJP CPong"), values: { pong: "yes" } }
    : null;
}

export const ajp13: Protocol = readingProtocol({
  name: "ajp13",
  prefix: "ajp13",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "ajp13.cping",
      data: Uint8Array.of(0x12, 0x34, 0x00, 0x01, 0x0a),
      complete: (received) => received.length >= CPONG.length,
    },
  ],
  read,
});
