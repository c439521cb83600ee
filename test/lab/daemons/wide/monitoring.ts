import { type Daemon, EXTRACTED, type Place, write } from "../../daemon.ts";
import { munin, nrpe, relp, snmpd } from "../servers/network.ts";
import { daemon, HOME, hidden, OWN, shell, TLS, tcp, udp, withRun } from "./entry.ts";
import { HTTPS, NET_SNMP, SILENT, WEB } from "./products.ts";

const carbon = ({ directory, ports }: Place) =>
  shell(`mkdir conf storage; printf '[cache]\\nLOCAL_DATA_DIR=${directory}/storage\\nLINE_RECEIVER_INTERFACE=127.0.0.1\\nLINE_RECEIVER_PORT=${ports[0]}\\nPICKLE_RECEIVER_INTERFACE=127.0.0.1\\nPICKLE_RECEIVER_PORT=${ports[1]}\\nCACHE_QUERY_INTERFACE=127.0.0.1\\nCACHE_QUERY_PORT=${ports[2]}\\nUSER=\\n' > conf/carbon.conf; printf '[d]\\npattern=.*\\nretentions=60s:1d\\n' > conf/storage-schemas.conf
export GRAPHITE_ROOT=${directory} GRAPHITE_CONF_DIR=${directory}/conf GRAPHITE_STORAGE_DIR=${directory}/storage
exec carbon-cache --config=conf/carbon.conf --nodaemon --pidfile=$PWD/pid --logdir=$PWD start`);

