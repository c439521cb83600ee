// Java Debug Wire Protocol: the virtual machine repeats the handshake; Version then tells what it is. Nothing is
// suspended, read or changed, and the goodbye is to close: Dispose would resume threads that somebody else stopped.
// An echo service repeats the handshake too, but not with an answer to Version.
// Source: Oracle, "Java Debug Wire Protocol" (handshake, packets), and "JDWP Protocol Details" (VirtualMachine, Version).
import { latin1, printable, type Response } from "../model/observation.ts";
import { big, bytes, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const HANDSHAKE = "JDWP-Handshake";
const REPLY_FLAG = 0x80;
const VIRTUAL_MACHINE = 1;
const VERSION_COMMAND = 1;
/** Ours, repeated in the reply. */
const PACKET_ID = 0x4470;
const HEADER = 11;
const MAX_REPLY = 8192;

const handshake: Ask = {
  probe: "jdwp.handshake",
  data: bytes(HANDSHAKE),
  complete: (received) => received.length >= HANDSHAKE.length,
};
const version: Ask = {
  probe: "jdwp.version",
  data: join(big(HEADER, 4), big(PACKET_ID, 4), 0, VIRTUAL_MACHINE, VERSION_COMMAND),
  // Events may come first: all is read until it falls silent or the reply is there.
  complete: (received) => findReply(received) !== null,
};

/** The data of the reply to Version among the packets received; null while it is not there. */
function findReply(data: Uint8Array): Uint8Array | null {
  const r = reader(data.subarray(0, MAX_REPLY));
  while (r.left >= HEADER) {
    const size = r.u32();
    const id = r.u32();
    const flags = r.u8();
    const error = r.u16();
    const body = r.take(size - HEADER);
    if (r.failed) return null;
    if (id === PACKET_ID && flags === REPLY_FLAG && error === 0) return body;
  }
  return null;
}

function read({ data, probe }: Response): Reading | null {
  if (latin1(data.subarray(0, HANDSHAKE.length)) === HANDSHAKE) {
    // Our own words back: an echo service would say the same.
    const weight = probe === handshake.probe ? 8 : 7;
    return { service: "jdwp", weight, excerpt: HANDSHAKE, values: { handshake: "repeated" } };
  }
  const body = probe === version.probe ? findReply(data) : null;
  if (!body) return null;
  const r = reader(body);
  const description = r.text(r.u32());
  const major = r.u32();
  const minor = r.u32();
  const vmVersion = r.text(r.u32());
  const vmName = r.text(r.u32());
  if (r.failed || r.left > 0) return null;
  return {
    service: "jdwp",
    weight: 9,
    excerpt: printable(`${vmName} ${vmVersion}`),
    values: {
      vm: `${vmName} ${vmVersion}`,
      vmName,
      vmVersion,
      protocol: `${major}.${minor}`,
      description: description.split("\n", 1)[0],
    },
  };
}

export const jdwp: Protocol = readingProtocol({
  name: "jdwp",
  prefix: "jdwp",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [handshake],
  read,
  async converse(session) {
    if (session.responses.at(-1)?.probe === handshake.probe) await session.ask(version);
  },
});
