// Memcached's binary protocol, which is all that a server with SASL, or with `-B binary`, listens to: its version is told without a login.
// Source: memcached doc/protocol-binary.txt ("Packet structure", "Version"); memcached.c, authenticated().
import { printable, type Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";

const REQUEST = 0x80;
const RESPONSE = 0x81;
const VERSION = 0x0b;
/** Bytes of a header. */
const HEADER = 24;
/** The longest version that is believed, bytes. */
const MAX_VERSION = 100;
/** Echoed by the server. */
const OPAQUE = 0x4450;
/** "Authentication required / Not Successful". */
const AUTHENTICATION = 0x20;

/** Magic, opcode, lengths of key and extras, data type, reserved, length of the body, opaque, a version for comparison. */
const request = join(REQUEST, VERSION, new Uint8Array(10), big(OPAQUE, 4), new Uint8Array(8));

function read({ data }: Response): Reading | null {
  const r = reader(data);
  if (r.u8() !== RESPONSE || r.u8() !== VERSION) return null;
  r.take(4);
  const status = r.u16();
  const length = r.u32();
  const opaque = r.u32();
  r.take(8);
  if (r.failed || opaque !== OPAQUE || length > MAX_VERSION) return null;
  const text = r.text(length);
  if (r.failed) return null;
  if (status !== 0)
    return {
      service: "memcached",
      weight: 9,
      excerpt: printable(`status ${status} ${text}`),
      values: { auth: status === AUTHENTICATION ? "required" : null },
    };
  return {
    service: "memcached",
    weight: 9,
    excerpt: printable(`version ${text}`),
    values: { version: text },
  };
}

export const memcachedBinary = readingProtocol({
  name: "memcached-binary",
  prefix: "memcached",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    { probe: "memcached-binary.version", data: request, complete: ({ length }) => length > HEADER },
  ],
  read,
});
