// Minecraft (Java Edition): the status request of the server list is answered with JSON that names version
// and protocol number. Nobody joins.
// Source: the protocol's community documentation (minecraft.wiki, "Java Edition protocol", "Server List
// Ping"): packets with variable-length size, handshake with next state 1, status response with one string.
import * as z from "zod";
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, type Reader, reader } from "./binary.ts";
import type { AskContext, Protocol, Recognition } from "./types.ts";

const PACKET = { handshake: 0, status: 0 };
const NEXT_STATUS = 1;
/** Protocol version 0: servers answer any in the status state. */
const ANY_VERSION = 0;
/** Largest status that is read, bytes: an icon may be in it. */
const MAX_STATUS = 65_000;

const statusSchema = z.object({
  version: z.object({ name: z.string().max(200), protocol: z.number() }),
  players: z.object({ max: z.number(), online: z.number() }).optional().catch(undefined),
  // mod loaders add a member of their own
  modinfo: z
    .object({ type: z.string().max(50) })
    .optional()
    .catch(undefined),
  forgeData: z.object({ fmlNetworkVersion: z.number() }).optional().catch(undefined),
});
export type Status = z.infer<typeof statusSchema>;

const packet = (id: number, ...parts: (number | string | Uint8Array)[]) => {
  const body = join(id, ...parts);
  return join(body.length, body);
};

/** A number of up to three bytes, seven bits each, lowest first. */
function varint(r: Reader): number {
  let value = 0;
  for (let shift = 0; shift < 3; shift++) {
    const byte = r.u8();
    value += (byte & 0x7f) * 128 ** shift;
    if (byte < 0x80) return value;
  }
  return Number.POSITIVE_INFINITY;
}

/** Characters of facts are bytes: what JSON escaped beyond them is written as UTF-8. */
function bytesOf(text: string): string {
  return /[^\0-\xff]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

/** The status in a response packet. Null when the bytes are something else, or not all there. */
function parseStatus(data: Uint8Array): Status | null {
  const r = reader(data);
  const length = varint(r);
  const from = r.at;
  const id = varint(r);
  const size = varint(r);
  if (r.failed || id !== PACKET.status || size > MAX_STATUS || length !== r.at - from + size) return null;
  const text = latin1(r.take(size));
  if (r.failed || !text.startsWith("{")) return null;
  try {
    const status = statusSchema.safeParse(JSON.parse(text));
    return status.success ? status.data : null;
  } catch {
    return null; // not JSON
  }
}

function recognise({ data }: Response): Recognition | null {
  const status = parseStatus(data);
  return status && { service: "minecraft", weight: 9, excerpt: printable(`version ${status.version.name}`) };
}

function read(response: Response): Fact[] {
  const status = parseStatus(response.data);
  if (!status) return [];
  const { version, players, modinfo, forgeData } = status;
  return named("minecraft", familyOf(response), {
    version: bytesOf(version.name),
    protocol: version.protocol,
    players: players ? `${players.online}/${players.max}` : null,
    mods: modinfo ? bytesOf(modinfo.type) : forgeData ? "Forge" : null,
  });
}

function handshake({ host, hostname, port }: AskContext): Uint8Array {
  const name = join((hostname ?? host).slice(0, 100));
  return join(
    packet(PACKET.handshake, ANY_VERSION, name.length, name, big(port, 2), NEXT_STATUS),
    packet(PACKET.status),
  );
}

export const minecraft: Protocol = {
  name: "minecraft",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: (context) => [
    {
      probe: "minecraft.status",
      data: handshake(context),
      complete: (received) => {
        const r = reader(received);
        const length = varint(r);
        return !r.failed && received.length >= r.at + Math.min(length, MAX_STATUS);
      },
    },
  ],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
