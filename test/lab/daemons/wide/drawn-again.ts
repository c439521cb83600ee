import type { Daemon, Place } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { dovecotOf } from "./again.ts";
import { gunicorn, lighttpdWith, TOMCAT } from "./closed-web.ts";
import { daemon, HOME, hidden, shell, TLS, tcp, udp } from "./entry.ts";
import { behind, HAPROXY } from "./fronts.ts";
import {
  APACHE,
  conch,
  exim,
  mariadb,
  paramiko,
  proftpd,
  python,
  python3,
  renamedApache,
  renamedNginx,
  unbound,
  vsftpd,
} from "./impostors.ts";
import { caddy, HTTPS, haproxy, named, nginx, tomcat, WEB } from "./servers.ts";
import { asyncssh, DNS, SMTP } from "./strays.ts";
import { memcached, POSTGRES, postgres, REDIS, redis, sshd } from "./variants-data.ts";
import { DOVECOT, stunnel } from "./variants-mail.ts";

const SIMPLE = ["SimpleHTTPServer", "BaseHTTPServer", "Python http.server"] as const;
const login = ({ ports }: Place, service: string, greeting: string) =>
  `protocols = ${service}\nservice ${service}-login {\n  inet_listener ${service} {\n    port = ${ports[0]}\n  }\n}\nlogin_greeting = ${greeting}\n`;

