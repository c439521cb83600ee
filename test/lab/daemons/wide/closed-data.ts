import { type Daemon, type Place, write } from "../../daemon.ts";
import { daemon, HOME, shell, TLS, tcp, withRun } from "./entry.ts";
import { behind } from "./fronts.ts";
import { mariadb } from "./impostors.ts";
import { WEB } from "./servers.ts";
import { joined, passing } from "./states.ts";
import { memcached, POSTGRES, postgres, REDIS, redis } from "./variants-data.ts";
import { stream } from "./variants-tunnels.ts";

export const MQTT = ["mqtt", "mqtts", "secure-mqtt"] as const;
export const SMB = ["microsoft-ds", "netbios-ssn", "smb"] as const;
export const RDP = ["ms-wbt-server", "rdp"] as const;
export const XMPP = ["xmpp", "xmpp-client", "jabber", "xmpp-server"] as const;
const ZOOKEEPER = ["Zookeeper", "Apache ZooKeeper", "ZooKeeper"] as const;
/** A server whose account tables are there, so that it looks who comes. */
const mariadbInstalled = ({ directory, ports }: Place, sql: string, more: string) =>
  shell(`mariadb-install-db --no-defaults --user=root --datadir=$PWD/data --skip-test-db --auth-root-authentication-method=normal > /dev/null 2>&1
echo "${sql}" > init.sql
exec /usr/sbin/mariadbd --no-defaults --user=root --datadir=$PWD/data --socket=${directory}/socket --pid-file=${directory}/pid --bind-address=127.0.0.1 --port=${ports[0]} --innodb-buffer-pool-size=8M --init-file=${directory}/init.sql ${more}`);
const zookeeper = (place: Place, more: string) =>
  shell(`cat > zoo.cfg <<X
tickTime=2000
dataDir=$PWD/data
clientPort=${place.ports[0]}
clientPortAddress=127.0.0.1
admin.enableServer=false
${more}
X
exec java -cp "/etc/zookeeper/conf:/usr/share/java/*" org.apache.zookeeper.server.quorum.QuorumPeerMain zoo.cfg`);
export const smbd = (place: Place, more: string) =>
  withRun(`mkdir -p p l s c n
cat > smb.conf <<X
[global]
interfaces = 127.0.0.1
bind interfaces only = yes
smb ports = ${place.ports[0]}
private dir = $PWD/p
lock directory = $PWD/l
state directory = $PWD/s
cache directory = $PWD/c
pid directory = $PWD
ncalrpc dir = $PWD/n
log file = $PWD/log
disable spoolss = yes
${more}
X
exec /usr/sbin/smbd -F --no-process-group -s $PWD/smb.conf`);
export const rsyncd = ({ ports }: Place, more: string) =>
  shell(
    `printf 'address = 127.0.0.1\\nport = ${ports[0]}\\nuse chroot = no\\npid file = %s/pid\\nlog file = /dev/stderr\\n${more}' $PWD > r.conf; exec rsync --daemon --no-detach --config=$PWD/r.conf`,
  );
export const prosody = (place: Place, more: string) =>
  shell(
    `exec /usr/bin/prosody -F --config ${write(place, "p.lua", `daemonize=false\nrun_as_root=true\ndata_path="${place.directory}"\ninterfaces={"127.0.0.1"}\nssl={certificate="${place.certificate}";key="${place.privateKey}"}\nauthentication="internal_hashed"\nmodules_enabled={"saslauth","tls","s2s"}\nlog="*stdout"\n${more}VirtualHost "lab.test"\n`)}`,
  );
export const ircd = (place: Place, more: string) =>
  shell(
    `exec ngircd -n -f ${write(place, "i.conf", `[Global]\nName = irc.lab.test\nInfo = chat\nListen = 127.0.0.1\nPorts = ${place.ports[0]}\nServerUID = 65534\nServerGID = 65534\nMotdPhrase = Willkommen\n${more}`)}`,
  );

