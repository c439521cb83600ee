// VNC (RFB): the server greets with its protocol version. We answer with the version that we share and read
// the list of security types, which differs by program; then we close before choosing any, so no login.
// Some servers (TigerVNC, RealVNC) count every connection that never logs in and shut an address out for a
// while after a few: so it is all done on the connection that brought the greeting.
// Source: RFC 6143 sections 7.1.1 and 7.1.2; IANA "Remote Framebuffer Security Types".
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { bytes, distinct, familyOf, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

const GREETING = /^RFB (\d{3})\.(\d{3})\n/;
const PROBE = "vnc.security";
const SECURITY: Record<number, string> = {
  0: "invalid",
  1: "none",
  2: "vnc",
  5: "ra2",
  6: "ra2ne",
  13: "rsa-aes-256",
  16: "tight",
  17: "ultra",
  18: "tls",
  19: "vencrypt",
  20: "sasl",
  21: "md5",
  22: "xvp",
  30: "apple-dh",
  35: "apple-33",
  36: "apple-36",
};

function recognise({ data, probe }: Response): Recognition | null {
  const greeting = GREETING.exec(latin1(data.subarray(0, 12)));
  if (greeting) return { service: "vnc", weight: 9, excerpt: `RFB ${greeting[1]}.${greeting[2]}` };
  // A count and so many bytes are no form; but nobody was asked for them who had not greeted so.
  return probe === PROBE && parseSecurity(data)
    ? { service: "vnc", weight: 1, excerpt: "security types" }
    : null;
}

/** From 3.7 a count and one byte each; a count of 0 is followed by a reason. */
function parseSecurity(data: Uint8Array): { types: number[]; reason: string | null } | null {
  const r = reader(data);
  const count = r.u8();
  if (r.failed) return null;
  if (count === 0) {
    const reason = r.text(r.u32());
    return r.failed ? null : { types: [], reason };
  }
  const types = [...r.take(count)];
  return r.failed ? null : { types, reason: null };
}

function read(response: Response): Fact[] {
  const greeting = GREETING.exec(latin1(response.data.subarray(0, 12)));
  const facts = greeting
    ? named("vnc", "banner", { protocol: `${Number(greeting[1])}.${Number(greeting[2])}` })
    : [];
  const list = response.probe === PROBE ? parseSecurity(response.data) : null;
  if (!list) return facts;
  const types = list.types.map((type) => SECURITY[type] ?? String(type)).join(" ");
  return [
    ...facts,
    ...named("vnc", familyOf(response), { security: types, error: list.reason && printable(list.reason) }),
  ];
}

async function converse(session: Session): Promise<void> {
  const greeting = session.responses
    .map(({ data }) => GREETING.exec(latin1(data.subarray(0, 12))))
    .find(Boolean);
  // before 3.7 the server alone decides and goes straight to authentication; other numbers are Apple's (3.889) and RealVNC's
  if (!greeting || Number(greeting[1]) !== 3 || Number(greeting[2]) < 7) return;
  const ask: Ask = {
    probe: PROBE,
    data: bytes("RFB 003.008\n"),
    complete: (received) => parseSecurity(received) !== null,
  };
  await session.ask(ask);
}

export const vnc: Protocol = {
  name: "vnc",
  transports: ["tcp"],
  speaksFirst: "server",
  owed: PROBE,
  openers: () => [],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
