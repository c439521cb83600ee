import { type Daemon, write } from "../../daemon.ts";
import { daemon, hidden, tcp } from "./entry.ts";

const WEB = ["http", "http-proxy"] as const;

/** Monitoring: metrics, checks, power supplies. */
export const watchDaemons: Daemon[] = [
  daemon("prometheus", "prometheus", [null], [tcp(WEB, "Prometheus", "package")], (place) => ({
    argv: [
      "/usr/bin/prometheus",
      `--config.file=${write(place, "p.yml", "global: {}\n")}`,
      `--web.listen-address=127.0.0.1:${place.ports[0]}`,
      `--storage.tsdb.path=${place.directory}/data`,
    ],
  })),
  daemon(
    "node-exporter",
    "prometheus-node-exporter",
    [9100],
    [tcp(WEB, ["Prometheus Node Exporter", "node_exporter", "Node Exporter"], "package")],
    ({ ports }) => ({
      argv: ["/usr/bin/prometheus-node-exporter", `--web.listen-address=127.0.0.1:${ports[0]}`],
    }),
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
    "pushgateway",
    "prometheus-pushgateway",
    [null],
    [tcp(WEB, ["Prometheus Pushgateway", "Pushgateway"], "package")],
    ({ ports }) => ({
      argv: ["/usr/bin/prometheus-pushgateway", `--web.listen-address=127.0.0.1:${ports[0]}`],
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
  daemon(
    "redis-exporter",
    "prometheus-redis-exporter",
    [null],
    [tcp(WEB, ["Prometheus Redis Exporter", "Redis Exporter"], "package")],
    ({ ports }) => ({
      argv: ["/usr/bin/prometheus-redis-exporter", `-web.listen-address=127.0.0.1:${ports[0]}`],
    }),
  ),
  daemon(
    "munin-node",
    "munin-node",
    [null],
    [tcp("munin", ["Munin node", "Munin", "munin-node"], "package")],
    (place) => ({
      argv: [
        "/usr/sbin/munin-node",
        "--foreground",
        "--config",
        write(
          place,
          "munin.conf",
          `log_file ${place.directory}/log\npid_file ${place.directory}/pid\nbackground 0\nsetsid 0\nuser root\ngroup root\nallow ^127\\.0\\.0\\.1$\nhost 127.0.0.1\nport ${place.ports[0]}\nhost_name lab.test\n`,
        ),
      ],
    }),
  ),
  daemon(
    "zabbix-agent",
    "zabbix-agent",
    [10050],
    [hidden(tcp("zabbix-agent", null), ["Zabbix agent", "Zabbix"])],
    (place) => ({
      argv: [
        "/usr/sbin/zabbix_agentd",
        "-f",
        "-c",
        write(
          place,
          "z.conf",
          `LogType=console\nPidFile=${place.directory}/pid\nServer=127.0.0.1\nListenIP=127.0.0.1\nListenPort=${place.ports[0]}\nHostname=lab\nAllowRoot=1\n`,
        ),
      ],
    }),
  ),
  daemon(
    "nrpe",
    "nagios-nrpe-server",
    [null, 5666],
    [
      tcp("nrpe", ["Nagios NRPE", "NRPE"], "package"),
      tcp("nrpe", ["Nagios NRPE", "NRPE"], "package", { at: 1, tls: true }),
    ],
    (place) => {
      const config = (n: number) =>
        write(
          place,
          `nrpe${n}.conf`,
          `server_port=${place.ports[n]}\nserver_address=127.0.0.1\nnrpe_user=nobody\nnrpe_group=nogroup\nallowed_hosts=127.0.0.1\npid_file=${place.directory}/pid${n}\n`,
        );
      return [
        { argv: ["/usr/sbin/nrpe", "-f", "-n", "-c", config(0)] },
        { argv: ["/usr/sbin/nrpe", "-f", "-c", config(1)] },
      ];
    },
  ),
  daemon("apcupsd", "apcupsd", [3551], [tcp(["apcupsd"], ["apcupsd"], "package")], (place) => ({
    argv: [
      "/sbin/apcupsd",
      "-b",
      "-f",
      write(
        place,
        "apcupsd.conf",
        `## apcupsd.conf v1.1 ##\nUPSCABLE simple\nUPSTYPE dumb\nDEVICE /dev/null\nLOCKFILE ${place.directory}\nNETSERVER on\nNISIP 127.0.0.1\nNISPORT ${place.ports[0]}\nPWRFAILDIR ${place.directory}\nNOLOGINDIR ${place.directory}\nEVENTSFILE ${place.directory}/ev\n`,
      ),
      "-P",
      `${place.directory}/pid`,
    ],
  })),
  daemon("influxdb", "influxdb", [8086, null], [tcp(WEB, ["InfluxDB"], "package")], (place) => ({
    argv: [
      "/usr/bin/influxd",
      "-config",
      write(
        place,
        "i.conf",
        `reporting-disabled = true\nbind-address = "127.0.0.1:${place.ports[1]}"\n[meta]\n  dir = "${place.directory}/m"\n[data]\n  dir = "${place.directory}/d"\n  wal-dir = "${place.directory}/w"\n[http]\n  bind-address = "127.0.0.1:${place.ports[0]}"\n`,
      ),
    ],
  })),
];
