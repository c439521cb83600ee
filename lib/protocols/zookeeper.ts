// ZooKeeper's four-letter words: `srvr` tells version and role. Since 3.5.3 only words on a list are
// answered (`srvr` is on it by default); the refusal is telling too. The server closes after each word.
// Source: ZooKeeper Administrator's Guide, "The Four Letter Words".
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { bytes, distinct, familyOf, named } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const srvr: Ask = {
  probe: "zookeeper.srvr",
  data: bytes("srvr"),
  complete: (received) => /\nNode count: \d+\n$/.test(latin1(received.subarray(-40))),
};

const VERSION = /^(?:Zookeeper|ZooKeeper) version: ([^\r\n]{3,150})\n/;
/** A word that is not on the list; and any word where there is no quorum. */
const REFUSED =
  /^(?:[a-z]{4} is not executed because it is not in the whitelist|This ZooKeeper instance is not currently serving requests)/;

function recognise({ data }: Response): Recognition | null {
  const text = latin1(data.subarray(0, 512));
  if (VERSION.test(text))
    return { service: "zookeeper", weight: 9, excerpt: printable(text.split("\n", 1)[0] ?? "") };
  if (REFUSED.test(text)) return { service: "zookeeper", weight: 9, excerpt: printable(text.trim()) };
  return text === "imok" ? { service: "zookeeper", weight: 8, excerpt: "imok" } : null;
}

function read(response: Response): Fact[] {
  const text = latin1(response.data.subarray(0, 4096));
  const family = familyOf(response);
  const version = VERSION.exec(text)?.[1];
  if (version) return named("zookeeper", family, { version, mode: /\nMode: (\w{1,20})\n/.exec(text)?.[1] });
  return text === "imok" || REFUSED.test(text)
    ? named("zookeeper", family, { reply: text.trim().slice(0, 120) })
    : [];
}

export const zookeeper: Protocol = {
  name: "zookeeper",
  transports: ["tcp"],
  speaksFirst: "client",
  // Refused, it is named in the refusal.
  unlike: "zookeeper.ruok",
  openers: () => [srvr],
  recognise,
  async converse(session) {
    const ask = { probe: "zookeeper.ruok", data: bytes("ruok"), evenIfEnough: true as const };
    await session.ask({ ...ask, complete: (received) => latin1(received) === "imok" }, { fresh: true });
  },
  facts: (responses) => distinct(responses.flatMap(read)),
};
