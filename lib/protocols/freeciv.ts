// Freeciv: a client asks to join and says which capabilities it has. With none it is turned away at once, and the refusal names the server's
// version; nobody has joined, and no player is made.
// Source: Freeciv's common/packets.def (PACKET_SERVER_JOIN_REQ, 4; PACKET_SERVER_JOIN_REPLY, 5) and common/packets.c (lengths of 0x4001 and more:
// what is behind is compressed by zlib, 0x4001 bytes shorter than it says); a real server (3.0.6).
import { inflateSync } from "node:zlib";
import { latin1, printable, type Response } from "../model/observation.ts";
import { join } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const COMPRESSED_FROM = 0x4001;
/** A refusal takes 200 bytes; more is not unpacked. */
const MAX_PLAIN = 4096;
const LENGTH_BYTES = 2;

/** Type of the request, name, no capabilities, no label, version 0.0.0. */
const BODY = join(4, "doorplate", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const JOIN = join(0, LENGTH_BYTES + BODY.length, BODY);

const CAPABILITY = /\+(Freeciv-\d[\w.-]{0,30}-network)\b/i;

/** The first packet's text, unpacked; null when it is not whole, or none. */
function packetText(data: Uint8Array): string | null {
  const length = (data[0] ?? 0) * 256 + (data[1] ?? 0);
  if (length < COMPRESSED_FROM)
    return length > LENGTH_BYTES && length <= data.length
      ? latin1(data.subarray(LENGTH_BYTES, length))
      : null;
  const packed = length - COMPRESSED_FROM;
  if (packed > MAX_PLAIN || packed > data.length) return null;
  try {
    return latin1(inflateSync(data.subarray(LENGTH_BYTES, packed), { maxOutputLength: MAX_PLAIN }));
  } catch {
    return null; // not zlib's, or more than was announced
  }
}

function read({ data }: Response): Reading | null {
  const text = packetText(data);
  const capability = text && CAPABILITY.exec(text)?.[1];
  if (!text || !capability) return null;
  const version = /Server version: (\d[\w.+-]{0,30})/.exec(text)?.[1];
  return { service: "freeciv", weight: 9, excerpt: printable(capability), values: { capability, version } };
}

export const freeciv: Protocol = readingProtocol({
  name: "freeciv",
  prefix: "freeciv",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    { probe: "freeciv.join", data: JOIN, complete: (received) => packetText(received) !== null },
  ],
  read,
});
