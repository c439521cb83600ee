// TeamSpeak 3: over UDP the first step of the connection puzzle, which costs the server nothing and tells
// that it is one; over TCP its query interface greets and tells version and platform to anybody.
// Source: TeamSpeak 3 ServerQuery manual (`version`, `quit`); the puzzle's packets as the community documents
// them (ts3protocol: `TS3INIT1`, packet id 101, step in the first byte of the payload).
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, startsWith } from "./binary.ts";
import { bytes } from "./reply-lines.ts";
import type { Ask, AskContext, Protocol, Recognition, Session } from "./types.ts";

const INIT = "TS3INIT1";
const PACKET_ID = 101;
/** Unencrypted, type "init". */
const FLAGS = 0x88;
/** Client build time, seconds since 1970, less the epoch that clients subtract; any recent one does. */
const CLIENT = 0x09cf74fe;
const GREETING = "TS3\n";
const WELCOME = /^TS3\n\r?Welcome to the TeamSpeak 3 ServerQuery/;
const VERSION = /^version=(\S{1,40})(?: build=(\d{1,12}))?(?: platform=(\S{1,40}))?/;
/** Longest wait after `quit`, ms. */
const GOODBYE_WAIT_MS = 100;

const init: Ask = {
  probe: "teamspeak.init",
  // step 0: version, step, time (none told), random, eight zero bytes
  data: join(INIT, big(PACKET_ID, 2), big(0, 2), FLAGS, big(CLIENT, 4), 0, big(0, 4), "DPLT", big(0, 8)),
  complete: (received) => received.length >= 12,
};
const version: Ask = {
  probe: "teamspeak.version",
  data: bytes("version\n"),
  complete: (received) => /error id=\d{1,5} [^\n]*\n/.test(latin1(received.subarray(0, 1024))),
};
const quit: Ask = { probe: "teamspeak.quit", data: bytes("quit\n"), timeoutMs: GOODBYE_WAIT_MS };

function recognise({ data, probe }: Response): Recognition | null {
  const text = latin1(data.subarray(0, 1024));
  if (startsWith(data, INIT) && data.length >= 12) return { service: "teamspeak", weight: 9, excerpt: INIT };
  if (WELCOME.test(text)) return { service: "teamspeak", weight: 9, excerpt: printable(text.slice(0, 60)) };
  if (probe === version.probe && VERSION.test(text))
    return { service: "teamspeak", weight: 9, excerpt: printable(text.split("\n", 1)[0] ?? "") };
  return text.startsWith(GREETING) ? { service: "teamspeak", weight: 4, excerpt: "TS3" } : null;
}

function read(response: Response): Fact[] {
  const text = latin1(response.data.subarray(0, 1024));
  const family = familyOf(response);
  if (startsWith(response.data, INIT)) return named("teamspeak", family, { reply: INIT });
  if (WELCOME.test(text)) return named("teamspeak", family, { reply: "ServerQuery" });
  const told = response.probe === version.probe ? VERSION.exec(text) : null;
  return told ? named("teamspeak", family, { version: told[1], build: told[2], platform: told[3] }) : [];
}

async function converse(session: Session): Promise<void> {
  if (session.context.transport === "udp") return;
  if (await session.ask(version)) await session.ask(quit);
}

export const teamspeak: Protocol = {
  name: "teamspeak",
  transports: ["udp", "tcp"],
  speaksFirst: "server",
  openers: ({ transport }: AskContext) => (transport === "udp" ? [init] : []),
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
