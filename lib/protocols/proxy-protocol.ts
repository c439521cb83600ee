// HAProxy's PROXY protocol: who listens behind a load balancer may want each connection to begin with a line that tells whose it is, and
// hangs up on everything else. `UNKNOWN` claims no address; the request behind it is a plain one, and so are the answers, which their own
// protocols read.
// Source: "The PROXY protocol, Versions 1 & 2", section 2.1 (human-readable header).
import { bytes } from "./reply-lines.ts";
import type { Protocol } from "./types.ts";

export const proxyProtocol: Protocol = {
  name: "proxy-protocol",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "proxy-protocol.get",
      data: bytes("PROXY UNKNOWN\r\nGET / HTTP/1.0\r\n\r\n"),
    },
  ],
  recognise: () => null,
  facts: () => [],
};
