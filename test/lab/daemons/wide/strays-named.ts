import { type Daemon, write } from "../../daemon.ts";
import { dovecotOf } from "./again.ts";
import { daemon, HOME, hidden, shell, tcp, udp } from "./entry.ts";
import {
  APACHE,
  conch,
  exim,
  IIS,
  mariadb,
  proftpd,
  python3,
  renamedApache,
  renamedNginx,
  unbound,
} from "./impostors.ts";
import { named, tomcat, WEB } from "./servers.ts";
import { asyncssh, DNS, lmtp, OWN, SMTP } from "./strays.ts";
import { REDIS } from "./variants-data.ts";
import { DOVECOT } from "./variants-mail.ts";

/** Once more by others' names. */
export const strayNames: Daemon[] = [
  daemon(
    "asyncssh as Cisco",
    "python3-asyncssh",
    [null],
    [tcp("ssh", ["AsyncSSH", "asyncssh"], null, { spoof: ["Cisco"] })],
    (place) => asyncssh(place, "Cisco-1.25"),
  ),
  daemon(
    "asyncssh as OpenSSH",
    "python3-asyncssh",
    [null],
    [tcp("ssh", ["AsyncSSH", "asyncssh"], null, { spoof: ["OpenSSH"] })],
    (place) => asyncssh(place, "OpenSSH_9.2p1"),
  ),
  daemon(
    "conch as RouterOS",
    "python3-twisted",
    [null],
    [tcp("ssh", ["Twisted Conch", "Twisted"], null, { spoof: ["MikroTik", "RouterOS"] })],
    (place) => conch(place, "SSH-2.0-ROSSSH"),
  ),
  daemon(
    "conch as dropbear",
    "python3-twisted",
    [null],
    [tcp("ssh", ["Twisted Conch", "Twisted"], null, { spoof: ["Dropbear"] })],
    (place) => conch(place, "SSH-2.0-dropbear_2020.81"),
  ),
  daemon(
    "tomcat as lighttpd",
    "tomcat10",
    [null],
    [tcp(WEB, ["Apache Tomcat", "Tomcat"], null, { spoof: ["lighttpd"] })],
    (place) => tomcat(place, ' server="lighttpd/1.4.69"'),
  ),
  daemon(
    "nginx as Kestrel",
    "nginx-light",
    [null],
    [tcp(WEB, "nginx", null, { spoof: ["Kestrel"] })],
    (place) => renamedNginx(place, "Kestrel"),
  ),
  daemon("apache as Jetty", "apache2-bin", [null], [tcp(WEB, APACHE, null, { spoof: ["Jetty"] })], (place) =>
    renamedApache(place, "Jetty(9.4.50.v20221201)"),
  ),
  daemon(
    "aiohttp as IIS",
    "python3-aiohttp",
    [null],
    [tcp(WEB, ["aiohttp", "Python aiohttp"], null, { spoof: IIS })],
    (place) =>
      python3(
        place,
        `from aiohttp import web
async def h(r): return web.Response(text="hi", headers={"Server": "Microsoft-IIS/10.0"})
app = web.Application(); app.router.add_get("/", h); web.run_app(app, host="127.0.0.1", port=${place.ports[0]}, print=None)`,
      ),
  ),
  daemon(
    "pyftpdlib as ProFTPD",
    "python3-pyftpdlib",
    [null],
    [tcp("ftp", "pyftpdlib", null, { spoof: ["ProFTPD"] })],
    (place) =>
      python3(
        place,
        `from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
FTPHandler.banner = "ProFTPD Server (Debian) [::ffff:127.0.0.1]"; FTPHandler.authorizer = DummyAuthorizer()
FTPServer(("127.0.0.1", ${place.ports[0]}), FTPHandler).serve_forever()`,
      ),
  ),
  daemon(
    "proftpd as Serv-U",
    "proftpd-core",
    [null],
    [tcp("ftp", "ProFTPD", null, { spoof: ["Serv-U"] })],
    (place) => proftpd(place, 'on "Serv-U FTP Server v15.3 ready..."'),
  ),
  daemon(
    "exim as OpenSMTPD",
    "exim4-daemon-light",
    [null],
    [tcp(SMTP, ["Exim smtpd", "Exim"], null, { spoof: ["OpenSMTPD"] })],
    (place) => exim(place, "mail.lab.test ESMTP OpenSMTPD"),
  ),
  daemon(
    "exim refuses in its own words",
    "exim4-daemon-light",
    [null],
    [hidden(tcp(SMTP, null), ["Exim smtpd", "Exim"])],
    (place) => exim(place, "x", "acl_smtp_connect = c\nbegin acl\nc:\n  drop message = 554 Kein Zutritt\n"),
  ),
  daemon(
    "mariadb as Percona",
    "mariadb-server-core",
    [null],
    [tcp("mysql", "MariaDB", null, { spoof: ["Percona"] })],
    (place) => mariadb(place, "8.0.36-28-Percona"),
  ),
  daemon(
    "aiosmtpd's LMTP without a word",
    "python3-aiosmtpd",
    [null],
    [hidden(tcp(["lmtp", "smtp"], null), ["aiosmtpd"])],
    (place) => lmtp(place, "bereit"),
  ),
  daemon("dovecot lmtp, plain and renamed", "dovecot-lmtpd", [null], [tcp("lmtp", DOVECOT)], (place) =>
    dovecotOf(
      place,
      `protocols = lmtp\nlogin_greeting = Post\nservice lmtp {\n  inet_listener lmtp {\n    port = ${place.ports[0]}\n  }\n}\n`,
    ),
  ),
  daemon(
    "relp odd",
    "rsyslog",
    [null],
    [tcp(["relp", "syslog-relp"], ["rsyslog", "librelp"], "1.11.0")],
    (place) =>
      shell(
        `exec rsyslogd -n -i $PWD/pid -f ${write(place, "r.conf", `global(workDirectory="${place.directory}")\nmodule(load="imrelp")\ninput(type="imrelp" port="${place.ports[0]}" address="127.0.0.1")\n*.* /dev/null\n`)}`,
      ),
  ),
  daemon(
    "sentinel without INFO",
    "redis-sentinel",
    [null],
    [tcp("redis", ["Redis Sentinel", ...REDIS])],
    ({ ports }) =>
      shell(
        `printf 'port ${ports[0]}\\nbind 127.0.0.1\\nrename-command INFO ""\\ndir /tmp\\n' > s.conf; exec redis-sentinel $PWD/s.conf`,
      ),
  ),
  daemon(
    "bind as PowerDNS recursor",
    "bind9",
    [null],
    [udp(DNS, ["ISC BIND", "BIND"], null, { spoof: ["PowerDNS"] })],
    (place) => named(place, 'version "PowerDNS Recursor 4.8.4";'),
  ),
  daemon(
    "unbound as Microsoft",
    "unbound",
    [null],
    [udp(DNS, "Unbound", null, { spoof: ["Microsoft"] })],
    (place) => unbound(place, "Microsoft DNS 10.0.17763"),
  ),
  daemon(
    "memcached on SIP's port",
    "memcached",
    [5060],
    [udp(["memcached", "memcache"], "Memcached", "package")],
    ({ ports }) => shell(`exec memcached -u memcache -l 127.0.0.1 -p 0 -U ${ports[0]} -m 8`),
  ),
  daemon(
    "chrony on SNMP's port",
    "chrony",
    [161],
    [hidden(udp("ntp", null), ["chrony", "NTP"])],
    ({ ports }) =>
      shell(
        `printf 'port ${ports[0]}\\ncmdport 0\\nallow 127/8\\nlocal stratum 10\\nbindaddress 127.0.0.1\\npidfile %s/pid\\n' $PWD > c.conf; exec chronyd -x -d -U -f $PWD/c.conf`,
        HOME,
      ),
    OWN,
  ),
];
