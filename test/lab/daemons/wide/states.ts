import type { Daemon } from "../../daemon.ts";
import { memcached, postgres, redis, renamedMariadb } from "../servers/data.ts";
import { pureFtpd, vsftpd } from "../servers/files.ts";
import { python3 } from "../servers/languages.ts";
import { exim, postfix, postfixSays } from "../servers/mail.ts";
import { hold } from "../servers/pretenders.ts";
import { behind, haproxy, haproxyAlone, passing, passingTls, socatTls, stunnel } from "../servers/proxies.ts";
import { sshd } from "../servers/shells.ts";
import { apache, load, nginx, renamedLighttpd } from "../servers/web.ts";
import { daemon, hidden, shell, TLS, tcp } from "./entry.ts";
import { APACHE, EXIM, HAPROXY, HTTPS, POSTFIX, POSTGRES, REDIS, SILENT, WEB } from "./products.ts";

/** Servers that are full, starting, without their master, in maintenance; and what passes bytes on to them. */
export const states: Daemon[] = [
  daemon("vsftpd per address full", "vsftpd", [2100], [tcp("ftp", "vsftpd")], (place) => [
    vsftpd(place, "hi", "max_per_ip=1\nidle_session_timeout=36000\n"),
    python3(
      `import socket, time\nfor _ in range(100):\n    try:\n        s = socket.create_connection(("127.0.0.1", ${place.ports[0]})); break\n    except OSError: time.sleep(0.2)\ntime.sleep(1e6)`,
    ),
  ]),
  daemon("vsftpd full", "vsftpd", [null], [tcp("ftp", "vsftpd")], (place) => [
    vsftpd(place, "welcome", "max_clients=1\naccept_timeout=3600\nidle_session_timeout=36000\n"),
    hold(place, 1),
  ]),
  daemon("vsftpd in stunnel", "vsftpd", [990, null], [tcp(["ftp", "ftps"], "vsftpd", null, TLS)], (place) => [
    stunnel(place),
    vsftpd(behind(place), "ready."),
  ]),
  daemon("postfix answers late", "postfix", [null], [tcp("smtp", POSTFIX)], (place) =>
    postfixSays(
      place,
      "mail.lab.test ESMTP",
      "smtpd_delay_reject = no\nsmtpd_client_restrictions = sleep 2, permit\n",
    ),
  ),
  daemon(
    "postfix behind PROXY",
    "postfix",
    [null],
    [hidden(tcp(["smtp", ...SILENT], null), ["Postfix smtpd"])],
    (place) =>
      postfix(place, "smtpd_upstream_proxy_protocol = haproxy\nsmtpd_upstream_proxy_timeout = 30s\n"),
  ),
  daemon("redis full", "redis-server", [null], [tcp("redis", REDIS)], (place) => [
    redis(place, "--maxclients 1"),
    hold(place, 1),
  ]),
  daemon("redis without its master", "redis-server", [null], [tcp("redis", REDIS, "package")], (place) =>
    redis(place, "--replicaof 127.0.0.1 9 --replica-serve-stale-data no"),
  ),
  daemon("redis default user off", "redis-server", [null], [tcp("redis", REDIS)], (place) =>
    redis(place, "--user default off"),
  ),
  daemon(
    "redis cluster down",
    "redis-server",
    [7000, 17000],
    [
      tcp("redis", REDIS, "package"),
      hidden(
        tcp(["redis-cluster", "redis"], null, null, {
          at: 1,
          unnamed: "it answers a peer's ping alone, from which a lone node learns its address",
        }),
        REDIS,
      ),
    ],
    (place) => redis(place, "--cluster-enabled yes"),
  ),
  daemon(
    "redis on IPv6 only",
    "redis-server",
    [null],
    [tcp("redis", REDIS, "package", { host: "::1" })],
    (place) => redis(place, "", "::1"),
  ),
  daemon(
    "redis through haproxy in tls",
    "redis-server",
    [null, null],
    [tcp("redis", REDIS, "package", TLS)],
    (place) => [passingTls(place, " ssl-min-ver TLSv1.3"), redis(behind(place))],
  ),
  daemon(
    "mariadb full",
    "mariadb-server-core",
    [null],
    [hidden(tcp("mysql", null), ["MariaDB"])],
    (place) => [
      renamedMariadb(place, "10.11.6-MariaDB", "--max-connections=10 --connect-timeout=31536000"),
      hold(place, 11),
    ],
  ),
  daemon("postgres full", "postgresql", [null], [tcp("postgresql", POSTGRES)], (place) => [
    postgres(
      place,
      "host all all 127.0.0.1/32 trust",
      "-c max_connections=1 -c superuser_reserved_connections=0 -c max_wal_senders=0 -c authentication_timeout=600 -c autovacuum=off",
    ),
    shell(
      `until psql -h 127.0.0.1 -p ${place.ports[0]} -U postgres postgres -c 'select pg_sleep(100000)'; do sleep 0.3; done; sleep 100000`,
    ),
  ]),
  daemon("postgres stands by", "postgresql", [null], [tcp("postgresql", POSTGRES)], (place) =>
    postgres(place, "host all all 127.0.0.1/32 trust", "-c hot_standby=off", {
      first: `touch pg/standby.signal; echo "restore_command = 'false'" >> pg/postgresql.conf`,
    }),
  ),
  daemon("pure-ftpd full", "pure-ftpd", [null], [tcp("ftp", ["Pure-FTPd"])], (place) => [
    pureFtpd(place, "-c 1 -I 600"),
    hold(place, 1),
  ]),
  daemon("sshd full", "openssh-server", [null], [tcp("ssh", "OpenSSH")], (place) => [
    sshd(place, "-o MaxStartups=1:100:1 -o LoginGraceTime=0"),
    hold(place, 1),
  ]),
  daemon(
    "sshd by inetd",
    "openssh-server",
    [null],
    [tcp("ssh", "OpenSSH", "package")],
    ({ directory, ports }) =>
      shell(`ssh-keygen -q -t ed25519 -N "" -f key
mkdir -p /run/sshd
exec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork EXEC:"/usr/sbin/sshd -i -e -f /dev/null -o HostKey=${directory}/key",nofork`),
  ),
  daemon(
    "sshd and tcp wrappers",
    "openssh-server",
    [null],
    [hidden(tcp(["ssh", ...SILENT], null), ["OpenSSH"])],
    (place) => {
      const [first, dash, script] = sshd(place).argv;
      return {
        argv: [first, `${dash}`, `echo 'ALL: ALL' > deny\nmount --bind deny /etc/hosts.deny\n${script}`],
      };
    },
  ),
  daemon(
    "ssh through haproxy on port 443",
    "openssh-server",
    [443, null],
    [tcp("ssh", "OpenSSH", "package")],
    (place) => [passing(place), sshd(behind(place))],
  ),
  daemon("exim full", "exim4-daemon-light", [null], [tcp("smtp", EXIM)], (place) => [
    exim(place, "mail.lab.test ESMTP", "smtp_accept_max = 1\nsmtp_receive_timeout = 1h\n"),
    hold(place, 1),
  ]),
  daemon(
    "memcached through haproxy, names only",
    "memcached",
    [null, null],
    [
      hidden(
        tcp(["ssl", "tls", "memcached", "memcache"], null, null, {
          ...TLS,
          unnamed: "it shakes hands only with who knows its name",
        }),
        ["HAProxy", "Memcached"],
      ),
    ],
    (place) => [passingTls(place, " strict-sni"), memcached(behind(place))],
  ),
  daemon(
    "haproxy before nobody in tcp",
    "haproxy",
    [null, null],
    [
      hidden(
        tcp(SILENT, null, null, {
          unnamed: "it accepts, tries its server for seconds, and hangs up without a word",
        }),
        HAPROXY,
      ),
    ],
    passing,
  ),
  daemon(
    "haproxy statistics and console",
    "haproxy",
    [null, null],
    [
      tcp(WEB, HAPROXY, "package"),
      hidden(tcp(["haproxy", "haproxy-cli", ...SILENT], null, null, { at: 1 }), HAPROXY),
    ],
    (place) =>
      haproxyAlone(
        place,
        "  stats enable\n  stats uri /\n",
        `global\n  stats socket ipv4@127.0.0.1:${place.ports[1]} level user\n`,
      ),
  ),
  daemon("haproxy 408 before a slow one", "haproxy", [null, null], [tcp(WEB, HAPROXY)], (place) => [
    haproxy(place, "  timeout server 500\n  http-response del-header Server\n"),
    python3(
      `import socket, time\ns = socket.create_server(("127.0.0.1", ${place.ports[1]}), backlog=200)\ntime.sleep(1e6)`,
    ),
  ]),
  daemon(
    "lighttpd through socat in tls",
    "lighttpd",
    [8444, null],
    [tcp(HTTPS, "lighttpd", null, TLS)],
    (place) => [socatTls(place), renamedLighttpd(behind(place), "lighttpd")],
  ),
  daemon("nginx in maintenance", "nginx-light", [null], [tcp(WEB, "nginx")], (place) =>
    nginx(
      place,
      "server_tokens off;",
      'default_type text/html; location / { return 503 "<h1>Wartungsarbeiten</h1><p>Wir sind bald zurück.</p>"; }',
    ),
  ),
  daemon(
    "nginx status and files on odd ports",
    "nginx-light",
    [null, null],
    [tcp(WEB, "nginx", "package"), tcp(HTTPS, "nginx", null, { at: 1, tls: true })],
    (place) =>
      nginx(
        place,
        `server { listen 127.0.0.1:${place.ports[1]} ssl http2; ssl_protocols TLSv1.3; ssl_certificate ${place.certificate}; ssl_certificate_key ${place.privateKey}; server_tokens off; autoindex on; root /usr/share/doc/nginx; }`,
        "location / { stub_status; }",
      ),
  ),
  daemon("apache in maintenance", "apache2-bin", [null], [tcp(WEB, APACHE)], (place) =>
    apache(
      place,
      `${load("alias")}ServerTokens Prod\nServerSignature Off\nErrorDocument 503 "Site under maintenance"\nRedirect 503 /`,
    ),
  ),
  daemon(
    "apache strict about names",
    "apache2-bin",
    [8443],
    [tcp(HTTPS, APACHE, "package", TLS)],
    (place) => {
      const site = (name: string) =>
        `<VirtualHost 127.0.0.1:${place.ports[0]}>\nServerName ${name}\nSSLEngine on\nSSLCertificateFile ${place.certificate}\nSSLCertificateKeyFile ${place.privateKey}\n</VirtualHost>\n`;
      return apache(
        place,
        `${load("ssl")}SSLProtocol TLSv1.3\nSSLStrictSNIVHostCheck on\n${site("lab.test")}${site("other.test")}`,
      );
    },
  ),
];
