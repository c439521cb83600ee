/** Databases, caches, queues and directories, each with options of its own. */
import { type Command, type Place, write } from "../../daemon.ts";
import { HOME, shell } from "../wide/entry.ts";

export const redis = ({ ports }: Place, more = "", address = "127.0.0.1"): Command =>
  shell(`exec /usr/bin/redis-server --bind ${address} --port ${ports[0]} --save '' --dir $PWD ${more}`);
export const redisTls = (place: Place, more: string): Command =>
  redis(
    place,
    `--port 0 --tls-port ${place.ports[0]} --tls-cert-file ${place.certificate} --tls-key-file ${place.privateKey} --tls-ca-cert-file ${place.certificate} ${more}`,
  );
export const sentinel = (place: Place, more = ""): Command =>
  shell(
    `exec /usr/bin/redis-sentinel ${write(place, "s.conf", `port ${place.ports[0]}\nbind 127.0.0.1\ndir ${place.directory}\n${more}`)}`,
  );
export const memcached = ({ ports }: Place, more = ""): Command =>
  shell(`exec /usr/bin/memcached -u memcache -l 127.0.0.1 -p ${ports[0]} -U 0 -m 8 ${more}`);
/** By datagrams alone. */
export const memcachedUdp = ({ ports }: Place): Command =>
  shell(`exec /usr/bin/memcached -u memcache -l 127.0.0.1 -p 0 -U ${ports[0]} -m 8`);

/** `hba`: who may come, and how; `first`: before it starts. Its certificate, where there is one, is in c.pem and k.pem. */
export const postgres = (
  { directory, ports }: Place,
  hba: string,
  more = "",
  { address = "127.0.0.1", first = "" } = {},
): Command =>
  shell(`bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
chown -R postgres ${directory}
as="setpriv --reuid=postgres --regid=postgres --init-groups --"
$as $bin/initdb -D $PWD/pg --no-sync -A trust > /dev/null
echo '${hba}' > pg/pg_hba.conf
${first}
exec $as $bin/postgres -D $PWD/pg -p ${ports[0]} -k $PWD -c listen_addresses=${address} -c fsync=off ${more}`);
/** Only for who has a certificate. */
export const postgresTls = (place: Place, more = ""): Command =>
  postgres(
    place,
    "hostssl all all 127.0.0.1/32 cert",
    `-c ssl=on -c ssl_cert_file=$PWD/c.pem -c ssl_key_file=$PWD/k.pem ${more}`,
    {
      first: `cat ${place.certificate} > c.pem; cat ${place.privateKey} > k.pem; chown postgres c.pem k.pem; chmod 600 k.pem`,
    },
  );

const MARIADB =
  "/usr/sbin/mariadbd --no-defaults --user=root --datadir=$PWD/data --socket=$PWD/socket --pid-file=$PWD/pid --innodb-buffer-pool-size=8M";
/** Without grant tables it starts at once on an empty directory; the greeting is the same. */
export const mariadb = ({ ports }: Place, more = "", address = "127.0.0.1"): Command =>
  shell(`mkdir data
exec ${MARIADB} --skip-grant-tables --innodb-log-file-size=4M --bind-address=${address} --port=${ports[0]} ${more}`);
export const renamedMariadb = (place: Place, version: string, more = ""): Command =>
  mariadb(place, `--version=${version} ${more}`);
/** With its account tables, which know nobody, so that it turns everybody away. Its temporary tables are named after its process id. */
export const mariadbTurnsAway = ({ ports }: Place, more = ""): Command =>
  shell(`export TMPDIR=$PWD
mariadb-install-db --no-defaults --user=root --datadir=$PWD/data --skip-test-db --auth-root-authentication-method=normal > /dev/null
printf "DELETE FROM mysql.global_priv WHERE Host IN ('127.0.0.1','::1') OR User='';\\nFLUSH PRIVILEGES;\\n" > init.sql
exec ${MARIADB} --bind-address=127.0.0.1 --port=${ports[0]} --skip-name-resolve --init-file=$PWD/init.sql ${more}`);

