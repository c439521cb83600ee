// RDP: an X.224 connection request that offers TLS and CredSSP; the confirm says which the server takes and
// what it can do. Nothing follows: the connection is closed before any credentials.
// Source: MS-RDPBCGR sections 2.2.1.1, 2.2.1.2 (X.224, RDP_NEG_REQ, RDP_NEG_RSP, RDP_NEG_FAILURE); RFC 1006 (TPKT).
import { type Fact, latin1, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, little, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const TPKT_VERSION = 3;
const X224 = { request: 0xe0, confirm: 0xd0 };
const NEGOTIATION = { request: 1, response: 2, failure: 3 };
/** Requested protocols: TLS (1), CredSSP (2), CredSSP with early user authorisation (8). */
const REQUESTED = 1 | 2 | 8;
const SELECTED: Record<number, string> = {
  0: "rdp",
  1: "tls",
  2: "hybrid",
  4: "rdstls",
  8: "hybrid-ex",
  16: "aad",
};

const negotiation = join(NEGOTIATION.request, 0, little(8, 2), little(REQUESTED, 4));
const x224 = join(6 + negotiation.length, X224.request, big(0, 2), big(0, 2), 0, negotiation);
const connect: Ask = {
  probe: "rdp.connect",
  data: join(TPKT_VERSION, 0, big(4 + x224.length, 2), x224),
  complete: (received) => {
    const length = reader(received, 2).u16();
    return received.length >= 4 && received.length >= length;
  },
};

/** What the connection confirm says; null when the bytes are something else. */
function parseConfirm(data: Uint8Array): string | null {
  const r = reader(data);
  const [version, reserved, length] = [r.u8(), r.u8(), r.u16()];
  const indicator = r.u8();
  const code = r.u8();
  r.take(5); // destination and source reference, class
  if (r.failed || version !== TPKT_VERSION || reserved !== 0 || length < 11 || length > data.length)
    return null;
  if ((code & 0xf0) !== X224.confirm || indicator !== length - 5) return null;
  if (indicator === 6) return "no negotiation";
  const type = r.u8();
  const flags = r.u8();
  if (r.u16le() !== 8) return null;
  const value = r.u32le();
  if (r.failed) return null;
  if (type === NEGOTIATION.failure) return `failure ${value}`;
  if (type !== NEGOTIATION.response) return null;
  return `selected ${SELECTED[value] ?? value} flags 0x${flags.toString(16).padStart(2, "0")}`;
}

/**
 * A disconnect provider ultimatum (T.125, reason: user requested) in an X.224 data unit: xrdp says it to whatever is no connection request.
 */
const ULTIMATUM = "\x03\0\0\x09\x02\xf0\x80\x21\x80";

function isUltimatum(data: Uint8Array): boolean {
  return data.length === ULTIMATUM.length && latin1(data) === ULTIMATUM;
}

function recognise({ data }: Response): Recognition | null {
  if (isUltimatum(data))
    return { service: "ms-wbt-server", weight: 8, excerpt: "disconnect: user requested" };
  const told = parseConfirm(data);
  return told ? { service: "ms-wbt-server", weight: told === "no negotiation" ? 6 : 9, excerpt: told } : null;
}

function read(response: Response): Fact[] {
  return named("rdp", familyOf(response), {
    negotiation: parseConfirm(response.data),
    disconnect: isUltimatum(response.data) && response.probe !== connect.probe ? "user requested" : null,
  });
}

export const rdp: Protocol = {
  name: "rdp",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [connect],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
