// Game servers asked by datagram as their browsers ask: Quake 3 and its kin tell their rules, Doom's network servers their version, Minetest
// acknowledges. No game is joined.
// Sources: id Software's Quake III network protocol (connectionless packets: FF FF FF FF and a word); Chocolate Doom's net_defs.h (packet types 13 and 14);
// Minetest's low-level protocol (doc/protocol.txt: protocol id, peer, channel, type).
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes, join, reader, startsWith } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const OOB = "\xff\xff\xff\xff";
const STATUS = `${OOB}statusResponse\n`;
const MINETEST = 0x4f457403;
/** A reliable packet of a new peer, which is acknowledged and told its number. */
const MINETEST_HELLO = join(0x4f, 0x45, 0x74, 0x03, 0, 0, 0, 3, 0xff, 0xdc, 1);

function quake3(data: Uint8Array): Reading | null {
  if (!startsWith(data, STATUS)) return null;
  const line = latin1(data.subarray(STATUS.length, 2048)).split("\n", 1)[0] ?? "";
  const parts = line.split("\\").slice(1);
  const rules = new Map(
    parts.flatMap((part, i) => (i % 2 === 0 ? [[part.toLowerCase(), parts[i + 1] ?? ""]] : [])),
  );
  return {
    service: "quake3",
    weight: 9,
    excerpt: printable(rules.get("version") ?? line),
    values: { version: rules.get("version"), game: rules.get("gamename") ?? rules.get("com_gamename") },
  };
}

function minetest(data: Uint8Array): Reading | null {
  const r = reader(data);
  const id = r.u32();
  const peer = r.u16();
  const channel = r.u8();
  const type = r.u8();
  if (r.failed || id !== MINETEST || peer > 1 || channel > 2 || type > 3) return null;
  return { service: "minetest", weight: 9, excerpt: "Minetest packet", values: { reply: type } };
}

export const quake: Protocol = readingProtocol({
  name: "quake",
  prefix: "quake3",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [{ probe: "quake.getstatus", data: bytes(`${OOB}getstatus\n`), complete: () => true }],
  read: ({ data }) => quake3(data),
});

export const luanti: Protocol = readingProtocol({
  name: "luanti",
  prefix: "minetest",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [{ probe: "luanti.hello", data: MINETEST_HELLO, complete: () => true }],
  read: ({ data }: Response) => minetest(data),
});

/** "Query" and its answer, big-endian. */
const DOOM = { query: 13, response: 14 };

export const doom: Protocol = readingProtocol({
  name: "doom",
  prefix: "doom",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [{ probe: "doom.query", data: join(0, DOOM.query), complete: () => true }],
  read({ data }: Response): Reading | null {
    const r = reader(data);
    const type = r.u16();
    const version = r.cstring();
    if (r.failed || type !== DOOM.response || !/^[A-Z][\w .+-]{3,60} \d[\w.+-]{0,20}$/.test(version))
      return null;
    return { service: "doom", weight: 9, excerpt: printable(version), values: { version } };
  },
});
