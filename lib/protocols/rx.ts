// Rx, on which the Andrew File System's servers are built: whoever speaks it answers a version packet with a line about its build, without a
// connection. Anything else with a call number in it is aborted, which looks the same on every server.
// Sources: OpenAFS' and RFC-less AFS documentation of Rx: the header of 28 bytes (epoch, connection, call, sequence, serial, type, flags, user
// status, security, spare, service), packet types 4 (abort) and 13 (version), flags 1 (client initiated) and 4 (last packet); rxdebug(1).
import { latin1, printable, type Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const TYPE = { abort: 4, version: 13 };
/** Client initiated, last packet. */
const FLAGS = 0x05;
const EPOCH = 0x4450_4c54;
const HEADER = 28;
/** RX_PROTOCOL_ERROR, RX_CALL_DEAD and their kin lie between these (OpenAFS, rx.h): small negative numbers. */
const LEAST_ERROR = 0xffff_ffe0;
/** Longest line that a server gives of itself. */
const MAX_LINE = 66;

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const epoch = r.u32();
  r.take(16);
  const type = r.u8();
  const flags = r.u8();
  if (r.failed || data.length < HEADER) return null;
  if (type === TYPE.version && epoch === EPOCH) {
    const line = latin1(data.subarray(HEADER, HEADER + MAX_LINE)).replace(/\0[\s\S]*$/, "");
    return { service: "afs", weight: 9, excerpt: printable(line || "version"), values: { version: line } };
  }
  // An abort: nothing in the call's numbers, no flags, the error as its only content.
  if (type !== TYPE.abort || flags !== 0 || data.length !== HEADER + 4) return null;
  return reader(data, HEADER).u32() >= LEAST_ERROR
    ? { service: "afs", weight: 5, excerpt: "Rx abort", values: { error: reader(data, HEADER).u32() } }
    : null;
}

export const rx: Protocol = readingProtocol({
  name: "rx",
  prefix: "rx",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "rx.version",
      data: join(
        big(EPOCH, 4),
        big(0, 4),
        big(1, 4),
        big(0, 4),
        big(1, 4),
        TYPE.version,
        FLAGS,
        0,
        0,
        big(0, 4),
        big(0, 4),
      ),
      complete: () => true,
    },
  ],
  read,
});
