// STOMP: CONNECT without login opens a session that may do nothing until it is allowed to; the broker names itself
// in CONNECTED, or says in ERROR what it misses. Other protocols' requests get an ERROR frame too.
// Source: STOMP 1.2 specification, "Frames and Headers", "Connecting", "ERROR", "Augmented BNF".
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, AskContext, Protocol } from "./types.ts";

const MAX_FRAME = 16_384;
const MAX_HEADERS = 32;

export interface Frame {
  command: string;
  /** The first value of a repeated header holds, as the specification wants. */
  headers: Map<string, string>;
  body: string;
  /** False when the NUL that ends a frame has not come. */
  whole: boolean;
}

/** The first frame; null when the bytes have not a frame's form. */
function parseFrame(data: Uint8Array): Frame | null {
  const text = latin1(data.subarray(0, MAX_FRAME));
  const command = /^(CONNECTED|ERROR|RECEIPT|MESSAGE)\r?\n/.exec(text);
  if (!command?.[1]) return null;
  const headers = new Map<string, string>();
  let at = command[0].length;
  for (;;) {
    const end = text.indexOf("\n", at);
    if (end < 0 || headers.size > MAX_HEADERS) return null;
    const line = text.slice(at, end).replace(/\r$/, "");
    at = end + 1;
    if (line === "") break;
    const colon = line.indexOf(":");
    if (colon < 1) return null;
    const name = line.slice(0, colon).trim();
    if (!/^[\w.-]{1,60}$/.test(name)) return null;
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1, colon + 401).trim());
  }
  const end = text.indexOf("\0", at);
  return {
    command: command[1],
    headers,
    body: text.slice(at, end < 0 ? undefined : end),
    whole: end >= 0,
  };
}

function connect(context: AskContext): Ask {
  const host = (context.hostname ?? context.host).replace(/[^\w.-]/g, "");
  return {
    probe: "stomp.connect",
    data: bytes(`CONNECT\naccept-version:1.0,1.1,1.2\nhost:${host}\nheart-beat:0,0\n\n\0\n`),
    complete: (received) => received.includes(0),
  };
}

function read({ data }: Response): Reading | null {
  const frame = parseFrame(data);
  if (!frame) return null;
  const { command, headers } = frame;
  const server = headers.get("server");
  if (command === "CONNECTED" && ["version", "session", "server"].some((name) => headers.has(name))) {
    return {
      service: "stomp",
      weight: 9,
      excerpt: printable(`CONNECTED ${server ?? ""}`.trim()),
      values: { version: headers.get("version"), server, auth: "none" },
    };
  }
  const message = headers.get("message");
  if (command !== "ERROR" || (message === undefined && !headers.has("content-type"))) return null;
  return {
    service: "stomp",
    weight: frame.whole ? 9 : 7,
    excerpt: printable(`ERROR ${message ?? ""}`.trim()),
    values: {
      server,
      version: headers.get("version"),
      error: message,
      errorBody: frame.body.trim().split("\n", 1)[0],
    },
  };
}

export const stomp: Protocol = readingProtocol({
  name: "stomp",
  prefix: "stomp",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: (context) => [connect(context)],
  read,
  async converse(session) {
    // Found by its refusal of somebody else's request: that error ended its connection.
    const asked = session.responses.some(({ probe }) => probe === "stomp.connect");
    const last = asked
      ? session.responses.at(-1)
      : await session.ask(connect(session.context), { fresh: true });
    const connected = last?.probe === "stomp.connect" && parseFrame(last.data)?.command === "CONNECTED";
    if (!connected) return;
    await session.ask({
      probe: "stomp.disconnect",
      data: bytes("DISCONNECT\nreceipt:bye\n\n\0"),
      complete: (received) => received.includes(0),
    });
  },
});
