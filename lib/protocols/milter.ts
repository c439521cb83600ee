// Mail filters (milters): the first message of a mail server negotiates the protocol's version and options, and is answered in kind. No
// mail follows. Which filter it is does not show.
// Source: Sendmail's milter protocol as documented with MTAs (SMFIC_OPTNEG): length, 'O', version, actions, steps.
import type { Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const NEGOTIATE = 0x4f;
const OFFERED_VERSION = 6;
const BYTES = 13;
/** All that version 6 knows: filters refuse a server that cannot do what they need. */
const ACTIONS = 0x1ff;
const STEPS = 0x1fffff;

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const size = r.u32();
  const command = r.u8();
  const version = r.u32();
  r.u32();
  r.u32();
  if (r.failed || size < BYTES || size > 256 || command !== NEGOTIATE || version < 2 || version > 6)
    return null;
  return {
    service: "milter",
    weight: 8,
    excerpt: `milter protocol ${version}`,
    values: { protocol: version },
  };
}

export const milter: Protocol = readingProtocol({
  name: "milter",
  prefix: "milter",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "milter.negotiate",
      data: join(big(BYTES, 4), NEGOTIATE, big(OFFERED_VERSION, 4), big(ACTIONS, 4), big(STEPS, 4)),
      complete: (received) => received.length >= 4 + BYTES,
    },
  ],
  read,
});
