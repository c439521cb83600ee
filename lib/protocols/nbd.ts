// Network block device: the server greets with its magic and what it can do, and waits for the client's flags. They are sent with
// the option that ends the session, so that no export is ever opened or even listed.
// Source: NBD project, "The NBD protocol" (doc/proto.md), sections "Newstyle negotiation" and "Oldstyle negotiation".
import type { Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const MAGIC = "NBDMAGIC";
const NEWSTYLE = "IHAVEOPT";
/** The second magic of servers before 3.0. */
const OLDSTYLE = "\0\0\x42\x02\x81\x86\x12\x53";
/** Handshake flags: fixed newstyle, no zeroes. */
const FIXED_NEWSTYLE = 1;
const OPTION_ABORT = 2;
/** The server may answer the goodbye or not: long enough for it to go out, ms. */
const GOODBYE_MS = 100;

function read({ data }: Response): Reading | null {
  const r = reader(data);
  if (r.text(8) !== MAGIC) return null;
  const kind = r.text(8);
  if (kind === OLDSTYLE) {
    r.u32(); // upper half of the size
    r.u32();
    return r.failed
      ? null
      : { service: "nbd", weight: 9, excerpt: "oldstyle", values: { style: "oldstyle" } };
  }
  const flags = r.u16();
  if (kind !== NEWSTYLE || r.failed) return null;
  const style = flags & FIXED_NEWSTYLE ? "fixed newstyle" : "newstyle";
  return { service: "nbd", weight: 9, excerpt: `${style}, flags ${flags}`, values: { style, flags } };
}

export const nbd: Protocol = readingProtocol({
  name: "nbd",
  prefix: "nbd",
  transports: ["tcp"],
  speaksFirst: "server",
  openers: () => [],
  read,
  async converse(session) {
    const fixed = session.responses.some((response) => read(response)?.values?.style === "fixed newstyle");
    if (!fixed) return;
    const data = join(big(FIXED_NEWSTYLE, 4), NEWSTYLE, big(OPTION_ABORT, 4), big(0, 4));
    await session.ask({ probe: "nbd.abort", data, timeoutMs: GOODBYE_MS });
  },
});
