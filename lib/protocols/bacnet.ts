// BACnet/IP: the device object is read by its wildcard instance: its name, then vendor, model and the
// revisions of firmware and application. Who does not know the wildcard is asked by Who-Is for its instance
// first. ReadProperty and Who-Is only, to this one address; nothing is broadcast, nothing written.
// Source: ASHRAE 135 annex J.2 (BVLC), clauses 6.2 (NPDU), 20.1 (APDU encoding), 20.2 (tags), 15.5
// (ReadProperty), 16.10 (Who-Is), 12.11 (device object), 21 (property and object numbers).
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, type Reader, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

const BVLC = { type: 0x81, result: 0x00, forwarded: 0x04, unicast: 0x0a, broadcast: 0x0b };
const NPDU_VERSION = 1;
const NPDU = { networkMessage: 0x80, destination: 0x20, source: 0x08, expectsReply: 0x04 };
/** APDU types, in the upper four bits. */
const APDU = { confirmed: 0x0, unconfirmed: 0x1, complexAck: 0x3, error: 0x5, reject: 0x6, abort: 0x7 };
const READ_PROPERTY = 12;
const I_AM = 0;
const WHO_IS = 8;
/** Up to 1,476 bytes, no segments. */
const MAX_APDU = 0x05;
/**
 * Object type 8 (device) in the upper ten bits; instance 4194303 is whichever device this is (clause 15.5).
 */
const DEVICE = 8 * 2 ** 22;
const ANY_INSTANCE = 0x3fffff;
/** Invoke id of ours, echoed. */
const INVOKE = 0x44;
/** Application tags with their length: an object identifier, a character string (length in the low bits). */
const TAG = { object: 0xc4, text: 7 };
const PROPERTY = { name: 77, vendor: 121, model: 70, firmware: 44, application: 12 };
const FACT: Record<number, string> = {
  [PROPERTY.name]: "objectName",
  [PROPERTY.vendor]: "vendor",
  [PROPERTY.model]: "model",
  [PROPERTY.firmware]: "firmware",
  [PROPERTY.application]: "application",
};

function ask(probe: string, expects: number, ...apdu: (number | Uint8Array)[]): Ask {
  const body = join(...apdu);
  return {
    probe,
    data: join(BVLC.type, BVLC.unicast, big(body.length + 6, 2), NPDU_VERSION, expects, body),
    complete: (received) => parseBacnet(received) !== null,
  };
}
function readProperty(name: keyof typeof PROPERTY, instance = ANY_INSTANCE): Ask {
  const head = [APDU.confirmed << 4, MAX_APDU, INVOKE, READ_PROPERTY];
  const object = big(DEVICE + instance, 4);
  return ask(`bacnet.${name}`, NPDU.expectsReply, ...head, 0x0c, object, 0x19, PROPERTY[name]);
}
const whoIs = ask("bacnet.whoIs", 0, APDU.unconfirmed << 4, WHO_IS);

export interface BacnetAnswer {
  kind: "value" | "error" | "refusal" | "i-am" | "other";
  /** Our invoke id. */
  echoed: boolean;
  property: number | null;
  instance: number | null;
  /** ASHRAE's number of the maker. */
  vendorId: number | null;
  text: string | null;
}
const NOTHING: BacnetAnswer = {
  kind: "other",
  echoed: false,
  property: null,
  instance: null,
  vendorId: null,
  text: null,
};

/** A character string in UTF-8 (older devices call character set 0 ANSI); null for any other value. */
function readText(r: Reader): string | null {
  const head = r.u8();
  let length = head & 7;
  if (length === 5) length = r.u8();
  if (length === 254) length = r.u16();
  const value = r.take(length);
  return head >> 4 === TAG.text && value[0] === 0 ? latin1(value.subarray(1)) : null;
}

/** Who answers Who-Is: object identifier, longest message, segmentation, maker. */
function readIAm(r: Reader): BacnetAnswer | null {
  const tag = r.u8();
  const object = r.u32();
  r.take(r.u8() & 7);
  r.take(r.u8() & 7);
  const vendorId = r.take(r.u8() & 7).reduce((sum, byte) => sum * 256 + byte, 0);
  if (r.failed || tag !== TAG.object) return null;
  return { ...NOTHING, kind: "i-am", instance: object & ANY_INSTANCE, vendorId };
}

/** A datagram of BACnet/IP. Null when the bytes are something else. */
function parseBacnet(data: Uint8Array): BacnetAnswer | null {
  const r = reader(data);
  const type = r.u8();
  const bvlc = r.u8();
  const length = r.u16();
  if (r.failed || type !== BVLC.type || length !== data.length) return null;
  if (bvlc === BVLC.result) return length === 6 ? NOTHING : null;
  if (bvlc === BVLC.forwarded) r.take(6);
  else if (bvlc !== BVLC.unicast && bvlc !== BVLC.broadcast) return null;
  if (r.u8() !== NPDU_VERSION) return null;
  const flags = r.u8();
  for (const side of [NPDU.destination, NPDU.source])
    if (flags & side) {
      r.take(2);
      r.take(r.u8());
    }
  if (flags & NPDU.destination) r.u8(); // hops left
  if (r.failed) return null;
  if (flags & NPDU.networkMessage) return NOTHING;
  const kind = r.u8() >> 4;
  const invoke = r.u8();
  if (kind === APDU.unconfirmed) return invoke === I_AM ? readIAm(r) : NOTHING;
  const service = r.u8();
  if (r.failed) return null;
  const answer = { ...NOTHING, echoed: invoke === INVOKE };
  if (kind === APDU.reject || kind === APDU.abort) return { ...answer, kind: "refusal" };
  if (kind === APDU.error && service === READ_PROPERTY) return { ...answer, kind: "error" };
  if (kind !== APDU.complexAck || service !== READ_PROPERTY) return NOTHING;
  if (r.u8() !== 0x0c) return null;
  const object = r.u32();
  if (r.u8() !== 0x19) return null;
  const property = r.u8();
  if (r.u8() !== 0x3e) return null;
  const text = readText(r);
  return r.failed ? null : { ...answer, kind: "value", property, instance: object & ANY_INSTANCE, text };
}

function recognise({ data }: Response): Recognition | null {
  const answer = parseBacnet(data);
  return (
    answer && {
      service: "bacnet",
      weight: answer.echoed ? 9 : 7,
      excerpt: printable(answer.text ?? answer.kind),
    }
  );
}

function read(response: Response): Fact[] {
  const answer = parseBacnet(response.data);
  if (!answer) return [];
  const name = FACT[answer.property ?? -1];
  return named("bacnet", familyOf(response), {
    ...(name ? { [name]: answer.text } : {}),
    instance: answer.instance,
    vendorId: answer.vendorId,
    answer: answer.kind === "error" || answer.kind === "refusal" ? answer.kind : null,
  });
}

async function converse(session: Session): Promise<void> {
  const answers = () => session.responses.flatMap(({ data }) => parseBacnet(data) ?? []);
  if (!answers().some(({ kind }) => kind === "error")) {
    for (const name of ["vendor", "model", "firmware", "application"] as const)
      if (!(await session.ask(readProperty(name)))) return;
    return;
  }
  await session.ask(whoIs);
  const instance = answers().find(({ kind }) => kind === "i-am")?.instance;
  if (instance === undefined || instance === null) return;
  for (const name of ["name", "model", "firmware"] as const)
    if (!(await session.ask(readProperty(name, instance)))) return;
}

export const bacnet: Protocol = {
  name: "bacnet",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [readProperty("name")],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
