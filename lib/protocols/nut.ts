// Network UPS Tools' upsd: one line a command; `VER` names program and version, and needs no login.
// Source: RFC 9271 sections 4.2 (commands) and 4.4 (error responses).
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const ERROR = /^ERR (?:UNKNOWN-COMMAND|INVALID-ARGUMENT|ACCESS-DENIED)\r?\n/;
const VERSION = /^(Network UPS Tools upsd \S{1,40})[^\r\n]{0,200}\r?\n/;

const ask: Ask = {
  probe: "nut.version",
  data: bytes("VER\n"),
  complete: (received) => received.includes(0x0a),
};

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, 512));
  const version = VERSION.exec(text)?.[1];
  const error = ERROR.exec(text)?.[0].trim();
  if (!version && !error) return null;
  return {
    service: "nut",
    weight: version ? 9 : 7,
    excerpt: printable(version ?? error ?? ""),
    values: { version },
  };
}

export const nut: Protocol = readingProtocol({
  name: "nut",
  prefix: "nut",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [ask],
  read,
});
