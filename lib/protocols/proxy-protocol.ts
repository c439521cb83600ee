// HAProxy's PROXY protocol: who listens behind a load balancer may want each connection to begin with a header that tells whose it is, and
// hangs up on everything else. `LOCAL` claims no address (nor does version 1's `UNKNOWN`, which Varnish and Postfix refuse); the request behind it
// is a plain one, and so are the answers, which their own protocols read.
// Source: "The PROXY protocol, Versions 1 & 2", section 2.2 (binary header).
import { join } from "./binary.ts";
import type { Protocol } from "./types.ts";

/** Of version 2: twelve bytes that are nobody else's, version and command (`LOCAL`), family (unspecified), no addresses. */
const HEADER = join("\r\n\r\n\0\r\nQUIT\n", 0x20, 0, 0, 0);

export const proxyProtocol: Protocol = {
  name: "proxy-protocol",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "proxy-protocol.get",
      data: join(HEADER, "GET / HTTP/1.0\r\n\r\n"),
    },
  ],
  recognise: () => null,
  facts: () => [],
};
