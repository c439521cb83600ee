// L2TP: a request to open a control connection is answered with the server's host name, vendor and firmware
// revision. The connection is then stopped by name, so that no half-open tunnel stays behind.
// Source: RFC 2661 sections 3.1 (header), 4.1 (AVP format), 4.4 (AVPs), 6.1-6.4 (SCCRQ, SCCRP, SCCCN,
// StopCCN).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

/** Type, length and sequence bits, version 2: the header of every control message. */
const CONTROL = 0xc802;
const HEADER = 12;
const MESSAGE = { request: 1, reply: 2, stop: 4 };
const AVP = {
  messageType: 0,
  resultCode: 1,
  protocolVersion: 2,
  framing: 3,
  firmware: 6,
  hostName: 7,
  vendorName: 8,
  tunnel: 9,
  window: 10,
};
const MANDATORY = 0x8000;
const LENGTH_MASK = 0x3ff;
/** Our tunnel id, to which the server addresses its answers. */
const TUNNEL = 0x4450;
const MAX_AVPS = 64;
/** Nobody waits for the acknowledgement of a stop, ms. */
const GOODBYE_WAIT_MS = 1;

const avp = (type: number, value: Uint8Array) =>
  join(big(MANDATORY | (6 + value.length), 2), big(0, 2), big(type, 2), value);

function control(tunnel: number, sent: number, received: number, ...avps: Uint8Array[]): Uint8Array {
  const body = join(...avps);
  const head = [CONTROL, HEADER + body.length, tunnel, 0, sent, received].map((value) => big(value, 2));
  return join(...head, body);
}

const start: Ask = {
  probe: "l2tp.start",
  data: control(
    0,
    0,
    0,
    avp(AVP.messageType, big(MESSAGE.request, 2)),
    avp(AVP.protocolVersion, big(0x0100, 2)),
    avp(AVP.hostName, join("doorplate")),
    avp(AVP.framing, big(3, 4)),
    avp(AVP.tunnel, big(TUNNEL, 2)),
    avp(AVP.window, big(4, 2)),
  ),
  complete: (received) => parseControl(received) !== null,
};
/** Result code 1: general request to clear the connection. */
const stop = (tunnel: number) =>
  control(
    tunnel,
    1,
    1,
    avp(AVP.messageType, big(MESSAGE.stop, 2)),
    avp(AVP.tunnel, big(TUNNEL, 2)),
    avp(AVP.resultCode, big(1, 2)),
  );

export interface ControlMessage {
  /** The tunnel id it is addressed to is ours. */
  echoed: boolean;
  type: number;
  avps: Map<number, Uint8Array>;
}

/** The first control message with AVPs. Null when the bytes are something else. */
function parseControl(data: Uint8Array): ControlMessage | null {
  // an acknowledgement without AVPs may come first, in a datagram of its own
  const bare = data.length > HEADER && reader(data).u16() === CONTROL && reader(data, 2).u16() === HEADER;
  const all = bare ? data.subarray(HEADER) : data;
  const r = reader(all);
  const flags = r.u16();
  const length = r.u16();
  const tunnel = r.u16();
  const session = r.u16();
  r.take(4);
  if (r.failed || flags !== CONTROL || session !== 0 || length <= HEADER || length > all.length) return null;
  const body = reader(all.subarray(HEADER, length));
  const avps = new Map<number, Uint8Array>();
  while (body.left > 0 && avps.size < MAX_AVPS) {
    const head = body.u16();
    const vendor = body.u16();
    const type = body.u16();
    const value = body.take((head & LENGTH_MASK) - 6);
    if (body.failed) return null;
    if (vendor === 0 && !avps.has(type)) avps.set(type, value);
  }
  const type = reader(avps.get(AVP.messageType) ?? new Uint8Array(0)).u16();
  return type === 0 ? null : { echoed: tunnel === TUNNEL, type, avps };
}

/** `0x0690` */
const hex = (value: Uint8Array | undefined) => value && `0x${Buffer.from(value).toString("hex")}`;
const text = (value: Uint8Array | undefined) =>
  value &&
  Buffer.from(value)
    .toString("latin1")
    .replace(/\0[\s\S]*$/, "");

function recognise({ data }: Response): Recognition | null {
  const message = parseControl(data);
  if (!message || (message.type !== MESSAGE.reply && message.type !== MESSAGE.stop)) return null;
  const told = [text(message.avps.get(AVP.vendorName)), text(message.avps.get(AVP.hostName))];
  return {
    service: "l2tp",
    weight: message.echoed || message.type === MESSAGE.reply ? 9 : 7,
    excerpt: printable(told.filter(Boolean).join(" ") || `message ${message.type}`),
  };
}

function read(response: Response): Fact[] {
  const message = recognise(response) && parseControl(response.data);
  if (!message) return [];
  const vendor = text(message.avps.get(AVP.vendorName));
  const firmware = hex(message.avps.get(AVP.firmware));
  return named("l2tp", familyOf(response), {
    hostName: text(message.avps.get(AVP.hostName)),
    vendor,
    firmware,
    server: vendor && firmware ? `${vendor} ${firmware}` : null,
    refused: message.type === MESSAGE.stop ? hex(message.avps.get(AVP.resultCode)) : null,
  });
}

async function converse(session: Session): Promise<void> {
  for (const { data } of session.responses) {
    const message = parseControl(data);
    const tunnel = reader(message?.avps.get(AVP.tunnel) ?? new Uint8Array(0)).u16();
    if (message?.type !== MESSAGE.reply || tunnel === 0) continue;
    await session.ask({ probe: "l2tp.stop", data: stop(tunnel), timeoutMs: GOODBYE_WAIT_MS });
    return;
  }
}

export const l2tp: Protocol = {
  name: "l2tp",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [start],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
