// IEC 60870-5-104, telecontrol of substations: a test frame is answered by its confirmation, whether or not transfer of data has been started.
// No transfer is started and nothing is commanded; no answer names a product.
// Source: IEC 60870-5-104:2006 sections 5.1 (start 68h, length, control field of a U frame) and 5.2 (TESTFR act 43h, con 83h).
import { latin1, type Response } from "../model/observation.ts";
import { join } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const TEST = join(0x68, 4, 0x43, 0, 0, 0);
/** The confirmation first; some test the other side in turn, and either may be followed by more frames. */
const CONFIRMATION = /^(?:h\x04C\0\0\0)?h\x04\x83\0\0\0(?:$|h)/;

function read({ data }: Response): Reading | null {
  return CONFIRMATION.test(latin1(data.subarray(0, 16)))
    ? { service: "iec-104", weight: 9, excerpt: "TESTFR con", values: { test: "confirmed" } }
    : null;
}

export const iec104: Protocol = readingProtocol({
  name: "iec104",
  prefix: "iec104",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    { probe: "iec104.test", data: TEST, complete: (received) => received.length >= TEST.length },
  ],
  read,
});
