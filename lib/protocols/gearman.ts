// Gearman's job server speaks a binary protocol and, on the same port, lines of text for administrators: `version`
// is answered by the release, what is not known by an ERR line. memcached's `version` request is the same bytes.
// Source: gearmand distribution, PROTOCOL, "Administrative Protocol".
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const VERSION_PROBES: readonly string[] = ["gearman.version", "memcached.version"];
const VERSION = /^(?:OK )?(\d{1,3}\.\d{1,5}(?:\.\d{1,5}){0,3}(?:[+~-][\w.+~-]{1,30})?)\r?\n$/;
const REFUSAL = /^ERR (?:UNKNOWN_COMMAND|unknown_command) [A-Za-z+]{3,60}\r?\n/;

function read({ data, probe }: Response): Reading | null {
  const text = latin1(data.subarray(0, 256));
  const version = VERSION_PROBES.includes(probe) ? VERSION.exec(text)?.[1] : undefined;
  if (version) {
    const weight = text.startsWith("OK ") ? 8 : 5;
    return { service: "gearman", weight, excerpt: printable(text.trim()), values: { version } };
  }
  return REFUSAL.test(text)
    ? { service: "gearman", weight: 9, excerpt: printable(text.trim()), values: { error: "UNKNOWN_COMMAND" } }
    : null;
}

export const gearman: Protocol = readingProtocol({
  name: "gearman",
  prefix: "gearman",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "gearman.version",
      data: bytes("version\r\n"),
      complete: (received) => received[received.length - 1] === 0x0a,
    },
  ],
  read,
  async converse(session) {
    if (session.responses.some(({ probe }) => VERSION_PROBES.includes(probe))) return;
    await session.ask(
      {
        probe: "gearman.version",
        data: bytes("version\r\n"),
        complete: (received) => received[received.length - 1] === 0x0a,
      },
      { fresh: true },
    );
  },
});
