// XDMCP: a display manager asked whether it would manage a display says yes or no, with its host name and a
// status. No display is offered.
// Source: X Display Manager Control Protocol 1.1 sections 3 (Query, Willing, Unwilling) and 5 (encodings).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const VERSION = 1;
const OPCODE = { query: 2, willing: 5, unwilling: 6 };

const query: Ask = {
  probe: "xdmcp.query",
  // one byte follows: no names of authentication methods
  data: join(big(VERSION, 2), big(OPCODE.query, 2), big(1, 2), 0),
  complete: (received) => parseWilling(received) !== null,
};

export interface Willing {
  willing: boolean;
  hostName: string;
  status: string;
}

/** A whole Willing or Unwilling. Null when the bytes are something else. */
function parseWilling(data: Uint8Array): Willing | null {
  const r = reader(data);
  const [version, opcode, length] = [r.u16(), r.u16(), r.u16()];
  if (r.failed || version !== VERSION || length !== data.length - 6) return null;
  if (opcode !== OPCODE.willing && opcode !== OPCODE.unwilling) return null;
  const willing = opcode === OPCODE.willing;
  if (willing) r.take(r.u16()); // name of an authentication method
  const hostName = r.text(r.u16());
  const status = r.text(r.u16());
  return r.failed || r.left > 0 ? null : { willing, hostName, status };
}

function recognise({ data }: Response): Recognition | null {
  const told = parseWilling(data);
  return told && { service: "xdmcp", weight: 9, excerpt: printable(`${told.hostName}: ${told.status}`) };
}

function read(response: Response): Fact[] {
  const told = parseWilling(response.data);
  if (!told) return [];
  const { hostName, status } = told;
  return named("xdmcp", familyOf(response), { willing: told.willing ? "yes" : "no", hostName, status });
}

export const xdmcp: Protocol = {
  name: "xdmcp",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [query],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