/** Databases, brokers, directories, agents and desktops as their operators close them, once more. */
export const closedData: Daemon[] = [
  daemon("mariadb turns away in German", "mariadb-server-core", [null], [tcp("mysql", "MariaDB")], (place) =>
    mariadbInstalled(
      place,
      "DELETE FROM mysql.global_priv WHERE Host IN ('127.0.0.1','::1') OR User=''; FLUSH PRIVILEGES;",
      "--skip-name-resolve --lc-messages=de_DE",
    ),
  ),
  daemon("mariadb turns away in French", "mariadb-server-core", [null], [tcp("mysql", "MariaDB")], (place) =>
    mariadbInstalled(
      place,
      "DELETE FROM mysql.global_priv WHERE Host IN ('127.0.0.1','::1') OR User=''; FLUSH PRIVILEGES;",
      "--skip-name-resolve --lc-messages=fr_FR",
    ),
  ),
  daemon(
    "mariadb as MySQL 8 through haproxy",
    "mariadb-server-core",
    [null, null],
    [tcp("mysql", "MariaDB", null, { spoof: ["MySQL"] })],
    (place) => [
      passing(place),
      mariadb(behind(place), "8.0.35-0ubuntu0.22.04.1", "--character-set-server=utf8mb4"),
    ],
  ),
  daemon(
    "mariadb on IPv6",
    "mariadb-server-core",
    [null],
    [tcp("mysql", "MariaDB", "package", { host: "::1" })],
    ({ directory, ports }) =>
      shell(
        `mkdir data; exec /usr/sbin/mariadbd --no-defaults --user=root --skip-grant-tables --datadir=${directory}/data --socket=${directory}/socket --pid-file=${directory}/pid --bind-address=::1 --port=${ports[0]} --innodb-log-file-size=4M --innodb-buffer-pool-size=8M`,
      ),
  ),
  daemon("postgres wants a certificate", "postgresql", [null], [tcp("postgresql", POSTGRES)], (place) => {
    place.prepare([
      "sh",
      "-c",
      `cat ${place.certificate} > c.pem; cat ${place.privateKey} > k.pem; chown postgres c.pem k.pem; chmod 600 k.pem`,
    ]);
    return postgres(
      place,
      "hostssl all all 127.0.0.1/32 cert",
      `-c ssl=on -c ssl_cert_file=${place.directory}/c.pem -c ssl_key_file=${place.directory}/k.pem -c ssl_ca_file=${place.directory}/c.pem -c ssl_min_protocol_version=TLSv1.3`,
    );
  }),
  daemon(
    "postgres on IPv6 and port 3306",
    "postgresql",
    [3306],
    [tcp("postgresql", POSTGRES, null, { host: "::1" })],
    ({ directory, ports }) =>
      shell(`bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
chown -R postgres ${directory}
as="setpriv --reuid=postgres --regid=postgres --init-groups --"
$as $bin/initdb -D $PWD/pg --no-sync -A scram-sha-256 --pwfile=/etc/hostname > /dev/null
exec $as $bin/postgres -D $PWD/pg -p ${ports[0]} -k $PWD -c listen_addresses=::1 -c fsync=off`),
  ),
  daemon(
    "postgres through nginx stream",
    "postgresql",
    [null, null],
    [tcp("postgresql", POSTGRES)],
    (place) => [stream(place, ""), postgres(behind(place), "host all all all reject")],
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
    (place) => [passing(place, ` ssl crt ${joined(place)} alpn h2`), redis(behind(place), "")],
  ),
  daemon(
    "redis-sentinel password",
    "redis-sentinel",
    [null],
    [tcp("redis", ["Redis Sentinel", ...REDIS])],
    (place) =>
      shell(
        `printf 'port ${place.ports[0]}\\nbind 127.0.0.1\\nrequirepass secret\\ndir /tmp\\n' > s.conf; exec redis-sentinel $PWD/s.conf`,
      ),
  ),
  daemon(
    "memcached on IPv6 by socat",
    "memcached",
    [null, null],
    [tcp(["memcached", "memcache"], "Memcached", "package", { host: "::1" })],
    (place) => [
      shell(
        `exec socat TCP6-LISTEN:${place.ports[0]},bind=[::1],reuseaddr,fork TCP:127.0.0.1:${place.ports[1]}`,
      ),
      memcached(behind(place), ""),
    ],
  ),
  daemon("zookeeper without words", "zookeeper", [null], [tcp("zookeeper", ZOOKEEPER)], (place) =>
    zookeeper(place, "4lw.commands.whitelist="),
  ),
  daemon(
    "influxdb by TLS and password",
    "influxdb",
    [null, null],
    [tcp(WEB, ["InfluxDB http admin", "InfluxDB"], "package", TLS)],
    (place) =>
      shell(
        `exec influxd -config ${write(place, "i.toml", `reporting-disabled = true\nbind-address = "127.0.0.1:${place.ports[1]}"\n[meta]\ndir = "${place.directory}/m"\n[data]\ndir = "${place.directory}/d"\nwal-dir = "${place.directory}/w"\n[http]\nbind-address = "127.0.0.1:${place.ports[0]}"\nauth-enabled = true\nhttps-enabled = true\nhttps-certificate = "${place.certificate}"\nhttps-private-key = "${place.privateKey}"\n`)}`,
        HOME,
      ),
  ),
  daemon(
    "etcd by TLS",
    "etcd-server",
    [null, null],
    [tcp(WEB, ["etcd"], "package", TLS)],
    ({ ports, directory, certificate, privateKey }) =>
      shell(
        `exec etcd --data-dir ${directory}/d --cert-file ${certificate} --key-file ${privateKey} --listen-client-urls https://127.0.0.1:${ports[0]} --advertise-client-urls https://127.0.0.1:${ports[0]} --listen-peer-urls http://127.0.0.1:${ports[1]} --initial-advertise-peer-urls http://127.0.0.1:${ports[1]} --initial-cluster default=http://127.0.0.1:${ports[1]}`,
      ),
  ),
];
