import { type Command, type Daemon, type Place, write } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { dovecotOf } from "./again.ts";
import { daemon, shell, TLS, tcp } from "./entry.ts";
import { behind } from "./fronts.ts";
import { APACHE, lighttpd, mariadb, python3, vsftpd } from "./impostors.ts";
import { apache, nginx, WEB } from "./servers.ts";
import { joined, passing } from "./states.ts";
import { memcached, POSTGRES, postgres, REDIS, redis, slapd, sshd } from "./variants-data.ts";
import { DOVECOT, stunnel } from "./variants-mail.ts";

export const SMTP = ["smtp", "smtps", "submission"] as const;
export const DNS = ["domain", "dns"] as const;
const PAGES = "root /var/www/html;";
const nginxTls = (place: Place) =>
  nginx(
    place,
    "",
    `ssl on; ssl_certificate ${place.certificate}; ssl_certificate_key ${place.privateKey}; ${PAGES}`,
  );
export const OWN = { needsOwnNetwork: true } as const;
/** A server of asyncssh's by this name. */
export const asyncssh = (place: Place, version: string): Command =>
  python3(
    place,
    `import asyncio, asyncssh
async def m():
    k = asyncssh.generate_private_key("ssh-ed25519")
    await asyncssh.listen("127.0.0.1", ${place.ports[0]}, server_host_keys=[k], server_version="${version}")
    await asyncio.Event().wait()
asyncio.run(m())`,
  );
export const lmtp = (place: Place, ident: string): Command =>
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
];
