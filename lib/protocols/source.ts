// Source engine and the many games that took its query: A2S_INFO tells game, version and operating system.
// Servers may first send a challenge, which goes back with the same question.
// Source: Valve developer wiki "Server queries" (A2S_INFO, S2C_CHALLENGE, extra data flag, "The Ship").
import { type Fact, printable, type Response } from "../model/observation.ts";
import { distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

/** An unsplit packet. */
const SINGLE = "\xff\xff\xff\xff";
const INFO_REQUEST = "TSource Engine Query\0";
const REPLY = { info: 0x49, oldInfo: 0x6d, challenge: 0x41 };
/** The Ship has three more bytes in its answer. */
const THE_SHIP = 2400;
const SERVER_TYPES = "dlp";
const ENVIRONMENTS: Record<string, string> = { l: "Linux", w: "Windows", m: "macOS", o: "macOS" };

const info = (challenge: string): Ask => ({
  probe: challenge === "" ? "source.info" : "source.infoAgain",
  data: join(SINGLE, INFO_REQUEST, challenge),
  complete: (received) => received.length >= 9,
});

export interface SourceInfo {
  protocol: number;
  name: string;
  map: string;
  folder: string;
  game: string;
  application: number;
  os: string | null;
  version: string;
}

/** An answer to A2S_INFO. Null when the bytes are something else. */
function parseInfo(data: Uint8Array): SourceInfo | null {
  const r = reader(data);
  if (r.text(4) !== SINGLE || r.u8() !== REPLY.info) return null;
  const protocol = r.u8();
  const [name = "", map = "", folder = "", game = ""] = [r.cstring(), r.cstring(), r.cstring(), r.cstring()];
  const application = r.u16le();
  r.take(3); // players, most players, bots
  const kind = r.text(1).toLowerCase();
  const environment = r.text(1).toLowerCase();
  const [password, secured] = [r.u8(), r.u8()];
  if (application === THE_SHIP) r.take(3);
  const version = r.cstring();
  if (r.failed || (!SERVER_TYPES.includes(kind) && kind !== "\0") || password > 1 || secured > 1) return null;
  return { protocol, name, map, folder, game, application, os: ENVIRONMENTS[environment] ?? null, version };
}

/** The four bytes of a challenge, or null. */
function parseChallenge(data: Uint8Array): string | null {
  const r = reader(data);
  if (data.length !== 9 || r.text(4) !== SINGLE || r.u8() !== REPLY.challenge) return null;
  return r.text(4);
}

function recognise({ data }: Response): Recognition | null {
  const told = parseInfo(data);
  if (told) return { service: "source", weight: 9, excerpt: printable(`${told.game} ${told.version}`) };
  return parseChallenge(data) === null ? null : { service: "source", weight: 8, excerpt: "challenge" };
}

function read(response: Response): Fact[] {
  const told = parseInfo(response.data);
  if (!told) return [];
  return named("source", familyOf(response), {
    game: told.game,
    folder: told.folder,
    version: told.version,
    server: told.folder && told.version ? `${told.folder} ${told.version}` : null,
    os: told.os,
    name: told.name,
    application: told.application,
    protocol: told.protocol,
  });
}

async function converse(session: Session): Promise<void> {
  if (session.responses.some(({ data }) => parseInfo(data))) return;
  const challenge = session.responses.map(({ data }) => parseChallenge(data)).find((told) => told !== null);
  if (challenge) await session.ask(info(challenge));
}

export const sourceQuery: Protocol = {
  name: "source",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [info("")],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
