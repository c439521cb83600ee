// ClickHouse's native port: its hello is a login, so we send a ping out of turn instead, and read the exception that
// answers it. A browser that strays here is told in plain text which port is for HTTP; that text is unmistakable.
// Source: ClickHouse documentation, "Native protocol" (client and server packets); its TCPHandler source for the words.
import { latin1, printable, type Response } from "../model/observation.ts";
import { join, type Reader, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const CLIENT_PING = 4;
const SERVER_EXCEPTION = 2;
const MAX_TEXT = 4096;
const WRONG_PORT = /^HTTP\/1\.[01] 400 Bad Request\r\n\r\nPort (\d{1,5}) is for clickhouse-client program/;

/** Unsigned LEB128, at most 3 bytes: no text we read is longer than that says. */
function varint(r: Reader): number {
  let value = 0;
  for (let shift = 0; shift < 21; shift += 7) {
    const byte = r.u8();
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  r.take(-1);
  return 0;
}

/** Name, code and message of an exception packet; null when the bytes are something else. */
function parseException(data: Uint8Array): { code: number; name: string; message: string } | null {
  const r = reader(data.subarray(0, 65_536));
  if (r.u8() !== SERVER_EXCEPTION) return null;
  const code = r.u32le();
  const name = r.text(varint(r));
  const message = r.text(varint(r));
  return r.failed || !/^DB::\w{0,40}Exception$/.test(name) ? null : { code, name, message };
}

function read({ data }: Response): Reading | null {
  const exception = parseException(data);
  if (exception) {
    const excerpt = printable(exception.message || exception.name);
    const version = /\(version (\d{2}(?:\.\d{1,5}){2,3})/.exec(exception.message)?.[1];
    return {
      service: "clickhouse",
      weight: 9,
      excerpt,
      values: { exception: exception.name, code: exception.code, version },
    };
  }
  const wrong = WRONG_PORT.exec(latin1(data.subarray(0, MAX_TEXT)));
  return wrong
    ? {
        service: "clickhouse",
        weight: 9,
        excerpt: printable(wrong[0].slice(wrong[0].indexOf("Port"))),
        values: { refusal: wrong[0].slice(wrong[0].indexOf("Port")) },
      }
    : null;
}

export const clickhouse: Protocol = readingProtocol({
  name: "clickhouse",
  prefix: "clickhouse",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [{ probe: "clickhouse.ping", data: join(CLIENT_PING) }],
  read,
});
