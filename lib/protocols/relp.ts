// RELP, in which syslog daemons pass messages on: numbered frames of text. A session is opened, which tells the library and its version,
// and closed; no message is sent. Whoever says anything else hears "serverclose".
// Source: librelp, "The RELP protocol" (doc/relp.html): frames, `open`, `rsp`, `close`, `serverclose`.
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol, Session } from "./types.ts";

const OFFER = "relp_version=0\nrelp_software=doorplate\ncommands=syslog";
const OPEN = "relp.open";
const frame = (transaction: number, command: string, data = "") =>
  bytes(`${transaction} ${command} ${data.length}${data && ` ${data}`}\n`);
/** The longest answer to `open`, bytes. */
const MAX_ANSWER = 2_000;

/** The length stands in the frame's head; a line feed ends it. */
function complete(received: Uint8Array): boolean {
  const text = latin1(received.subarray(0, MAX_ANSWER));
  const head = /^\d{1,9} [a-z]{1,32} (\d{1,4})[ \n]/.exec(text);
  return head !== null && received.length >= Math.min(head[0].length + Number(head[1]), MAX_ANSWER);
}

const open: Ask = { probe: OPEN, data: frame(1, "open", OFFER), complete };

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, MAX_ANSWER));
  if (/^0 serverclose 0\n/.test(text))
    return { service: "relp", weight: 8, excerpt: "serverclose", values: { close: "serverclose" } };
  const answer = /^1 rsp \d{1,4} (\d{3}[^\n]{0,80})\n([\s\S]{0,1500})/.exec(text);
  if (!answer) return null;
  const told = /(?:^|\n)relp_software=([^\n]{1,120})/.exec(answer[2] ?? "")?.[1];
  const version = /(?:^|\n)relp_version=(\d{1,3})/.exec(answer[2] ?? "")?.[1];
  return {
    service: "relp",
    weight: 9,
    excerpt: printable(told ?? answer[1] ?? ""),
    values: { software: told, version, status: answer[1] },
  };
}

export const relp: Protocol = readingProtocol({
  name: "relp",
  prefix: "relp",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [open],
  read,
  async converse(session: Session) {
    const opened = ({ probe }: Response) => probe === OPEN;
    if (!session.responses.some(opened) && !(await session.ask(open, { fresh: true }))) return;
    await session.ask({ probe: "relp.close", data: frame(2, "close"), complete }, { here: true });
  },
});
