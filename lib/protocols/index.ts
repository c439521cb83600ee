/**
 * The protocols we speak, in the order in which an unknown silent port is asked: first what is most often found
 * on unregistered ports, then what little else would answer for. A protocol file knows how to ask and how to read; this list
 * only adds under which service names of the registry it runs, so that a port's prior can pick its protocol.
 */

import { amqp } from "./amqp.ts";
import { beanstalkd } from "./beanstalkd.ts";
import { dns } from "./dns.ts";
import { epmd } from "./epmd.ts";
import { ftp } from "./ftp.ts";
import { http } from "./http.ts";
import { imap } from "./imap.ts";
import { irc } from "./irc.ts";
import { ldap } from "./ldap.ts";
import { memcached } from "./memcached.ts";
import { mongodb } from "./mongodb.ts";
import { mqtt } from "./mqtt.ts";
import { mysql } from "./mysql.ts";
import { nats } from "./nats.ts";
import { nntp } from "./nntp.ts";
import { ntp } from "./ntp.ts";
import { pop3 } from "./pop3.ts";
import { postgresql } from "./postgresql.ts";
import { rdp } from "./rdp.ts";
import { redis } from "./redis.ts";
import { rsync } from "./rsync.ts";
import { rtsp } from "./rtsp.ts";
import { sip } from "./sip.ts";
import { smb } from "./smb.ts";
import { smtp } from "./smtp.ts";
import { snmp } from "./snmp.ts";
import { socks5 } from "./socks5.ts";
import { ssh } from "./ssh.ts";
import { sunrpc } from "./sunrpc.ts";
import { telnet } from "./telnet.ts";
import { tls } from "./tls.ts";
import type { Protocol } from "./types.ts";
import { vnc } from "./vnc.ts";
import { x11 } from "./x11.ts";
import { zookeeper } from "./zookeeper.ts";

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
  { protocol: postgresql, services: ["postgresql"] },
  { protocol: ldap, services: ["ldap", "ldaps"] },
  { protocol: mqtt, services: ["mqtt", "secure-mqtt"] },
  { protocol: dns, services: ["domain"] },
  { protocol: smb, services: ["microsoft-ds", "netbios-ssn"] },
  { protocol: sunrpc, services: ["rpcbind", "sunrpc", "nfs", "mountd"] },
  { protocol: mongodb, services: ["mongodb"] },
  { protocol: rdp, services: ["ms-wbt-server"] },
  { protocol: socks5, services: ["socks5", "socks"] },
  { protocol: epmd, services: ["epmd"] },
  { protocol: x11, services: ["X11"] },
  { protocol: zookeeper, services: ["zookeeper"] },
  // These answer the requests above in words of their own, so that their own are needed on registered ports only.
  { protocol: redis, services: ["redis"] },
  { protocol: memcached, services: ["memcached", "memcache"] },
  { protocol: amqp, services: ["amqp", "amqps"] },
  { protocol: beanstalkd, services: ["beanstalkd", "beanstalk"] },
  { protocol: rtsp, services: ["rtsp"] },
  { protocol: sip, services: ["sip", "sip-tls"] },
  { protocol: irc, services: ["irc", "ircs"] },
  // Servers that greet.
  { protocol: ssh, services: ["ssh"] },
  { protocol: ftp, services: ["ftp", "ftps"] },
  { protocol: smtp, services: ["smtp", "smtps", "submission", "lmtp"] },
  { protocol: imap, services: ["imap", "imaps"] },
  { protocol: pop3, services: ["pop3", "pop3s"] },
  { protocol: nntp, services: ["nntp", "nntps"] },
  { protocol: telnet, services: ["telnet"] },
  { protocol: mysql, services: ["mysql"] },
  { protocol: vnc, services: ["vnc"] },
  { protocol: rsync, services: ["rsync"] },
  { protocol: nats, services: ["nats"] },
  // UDP only.
  { protocol: ntp, services: ["ntp"] },
  { protocol: snmp, services: ["snmp"] },
];
