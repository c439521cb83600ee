// PostgreSQL and what speaks its protocol (PgBouncer, Pgpool, CockroachDB, …). The opener asks for TLS, to
// which the server answers one byte. Then a startup message of a protocol version that does not exist makes
// the server explain itself and close, before it has looked at any user or database: no login is tried.
// The error's file, line and routine point into the server's own source, which differs by release.
// Source: PostgreSQL manual, "Message Formats" (SSLRequest, StartupMessage, ErrorResponse) and "Error and
// Notice Message Fields".
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

/** Request code of SSLRequest: 1234 in the high 16 bits, 5679 in the low. */
const SSL_REQUEST = 80877103;
/** A major version that no server has; it must not be 1234, which is reserved for request codes. */
const NO_SUCH_VERSION = 99 * 0x10000;

export const sslRequest: Ask = {
  probe: "postgresql.ssl",
  data: join(big(8, 4), big(SSL_REQUEST, 4)),
  complete: (received) => received.length > 0 && (received[0] !== 0x45 || errorEnd(received) !== null),
};

/** What it is sent who hung up on that without a word: of a version that all know, and without the name of a user, so that it is no login either. */
const nameless: Ask = {
  probe: "postgresql.nameless",
  data: join(big(9, 4), big(3 * 0x10000, 4), "\0"),
  complete: (received) => errorEnd(received) !== null,
};

const parameters = "user\0doorplate\0database\0doorplate\0\0";
export const startup: Ask = {
  probe: "postgresql.startup",
  data: join(big(8 + parameters.length, 4), big(NO_SUCH_VERSION, 4), parameters),
  complete: (received) => errorEnd(received) !== null,
};

/** End of an ErrorResponse that starts at 0, or null when it is not whole. */
function errorEnd(data: Uint8Array): number | null {
  const r = reader(data);
  if (r.u8() !== 0x45) return null;
  const length = r.u32();
  return !r.failed && length >= 8 && length <= 8192 && data.length >= length + 1 ? length + 1 : null;
}

/**
 * ErrorResponse: `E`, length, then fields of one letter and a C string. Protocol 2 (up to PostgreSQL 7.3, and
 * still sent by 9-13 to a client they take for an old one) has `E` and one C string.
 */
function parseError(data: Uint8Array): Map<string, string> | null {
  const end = errorEnd(data);
  const fields = new Map<string, string>();
  if (end === null) {
    const old = /^E((?:FATAL|ERROR|PANIC): {1,2}[^\0]{3,500}\n?)\0$/.exec(latin1(data.subarray(0, 600)));
    const text = old?.[1]?.trim();
    return text ? new Map([["M", text]]) : null;
  }
  const r = reader(data.subarray(0, end), 5);
  while (r.left > 1) {
    const letter = r.text(1);
    if (letter === "\0") break;
    const value = r.cstring();
    if (r.failed || !/[A-Za-z]/.test(letter)) return null;
    fields.set(letter, value);
  }
  return fields.has("S") && fields.has("M") ? fields : null;
}

function recognise(response: Response): Recognition | null {
  const { data, probe } = response;
  const error = parseError(data);
  if (error) {
    const excerpt = printable(
      `${error.get("S") ?? ""} ${error.get("C") ?? ""} ${error.get("M") ?? ""}`.trim(),
    );
    return { service: "postgresql", weight: error.has("C") ? 9 : 7, excerpt };
  }
  if (probe !== sslRequest.probe || data.length !== 1) return null;
  const answer = latin1(data);
  return answer === "S" || answer === "N" ? { service: "postgresql", weight: 7, excerpt: answer } : null;
}

function read(response: Response): Fact[] {
  const family = familyOf(response);
  const error = parseError(response.data);
  if (error) {
    return named("postgresql", family, {
      sqlstate: error.get("C"),
      "error.severity": error.get("V") ?? error.get("S"),
      "error.message": error.get("M"),
      "error.file": error.get("F"),
      "error.line": error.get("L"),
      "error.routine": error.get("R"),
      "error.location": ["F", "L", "R"].every((letter) => error.has(letter))
        ? `${error.get("F")}:${error.get("L")}:${error.get("R")}`
        : null,
    });
  }
  if (response.probe !== sslRequest.probe || response.data.length !== 1) return [];
  const answer = latin1(response.data);
  return answer === "S" || answer === "N" ? named("postgresql", family, { ssl: answer }) : [];
}

async function converse(session: Session): Promise<void> {
  const last = session.responses.at(-1);
  const answered = last?.probe === sslRequest.probe ? latin1(last.data) : null;
  // After `S` the server waits for a TLS hello, and logs an error if it gets anything else.
  if (answered === "S" && !session.context.tls && (await session.startTls())) {
    await session.ask(startup);
    return;
  }
  const said = await session.ask(startup, answered === "N" ? {} : { fresh: true });
  if (said?.data.length === 0 && said.end !== "timeout") await session.ask(nameless, { fresh: true });
}

export const postgresql: Protocol = {
  name: "postgresql",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: (context) => (context.tls ? [startup] : [sslRequest]),
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
