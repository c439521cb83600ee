// ISO transport over TCP, as Siemens controllers (S7) and MMS devices speak it: a connection request is
// confirmed or refused. No more is said: what runs above is the plant's.
// Source: RFC 1006 (TPKT), ITU-T X.224 / RFC 905 sections 13.3 (CR), 13.4 (CC), 13.5 (DR), 13.12 (ER).
import type { Fact, Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const TPKT_VERSION = 3;
const COTP = { request: 0xe0, confirm: 0xd0, disconnect: 0x80, error: 0x70 };
const PARAMETER = { tpduSize: 0xc0, calling: 0xc1, called: 0xc2 };
/** Our reference, which the server repeats as its destination. */
const REFERENCE = 0x4450;
/** TPDU size 2^10. */
const TPDU_SIZE = 10;
/** Transport selectors: a programming device asks for the CPU in rack 0, slot 2, where most of them sit. */
const CALLING = 0x0100;
const CALLED = 0x0102;

const request = join(
  COTP.request,
  big(0, 2),
  big(REFERENCE, 2),
  0,
  ...[PARAMETER.tpduSize, 1, TPDU_SIZE],
  join(PARAMETER.calling, 2, big(CALLING, 2)),
  join(PARAMETER.called, 2, big(CALLED, 2)),
);
const connect: Ask = {
  probe: "iso-tsap.connect",
  data: join(TPKT_VERSION, 0, big(request.length + 5, 2), request.length, request),
  complete: (received) => received.length >= 4 && received.length >= reader(received, 2).u16(),
};

export interface TransportAnswer {
  kind: "confirmed" | "refused";
  /** Of a refusal. */
  reason: number | null;
  parameters: Map<number, string>;
}

/** The answer to our request: addressed to our reference. Null when the bytes are something else. */
function parseAnswer(data: Uint8Array): TransportAnswer | null {
  const r = reader(data);
  const [version, reserved, length] = [r.u8(), r.u8(), r.u16()];
  const indicator = r.u8();
  const code = r.u8();
  const destination = r.u16();
  r.u16();
  const reason = r.u8();
  if (r.failed || version !== TPKT_VERSION || reserved !== 0 || length !== data.length) return null;
  if (indicator !== length - 5 || destination !== REFERENCE) return null;
  if (code === COTP.disconnect) return { kind: "refused", reason, parameters: new Map() };
  if ((code & 0xf0) !== COTP.confirm) return null;
  const parameters = new Map<number, string>();
  while (r.left > 0) {
    const type = r.u8();
    const value = Buffer.from(r.take(r.u8())).toString("hex");
    if (r.failed) return null;
    parameters.set(type, value);
  }
  return { kind: "confirmed", reason: null, parameters };
}

function recognise({ data }: Response): Recognition | null {
  const answer = parseAnswer(data);
  return answer && { service: "iso-tsap", weight: 9, excerpt: `connection ${answer.kind}` };
}

function read(response: Response): Fact[] {
  const answer = parseAnswer(response.data);
  if (!answer) return [];
  const size = answer.parameters.get(PARAMETER.tpduSize);
  return named("iso-tsap", familyOf(response), {
    answer: answer.kind,
    reason: answer.reason,
    tpduSize: size === undefined ? null : 2 ** Math.min(16, Number.parseInt(size, 16)),
    called: answer.parameters.get(PARAMETER.called),
  });
}

export const isoTsap: Protocol = {
  name: "iso-tsap",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [connect],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
