import { type Daemon, write } from "../../daemon.ts";
import { daemon, shell, tcp } from "./entry.ts";

/** Databases, queues, coordination. */
export const dataDaemons: Daemon[] = [
  daemon(
    "etcd",
    "etcd-server",
    [null, null],
    [tcp(["etcd", "http"], ["etcd"], "package"), tcp(["etcd", "http"], ["etcd"], "package", { at: 1 })],
    ({ ports, directory }) => ({
      argv: [
        "/usr/bin/etcd",
        "--data-dir",
        directory,
        "--listen-client-urls",
        `http://127.0.0.1:${ports[0]}`,
        "--advertise-client-urls",
        `http://127.0.0.1:${ports[0]}`,
        "--listen-peer-urls",
        `http://127.0.0.1:${ports[1]}`,
        "--initial-advertise-peer-urls",
        `http://127.0.0.1:${ports[1]}`,
        "--initial-cluster",
        `default=http://127.0.0.1:${ports[1]}`,
      ],
    }),
  ),
  daemon(
    "zookeeper",
    "zookeeper",
    [2181],
    [tcp("zookeeper", ["Zookeeper", "Apache ZooKeeper", "ZooKeeper"], "package")],
    (place) =>
      shell(`cat > zoo.cfg <<X
tickTime=2000
dataDir=$PWD/data
clientPort=${place.ports[0]}
clientPortAddress=127.0.0.1
admin.enableServer=false
X
exec java -cp "/etc/zookeeper/conf:/usr/share/java/*" org.apache.zookeeper.server.quorum.QuorumPeerMain zoo.cfg`),
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
  daemon("pgbouncer", "pgbouncer", [6432], [tcp("postgresql", ["PgBouncer"], null)], (place) => ({
    argv: [
      "/usr/sbin/pgbouncer",
      "-u",
      "nobody",
      write(
        place,
        "p.ini",
        `[databases]\n* = host=127.0.0.1 port=5432\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=${place.ports[0]}\nauth_type=md5\nauth_file=${write(place, "u.txt", "")}\nunix_socket_dir=\n`,
      ),
    ],
  })),
  daemon(
    "redis-sentinel",
    "redis-sentinel",
    [26379],
    [tcp("redis", ["Redis key-value store", "Redis", "Redis Sentinel"], "package")],
    (place) =>
      shell(`cat > s.conf <<X
port ${place.ports[0]}
bind 127.0.0.1
dir $PWD
X
exec /usr/bin/redis-sentinel $PWD/s.conf`),
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
    ({ ports, directory }) =>
      shell(
        `mkdir -p m l
echo '[].' > enabled
exec /usr/lib/rabbitmq/bin/rabbitmq-server`,
        {
          HOME: directory,
          RABBITMQ_NODENAME: "lab@localhost",
          RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
          RABBITMQ_NODE_PORT: `${ports[0]}`,
          RABBITMQ_DIST_PORT: `${ports[2]}`,
          RABBITMQ_MNESIA_BASE: `${directory}/m`,
          RABBITMQ_LOG_BASE: `${directory}/l`,
          RABBITMQ_ENABLED_PLUGINS_FILE: `${directory}/enabled`,
          RABBITMQ_CONF_ENV_FILE: "/dev/null",
          RABBITMQ_PID_FILE: `${directory}/pid`,
        },
      ),
  ),
];
