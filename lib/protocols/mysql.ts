// MySQL and its kin (MariaDB, Percona, proxies): the server greets with a handshake packet that names its
// version, or with an error packet that says why it will not talk. Nothing needs to be sent, and nothing is.
//
// Saying goodbye. A server counts a client that leaves during the handshake in `Aborted_connects`, and as a
// handshake error against `max_connect_errors` (100 by default; the next successful login from the same host
// sets it back to 0; only hosts whose name was validated are counted). COM_QUIT is not valid before
// authentication and counts as a malformed handshake just the same; so does SSLRequest without a login after
// it. The only way not to be counted is to log in, or to fail a login, which we never do. So the most polite
// thing is: one connection, read, close, no second connection, no retry. Hence no openers and no `converse`.
// Source: MySQL Reference Manual, "performance_schema.host_cache" (SUM_CONNECT_ERRORS, COUNT_HANDSHAKE_ERRORS),
// "Server Status Variables" (Aborted_connects); protocol: "Protocol::HandshakeV10", "ERR_Packet".
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { distinct, named, reader } from "./binary.ts";
import type { Protocol, Recognition } from "./types.ts";

/** Longest first packet that we take for a greeting or an error, bytes; real ones are below 200. */
const MAX_PACKET = 2048;
/** Capability bits (little-endian, low 16 then high 16) that show how the packet goes on. */
const CLIENT_PLUGIN_AUTH = 1 << 19;
const CLIENT_SSL = 1 << 11;
/** Unset by MariaDB since 10.2 alone, which then has capabilities of its own behind it (MariaDB: "Initial Handshake Packet"). */
const CLIENT_MYSQL = 1;
/** Server error codes: 1000 and up, with MariaDB's own from 1900 and 4000, below 10,000. */
const ERROR_CODES = { first: 1000, last: 9999 };

interface Greeting {
  protocol: number;
  version: string;
  threadId: number;
  capabilities: number | null;
  collation: number | null;
  authPlugin: string | null;
  /** MariaDB's own, in the last four reserved bytes; null where the server is no MariaDB since 10.2, or says nothing. */
  mariadbCapabilities: number | null;
}
interface ServerError {
  code: number;
  sqlstate: string | null;
  /** Everything after the code, a `#sqlstate` marker included. */
  text: string;
}

/** The first packet's payload: 3 bytes length (little-endian), 1 byte sequence number. */
function firstPacket(data: Uint8Array): Uint8Array | null {
  const header = reader(data);
  const length = header.u24le();
  const sequence = header.u8();
  if (header.failed || length < 3 || length > MAX_PACKET || sequence > 2) return null;
  const payload = header.take(length);
  return header.failed ? null : payload;
}

/** HandshakeV10 (or V9, up to MySQL 3.20). Null when the bytes are something else. */
function parseGreeting(data: Uint8Array): Greeting | null {
  const payload = firstPacket(data);
  if (!payload || data[3] !== 0) return null;
  const r = reader(payload);
  const protocol = r.u8();
  if (protocol !== 10 && protocol !== 9) return null;
  const version = r.cstring();
  const threadId = r.u32le();
  if (r.failed || !/^\d+\.\d+[\x20-\x7e]{0,200}$|^[\x20-\x7e]{3,200}$/.test(version)) return null;
  const greeting: Greeting = {
    protocol,
    version,
    threadId,
    capabilities: null,
    collation: null,
    authPlugin: null,
    mariadbCapabilities: null,
  };
  if (protocol === 9) return greeting;
  r.take(8); // first part of the salt
  const filler = r.u8();
  const low = r.u16le();
  if (r.failed || filler !== 0) return null;
  greeting.capabilities = low;
  greeting.collation = r.u8();
  r.u16le(); // status flags
  const high = r.u16le();
  const saltLength = r.u8();
  r.take(6); // reserved
  const own = r.u32le();
  if (r.failed) return { ...greeting, collation: null };
  greeting.capabilities = low + high * 0x10000;
  if (!(greeting.capabilities & CLIENT_MYSQL) && own !== 0) greeting.mariadbCapabilities = own;
  if (greeting.capabilities & CLIENT_PLUGIN_AUTH) {
    r.take(Math.max(13, saltLength - 8)); // second part of the salt
    const rest = r.text(r.left).replace(/\0[\s\S]*$/, "");
    if (!r.failed && /^[a-z0-9_]{3,64}$/i.test(rest)) greeting.authPlugin = rest;
  }
  return greeting;
}

/** ERR_Packet: 0xFF, code (little-endian), then text, which may open with `#` and five characters of SQLSTATE. */
function parseError(data: Uint8Array): ServerError | null {
  const payload = firstPacket(data);
  if (!payload) return null;
  const r = reader(payload);
  if (r.u8() !== 0xff) return null;
  const code = r.u16le();
  if (r.failed || code < ERROR_CODES.first || code > ERROR_CODES.last) return null;
  const text = latin1(r.take(r.left)).replace(/\0+$/, "");
  if (text.length < 3 || /[\x00-\x08\x0e-\x1f]/.test(text)) return null;
  return { code, sqlstate: /^#([0-9A-Z]{5})/.exec(text)?.[1] ?? null, text };
}

/**
 * MariaDB 10 and later put `5.5.5-` before their version for old replication clients (proxies put other
 * numbers there); the real version follows.
 */
export function realVersion(version: string): string {
  return version.replace(/^5\.\d{1,2}\.\d{1,3}-(?=1\d\.\d{1,3}\.\d{1,3}\b)/, "");
}

function recognise({ data }: Response): Recognition | null {
  const greeting = parseGreeting(data);
  if (greeting)
    return { service: "mysql", weight: /^\d/.test(greeting.version) ? 9 : 7, excerpt: greeting.version };
  const error = parseError(data);
  if (!error) return null;
  return { service: "mysql", weight: 7, excerpt: printable(`error ${error.code}: ${error.text}`) };
}

function read({ data }: Response): Fact[] {
  const greeting = parseGreeting(data);
  if (greeting) {
    const { mariadbCapabilities: own } = greeting;
    const compiledIn = { mariadbCapabilities: own === null ? null : `0x${own.toString(16)}` };
    const said = named("mysql", "banner", {
      banner: greeting.version,
      version: realVersion(greeting.version),
      protocol: greeting.protocol,
      authPlugin: greeting.authPlugin,
      capabilities: greeting.capabilities === null ? null : `0x${greeting.capabilities.toString(16)}`,
      collation: greeting.collation,
      tls: greeting.capabilities === null ? null : greeting.capabilities & CLIENT_SSL ? "yes" : "no",
    });
    // Beside the version, which its owner may have typed.
    return [...said, ...named("mysql", "reply:mysql.capabilities", compiledIn)];
  }
  const error = parseError(data);
  if (!error) return [];
  return named("mysql", "banner", { error: error.text, errorCode: error.code, sqlstate: error.sqlstate });
}

export const mysql: Protocol = {
  name: "mysql",
  transports: ["tcp"],
  speaksFirst: "server",
  openers: () => [],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
