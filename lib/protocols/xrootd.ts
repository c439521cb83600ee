// XRootD: a client's first twenty bytes are nothing but a form; the server answers with its protocol's version and its role.
// dCache speaks it, too. Source: "XRootD Protocol Reference Version 5.1.0", "Session Management", handshake and kXR_protocol.
import { join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask } from "./types.ts";

/** Three zeros, four, and the number of the root protocol, each of 32 bits. */
const HANDSHAKE = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\x07\xdc";
const ROLES = ["manager", "data server"] as const;

const hello: Ask = {
  probe: "xrootd.handshake",
  data: join(HANDSHAKE),
  complete: (received) => received.length >= 16,
};

export const xrootd = readingProtocol({
  name: "xrootd",
  prefix: "xrootd",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [hello],
  read({ data }): Reading | null {
    const r = reader(data);
    // Stream 0, status 0, eight bytes: the version, a nibble or a byte a part, and the role.
    if (r.text(8) !== "\0\0\0\0\0\0\0\x08") return null;
    const version = r.u32();
    const role = ROLES[r.u32()];
    if (r.failed || role === undefined || version < 0x200 || version > 0xfff) return null;
    const protocol = `${version >> 8}.${(version >> 4) & 15}.${version & 15}`;
    return {
      service: "xrootd",
      weight: 9,
      excerpt: `protocol ${protocol}, ${role}`,
      values: { protocol, role },
    };
  },
});
