// STUN: a binding request is answered with the address we were seen from and often with SOFTWARE, the
// server's product and version. TURN servers answer the same request.
// Source: RFC 8489 sections 5 (header, magic cookie), 14 (attributes), 14.14 (SOFTWARE); RFC 5780 section 7
// (origin).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const TYPE = { request: 0x0001, success: 0x0101, failure: 0x0111 };
const COOKIE = 0x2112a442;
/** Transaction identifier, 12 bytes, echoed by the server. */
const TRANSACTION = "DoorplateSTN";
const ATTRIBUTE = { errorCode: 0x0009, realm: 0x0014, software: 0x8022, origin: 0x802b, other: 0x802c };
const HEADER = 20;
const MAX_ATTRIBUTES = 32;

const binding: Ask = {
  probe: "stun.binding",
  data: join(big(TYPE.request, 2), big(0, 2), big(COOKIE, 4), TRANSACTION),
  complete: (received) => parseStun(received) !== null,
};

export interface StunMessage {
  type: number;
  /** The transaction identifier is ours. */
  echoed: boolean;
  attributes: Map<number, Uint8Array>;
}

/** A binding response whose lengths hold. Null when the bytes are something else. */
function parseStun(data: Uint8Array): StunMessage | null {
  const r = reader(data);
  const type = r.u16();
  const length = r.u16();
  const cookie = r.u32();
  const transaction = r.text(12);
  if (r.failed || (type !== TYPE.success && type !== TYPE.failure)) return null;
  if (cookie !== COOKIE || length % 4 !== 0 || data.length !== HEADER + length) return null;
  const attributes = new Map<number, Uint8Array>();
  while (r.left > 0 && attributes.size < MAX_ATTRIBUTES) {
    const attribute = r.u16();
    const size = r.u16();
    const value = r.take(size);
    r.take((4 - (size % 4)) % 4);
    if (r.failed) return null;
    if (!attributes.has(attribute)) attributes.set(attribute, value);
    else break;
  }
  return { type, echoed: transaction === TRANSACTION, attributes };
}

const latin = (value: Uint8Array | undefined) =>
  value && Buffer.from(value).toString("latin1").replace(/\0+$/, "");

function recognise({ data }: Response): Recognition | null {
  const message = parseStun(data);
  if (!message) return null;
  const told = latin(message.attributes.get(ATTRIBUTE.software));
  return {
    service: "stun",
    weight: 9,
    excerpt: printable(told || `binding ${message.type === TYPE.success ? "success" : "error"}`),
  };
}

function read(response: Response): Fact[] {
  const message = parseStun(response.data);
  if (!message) return [];
  const { attributes } = message;
  const error = attributes.get(ATTRIBUTE.errorCode);
  return named("stun", familyOf(response), {
    software: latin(attributes.get(ATTRIBUTE.software)),
    realm: latin(attributes.get(ATTRIBUTE.realm)),
    error: error && error.length >= 4 ? ((error[2] ?? 0) & 7) * 100 + (error[3] ?? 0) : null,
    discovery: attributes.has(ATTRIBUTE.other) ? "yes" : null,
    attributes: [...attributes.keys()].map((type) => type.toString(16).padStart(4, "0")).join(" "),
  });
}

export const stun: Protocol = {
  name: "stun",
  transports: ["udp", "tcp"],
  speaksFirst: "client",
  openers: () => [binding],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
