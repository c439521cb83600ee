// Kafka: ApiVersions, which is answered before any authentication, lists each request the broker knows with its
// versions. No release number is told, but each release brought requests of its own: the newest one known says how
// old the broker is at most. Others that speak the protocol answer in the same way.
// Source: kafka.apache.org "Protocol guide" (Request Header v1, ApiVersions v0); Kafka release notes for who came when.
import type { Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const API_VERSIONS = 18;
/** Repeated in the answer: "DpKa". */
const CORRELATION_ID = 0x44704b61;
const CLIENT_ID = "doorplate";
/** Most requests that a broker may list; there are below 100. */
const MAX_APIS = 400;
/** Error codes that ApiVersions may end in: none, 35 unsupported version. */
const ERRORS: readonly number[] = [0, 35];

const body = join(
  big(API_VERSIONS, 2),
  big(0, 2),
  big(CORRELATION_ID, 4),
  big(CLIENT_ID.length, 2),
  CLIENT_ID,
);
const apiVersions: Ask = {
  probe: "kafka.apiVersions",
  data: join(big(body.length, 4), body),
  complete: (received) => received.length >= 4 && received.length >= reader(received).u32() + 4,
};

/** First request of each release line, newest first (KIP numbers fix the keys). */
const INTRODUCED: readonly [number, string][] = [
  [80, "3.9"],
  [75, "3.8"],
  [71, "3.7"],
  [68, "3.6"],
  [65, "3.0"],
  [60, "2.8"],
  [50, "2.7"],
  [48, "2.6"],
  [45, "2.4"],
  [44, "2.3"],
  [43, "2.2"],
  [38, "1.1"],
  [34, "1.0"],
  [21, "0.11"],
  [19, "0.10.1"],
  [API_VERSIONS, "0.10"],
];

/** Highest version by request key; null when the bytes are no answer to our request. */
function parseApiVersions(data: Uint8Array): Map<number, number> | null {
  const r = reader(data);
  const size = r.u32();
  if (size !== data.length - 4 || r.u32() !== CORRELATION_ID) return null;
  const error = r.u16();
  const count = r.u32();
  if (r.failed || !ERRORS.includes(error) || count > MAX_APIS || r.left < count * 6) return null;
  const apis = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const key = r.u16();
    const lowest = r.u16();
    const highest = r.u16();
    if (lowest > highest) return null;
    apis.set(key, highest);
  }
  return apis;
}

function read({ data }: Response): Reading | null {
  const apis = parseApiVersions(data);
  if (!apis) return null;
  const known = [...apis.keys()].sort((a, b) => a - b);
  return {
    service: "kafka",
    weight: 9,
    excerpt: `ApiVersions: ${known.length} requests`,
    values: {
      apis: known.map((key) => `${key}:${apis.get(key)}`).join(" "),
      since: INTRODUCED.find(([key]) => apis.has(key))?.[1],
    },
  };
}

export const kafka: Protocol = readingProtocol({
  name: "kafka",
  prefix: "kafka",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [apiVersions],
  read,
});
