// Teeworlds and DDNet: a browser's question for the server's information. Servers up to 0.6, and DDNet's, answer at once; since 0.7 a token is
// exchanged before, so that nobody is answered who does not hear.
// Sources: Teeworlds' network.h and network_token.cpp (packet header: six bits of flags, two of version; control message 5, padded to 512 bytes);
// mastersrv.h ("gie3", "inf3": token, version, name, map).
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes, join, startsWith } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol, Session } from "./types.ts";

const OOB = "\xff\xff\xff\xff";
/** Up to 0.6: six bytes of header for a packet without connection, the question, one byte that comes back. */
const OLD_QUESTION = bytes(`${"\xff".repeat(6)}${OOB}gie3\x44`);
const OLD_ANSWER = `${"\xff".repeat(6)}${OOB}inf3`;
const MY_TOKEN = "DPLT";
const NO_TOKEN = OOB;
/** Flags: control. */
const CONTROL = 0x04;
const TOKEN_MESSAGE = 5;
/** A request is as long as the longest answer may be (RFC-less: anti-amplification in network.h). */
const PADDING = 512;
/** Flags: connectionless (8), version 1. */
const CONNECTIONLESS = 0x21;
const tokenQuestion = join(CONTROL, 0, 0, NO_TOKEN, TOKEN_MESSAGE, MY_TOKEN, new Uint8Array(PADDING));

/** The server's token. Null when the bytes are something else. */
function tokenOf(data: Uint8Array): Uint8Array | null {
  const mine = startsWith(data.subarray(1), `\0\0${MY_TOKEN}\x05`) && (data[0] ?? 0) >> 2 === CONTROL >> 2;
  return mine && data.length >= 12 ? data.slice(8, 12) : null;
}

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, 1024));
  const old = text.startsWith(OLD_ANSWER) && text.slice(OLD_ANSWER.length).split("\0");
  if (old) return reading(old[1]);
  const now = data[0] === CONNECTIONLESS && text.slice(9, 17) === `${OOB}inf3` ? text.slice(17) : null;
  // The token is a packed integer of up to five bytes: the version begins with its digit.
  if (now !== null) return reading(/^[\s\S]{1,5}?(\d\.\d[^\0]{0,30})\0/.exec(now)?.[1]);
  return tokenOf(data)
    ? { service: "teeworlds", weight: 9, excerpt: "token", values: { answer: "token" } }
    : null;
}

function reading(version: string | undefined): Reading {
  return {
    service: "teeworlds",
    weight: 9,
    excerpt: printable(version ?? "information"),
    values: { version },
  };
}

async function converse(session: Session): Promise<void> {
  const token = session.responses.map(({ data }) => tokenOf(data)).find((found) => found !== null);
  if (!token) return;
  await session.ask(
    {
      probe: "teeworlds.info",
      data: join(CONNECTIONLESS, token, MY_TOKEN, `${OOB}gie3`, 0),
      complete: () => true,
    },
    { here: true },
  );
}

export const teeworlds: Protocol = {
  ...readingProtocol({
    name: "teeworlds",
    prefix: "teeworlds",
    transports: ["udp"],
    speaksFirst: "client",
    openers: () => [
      { probe: "teeworlds.old", data: OLD_QUESTION, complete: () => true },
      { probe: "teeworlds.token", data: tokenQuestion, complete: () => true },
    ],
    read,
  }),
  converse,
};
