import type { Daemon } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, tcp } from "./entry.ts";
import { WEB } from "./servers.ts";

const exporter = (
  name: string,
  options: string,
  names: readonly [string, ...string[]],
  port: number | null = null,
) =>
  daemon(`${name}`, `prometheus-${name}`, [port], [tcp(WEB, names)], ({ ports: [p] }) =>
    shell(`exec prometheus-${name} ${options.replaceAll("ADDRESS", `127.0.0.1:${p}`)}`, HOME),
  );

/** What watches, connects and counts: exporters, controllers of networks, telephony, and games. */
export const gridDaemons: Daemon[] = [
  exporter(
    "elasticsearch-exporter",
    "--web.listen-address=ADDRESS --es.uri=http://127.0.0.1:9",
    ["Prometheus Elasticsearch Exporter", "Elasticsearch Exporter"],
    9114,
  ),
  exporter("ipmi-exporter", "--web.listen-address=ADDRESS", ["Prometheus IPMI Exporter", "IPMI Exporter"]),
  exporter("exporter-exporter", "-web.listen-address=ADDRESS -config.file=/dev/null", [
    "Prometheus Exporter Exporter",
    "Exporter Exporter",
    "exporter_exporter",
  ]),
  exporter(
    "postfix-exporter",
    "--web.listen-address=ADDRESS --postfix.logfile_path=/dev/null --postfix.showq_path=/none",
    ["Prometheus Postfix Exporter", "Postfix Exporter"],
  ),
  daemon("mtail", "mtail", [3903], [tcp(WEB, ["mtail"])], ({ ports: [p] }) =>
    shell(
      `touch l; mkdir pr\nexec mtail --address 127.0.0.1 --port ${p} --logs $PWD/l --progs $PWD/pr --logtostderr`,
    ),
  ),
  daemon(
    "victoria-metrics",
    "victoria-metrics",
    [null],
    [tcp(WEB, ["VictoriaMetrics", "Victoria Metrics"])],
    ({ ports: [p] }) => shell(`exec victoria-metrics -httpListenAddr=127.0.0.1:${p} -storageDataPath=$PWD/d`),
  ),
  daemon(
    "strelaysrv",
    "syncthing-relaysrv",
    [22067, 22070],
    [
      hidden(tcp(["syncthing-relay", "bep-relay", "ssl"], null, null, { tls: true }), [
        "Syncthing",
        "Syncthing relay server",
      ]),
      hidden(tcp(WEB, null, null, { at: 1 }), ["Syncthing relay server", "Golang net/http server"]),
    ],
    ({ ports: [p, q] }) =>
      shell(`exec strelaysrv -listen 127.0.0.1:${p} -status-srv 127.0.0.1:${q} -pools "" -keys $PWD`),
  ),
  daemon(
    "stdiscosrv",
    "syncthing-discosrv",
    [null],
    [hidden(tcp(WEB, null), ["Syncthing discovery server", "Golang net/http server"])],
    ({ ports: [p] }) => shell(`exec stdiscosrv -http -listen 127.0.0.1:${p} -db-dir $PWD/d`),
  ),
  daemon(
    "gmetad",
    "gmetad",
    [8651, null],
    [
      tcp(["ganglia"], ["Ganglia gmetad", "Ganglia", "gmetad", "Ganglia XML Grid monitor"], "package"),
      hidden(tcp(["ganglia", "ganglia-interactive", "http"], null, null, { at: 1 }), [
        "Ganglia gmetad",
        "Ganglia",
        "gmetad",
      ]),
    ],
    ({ ports: [p, q] }) =>
      shell(
        `mkdir r; printf 'data_source "x" 127.0.0.1:9\\nxml_port ${p}\\ninteractive_port ${q}\\nsetuid off\\nrrd_rootdir "%s/r"\\nall_trusted on\\n' $PWD > g.conf\nexec gmetad -d 1 -c g.conf`,
      ),
    { needsOwnNetwork: true },
  ),
  daemon(
    "zabbix-java-gateway",
    "zabbix-java-gateway",
    [10052],
    [
      hidden(tcp(["zabbix", "zabbix-java-gateway", "zabbix-agent", "zabbix-trapper"], null), [
        "Zabbix Java Gateway",
        "Zabbix",
      ]),
    ],
    ({ ports: [p] }) =>
      shell(
        `exec java -Dzabbix.listenIP=127.0.0.1 -Dzabbix.listenPort=${p} -cp "$(dpkg -L zabbix-java-gateway | grep jar$ | tr '\\n' ':')$(ls /usr/share/java/logback*.jar /usr/share/java/slf4j-api.jar /usr/share/java/android-json.jar 2>/dev/null | tr '\\n' ':')" com.zabbix.gateway.JavaGateway`,
      ),
  ),
  daemon("conman", "conman", [7891], [hidden(tcp("conman", null), ["ConMan"])], ({ ports: [p] }) =>
    shell(
      `printf 'server keepalive=on\\nserver loopback=on\\nserver port=${p}\\nserver pidfile="%s/pid"\\nconsole name="x" dev="/bin/cat"\\n' $PWD > c.conf\nexec conmand -F -c c.conf`,
    ),
  ),
  daemon(
    "omniNames",
    "omniorb-nameserver",
    [2809],
    [hidden(tcp(["giop", "corba", "iiop", "corbaloc"], null), ["omniORB", "omniNames"])],
    ({ ports: [p] }) =>
      shell(`exec omniNames -start ${p} -datadir $PWD -ORBendPoint giop:tcp:127.0.0.1:${p}`),
  ),
  daemon(
    "ovs-testcontroller",
    "openvswitch-testcontroller",
    [6653],
    [hidden(tcp("openflow", null), ["Open vSwitch"])],
    ({ ports: [p] }) => shell(`exec ovs-testcontroller --unixctl=$PWD/x ptcp:${p}:127.0.0.1`),
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
    "babeld",
    "babeld",
    [33123],
    [tcp(["babel", "babeld"], ["babeld"], "package", { host: "::1" })],
    ({ ports: [p] }) => withRun(p),
    { needsOwnNetwork: true },
  ),
  daemon(
    "bearerbox",
    "kannel",
    [null, null],
    [tcp(WEB, ["Kannel", "Kannel bearerbox", "Kannel WAP/SMS gateway"])],
    ({ ports: [p, q] }) =>
      shell(
        `printf 'group = core\\nadmin-port = ${p}\\nadmin-interface = 127.0.0.1\\nsmsbox-port = ${q}\\nsmsbox-interface = 127.0.0.1\\nadmin-password = x\\nlog-file = "%s/l"\\nlog-level = 0\\n\\ngroup = smsc\\nsmsc = fake\\nhost = 127.0.0.1\\nport = 29999\\nconnect-allow-ip = 127.0.0.1\\n\\ngroup = smsbox\\nbearerbox-host = 127.0.0.1\\n' $PWD > k.conf\nexec bearerbox k.conf`,
      ),
  ),
  daemon(
    "osmo-hlr",
    "osmo-hlr",
    [4258, 4222],
    [
      tcp(["telnet", "vty", "osmocom-vty", "quagga"], ["OsmoHLR", "Osmocom HLR"]),
      hidden(tcp(["gsup", "ipa", "osmocom-ipa"], null, null, { at: 1 }), ["OsmoHLR"]),
    ],
    () =>
      shell(
        `printf 'line vty\\n no login\\nhlr\\n database %s/h.db\\n' $PWD > h.cfg\nexec osmo-hlr -c h.cfg -l $PWD/h.db`,
      ),
    { needsOwnNetwork: true },
  ),
  daemon(
    "monopd",
    "monopd",
    [1234],
    [tcp("monopd", ["monopd"], "package")],
    ({ ports: [_p] }) => shell(`exec $(dpkg -L monopd | grep -m1 bin/monopd)`),
    { needsOwnNetwork: true },
  ),
  daemon("freeciv", "freeciv-server", [null], [hidden(tcp("freeciv", null), ["Freeciv"])], ({ ports: [p] }) =>
    shell(
      `exec setpriv --reuid nobody --regid nogroup --clear-groups sh -c 'sleep 10000 | /usr/games/freeciv-server -p ${p} -b 127.0.0.1'`,
      HOME,
    ),
  ),
  daemon("openttd", "openttd", [3979], [tcp("openttd", ["OpenTTD"], "package")], ({ ports: [p] }) =>
    shell(`exec sh -c 'sleep 10000 | /usr/games/openttd -D 127.0.0.1:${p}'`, HOME),
  ),
  daemon(
    "pokerth",
    "pokerth-server",
    [7234],
    [tcp("pokerth", ["PokerTH"])],
    ({ ports: [_p] }) =>
      shell(
        `exec setpriv --reuid nobody --regid nogroup --clear-groups sh -c '/usr/games/pokerth_server; sleep 10000'`,
        HOME,
      ),
    { needsOwnNetwork: true },
  ),
  daemon(
    "hedgewars",
    "hedgewars",
    [46631],
    [tcp("hedgewars", ["Hedgewars", "Hedgewars server"])],
    ({ ports: [p] }) =>
      shell(
        `exec $(find /opt/doorplate-lab/hedgewars -name 'hedgewars-server' -type f | head -1) -p ${p} -d False`,
        HOME,
      ),
    { needsOwnNetwork: true },
  ),
];

function withRun(port: number | undefined) {
  return shell(`mount -t tmpfs -o mode=755 tmpfs /run\nexec babeld -g ${port} -I $PWD/pid -S $PWD/state lo`);
}
