import type { Daemon } from "../../daemon.ts";
import {
  memcached,
  memcachedUdp,
  mosquitto,
  postgres,
  redis,
  renamedMariadb,
  slapd,
} from "../servers/data.ts";
import { vsftpd } from "../servers/files.ts";
import { dovecot, loginTls, postfixSays } from "../servers/mail.ts";
import { chrony, relp } from "../servers/network.ts";
import { behind, passingTls, stunnel } from "../servers/proxies.ts";
import { dropbear, sshd } from "../servers/shells.ts";
import { apache, FILES, nginxTls, renamedLighttpd } from "../servers/web.ts";
import { daemon, hidden, OWN, TLS, tcp, udp } from "./entry.ts";
import {
  APACHE,
  DOVECOT,
  DROPBEAR,
  MEMCACHE,
  MOSQUITTO,
  POSTFIX,
  POSTGRES,
  REDIS,
  SMTP,
  WEB,
} from "./products.ts";

/** Servers on the ports of other services. */
export const strays: Daemon[] = [
  daemon("ssh on port 53", "openssh-server", [5353], [tcp("ssh", "OpenSSH", "package")], (place) =>
    sshd(place, "-o VersionAddendum=none -o DebianBanner=no"),
  ),
  daemon("sshd on MySQL's port", "openssh-server", [33060], [tcp("ssh", "OpenSSH", "9.2p1")], (place) =>
    sshd(place),
  ),
  daemon(
    "sshd on HTTPS' port",
    "openssh-server",
    [443],
    [tcp("ssh", "OpenSSH", "package")],
    (place) => sshd(place, "-o DebianBanner=no"),
    OWN,
  ),
  daemon("dropbear on port 80", "dropbear-bin", [80], [tcp("ssh", DROPBEAR, "package")], (place) =>
    dropbear(place),
  ),
  daemon(
    "relp odd",
    "rsyslog",
    [null],
    [tcp(["relp", "syslog-relp"], ["rsyslog", "librelp"], "1.11.0")],
    relp,
  ),
  daemon(
    "memcached on SIP's port",
    "memcached",
    [5060],
    [udp(MEMCACHE, "Memcached", "package")],
    memcachedUdp,
  ),
  daemon("memcached on RDP's port", "memcached", [3389], [tcp(MEMCACHE, "Memcached", "package")], (place) =>
    memcached(place),
  ),
  daemon("memcached on Redis' port", "memcached", [6379], [tcp(MEMCACHE, "Memcached", "package")], (place) =>
    memcached(place),
  ),
  daemon(
    "chrony on SNMP's port",
    "chrony",
    [161],
    [hidden(udp("ntp", null), ["chrony", "NTP"])],
    (place) => chrony(place),
    OWN,
  ),
  daemon("nginx by TLS on NFS's port", "nginx-light", [2049], [tcp(WEB, "nginx", "package", TLS)], (place) =>
    nginxTls(place, FILES),
  ),
  daemon("nginx by TLS on LDAP's port", "nginx-light", [389], [tcp(WEB, "nginx", "package", TLS)], (place) =>
    nginxTls(place, FILES),
  ),
  daemon("nginx by TLS on RTMP's port", "nginx-light", [1935], [tcp(WEB, "nginx", "package", TLS)], (place) =>
    nginxTls(place, FILES),
  ),
  daemon("apache on PostgreSQL's port", "apache2-bin", [5432], [tcp(WEB, APACHE, "package")], (place) =>
    apache(place, "ServerTokens Min"),
  ),
  daemon("lighttpd on Redis' port", "lighttpd", [6379], [tcp(WEB, "lighttpd", "1.4.69")], (place) =>
    renamedLighttpd(place, "lighttpd/1.4.69"),
  ),
  daemon("redis on HTTPS' port", "redis-server", [443], [tcp("redis", REDIS, "package")], (place) =>
    redis(place),
  ),
  daemon("redis on SSH's port", "redis-server", [22], [tcp("redis", REDIS, "package")], (place) =>
    redis(place, "--rename-command INFO ''"),
  ),
  daemon("redis on memcached's port", "redis-server", [11211], [tcp("redis", REDIS, "package")], (place) =>
    redis(place),
  ),
  daemon("postfix on Redis' other port", "postfix", [6380], [tcp(SMTP, POSTFIX)], (place) =>
    postfixSays(place, "lab ESMTP"),
  ),
  daemon("vsftpd on MongoDB's port", "vsftpd", [27017], [tcp("ftp", "vsftpd", "package")], (place) =>
    vsftpd(place, "(vsFTPd 3.0.3)"),
  ),
  daemon("mariadb on MQTT's port", "mariadb-server-core", [1883], [tcp("mysql", "MariaDB")], (place) =>
    renamedMariadb(place, "10.11.6-MariaDB"),
  ),
  daemon(
    "mosquitto on memcached's port",
    "mosquitto",
    [11211],
    [tcp("mqtt", MOSQUITTO, "package")],
    (place) => mosquitto(place),
  ),
  daemon(
    "slapd in stunnel on 8080",
    "slapd",
    [8080, null],
    [tcp(["ldap", "ldaps"], "OpenLDAP", null, TLS)],
    (place) => [stunnel(place), slapd(behind(place))],
  ),
  daemon(
    "dovecot imaps on RTSP's port",
    "dovecot-core",
    [554],
    [tcp(["imap", "imaps"], DOVECOT, null, TLS)],
    (place) => dovecot(place, `${loginTls("imap", place)}login_greeting = da\n`),
  ),
  daemon(
    "postgres in haproxy's TLS on 8443",
    "postgresql",
    [8443, null],
    [tcp("postgresql", POSTGRES, null, TLS)],
    (place) => [passingTls(place), postgres(behind(place), "host all all all scram-sha-256")],
  ),
  daemon("postgres on MongoDB's port", "postgresql", [27017], [tcp("postgresql", POSTGRES)], (place) =>
    postgres(place, "host all all 127.0.0.1/32 scram-sha-256"),
  ),
];
