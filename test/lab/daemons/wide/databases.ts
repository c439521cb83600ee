import { type Daemon, write } from "../../daemon.ts";
import {
  etcd,
  influxdb,
  memcachedUdp,
  mosquitto,
  pgbouncer,
  rabbitmq,
  redis,
  sentinel,
  zookeeper,
} from "../servers/data.ts";
import { daemon, HOME, hidden, OWN, shell, TLS, tcp, udp } from "./entry.ts";
import { MEMCACHE, MOSQUITTO, REDIS, SILENT, WEB, ZOOKEEPER } from "./products.ts";

/** Databases, queues, coordination, clusters. */
export const databases: Daemon[] = [
  daemon(
    "timblserver",
    "timblserver",
    [7000],
    [tcp(["timbl", "timblserver", "unknown"], ["TimblServer", "timblserver"], null)],
    ({ ports }) =>
      shell(
        `printf 'a,b,c\\nb,a,c\\nc,c,d\\n' > train; exec timblserver -f train -S ${ports[0]} --daemonize=no --pidfile=$PWD/pid --logfile=$PWD/log`,
      ),
    OWN,
  ),
  daemon(
    "ceph-mon",
    "ceph-mon",
    [3300, 6789],
    [
      tcp(["ceph", "ceph-mon", "msgr"], ["Ceph", "Ceph monitor"], null),
      tcp(["ceph", "ceph-mon", "msgr"], ["Ceph", "Ceph monitor"], null, { at: 1 }),
    ],
    ({ directory, ports }) =>
      shell(`printf '[global]\\nfsid=a7f64266-0894-4f1e-a635-d0aeaca0e993\\nmon host=[v2:127.0.0.1:${ports[0]},v1:127.0.0.1:${ports[1]}]\\nauth cluster required=none\\nauth service required=none\\nauth client required=none\\nrun dir=${directory}\\nlog file=${directory}/log\\nadmin socket=${directory}/s\\n' > c.conf
monmaptool --create --fsid a7f64266-0894-4f1e-a635-d0aeaca0e993 --addv a '[v2:127.0.0.1:${ports[0]},v1:127.0.0.1:${ports[1]}]' map >/dev/null
ceph-mon -c c.conf -i a --mkfs --monmap map --mon-data $PWD/m
exec ceph-mon -c c.conf -i a -f --mon-data $PWD/m --public-addrv '[v2:127.0.0.1:${ports[0]},v1:127.0.0.1:${ports[1]}]'`),
  ),
  daemon(
    "basex",
    "basex",
    [1984, 1985],
    [hidden(tcp(["basex", ...SILENT], null), ["BaseX"])],
    ({ ports, directory }) => shell(`exec basexserver -n127.0.0.1 -p${ports[0]}`, { HOME: directory }),
  ),
  daemon(
    "etcd",
    "etcd-server",
    [null, null],
    [tcp(["etcd", "http"], ["etcd"], "package"), tcp(["etcd", "http"], ["etcd"], "package", { at: 1 })],
    (place) => etcd(place, "http"),
  ),
  daemon("zookeeper", "zookeeper", [2181], [tcp("zookeeper", ZOOKEEPER, "package")], (place) =>
    zookeeper(place),
  ),
  daemon(
    "gearmand",
    "gearman-job-server",
    [4730],
    [tcp("gearman", ["Gearman", "gearmand"], "package")],
    ({ ports, directory }) => ({
      argv: [
        "/usr/sbin/gearmand",
        "-L",
        "127.0.0.1",
        "-p",
        `${ports[0]}`,
        "-l",
        `${directory}/log`,
        "-P",
        `${directory}/pid`,
      ],
    }),
  ),
  daemon("pgbouncer", "pgbouncer", [6432], [tcp("postgresql", ["PgBouncer"], null)], (place) =>
    pgbouncer(place, "auth_type=md5\n"),
  ),
  daemon(
    "redis-sentinel",
    "redis-sentinel",
    [26379],
    [tcp("redis", ["Redis key-value store", "Redis", "Redis Sentinel"], "package")],
    (place) => sentinel(place),
  ),
  daemon(
    "tarantool",
    "tarantool",
    [3301],
    [tcp("tarantool", ["Tarantool"], "package")],
    ({ ports, directory }) => ({
      argv: [
        "/usr/bin/tarantool",
        "-e",
        `box.cfg{listen='127.0.0.1:${ports[0]}', memtx_dir='${directory}', wal_mode='none', memtx_memory=33554432}; require('fiber').sleep(1e9)`,
      ],
    }),
  ),
  daemon(
    "firebird",
    "firebird3.0-server",
    [3050],
    [tcp(["firebird", "gds_db"], ["Firebird RDBMS", "Firebird"], null)],
    (place) =>
      shell(
        `cp -r /etc/firebird/3.0 fb
exec /usr/sbin/firebird -p ${place.ports[0]}`,
        { FIREBIRD: `${place.directory}/fb`, FIREBIRD_LOCK: place.directory },
      ),
  ),
  daemon(
    "sphinxsearch",
    "sphinxsearch",
    [9312, 9306],
    [
      tcp(["sphinx-search", "sphinx"], ["Sphinx Search daemon", "Sphinx", "Sphinx Search"], null),
      tcp("mysql", ["Sphinx Search", "Sphinx", "Sphinx Search SphinxQL"], "package", { at: 1 }),
    ],
    (place) => ({
      argv: [
        "/usr/bin/searchd",
        "--nodetach",
        "--config",
        write(
          place,
          "s.conf",
          `index rt { type = rt\n path = ${place.directory}/rt\n rt_field = a\n rt_attr_uint = b\n }\nsearchd { listen = 127.0.0.1:${place.ports[0]}\n listen = 127.0.0.1:${place.ports[1]}:mysql41\n log = ${place.directory}/log\n pid_file = ${place.directory}/pid\n binlog_path = \n }\n`,
        ),
      ],
    }),
  ),
  daemon(
    "rabbitmq",
    "rabbitmq-server",
    [null, 4369, 25672],
    [
      tcp("amqp", ["RabbitMQ"], "package"),
      tcp("epmd", ["Erlang Port Mapper Daemon", "epmd"], null, { at: 1 }),
    ],
    (place) => rabbitmq(place, "lab", `listeners.tcp.1 = 127.0.0.1:${place.ports[0]}`),
  ),
  daemon(
    "hsqldb",
    "libhsqldb-java",
    [9001],
    [tcp(["hsqldb", "postgresql"], ["HSQLDB", "HSQL Database Engine"])],
    ({ ports: [p] }) =>
      shell(
        `exec java -cp /usr/share/java/hsqldb.jar org.hsqldb.server.Server --port ${p} --address 127.0.0.1 --database.0 mem:x --dbname.0 x`,
      ),
  ),
  daemon(
    "xapian-tcpsrv",
    "xapian-tools",
    [null],
    [hidden(tcp("xapian", null), ["Xapian"])],
    ({ ports: [p] }) => shell(`exec xapian-tcpsrv --interface 127.0.0.1 --port ${p} --writable $PWD/db`),
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
    "groonga-httpd",
    "groonga-httpd",
    [10041],
    [tcp(WEB, ["Groonga", "groonga-httpd", "nginx"])],
    ({ ports, directory }) =>
      shell(`cp -r /etc/groonga/httpd c; groonga -n db quit > /dev/null
sed -i -E 's/listen .*;/listen 127.0.0.1:${ports[0]};/; s#groonga_database .*;#groonga_database ${directory}/db;#; s#groonga_(log|query_log)_path .*;##; s/^ *user .*;/user root;/; s#groonga_database_auto_create .*;##; /^ *pid /d' c/groonga-httpd.conf
exec groonga-httpd -c $PWD/c/groonga-httpd.conf -p $PWD/ -g "daemon off; pid $PWD/pid; error_log $PWD/log;"`),
    OWN,
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
  daemon(
    "ovsdb-server",
    "openvswitch-switch",
    [null],
    [tcp(["ovsdb", "jsonrpc"], ["Open vSwitch", "ovsdb-server", "Open vSwitch ovsdb-server"])],
    ({ ports: [p] }) =>
      shell(
        `ovsdb-tool create $PWD/db /usr/share/openvswitch/vswitch.ovsschema\nexec ovsdb-server --unixctl=$PWD/x --remote=ptcp:${p}:127.0.0.1 $PWD/db`,
      ),
  ),
  daemon(
    "activemq",
    "activemq",
    [61616],
    [
      tcp(
        ["apachemq", "openwire", "activemq"],
        ["ActiveMQ OpenWire transport", "Apache ActiveMQ", "ActiveMQ"],
        "package",
      ),
    ],
    ({ ports: [port] }) =>
      shell(`mkdir -p conf data
cat > conf/activemq.xml <<X
<beans xmlns="http://www.springframework.org/schema/beans" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.springframework.org/schema/beans http://www.springframework.org/schema/beans/spring-beans.xsd http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd">
<broker xmlns="http://activemq.apache.org/schema/core" brokerName="lab" persistent="false" useJmx="false"><transportConnectors><transportConnector name="openwire" uri="tcp://127.0.0.1:${port}"/></transportConnectors></broker></beans>
X
exec /usr/bin/java -Dactivemq.home=/usr/share/activemq -Dactivemq.base=$PWD -Dactivemq.conf=$PWD/conf -Dactivemq.data=$PWD/data -jar /usr/share/activemq/bin/activemq.jar start xbean:file:$PWD/conf/activemq.xml`),
  ),
  daemon("memcached udp", "memcached", [null], [udp(MEMCACHE, ["Memcached"], "package")], memcachedUdp),
  daemon("redis protected", "redis-server", [null], [tcp("redis", REDIS)], (place) =>
    redis(place, "--requirepass secret"),
  ),
  daemon("mosquitto closed", "mosquitto", [null], [hidden(tcp("mqtt", null), MOSQUITTO)], (place) =>
    mosquitto(place, "allow_anonymous false\n"),
  ),
  daemon(
    "dask-scheduler",
    "python3-distributed",
    [8786],
    [tcp("dask", ["Dask", "Dask distributed"])],
    ({ ports: [p] }) =>
      shell(`exec dask-scheduler --host 127.0.0.1 --port ${p} --no-dashboard --no-show`, HOME),
  ),
  daemon(
    "icegridregistry",
    "zeroc-icegrid",
    [4061],
    [tcp(["ice", "zeroc-ice", "icep"], ["ZeroC Ice", "Ice", "ZeroC IceGrid"], null)],
    (place) =>
      shell(
        `mkdir db; exec icegridregistry --Ice.Config=${write(place, "c", `IceGrid.Registry.Client.Endpoints=tcp -h 127.0.0.1 -p ${place.ports[0]}\nIceGrid.Registry.Server.Endpoints=tcp -h 127.0.0.1\nIceGrid.Registry.Internal.Endpoints=tcp -h 127.0.0.1\nIceGrid.Registry.LMDB.Path=${place.directory}/db\nIceGrid.InstanceName=x\nIceGrid.Registry.PermissionsVerifier=x/NullPermissionsVerifier\nIceGrid.Registry.AdminPermissionsVerifier=x/NullPermissionsVerifier\n`)}`,
      ),
  ),
  daemon(
    "ecflow",
    "ecflow-server",
    [3141],
    [hidden(tcp(["ecflow", ...SILENT], null), ["ecFlow"])],
    ({ ports, directory }) =>
      shell(`export ECF_HOME=${directory} ECF_PORT=${ports[0]}\nexec ecflow_server --port ${ports[0]}`),
    OWN,
  ),
  daemon(
    "poolcounterd",
    "poolcounter",
    [7531],
    [tcp(["poolcounter", "unknown"], ["PoolCounter"])],
    () => shell("exec poolcounterd"),
    OWN,
  ),
  daemon(
    "corosync-qnetd",
    "corosync-qnetd",
    [5403],
    [hidden(tcp(["qnetd", "corosync-qnetd", "hpoms-dps-lstn", ...SILENT], null), ["Corosync qnetd"])],
    () =>
      shell(
        `mkdir -p q; mount --bind q /etc/corosync; corosync-qnetd-certutil -i >/dev/null 2>&1 || true; mount -t tmpfs tmpfs /run; mkdir -p /run/corosync-qnetd; exec corosync-qnetd -f`,
      ),
    OWN,
  ),
  daemon(
    "glusterd",
    "glusterfs-server",
    [24007],
    [
      tcp(
        ["rpcbind", "gluster_handshake", "glusterd", "rpc", "gluster", "sunrpc", "glusterfs"],
        ["GlusterFS", "glusterd"],
        null,
      ),
    ],
    ({ directory }) =>
      shell(
        `mkdir w; sed "s#/var/lib/glusterd#${directory}/w#" /etc/glusterfs/glusterd.vol > g.vol; exec glusterd -N -f $PWD/g.vol -l $PWD/log -p $PWD/pid`,
      ),
    OWN,
  ),
  daemon(
    "mfsmaster",
    "moosefs-master",
    [9419, 9420, 9421],
    [
      hidden(
        tcp(["moosefs", "mfsmaster"], null, null, { unnamed: "it answers who registers as a second master" }),
        ["MooseFS"],
      ),
      hidden(tcp(["moosefs", "mfsmaster", ...SILENT], null, null, { at: 2 }), ["MooseFS"]),
    ],
    ({ ports, directory }) =>
      shell(`mkdir data; cp $(find / -xdev -name 'metadata.mfs.empty' 2>/dev/null | head -1) data/metadata.mfs; chmod -R 777 data
printf 'WORKING_USER = root\\nWORKING_GROUP = root\\nDATA_PATH = ${directory}/data\\nEXPORTS_FILENAME = ${directory}/e\\nTOPOLOGY_FILENAME = /dev/null\\nMATOML_LISTEN_HOST = 127.0.0.1\\nMATOML_LISTEN_PORT = ${ports[0]}\\nMATOCS_LISTEN_HOST = 127.0.0.1\\nMATOCS_LISTEN_PORT = ${ports[1]}\\nMATOCL_LISTEN_HOST = 127.0.0.1\\nMATOCL_LISTEN_PORT = ${ports[2]}\\n' > c; echo '* / rw' > e
exec mfsmaster -c c -f start`),
  ),
  daemon(
    "garagemq",
    "garagemq",
    [null, null],
    [
      tcp("amqp", ["GarageMQ", "garagemq"], null),
      tcp(WEB, ["GarageMQ", "Golang net/http server"], null, { at: 1 }),
    ],
    (place) =>
      shell(
        `exec garagemq --config ${write(place, "g.yaml", `proto: amqp-rabbit\ntcp:\n  ip: 127.0.0.1\n  port: ${place.ports[0]}\nadmin:\n  ip: 127.0.0.1\n  port: ${place.ports[1]}\ndb:\n  defaultPath: ${place.directory}/db\n  engine: badger\nusers:\n  - username: guest\n    password: 084e0343a0486ff05530df6c705c8bb4\nvhost:\n  defaultPath: /\nqueue:\n  shardSize: 1024\n  maxMessagesInRam: 4096\nconnection:\n  channelsMax: 4096\n  frameMaxSize: 65536\n`)}`,
        HOME,
      ),
  ),
  daemon(
    "serf",
    "serf",
    [7946, 7373],
    [
      hidden(tcp(["memberlist", "serf"], null), ["Serf", "HashiCorp Serf"]),
      hidden(udp(["memberlist", "serf"], null), ["Serf", "HashiCorp Serf"]),
      hidden(tcp(["serf-rpc", "serf", ...SILENT], null, null, { at: 1 }), ["Serf"]),
    ],
    ({ ports }) =>
      shell(`exec serf agent -bind=127.0.0.1:${ports[0]} -rpc-addr=127.0.0.1:${ports[1]} -node=lab`),
  ),
  daemon(
    "taskd",
    "taskd",
    [53589],
    [hidden(tcp(["taskd", "taskserver", "ssl", "tls", ...SILENT], null, null, TLS), ["Taskserver", "taskd"])],
    ({ ports, certificate, privateKey, directory }) =>
      shell(`export TASKDDATA=${directory}/t; mkdir t; taskd init >/dev/null; for k in client server; do taskd config --force $k.cert ${certificate} >/dev/null; taskd config --force $k.key ${privateKey} > /dev/null; done; taskd config --force ca.cert ${certificate} >/dev/null; taskd config --force server 127.0.0.1:${ports[0]} >/dev/null
exec taskd server --data $TASKDDATA`),
  ),
  daemon(
    "uniconfd",
    "uniconfd",
    [4111],
    [tcp(["uniconf"], ["UniConf daemon", "uniconfd", "UniConfDaemon"], null)],
    ({ ports, directory }) =>
      shell(
        `uniconfd -l tcp:127.0.0.1:${ports[0]} ini:${directory}/c.ini || exec uniconfd -f -p ${ports[0]} ini:${directory}/c.ini`,
      ),
  ),
  daemon("influxdb", "influxdb", [8086, null], [tcp(WEB, ["InfluxDB"], "package")], (place) =>
    influxdb(place),
  ),
];
