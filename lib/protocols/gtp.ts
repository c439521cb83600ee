// GTP, the tunnels of mobile networks: either version answers an echo request, which is how its nodes look after each other.
// Sources: 3GPP TS 29.060 sections 6 and 7.2.1 (GTPv1), TS 29.274 sections 5.1 and 7.1.1 (GTPv2-C).
import type { Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const ECHO = { request: 1, response: 2, unsupported: 3 };
/** Version 1, GTP and not GTP', with a sequence number; version 2 without tunnel. */
const FLAGS = { v1: 0x32, v2: 0x40 };
const SEQUENCE = 0x4450;
/** Recovery, length 1, instance 0, restart counter 0. */
const RECOVERY = join(3, big(1, 2), 0, 0);

const v1 = join(FLAGS.v1, ECHO.request, big(4, 2), big(0, 4), big(SEQUENCE, 2), 0, 0);
const v2 = join(FLAGS.v2, ECHO.request, big(4 + RECOVERY.length, 2), big(SEQUENCE, 3), 0, RECOVERY);

function read({ data, probe }: Response): Reading | null {
  const r = reader(data);
  const [flags, type, length] = [r.u8(), r.u8(), r.u16()];
  const version = flags >> 5;
  if (r.failed || !probe.startsWith("gtp.") || (type !== ECHO.response && type !== ECHO.unsupported))
    return null;
  if (version !== 1 && version !== 2) return null;
  const header = version === 1 ? 8 : 4;
  if (length + header !== data.length) return null;
  return { service: "gtp", weight: 9, excerpt: `GTP version ${version}`, values: { version } };
}

export const gtp: Protocol = readingProtocol({
  name: "gtp",
  prefix: "gtp",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [
    { probe: "gtp.echo1", data: v1, complete: () => true },
    { probe: "gtp.echo2", data: v2, complete: () => true },
  ],
  read,
});
