// FastCGI, the management record FCGI_GET_VALUES: which limits an application server has. Behind it goes a request that names no script: the
// C library keeps its answer to the first until it has one to the second (PHP's hangs up after the first). No script runs.
// Source: FastCGI Specification 1.0, sections 3.3 (records), 4.1 (FCGI_GET_VALUES, FCGI_GET_VALUES_RESULT) and 5.1 (FCGI_BEGIN_REQUEST).
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const VERSION = 1;
const GET_VALUES = 9;
const GET_VALUES_RESULT = 10;
const HEADER = 8;
const NAMES = ["FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS"];
/** Longest result read, bytes: three short pairs. */
const MAX_CONTENT = 1024;

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const [version, type, id, length] = [r.u8(), r.u8(), r.u16(), r.u16()];
  r.take(2);
  if (r.failed || version !== VERSION || type !== GET_VALUES_RESULT || id !== 0 || length > MAX_CONTENT)
    return null;
  const content = latin1(data.subarray(HEADER, HEADER + length));
  const known = NAMES.filter((name) => content.includes(name));
  return {
    service: "fastcgi",
    weight: known.length > 0 ? 9 : 6,
    excerpt: printable(`FCGI_GET_VALUES_RESULT ${known.join(" ")}`),
    values: { values: known.join(" "), program: wrapsCgi(data) ? "fcgiwrap" : null },
  };
}

const wrapsCgi = (data: Uint8Array): boolean =>
  data.includes(STDOUT) && latin1(data.subarray(0, MAX_CONTENT)).includes(FCGIWRAP);

/** A name-value pair without a value: two lengths, the name. */
const pair = (name: string) => [name.length, 0, ...bytes(name)];

/** A request of a responder (role 1), one parameter, and the ends of parameters and of input. */
const METHOD = [14, 3, ...bytes("REQUEST_METHOD"), ...bytes("GET")];
const REQUEST = [
  ...[VERSION, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
  ...[VERSION, 4, 0, 1, 0, METHOD.length, 0, 0, ...METHOD],
  ...[VERSION, 4, 0, 1, 0, 0, 0, 0],
  ...[VERSION, 5, 0, 1, 0, 0, 0, 0],
];
/** FCGI_STDOUT, and what fcgiwrap writes there when it is told no script. */
const STDOUT = 6;
const FCGIWRAP = "Status: 403 Forbidden\r\nContent-Type: text/plain\r\n\r\n403 Forbidden\r\n";

export const fastcgi: Protocol = readingProtocol({
  name: "fastcgi",
  prefix: "fastcgi",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => {
    const content = NAMES.flatMap(pair);
    const head = [VERSION, GET_VALUES, 0, 0, content.length >> 8, content.length & 0xff, 0, 0];
    return [
      {
        probe: "fastcgi.getValues",
        data: Uint8Array.from([...head, ...content, ...REQUEST]),
      },
    ];
  },
  read,
});
