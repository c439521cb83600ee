// ICAP, by which proxies hand what they carry to scanners: shaped like HTTP, and so is its refusal of HTTP. OPTIONS says what a service can.
// Source: RFC 3507 sections 4.3.3 (status), 4.10 (OPTIONS), and its `Service` and `Server` fields.
import { printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { header, messageComplete, parseMessage } from "./http-message.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

function read({ data }: Response): Reading | null {
  const message = parseMessage(data, "ICAP");
  if (!message) return null;
  return {
    service: "icap",
    weight: 9,
    excerpt: printable(`ICAP/${message.version} ${message.status} ${message.reason}`),
    values: {
      server: header(message, "server"),
      service: header(message, "service"),
      istag: header(message, "istag"),
    },
  };
}

export const icap: Protocol = readingProtocol({
  name: "icap",
  prefix: "icap",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: ({ host, port }) => [
    {
      probe: "icap.options",
      data: bytes(`OPTIONS icap://${host}:${port}/ ICAP/1.0\r\nHost: ${host}:${port}\r\n\r\n`),
      complete: messageComplete("ICAP"),
    },
  ],
  read,
});
