// CoAP. Over TCP a server greets with its capabilities and settings (CSM). Over UDP: a confirmable GET of /.well-known/core lists what a device offers, in link format. The message id and
// the token of the request come back, so an answer cannot be mistaken.
// Source: RFC 7252 sections 3 (message format), 3.1 (options), 12.1 (codes); RFC 6690 (link format); RFC 7959
// (blocks); RFC 8323 sections 3.2 (framing over TCP), 5.3 (CSM).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const VERSION = 1;
const MESSAGE = { confirmable: 0, acknowledgement: 2, reset: 3 };
const CODE_GET = 1;
const OPTION_URI_PATH = 11;
const MESSAGE_ID = 0x4450;
const TOKEN = "DPLT";
const PAYLOAD_MARKER = 0xff;
const MAX_OPTIONS = 64;
const MAX_RESOURCES = 64;

const discover: Ask = {
  probe: "coap.core",
  data: join(
    (VERSION << 6) | (MESSAGE.confirmable << 4) | TOKEN.length,
    CODE_GET,
    big(MESSAGE_ID, 2),
    TOKEN,
    // option delta and length in one byte; the second path segment has delta 0
    (OPTION_URI_PATH << 4) | ".well-known".length,
    ".well-known",
    "core".length,
    "core",
  ),
  complete: (received) => parseCoap(received) !== null,
};

export interface CoapMessage {
  type: number;
  /** `2.05` */
  code: string;
  /** Message id or token of our request. */
  echoed: boolean;
  payload: string;
}

/** Delta or length of an option: 13 and 14 say that one or two more bytes hold the rest. */
function extended(nibble: number, r: ReturnType<typeof reader>): number | null {
  if (nibble === 15) return null;
  return nibble === 13 ? 13 + r.u8() : nibble === 14 ? 269 + r.u16() : nibble;
}

/** An answer (not a request) in CoAP. Null when the bytes are something else. */
function parseCoap(data: Uint8Array): CoapMessage | null {
  const r = reader(data);
  const first = r.u8();
  const code = r.u8();
  const id = r.u16();
  const tokenLength = first & 15;
  const token = r.text(tokenLength);
  const [version, type, classNumber] = [first >> 6, (first >> 4) & 3, code >> 5];
  if (r.failed || version !== VERSION || tokenLength > 8) return null;
  const empty = code === 0 && type >= MESSAGE.acknowledgement && data.length === 4;
  if (!empty && classNumber !== 2 && classNumber !== 4 && classNumber !== 5) return null;
  let payload = "";
  for (let options = 0; r.left > 0; options++) {
    const head = r.u8();
    if (head === PAYLOAD_MARKER) {
      payload = r.text(r.left);
      break;
    }
    const delta = extended(head >> 4, r);
    const length = extended(head & 15, r);
    if (delta === null || length === null || options > MAX_OPTIONS) return null;
    r.take(length);
    if (r.failed) return null;
  }
  const echoed = empty ? id === MESSAGE_ID : token === TOKEN;
  return { type, code: `${classNumber}.${String(code & 31).padStart(2, "0")}`, echoed, payload };
}

/** Code 7.01, and its options: largest message, blocks (RFC 8323 section 5.3), extended tokens (RFC 8974). */
const CODE_CSM = 0xe1;
const CSM_OPTIONS = [2, 4, 6];
const MAX_CSM = 12;

/** A whole CSM as a server over TCP greets with, without token or payload: the largest message it takes, or 0 where it does not say. */
function parseCsm(data: Uint8Array): { maxMessageSize: number } | null {
  const r = reader(data);
  const first = r.u8();
  if (r.u8() !== CODE_CSM || (first & 15) !== 0 || first >> 4 > MAX_CSM || r.left !== first >> 4) return null;
  let option = 0;
  let maxMessageSize = 0;
  while (r.left > 0) {
    const head = r.u8();
    option += head >> 4;
    const value = r.take(head & 15);
    if (r.failed || value.length > 4 || !CSM_OPTIONS.includes(option)) return null;
    if (option === 2) maxMessageSize = value.reduce((size, byte) => size * 256 + byte, 0);
  }
  return r.failed ? null : { maxMessageSize };
}

/** Message ids by which the requests of other protocols look like confirmable CoAP, which is then reset. */
const ALIEN_IDS: Record<string, number> = { "dns.versionBind": 0 };

/** A reset (RFC 7252 section 4.2) of another protocol's request. */
function resetsAlien({ probe, data }: Response): boolean {
  const id = ALIEN_IDS[probe];
  const r = reader(data);
  return id !== undefined && data.length === 4 && r.u16() === 0x7000 && r.u16() === id;
}

function recognise(response: Response): Recognition | null {
  const { data } = response;
  const csm = parseCsm(data);
  if (csm)
    return {
      service: "coap",
      // two bytes of an empty one are little
      weight: data.length > 4 ? 9 : 3,
      excerpt: `7.01 CSM, largest message ${csm.maxMessageSize}`,
    };
  if (resetsAlien(response)) return { service: "coap", weight: 7, excerpt: "reset" };
  const message = parseCoap(data);
  // Four bits of version and type are no proof: only what was echoed is.
  return message?.echoed
    ? { service: "coap", weight: 9, excerpt: printable(`${message.code} ${message.payload}`.trim()) }
    : null;
}

function read(response: Response): Fact[] {
  const csm = parseCsm(response.data);
  if (csm) return named("coap", familyOf(response), { maxMessageSize: csm.maxMessageSize || null });
  const message = parseCoap(response.data);
  if (!message?.echoed) return [];
  const implementation = /<([^<>\s]{1,300})>;rel="?impl-info/.exec(message.payload.slice(0, 8192));
  const paths = [...message.payload.slice(0, 8192).matchAll(/<(\/[^<>\s]{0,200})>/g)];
  return named("coap", familyOf(response), {
    code: message.code,
    core: message.payload,
    // a server's own mark (link relation `impl-info`)
    implementation: implementation?.[1],
    resources: paths
      .slice(0, MAX_RESOURCES)
      .map(([, path]) => path)
      .join(" "),
  });
}

export const coap: Protocol = {
  name: "coap",
  transports: ["udp", "tcp"],
  speaksFirst: "client",
  // Over TCP it greets.
  openers: ({ transport }) => (transport === "udp" ? [discover] : []),
  async converse(session) {
    // Recognised from what it said to another protocol: now in its own words.
    const asked = session.responses.some(({ probe }) => probe === discover.probe);
    if (session.context.transport === "udp" && !asked) await session.ask(discover);
  },
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
