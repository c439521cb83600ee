// EtherNet/IP: "list identity" is answered by every device of industrial networks that speaks it, with its maker's number, model and revision; no
// session is registered for it.
// Source: The CIP Networks Library, volume 2, sections 2-3 (encapsulation header) and 2-4.2 (ListIdentity and its reply).
import { printable, type Response } from "../model/observation.ts";
import { join, little, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const LIST_IDENTITY = 0x63;
/** Type of the one item of a reply. */
const IDENTITY_ITEM = 0x0c;
const HEADER_BYTES = 24;
/** Comes back with the answer. */
const CONTEXT = "Doorplat";
const SERVICE = "EtherNetIP-2";

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const command = r.u16le();
  const length = r.u16le();
  r.take(8); // session, status
  const context = r.text(8);
  r.take(4);
  if (r.failed || command !== LIST_IDENTITY || context !== CONTEXT || length !== data.length - HEADER_BYTES)
    return null;
  const items = r.u16le();
  const type = r.u16le();
  r.take(2 + 2 + 16); // length, version of the encapsulation, socket address
  const vendor = r.u16le();
  const kind = r.u16le();
  const code = r.u16le();
  const revision = `${r.u8()}.${r.u8()}`;
  r.take(2 + 4); // status, serial number
  const name = r.text(r.u8());
  if (r.failed || items === 0 || type !== IDENTITY_ITEM) {
    // Our own question, sent back, has nothing behind its header.
    return data.length > HEADER_BYTES
      ? { service: SERVICE, weight: 8, excerpt: "list of no identity" }
      : null;
  }
  return {
    service: SERVICE,
    weight: 9,
    excerpt: printable(name),
    values: { name, vendor, kind, code, revision, identity: `${vendor} ${name} ${revision}` },
  };
}

export const enip: Protocol = readingProtocol({
  name: "enip",
  prefix: "enip",
  transports: ["tcp", "udp"],
  speaksFirst: "client",
  openers: ({ transport }) => [
    {
      probe: transport === "udp" ? "enip.identity-udp" : "enip.identity",
      data: join(little(LIST_IDENTITY, 2), little(0, 2), little(0, 8), CONTEXT, little(0, 4)),
      complete: (received) =>
        received.length >= HEADER_BYTES && received.length >= HEADER_BYTES + reader(received, 2).u16le(),
    },
  ],
  read,
});
