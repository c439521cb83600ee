import { type Daemon, type Place, write } from "../../daemon.ts";
import { daemon, hidden, shell, TLS, tcp } from "./entry.ts";
import { mariadb } from "./impostors.ts";

export const REDIS = ["Redis key-value store", "Redis"] as const;
export const POSTGRES = ["PostgreSQL DB", "PostgreSQL"] as const;
export const redis = ({ ports, directory }: Place, more: string) =>
  shell(
    `exec /usr/bin/redis-server --bind 127.0.0.1 --port ${ports[0]} --save '' --dir ${directory} ${more}`,
  );
const redisTls = (place: Place, more: string) =>
  redis(
    place,
    `--port 0 --tls-port ${place.ports[0]} --tls-cert-file ${place.certificate} --tls-key-file ${place.privateKey} --tls-ca-cert-file ${place.certificate} ${more}`,
  );
export const memcached = ({ ports }: Place, more: string) =>
  shell(`exec /usr/bin/memcached -u memcache -l 127.0.0.1 -p ${ports[0]} -U 0 -m 8 ${more}`);
/** `hba`: who may come, and how. */
export const postgres = ({ directory, ports }: Place, hba: string, more = "") =>
  shell(`bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
chown -R postgres ${directory}
as="setpriv --reuid=postgres --regid=postgres --init-groups --"
$as $bin/initdb -D $PWD/pg --no-sync -A trust > /dev/null
echo '${hba}' > pg/pg_hba.conf
exec $as $bin/postgres -D $PWD/pg -p ${ports[0]} -k $PWD -c listen_addresses=127.0.0.1 -c fsync=off ${more}`);
export const slapd = ({ directory, ports, certificate, privateKey }: Place, scheme: string, more: string) =>
  shell(`mkdir -p data
cat > slapd.conf <<X
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $PWD/pid
argsfile $PWD/args
TLSCertificateFile ${certificate}
TLSCertificateKeyFile ${privateKey}
${more}
database mdb
directory ${directory}/data
suffix "dc=lab,dc=test"
X
exec /usr/sbin/slapd -d 0 -h ${scheme}://127.0.0.1:${ports[0]} -f slapd.conf`);
export const sshd = ({ ports }: Place, more: string) =>
  shell(
    `ssh-keygen -q -t rsa -N "" -f key\nmkdir -p /run/sshd\nexec /usr/sbin/sshd -D -e -f /dev/null -o ListenAddress=127.0.0.1:${ports[0]} -o HostKey=$PWD/key -o PidFile=none ${more}`,
  );

/** Databases and queues that ask for a password, a certificate or another address; and servers inside a tunnel. */
export const variantData: Daemon[] = [
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
    "memcached sasl",
    "memcached",
    [null],
    [tcp(["memcached", "memcache"], "Memcached", "package")],
    (place) =>
      shell(
        `echo "mech_list: plain" > memcached.conf\nSASL_CONF_PATH=$PWD exec /usr/bin/memcached -u memcache -l 127.0.0.1 -p ${place.ports[0]} -U 0 -m 8 -S`,
      ),
  ),
  daemon(
    "memcached binary",
    "memcached",
    [null],
    [tcp(["memcached", "memcache"], "Memcached", "package")],
    (place) => memcached(place, "-B binary"),
  ),
  daemon(
    "memcached password file",
    "memcached",
    [null],
    [tcp(["memcached", "memcache"], "Memcached")],
    (place) => memcached({ ...place }, `-Y ${write(place, "users", "a:b\n")}`),
  ),
  daemon(
    "mariadb turns away",
    "mariadb-server-core",
    [null],
    [tcp("mysql", "MariaDB")],
    ({ directory, ports }) =>
      shell(
        `mariadb-install-db --no-defaults --user=root --datadir=$PWD/data --skip-test-db --auth-root-authentication-method=normal > /dev/null 2>&1
exec /usr/sbin/mariadbd --no-defaults --user=root --datadir=$PWD/data --socket=${directory}/socket --pid-file=${directory}/pid --bind-address=127.0.0.1 --skip-name-resolve --port=${ports[0]} --innodb-buffer-pool-size=8M --init-file=${directory}/init.sql`.replace(
          "exec",
          "echo \"DELETE FROM mysql.global_priv WHERE Host IN ('127.0.0.1','::1') OR User=''; FLUSH PRIVILEGES;\" > init.sql\nexec",
        ),
      ),
  ),
  daemon("mariadb wants TLS", "mariadb-server-core", [null], [tcp("mysql", "MariaDB", "package")], (place) =>
    mariadb(
      place,
      `$(dpkg-query -W -f '\${Version}' mariadb-server-core | sed 's/^1://; s/-.*//')-MariaDB`,
      `--require-secure-transport=ON --ssl-cert=${place.certificate} --ssl-key=${place.privateKey}`,
    ),
  ),
  daemon("postgres only by TLS", "postgresql", [null], [tcp("postgresql", POSTGRES)], (place) => {
    place.prepare([
      "sh",
      "-c",
      `cat ${place.certificate} > c.pem; cat ${place.privateKey} > k.pem; chmod 600 k.pem; chown postgres c.pem k.pem`,
    ]);
    return postgres(
      place,
      "hostssl all all 127.0.0.1/32 cert",
      `-c ssl=on -c ssl_cert_file=${place.directory}/c.pem -c ssl_key_file=${place.directory}/k.pem`,
    );
  }),
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
  daemon("pgbouncer wants TLS", "pgbouncer", [null], [tcp("postgresql", "PgBouncer")], (place) =>
    shell(`cat ${place.privateKey} > k.pem
chown nobody k.pem
touch u.txt
cat > p.ini <<X
[databases]
a = host=127.0.0.1 port=9
[pgbouncer]
listen_addr=127.0.0.1
listen_port=${place.ports[0]}
auth_type=scram-sha-256
auth_file=$PWD/u.txt
unix_socket_dir=
client_tls_sslmode=require
client_tls_cert_file=${place.certificate}
client_tls_key_file=$PWD/k.pem
X
exec /usr/sbin/pgbouncer -u nobody p.ini`),
  ),
  daemon("slapd without anonymous", "slapd", [null], [hidden(tcp("ldap", null), ["OpenLDAP"])], (place) =>
    slapd(place, "ldap", "disallow bind_anon\nrequire authc"),
  ),
  daemon("ldaps odd", "slapd", [null], [tcp(["ldap", "ldaps"], ["OpenLDAP"], null, TLS)], (place) =>
    slapd(place, "ldaps", ""),
  ),
  daemon("slapd wants TLS", "slapd", [null], [tcp("ldap", ["OpenLDAP"])], (place) =>
    slapd(place, "ldap", "security tls=128"),
  ),
];
