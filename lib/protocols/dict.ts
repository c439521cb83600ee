// DICT: the server greets with 220, its name and version as free text, its capabilities and a message id, both in
// angle brackets at the end of the line: that tells it from the other protocols that greet with 220. SHOW SERVER
// adds what the operator wrote about it.
// Source: RFC 2229 sections 3.1 (initial connection), 3.5.4 (SHOW SERVER), 3.9 (QUIT).
import { latin1, printable, type Response } from "../model/observation.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import { bytes, lastLine, textLines } from "./reply-lines.ts";
import type { Protocol } from "./types.ts";

const GREETING = /^220 (.{0,400}?) ?<([\w.]{0,300})> <([^<>\s]{1,200})>$/;
/** Error replies whose words RFC 2229 section 2.4.2 sets. */
const REFUSAL = /^(?:500 Syntax error, command not recognized|530 Access denied, use "SHOW INFO")/i;
const FINAL_REPLY = /^(?:250|[45]\d\d)(?: |$)/;

function read({ data, probe }: Response): Reading | null {
  const lines = textLines(latin1(data.subarray(0, 8192)));
  const first = lines[0] ?? "";
  const greeting = GREETING.exec(first);
  if (greeting) {
    const [, text, capabilities] = greeting;
    return {
      service: "dict",
      weight: 9,
      excerpt: printable(first),
      values: { banner: text, capabilities },
    };
  }
  if (probe === "dict.server" && /^114 /.test(first)) {
    const end = lines.indexOf(".");
    const server = lines.slice(1, end < 0 ? undefined : end).join("\n");
    return { service: "dict", weight: 8, excerpt: printable(first), values: { server } };
  }
  return REFUSAL.test(first) ? { service: "dict", weight: 3, excerpt: printable(first) } : null;
}

export const dict: Protocol = readingProtocol({
  name: "dict",
  prefix: "dict",
  transports: ["tcp"],
  speaksFirst: "server",
  owed: "dict.server",
  openers: () => [],
  read,
  async converse(session) {
    const server = await session.ask({
      probe: "dict.server",
      data: bytes("SHOW SERVER\r\n"),
      complete: (received) => FINAL_REPLY.test(lastLine(received) ?? ""),
    });
    if (!server) return;
    await session.ask({
      probe: "dict.quit",
      data: bytes("QUIT\r\n"),
      complete: (received) => received.includes(0x0a),
    });
  },
});
