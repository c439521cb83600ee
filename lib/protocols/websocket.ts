// WebSocket: a request of HTTP that asks to go on otherwise. Many servers answer any other request as well, in HTTP's own words; some hang up on
// whatever is no handshake, and are found by this one. Nothing is sent once the connection is a WebSocket's.
// Source: RFC 6455 sections 1.3 (the accept value), 4.1 and 4.2.2.
import { latin1, printable } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { AskContext } from "./types.ts";

/** The key of RFC 6455 section 1.3, and what a server makes of it. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPTED = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/** Characters of an answer that are read. */
const MAX_TEXT = 2048;

const name = ({ hostname, host, port }: AskContext): string => {
  const plain = (hostname ?? host).replace(/[^\w.:-]/g, "");
  return `${plain.includes(":") ? `[${plain}]` : plain}:${port}`;
};

export const websocket = readingProtocol({
  name: "websocket",
  prefix: "websocket",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: (context) => [
    {
      probe: "websocket.upgrade",
      data: bytes(
        `GET / HTTP/1.1\r\nHost: ${name(context)}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      ),
      complete: (received) => latin1(received.subarray(0, MAX_TEXT)).includes("\r\n\r\n"),
    },
  ],
  read({ data }): Reading | null {
    const text = latin1(data.subarray(0, MAX_TEXT));
    const head = /^HTTP\/1\.1 101[^\r\n]{0,100}\r\n(?:[\w-]{1,60}:[^\r\n]{0,400}\r\n){1,20}/.exec(text)?.[0];
    if (!head?.includes(ACCEPTED)) return null;
    // The order of its fields is a server's own.
    const order = [...head.matchAll(/\r\n([\w-]{1,60}):/g)].map(([, field]) => field).join(",");
    return { service: "http", weight: 9, excerpt: printable(head), values: { accepted: "yes", order } };
  },
});
