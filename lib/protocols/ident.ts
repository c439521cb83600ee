// Ident: asked who owns a connection that does not exist, the server answers with the pair of ports and an error.
// It must repeat the ports, which proves that it read them; spacing and the choice of error differ by program.
// Source: RFC 1413 sections 4 (query), 5 (reply), 6 (formal syntax).
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, AskContext, Protocol } from "./types.ts";

/** A port that we have no connection from. */
const CLIENT_PORT = 65_535;
const REPLY =
  /^\s{0,4}(\d{1,5})(\s{0,4}),(\s{0,4})(\d{1,5})(\s{0,4}):(\s{0,4})(ERROR|USERID|X-VERSION)(\s{0,4}):(\s{0,4})([^\r\n]{1,300})\r?\n/;

const query = (context: AskContext): Ask => ({
  probe: "ident.query",
  data: bytes(`${context.port}, ${CLIENT_PORT}\r\n`),
  complete: (received) => received.includes(0x0a),
});

function read({ data, probe }: Response): Reading | null {
  const text = latin1(data.subarray(0, 512));
  // nullidentd does not look at the question: what was asked comes back before the user that it always tells.
  if (/^[^\r\n]{0,40} : USERID : UNIX : \w{1,40}\r\n/.test(text) && !REPLY.test(text))
    return {
      service: "ident",
      weight: 8,
      excerpt: "USERID : UNIX",
      values: { reply: "any : USERID : UNIX" },
    };
  const found = REPLY.exec(text);
  if (!found) return null;
  const [line, , beforeComma, afterComma, client, a, b, kind, c, d, told = ""] = found;
  const echoed = probe === "ident.query" && Number(client) === CLIENT_PORT;
  const form = `#${beforeComma},${afterComma}#${a}:${b}${kind}${c}:${d}`;
  return {
    service: "ident",
    weight: echoed ? 9 : 8,
    excerpt: printable(line.trim()),
    values: {
      // A user's name is not kept, only that one is told.
      reply: form + (kind === "USERID" ? "*" : told),
      version: kind === "X-VERSION" ? told : null,
    },
  };
}

export const ident: Protocol = readingProtocol({
  name: "ident",
  prefix: "ident",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: (context) => [query(context)],
  read,
});