export const pgbouncer = (place: Place, more: string): Command =>
  shell(
    `exec /usr/sbin/pgbouncer -u nobody ${write(
      place,
      "p.ini",
      `[databases]\na = host=127.0.0.1 port=9\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=${place.ports[0]}\nauth_file=${write(place, "u.txt", "")}\nunix_socket_dir=\n${more}`,
    )}`,
  );
/** `more`: lines before its database. */
export const slapd = (
  { ports, certificate, privateKey }: Place,
  scheme: "ldap" | "ldaps" = "ldap",
  more = "",
): Command =>
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
directory $PWD/data
suffix "dc=lab,dc=test"
X
exec /usr/sbin/slapd -d 0 -h ${scheme}://127.0.0.1:${ports[0]} -f slapd.conf`);

/** `listeners`: where it listens, if not on its first port. */
export const mosquitto = (
  place: Place,
  more = "allow_anonymous true\n",
  listeners = `listener ${place.ports[0]} 127.0.0.1\n`,
): Command =>
  shell(
    `exec /usr/sbin/mosquitto -c ${write(place, "mosquitto.conf", `${listeners}${more}persistence false\nuser root\n`)}`,
  );
/** `name`: of its node; `more`: of rabbitmq.conf; the port of its cluster is the daemon's last. */
export const rabbitmq = ({ ports, directory }: Place, name: string, more: string, plugins = ""): Command =>
  shell(
    `mkdir -p m l
echo '[${plugins}].' > enabled
cat > rabbitmq.conf <<X
${more}
X
exec /usr/lib/rabbitmq/bin/rabbitmq-server`,
    {
      HOME: directory,
      RABBITMQ_NODENAME: `${name}@localhost`,
      RABBITMQ_DIST_PORT: `${ports.at(-1)}`,
      RABBITMQ_CONFIG_FILE: `${directory}/rabbitmq.conf`,
      RABBITMQ_MNESIA_BASE: `${directory}/m`,
      RABBITMQ_LOG_BASE: `${directory}/l`,
      RABBITMQ_ENABLED_PLUGINS_FILE: `${directory}/enabled`,
      RABBITMQ_CONF_ENV_FILE: "/dev/null",
      RABBITMQ_PID_FILE: `${directory}/pid`,
    },
  );
export const zookeeper = (place: Place, more = ""): Command =>
  shell(
    `exec java -cp "/etc/zookeeper/conf:/usr/share/java/*" org.apache.zookeeper.server.quorum.QuorumPeerMain ${write(
      place,
      "zoo.cfg",
      `tickTime=2000\ndataDir=${place.directory}/data\nclientPort=${place.ports[0]}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n${more}`,
    )}`,
  );
/** Its clients' port is the first, its peers' the second. */
export const etcd = (
  { ports: [client, peer] }: Place,
  scheme: "http" | "https",
  more = "",
  others = "",
): Command =>
  shell(
    `exec /usr/bin/etcd --data-dir $PWD/d --listen-client-urls ${scheme}://127.0.0.1:${client} --advertise-client-urls ${scheme}://127.0.0.1:${client} --listen-peer-urls http://127.0.0.1:${peer} --initial-advertise-peer-urls http://127.0.0.1:${peer} --initial-cluster default=http://127.0.0.1:${peer}${others} ${more}`,
  );
/** `http`: lines of that clause. */
export const influxdb = (place: Place, http = ""): Command =>
  shell(
    `exec /usr/bin/influxd -config ${write(
      place,
      "i.conf",
      `reporting-disabled = true\nbind-address = "127.0.0.1:${place.ports[1]}"\n[meta]\n  dir = "${place.directory}/m"\n[data]\n  dir = "${place.directory}/d"\n  wal-dir = "${place.directory}/w"\n[http]\n  bind-address = "127.0.0.1:${place.ports[0]}"\n${http}`,
    )}`,
    HOME,
  );
