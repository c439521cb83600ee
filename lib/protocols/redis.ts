// Redis and its kin (Valkey, KeyDB, Dragonfly, …). `INFO` as an inline command is read-only and tells name,
// version, mode and operating system; a server that wants a password or is in protected mode says so.
// Its error replies to other protocols' probes are just as telling.
// Source: redis.io "RESP protocol spec" (inline commands, bulk strings, errors) and "INFO".
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { bytes, distinct, familyOf, named } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

/** Longest `INFO` answer that is waited for whole, bytes. */
const MAX_INFO = 65_536;

/** One whole reply: an error or simple string ends at CRLF, a bulk string after its length. */
function wholeReply(received: Uint8Array): boolean {
  const text = latin1(received.subarray(0, 32));
  const bulk = /^\$(\d{1,6})\r\n/.exec(text);
  if (bulk) return received.length >= Math.min(bulk[0].length + Number(bulk[1]) + 2, MAX_INFO);
  return received.length > 2 && received[received.length - 1] === 0x0a;
}

const info: Ask = { probe: "redis.info", data: bytes("INFO\r\n"), complete: wholeReply };

/** Longest map that `HELLO` answers with is told by its last field, the modules; bytes. */
const MAX_HELLO = 4_096;
/** Since version 6 it tells name and version, too, to everybody who needs no password; `INFO` is what operators rename. */
const hello: Ask = {
  probe: "redis.hello",
  data: bytes("HELLO\r\n"),
  complete: (received) => {
    const text = latin1(received.subarray(0, MAX_HELLO));
    return text.startsWith("*")
      ? /\r\nmodules\r\n\*\d/.test(text) && text.endsWith("\r\n")
      : wholeReply(received);
  },
};

/** Server and version in the list of names and values that `HELLO` answers with, or null. */
function parseHello(text: string): { server: string; version: string } | null {
  const fields =
    /^\*\d{1,3}\r\n\$6\r\nserver\r\n\$\d{1,2}\r\n([a-z][\w-]{1,30})\r\n\$7\r\nversion\r\n\$\d{1,2}\r\n(\d[\w.-]{0,30})\r\n/.exec(
      text.slice(0, MAX_HELLO),
    );
  return fields?.[1] && fields[2] ? { server: fields[1], version: fields[2] } : null;
}

/** Error texts that only a server of this family sends. `-ERR` alone is not enough: POP3 says it too. */
const ERRORS: readonly [RegExp, number][] = [
  [/^-NOAUTH (?:Authentication required|HELLO must be called)/, 9],
  [/^-DENIED [A-Za-z]+ is running in protected mode/, 9],
  [/^-ERR unknown command [`']/, 7],
  [/^-ERR wrong number of arguments for '[a-z.]{2,20}' command\r\n/, 8],
  [/^-ERR operation not permitted\r\n/, 5],
  [/^-ERR Protocol error: /, 7],
  [/^-NOPERM /, 6],
  [/^-LOADING [A-Za-z]+ is loading the dataset in memory/, 9],
  [/^-ERR max number of clients reached/, 8],
  [/^-MASTERDOWN |^-MISCONF /, 6],
];

/** The `key:value` lines of an `INFO` answer, or null when the text is none. */
function parseInfo(text: string): Map<string, string> | null {
  if (!/^\$\d{1,6}\r\n(?:# [A-Za-z]{2,20}\r\n|[a-z_]{3,30}:)/.test(text)) return null;
  const values = new Map<string, string>();
  for (const line of text.slice(0, MAX_INFO).split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0 && colon < 40 && !values.has(line.slice(0, colon)))
      values.set(line.slice(0, colon), line.slice(colon + 1, colon + 201));
  }
  return ["redis_version", "valkey_version", "dragonfly_version", "tcp_port"].some((key) => values.has(key))
    ? values
    : null;
}

function errorOf(text: string): { text: string; weight: number } | null {
  const hit = ERRORS.find(([pattern]) => pattern.test(text));
  const line = text.split("\r\n", 1)[0];
  return hit && line ? { text: line.slice(1), weight: hit[1] } : null;
}

function recognise({ data }: Response): Recognition | null {
  const text = latin1(data.subarray(0, MAX_INFO));
  const values = parseInfo(text);
  if (values) return { service: "redis", weight: 9, excerpt: printable(text.slice(text.indexOf("\n") + 1)) };
  const greeted = parseHello(text);
  if (greeted) return { service: "redis", weight: 9, excerpt: `${greeted.server} ${greeted.version}` };
  if (text === "+PONG\r\n") return { service: "redis", weight: 7, excerpt: "+PONG" };
  const error = errorOf(text);
  return error ? { service: "redis", weight: error.weight, excerpt: printable(error.text) } : null;
}

/** Which program answers: each fork adds keys of its own to `INFO`. */
function serverName(values: Map<string, string>): string | null {
  const told = values.get("server_name");
  if (told) return told;
  if (values.has("dragonfly_version")) return "dragonfly";
  if (values.has("valkey_version")) return "valkey";
  if (values.has("mvcc_depth")) return "keydb";
  return values.has("redis_version") ? "redis" : null;
}

function read(response: Response): Fact[] {
  const text = latin1(response.data.subarray(0, MAX_INFO));
  const family = familyOf(response);
  const values = parseInfo(text);
  if (values) {
    const server = serverName(values);
    const version = values.get("redis_version");
    const own = values.get(`${server}_version`)?.replace(/^df-v?/, "") ?? version;
    return named("redis", family, {
      version,
      server,
      "server.version": server && own ? `${server} ${own}` : null,
      mode: values.get("redis_mode") ?? values.get("server_mode"),
      os: values.get("os"),
      arch: values.get("arch_bits"),
      role: values.get("role"),
    });
  }
  const greeted = parseHello(text);
  if (greeted) {
    const { server, version } = greeted;
    return named("redis", family, { version, server, "server.version": `${server} ${version}` });
  }
  if (text === "+PONG\r\n") return named("redis", family, { reply: "+PONG" });
  return named("redis", family, { error: errorOf(text)?.text });
}

export const redis: Protocol = {
  name: "redis",
  transports: ["tcp"],
  speaksFirst: "client",
  // Allowed to everybody, and answered with `+OK` whatever else is denied ("QUIT").
  unlike: "redis.quit",
  openers: () => [info],
  recognise,
  async converse(session) {
    const refused = session.responses.some(({ data }) =>
      /^-ERR unknown command [`']INFO/i.test(latin1(data.subarray(0, 64))),
    );
    if (refused && !(await session.ask(hello))) return;
    await session.ask({
      probe: "redis.quit",
      data: bytes("QUIT\r\n"),
      complete: wholeReply,
      evenIfEnough: true,
    });
  },
  facts: (responses) => distinct(responses.flatMap(read)),
};