/** The second draw: names that nobody had forged here yet, and common servers in one more place. */
export const drawnAgain: Daemon[] = [
  daemon(
    "nginx as Tengine",
    "nginx-light",
    [null],
    [tcp(WEB, "nginx", null, { spoof: ["Tengine"], productHidden: true })],
    (place) => renamedNginx(place, "Tengine/2.3.3"),
  ),
  daemon(
    "nginx as Hiawatha",
    "nginx-light",
    [null],
    [tcp(WEB, "nginx", null, { spoof: ["Hiawatha"] })],
    (place) => renamedNginx(place, "Hiawatha v11.2"),
  ),
  daemon(
    "apache as WildFly",
    "apache2-bin",
    [null],
    [tcp(WEB, APACHE, null, { spoof: ["WildFly"] })],
    (place) => renamedApache(place, "WildFly/10"),
  ),
  daemon(
    "apache as Kestrel",
    "apache2-bin",
    [null],
    [tcp(WEB, APACHE, null, { spoof: ["Kestrel"] })],
    (place) => renamedApache(place, "Kestrel"),
  ),
  daemon(
    "lighttpd as Cowboy",
    "lighttpd",
    [null],
    [tcp(WEB, "lighttpd", null, { spoof: ["Cowboy"] })],
    (place) => lighttpdWith(place, 'server.tag = "Cowboy"\n'),
  ),
  daemon(
    "caddy as Envoy",
    "caddy",
    [null],
    [
      tcp(WEB, ["Caddy httpd", "Caddy", "Golang net/http server"], null, {
        spoof: ["Envoy", "envoy"],
        productHidden: true,
      }),
    ],
    (place) => caddy(place, 'header Server "envoy"\n respond "ok" 200'),
  ),
  daemon(
    "python as Mongoose",
    "python3",
    [null],
    [tcp(WEB, SIMPLE, null, { spoof: ["Mongoose"] })],
    (place) => python(place, "Mongoose/6.18", ""),
  ),
  daemon("python as CouchDB", "python3", [5984], [tcp(WEB, SIMPLE, null, { spoof: ["CouchDB"] })], (place) =>
    python(place, "CouchDB/3.2.2 (Erlang OTP/23)", ""),
  ),
  daemon(
    "gunicorn by stunnel at 9443",
    "gunicorn",
    [9443, null],
    [tcp(HTTPS, ["Gunicorn", "gunicorn"], null, TLS)],
    (place) => [stunnel(place), gunicorn(behind(place))],
  ),
  daemon(
    "haproxy as ELB",
    "haproxy",
    [null, null],
    [tcp(WEB, HAPROXY, null, { productHidden: true, spoof: ["awselb", "Elastic", "ELB"] })],
    (place) => [
      haproxy(place, "  http-response set-header Server awselb/2.0\n"),
      nginx(behind(place), "server_tokens off;", "root /var/www/html;"),
    ],
  ),
  daemon(
    "tomcat as GlassFish",
    "tomcat10",
    [null],
    [tcp(WEB, TOMCAT, null, { spoof: ["GlassFish"] })],
    (place) => tomcat(place, ' server="GlassFish Server Open Source Edition 5.0.1"'),
  ),
  daemon("vsftpd as Gene6", "vsftpd", [null], [tcp("ftp", "vsftpd", null, { spoof: ["Gene6"] })], (place) =>
    vsftpd(place, "Gene6 FTP Server v3.10.0 (Build 2) ready..."),
  ),
  daemon(
    "proftpd as CrushFTP",
    "proftpd-core",
    [null],
    [tcp("ftp", "ProFTPD", null, { spoof: ["CrushFTP"] })],
    (place) => proftpd(place, 'on "CrushFTP Server Ready!"'),
  ),
  daemon(
    "proftpd as Titan",
    "proftpd-core",
    [null],
    [tcp("ftp", "ProFTPD", null, { spoof: ["Titan"] })],
    (place) => proftpd(place, 'on "Titan FTP Server 2019.15.3647 Ready."'),
  ),
  daemon(
    "postfix as CommuniGate",
    "postfix",
    [null],
    [tcp(SMTP, ["Postfix smtpd", "Postfix"], null, { spoof: ["CommuniGate"] })],
    (place) => postfix(place, "smtpd_banner = mail.lab.test ESMTP CommuniGate Pro 6.3.39\n"),
  ),
  daemon(
    "postfix as MailEnable",
    "postfix",
    [null],
    [tcp(SMTP, ["Postfix smtpd", "Postfix"], null, { spoof: ["MailEnable"] })],
    (place) =>
      postfix(place, "smtpd_banner = mail.lab.test ESMTP MailEnable Service, Version: 10.34-- ready\n"),
  ),
  daemon(
    "exim as Haraka",
    "exim4-daemon-light",
    [null],
    [tcp(SMTP, ["Exim smtpd", "Exim"], null, { spoof: ["Haraka"] })],
    (place) => exim(place, "mail.lab.test ESMTP Haraka/2.8.28 ready"),
  ),
  daemon(
    "exim as Mercury",
    "exim4-daemon-light",
    [null],
    [tcp(SMTP, ["Exim smtpd", "Exim"], null, { spoof: ["Mercury"] })],
    (place) => exim(place, "mail.lab.test Mercury/32 v4.80 ESMTP server ready."),
  ),
  daemon(
    "dovecot as MailEnable",
    "dovecot-core",
    [null],
    [tcp("imap", DOVECOT, null, { spoof: ["MailEnable"] })],
    (place) => dovecotOf(place, login(place, "imap", "IMAP4rev1 MailEnable server ready at 11/22/26")),
  ),
  daemon(
    "dovecot as MDaemon",
    "dovecot-core",
    [null],
    [tcp("pop3", DOVECOT, null, { spoof: ["MDaemon"] })],
    (place) => dovecotOf(place, login(place, "pop3", "mail.lab.test POP MDaemon 21.5.0 ready")),
  ),
  daemon(
    "asyncssh as ROSSSH",
    "python3-asyncssh",
    [null],
    [tcp("ssh", ["AsyncSSH", "asyncssh"], null, { spoof: ["MikroTik", "RouterOS"] })],
    (place) => asyncssh(place, "ROSSSH"),
  ),
  daemon(
    "conch as libssh",
    "python3-twisted",
    [null],
    [tcp("ssh", ["Twisted Conch", "Twisted"], null, { spoof: ["libssh"] })],
    (place) => conch(place, "SSH-2.0-libssh_0.9.6"),
  ),
  daemon(
    "paramiko as WeOnlyDo",
    "python3-paramiko",
    [null],
    [tcp("ssh", "paramiko", null, { spoof: ["WeOnlyDo", "freeSSHd", "wodSSH"] })],
    (place) => paramiko(place, "SSH-2.0-WeOnlyDo 2.1.3"),
  ),
  daemon(
    "mariadb as Vitess",
    "mariadb-server-core",
    [null],
    [tcp("mysql", "MariaDB", null, { spoof: ["Vitess"] })],
    (place) => mariadb(place, "8.0.30-Vitess"),
  ),
  daemon(
    "mariadb as MySQL at 9030",
    "mariadb-server-core",
    [9030],
    [tcp("mysql", "MariaDB", null, { spoof: ["MySQL"] })],
    (place) => mariadb(place, "5.7.99-log"),
  ),
  daemon(
    "unbound as CoreDNS",
    "unbound",
    [null],
    [udp(DNS, "Unbound", null, { spoof: ["CoreDNS"] })],
    (place) => unbound(place, "CoreDNS-1.11.1"),
  ),
  daemon(
    "bind as Knot Resolver",
    "bind9",
    [null],
    [udp(DNS, ["ISC BIND", "BIND"], null, { spoof: ["Knot"] })],
    (place) => named(place, 'version "Knot Resolver 5.6.0";'),
  ),
  daemon(
    "bind as YADIFA",
    "bind9",
    [null],
    [udp(DNS, ["ISC BIND", "BIND"], null, { spoof: ["YADIFA", "yadifa"] })],
    (place) => named(place, 'version "yadifa 2.6.4";'),
  ),
  daemon(
    "bind as djbdns",
    "bind9",
    [null],
    [udp(DNS, ["ISC BIND", "BIND"], null, { spoof: ["djbdns", "tinydns"] })],
    (place) => named(place, 'version "tinydns 1.05";'),
  ),
  daemon(
    "unbound as Akamai",
    "unbound",
    [null],
    [udp(DNS, "Unbound", null, { spoof: ["AnswerX", "Akamai"] })],
    (place) => unbound(place, "Akamai AnswerX 9.2.1"),
  ),
  daemon("unbound as pdnsd", "unbound", [null], [udp(DNS, "Unbound", null, { spoof: ["pdnsd"] })], (place) =>
    unbound(place, "pdnsd-1.2.9a-par"),
  ),
  daemon("sshd at 8022", "openssh-server", [8022], [tcp("ssh", "OpenSSH", "package")], (place) =>
    sshd(place, ""),
  ),
  daemon("redis at 11211", "redis-server", [11211], [tcp("redis", REDIS, "package")], (place) =>
    redis(place, ""),
  ),
  daemon(
    "memcached at 6379",
    "memcached",
    [6379],
    [tcp(["memcached", "memcache"], "Memcached", "package")],
    (place) => memcached(place, ""),
  ),
  daemon("postgres at 27017", "postgresql", [27017], [tcp("postgresql", POSTGRES)], (place) =>
    postgres(place, "host all all 127.0.0.1/32 scram-sha-256"),
  ),
  daemon("python XML-RPC by TLS", "python3", [null, null], [tcp(HTTPS, SIMPLE, "0.6", TLS)], (place) => [
    stunnel(place),
    python3(
      place,
      `from xmlrpc.server import SimpleXMLRPCServer\nSimpleXMLRPCServer(("127.0.0.1", ${place.ports[1]})).serve_forever()`,
    ),
  ]),
  daemon(
    "perl's HTTP in stunnel",
    "libhttp-daemon-perl",
    [null, null],
    [tcp(HTTPS, ["HTTP::Daemon", "Perl HTTP::Daemon", "libwww-perl-daemon"], "package", TLS)],
    (place) => [
      stunnel(place),
      shell(
        `exec perl -e 'use HTTP::Daemon; my $d = HTTP::Daemon->new(LocalAddr => "127.0.0.1", LocalPort => ${place.ports[1]}, ReuseAddr => 1) or die; while (my $c = $d->accept) { while (my $r = $c->get_request) { $c->send_error(404) } $c->close }'`,
        HOME,
      ),
    ],
  ),
  daemon(
    "socat says hello",
    "socat",
    [null],
    [hidden(tcp(["unknown", "tcpwrapped"], null), ["socat"])],
    ({ ports }) =>
      shell(`exec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork SYSTEM:'echo hello'`),
  ),
];
