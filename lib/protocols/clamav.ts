// ClamAV's daemon: VERSION is answered with engine, number and date of the signature database. The `z` form ends
// command and answer in a NUL; what it does not know it calls an unknown command, as HTTP shows.
// Source: clamd(8), "COMMANDS".
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const version: Ask = {
  probe: "clamav.version",
  data: bytes("zVERSION\0"),
  complete: (received) => received.includes(0),
};

const ANSWER = /^ClamAV (\d[\w.+~-]{0,40})(?:\/(\d{1,8})(?:\/([\w :]{10,40}))?)?[\0\r\n]{0,2}$/;

function read({ data, probe }: Response): Reading | null {
  const text = latin1(data.subarray(0, 512));
  const answer = ANSWER.exec(text);
  if (answer) {
    const [, release, database, date] = answer;
    return {
      service: "clam",
      weight: 9,
      excerpt: printable(text.replace(/[\0\r\n]+$/, "")),
      values: { version: release, database, date },
    };
  }
  if (/^UNKNOWN COMMAND[\0\n]$/.test(text))
    return { service: "clam", weight: 6, excerpt: "UNKNOWN COMMAND", values: { reply: "UNKNOWN COMMAND" } };
  return probe === version.probe && /^COMMAND READ TIMED OUT[\0\n]$/.test(text)
    ? { service: "clam", weight: 7, excerpt: "COMMAND READ TIMED OUT" }
    : null;
}

export const clamav: Protocol = readingProtocol({
  name: "clamav",
  prefix: "clamav",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [version],
  read,
  async converse(session) {
    // Found by its refusal of somebody else's request; each connection takes one command.
    if (!session.responses.some(({ probe }) => probe === version.probe))
      await session.ask(version, { fresh: true });
  },
});
