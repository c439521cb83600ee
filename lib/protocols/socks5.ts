// SOCKS 5: a greeting that offers "no authentication" and "user name and password"; the server picks one or
// none (0xFF). Nothing is asked of it after that: we never use the proxy.
// Source: RFC 1928 section 3.
import { type Fact, latin1, type Response } from "../model/observation.ts";
import { bytes, distinct, familyOf, join, named } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const METHODS: Record<number, string> = {
  0: "none",
  1: "gssapi",
  2: "password",
  255: "no acceptable method",
};
const greeting: Ask = {
  probe: "socks5.methods",
  data: join(5, 2, 0, 2),
  complete: (received) => received.length >= 2,
};

const browser: Ask = { probe: "socks5.browser", data: bytes("GET / HTTP/1.0\r\n\r\n"), timeoutMs: 1000 };

/** The chosen method. Two bytes are little to go by, so only an answer to our own greeting is read. */
function chosen({ probe, data }: Response): string | null {
  const [version, method = -1] = data;
  return probe === greeting.probe && data.length === 2 && version === 5 ? (METHODS[method] ?? null) : null;
}

/** What Tor says to a browser, in HTTP's form; but a page of this. */
const TOR_PAGE = /^HTTP\/1\.0 501 Tor is not an HTTP Proxy(?=\r\n)/;

function recognise(response: Response): Recognition | null {
  const [page] = TOR_PAGE.exec(latin1(response.data.subarray(0, 64))) ?? [];
  if (page) return { service: "socks5", weight: 10, excerpt: page };
  const method = chosen(response);
  if (method) return { service: "socks5", weight: 7, excerpt: `method: ${method}` };
  const { probe, data } = response;
  // What it refuses others with, who offer it no method at all: reason to be asked in its own language next.
  const none = probe !== greeting.probe && data.length === 2 && data[0] === 5 && data[1] === 255;
  return none ? { service: "socks5", weight: 4, excerpt: "method: no acceptable method" } : null;
}

export const socks5: Protocol = {
  name: "socks5",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [greeting],
  recognise,
  async converse(session) {
    // Tor prefers names and passwords, any of them, to none; and it tells browsers that they are wrong here.
    if (!session.responses.some((response) => chosen(response) === "password")) return;
    await session.ask(browser, { fresh: true });
  },
  facts: (responses): Fact[] =>
    distinct(
      responses.flatMap((response) => named("socks5", familyOf(response), { method: chosen(response) })),
    ),
};
