import type { Daemon } from "../../daemon.ts";
import { daemon, hidden, shell, tcp, withRun } from "./entry.ts";

const WEB = ["http", "http-proxy"] as const;

/** A Prometheus exporter: a page that names it, and its release among its own metrics. */
const exporter = (
  name: string,
  pack: string,
  port: number | null,
  options: string,
  names: readonly [string, ...string[]],
  env?: Record<string, string>,
  flag = "web.listen-address",
) =>
  daemon(name, pack, [port], [tcp(WEB, names, "package")], ({ ports }) =>
    shell(`exec /usr/bin/${pack} --${flag}=127.0.0.1:${ports[0]} ${options}`, env),
  );

/** More that watches, and databases. */
export const gaugeDaemons: Daemon[] = [
  exporter(
    "apache-exporter",
    "prometheus-apache-exporter",
    9117,
    "",
    ["Prometheus Apache Exporter", "Apache Exporter", "Prometheus apache_exporter"],
    {},
    "telemetry.address",
  ),
  exporter("bind-exporter", "prometheus-bind-exporter", null, "", [
    "Prometheus BIND Exporter",
    "Bind Exporter",
    "Prometheus bind_exporter",
  ]),
  exporter(
    "mysqld-exporter",
    "prometheus-mysqld-exporter",
    null,
    "",
    ["Prometheus MySQL Exporter", "MySQLd exporter", "MySQL Exporter", "mysqld_exporter"],
    { DATA_SOURCE_NAME: "a:b@(127.0.0.1:9)/" },
  ),
  exporter(
    "postgres-exporter",
    "prometheus-postgres-exporter",
    9187,
    "",
    ["Prometheus PostgreSQL Exporter", "Postgres Exporter", "PostgreSQL Exporter", "postgres_exporter"],
    { DATA_SOURCE_NAME: "postgresql://a:b@127.0.0.1:9/" },
  ),
  exporter("snmp-exporter", "prometheus-snmp-exporter", null, "--config.file=/etc/prometheus/snmp.yml", [
    "Prometheus SNMP Exporter",
    "SNMP Exporter",
  ]),
  exporter("haproxy-exporter", "prometheus-haproxy-exporter", null, "", [
    "Prometheus HAProxy Exporter",
    "HAProxy Exporter",
  ]),
  exporter("process-exporter", "prometheus-process-exporter", 9256, "", [
    "Prometheus Process Exporter",
    "Process Exporter",
    "Named Process Exporter",
  ]),
  daemon(
    "netdata",
    "netdata-core",
    [19999],
    [tcp(WEB, ["Netdata", "NetData embedded httpd"], "package")],
    ({ ports: [port] }) =>
      shell(`mkdir -p cache lib log
cat > netdata.conf <<X
[global]
 run as user = root
[directories]
 cache = $PWD/cache
 lib = $PWD/lib
 log = $PWD/log
[plugins]
 enable running new plugins = no
[db]
 mode = ram
[web]
 bind to = 127.0.0.1:${port}
 default port = ${port}
X
exec /usr/sbin/netdata -D -c $PWD/netdata.conf`),
  ),
  daemon(
    "gmond",
    "ganglia-monitor",
    [8649],
    [tcp(["ganglia", "gmond"], ["Ganglia gmond", "Ganglia", "gmond", "Ganglia XML Grid monitor"], "package")],
    ({ ports: [port] }) =>
      shell(`cat > g.conf <<X
globals { daemonize = no setuid = no mute = no deaf = no }
cluster { name = "lab" }
udp_recv_channel { port = 28649 bind = 127.0.0.1 }
udp_send_channel { host = 127.0.0.1 port = 28649 }
tcp_accept_channel { port = ${port} bind = 127.0.0.1 }
X
exec /usr/sbin/gmond -f -c g.conf`),
  ),
  daemon(
    "xymond",
    "xymon",
    [1984],
    [tcp(["xymon", "bigbrother", "bb", "hobbit"], ["Xymon", "xymond"], "package")],
    ({ ports: [port] }) =>
      shell(
        `mkdir -p etc tmp
echo '127.0.0.1 lab.test #' > etc/hosts.cfg
exec /usr/lib/xymon/server/bin/xymond --no-daemon --listen=127.0.0.1:${port} --hosts=$PWD/etc/hosts.cfg --checkpoint-file=$PWD/tmp/chk`,
        { XYMONHOME: "/usr/lib/xymon/server", XYMONTMP: "/tmp", XYMONRUNDIR: "/tmp", MACHINE: "lab" },
      ),
  ),
  daemon(
    "nsca",
    "nsca",
    [5667],
    [hidden(tcp(["nsca", "nagios-nsca"], null), ["Nagios NSCA"])],
    ({ ports: [port] }) =>
      shell(`printf 'server_address=127.0.0.1\\nserver_port=${port}\\nnsca_user=nobody\\nnsca_group=nogroup\\ndecryption_method=0\\ncommand_file=%s/c\\nalternate_dump_file=%s/d\\n' $PWD $PWD > n.cfg
exec /usr/sbin/nsca -f -c n.cfg`),
  ),
  daemon(
    "icinga2",
    "icinga2-bin",
    [5665],
    [tcp([...WEB, "https"], ["Icinga 2", "Icinga"], "package", { tls: true })],
    ({ ports: [port], certificate, privateKey }) =>
      withRun(`mkdir -p /run/icinga2 data/certs cache log spool
cp ${certificate} data/certs/lab.test.crt
cp ${certificate} data/certs/ca.crt
cp ${privateKey} data/certs/lab.test.key
cat > i.conf <<X
const NodeName = "lab.test"
const ZoneName = "lab"
object Endpoint "lab.test" {}
object Zone "lab" { endpoints = [ "lab.test" ] }
object ApiListener "api" { bind_host = "127.0.0.1"
bind_port = "${port}" }
X
exec /usr/lib/x86_64-linux-gnu/icinga2/sbin/icinga2 daemon -c i.conf -D DataDir=$PWD/data -D CacheDir=$PWD/cache -D LogDir=$PWD/log -D SpoolDir=$PWD/spool -D RunAsUser=root -D RunAsGroup=root -D Configuration.RunAsUser=root -D Configuration.RunAsGroup=root`),
  ),
  daemon(
    "nutcracker",
    "nutcracker",
    [null, 22222],
    // What it proxies is open, too, and hangs up on every question but for keys.
    [tcp(["nutcracker-stats", "twemproxy", "nutcracker"], ["twemproxy", "nutcracker"], "package", { at: 1 })],
    ({ ports: [proxy, stats] }) =>
      shell(`printf 'lab:\\n  listen: 127.0.0.1:${proxy}\\n  redis: true\\n  servers:\\n   - 127.0.0.1:9:1\\n' > n.yml
exec /usr/sbin/nutcracker -c n.yml -s ${stats} -a 127.0.0.1 -p $PWD/pid`),
  ),
  daemon(
    "derby",
    "derby-tools",
    [1527],
    [tcp(["drda", "derby"], ["Apache Derby", "Apache Derby Network Server", "Derby"], "package")],
    ({ ports: [port] }) =>
      shell(
        `exec /usr/bin/java -cp "/usr/share/java/derbynet.jar:/usr/share/java/derby.jar:/usr/share/java/derbytools.jar:/usr/share/java/derbyshared.jar" -Dderby.system.home=$PWD org.apache.derby.drda.NetworkServerControl start -h 127.0.0.1 -p ${port} -noSecurityManager`,
      ),
  ),
  daemon(
    "h2 console",
    "libh2-java",
    [8082, 9092],
    [
      tcp(WEB, ["H2 Console", "H2 database", "H2"]),
      hidden(tcp(["h2", "h2-database"], null, null, { at: 1 }), ["H2 database"]),
    ],
    ({ ports: [web, db] }) =>
      shell(
        `exec /usr/bin/java -cp /usr/share/java/h2.jar org.h2.tools.Server -web -webPort ${web} -tcp -tcpPort ${db} -baseDir $PWD`,
      ),
  ),
  daemon(
    "rrdcached",
    "rrdcached",
    [42217],
    [tcp(["rrdcached"], ["RRDCached", "rrdcached", "RRDtool rrdcached"])],
    ({ ports: [port] }) =>
      shell(`exec /usr/bin/rrdcached -g -l 127.0.0.1:${port} -p $PWD/pid -b $PWD -j $PWD`),
  ),
  daemon(
    "groonga",
    "groonga-bin",
    [10041, 10043],
    [tcp(WEB, ["Groonga"], "package"), tcp(["gqtp", "groonga"], ["Groonga"], "package", { at: 1 })],
    ({ ports: [http, gqtp] }) => [
      shell(`exec /usr/bin/groonga -s --protocol http --bind-address 127.0.0.1 -p ${http} -n db`),
      shell(`exec /usr/bin/groonga -s --protocol gqtp --bind-address 127.0.0.1 -p ${gqtp} -n db2`),
    ],
  ),
  daemon(
    "virtuoso",
    "virtuoso-opensource-7-bin",
    [8890, 1111],
    [tcp(WEB, ["Virtuoso", "OpenLink Virtuoso"], null)],
    ({ ports: [web, sql] }) =>
      shell(`cat > v.ini <<X
[Database]
DatabaseFile = v.db
ErrorLogFile = v.log
LockFile = v.lck
TransactionFile = v.trx
xa_persistent_file = v.pxa
[Parameters]
ServerPort = 127.0.0.1:${sql}
NumberOfBuffers = 1000
[HTTPServer]
ServerPort = 127.0.0.1:${web}
ServerRoot = .
X
exec /usr/bin/virtuoso-t +foreground +configfile v.ini`),
  ),
  daemon(
    "clickhouse",
    "clickhouse-server",
    [8123, null],
    [tcp(WEB, ["ClickHouse"]), tcp("clickhouse", ["ClickHouse"], null, { at: 1 })],
    ({ ports: [http, native] }) =>
      shell(`cat > c.xml <<X
<yandex><logger><console>1</console></logger><http_port>${http}</http_port><tcp_port>${native}</tcp_port><listen_host>127.0.0.1</listen_host>
<path>$PWD/d/</path><tmp_path>$PWD/t/</tmp_path><mark_cache_size>1000000</mark_cache_size><users_config>$PWD/u.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database></yandex>
X
echo '<yandex><profiles><default/></profiles><users><default><password>x</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></default></users><quotas><default/></quotas></yandex>' > u.xml
exec /usr/sbin/clickhouse-server --config-file=c.xml`),
  ),
];
