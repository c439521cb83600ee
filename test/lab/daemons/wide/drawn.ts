import { type Daemon, EXTRACTED, type Place, write } from "../../daemon.ts";
import { XMPP } from "./closed-data.ts";
import { daemon, HOME, hidden, shell, TLS, tcp, udp, withRun } from "./entry.ts";
import { python3 } from "./impostors.ts";
import { HTTPS, WEB } from "./servers.ts";
import { DNS, OWN } from "./strays.ts";

const _SKK = ["skkserv", "skk", "skkservd"] as const;
/** A program of inetd's, behind socat. */
const inetd = ({ ports }: Place, program: string) =>
  shell(`exec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork EXEC:'${program}'`);

/** What has stood in no lab before: plain, as installed. */
export const drawnDaemons: Daemon[] = [
  daemon("ser2net", "ser2net", [null], [tcp("telnet", "ser2net")], (place) =>
    shell(
      `exec ser2net -n -c ${write(place, "s.yaml", `define: &banner \\r\\nser2net port \\p device \\d [\\B] (Debian GNU/Linux)\\r\\n\\r\\n\nconnection: &con0\n  accepter: telnet,tcp,127.0.0.1,${place.ports[0]}\n  connector: echo\n  options:\n    banner: *banner\n`)}`,
    ),
  ),
  daemon("dicod", "dicod", [2628], [tcp("dict", ["GNU dico", "dicod", "Dico"], "2.11")], (place) =>
    shell(
      `exec ${EXTRACTED}/dicod/usr/bin/dicod -f --stderr --config=${write(place, "d.conf", `user root;\ngroup root;\nmode daemon;\npidfile "${place.directory}/pid";\nlisten (127.0.0.1:${place.ports[0]});\n`)}`,
    ),
  ),
  daemon(
    "janus",
    "janus",
    [8088, 7088],
    [
      tcp(WEB, ["Janus", "Janus WebRTC Server"], "package"),
      tcp(WEB, ["Janus", "Janus WebRTC Server"], null, { at: 1, productHidden: true }),
    ],
    ({ ports, directory }) =>
      shell(`mkdir c; for i in c; do printf 'general: {\\n  configs_folder = "${directory}/c"\\n  plugins_folder = "${directory}/c"\\n}\\nnat: {\\n}\\nmedia: {\\n}\\n' > c/janus.jcfg
printf 'general: {\\n json = "indented"\\n base_path = "/janus"\\n http = true\\n port = ${ports[0]}\\n ip = "127.0.0.1"\\n https = false\\n}\\nadmin: {\\n admin_base_path = "/admin"\\n admin_http = true\\n admin_port = ${ports[1]}\\n admin_ip = "127.0.0.1"\\n}\\n' > c/janus.transport.http.jcfg; done
exec janus -F $PWD/c -C $PWD/c/janus.jcfg -i 127.0.0.1`),
  ),
  daemon(
    "wesnothd",
    "wesnoth-1.16-server",
    [15000],
    [tcp("wesnoth", ["Battle for Wesnoth", "wesnothd", "Wesnoth"])],
    ({ ports }) => shell(`exec $(ls /usr/games/wesnothd* | head -1) -p ${ports[0]}`, HOME),
    OWN,
  ),
  daemon(
    "brltty",
    "brltty",
    [4101],
    [tcp(["brlapi", "brltty"], ["BRLTTY", "BrlAPI"])],
    ({ directory }) =>
      shell(
        `exec brltty -n -E -f /dev/null -b no -s no -x no -A "host=127.0.0.1:0,auth=none" -P ${directory}/pid -U ${directory} -W ${directory}`,
      ),
    OWN,
  ),
  daemon(
    "usbipd",
    "usbip",
    [3240],
    [hidden(tcp("usbip", null), ["usbipd", "USB/IP", "usbip"])],
    ({ ports }) => shell(`exec usbipd -4 -t${ports[0]}`),
    OWN,
  ),
  daemon(
    "libvirtd",
    "libvirt-daemon",
    [16509],
    [tcp(["libvirt", "libvirt-rpc"], ["libvirt", "libvirtd"])],
    (place) =>
      withRun(
        `mkdir -p /run/libvirt; id libvirt-qemu > /dev/null 2>&1 || useradd --system libvirt-qemu; exec libvirtd -l -p ${place.directory}/pid -f ${write(place, "l.conf", `listen_tls = 0\nlisten_tcp = 1\nlisten_addr = "127.0.0.1"\ntcp_port = "${place.ports[0]}"\nauth_tcp = "none"\nauth_unix_rw = "none"\nauth_unix_ro = "none"\nunix_sock_dir = "${place.directory}"\n`)}`,
        { HOME: place.directory },
      ),
    OWN,
  ),
  daemon(
    "pcsd",
    "pcs",
    [2224],
    [tcp(HTTPS, ["Pacemaker pcsd", "pcsd", "PCS", "Tornado", "Tornado httpd", "TornadoServer"], null, TLS)],
    () =>
      withRun(
        "mkdir -p /var/lib/pcsd /var/log/pcsd; getent group haclient > /dev/null || groupadd --system haclient; id hacluster > /dev/null 2>&1 || useradd --system -g haclient hacluster; export PCSD_BIND_ADDR=127.0.0.1; exec /usr/sbin/pcsd",
      ),
    OWN,
  ),
  daemon(
    "csync2",
    "csync2",
    [30865],
    [tcp("csync2", "csync2")],
    (place) =>
      shell(
        `mkdir db; cp /etc/csync2.cfg c.cfg 2>/dev/null || true; exec csync2 -ii -v -p ${place.ports[0]} -D $PWD/db -N localhost`,
      ),
    OWN,
  ),
  daemon(
    "groonga-httpd",
    "groonga-httpd",
    [10041],
    [tcp(WEB, ["Groonga", "groonga-httpd", "nginx"])],
    ({ ports, directory }) =>
      shell(
        `cp -r /etc/groonga/httpd c; groonga -n db quit > /dev/null; sed -i -E 's/listen .*;/listen 127.0.0.1:${ports[0]};/; s#groonga_database .*;#groonga_database ${directory}/db;#; s#groonga_(log|query_log)_path .*;##; s/^ *user .*;/user root;/; s#groonga_database_auto_create .*;##; /^ *pid /d' c/groonga-httpd.conf; exec groonga-httpd -c $PWD/c/groonga-httpd.conf -p $PWD/ -g "daemon off; pid $PWD/pid; error_log $PWD/log;"`,
      ),
    OWN,
  ),
  daemon(
    "dlt-daemon",
    "dlt-daemon",
    [3490],
    [tcp(["dlt"], ["DLT daemon", "dlt-daemon", "GENIVI DLT daemon", "COVESA DLT daemon"])],
    ({ ports, directory }) =>
      shell(
        `sed 's#^.*ControlSocketPath.*#ControlSocketPath = ${directory}/s#' /etc/dlt.conf > d.conf; exec dlt-daemon -p ${ports[0]} -c $PWD/d.conf -t ${directory}`,
      ),
    OWN,
  ),
  daemon(
    "iodined",
    "iodine",
    [5353],
    [hidden(udp(DNS, null, null, { unnamed: "it answers for its own domain alone" }), ["iodine", "iodined"])],
    ({ ports }) => shell(`exec iodined -f -c -P x -p ${ports[0]} -l 127.0.0.1 10.9.0.1 t.lab.test`),
    OWN,
  ),
  daemon("trytond", "tryton-server", [8000], [tcp(WEB, ["Werkzeug httpd", "Werkzeug", "Tryton"])], (place) =>
    shell(
      `exec trytond -c ${write(place, "t.conf", `[web]\nlisten = 127.0.0.1:${place.ports[0]}\n[database]\nuri = sqlite://\npath = ${place.directory}\n`)}`,
      { HOME: place.directory },
    ),
  ),
  daemon(
    "mailexporter",
    "prometheus-mailexporter",
    [9225],
    [
      hidden(tcp([...WEB, "prometheus"], null), [
        "Prometheus mail exporter",
        "mailexporter",
        "Golang net/http server",
      ]),
    ],
    (place) =>
      shell(
        `exec mailexporter -config.file ${write(place, "m.conf", `monitoringinterval: 10m\nstartupoffset: 1m\nmailchecktimeout: 1m\nservers: []\n`)} -web.listen-address 127.0.0.1:${place.ports[0]}`,
      ),
  ),
  daemon(
    "courier-pop3d",
    "courier-pop",
    [null],
    [tcp("pop3", ["Courier pop3d", "Courier", "Courier POP3"])],
    (place) =>
      inetd(place, `${EXTRACTED}/courier-pop/usr/lib/courier/courier/courierpop3login /bin/false Maildir`),
  ),
  daemon(
    "courier-imapd",
    "courier-imap",
    [null],
    [tcp("imap", ["Courier Imapd", "Courier", "Courier IMAP"])],
    (place) => inetd(place, `${EXTRACTED}/courier-imap/usr/lib/courier/courier/imaplogin /bin/false Maildir`),
  ),
  daemon(
    "xdm",
    "xdm",
    [177],
    [hidden(udp("xdmcp", null), ["xdm", "XDMCP"])],
    (place) =>
      shell(
        `printf '*\\n* CHOOSER BROADCAST\\n' > X; touch S; mkdir a; exec $(find ${EXTRACTED}/xdm -name xdm -type f -path '*bin*') -nodaemon -udpPort 177 -config ${write(place, "x.conf", `DisplayManager.errorLogFile: ${place.directory}/log\nDisplayManager.pidFile: ${place.directory}/pid\nDisplayManager.accessFile: ${place.directory}/X\nDisplayManager.servers: ${place.directory}/S\nDisplayManager.authDir: ${place.directory}/a\nDisplayManager.requestPort: 177\n`)}`,
      ),
    OWN,
  ),
  daemon(
    "pagekite",
    "pagekite",
    [8443],
    [tcp(WEB, ["PageKite", "pagekite"], null)],
    ({ ports, directory }) =>
      shell(
        `exec pagekite --clean --isfrontend --ports=${ports[0]} --protos=http --domain=http:lab.test:x --nullui`,
        { HOME: directory },
      ),
    OWN,
  ),
  daemon(
    "python XML-RPC",
    "python3",
    [null],
    [tcp(WEB, ["BaseHTTPServer", "BaseHTTP", "Python http.server", "SimpleHTTPServer"], "0.6")],
    (place) =>
      python3(
        place,
        `from xmlrpc.server import SimpleXMLRPCServer\ns = SimpleXMLRPCServer(("127.0.0.1", ${place.ports[0]}))\ns.serve_forever()`,
      ),
  ),
  daemon(
    "prosody components",
    "prosody",
    [5347],
    [hidden(tcp([...XMPP, "xmpp-component"], null), ["Prosody"])],
    (place) =>
      shell(
        `exec prosody -F --config ${write(place, "p.lua", `daemonize=false\nrun_as_root=true\ndata_path="${place.directory}"\ninterfaces={"127.0.0.1"}\ncomponent_ports={${place.ports[0]}}\ncomponent_interface="127.0.0.1"\nc2s_ports={}\ns2s_ports={}\nlog="*stdout"\nVirtualHost "lab.test"\nComponent "x.lab.test"\n component_secret="x"\n`)}`,
      ),
    OWN,
  ),
];
