// The line printer daemon: we ask for the short state of a queue that is not there; nothing is printed, removed or
// restarted. The answer is free text, so each family of servers is known by its own words.
// Source: RFC 1179 sections 4 (diagnostics), 5.3 (send queue state, short).
import { latin1, printable, type Response } from "../model/observation.ts";
import { join } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import { textLines } from "./reply-lines.ts";
import type { Protocol } from "./types.ts";

/** Daemon command 03: send queue state (short). */
const SHORT_STATE = 3;
const QUEUE = "doorplate";
const STATE_PROBE = "lpd.state";

/** What only these servers say, whatever was asked. */
const OWN_WORDS: readonly RegExp[] = [
  /^(?:[\w.-]{1,100}: )?lpd: /,
  /: Your host does not have line printer access/,
  /^Windows LPD Server/,
  /: Illegal service request/,
  /^Printer: \S{1,100}@\S{1,100}/,
  /no lpd_?connect|lpd: No such (?:file|printer)/i,
];
/** What any printer may say of a queue. */
const QUEUE_WORDS = /\b(?:printer|queue|spool|no entries|lp[dr]?|print (?:server|job))\b/i;

function read({ data, probe }: Response): Reading | null {
  const text = latin1(data.subarray(0, 1024));
  // Some begin with an empty line, or end lines in NUL.
  const line = textLines(text.replace(/\0/g, "\n")).find((one) => one.trim() !== "") ?? "";
  if (!/^[\x20-\x7e\t]{3,300}$/.test(line)) return null;
  const excerpt = printable(line);
  const values = { reply: line.trim() };
  if (OWN_WORDS.some((words) => words.test(line))) return { service: "printer", weight: 9, excerpt, values };
  if (probe !== STATE_PROBE) return null;
  if (line.includes(QUEUE)) return { service: "printer", weight: 7, excerpt, values };
  return QUEUE_WORDS.test(text) ? { service: "printer", weight: 6, excerpt, values } : null;
}

export const lpd: Protocol = readingProtocol({
  name: "lpd",
  prefix: "lpd",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [{ probe: STATE_PROBE, data: join(SHORT_STATE, QUEUE, " \n") }],
  read,
});
