// Tor's relays: inside TLS both sides first say which versions of the link protocol they speak, and the relay goes on with its certificates. A
// client that has said no more than that is nobody yet; nothing passes through the relay.
// Source: Tor's tor-spec, "Cell packet format" (circuit of two bytes before the version is known, command 7) and "Negotiating versions".
import { printable, type Response } from "../model/observation.ts";
import { join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const VERSIONS = 7;
/** The versions with a circuit of four bytes are the ones that are still spoken. */
const OFFERED = join(0, 0, VERSIONS, 0, 4, 0, 3, 0, 4);
const HIGHEST_VERSION = 16;
const MOST_VERSIONS = 8;

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const circuit = r.u16();
  const command = r.u8();
  const length = r.u16();
  if (
    r.failed ||
    circuit !== 0 ||
    command !== VERSIONS ||
    length < 2 ||
    length % 2 ||
    length > 2 * MOST_VERSIONS
  )
    return null;
  const versions = Array.from({ length: length / 2 }, () => r.u16());
  const rising = versions.every(
    (version, i) => version > (versions[i - 1] ?? 0) && version <= HIGHEST_VERSION,
  );
  if (r.failed || !rising) return null;
  const list = versions.join(" ");
  return {
    service: "tor-orport",
    weight: 9,
    excerpt: printable(`link protocol ${list}`),
    values: { versions: list },
  };
}

export const torOr: Protocol = readingProtocol({
  name: "torOr",
  prefix: "torOr",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: ({ tls }) =>
    tls ? [{ probe: "torOr.versions", data: OFFERED, complete: (received) => received.length >= 7 }] : [],
  read,
});
