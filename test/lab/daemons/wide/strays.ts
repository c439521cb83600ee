import { type Command, type Daemon, type Place, write } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { dovecotOf } from "./again.ts";
import { daemon, HOME, hidden, shell, TLS, tcp, udp } from "./entry.ts";
import { behind } from "./fronts.ts";
import {
  APACHE,
  exim,
  IIS,
  lighttpd,
  mariadb,
  proftpd,
  python3,
  renamedApache,
  renamedNginx,
  unbound,
  vsftpd,
} from "./impostors.ts";
import { apache, named, nginx, tomcat, WEB } from "./servers.ts";
import { joined, passing } from "./states.ts";
import { memcached, POSTGRES, postgres, REDIS, redis, slapd, sshd } from "./variants-data.ts";
import { DOVECOT, stunnel } from "./variants-mail.ts";

const SMTP = ["smtp", "smtps", "submission"] as const;
const DNS = ["domain", "dns"] as const;
const PAGES = "root /var/www/html;";
const nginxTls = (place: Place) =>
  nginx(
    place,
    "",
    `ssl on; ssl_certificate ${place.certificate}; ssl_certificate_key ${place.privateKey}; ${PAGES}`,
  );
const OWN = { needsOwnNetwork: true } as const;
/** A server of asyncssh's by this name. */
const asyncssh = (place: Place, version: string): Command =>
  python3(
    place,
    `import asyncio, asyncssh
async def m():
    k = asyncssh.generate_private_key("ssh-ed25519")
    await asyncssh.listen("127.0.0.1", ${place.ports[0]}, server_host_keys=[k], server_version="${version}")
    await asyncio.Event().wait()
asyncio.run(m())`,
  );
const lmtp = (place: Place, ident: string): Command =>
  python3(
    place,
    `import asyncio
from aiosmtpd.lmtp import LMTP
from aiosmtpd.handlers import Sink
async def m():
    s = await asyncio.get_running_loop().create_server(lambda: LMTP(Sink(), hostname="lab.test", ident="${ident}"), "127.0.0.1", ${place.ports[0]})
    await s.serve_forever()
asyncio.run(m())`,
  );
const conch = (place: Place, version: string): Command =>
  python3(
    place,
    `from cryptography.hazmat.primitives.asymmetric import rsa
from twisted.conch.ssh import factory, keys, transport
from twisted.internet import reactor
key = keys.Key(rsa.generate_private_key(65537, 2048))
class Factory(factory.SSHFactory):
    publicKeys = {b"ssh-rsa": key.public()}
    privateKeys = {b"ssh-rsa": key}
    def getPrimes(self): return None
transport.SSHServerTransport.ourVersionString = b"${version}"
reactor.listenTCP(${place.ports[0]}, Factory(), interface="127.0.0.1")
reactor.run()`,
  );
const MQTT = (place: Place) =>
  shell(
    `exec mosquitto -c ${write(place, "m.conf", `listener ${place.ports[0]} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n`)}`,
  );

/** Servers on the ports of other services, and once more by others' names. */
export const strayDaemons: Daemon[] = [
  daemon("nginx by TLS on NFS's port", "nginx-light", [2049], [tcp(WEB, "nginx", "package", TLS)], nginxTls),
  daemon("nginx by TLS on LDAP's port", "nginx-light", [389], [tcp(WEB, "nginx", "package", TLS)], nginxTls),
  daemon("nginx by TLS on RTMP's port", "nginx-light", [1935], [tcp(WEB, "nginx", "package", TLS)], nginxTls),
  daemon("apache on PostgreSQL's port", "apache2-bin", [5432], [tcp(WEB, APACHE, "package")], (place) =>
    apache(place, "ServerTokens Min"),
  ),
  daemon("lighttpd on Redis' port", "lighttpd", [6379], [tcp(WEB, "lighttpd", "1.4.69")], (place) =>
    lighttpd(place, "lighttpd/1.4.69"),
  ),
  daemon("redis on HTTPS' port", "redis-server", [443], [tcp("redis", REDIS, "package")], (place) =>
    redis(place, ""),
  ),
  daemon("redis on SSH's port", "redis-server", [22], [tcp("redis", REDIS, "package")], (place) =>
    redis(place, "--rename-command INFO ''"),
  ),
  daemon(
    "postfix on Redis' other port",
    "postfix",
    [6380],
    [tcp(SMTP, ["Postfix smtpd", "Postfix"])],
    (place) => postfix(place, "smtpd_banner = lab ESMTP\n"),
  ),
  daemon("vsftpd on MongoDB's port", "vsftpd", [27017], [tcp("ftp", "vsftpd", "package")], (place) =>
    vsftpd(place, "(vsFTPd 3.0.3)"),
  ),
  daemon("mariadb on MQTT's port", "mariadb-server-core", [1883], [tcp("mysql", "MariaDB")], (place) =>
    mariadb(place, "10.11.6-MariaDB"),
  ),
  daemon(
    "mosquitto on memcached's port",
    "mosquitto",
    [11211],
    [tcp("mqtt", ["Mosquitto", "Eclipse Mosquitto"], "package")],
    MQTT,
  ),
  daemon(
    "memcached on RDP's port",
    "memcached",
    [3389],
    [tcp(["memcached", "memcache"], "Memcached", "package")],
    (place) => memcached(place, ""),
  ),
  daemon(
    "slapd in stunnel on 8080",
    "slapd",
    [8080, null],
    [tcp(["ldap", "ldaps"], "OpenLDAP", null, TLS)],
    (place) => [stunnel(place), slapd(behind(place), "ldap", "")],
  ),
  daemon("sshd on MySQL's port", "openssh-server", [33060], [tcp("ssh", "OpenSSH", "9.2p1")], (place) =>
    sshd(place, ""),
  ),
  daemon(
    "dovecot imaps on RTSP's port",
    "dovecot-core",
    [554],
    [tcp(["imap", "imaps"], DOVECOT, null, TLS)],
    (place) =>
      dovecotOf(
        place,
        `ssl = required\nssl_cert = <${place.certificate}\nssl_key = <${place.privateKey}\nlogin_greeting = da\nprotocols = imap\nservice imap-login {\n  inet_listener imap {\n    port = 0\n  }\n  inet_listener imaps {\n    port = ${place.ports[0]}\n    ssl = yes\n  }\n}\n`,
      ),
  ),
  daemon(
    "postgres in haproxy's TLS on 8443",
    "postgresql",
    [8443, null],
    [tcp("postgresql", POSTGRES, null, TLS)],
    (place) => [
      passing(place, ` ssl crt ${joined(place)}`),
      postgres(behind(place), "host all all all scram-sha-256"),
    ],
  ),
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
