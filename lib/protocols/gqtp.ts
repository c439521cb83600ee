// GQTP, Groonga's own protocol: a head of 24 bytes, then a command; `status` is answered by what the server is and its version.
// Source: Groonga documentation, "GQTP" (head: protocol 0xc7, query type, key length, level, flags, status, size, opaque, cas; big-endian)
// and "status".
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const MAGIC = 0xc7;
const HEAD = 24;
/** Flags: the body is all there is. */
const TAIL = 0x02;
const STATUS = "status";
/** The answer is JSON of some hundred bytes. */
const MAX_BODY = 4096;

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const [magic, type] = [r.u8(), r.u8()];
  r.take(6);
  const size = r.u32();
  r.take(12);
  // Types of answers: none, TSV, JSON, XML, MessagePack.
  if (r.failed || magic !== MAGIC || type > 4 || size > MAX_BODY) return null;
  const body = latin1(data.subarray(HEAD, HEAD + size));
  const version = /"version": ?"(\d[\w.-]{0,30})"/.exec(body)?.[1];
  return {
    service: "gqtp",
    weight: version ? 9 : 6,
    excerpt: printable(`GQTP ${body.slice(0, 80)}`),
    values: { version },
  };
}

export const gqtp: Protocol = readingProtocol({
  name: "gqtp",
  prefix: "gqtp",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => {
    const head = [MAGIC, 0, 0, 0, 0, TAIL, 0, 0, 0, 0, 0, STATUS.length, ...Array(12).fill(0)];
    return [
      {
        probe: "gqtp.status",
        data: Uint8Array.from([...head, ...bytes(STATUS)]),
        complete: (received) => {
          const size = reader(received, 8).u32();
          return received.length >= HEAD && received.length >= HEAD + size;
        },
      },
    ];
  },
  read,
});
