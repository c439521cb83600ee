// Game servers that tell anybody what a list of servers shows of them: Minecraft's Bedrock edition and others on RakNet, Sauerbraten and its kin on
// Cube 2, Armagetron Advanced. One datagram each way, no game is joined.
// Sources: the RakNet protocol (unconnected ping 1 and pong 28, with a magic of 16 bytes) as Bedrock's community documents it; Cube 2's server
// (a ping comes back with integers and strings behind it); Armagetron's network messages (requests 53, the long form, and their answers 51) as its source has them.
import { latin1, printable, type Response } from "../model/observation.ts";
import { join, type Reader, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const MAGIC = "\x00\xff\xff\x00\xfe\xfe\xfe\xfe\xfd\xfd\xfd\xfd\x12\x34\x56\x78";
const RAKNET = { ping: 1, pong: 28 };
/** Comes back with the answer. */
const TIME = "Doorplat";

export const raknet: Protocol = readingProtocol({
  name: "raknet",
  prefix: "raknet",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [
    { probe: "raknet.ping", data: join(RAKNET.ping, TIME, MAGIC, "Doorplat"), complete: () => true },
  ],
  read({ data }: Response): Reading | null {
    const r = reader(data);
    const type = r.u8();
    const time = r.text(8);
    r.take(8); // the server's own number
    if (type !== RAKNET.pong || time !== TIME || r.text(16) !== MAGIC || r.failed) return null;
    // Of plain RakNet nothing follows; Bedrock adds edition, name, protocol and version, divided by semicolons.
    const size = r.u16();
    const [edition = "", , , version = ""] = r.text(Math.min(size, r.left)).split(";");
    const known = /^MC[PE]E$/.test(edition);
    return {
      service: known ? "minecraft-bedrock" : "raknet",
      weight: 9,
      excerpt: printable(`${edition} ${version}`.trim() || "pong"),
      values: known ? { server: `${edition} ${/^\d[\w.+-]{0,30}$/.exec(version)?.[0] ?? ""}`.trim() } : {},
    };
  },
});

/** An integer of Cube 2: one byte, or 0x80 and two, or 0x81 and four, little-endian. */
function cubeNumber(r: Reader): number {
  const first = r.u8();
  return first === 0x80 ? r.u16le() : first === 0x81 ? r.u32le() : first;
}
const CUBE_PING = join(1, "doorplate");
/** Protocols of Sauerbraten since 2007. */
const CUBE_PROTOCOLS = { least: 250, most: 400 };

export const cube: Protocol = readingProtocol({
  name: "cube",
  prefix: "cube",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [{ probe: "cube.ping", data: CUBE_PING, complete: () => true }],
  read({ data }: Response): Reading | null {
    const r = reader(data);
    if (r.text(CUBE_PING.length) !== latin1(CUBE_PING)) return null;
    const players = cubeNumber(r);
    const attributes = cubeNumber(r);
    const protocol = cubeNumber(r);
    if (r.failed || players > 255 || (attributes !== 5 && attributes !== 7)) return null;
    if (protocol < CUBE_PROTOCOLS.least || protocol > CUBE_PROTOCOLS.most) return null;
    return { service: "sauerbraten", weight: 9, excerpt: `protocol ${protocol}`, values: { protocol } };
  },
});

const ARMAGETRON = { question: 53, answer: 51 };
const MOST_WORDS = 512;
/** Of its strings the one that a program writes of itself: version, system, kind. */
const PROGRAM = /(\d[\w.+-]{2,40}) (?:unix|windows|macosx?) dedicated\0/;

/** Its strings are pairs of characters, each the wrong way round. */
const upright = (data: Uint8Array) => latin1(data.map((_, i) => data[i ^ 1] ?? 0));

export const armagetron: Protocol = readingProtocol({
  name: "armagetron",
  prefix: "armagetron",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "armagetron.info",
      data: join(0, ARMAGETRON.question, 0, 0, 0, 0, 0, 0),
      complete: () => true,
    },
  ],
  read({ data }: Response): Reading | null {
    const r = reader(data);
    const [type, , words] = [r.u16(), r.u16(), r.u16()];
    const end = 6 + 2 * words;
    if (type !== ARMAGETRON.answer || words < 8 || words > MOST_WORDS || data.length < end) return null;
    const version = PROGRAM.exec(upright(data.subarray(6, end)))?.[1];
    return {
      service: "armagetron",
      weight: version ? 9 : 6,
      excerpt: printable(version ?? "server"),
      values: { version },
    };
  },
});
