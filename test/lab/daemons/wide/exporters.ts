import { type Daemon, write } from "../../daemon.ts";
import { behind } from "../servers/proxies.ts";
import { nginx, prometheus } from "../servers/web.ts";
import { daemon, HOME, shell, tcp } from "./entry.ts";
import { GO, WEB } from "./products.ts";

/** Under the names of its package; `options` of its command, in which ADDRESS is where it listens. */
const exporter = (
  name: string,
  port: number | null,
  options: string,
  names: readonly [string, ...string[]],
  { version = null, env = HOME }: { version?: "package" | null; env?: Record<string, string> } = {},
) =>
  daemon(name, `prometheus-${name}`, [port], [tcp(WEB, names, version)], ({ ports: [p] }) =>
    shell(`exec /usr/bin/prometheus-${name} ${options.replaceAll("ADDRESS", `127.0.0.1:${p}`)}`, env),
  );

/** Prometheus, and what it asks. */
export const exporters: Daemon[] = [
  exporter(
    "apache-exporter",
    9117,
    "--telemetry.address=ADDRESS",
    ["Prometheus Apache Exporter", "Apache Exporter", "Prometheus apache_exporter"],
    { version: "package" },
  ),
  exporter(
    "bind-exporter",
    null,
    "--web.listen-address=ADDRESS",
    ["Prometheus BIND Exporter", "Bind Exporter", "Prometheus bind_exporter"],
    { version: "package" },
  ),
  exporter(
    "mysqld-exporter",
    null,
    "--web.listen-address=ADDRESS",
    ["Prometheus MySQL Exporter", "MySQLd exporter", "MySQL Exporter", "mysqld_exporter"],
    { version: "package", env: { DATA_SOURCE_NAME: "a:b@(127.0.0.1:9)/" } },
  ),
  exporter(
    "postgres-exporter",
    9187,
    "--web.listen-address=ADDRESS",
    ["Prometheus PostgreSQL Exporter", "Postgres Exporter", "PostgreSQL Exporter", "postgres_exporter"],
    { version: "package", env: { DATA_SOURCE_NAME: "postgresql://a:b@127.0.0.1:9/" } },
  ),
  daemon(
    "mailexporter",
    "prometheus-mailexporter",
    [9225],
    [
      tcp([...WEB, "prometheus"], ["Prometheus mail exporter", "mailexporter", ...GO], null, {
        productHidden: true,
      }),
    ],
    (place) =>
      shell(
        `exec /usr/bin/mailexporter -config.file ${write(place, "m.conf", "monitoringinterval: 10m\nstartupoffset: 1m\nmailchecktimeout: 1m\nservers: []\n")} -web.listen-address 127.0.0.1:${place.ports[0]}`,
      ),
  ),
  exporter(
    "haproxy-exporter",
    null,
    "--web.listen-address=ADDRESS",
    ["Prometheus HAProxy Exporter", "HAProxy Exporter"],
    { version: "package" },
  ),
  exporter(
    "process-exporter",
    9256,
    "--web.listen-address=ADDRESS",
    ["Prometheus Process Exporter", "Process Exporter", "Named Process Exporter"],
    { version: "package" },
  ),
  exporter("ipmi-exporter", null, "--web.listen-address=ADDRESS", [
    "Prometheus IPMI Exporter",
    "IPMI Exporter",
  ]),
  exporter("mongodb-exporter", 9216, "--web.listen-address=ADDRESS", [
    "Prometheus MongoDB exporter",
    "MongoDB Exporter",
    "mongodb_exporter",
    "Prometheus mongodb_exporter",
  ]),
  exporter("libvirt-exporter", 9177, "--web.listen-address=ADDRESS", [
    "Prometheus libvirt exporter",
    "Libvirt Exporter",
    "libvirt_exporter",
  ]),
  exporter("frr-exporter", 9342, "--web.listen-address=ADDRESS", [
    "Prometheus FRR exporter",
    "FRR Exporter",
    "frr_exporter",
  ]),
  exporter(
    "node-exporter",
    9100,
    "--web.listen-address=ADDRESS",
    ["Prometheus Node Exporter", "node_exporter", "Node Exporter"],
    { version: "package" },
  ),
  exporter("pushgateway", null, "--web.listen-address=ADDRESS", ["Prometheus Pushgateway", "Pushgateway"], {
    version: "package",
  }),
  exporter(
    "snmp-exporter",
    null,
    "--web.listen-address=ADDRESS --config.file=/etc/prometheus/snmp.yml",
    ["Prometheus SNMP Exporter", "SNMP Exporter"],
    { version: "package" },
  ),
  exporter("elasticsearch-exporter", 9114, "--web.listen-address=ADDRESS --es.uri=http://127.0.0.1:9", [
    "Prometheus Elasticsearch Exporter",
    "Elasticsearch Exporter",
  ]),
  exporter("exporter-exporter", null, "-web.listen-address=ADDRESS -config.file=/dev/null", [
    "Prometheus Exporter Exporter",
    "Exporter Exporter",
    "exporter_exporter",
  ]),
  exporter(
    "postfix-exporter",
    null,
    "--web.listen-address=ADDRESS --postfix.logfile_path=/dev/null --postfix.showq_path=/none",
    ["Prometheus Postfix Exporter", "Postfix Exporter"],
  ),
  daemon("mtail", "mtail", [3903], [tcp(WEB, ["mtail"])], ({ ports: [p] }) =>
    shell(
      `touch l; mkdir pr\nexec mtail --address 127.0.0.1 --port ${p} --logs $PWD/l --progs $PWD/pr --logtostderr`,
    ),
  ),
  daemon(
    "nginx-exporter",
    "prometheus-nginx-exporter",
    [9113, null],
    [
      tcp(
        WEB,
        [
          "Prometheus NGINX exporter",
          "NGINX Exporter",
          "nginx_exporter",
          "nginx-prometheus-exporter",
          "NGINX Prometheus Exporter",
        ],
        null,
      ),
    ],
    (place) => [
      nginx(behind(place), "", "location / { stub_status; }"),
      shell(
        `exec prometheus-nginx-exporter -web.listen-address=127.0.0.1:${place.ports[0]} -nginx.retries 1000 -nginx.scrape-uri http://127.0.0.1:${place.ports[1]}/`,
      ),
    ],
  ),
  daemon(
    "sql-exporter",
    "prometheus-sql-exporter",
    [null],
    [tcp(WEB, ["Prometheus SQL exporter", "SQL Exporter", "sql_exporter"], null)],
    (place) =>
      shell(
        `exec prometheus-sql-exporter -web.listen-address 127.0.0.1:${place.ports[0]} -config.file ${write(place, "c.yml", "jobs: []\n")}`,
      ),
  ),
  exporter("squid-exporter", 9301, "-listen ADDRESS", ["Prometheus Squid exporter", "Squid Exporter"], {
    version: "package",
  }),
  exporter(
    "bird-exporter",
    9324,
    "-web.listen-address ADDRESS",
    ["Prometheus BIRD exporter", "BIRD Exporter", "Bird Routing Daemon Exporter"],
    { version: "package" },
  ),
  exporter("varnish-exporter", 9131, "-web.listen-address ADDRESS -no-exit", [
    "Prometheus Varnish exporter",
    "Varnish Exporter",
  ]),
  exporter("smokeping-prober", 9374, "--web.listen-address=ADDRESS 127.0.0.1", [
    "Prometheus Smokeping exporter",
    "Prometheus Smokeping Prober",
    "Smokeping Prober",
  ]),
  daemon("prometheus", "prometheus", [null], [tcp(WEB, "Prometheus", "package")], (place) =>
    prometheus(place),
  ),
  daemon(
    "alertmanager",
    "prometheus-alertmanager",
    [9093, null],
    [tcp(WEB, ["Prometheus Alertmanager", "Alertmanager"], "package")],
    (place) => ({
      argv: [
        "/usr/bin/prometheus-alertmanager",
        `--config.file=${write(place, "a.yml", "route:\n  receiver: x\nreceivers:\n- name: x\n")}`,
        `--web.listen-address=127.0.0.1:${place.ports[0]}`,
        "--cluster.listen-address=",
        `--storage.path=${place.directory}`,
      ],
    }),
  ),
  daemon(
    "blackbox-exporter",
    "prometheus-blackbox-exporter",
    [null],
    [tcp(WEB, ["Prometheus Blackbox Exporter", "Blackbox Exporter"], "package")],
    (place) => ({
      argv: [
        "/usr/bin/prometheus-blackbox-exporter",
        `--web.listen-address=127.0.0.1:${place.ports[0]}`,
        `--config.file=${write(place, "b.yml", "modules:\n  x:\n    prober: tcp\n")}`,
      ],
    }),
  ),
  exporter(
    "redis-exporter",
    null,
    "-web.listen-address=ADDRESS",
    ["Prometheus Redis Exporter", "Redis Exporter"],
    { version: "package" },
  ),
];
