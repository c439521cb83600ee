// distcc: a request is a sequence of four letters and eight hexadecimal digits. It answers nothing but a whole one, so the syntax of an
// empty file is checked: no source, no output, and whoever does not allow us closes before that.
// Source: distcc documentation, protocol-1 (doc/protocol-1.txt).
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const hex = (value: number) => value.toString(16).padStart(8, "0");
const argument = (text: string) => `ARGV${hex(text.length)}${text}`;
const ARGUMENTS = ["cc", "-fsyntax-only", "-c", "doorplate.c", "-o", "doorplate.o"];
const REQUEST = `DIST00000001ARGC${hex(ARGUMENTS.length)}${ARGUMENTS.map(argument).join("")}DOTI00000000`;

function read({ data }: Response): Reading | null {
  const found = /^DONE(0000000[1-3])(?:STAT([0-9a-f]{8}))?/.exec(latin1(data.subarray(0, 64)));
  if (!found) return null;
  const [reply, protocol = "", status] = found;
  return {
    service: "distccd",
    weight: 9,
    excerpt: printable(reply),
    values: { protocol: Number.parseInt(protocol, 16), status },
  };
}

export const distcc: Protocol = readingProtocol({
  name: "distcc",
  prefix: "distcc",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    { probe: "distcc.request", data: bytes(REQUEST), complete: (received) => received.length >= 24 },
  ],
  read,
});
