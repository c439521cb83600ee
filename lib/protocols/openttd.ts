// OpenTTD: since version 12 a server tells its game to whoever asks over TCP, without joining. What it does not expect is refused with an
// error packet.
// Source: OpenTTD's docs/game_coordinator.md and network/core/tcp_game.h (packet: length of 16 bits, little-endian, and a type; 3 error, 7 game
// information asked, 6 given); network/core/network_game_info.cpp (revision as a string that ends in NUL).
import { latin1, printable, type Response } from "../model/observation.ts";
import { join, little, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol, Session } from "./types.ts";

const TYPE = { error: 3, information: 6, askInformation: 7 };
const ERROR = { length: 4, most: 30 };
const MAX_PACKET = 32_767;

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const [length, type] = [r.u16le(), r.u8()];
  if (r.failed || length > MAX_PACKET || length < ERROR.length) return null;
  if (type === TYPE.error && length === ERROR.length && data.length === length && r.u8() <= ERROR.most)
    return { service: "openttd", weight: 6, excerpt: "error packet", values: { error: data[3] } };
  if (type !== TYPE.information || data.length !== length) return null;
  // Before the revision stand the numbers of the game's scripts and dates, of fixed size by version: it is the first text of this form.
  const revision = /\0(\d{1,2}\.\d{1,2}(?:\.\d{1,2})?(?:-(?:beta|RC)\d)?)\0/.exec(
    latin1(data.subarray(0, 1024)),
  );
  return {
    service: "openttd",
    weight: 9,
    excerpt: printable(revision?.[1] ?? "game information"),
    values: { version: revision?.[1], answer: "information" },
  };
}

const information: Ask = {
  probe: "openttd.information",
  data: join(little(3, 2), TYPE.askInformation),
  complete: (received) => received.length >= 3 && received.length >= reader(received).u16le(),
};

export const openttd: Protocol = {
  ...readingProtocol({
    name: "openttd",
    prefix: "openttd",
    transports: ["tcp"],
    speaksFirst: "client",
    openers: () => [information],
    read,
  }),
  async converse(session: Session) {
    if (!session.responses.some(({ probe, data }) => probe === information.probe && data.length > 0))
      await session.ask(information, { fresh: true });
  },
};
