// Proxies that know no method but CONNECT, and hang up on all others: they are asked to connect to a port that cannot be connected to (0), so that
// nothing goes out from them whatever they are. What they refuse it with is HTTP, which reads it.
// Source: RFC 9110 section 9.3.6; Tor's proposal 365 (its tunnel's `Via`).
import { bytes } from "./reply-lines.ts";
import type { Protocol } from "./types.ts";

export const connectProxy: Protocol = {
  name: "connect-proxy",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    { probe: "connect-proxy.nowhere", data: bytes("CONNECT doorplate.invalid:0 HTTP/1.0\r\n\r\n") },
  ],
  recognise: () => null,
  facts: () => [],
};
