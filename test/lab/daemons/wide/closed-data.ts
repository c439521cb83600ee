import { type Daemon, write } from "../../daemon.ts";
import {
  etcd,
  influxdb,
  mariadb,
  mariadbTurnsAway,
  memcached,
  mosquitto,
  pgbouncer,
  postgres,
  postgresTls,
  rabbitmq,
  redis,
  redisTls,
  sentinel,
  slapd,
  zookeeper,
} from "../servers/data.ts";
import { behind, passingTls, stunnel } from "../servers/proxies.ts";
import { stream } from "../servers/web.ts";
import { daemon, hidden, shell, TLS, tcp } from "./entry.ts";
import { MEMCACHE, MOSQUITTO, MQTT, POSTGRES, REDIS, WEB, ZOOKEEPER } from "./products.ts";

/** Databases, queues and directories that ask for a password, a certificate or another address. */
export const closedData: Daemon[] = [
  daemon(
    "memcached asks for TLS",
    "memcached",
    [null],
    [tcp(MEMCACHE, "Memcached", "package", TLS)],
    (place) => memcached(place, `-Z -o ssl_chain_cert=${place.certificate},ssl_key=${place.privateKey}`),
  ),
  daemon(
    "memcached on IPv6 by socat",
    "memcached",
    [null, null],
    [tcp(MEMCACHE, "Memcached", "package", { host: "::1" })],
    (place) => [
      shell(
        `exec socat TCP6-LISTEN:${place.ports[0]},bind=[::1],reuseaddr,fork TCP:127.0.0.1:${place.ports[1]}`,
      ),
      memcached(behind(place)),
    ],
  ),
  daemon("memcached sasl", "memcached", [null], [tcp(MEMCACHE, "Memcached", "package")], (place) =>
    shell(
      `echo "mech_list: plain" > memcached.conf\nSASL_CONF_PATH=$PWD exec /usr/bin/memcached -u memcache -l 127.0.0.1 -p ${place.ports[0]} -U 0 -m 8 -S`,
    ),
  ),
  daemon("memcached binary", "memcached", [null], [tcp(MEMCACHE, "Memcached", "package")], (place) =>
    memcached(place, "-B binary"),
  ),
  daemon("memcached password file", "memcached", [null], [tcp(MEMCACHE, "Memcached")], (place) =>
    memcached(place, `-Y ${write(place, "users", "a:b\n")}`),
  ),
  daemon("slapd shows nothing", "slapd", [null], [hidden(tcp("ldap", null), "OpenLDAP")], (place) =>
    slapd(place, "ldap", 'access to dn.base="" by * none\naccess to * by * none\n'),
  ),
  daemon("slapd without anonymous", "slapd", [null], [hidden(tcp("ldap", null), ["OpenLDAP"])], (place) =>
    slapd(place, "ldap", "disallow bind_anon\nrequire authc"),
  ),
  daemon("ldaps odd", "slapd", [null], [tcp(["ldap", "ldaps"], ["OpenLDAP"], null, TLS)], (place) =>
    slapd(place, "ldaps"),
  ),
  daemon("slapd wants TLS", "slapd", [null], [tcp("ldap", ["OpenLDAP"])], (place) =>
    slapd(place, "ldap", "security tls=128"),
  ),
  daemon(
    "nats wants TLS",
    "nats-server",
    [null],
    [tcp("nats", ["NATS", "NATS Server", "nats-server"], "package")],
    (place) =>
      shell(
        `exec nats-server -a 127.0.0.1 -p ${place.ports[0]} --tls --tlscert ${place.certificate} --tlskey ${place.privateKey} --user a --pass b`,
      ),
  ),
  daemon(
    "rabbitmq wants a certificate",
    "rabbitmq-server",
    [null, 25674],
    [hidden(tcp(["amqp", "amqps", "ssl"], null, null, TLS), "RabbitMQ")],
    (place) =>
      rabbitmq(
        place,
        "labcert",
        `listeners.tcp = none
listeners.ssl.1 = 127.0.0.1:${place.ports[0]}
ssl_options.cacertfile = ${place.certificate}
ssl_options.certfile = ${place.certificate}
ssl_options.keyfile = ${place.privateKey}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
ssl_options.versions.1 = tlsv1.2`,
      ),
  ),
  daemon(
    "mosquitto in stunnel on port 25",
    "mosquitto",
    [25, null],
    [tcp(MQTT, MOSQUITTO, "package", TLS)],
    (place) => [stunnel(place), mosquitto(behind(place))],
  ),
  daemon("mariadb turns away in German", "mariadb-server-core", [null], [tcp("mysql", "MariaDB")], (place) =>
    mariadbTurnsAway(place, "--lc-messages=de_DE"),
  ),
  daemon("mariadb turns away in French", "mariadb-server-core", [null], [tcp("mysql", "MariaDB")], (place) =>
    mariadbTurnsAway(place, "--lc-messages=fr_FR"),
  ),
  daemon(
    "mariadb on IPv6",
    "mariadb-server-core",
    [null],
    [tcp("mysql", "MariaDB", "package", { host: "::1" })],
    (place) => mariadb(place, "", "::1"),
  ),
  daemon("mariadb turns away", "mariadb-server-core", [null], [tcp("mysql", "MariaDB")], (place) =>
    mariadbTurnsAway(place),
  ),
  daemon("mariadb wants TLS", "mariadb-server-core", [null], [tcp("mysql", "MariaDB", "package")], (place) =>
    mariadb(
      place,
      `--require-secure-transport=ON --ssl-cert=${place.certificate} --ssl-key=${place.privateKey}`,
    ),
  ),
  daemon("postgres wants a certificate", "postgresql", [null], [tcp("postgresql", POSTGRES)], (place) =>
    postgresTls(place, "-c ssl_ca_file=$PWD/c.pem -c ssl_min_protocol_version=TLSv1.3"),
  ),
  daemon(
    "postgres on IPv6 and port 3306",
    "postgresql",
    [3306],
    [tcp("postgresql", POSTGRES, null, { host: "::1" })],
    (place) => postgres(place, "host all all ::1/128 scram-sha-256", "", { address: "::1" }),
  ),
  daemon(
    "postgres through nginx stream",
    "postgresql",
    [null, null],
    [tcp("postgresql", POSTGRES)],
    (place) => [stream(place, ""), postgres(behind(place), "host all all all reject")],
  ),
  daemon("postgres only by TLS", "postgresql", [null], [tcp("postgresql", POSTGRES)], (place) =>
    postgresTls(place),
  ),
  daemon("redis without INFO alone", "redis-server", [null], [tcp("redis", REDIS, "package")], (place) =>
    redis(place, "--rename-command INFO ''"),
  ),
  daemon("redis with all its commands renamed", "redis-server", [null], [tcp("redis", REDIS)], (place) =>
    redis(
      place,
      "INFO HELLO CONFIG COMMAND LOLWUT DEBUG PING CLIENT MODULE ACL"
        .split(" ")
        .map((command) => `--rename-command ${command} hidden-${command}`)
        .join(" "),
    ),
  ),
  daemon(
    "redis on port 80 in haproxy's TLS",
    "redis-server",
    [8443, null],
    [tcp("redis", REDIS, "package", TLS)],
    (place) => [passingTls(place, " alpn h2"), redis(behind(place))],
  ),
  daemon("redis password", "redis-server", [null], [tcp("redis", REDIS)], (place) =>
    redis(place, "--requirepass secret"),
  ),
  daemon("redis tls password", "redis-server", [null], [tcp("redis", REDIS, null, TLS)], (place) =>
    redisTls(place, "--tls-auth-clients no --requirepass secret"),
  ),
  daemon(
    "redis client certificate",
    "redis-server",
    [null],
    [hidden(tcp(["redis", "ssl", "unknown"], null, null, TLS), REDIS)],
    (place) => redisTls(place, ""),
  ),
  daemon("redis without INFO", "redis-server", [null], [tcp("redis", REDIS)], (place) =>
    redis(place, `--rename-command INFO '' --rename-command COMMAND '' --rename-command CONFIG ''`),
  ),
  daemon(
    "redis-sentinel password",
    "redis-sentinel",
    [null],
    [tcp("redis", ["Redis Sentinel", ...REDIS])],
    (place) => sentinel(place, "requirepass secret\n"),
  ),
  daemon(
    "sentinel without INFO",
    "redis-sentinel",
    [null],
    [tcp("redis", ["Redis Sentinel", ...REDIS])],
    (place) => sentinel(place, 'rename-command INFO ""\n'),
  ),
  daemon("zookeeper without words", "zookeeper", [null], [tcp("zookeeper", ZOOKEEPER)], (place) =>
    zookeeper(place, "4lw.commands.whitelist=\n"),
  ),
  daemon(
    "influxdb by TLS and password",
    "influxdb",
    [null, null],
    [tcp(WEB, ["InfluxDB http admin", "InfluxDB"], "package", TLS)],
    (place) =>
      influxdb(
        place,
        `  auth-enabled = true\n  https-enabled = true\n  https-certificate = "${place.certificate}"\n  https-private-key = "${place.privateKey}"\n`,
      ),
  ),
  daemon("etcd by TLS", "etcd-server", [null, null], [tcp(WEB, ["etcd"], "package", TLS)], (place) =>
    etcd(place, "https", `--cert-file ${place.certificate} --key-file ${place.privateKey}`),
  ),
  daemon(
    "pgpool",
    "pgpool2",
    [null, null, null],
    [tcp("postgresql", ["Pgpool-II", "pgpool", "PostgreSQL DB", "PostgreSQL"])],
    (place) => [
      postgres({ ...place, ports: [place.ports[1] ?? 0] }, "host all all 127.0.0.1/32 scram-sha-256"),
      shell(`cat > pgpool.conf <<X
listen_addresses = '127.0.0.1'
port = ${place.ports[0]}
pcp_listen_addresses = '127.0.0.1'
pcp_port = ${place.ports[2]}
unix_socket_directories = '${place.directory}'
pcp_socket_dir = '${place.directory}'
wd_ipc_socket_dir = '${place.directory}'
pid_file_name = '${place.directory}/pgpool.pid'
logdir = '${place.directory}'
backend_clustering_mode = 'raw'
backend_hostname0 = '127.0.0.1'
backend_port0 = ${place.ports[1]}
X
touch pcp.conf pool_hba.conf
exec /usr/sbin/pgpool -n -f $PWD/pgpool.conf -F $PWD/pcp.conf -a $PWD/pool_hba.conf`),
    ],
  ),
  daemon("pgbouncer wants TLS", "pgbouncer", [null], [tcp("postgresql", "PgBouncer")], (place) => {
    place.prepare(["sh", "-c", `cat ${place.privateKey} > k.pem; chown nobody k.pem`]);
    return pgbouncer(
      place,
      `auth_type=scram-sha-256\nclient_tls_sslmode=require\nclient_tls_cert_file=${place.certificate}\nclient_tls_key_file=${place.directory}/k.pem\n`,
    );
  }),
];
