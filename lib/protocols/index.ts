/**
 * The protocols we speak, in the order in which an unknown silent port is asked: first what is most often found
 * on unregistered ports, then what little else would answer for. A protocol file knows how to ask and how to read; this list
 * only adds under which service names of the registry it runs, so that a port's prior can pick its protocol.
 */

import { dns } from "./dns.ts";
import { ftp } from "./ftp.ts";
import { http } from "./http.ts";
import { imap } from "./imap.ts";
import { memcached } from "./memcached.ts";
import { mqtt } from "./mqtt.ts";
import { mysql } from "./mysql.ts";
import { pop3 } from "./pop3.ts";
import { postgresql } from "./postgresql.ts";
import { redis } from "./redis.ts";
import { smtp } from "./smtp.ts";
import { ssh } from "./ssh.ts";
import { tls } from "./tls.ts";
import type { Protocol } from "./types.ts";

export interface Registered {
  protocol: Protocol;
  /** Service names of the registry behind which this protocol may stand. */
  services: readonly string[];
  /** It wraps another service: asked first on ports registered for TLS. */
  tunnel?: true;
}

export const protocols: readonly Registered[] = [
  { protocol: http, services: ["http", "https", "http-alt", "http-proxy", "ipp", "https-alt"] },
  { protocol: tls, services: ["ssl", "https", "imaps", "pop3s", "smtps", "ldaps", "ftps"], tunnel: true },
  { protocol: ssh, services: ["ssh"] },
  { protocol: ftp, services: ["ftp", "ftps"] },
  { protocol: smtp, services: ["smtp", "smtps", "submission", "lmtp"] },
  { protocol: imap, services: ["imap", "imaps"] },
  { protocol: pop3, services: ["pop3", "pop3s"] },
  { protocol: mysql, services: ["mysql"] },
  { protocol: postgresql, services: ["postgresql"] },
  { protocol: redis, services: ["redis"] },
  { protocol: memcached, services: ["memcached", "memcache"] },
  { protocol: mqtt, services: ["mqtt", "secure-mqtt"] },
  { protocol: dns, services: ["domain"] },
];
