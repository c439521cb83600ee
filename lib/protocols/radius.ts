// RADIUS: an Access-Request that names nobody and holds no password is rejected, and that is an answer: only requests with a Message-Authenticator
// are dropped for a wrong shared secret. Who asks from an address that the server does not know as a client's hears nothing.
// Source: RFC 2865 sections 3 (packet format), 4.1 to 4.4 (codes), 5.32 (NAS-Identifier); FreeRADIUS' `reject_delay`.
import type { Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";

const ACCESS_REQUEST = 1;
/** What may come back: a rejection, a challenge; to whom everybody is welcome even an acceptance. */
const ANSWERS: Record<number, string> = { 2: "accept", 3: "reject", 11: "challenge" };
const NAS_IDENTIFIER = 32;
const IDENTIFIER = 0x44;
/** Code, identifier, length, authenticator. */
const HEADER = 20;
/** Servers delay a rejection by one second, so that guessing is slow, ms. */
const REJECTION_MS = 1500;

const name = Buffer.from("doorplate");
const attribute = join(NAS_IDENTIFIER, name.length + 2, name);
/** It would hide a password, and there is none: any sixteen bytes will do. */
const authenticator = Buffer.from("no password here");

function read({ data, probe }: Response): Reading | null {
  const r = reader(data);
  const [code, identifier, length] = [r.u8(), r.u8(), r.u16()];
  const answer = ANSWERS[code];
  const ours = probe === "radius.access" && identifier === IDENTIFIER;
  if (r.failed || !ours || !answer || length < HEADER || length !== data.length) return null;
  return { service: "radius", weight: 9, excerpt: `Access-${answer}`, values: { answer } };
}

export const radius = readingProtocol({
  name: "radius",
  prefix: "radius",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "radius.access",
      data: join(ACCESS_REQUEST, IDENTIFIER, big(HEADER + attribute.length, 2), authenticator, attribute),
      complete: () => true,
      timeoutMs: REJECTION_MS,
    },
  ],
  read,
});
