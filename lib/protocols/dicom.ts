// DICOM: an association for verification alone. Its acceptance carries the implementation's class and version
// name; a rejection says why. An accepted association is released; no image or patient is asked for.
// Source: DICOM PS3.8 sections 9.3.2-9.3.4 (A-ASSOCIATE-RQ, -AC, -RJ), 9.3.6 (release); PS3.7 annex D.3.3
// (implementation).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

const PDU = { request: 1, accept: 2, reject: 3, release: 5, abort: 7 };
const ITEM = { context: 0x10, presentation: 0x20, abstract: 0x30, transfer: 0x40, user: 0x50 };
const USER_ITEM = { maxLength: 0x51, implementation: 0x52, version: 0x55 };
const PROTOCOL = 1;
const UID = {
  application: "1.2.840.10008.3.1.1.1",
  verification: "1.2.840.10008.1.1",
  implicitLittle: "1.2.840.10008.1.2",
  /** Ours, derived from a UUID (PS3.5 annex B.2). */
  doorplate: "2.25.171327437466592846021938374652019283746",
};
const NAME = 16;
const MAX_LENGTH = 16_384;
/** Largest association PDU that is read, bytes. */
const MAX_PDU = 32_768;
const MAX_ITEMS = 64;
/** Reasons of rejection: by source, then reason. */
const REASONS: Record<string, string> = {
  "1.1": "no reason given",
  "1.2": "application context not supported",
  "1.3": "calling title not recognised",
  "1.7": "called title not recognised",
  "2.1": "no reason given",
  "2.2": "protocol version not supported",
  "3.1": "temporary congestion",
  "3.2": "local limit exceeded",
};

const item = (type: number, ...parts: (number | string | Uint8Array)[]) => {
  const body = join(...parts);
  return join(type, 0, big(body.length, 2), body);
};
const pdu = (type: number, ...parts: (number | string | Uint8Array)[]) => {
  const body = join(...parts);
  return join(type, 0, big(body.length, 4), body);
};
const whole = (received: Uint8Array) =>
  received.length >= 6 && received.length >= 6 + reader(received, 2).u32();

const associate: Ask = {
  probe: "dicom.associate",
  data: pdu(
    PDU.request,
    big(PROTOCOL, 2),
    big(0, 2),
    "ANY-SCP".padEnd(NAME),
    "DOORPLATE".padEnd(NAME),
    new Uint8Array(32),
    item(ITEM.context, UID.application),
    item(
      ITEM.presentation,
      ...[1, 0, 0, 0],
      item(ITEM.abstract, UID.verification),
      item(ITEM.transfer, UID.implicitLittle),
    ),
    item(
      ITEM.user,
      item(USER_ITEM.maxLength, big(MAX_LENGTH, 4)),
      item(USER_ITEM.implementation, UID.doorplate),
      item(USER_ITEM.version, "DOORPLATE"),
    ),
  ),
  complete: whole,
};
const release: Ask = { probe: "dicom.release", data: pdu(PDU.release, big(0, 4)), complete: whole };

export interface Association {
  result: "accepted" | "rejected" | "aborted";
  reason: string | null;
  calledTitle: string | null;
  implementation: string | null;
  version: string | null;
}

/** Items of a PDU or of another item; null when one runs over the end. */
function itemsOf(data: Uint8Array): Map<number, Uint8Array> | null {
  const r = reader(data);
  const items = new Map<number, Uint8Array>();
  for (let n = 0; r.left > 0 && n < MAX_ITEMS; n++) {
    const type = r.u8();
    r.u8();
    const value = r.take(r.u16());
    if (r.failed) return null;
    if (!items.has(type)) items.set(type, value);
  }
  return items;
}

const text = (value: Uint8Array | undefined) =>
  value
    ? Buffer.from(value)
        .toString("latin1")
        .replace(/[\0 ]+$/, "")
    : null;

/** What a server says to an association request. Null when the bytes are something else. */
function parseAssociation(data: Uint8Array): Association | null {
  const r = reader(data);
  const [type, reserved, length] = [r.u8(), r.u8(), r.u32()];
  if (r.failed || reserved !== 0 || length > MAX_PDU || length > data.length - 6) return null;
  const none = { reason: null, calledTitle: null, implementation: null, version: null };
  if (type === PDU.reject || type === PDU.abort) {
    if (length !== 4 || data.length !== 10 || r.u8() !== 0) return null;
    const [result, source, reason] = [r.u8(), r.u8(), r.u8()];
    if (type === PDU.abort)
      return result === 0 && (source === 0 || source === 2) && reason <= 6
        ? { ...none, result: "aborted", reason: `${source}.${reason}` }
        : null;
    if (result < 1 || result > 2 || source < 1 || source > 3 || reason < 1 || reason > 10) return null;
    return { ...none, result: "rejected", reason: REASONS[`${source}.${reason}`] ?? `${source}.${reason}` };
  }
  if (type !== PDU.accept || (r.u16() & PROTOCOL) === 0) return null;
  r.take(2);
  const calledTitle = r.text(NAME).trim();
  r.take(NAME + 32);
  const items = r.failed ? null : itemsOf(data.subarray(r.at, 6 + length));
  if (!items || text(items.get(ITEM.context)) !== UID.application) return null;
  const user = itemsOf(items.get(ITEM.user) ?? join());
  const implementation = text(user?.get(USER_ITEM.implementation));
  return {
    result: "accepted",
    reason: null,
    calledTitle,
    implementation,
    version: text(user?.get(USER_ITEM.version)),
  };
}

function recognise({ data, probe }: Response): Recognition | null {
  const told = parseAssociation(data);
  if (!told) return null;
  // Ten bytes of small numbers: an abort is what a server says to anything it does not understand.
  const weight =
    told.result === "accepted" ? 9 : probe.startsWith("dicom.") ? 8 : told.result === "rejected" ? 6 : 4;
  return { service: "dicom", weight, excerpt: printable(told.version ?? `${told.result}: ${told.reason}`) };
}

function read(response: Response): Fact[] {
  const told = parseAssociation(response.data);
  if (!told) return [];
  return named("dicom", familyOf(response), {
    result: told.result,
    reason: told.reason,
    calledTitle: told.calledTitle,
    implementation: told.implementation,
    version: told.version,
  });
}

async function converse(session: Session): Promise<void> {
  if (session.responses.some(({ data }) => parseAssociation(data)?.result === "accepted"))
    await session.ask(release);
}

export const dicom: Protocol = {
  name: "dicom",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [associate],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
