// IPMI over LAN: the authentication capabilities of a management controller, which anybody may ask before a
// session, and RMCP's presence ping. Versions, authentication types, and whether anonymous login is left
// open.
// Source: IPMI v2.0 sections 13.1 (RMCP), 13.6 (session header), 13.8 (message), 22.13 (Get Channel
// Authentication Capabilities); ASF 2.0 sections 3.2.4.1-3.2.4.3 (presence ping and pong); IANA enterprise
// numbers.
import type { Fact, Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

/** RMCP version 1.0, reserved, sequence 255: no acknowledgement wanted. */
const RMCP = [0x06, 0x00, 0xff];
const CLASS = { asf: 0x06, ipmi: 0x07 };
const ASF = { enterprise: 4542, ping: 0x80, pong: 0x40 };
/** Network function "application" asked and answered, in the upper six bits. */
const APPLICATION = { request: 0x18, response: 0x1c };
const GET_CAPABILITIES = 0x38;
const ADDRESS = { controller: 0x20, remote: 0x81 };
/** Bit 7 asks for the extended data of version 2.0; channel 14 is the one we came by. */
const THIS_CHANNEL = 0x8e;
const ADMINISTRATOR = 4;
const AUTHENTICATION = ["none", "md2", "md5", null, "password", "oem"];
const LOGIN = ["anonymous", "null user", "non-null user"];

/** Sum over bytes and checksum is 0 modulo 256 (section 13.8). */
function checksum(...values: number[]): number {
  return -values.reduce((sum, value) => sum + value, 0) & 0xff;
}

const head = [ADDRESS.controller, APPLICATION.request];
const body = [ADDRESS.remote, 0, GET_CAPABILITIES, THIS_CHANNEL, ADMINISTRATOR];
const message = join(...head, checksum(...head), ...body, checksum(...body));
const capabilities: Ask = {
  probe: "ipmi.capabilities",
  // no authentication, sequence 0, session 0
  data: join(...RMCP, CLASS.ipmi, 0, big(0, 4), big(0, 4), message.length, message),
  complete: (received) => parseCapabilities(received) !== null,
};
const presence: Ask = {
  probe: "ipmi.presence",
  data: join(...RMCP, CLASS.asf, big(ASF.enterprise, 4), ASF.ping, 0x44, 0, 0),
  complete: (received) => parsePong(received) !== null,
};

export interface Capabilities {
  completion: number;
  authentication: string[];
  login: string[];
  version: string;
  /** IANA enterprise number, where vendor authentication is offered. */
  oem: number | null;
}

function startsRmcp(data: Uint8Array, messageClass: number): boolean {
  return data[0] === RMCP[0] && data[1] === 0 && data[3] === messageClass;
}

/** The answer to our question. Null when the bytes are something else. */
function parseCapabilities(data: Uint8Array): Capabilities | null {
  if (!startsRmcp(data, CLASS.ipmi)) return null;
  const session = reader(data, 4);
  if (session.u8() !== 0) return null;
  session.take(8);
  const r = reader(session.take(session.u8()));
  const [to, network] = [r.u8(), r.u8()];
  r.take(3); // checksum, responder, sequence
  const command = r.u8();
  const completion = r.u8();
  if (session.failed || r.failed || to !== ADDRESS.remote) return null;
  if ((network & 0xfc) !== APPLICATION.response || command !== GET_CAPABILITIES) return null;
  if (completion !== 0) return { completion, authentication: [], login: [], version: "", oem: null };
  r.u8(); // channel
  const [types, status, extended] = [r.u8(), r.u8(), r.u8()];
  const oem = r.u8() + r.u8() * 256 + r.u8() * 65_536;
  if (r.failed) return null;
  return {
    completion,
    authentication: AUTHENTICATION.flatMap((name, bit) => (name && types & (1 << bit) ? [name] : [])),
    // bits 0 to 2, the widest door first
    login: LOGIN.flatMap((name, bit) => (status & (1 << bit) ? [name] : [])),
    version: types & 0x80 && extended & 0x02 ? "2.0" : "1.5",
    oem: oem || null,
  };
}

/** Enterprise number and supported entities of a presence pong. Null when the bytes are something else. */
function parsePong(data: Uint8Array): { enterprise: number; ipmi: boolean } | null {
  if (!startsRmcp(data, CLASS.asf)) return null;
  const r = reader(data, 4);
  const [own, type] = [r.u32(), r.u8()];
  r.take(2);
  const length = r.u8();
  const enterprise = r.u32();
  r.take(4);
  const entities = r.u8();
  if (r.failed || own !== ASF.enterprise || type !== ASF.pong || length !== 16) return null;
  return { enterprise, ipmi: (entities & 0x80) !== 0 };
}

function recognise({ data }: Response): Recognition | null {
  const told = parseCapabilities(data);
  if (told) return { service: "asf-rmcp", weight: 9, excerpt: `IPMI ${told.version || "refuses"}`.trim() };
  const pong = parsePong(data);
  return pong && { service: "asf-rmcp", weight: 9, excerpt: `presence pong of ${pong.enterprise}` };
}

function read(response: Response): Fact[] {
  const family = familyOf(response);
  const pong = parsePong(response.data);
  if (pong)
    return named("ipmi", family, {
      enterprise: pong.enterprise === ASF.enterprise ? null : pong.enterprise,
      supported: pong.ipmi ? "yes" : "no",
    });
  const told = parseCapabilities(response.data);
  if (!told) return [];
  return named("ipmi", family, {
    version: told.version,
    authentication: told.authentication.join(" "),
    login: told.login.join(", "),
    enterprise: told.oem,
    completion: told.completion || null,
  });
}

async function converse(session: Session): Promise<void> {
  if (!session.responses.some(({ data }) => parsePong(data))) await session.ask(presence);
}

export const ipmi: Protocol = {
  name: "ipmi",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [capabilities, presence],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
