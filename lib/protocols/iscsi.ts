// iSCSI: the first request of a discovery session offers no authentication and is answered with the target's parameters, or with a
// status. The login is not carried on: nothing is listed, no session comes to be.
// Source: RFC 7143 sections 11.12 (Login Request), 11.13 (Login Response), 13.21 (SessionType).
import type { Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const LOGIN = { request: 0x43, response: 0x23 };
const HEADER = 48;
/** The initiator's part of the session id comes back. */
const SESSION = "Door";
const TEXT = "InitiatorName=iqn.2001-04.invalid.doorplate\0SessionType=Discovery\0AuthMethod=None\0";

function login(): Uint8Array {
  const padding = (4 - (TEXT.length % 4)) % 4;
  return join(
    LOGIN.request,
    0, // stays in the security negotiation stage, no transit
    0,
    0,
    big(TEXT.length, 4), // no AHS, data length
    SESSION,
    0,
    0, // new session
    big(0, 2),
    big(1, 4), // task tag
    big(0, 4),
    big(1, 4),
    big(0, 4),
    new Uint8Array(16),
    TEXT,
    new Uint8Array(padding),
  );
}

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const opcode = r.u8();
  r.take(3);
  const length = r.u32() & 0xffffff;
  const session = r.text(SESSION.length);
  r.take(22);
  const status = r.u8();
  const detail = r.u8();
  r.take(10);
  if (r.failed || opcode !== LOGIN.response || session !== SESSION || length > 8192 || status > 3)
    return null;
  const text = r.text(Math.min(length, r.left)).split("\0").filter(Boolean);
  if (status === 0 && !text.every((pair) => /^[A-Z][\w]{1,62}=[\x20-\x7e]{0,255}$/.test(pair))) return null;
  return {
    service: "iscsi",
    weight: 9,
    excerpt: `login response, status ${status}.${detail}`,
    values: {
      status: `${status}.${detail}`,
      parameters: text.map((pair) => pair.split("=", 1)[0]).join(","),
    },
  };
}

export const iscsi: Protocol = readingProtocol({
  name: "iscsi",
  prefix: "iscsi",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [{ probe: "iscsi.login", data: login(), complete: (received) => received.length >= HEADER }],
  read,
});
