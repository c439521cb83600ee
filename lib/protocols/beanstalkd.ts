// beanstalkd: `stats` is answered with `OK <bytes>` and a YAML map that holds the version.
// Source: beanstalkd doc/protocol.txt ("stats", "UNKNOWN_COMMAND").
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { bytes, distinct, familyOf, named } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const ANSWER = /^OK (\d{1,5})\r\n---\n/;

const stats: Ask = {
  probe: "beanstalkd.stats",
  data: bytes("stats\r\n"),
  complete: (received) => {
    const found = ANSWER.exec(latin1(received.subarray(0, 32)));
    return found
      ? received.length >= found[0].length - 4 + Number(found[1]) + 2
      : latin1(received.subarray(-2)) === "\r\n";
  },
};

/** The plain `key: value` lines of the map; null when it is not beanstalkd's. */
function parseStats(data: Uint8Array): Map<string, string> | null {
  const text = latin1(data.subarray(0, 8192));
  if (!ANSWER.test(text)) return null;
  const values = new Map<string, string>();
  for (const [, key = "", value = ""] of text.matchAll(/^([a-z-]{2,40}): "?([^"\r\n]{0,120})"?\r?$/gm))
    values.set(key, value);
  return values.has("current-jobs-urgent") || values.has("cmd-put") ? values : null;
}

function recognise({ data }: Response): Recognition | null {
  const values = parseStats(data);
  if (values)
    return {
      service: "beanstalkd",
      weight: 9,
      excerpt: printable(`version ${values.get("version") ?? "unknown"}`),
    };
  const text = latin1(data.subarray(0, 600));
  return /^(?:UNKNOWN_COMMAND\r\n)+$/.test(text)
    ? { service: "beanstalkd", weight: 5, excerpt: "UNKNOWN_COMMAND" }
    : null;
}

function read(response: Response): Fact[] {
  const values = parseStats(response.data);
  if (!values) return [];
  return named("beanstalkd", familyOf(response), {
    version: values.get("version"),
    os: values.get("os"),
    platform: values.get("platform"),
    hostname: values.get("hostname"),
  });
}

export const beanstalkd: Protocol = {
  name: "beanstalkd",
  transports: ["tcp"],
  speaksFirst: "client",
  unlike: "beanstalkd.list-tube-used",
  openers: () => [stats],
  recognise,
  async converse(session) {
    await session.ask({
      probe: "beanstalkd.list-tube-used",
      data: bytes("list-tube-used\r\n"),
      complete: (received) => received.at(-1) === 0x0a,
      evenIfEnough: true,
    });
  },
  facts: (responses) => distinct(responses.flatMap(read)),
};
