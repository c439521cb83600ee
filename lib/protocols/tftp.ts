// TFTP: a read request for a file that surely is not there is answered with an ERROR packet, whose text is
// each server's own. RFC 1350 lets the server answer from a new port (its transfer identifier), which a
// connected socket does not hear. Nothing is transferred: an ERROR ends the exchange on both sides.
// Source: RFC 1350 sections 4 (transfer identifiers), 5 (packets) and the appendix (error codes); RFC 2347
// (code 8).
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const OPCODE = { readRequest: 1, data: 3, error: 5 };
/** Highest error code: refused options (RFC 2347). */
const MAX_CODE = 8;
/** Largest packet without negotiated options: four bytes of header, 512 of data. */
const MAX_PACKET = 516;
/** A name that says who asked; nobody has this file. */
const FILE = "doorplate-no-such-file";

const readRequest: Ask = {
  probe: "tftp.read",
  data: join(big(OPCODE.readRequest, 2), FILE, 0, "octet", 0),
  complete: (received) => received.length >= 4,
  anyPort: true,
};

export interface TftpError {
  code: number;
  text: string;
  /** The text ended in its NUL, and nothing followed. */
  whole: boolean;
}

/** An ERROR packet. Null when the bytes are something else. */
function parseError(data: Uint8Array): TftpError | null {
  const r = reader(data);
  const opcode = r.u16();
  const code = r.u16();
  if (r.failed || opcode !== OPCODE.error || code > MAX_CODE || data.length > MAX_PACKET) return null;
  const rest = latin1(data.subarray(4));
  const text = rest.replace(/\0$/, "");
  return /^[\x20-\x7e\x80-\xff]*[\r\n]{0,2}$/.test(text)
    ? { code, text: text.trim(), whole: rest.length > text.length }
    : null;
}

const asked = ({ probe }: Response): boolean => probe === readRequest.probe || /tftp/i.test(probe);

function recognise(response: Response): Recognition | null {
  const { data } = response;
  const error = parseError(data);
  if (error && (asked(response) || (error.whole && error.text.length >= 6)))
    return {
      service: "tftp",
      weight: asked(response) ? 9 : 6,
      excerpt: printable(`error ${error.code}: ${error.text}`),
    };
  // a server that has anything under any name starts to send it
  const r = reader(data);
  if (asked(response) && data.length <= MAX_PACKET && r.u16() === OPCODE.data && r.u16() === 1 && !r.failed)
    return { service: "tftp", weight: 7, excerpt: "data, block 1" };
  return null;
}

function read(response: Response): Fact[] {
  const error = recognise(response) && parseError(response.data);
  return error ? named("tftp", familyOf(response), { errorCode: error.code, error: error.text }) : [];
}

export const tftp: Protocol = {
  name: "tftp",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [readRequest],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
