import { type Daemon, EXTRACTED, type Place, write } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { dovecotOf } from "./again.ts";
import { rsyncd } from "./closed-data.ts";
import { flask, gunicorn, lighttpdWith, SQUID, squidOf, TOMCAT } from "./closed-web.ts";
import { daemon, HOME, hidden, shell, TLS, tcp, udp } from "./entry.ts";
import { behind, HAPROXY, varnish } from "./fronts.ts";
import {
  APACHE,
  exim,
  IIS,
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
import { apache, caddy, HTTPS, haproxy, named, nginx, tomcat, WEB } from "./servers.ts";
import { joined, passing } from "./states.ts";
import { DNS, OWN, SMTP } from "./strays.ts";
import { POSTGRES, postgres, REDIS, redis, slapd, sshd } from "./variants-data.ts";
import { DOVECOT, node, stunnel } from "./variants-mail.ts";
import { VARNISH } from "./variants-proxies.ts";
import { stream } from "./variants-tunnels.ts";

const SNMP = ["snmp"] as const;
const tlsLines = ({ certificate, privateKey }: Place) =>
  `ssl_certificate ${certificate}; ssl_certificate_key ${privateKey};`;
const login = ({ ports }: Place, service: string, more = "") =>
  `protocols = ${service}\nservice ${service}-login {\n  inet_listener ${service} {\n    port = ${ports[0]}\n  }\n}\n${more}`;
const snmpd = ({ ports, directory }: Place, lines: string) =>
  shell(
    `printf '${lines}' > s.conf; exec snmpd -f -Lo -C -c $PWD/s.conf -p $PWD/pid udp:127.0.0.1:${ports[0]}`,
    { SNMP_PERSISTENT_DIR: directory },
  );

/** Common servers that hide, shorten or forge what they say, in tunnels and behind others; drawn afresh. */
export const drawnClosed: Daemon[] = [
  daemon("nginx 502 tokens off by TLS", "nginx-light", [8443], [tcp(HTTPS, "nginx", null, TLS)], (place) =>
    nginx(
      place,
      "server_tokens off;",
      `ssl on; ${tlsLines(place)} location / { proxy_pass http://127.0.0.1:9; }`,
    ),
  ),
  daemon("nginx autoindex", "nginx-light", [8081], [tcp(WEB, "nginx", "package")], (place) =>
    nginx(place, "", "root /usr/share/doc/nginx-common; autoindex on;"),
  ),
  daemon("nginx before node", "nginx-light", [null, null], [tcp(WEB, "nginx", null)], (place) => [
    nginx(place, "server_tokens off;", `location / { proxy_pass http://127.0.0.1:${place.ports[1]}; }`),
    node(
      `require("http").createServer((q, a) => a.writeHead(200, { "X-Powered-By": "Express", "Content-Type": "application/json" }).end('{"ok":true}')).listen(${place.ports[1]}, "127.0.0.1")`,
    ),
  ]),
  daemon(
    "apache behind nginx with its pages",
    "nginx-light",
    [null, null],
    [tcp(WEB, "nginx", "package")],
    (place) => [
      nginx(place, "", `location / { proxy_pass http://127.0.0.1:${place.ports[1]}; }`),
      apache(behind(place), "ServerTokens Full\nServerSignature On"),
    ],
  ),
  daemon(
    "apache OS tokens by stunnel",
    "apache2-bin",
    [null, null],
    [tcp(HTTPS, APACHE, null, TLS)],
    (place) => [stunnel(place), apache(behind(place), "ServerTokens Prod\nServerSignature Off")],
  ),
  daemon("nginx as Zope", "nginx-light", [null], [tcp(WEB, "nginx", null, { spoof: ["Zope"] })], (place) =>
    renamedNginx(place, "Zope/(2.13.27, python 2.7.18, linux2) ZServer/1.1"),
  ),
  daemon(
    "nginx as GoAhead",
    "nginx-light",
    [null],
    [tcp(WEB, "nginx", null, { spoof: ["GoAhead"] })],
    (place) => renamedNginx(place, "GoAhead-Webs"),
  ),
  daemon(
    "apache as Cherokee",
    "apache2-bin",
    [null],
    [tcp(WEB, APACHE, null, { spoof: ["Cherokee"] })],
    (place) => renamedApache(place, "Cherokee/1.2.104 (Debian)"),
  ),
  daemon(
    "python as Boa",
    "python3",
    [null],
    [tcp(WEB, ["SimpleHTTPServer", "BaseHTTPServer", "Python http.server"], null, { spoof: ["Boa"] })],
    (place) => python(place, "Boa/0.94.13", ""),
  ),
  daemon(
    "lighttpd as thttpd",
    "lighttpd",
    [null],
    [tcp(WEB, "lighttpd", null, { spoof: ["thttpd"] })],
    (place) => lighttpdWith(place, 'server.tag = "thttpd/2.27 19Oct2015"\n'),
  ),
  daemon(
    "lighttpd as mini_httpd by TLS",
    "lighttpd",
    [null, null],
    [tcp(HTTPS, "lighttpd", null, { tls: true, spoof: ["mini_httpd"] })],
    (place) => [stunnel(place), lighttpdWith(behind(place), 'server.tag = "mini_httpd/1.30 26Oct2018"\n')],
  ),
  daemon(
    "caddy as Apache by TLS",
    "caddy",
    [null, null],
    [
      tcp(HTTPS, ["Caddy httpd", "Caddy", "Golang net/http server"], null, {
        tls: true,
        productHidden: true,
        spoof: APACHE,
      }),
    ],
    (place) => [
      stunnel(place),
      caddy(behind(place), 'header Server "Apache/2.4.62 (Debian)"\n respond "It works!" 200'),
    ],
  ),
  daemon(
    "gunicorn in haproxy's TLS",
    "gunicorn",
    [null, null],
    [tcp(HTTPS, ["Gunicorn", "gunicorn"], null, TLS)],
    (place) => [passing(place, ` ssl crt ${joined(place)}`), gunicorn(behind(place))],
  ),
  daemon(
    "tomcat behind haproxy",
    "haproxy",
    [null, null],
    [hidden(tcp(WEB, null), [...HAPROXY, ...TOMCAT])],
    (place) => [haproxy(place), tomcat(behind(place))],
  ),
  daemon("varnish before apache", "varnish", [null, null], [tcp(WEB, VARNISH)], (place) => [
    varnish(place),
    apache(behind(place), "ServerTokens Prod"),
  ]),
  daemon("squid as Apache", "squid", [null], [hidden(tcp(WEB, null), SQUID)], (place) =>
    squidOf(
      place,
      `http_port 127.0.0.1:${place.ports[0]}`,
      "httpd_suppress_version_string on\nvia off\nreply_header_access Server deny all\nreply_header_access X-Squid-Error deny all\nforwarded_for delete\nhttp_access deny all",
    ),
  ),
  daemon(
    "php's server on 3000",
    "php8.2-cli",
    [3000],
    [tcp(WEB, ["PHP cli server", "PHP built-in web server", "PHP"], "package")],
    (place) => shell(`echo '<?php echo "hi";' > index.php; exec php -S 127.0.0.1:${place.ports[0]}`),
  ),
  daemon(
    "sshd in stunnel",
    "openssh-server",
    [null, null],
    [tcp("ssh", "OpenSSH", "package", TLS)],
    (place) => [stunnel(place), sshd(behind(place), "")],
  ),
  daemon(
    "sshd at 443",
    "openssh-server",
    [443],
    [tcp("ssh", "OpenSSH", "package")],
    (place) => sshd(place, "-o DebianBanner=no"),
    OWN,
  ),
  daemon(
    "paramiko as Sun",
    "python3-paramiko",
    [null],
    [tcp("ssh", "paramiko", null, { spoof: ["Sun"] })],
    (place) => paramiko(place, "SSH-2.0-Sun_SSH_1.1.9"),
  ),
  daemon("vsftpd as ncftpd", "vsftpd", [null], [tcp("ftp", "vsftpd", null, { spoof: ["NcFTPd"] })], (place) =>
    vsftpd(place, "ftp.lab.test NcFTPd Server (licensed copy) ready."),
  ),
  daemon(
    "proftpd as glftpd",
    "proftpd-core",
    [null],
    [tcp("ftp", "ProFTPD", null, { spoof: ["glFTPd", "glftpd"] })],
    (place) => proftpd(place, 'on "glFTPd 2.11a Linux+TLS ready."'),
  ),
  daemon(
    "postfix as Kerio",
    "postfix",
    [null],
    [tcp(SMTP, ["Postfix smtpd", "Postfix"], null, { spoof: ["Kerio"] })],
    (place) => postfix(place, "smtpd_banner = mail.lab.test Kerio Connect 9.4.2 ESMTP ready\n"),
  ),
  daemon(
    "postfix as Domino by TLS",
    "postfix",
    [null, null],
    [tcp(SMTP, ["Postfix smtpd", "Postfix"], null, { tls: true, spoof: ["Domino"] })],
    (place) => [
      stunnel(place),
      postfix(
        behind(place),
        "smtpd_banner = mail.lab.test ESMTP Service (IBM Domino Release 9.0.1FP10) ready\n",
      ),
    ],
  ),
  daemon(
    "exim as MDaemon",
    "exim4-daemon-light",
    [null],
    [tcp(SMTP, ["Exim smtpd", "Exim"], null, { spoof: ["MDaemon"] })],
    (place) => exim(place, "mail.lab.test ESMTP MDaemon 21.5.0; $tod_full"),
  ),
  daemon(
    "dovecot pop3 as qpopper",
    "dovecot-core",
    [null],
    [tcp("pop3", DOVECOT, null, { spoof: ["Qpopper", "Qualcomm"] })],
    (place) =>
      dovecotOf(
        place,
        login(place, "pop3", "login_greeting = Qpopper (version 4.1.0) at mail.lab.test starting.\n"),
      ),
  ),
  daemon(
    "dovecot imap as Zimbra in stunnel",
    "dovecot-core",
    [null, null],
    [tcp("imap", DOVECOT, null, { tls: true, spoof: ["Zimbra"] })],
    (place) => [
      stunnel(place),
      dovecotOf(
        behind(place),
        login(behind(place), "imap", "login_greeting = mail.lab.test Zimbra IMAP4rev1 server ready\n"),
      ),
    ],
  ),
  daemon(
    "mariadb as TiDB",
    "mariadb-server-core",
    [4000],
    [tcp("mysql", "MariaDB", null, { spoof: ["TiDB"] })],
    (place) => mariadb(place, "8.0.11-TiDB-v7.5.0"),
  ),
  daemon(
    "mariadb through nginx stream",
    "mariadb-server-core",
    [null, null],
    [tcp("mysql", "MariaDB", "package")],
    (place) => [
      stream(place, ""),
      mariadb(
        behind(place),
        `$(dpkg-query -W -f '\${Version}' mariadb-server-core | sed 's/^1://; s/-.*//')-MariaDB`,
      ),
    ],
  ),
  daemon("redis through socat", "redis-server", [6380, null], [tcp("redis", REDIS, "package")], (place) => [
    shell(
      `exec socat TCP-LISTEN:${place.ports[0]},bind=127.0.0.1,reuseaddr,fork TCP:127.0.0.1:${place.ports[1]}`,
    ),
    redis(behind(place), ""),
  ]),
  daemon("postgres by SSL", "postgresql", [null], [tcp("postgresql", POSTGRES)], (place) =>
    postgres(place, "host all all 127.0.0.1/32 md5", "-c lc_messages=C"),
  ),
  daemon(
    "slapd in nginx's stream TLS",
    "slapd",
    [null, null],
    [tcp(["ldap", "ldaps"], "OpenLDAP", null, TLS)],
    (place) => [stream(place, " ssl"), slapd(behind(place), "ldap", "")],
  ),
  daemon(
    "rsync in stunnel",
    "rsync",
    [null, null],
    [hidden(tcp("rsync", null, null, TLS), ["rsync", "rsyncd"])],
    (place) => [
      stunnel(place),
      rsyncd(behind(place), "motd file = /etc/issue.net\\n[pub]\\npath = /usr/share/doc\\n"),
    ],
  ),
  daemon(
    "flask's own server by TLS",
    "python3-flask",
    [null],
    [tcp(HTTPS, ["Werkzeug httpd", "Werkzeug"], null, TLS)],
    (place) =>
      python3(
        place,
        `${flask}app.run("127.0.0.1", ${place.ports[0]}, ssl_context=("${place.certificate}", "${place.privateKey}"))`,
      ),
  ),
  daemon(
    "uvicorn as IIS",
    "uvicorn",
    [null],
    [tcp(WEB, ["Uvicorn", "uvicorn"], null, { productHidden: true, spoof: IIS })],
    (place) => {
      write(
        place,
        "app.py",
        'async def app(scope, receive, send):\n    if scope["type"] != "http": return\n    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})\n    await send({"type": "http.response.body", "body": b"<title>x</title>"})\n',
      );
      return shell(
        `exec uvicorn --host 127.0.0.1 --port ${place.ports[0]} --no-server-header --header server:Microsoft-IIS/10.0 app:app`,
        HOME,
      );
    },
  ),
  daemon(
    "vsftpd in stunnel at 990",
    "vsftpd",
    [990, null],
    [tcp("ftp", "vsftpd", "package", TLS)],
    (place) => [stunnel(place), vsftpd(behind(place), "(vsFTPd 3.0.3)")],
    OWN,
  ),
  daemon(
    "bind as Infoblox",
    "bind9",
    [null],
    [udp(DNS, ["ISC BIND", "BIND"], null, { spoof: ["Infoblox", "NIOS"] })],
    (place) => named(place, 'version "Infoblox NIOS 8.6.2";'),
  ),
  daemon(
    "bind as Nominum",
    "bind9",
    [null],
    [udp(DNS, ["ISC BIND", "BIND"], null, { spoof: ["Nominum", "Vantio"] })],
    (place) => named(place, 'version "Nominum Vantio 5.4.1.0";'),
  ),
  daemon(
    "unbound as MaraDNS",
    "unbound",
    [null],
    [udp(DNS, "Unbound", null, { spoof: ["MaraDNS"] })],
    (place) => unbound(place, "MaraDNS Deadwood 3.5.0022"),
  ),
  daemon(
    "snmpd as a switch",
    "snmpd",
    [1161],
    [hidden(udp(SNMP, null), ["net-snmp", "Net-SNMP", "net-snmp; net-snmp SNMPv3 server"])],
    (place) =>
      snmpd(place, "rocommunity public\\nsysDescr ProCurve J9085A Switch 2610-24, revision R.11.122\\n"),
  ),
  daemon(
    "snmpd without public",
    "snmpd",
    [null],
    [udp(SNMP, ["net-snmp", "Net-SNMP", "net-snmp; net-snmp SNMPv3 server"])],
    (place) => snmpd(place, "rocommunity s3cret\\n"),
  ),
  daemon(
    "memcached by UDP",
    "memcached",
    [null],
    [udp(["memcached", "memcache"], "Memcached", "package")],
    ({ ports }) => shell(`exec memcached -u memcache -l 127.0.0.1 -p 0 -U ${ports[0]} -m 8`),
  ),
  daemon(
    "tftpd by name",
    "tftpd-hpa",
    [69],
    [hidden(udp("tftp", null), ["tftpd-hpa", "HPA tftpd", "Netkit tftpd"])],
    ({ ports, directory }) => shell(`exec in.tftpd -L -4 -u root -a 127.0.0.1:${ports[0]} -s ${directory}`),
    OWN,
  ),
  daemon(
    "knot hides TCP",
    "knot",
    [null],
    [tcp(DNS, ["Knot DNS", "Knot"]), udp(DNS, ["Knot DNS", "Knot"])],
    ({ ports, directory }) =>
      shell(
        `printf 'server:\\n    listen: 127.0.0.1@${ports[0]}\\n    rundir: ${directory}\\n    version: ""\\n    identity: ""\\ndatabase:\\n    storage: ${directory}\\n' > k.conf; exec knotd -c k.conf`,
      ),
  ),
  daemon(
    "ntpd client only",
    "ntpsec",
    [123],
    [hidden(udp("ntp", null), ["NTP", "ntpd", "NTPsec"])],
    (place) =>
      shell(
        `exec ${EXTRACTED}/ntpsec/usr/sbin/ntpd -n -g -N -c ${write(place, "n.conf", "server 127.127.1.0\nrestrict default kod nomodify nopeer noquery limited\n")} -I lo`,
      ),
    OWN,
  ),
  daemon("chrony at 12300", "chrony", [12300], [hidden(udp("ntp", null), ["chrony", "NTP", "chronyd"])], (place) =>
    shell(
      `exec chronyd -d -x -u root -f ${write(place, "c.conf", `port ${place.ports[0]}\nallow\nlocal stratum 3\nbindaddress 127.0.0.1\ncmdport 0\nbindcmdaddress /\npidfile ${place.directory}/pid\n`)}`,
    ),
  ),
];
