import type { Daemon } from "../daemon.ts";
import { mariadb, memcached, mosquitto, postgres, redis } from "./servers/data.ts";
import { stunnel } from "./servers/proxies.ts";
import { daemon, shell, TLS, tcp } from "./wide/entry.ts";
import { MEMCACHE, MOSQUITTO, POSTGRES, REDIS } from "./wide/products.ts";

/** Databases, caches, queues. */
export const dataDaemons: Daemon[] = [
  daemon("mariadb", "mariadb-server-core", [null], [tcp("mysql", "MariaDB", "package")], (place) =>
    mariadb(place),
  ),
  daemon("postgresql", "postgresql", [5432], [tcp("postgresql", POSTGRES)], (place) =>
    postgres(place, "host all all 127.0.0.1/32 scram-sha-256"),
  ),
  daemon(
    "redis, and again behind stunnel",
    "redis-server",
    [6379, null],
    [tcp("redis", REDIS, "package"), tcp("redis", REDIS, "package", { at: 1, ...TLS })],
    (place) => [redis(place), stunnel({ ...place, ports: place.ports.toReversed() })],
  ),
  daemon("memcached", "memcached", [null], [tcp(MEMCACHE, "Memcached", "package")], (place) =>
    memcached(place),
  ),
  daemon("mosquitto", "mosquitto", [1883], [tcp("mqtt", MOSQUITTO, "package")], (place) => mosquitto(place)),
  daemon("nats", "nats-server", [null], [tcp("nats", ["NATS server", "NATS"], "package")], ({ ports }) =>
    shell(`exec /usr/sbin/nats-server -a 127.0.0.1 -p ${ports[0]}`),
  ),
  daemon(
    "beanstalkd",
    "beanstalkd",
    [11300],
    [tcp(["beanstalkd", "beanstalk"], ["Beanstalk", "beanstalkd"], "package")],
    ({ ports }) => shell(`exec /usr/bin/beanstalkd -l 127.0.0.1 -p ${ports[0]}`),
  ),
];
