import { type Command, type Daemon, EXTRACTED, type Place } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { daemon, hidden, shell, TLS, tcp } from "./entry.ts";
import { behind, HAPROXY } from "./fronts.ts";
import { exim, lighttpd, mariadb, python3, vsftpd } from "./impostors.ts";
import { apache, haproxy, haproxyOf, nginx, WEB } from "./servers.ts";
import { memcached, POSTGRES, postgres, REDIS, redis, sshd } from "./variants-data.ts";
import { stunnel } from "./variants-mail.ts";

/** Keeps this many connections to a port open as soon as there is one to be had, so that the server is full for everybody else. */
export const hold = (place: Place, connections: number): Command =>
  python3(
    place,
    `import socket, time
held = []
while len(held) < ${connections}:
    try: held.append(socket.create_connection(("127.0.0.1", ${place.ports[0]})))
    except OSError: time.sleep(0.2)
time.sleep(1e6)`,
  );
/** haproxy passes bytes on without a look at them. */
export const passing = (place: Place, bind = "", server = ""): Command =>
  haproxyOf(
    place,
    `defaults\n  mode tcp\n  timeout connect 1s\n  timeout client 30s\n  timeout server 30s\nlisten lab\n  bind 127.0.0.1:${place.ports[0]}${bind}\n  server one 127.0.0.1:${place.ports[1]}${server}\n`,
  );
/** A certificate and its key in one file, as haproxy and lighttpd want them. */
export const joined = (place: Place): string => {
  place.prepare(["sh", "-c", `cat ${place.certificate} ${place.privateKey} > both.pem; chmod 644 both.pem`]);
  return `${place.directory}/both.pem`;
};
const ANY_TCP = ["tcpwrapped", "unknown"] as const;

