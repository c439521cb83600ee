// SANE's network daemon: the first call tells its version and a name, and is answered with a status and the version there. No scanner
// is listed or opened.
// Source: SANE Standard 1.06, chapter 5 (Network Protocol): SANE_NET_INIT.
import type { Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const INIT = 0;
const EXIT = 10;
/** Major 1, build 3 of the network protocol. */
const VERSION = 0x01000003;
const NAME = "doorplate\0";

function read({ data, probe }: Response): Reading | null {
  if (probe !== "sane.init" || data.length !== 8) return null;
  const r = reader(data);
  const status = r.u32();
  const version = r.u32();
  if (status > 11 || version >> 24 !== 1 || (version & 0xffff) > 16) return null;
  return {
    service: "sane",
    weight: 8,
    excerpt: `status ${status}, version ${version.toString(16)}`,
    values: { status, protocol: version & 0xffff },
  };
}

export const sane: Protocol = readingProtocol({
  name: "sane",
  prefix: "sane",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "sane.init",
      data: join(big(INIT, 4), big(VERSION, 4), big(NAME.length, 4), NAME),
      complete: (received) => received.length >= 8,
    },
  ],
  read,
  async converse(session) {
    await session.ask({ probe: "sane.exit", data: big(EXIT, 4), timeoutMs: 50 });
  },
});
