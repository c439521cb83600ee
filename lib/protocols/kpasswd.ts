// Kerberos' change-password service: a request with no ticket in it is refused with a KRB-ERROR in its own frame. Nobody is named and
// nothing can be changed, since there is nothing that proves who asks.
// Source: RFC 3244 section 2 (message length, version 1 or 0xff80, length of AP-REQ, then the data; replies with KRB-ERROR have length 0 there).
import type { Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { parseError } from "./kerberos.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const VERSION = { request: 1, reply: 1 };
const HEADER = 6;

function read({ data: whole }: Response): Reading | null {
  // Over TCP four bytes of length come first.
  const framed = whole.length > 4 && reader(whole).u32() === whole.length - 4;
  const data = framed ? whole.subarray(4) : whole;
  const r = reader(data);
  const [length, version, reply] = [r.u16(), r.u16(), r.u16()];
  if (r.failed || length !== data.length || version !== VERSION.reply || reply > length - HEADER) return null;
  const error = reply === 0 ? parseError(data.subarray(HEADER)) : null;
  if (!error) return null;
  return {
    service: "kpasswd5",
    weight: 9,
    excerpt: `error ${error.code} ${error.realm ?? ""}`.trim(),
    values: { realm: error.realm, errorCode: error.code, error: error.text },
  };
}

const request = join(big(HEADER + 4, 2), big(VERSION.request, 2), big(0, 2), big(0, 4));

export const kpasswd: Protocol = readingProtocol({
  name: "kpasswd",
  prefix: "kpasswd",
  transports: ["tcp", "udp"],
  speaksFirst: "client",
  openers: ({ transport }) => [
    {
      probe: `kpasswd.empty${transport === "tcp" ? "-tcp" : ""}`,
      data: transport === "tcp" ? join(big(request.length, 4), request) : request,
      complete: (received) => received.length > HEADER,
    },
  ],
  read,
});
