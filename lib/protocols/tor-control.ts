// Tor's control port: PROTOCOLINFO is the one command that is answered before authentication, with Tor's version. To
// everything else it says that authentication is required; to a browser, that it is no HTTP proxy.
// (Tor's SOCKS port is the socks5 protocol's; the words it has for browsers are a signature.)
// Source: Tor control-spec sections 2.3 (replies), 3.21 (PROTOCOLINFO), 3.5 (AUTHENTICATE).
import { latin1, printable, type Response } from "../model/observation.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import { bytes, replyComplete, textLines } from "./reply-lines.ts";
import type { Ask, Protocol } from "./types.ts";

const info: Ask = {
  probe: "tor.protocolinfo",
  data: bytes("PROTOCOLINFO 1\r\n"),
  complete: replyComplete,
};

function read({ data }: Response): Reading | null {
  const lines = textLines(latin1(data.subarray(0, 4096)));
  const first = lines[0] ?? "";
  if (/^250-PROTOCOLINFO \d{1,3}$/.test(first)) {
    const version = lines.map((line) => /^250-VERSION Tor="([^"]{1,80})"/.exec(line)?.[1]).find(Boolean);
    const methods = lines.map((line) => /^250-AUTH METHODS=([A-Z,]{1,80})/.exec(line)?.[1]).find(Boolean);
    return {
      service: "tor-control",
      weight: 9,
      excerpt: printable(`PROTOCOLINFO Tor="${version ?? ""}"`),
      values: { version, methods },
    };
  }
  if (/^HTTP\/1\.0 501 Tor ControlPort is not an HTTP proxy/.test(first)) {
    // It is a page, too, in HTTP's form; but a page of this.
    return { service: "tor-control", weight: 10, excerpt: printable(first), values: { refusal: first } };
  }
  return /^514 Authentication required\.$/.test(first)
    ? { service: "tor-control", weight: 7, excerpt: printable(first), values: { refusal: first } }
    : null;
}

export const torControl: Protocol = readingProtocol({
  name: "torControl",
  prefix: "tor",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [info],
  read,
  async converse(session) {
    // A refused command ends the connection, so that a hint from elsewhere needs a fresh one.
    const answered = session.responses.some(({ probe }) => probe === info.probe);
    if (!answered && !(await session.ask(info, { fresh: true }))) return;
    await session.ask({ probe: "tor.quit", data: bytes("QUIT\r\n"), complete: replyComplete });
  },
});