/** Agents and collectors of what is measured and logged. */
export const monitoring: Daemon[] = [
  daemon(
    "zabbix web service",
    "zabbix-web-service",
    [10053],
    [hidden(tcp(WEB, null), ["Zabbix", "Golang net/http server"])],
    (place) =>
      shell(
        `exec zabbix_web_service -c ${write(place, "z.conf", `ListenPort=${place.ports[0]}\nAllowedIP=127.0.0.1\nLogType=console\n`)}`,
        HOME,
      ),
    OWN,
  ),
  daemon(
    "carbon cache",
    "graphite-carbon",
    [null, 2004, 7002],
    [
      hidden(tcp(["graphite-pickle", "graphite", "carbon"], null, null, { at: 1 }), ["Carbon"]),
      tcp(["carbon-cache", "graphite", "carbon"], ["Carbon", "Graphite"], null, { at: 2 }),
    ],
    carbon,
  ),
  daemon(
    "carbon cache on odd ports",
    "graphite-carbon",
    [null, null, null],
    [
      hidden(tcp(["graphite", "carbon"], null, null, { unnamed: "it takes lines and never answers" }), [
        "Carbon",
      ]),
      hidden(
        tcp(["graphite", "carbon"], null, null, { at: 1, unnamed: "it takes pickles and never answers" }),
        ["Carbon"],
      ),
      hidden(
        tcp(["carbon-cache", "graphite", "carbon"], null, null, {
          at: 2,
          unnamed: "its question comes after those that it waits for",
        }),
        ["Carbon"],
      ),
    ],
    carbon,
  ),
  daemon(
    "rsyslog by RELP",
    "rsyslog",
    [2514],
    [tcp(["relp", "syslog-relp"], ["rsyslog", "librelp"], "1.11.0")],
    relp,
  ),
  daemon(
    "dlt-daemon",
    "dlt-daemon",
    [3490],
    [tcp("dlt", ["DLT daemon", "dlt-daemon", "GENIVI DLT daemon", "COVESA DLT daemon"])],
    ({ ports: [p], directory }) =>
      shell(
        `sed 's#^.*ControlSocketPath.*#ControlSocketPath = ${directory}/s#' /etc/dlt.conf > d.conf; exec dlt-daemon -p ${p} -c $PWD/d.conf -t $PWD`,
      ),
    OWN,
  ),
  daemon(
    "snmptrapd",
    "snmptrapd",
    [null],
    [udp(["snmp", "snmptrap"], ["net-snmp", "Net-SNMP", "Net-SNMP snmptrapd"])],
    ({ ports: [p] }) =>
      shell(
        `echo 'disableAuthorization yes' > s.conf\nexec snmptrapd -f -Lo -C -c s.conf udp:127.0.0.1:${p}`,
        HOME,
      ),
  ),
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
    [tcp(HTTPS, ["Icinga 2", "Icinga"], "package", TLS)],
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
    "rrdcached",
    "rrdcached",
    [42217],
    [tcp(["rrdcached"], ["RRDCached", "rrdcached", "RRDtool rrdcached"])],
    ({ ports: [port] }) =>
      shell(`exec /usr/bin/rrdcached -g -l 127.0.0.1:${port} -p $PWD/pid -b $PWD -j $PWD`),
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
    OWN,
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
  daemon("snmpd odd", "snmpd", [null], [udp("snmp", NET_SNMP, null)], (place) =>
    snmpd(place, "rocommunity public 127.0.0.1"),
  ),
  daemon("iperf3", "iperf3", [5201], [tcp("iperf3", ["iperf3"])], ({ ports: [p] }) =>
    shell(`exec iperf3 -s -B 127.0.0.1 -p ${p}`, HOME),
  ),
  daemon("iperf3 on another port", "iperf3", [null], [tcp("iperf3", ["iperf3"])], ({ ports: [p] }) =>
    shell(`exec iperf3 -s -B 127.0.0.1 -p ${p}`, HOME),
  ),
  daemon(
    "iperf3 odd",
    "iperf3",
    [null],
    [hidden(tcp(["iperf3", ...SILENT], null), ["iperf3"])],
    ({ ports }) => shell(`exec iperf3 -s -B 127.0.0.1 -p ${ports[0]}`),
  ),
  daemon(
    "zabbix proxy",
    "zabbix-proxy-sqlite3",
    [null],
    [
      hidden(tcp(["zabbix-trapper", "zabbix-proxy", "zabbix", "zabbix-server"], null), [
        "Zabbix",
        "Zabbix proxy",
        "Zabbix server",
      ]),
    ],
    ({ ports, directory }) =>
      shell(`printf 'Server=127.0.0.1\\nHostname=p\\nListenIP=127.0.0.1\\nListenPort=${ports[0]}\\nDBName=${directory}/z.db\\nLogType=console\\nPidFile=${directory}/pid\\nSocketDir=${directory}\\nAllowRoot=1\\n' > c
exec ${EXTRACTED}/zabbix-proxy-sqlite3/usr/sbin/zabbix_proxy -f -c c`),
  ),
  daemon(
    "mon",
    "mon",
    [2583],
    [tcp(["mon", "trap-mon"], ["mon"], null)],
    ({ ports, directory }) =>
      shell(`printf 'serverbind = 127.0.0.1\\ntrapbind = 127.0.0.1\\nalertdir = /tmp\\nmondir = /tmp\\nstatedir = ${directory}\\nlogdir = ${directory}\\nhostgroup a 127.0.0.1\\nwatch a\\n service p\\n  interval 5h\\n  monitor x.monitor\\n  period wd {Mon-Sun}\\n   alert x.alert\\n' > c
exec mon -c $PWD/c -p ${ports[0]} -P $PWD/pid -s $PWD`),
    OWN,
  ),
  daemon(
    "gkrellmd",
    "gkrellmd",
    [19150],
    [tcp(["gkrellm", "gkrellmd"], ["GKrellM", "GKrellM System Monitor", "gkrellmd"], null)],
    ({ ports }) => shell(`exec gkrellmd -A 127.0.0.1 -P ${ports[0]}`, HOME),
  ),
  daemon(
    "carbon-c-relay",
    "carbon-c-relay",
    [2003],
    [hidden(tcp(["graphite", "carbon"], null), ["carbon-c-relay"])],
    (place) =>
      shell(
        `exec carbon-c-relay -f ${write(place, "c", `listen type linemode 127.0.0.1:${place.ports[0]} proto tcp;\ncluster a file /dev/null;\nmatch * send to a;\n`)}`,
      ),
  ),
  daemon(
    "iperf udp",
    "iperf",
    [5001],
    [hidden(udp("iperf", null, null, { unnamed: "it answers at the end of a test alone" }), ["iperf"])],
    ({ ports }) => shell(`exec iperf -s -u -B 127.0.0.1 -p ${ports[0]}`),
  ),
  daemon(
    "upsd",
    "nut-server",
    [null],
    [tcp("nut", ["Network UPS Tools upsd", "Network UPS Tools"], "package")],
    (place) => {
      write(place, "ups.conf", "");
      return withRun(
        `mkdir -p /run/nut
printf '[dummy]\\n driver = dummy-ups\\n port = x\\n' > ups.conf
printf 'LISTEN 127.0.0.1 ${place.ports[0]}\\nALLOW_NO_DEVICE true\\n' > upsd.conf
touch upsd.users
exec ${EXTRACTED}/nut-server/lib/nut/upsd -F -u root`,
        { NUT_CONFPATH: place.directory, NUT_STATEPATH: place.directory, NUT_ALTPIDPATH: place.directory },
      );
    },
  ),
  daemon(
    "munin-node",
    "munin-node",
    [null],
    [tcp("munin", ["Munin node", "Munin", "munin-node"], "package")],
    (place) => munin(place),
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
    (place) => [nrpe(place, "127.0.0.1"), nrpe(place, "127.0.0.1", 1, "")],
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
];
