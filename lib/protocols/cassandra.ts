// Cassandra's native protocol (CQL): OPTIONS is answered before authentication with the CQL version and what else is
// supported. Where STARTUP is answered READY, no credentials are wanted, and the release is read from system.local; where
// it is answered AUTHENTICATE we stop. Every other protocol's request gets an error that lists the versions spoken.
// Source: Cassandra, native_protocol_v4.spec sections 2 (frames), 4.1.1, 4.1.4, 4.1.5 (requests), 4.2 (responses).
import { printable, type Response } from "../model/observation.ts";
import { big, join, type Reader, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

/** Protocol version 4: spoken by 2.2 and later. Older servers answer in their own. */
const VERSION = 4;
const RESPONSE_BIT = 0x80;
const OPCODE = {
  error: 0,
  startup: 1,
  ready: 2,
  authenticate: 3,
  options: 5,
  supported: 6,
  query: 7,
  result: 8,
};
const CONSISTENCY_ONE = 1;
/** Error 0x000A: a protocol error. */
const PROTOCOL_ERROR = 10;
const RESULT_ROWS = 2;
const MAX_BODY = 65_536;
const MAX_OPTIONS = 64;
/** CQL version and the first release that has it: cassandra.apache.org, changes of the CQL grammar. */
const RELEASES: readonly [RegExp, string][] = [
  [/^3\.4\.7/, "5.0"],
  [/^3\.4\.6/, "4.1"],
  [/^3\.4\.5/, "4.0"],
  [/^3\.4\.4/, "3.11"],
  [/^3\.4\.[0-3]/, "3.0"],
  [/^3\.3\./, "2.2"],
  [/^3\.2\./, "2.1"],
  [/^3\.1\./, "2.0"],
];

function frame(opcode: number, body: Uint8Array): Uint8Array {
  return join(VERSION, 0, 0, 0, opcode, big(body.length, 4), body);
}

const whole = (received: Uint8Array): boolean =>
  received.length >= 9 && received.length >= 9 + reader(received, 5).u32();
const shortString = (text: string): Uint8Array => join(big(text.length, 2), text);
const QUERY = "SELECT release_version FROM system.local";

const options: Ask = {
  probe: "cassandra.options",
  data: frame(OPCODE.options, new Uint8Array(0)),
  complete: whole,
};
const startup: Ask = {
  probe: "cassandra.startup",
  data: frame(OPCODE.startup, join(big(1, 2), shortString("CQL_VERSION"), shortString("3.0.0"))),
  complete: whole,
};
const release: Ask = {
  probe: "cassandra.release",
  data: frame(OPCODE.query, join(big(QUERY.length, 4), QUERY, big(CONSISTENCY_ONE, 2), 0)),
  complete: whole,
};

export interface CqlFrame {
  version: number;
  opcode: number;
  body: Uint8Array;
}

/** One whole response frame of version 3 to 6 (versions 1 and 2 have a shorter header, and are read as such). */
function parseFrame(data: Uint8Array): CqlFrame | null {
  const r = reader(data);
  const version = r.u8() ^ RESPONSE_BIT;
  if (version < 1 || version > 6) return null;
  r.u8(); // flags
  r.take(version < 3 ? 1 : 2); // stream
  const opcode = r.u8();
  const size = r.u32();
  if (size > MAX_BODY || size !== r.left) return null;
  return { version, opcode, body: r.take(size) };
}

function strings(r: Reader): string[] {
  const list: string[] = [];
  const count = r.u16();
  for (let i = 0; i < count && !r.failed && list.length < MAX_OPTIONS; i++) list.push(r.text(r.u16()));
  return list;
}

/** The string multimap of SUPPORTED. Null when malformed. */
function multimap(body: Uint8Array): Map<string, string> | null {
  const r = reader(body);
  const map = new Map<string, string>();
  const count = r.u16();
  if (count > MAX_OPTIONS) return null;
  for (let i = 0; i < count; i++) map.set(r.text(r.u16()), strings(r).join(","));
  return r.failed || r.left > 0 ? null : map;
}

/** The text of a one-row, one-column result; its metadata comes first (section 4.2.5.2). */
function singleValue(body: Uint8Array): string | null {
  const r = reader(body);
  if (r.u32() !== RESULT_ROWS) return null;
  const flags = r.u32();
  if (r.u32() !== 1 || (flags & 6) !== 0) return null;
  r.take(r.u16());
  r.take(r.u16());
  r.take(r.u16());
  r.u16();
  if (r.u32() < 1) return null;
  const value = r.text(r.u32());
  return r.failed || !/^[\w.+~-]{1,60}$/.test(value) ? null : value;
}

function read({ data, probe }: Response): Reading | null {
  const answer = parseFrame(data);
  if (!answer) return null;
  const { version, opcode, body } = answer;
  if (opcode === OPCODE.supported) {
    const map = multimap(body);
    if (!map?.has("CQL_VERSION")) return null;
    const cql = map.get("CQL_VERSION") ?? "";
    return {
      service: "cassandra",
      weight: 9,
      excerpt: printable(`CQL_VERSION ${cql}`),
      values: {
        cql,
        since: RELEASES.find(([pattern]) => pattern.test(cql))?.[1],
        protocols: map.get("PROTOCOL_VERSIONS"),
        options: [...map.keys()].sort().join(","),
        product: map.get("PRODUCT_TYPE"),
        release: map.get("SERVER_VERSION"),
      },
    };
  }
  if (opcode === OPCODE.error) {
    const r = reader(body);
    const code = r.u32();
    const message = r.text(r.u16());
    if (r.failed || code > 0xffff || !/^[\x20-\x7e\n]{5,}$/.test(message)) return null;
    const sure = code === PROTOCOL_ERROR && /protocol version/i.test(message);
    const values = { error: message.slice(0, 300), protocol: version };
    return { service: "cassandra", weight: sure ? 9 : 7, excerpt: printable(message), values };
  }
  if (probe === startup.probe && opcode === OPCODE.ready)
    return { service: "cassandra", weight: 7, excerpt: "READY", values: { auth: "none" } };
  if (probe === startup.probe && opcode === OPCODE.authenticate) {
    const r = reader(body);
    const authenticator = r.text(r.u16());
    return { service: "cassandra", weight: 8, excerpt: printable(authenticator), values: { authenticator } };
  }
  const value = probe === release.probe && opcode === OPCODE.result ? singleValue(body) : null;
  return value ? { service: "cassandra", weight: 8, excerpt: value, values: { release: value } } : null;
}

export const cassandra: Protocol = readingProtocol({
  name: "cassandra",
  prefix: "cassandra",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [options],
  read,
  async converse(session) {
    const supported = session.responses.some(({ data }) => parseFrame(data)?.opcode === OPCODE.supported);
    if (!supported && !(await session.ask(options, { fresh: true }))) return;
    const answer = await session.ask(startup);
    if (answer && parseFrame(answer.data)?.opcode === OPCODE.ready) await session.ask(release);
  },
});
