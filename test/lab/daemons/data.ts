import { mkdirSync, readdirSync } from "node:fs";
import { type Daemon, type Door, write } from "../daemon.ts";

const door = (service: string, rest: Pick<Door, "product" | "version"> & Partial<Door>): Door => ({
  at: 0,
  transport: "tcp",
  tls: false,
  service: [service],
  ...rest,
});
const redis = { product: ["Redis key-value store", "Redis"], version: "package" } as const;

/** PostgreSQL's programs stand below its major version; the newest one counts. */
function postgresBin(): string {
  const root = "/usr/lib/postgresql";
  const [newest] = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return `${root}/${newest}/bin`;
}

/** Databases, caches, queues. */
export const dataDaemons: Daemon[] = [
  {
    name: "mariadb",
    package: "mariadb-server-core",
    ports: [null],
    doors: [door("mysql", { product: ["MariaDB"], version: "package" })],
    start(place) {
      const { directory, ports } = place;
      const data = `${directory}/data`;
      mkdirSync(data);
      // Without grant tables it starts at once on an empty directory; the greeting is the same.
      return [
        {
          argv: [
            "/usr/sbin/mariadbd",
            "--no-defaults",
            "--user=root",
            "--skip-grant-tables",
            `--datadir=${data}`,
            `--socket=${directory}/socket`,
            `--pid-file=${directory}/pid`,
            "--bind-address=127.0.0.1",
            `--port=${ports[0]}`,
            "--innodb-log-file-size=4M",
            "--innodb-buffer-pool-size=8M",
          ],
        },
      ];
    },
  },
  {
    name: "postgresql",
    package: "postgresql",
    ports: [5432],
    doors: [door("postgresql", { product: ["PostgreSQL DB", "PostgreSQL"], version: null })],
    start(place) {
      const { directory, ports } = place;
      const bin = postgresBin();
      const asPostgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] as const;
      const data = `${directory}/data`;
      mkdirSync(data);
      place.prepare(["chown", "-R", "postgres:postgres", directory]);
      place.prepare([
        ...asPostgres,
        `${bin}/initdb`,
        "-D",
        data,
        "--no-sync",
        "--auth=scram-sha-256",
        "--pwfile=/etc/hostname",
      ]);
      const settings = ["listen_addresses=127.0.0.1", "fsync=off"].flatMap((setting) => ["-c", setting]);
      return [
        {
          argv: [
            ...asPostgres,
            `${bin}/postgres`,
            "-D",
            data,
            "-p",
            `${ports[0]}`,
            "-k",
            directory,
            ...settings,
          ],
        },
      ];
    },
  },
  {
    name: "redis, and again behind stunnel",
    package: "redis-server",
    ports: [6379, null],
    doors: [door("redis", redis), door("redis", { at: 1, tls: true, ...redis })],
    start(place) {
      const { directory, ports } = place;
      const stunnel = write(
        place,
        "stunnel.conf",
        `foreground = yes
pid =
[redis]
accept = 127.0.0.1:${ports[1]}
connect = 127.0.0.1:${ports[0]}
cert = ${place.certificate}
key = ${place.privateKey}
`,
      );
      const options = ["--bind", "127.0.0.1", "--port", `${ports[0]}`, "--save", "", "--dir", directory];
      return [{ argv: ["/usr/bin/redis-server", ...options] }, { argv: ["/usr/bin/stunnel4", stunnel] }];
    },
  },
  {
    name: "memcached",
    package: "memcached",
    ports: [null],
    doors: [
      door("memcached", { service: ["memcached", "memcache"], product: ["Memcached"], version: "package" }),
    ],
    start: ({ ports }) => [
      {
        argv: [
          "/usr/bin/memcached",
          "-u",
          "memcache",
          "-l",
          "127.0.0.1",
          "-p",
          `${ports[0]}`,
          "-U",
          "0",
          "-m",
          "8",
        ],
      },
    ],
  },
  {
    name: "mosquitto",
    package: "mosquitto",
    ports: [1883],
    doors: [door("mqtt", { product: ["Mosquitto", "Eclipse Mosquitto"], version: "package" })],
    start(place) {
      const config = write(
        place,
        "mosquitto.conf",
        `listener ${place.ports[0]} 127.0.0.1\nallow_anonymous true\npersistence false\nuser nobody\n`,
      );
      return [{ argv: ["/usr/sbin/mosquitto", "-c", config] }];
    },
  },
  {
    name: "nats",
    package: "nats-server",
    ports: [null],
    doors: [door("nats", { product: ["NATS server", "NATS"], version: "package" })],
    start: ({ ports }) => [{ argv: ["/usr/sbin/nats-server", "-a", "127.0.0.1", "-p", `${ports[0]}`] }],
  },
  {
    name: "beanstalkd",
    package: "beanstalkd",
    ports: [11300],
    doors: [
      door("beanstalkd", {
        service: ["beanstalkd", "beanstalk"],
        product: ["Beanstalk", "beanstalkd"],
        version: "package",
      }),
    ],
    start: ({ ports }) => [{ argv: ["/usr/bin/beanstalkd", "-l", "127.0.0.1", "-p", `${ports[0]}`] }],
  },
];
