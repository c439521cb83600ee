// The small services of the early Internet, which inetd programs still offer: daytime, time, chargen and qotd speak
// as soon as somebody connects (over UDP: after any datagram); echo sends back what it gets. discard never says a
// word, so there is nothing that could tell it from any other silent port.
// Source: RFC 862 (echo), 864 (chargen), 865 (quote of the day), 867 (daytime), 868 (time).
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes, reader, startsWith } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, AskContext, Protocol } from "./types.ts";

/** Over UDP "any datagram" makes these services speak; over TCP they speak unasked. */
const nudge =
  (name: string) =>
  (context: AskContext): Ask[] =>
    context.transport === "udp" ? [{ probe: `${name}.nudge`, data: bytes("\r\n") }] : [];
/** Whose nudge it was makes no difference. */
const unasked = ({ probe }: Response): boolean => probe === "NULL" || probe.endsWith(".nudge");
/** Questions that only datagrams carry: they nudge as well. (Who answers one of many that come together chooses which.) */
const DATAGRAM_PROBE =
  /^(?:dns\.versionBind$|memcached\.version-udp$|(?:ntp|snmp|tftp|coap|ssdp|dtls|quic|netbios-ns|mdns|ike|bacnet|source|teamspeak|ipmi|xdmcp|quake|luanti|mumble)\.)/;
const nudged = (response: Response): boolean => unasked(response) || DATAGRAM_PROBE.test(response.probe);

const DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const CLOCK = String.raw`\d{1,2}:\d\d:\d\d`;
const END = String.raw`[\r\n]{0,2}$`;
/** Ways of writing the time of day, and how sure each makes: it has no set form (RFC 867). */
const DAYTIMES: readonly [string, RegExp, number][] = [
  ["ctime", new RegExp(`^${DAY} ${MONTH} [ \\d]?\\d ${CLOCK} (?:[A-Z]{2,5} )?\\d{4}${END}`), 8],
  [
    "rfc867",
    new RegExp(`^(?:${DAY}[a-z]*, )?\\d{1,2} ${MONTH} \\d{2,4} ${CLOCK}(?:[ -][A-Z+-]\\w{0,4})?${END}`, "i"),
    8,
  ],
  [
    "rfc867-long",
    new RegExp(`^[A-Z][a-z]{5,8}, [A-Z][a-z]{2,8} \\d{1,2}, \\d{4} ${CLOCK}-[A-Z]{3,4}${END}`),
    8,
  ],
  ["nist", /^\n?\d{5} \d\d-\d\d-\d\d \d\d:\d\d:\d\d \d\d \d \d [ \d]{0,4}\.\d UTC\([A-Z]{2,10}\) [*#]/, 9],
  ["windows", new RegExp(`^${CLOCK}(?: [AP]M)? \\d{1,4}[./-]\\d{1,2}[./-]\\d{1,4}${END}`), 8],
  ["iso", new RegExp(`^\\d{4}-\\d\\d-\\d\\d[ T]${CLOCK}(?: ?(?:Z|UTC|[+-]\\d\\d:?\\d\\d))?${END}`), 7],
];

export const daytime: Protocol = readingProtocol({
  name: "daytime",
  prefix: "daytime",
  transports: ["tcp", "udp"],
  speaksFirst: "server",
  openers: nudge("daytime"),
  read(response) {
    if (!nudged(response) || response.data.length > 128) return null;
    const text = latin1(response.data);
    const found = DAYTIMES.find(([, pattern]) => pattern.test(text));
    return found
      ? { service: "daytime", weight: found[2], excerpt: printable(text.trim()), values: { form: found[0] } }
      : null;
  },
});

/** Seconds since 1900 (RFC 868) of 2015-01-01; the count overflows in 2036. Earlier than this no clock is believed. */
const EARLIEST_TIME = 3_629_059_200;
/** 2033-12-31: what is later is more likely something else. */
const LATEST_TIME = 4_228_588_800;

export const time: Protocol = readingProtocol({
  name: "time",
  prefix: "time",
  transports: ["tcp", "udp"],
  speaksFirst: "server",
  openers: nudge("time"),
  read(response): Reading | null {
    if (response.data.length !== 4) return null;
    const seconds = reader(response.data).u32();
    if (seconds < EARLIEST_TIME) return null;
    // Over UDP anybody's datagram is answered with the time.
    if (!nudged(response) || (!unasked(response) && seconds > LATEST_TIME)) return null;
    if (!unasked(response)) return { service: "time", weight: 2, excerpt: String(seconds) };
    // Four bytes are little to go by; that the server closes after them is part of the protocol.
    const closed = response.end === "eof";
    return { service: "time", weight: closed ? 5 : 3, excerpt: String(seconds), values: { form: "rfc868" } };
  },
});

/** Text that no server would say of itself. */
const ECHO_TEXT = "doorplate asks for an echo\r\n";
const ECHO_PROBE = "echo.text";

/** Starts of our own requests: who sends one back has read nothing of it. */
const OWN_REQUESTS: Record<string, (data: Uint8Array) => boolean> = {
  [ECHO_PROBE]: (data) => latin1(data.subarray(0, 100)) === ECHO_TEXT,
  "http.get": (data) => /^GET \/\S{0,100} HTTP\/1\.[01]\r\nHost: /i.test(latin1(data.subarray(0, 200))),
  // A handshake record with a ClientHello in it: servers send ServerHello.
  "tls.clientHello": (data) => data.length > 60 && data[0] === 0x16 && data[1] === 3 && data[5] === 1,
  "postgresql.ssl": (data) => data.length === 8 && startsWith(data, "\0\0\0\x08\x04\xd2\x16\x2f"),
  "redis.info": (data) => data.length === 6 && startsWith(data, "INFO\r\n"),
};

export const echo: Protocol = readingProtocol({
  name: "echo",
  prefix: "echo",
  transports: ["tcp", "udp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: ECHO_PROBE,
      data: bytes(ECHO_TEXT),
      complete: (received) => received.length >= ECHO_TEXT.length,
    },
  ],
  read: ({ data, probe }) =>
    OWN_REQUESTS[probe]?.(data)
      ? { service: "echo", weight: 9, excerpt: `${probe} came back`, values: { echoed: probe } }
      : null,
});

/** Consecutive characters that prove the pattern; a line has 72 (RFC 864). */
const CHARGEN_RUN = 64;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

/** True when the first line is a run through the printable characters, going round from the last to the first. */
function isRun(data: Uint8Array): boolean {
  for (let at = 1; at < CHARGEN_RUN; at++) {
    const before = data[at - 1] ?? 0;
    const wraps = before >= LAST_PRINTABLE - 1 && (data[at] === FIRST_PRINTABLE || data[at] === 0x21);
    if (data[at] !== before + 1 && !wraps) return false;
  }
  return (data[0] ?? 0) >= FIRST_PRINTABLE;
}

export const chargen: Protocol = readingProtocol({
  name: "chargen",
  prefix: "chargen",
  transports: ["tcp", "udp"],
  speaksFirst: "server",
  openers: nudge("chargen"),
  read: ({ data }) =>
    data.length >= CHARGEN_RUN && isRun(data)
      ? {
          service: "chargen",
          weight: 9,
          excerpt: printable(latin1(data.subarray(0, 72))),
          values: { form: "rfc864" },
        }
      : null,
});

/** A quotation in quotation marks, then who said it: what the usual collections look like. At most 512 characters (RFC 865). */
const QUOTE = /^"[^"]{8,480}"\s{1,20}[A-Z(-][^"]{2,80}$/;

export const qotd: Protocol = readingProtocol({
  name: "qotd",
  prefix: "qotd",
  transports: ["tcp", "udp"],
  speaksFirst: "server",
  openers: nudge("qotd"),
  read(response) {
    if (!unasked(response) || response.data.length > 600) return null;
    const text = latin1(response.data).replace(/\0/g, "").trim();
    if (!QUOTE.test(text) || (response.end !== "eof" && response.probe === "NULL")) return null;
    return { service: "qotd", weight: 6, excerpt: printable(text), values: { form: "quotation" } };
  },
});
