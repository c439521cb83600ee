// PPTP: the start of a control connection is answered with the server's host name, vendor and firmware
// revision; then the connection is stopped as the protocol wants. No call is made.
// Source: RFC 2637 sections 2.1-2.4 (Start- and Stop-Control-Connection-Request and -Reply).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

const MAGIC = 0x1a2b3c4d;
const CONTROL_MESSAGE = 1;
const TYPE = { startRequest: 1, startReply: 2, stopRequest: 3, stopReply: 4 };
/** Sizes of messages, bytes. */
const SIZE = { start: 156, stop: 16 };
const PROTOCOL = 0x0100;
/** Asynchronous and synchronous framing, analogue and digital bearers. */
const BOTH = 3;
const NAME = 64;

const padded = (text: string) => join(text, new Uint8Array(NAME - text.length));
const head = (size: number, type: number) =>
  join(big(size, 2), big(CONTROL_MESSAGE, 2), big(MAGIC, 4), big(type, 2), big(0, 2));
const whole = (received: Uint8Array) => received.length >= 2 && received.length >= reader(received).u16();

const start: Ask = {
  probe: "pptp.start",
  data: join(
    head(SIZE.start, TYPE.startRequest),
    big(PROTOCOL, 2),
    big(0, 2),
    big(BOTH, 4),
    big(BOTH, 4),
    big(0, 2), // channels
    big(0, 2), // firmware
    padded("doorplate"),
    padded(""),
  ),
  complete: whole,
};
/** Reason 1: general request to clear the connection. */
const stop: Ask = {
  probe: "pptp.stop",
  data: join(head(SIZE.stop, TYPE.stopRequest), 1, 0, big(0, 2)),
  complete: whole,
};

export interface StartReply {
  result: number;
  firmware: number;
  hostName: string;
  vendor: string;
}

/** The server's answer to the start. Null when the bytes are something else. */
function parseStart(data: Uint8Array): StartReply | null {
  const r = reader(data);
  const [length, kind, magic, type] = [r.u16(), r.u16(), r.u32(), r.u16()];
  r.take(4); // reserved, protocol version
  const result = r.u8();
  r.take(11); // error, framing, bearers, channels
  const firmware = r.u16();
  const [hostName, vendor] = [r.text(NAME), r.text(NAME)].map((text) =>
    text.replace(/\0[\s\S]*$/, "").trim(),
  );
  if (r.failed || length !== SIZE.start || kind !== CONTROL_MESSAGE || magic !== MAGIC) return null;
  return type === TYPE.startReply
    ? { result, firmware, hostName: hostName ?? "", vendor: vendor ?? "" }
    : null;
}

function recognise({ data }: Response): Recognition | null {
  const reply = parseStart(data);
  if (reply)
    return { service: "pptp", weight: 9, excerpt: printable(`${reply.vendor} ${reply.hostName}`.trim()) };
  const r = reader(data);
  const [length, kind, magic, type] = [r.u16(), r.u16(), r.u32(), r.u16()];
  const control = !r.failed && length >= 12 && length <= 256 && kind === CONTROL_MESSAGE && magic === MAGIC;
  return control ? { service: "pptp", weight: 9, excerpt: `control message ${type}` } : null;
}

function read(response: Response): Fact[] {
  const reply = parseStart(response.data);
  if (!reply) return [];
  return named("pptp", familyOf(response), {
    hostName: reply.hostName,
    vendor: reply.vendor,
    firmware: reply.firmware,
    server: reply.vendor ? `${reply.vendor} ${reply.firmware}` : null,
    result: reply.result === 1 ? null : reply.result,
  });
}

async function converse(session: Session): Promise<void> {
  if (session.responses.some(({ data }) => parseStart(data)?.result === 1)) await session.ask(stop);
}

export const pptp: Protocol = {
  name: "pptp",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [start],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
