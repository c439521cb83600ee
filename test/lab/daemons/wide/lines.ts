import { type Daemon, EXTRACTED } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, tcp, udp, withRun } from "./entry.ts";

const WEB = ["http", "http-proxy"] as const;
/** What inetd does: a program a connection, on its standard input and output. */
const inetd = (port: number | undefined, command: string) =>
  shell(`exec socat TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork "EXEC:${command}"`);

/** Hardware, games, media, routing: greetings and little protocols. */
export const lineDaemons: Daemon[] = [
  daemon(
    "gophernicus",
    "gophernicus",
    [70],
    [tcp("gopher", ["Gophernicus"], "package")],
    ({ ports: [port] }) =>
      inetd(port, `/usr/sbin/gophernicus -h lab.test -p ${port} -r /usr/share/doc/gophernicus`),
  ),
  daemon("efingerd", "efingerd", [79], [hidden(tcp("finger", null), ["efingerd"])], ({ ports: [port] }) =>
    inetd(port, "/usr/sbin/efingerd"),
  ),
  daemon(
    "nullidentd",
    "nullidentd",
    [null],
    [hidden(tcp("ident", null), ["nullidentd"])],
    ({ ports: [port] }) => inetd(port, `${EXTRACTED}/nullidentd/usr/sbin/nullidentd,su=nobody`),
  ),
  daemon(
    "lircd",
    "lirc",
    [8765],
    [tcp(["lirc", "lircd"], ["LIRC", "lircd"], "package")],
    ({ ports: [port] }) =>
      withRun(`mkdir -p /run/lirc
echo > l.conf
exec /usr/sbin/lircd -n -H udp -d 28765 --listen=127.0.0.1:${port} -o /run/lirc/s -P /run/lirc/p l.conf`),
  ),
  daemon(
    "rigctld",
    "libhamlib-utils",
    [4532],
    [hidden(tcp(["rigctl", "rigctld", "hamlib"], null), ["Hamlib rigctld", "rigctld", "Hamlib"])],
    ({ ports: [port] }) => shell(`exec /usr/bin/rigctld -m 1 -T 127.0.0.1 -t ${port}`),
  ),
  daemon(
    "lcdproc",
    "lcdproc",
    [13666],
    [tcp(["lcdproc"], ["LCDproc", "LCDd"], "package")],
    ({ ports: [port] }) =>
      shell(`printf '[server]\\nDriverPath=/usr/lib/x86_64-linux-gnu/lcdproc/\\nDriver=curses\\nBind=127.0.0.1\\nPort=${port}\\nUser=root\\nForeground=yes\\n[curses]\\nSize=20x4\\n' > l.conf
export TERM=xterm
exec script -qec "/usr/sbin/LCDd -f -c $PWD/l.conf" /dev/null`),
  ),
  daemon(
    "owhttpd",
    "owhttpd",
    [2123],
    [tcp(WEB, ["OWFS owhttpd", "OWFS", "owhttpd", "1-Wire"])],
    ({ ports: [port] }) => shell(`exec /usr/bin/owhttpd --foreground --fake=28 -p 127.0.0.1:${port}`),
  ),
  daemon(
    "icecc",
    "icecc",
    // It serves one client at a time, so that its own port, asked beside this one, would keep it busy.
    [8768, 8769],
    [tcp(["icecc", "icecream", "telnet"], ["Icecream", "icecc", "ICECC"], "1.4.0", { at: 1 })],
    ({ ports: [port] }) => shell(`exec /usr/sbin/icecc-scheduler -p ${port} -n lab -l $PWD/l -u icecc`),
  ),
  daemon(
    "i2pd",
    "i2pd",
    [7070, 7656],
    [
      tcp(WEB, ["i2pd", "Purple I2P", "I2P"], "package"),
      hidden(tcp(["i2p-sam", "sam"], null, null, { at: 1 }), ["i2pd"]),
    ],
    ({ ports: [web, sam] }) =>
      shell(
        `exec /usr/bin/i2pd --datadir=$PWD --conf=/dev/null --tunconf=/dev/null --http.address=127.0.0.1 --http.port=${web} --sam.enabled=1 --sam.address=127.0.0.1 --sam.port=${sam} --httpproxy.enabled=0 --socksproxy.enabled=0 --log=stdout --host=127.0.0.1`,
      ),
  ),
  daemon(
    "crossfire",
    "crossfire-server",
    [13327],
    [tcp(["crossfire"], ["Crossfire", "Crossfire Server"])],
    ({ ports: [port] }) =>
      shell(`mkdir -p l/account l/unique-items l/players l/maps l/bookarch l/template-maps l/datafiles
chmod -R 777 .
exec setpriv --reuid=nobody --regid=nogroup --clear-groups /usr/sbin/crossfire-server -p ${port} -local $PWD/l`),
  ),
  daemon(
    "pioneers",
    "pioneers-console",
    [5556],
    [hidden(tcp(["pioneers"], null), ["Pioneers"])],
    ({ ports: [port] }) => shell(`exec /usr/games/pioneers-server-console -p ${port} -n lab.test`, HOME),
  ),
  daemon(
    "pulseaudio",
    "pulseaudio",
    [4712, 4714, 4713],
    [
      tcp(["pulseaudio-cli", "pulseaudio"], ["PulseAudio"], "package"),
      tcp(WEB, ["PulseAudio"], null, { at: 1 }),
      hidden(tcp(["pulseaudio"], null, null, { at: 2 }), ["PulseAudio"]),
    ],
    ({ ports: [cli, web, native] }) =>
      withRun(
        `exec /usr/bin/pulseaudio -n --system=no --daemonize=no --use-pid-file=no --disallow-exit --exit-idle-time=-1 -L 'module-null-sink' -L 'module-cli-protocol-tcp port=${cli} listen=127.0.0.1' -L 'module-http-protocol-tcp port=${web} listen=127.0.0.1' -L 'module-native-protocol-tcp port=${native} listen=127.0.0.1'`,
        { HOME: "/tmp", XDG_RUNTIME_DIR: "/run" },
      ),
  ),
  daemon(
    "snapserver",
    "snapserver",
    [1780, 1705, 1704],
    [
      tcp(WEB, ["Snapcast", "snapserver"]),
      hidden(tcp(["snapcast", "jsonrpc"], null, null, { at: 1 }), ["Snapcast"]),
    ],
    ({ ports: [web, control, stream] }) =>
      shell(
        `mkfifo f
exec /usr/bin/snapserver --http.port=${web} --http.bind_to_address=127.0.0.1 --tcp.port=${control} --tcp.bind_to_address=127.0.0.1 --stream.port=${stream} --stream.bind_to_address=127.0.0.1 --server.datadir=$PWD --stream.source="pipe:///$PWD/f?name=a"`,
        HOME,
      ),
  ),
  daemon("vtund", "vtun", [5000], [tcp(["vtun"], ["VTun", "vtund"])], ({ ports: [port] }) =>
    withRun(`mkdir -p /run/lock
printf 'options { port ${port}; }\\nlab { passwd x; type tun; proto tcp; }\\n' > v.conf
exec /usr/sbin/vtund -n -s -L 127.0.0.1 -P ${port} -f $PWD/v.conf`),
  ),
  daemon("xl2tpd", "xl2tpd", [1701], [udp(["l2tp"], ["xl2tpd", "xelerance"])], ({ ports: [port] }) =>
    withRun(`mkdir -p /run/xl2tpd
printf '[global]\\nport = ${port}\\nlisten-addr = 127.0.0.1\\n[lns default]\\nip range = 192.168.88.2-192.168.88.9\\nlocal ip = 192.168.88.1\\n' > x.conf
exec /usr/sbin/xl2tpd -D -c x.conf -p $PWD/pid -C $PWD/ctl`),
  ),
  daemon(
    "frr zebra",
    "frr",
    [2601],
    [tcp(["telnet", "zebra", "quagga"], ["FRRouting", "FRR", "FRRouting routing software"], "package")],
    ({ ports: [port] }) =>
      withRun(`mkdir -p /run/frr
chown frr:frr /run/frr
printf 'password lab\\n' > z.conf
chmod 644 z.conf
exec /usr/lib/frr/zebra -f $PWD/z.conf -A 127.0.0.1 -P ${port} -i /run/frr/z.pid -z /run/frr/zserv --vty_socket /run/frr`),
  ),
  daemon(
    "boinc",
    "boinc-client",
    [31416],
    [tcp(["boinc", "boinc-client"], ["BOINC", "BOINC client"], "package")],
    ({ ports: [port] }) =>
      shell(
        `echo secret > gui_rpc_auth.cfg
chmod 600 gui_rpc_auth.cfg
exec /usr/bin/boinc --dir $PWD --no_gpus --gui_rpc_port ${port} --suppress_net_info`,
        HOME,
      ),
  ),
  daemon(
    "guile repl",
    "guile-3.0",
    [37146],
    [tcp(["guile-repl", "guile", "repl"], ["GNU Guile", "Guile"], "package")],
    ({ ports: [port] }) =>
      shell(
        `exec /usr/bin/guile --no-auto-compile -c '(use-modules (system repl server)) (run-server (make-tcp-server-socket #:host "127.0.0.1" #:port ${port}))'`,
        HOME,
      ),
  ),
  daemon("coap-server", "libcoap3-bin", [5683], [udp("coap", ["libcoap"])], ({ ports: [port] }) =>
    shell(
      `exec /usr/bin/coap-server-openssl -A 127.0.0.1 -p ${port} || exec /usr/bin/coap-server -A 127.0.0.1 -p ${port}`,
    ),
  ),
  daemon(
    "conserver",
    "conserver-server",
    [3109],
    [hidden(tcp(["conserver", "console"], null), ["conserver"])],
    ({ ports: [port] }) =>
      shell(`printf 'console lab { type exec; exec cat; master localhost; }\\naccess * { allowed 127.0.0.1; }\\n' > c.cf
exec /usr/sbin/conserver -C c.cf -M 127.0.0.1 -p ${port} -P /dev/null -L $PWD/l -n`),
  ),
  daemon("distccd", "distcc", [3632], [hidden(tcp(["distccd"], null), ["distccd"])], ({ ports: [port] }) =>
    shell(
      `exec /usr/bin/distccd --no-detach --daemon --allow 127.0.0.1 --listen 127.0.0.1 -p ${port} --log-stderr --user nobody`,
    ),
  ),
  daemon("diod", "diod", [564], [hidden(tcp(["9pfs", "9p"], null), ["diod"])], ({ ports: [port] }) =>
    shell(`exec /usr/sbin/diod -f -n -c /dev/null -l 127.0.0.1:${port} -e $PWD -S`),
  ),
  daemon("nbdkit", "nbdkit", [null], [hidden(tcp(["nbd"], null), ["nbdkit"])], ({ ports: [port] }) =>
    shell(`exec /usr/bin/nbdkit -f -i 127.0.0.1 -p ${port} null`),
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
];
