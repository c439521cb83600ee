// Gemini: inside TLS a server answers one line that is no address of its own with a status of two digits, and hangs up.
// Source: Project Gemini, speculative specification 0.16, sections 2 (requests), 3.1 (response headers) and 3.2 (status codes).
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { AskContext, Protocol } from "./types.ts";

const REFUSAL = /^([45]\d) ([^\r\n]{0,1024})\r\n$/;
const PAGE = /^2\d (text\/[\w.+-]{1,40}(?:;[^\r\n]{0,100})?)\r\n/;

function read({ data, tls, probe }: Response): Reading | null {
  if (!tls || probe === "NULL") return null;
  const text = latin1(data.subarray(0, 1200));
  const refusal = REFUSAL.exec(text);
  if (refusal)
    return {
      service: "gemini",
      weight: 8,
      excerpt: printable(refusal[0]),
      values: { status: refusal[1], text: refusal[2] },
    };
  const page = PAGE.exec(text);
  return page && { service: "gemini", weight: 9, excerpt: printable(page[0]), values: { type: page[1] } };
}

export const gemini: Protocol = readingProtocol({
  name: "gemini",
  prefix: "gemini",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: ({ tls, hostname, host }: AskContext) =>
    tls ? [{ probe: "gemini.root", data: bytes(`gemini://${hostname ?? host}/\r\n`) }] : [],
  read,
});
