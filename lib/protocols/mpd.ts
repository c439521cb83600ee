// Music Player Daemon: it greets with the version of the protocol it speaks, whose first two parts are those of its
// release. `ping` does nothing and is allowed to everybody; `close` is the goodbye, and has no answer.
// Source: MPD documentation, "Protocol" ("General protocol syntax", "Failure responses").
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const GREETING = /^OK MPD ([^\r\n ]{1,40})\n/;
const FAILURE = /^ACK \[\d{1,3}@\d{1,5}\] \{[\w ]{0,40}\} [^\r\n]{1,200}\n/;
/** `close` is not answered: long enough to let it go out, ms. */
const GOODBYE_MS = 50;

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, 1024));
  const protocol = GREETING.exec(text)?.[1];
  if (protocol) return { service: "mpd", weight: 9, excerpt: printable(text.trim()), values: { protocol } };
  const failure = FAILURE.exec(text)?.[0].trim();
  return failure
    ? { service: "mpd", weight: 9, excerpt: printable(failure), values: { error: failure } }
    : null;
}

export const mpd: Protocol = readingProtocol({
  name: "mpd",
  prefix: "mpd",
  transports: ["tcp"],
  speaksFirst: "server",
  owed: "mpd.ping",
  openers: () => [],
  read,
  async converse(session) {
    const ended = (received: Uint8Array) => received.at(-1) === 0x0a;
    await session.ask({ probe: "mpd.ping", data: bytes("ping\n"), complete: ended });
    await session.ask({ probe: "mpd.close", data: bytes("close\n"), timeoutMs: GOODBYE_MS });
  },
});
