// apcupsd's network information server: requests and answers are strings after two bytes of length; an empty one ends the
// answer. `status` reads what every monitoring client reads, the daemon's own version among it.
// Source: Apcupsd user manual, "NIS Server/Client"; real daemon.
import { printable, type Response } from "../model/observation.ts";
import { join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const STATUS = "status";
/** Records of a status; real ones are about forty. */
const MAX_RECORDS = 100;
const MAX_RECORD = 256;

/** The strings of an answer that came so far; null when its lengths do not hold. */
function nisRecords(data: Uint8Array): string[] | null {
  const r = reader(data);
  const records: string[] = [];
  while (r.left > 2 && records.length < MAX_RECORDS) {
    const size = r.u16();
    if (size === 0) break;
    if (size > MAX_RECORD) return null;
    const text = r.text(size);
    if (r.failed) break;
    if (!/^[\x20-\x7e]{1,255}\n?$/.test(text)) return null;
    records.push(text.trimEnd());
  }
  return records.length > 0 ? records : null;
}

function read({ data }: Response): Reading | null {
  const records = nisRecords(data);
  if (!records) return null;
  const [first = ""] = records;
  if (first === "Invalid command")
    return { service: "apcupsd", weight: 8, excerpt: first, values: { reply: first } };
  if (!/^APC {1,8}: \d{3},\d{3},\d{4}$/.test(first)) return null;
  const value = (key: string) =>
    records
      .find((record) => record.startsWith(`${key} `) && record.includes(": "))
      ?.replace(/^[^:]*: /, "")
      .trim();
  return {
    service: "apcupsd",
    weight: 9,
    excerpt: printable(first),
    values: { version: value("VERSION"), model: value("MODEL"), hostname: value("HOSTNAME") },
  };
}

export const apcupsd: Protocol = readingProtocol({
  name: "apcupsd",
  prefix: "apcupsd",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "apcupsd.status",
      data: join(0, STATUS.length, STATUS),
      complete: (received) => received.length > 4 && received.at(-1) === 0 && received.at(-2) === 0,
    },
  ],
  read,
});
