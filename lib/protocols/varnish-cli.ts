// Varnish's management port greets with one CLI response: status and length in a line of exactly 13 bytes, then that many bytes
// and a line feed. 107 asks for authentication and tells nothing else; 200 shows the banner with the release.
// Nothing is sent: everything after the greeting is a command to the cache.
// Source: Varnish documentation, reference manual "varnish-cli", "Details" (response format, status codes, authentication).
import { latin1, printable, type Response } from "../model/observation.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

/** Bytes of the status line, line feed included. */
const STATUS_LINE = 13;
const AUTHENTICATION = 107;
const OK = 200;

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, 4096));
  const status = /^(\d{3}) (\d{1,8}) {0,8}\n/.exec(text);
  if (!status || status[0].length !== STATUS_LINE) return null;
  const body = text.slice(STATUS_LINE, STATUS_LINE + Number(status[2]));
  const code = Number(status[1]);
  const challenge = code === AUTHENTICATION && /^[a-z]{32}\n/.test(body);
  const banner = code === OK && /^-+\nVarnish Cache CLI/.test(body);
  if (!challenge && !banner) return null;
  return {
    service: "varnish-cli",
    weight: 9,
    excerpt: printable(challenge ? `${code} Authentication required` : body.trim()),
    values: {
      access: challenge ? "authentication" : "open",
      version: /^varnish-(\S{1,40})(?: revision|$)/m.exec(body)?.[1],
      platform: banner ? body.split("\n").find((line) => /^\w+,[^,\n]{1,60},/.test(line)) : null,
    },
  };
}

export const varnishCli: Protocol = readingProtocol({
  name: "varnishCli",
  prefix: "varnish",
  transports: ["tcp"],
  speaksFirst: "server",
  openers: () => [],
  read,
});
