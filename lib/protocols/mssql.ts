// Microsoft SQL Server: a TDS client begins with PRELOGIN, and the server's own PRELOGIN holds its version and whether
// it wants encryption. Login is the next message, and is not sent.
// Source: [MS-TDS] sections 2.2.3.1 (packet header), 2.2.6.5 (PRELOGIN).
import type { Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const TYPE = { prelogin: 0x12, response: 0x04 };
const END_OF_MESSAGE = 1;
const TOKEN = { version: 0, encryption: 1, instance: 2, thread: 3, mars: 4, end: 0xff };
/** "Encryption is available but off" (section 2.2.6.5). */
const ENCRYPT_OFF = 0;
const HEADER = 8;
const MAX_PACKET = 4096;
const ENCRYPTION: Record<number, string> = { 0: "off", 1: "on", 2: "not supported", 3: "required" };

/** Marketing name by major and minor version: Microsoft, "SQL Server version" table. */
const RELEASES: Record<string, string> = {
  "8.0": "2000",
  "9.0": "2005",
  "10.0": "2008",
  "10.50": "2008 R2",
  "11.0": "2012",
  "12.0": "2014",
  "13.0": "2016",
  "14.0": "2017",
  "15.0": "2019",
  "16.0": "2022",
  "17.0": "2025",
};

/** Options of ours with their values; offsets count from the start of the list. */
function preloginBody(): Uint8Array {
  const values: [number, Uint8Array][] = [
    [TOKEN.version, join(0, 0, 0, 0, 0, 0)],
    [TOKEN.encryption, join(ENCRYPT_OFF)],
    [TOKEN.instance, join(0)],
    [TOKEN.thread, join(0, 0, 0, 0)],
    [TOKEN.mars, join(0)],
  ];
  let offset = values.length * 5 + 1;
  const list = values.map(([token, value]) => {
    const entry = join(token, big(offset, 2), big(value.length, 2));
    offset += value.length;
    return entry;
  });
  return join(...list, TOKEN.end, ...values.map(([, value]) => value));
}

const body = preloginBody();
const prelogin: Ask = {
  probe: "mssql.prelogin",
  data: join(TYPE.prelogin, END_OF_MESSAGE, big(HEADER + body.length, 2), big(0, 2), 0, 0, body),
  complete: (received) => received.length >= 4 && received.length >= reader(received, 2).u16(),
};

/** Option values by token; null when the bytes are no PRELOGIN response whose lengths hold. */
function parsePrelogin(data: Uint8Array): Map<number, Uint8Array> | null {
  const r = reader(data);
  if (r.u8() !== TYPE.response || r.u8() !== END_OF_MESSAGE) return null;
  const size = r.u16();
  if (size !== data.length || size > MAX_PACKET) return null;
  const content = data.subarray(HEADER);
  const list = reader(content);
  const options = new Map<number, Uint8Array>();
  for (let token = list.u8(); token !== TOKEN.end; token = list.u8()) {
    const value = reader(content, list.u16());
    const bytes = value.take(list.u16());
    if (list.failed || value.failed || options.has(token) || token > 16) return null;
    options.set(token, bytes);
  }
  return options.get(TOKEN.version)?.length === 6 ? options : null;
}

function read({ data }: Response): Reading | null {
  const options = parsePrelogin(data);
  if (!options) return null;
  const r = reader(options.get(TOKEN.version) ?? new Uint8Array(0));
  const [major, minor, build, sub] = [r.u8(), r.u8(), r.u16(), r.u16()];
  const version = `${major}.${minor}.${build}.${sub}`;
  const encryption = options.get(TOKEN.encryption)?.[0];
  return {
    service: "ms-sql-s",
    weight: 9,
    excerpt: `PRELOGIN ${version}`,
    values: {
      version,
      release: RELEASES[`${major}.${minor}`],
      encryption: encryption === undefined ? null : ENCRYPTION[encryption],
    },
  };
}

export const mssql: Protocol = readingProtocol({
  name: "mssql",
  prefix: "mssql",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [prelogin],
  read,
});