/** Servers that are full, starting, without their master, closed to strangers; and what passes bytes on to them. */
export const stateDaemons: Daemon[] = [
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
    ({ ports }) => shell(`exec /usr/bin/redis-server --bind ::1 --port ${ports[0]} --save ''`),
  ),
  daemon(
    "mariadb full",
    "mariadb-server-core",
    [null],
    [hidden(tcp("mysql", null), ["MariaDB"])],
    (place) => [
      mariadb(place, "10.11.6-MariaDB", "--max-connections=10 --connect-timeout=31536000"),
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
  daemon("postgres stands by", "postgresql", [null], [tcp("postgresql", POSTGRES)], ({ directory, ports }) =>
    shell(`bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
chown -R postgres ${directory}
as="setpriv --reuid=postgres --regid=postgres --init-groups --"
$as $bin/initdb -D $PWD/pg --no-sync -A trust > /dev/null
touch pg/standby.signal
echo "restore_command = 'false'" >> pg/postgresql.conf
exec $as $bin/postgres -D $PWD/pg -p ${ports[0]} -k $PWD -c listen_addresses=127.0.0.1 -c hot_standby=off`),
  ),
  daemon("vsftpd full", "vsftpd", [null], [tcp("ftp", "vsftpd")], (place) => [
    vsftpd(place, "welcome", "max_clients=1\naccept_timeout=3600\nidle_session_timeout=36000\n"),
    hold(place, 1),
  ]),
  daemon("pure-ftpd full", "pure-ftpd", [null], [tcp("ftp", ["Pure-FTPd"])], (place) => [
    shell(
      `exec ${EXTRACTED}/pure-ftpd/usr/sbin/pure-ftpd -S 127.0.0.1,${place.ports[0]} -g $PWD/pid -c 1 -I 600`,
    ),
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
    [hidden(tcp(["ssh", ...ANY_TCP], null), ["OpenSSH"])],
    (place) => {
      const [first, dash, script] = sshd(place, "").argv;
      return {
        argv: [first, `${dash}`, `echo 'ALL: ALL' > deny\nmount --bind deny /etc/hosts.deny\n${script}`],
      };
    },
  ),
  daemon("exim full", "exim4-daemon-light", [null], [tcp("smtp", ["Exim smtpd", "Exim"])], (place) => [
    exim(place, "mail.lab.test ESMTP", "smtp_accept_max = 1\nsmtp_receive_timeout = 1h\n"),
    hold(place, 1),
  ]),
  daemon(
    "postfix behind PROXY",
    "postfix",
    [null],
    [hidden(tcp(["smtp", ...ANY_TCP], null), ["Postfix smtpd"])],
    (place) =>
      postfix(place, "smtpd_upstream_proxy_protocol = haproxy\nsmtpd_upstream_proxy_timeout = 30s\n"),
  ),
  daemon(
    "ssh through haproxy on port 443",
    "openssh-server",
    [443, null],
    [tcp("ssh", "OpenSSH", "package")],
    (place) => [passing(place), sshd(behind(place), "")],
  ),
  daemon(
    "redis through haproxy in tls",
    "redis-server",
    [null, null],
    [tcp("redis", REDIS, "package", TLS)],
    (place) => [passing(place, ` ssl crt ${joined(place)} ssl-min-ver TLSv1.3`), redis(behind(place), "")],
  ),
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
    (place) => [passing(place, ` ssl crt ${joined(place)} strict-sni`), memcached(behind(place), "")],
  ),
  daemon(
    "haproxy before nobody in tcp",
    "haproxy",
    [null, null],
    [
      hidden(
        tcp([...ANY_TCP], null, null, {
          unnamed: "it accepts, tries its server for seconds, and hangs up without a word",
        }),
        HAPROXY,
      ),
    ],
    (place) => passing(place),
  ),
  daemon(
    "lighttpd through socat in tls",
    "lighttpd",
    [8444, null],
    [tcp([...WEB, "https"], "lighttpd", null, TLS)],
    (place) => [
      shell(
        `exec socat OPENSSL-LISTEN:${place.ports[0]},bind=127.0.0.1,reuseaddr,fork,cert=${joined(place)},verify=0 TCP:127.0.0.1:${place.ports[1]}`,
      ),
      lighttpd(behind(place), "lighttpd"),
    ],
  ),
  daemon("vsftpd in stunnel", "vsftpd", [990, null], [tcp(["ftp", "ftps"], "vsftpd", null, TLS)], (place) => [
    stunnel(place),
    vsftpd(behind(place), "ready."),
  ]),
  daemon(
    "haproxy statistics and console",
    "haproxy",
    [null, null],
    [
      tcp(WEB, HAPROXY, "package"),
      hidden(tcp(["haproxy", "haproxy-cli", ...ANY_TCP], null, null, { at: 1 }), HAPROXY),
    ],
    (place) =>
      haproxyOf(
        place,
        `global\n  stats socket ipv4@127.0.0.1:${place.ports[1]} level user\ndefaults\n  mode http\n  timeout connect 1s\n  timeout client 10s\n  timeout server 10s\nfrontend stats\n  bind 127.0.0.1:${place.ports[0]}\n  stats enable\n  stats uri /\n`,
      ),
  ),
  daemon("haproxy 408 before a slow one", "haproxy", [null, null], [tcp(WEB, HAPROXY)], (place) => [
    haproxy(place, "  timeout server 500\n  http-response del-header Server\n"),
    python3(
      behind(place),
      `import socket, time\ns = socket.create_server(("127.0.0.1", ${place.ports[1]}), backlog=200)\ntime.sleep(1e6)`,
    ),
  ]),
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
    [tcp(WEB, "nginx", "package"), tcp([...WEB, "https"], "nginx", null, { at: 1, tls: true })],
    (place) =>
      nginx(
        place,
        `server { listen 127.0.0.1:${place.ports[1]} ssl http2; ssl_protocols TLSv1.3; ssl_certificate ${place.certificate}; ssl_certificate_key ${place.privateKey}; server_tokens off; autoindex on; root /usr/share/doc/nginx; }`,
        "location / { stub_status; }",
      ),
  ),
  daemon(
    "apache in maintenance",
    "apache2-bin",
    [null],
    [tcp(WEB, ["Apache httpd", "Apache HTTP Server"])],
    (place) =>
      apache(
        place,
        `LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so\nServerTokens Prod\nServerSignature Off\nErrorDocument 503 "Site under maintenance"\nRedirect 503 /`,
      ),
  ),
  daemon(
    "apache strict about names",
    "apache2-bin",
    [8443],
    [tcp([...WEB, "https"], ["Apache httpd", "Apache HTTP Server"], "package", TLS)],
    (place) =>
      apache(
        place,
        `LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
SSLProtocol TLSv1.3
SSLStrictSNIVHostCheck on
<VirtualHost 127.0.0.1:${place.ports[0]}>
SSLEngine on
SSLCertificateFile ${place.certificate}
SSLCertificateKeyFile ${place.privateKey}
</VirtualHost>
<VirtualHost 127.0.0.1:${place.ports[0]}>
ServerName other.test
SSLEngine on
SSLCertificateFile ${place.certificate}
SSLCertificateKeyFile ${place.privateKey}
</VirtualHost>`,
      ),
  ),
];
