// Finger: an empty query asks who is logged in. Answers are free text; we keep their first line and, of the table
// of users, only the headings: who is logged in is nobody's business here.
// Source: RFC 1288 sections 2.3 (query), 2.5 (processing), 3.2.1 ({Q1} with no user).
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import { textLines } from "./reply-lines.ts";
import type { Protocol } from "./types.ts";

const USERS_PROBE = "finger.users";
const HEADINGS = /^Login\s{1,20}(?:Name\s{1,40})?(?:\*?TTY|Tty)\s{1,10}(?:Idle|When|Login)/;
/** How finger daemons refuse or find nobody. */
const OWN_WORDS: readonly RegExp[] = [
  /^No one (?:is )?logged (?:on|in)\b/i,
  /^finger: [^\r\n]{1,100}: no such user/i,
  /^(?:The )?finger online user list denied/i,
  /^Login(?: name)?: [^\r\n]{1,200}(?:In real life|Name): /i,
  /\bmust provide username\b/i,
  /^Login name: GET\b/i,
  // cfingerd blames whoever has no identd.
  /^\s{0,40}This may be caused by a missing RFC ?1413 identd/i,
];

function read({ data, probe }: Response): Reading | null {
  const lines = textLines(latin1(data.subarray(0, 4096))).filter((line) => line.trim() !== "");
  const headings = lines.find((line) => HEADINGS.test(line));
  const own = lines.find((line) => OWN_WORDS.some((words) => words.test(line)));
  const line = headings ?? own;
  if (line === undefined) return null;
  const reply = line.replace(/\s{1,100}/g, " ").trim();
  return {
    service: "finger",
    weight: probe === USERS_PROBE || headings ? 9 : 8,
    excerpt: printable(reply),
    values: { reply: reply.slice(0, 120), users: headings ? "listed" : null },
  };
}

export const finger: Protocol = readingProtocol({
  name: "finger",
  prefix: "finger",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [{ probe: USERS_PROBE, data: bytes("\r\n") }],
  read,
});
