// SpamAssassin's spamd: PING is answered by PONG, and anything malformed by a status line of the same form. Neither
// names a version; the protocol number is the server's own.
// Source: SpamAssassin distribution, spamd/PROTOCOL.
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const STATUS = /^SPAMD\/(\d{1,2}\.\d{1,2}) (\d{1,3}) ([^\r\n]{1,200})\r?\n/;

function read({ data }: Response): Reading | null {
  const status = STATUS.exec(latin1(data.subarray(0, 512)));
  if (!status) return null;
  const [line, protocol, code, text] = status;
  return {
    service: "spamassassin",
    weight: 9,
    excerpt: printable(line.trim()),
    values: { protocol, reply: `${code} ${text}` },
  };
}

export const spamassassin: Protocol = readingProtocol({
  name: "spamassassin",
  prefix: "spamassassin",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "spamassassin.ping",
      data: bytes("PING SPAMC/1.5\r\n\r\n"),
      complete: (received) => received[received.length - 1] === 0x0a,
    },
  ],
  read,
});
