import { type Daemon, EXTRACTED } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, tcp, withRun } from "./entry.ts";

const WEB = ["http", "http-proxy"] as const;
/** More web servers, and applications that bring their own. */
export const siteDaemons: Daemon[] = [
  daemon("yaws", "yaws", [null], [tcp(WEB, "Yaws", "package")], ({ ports: [port] }) =>
    shell(
      `mkdir -p www log
printf 'logdir = log\\nebin_dir = .\\n<server lab.test>\\nport = ${port}\\nlisten = 127.0.0.1\\ndocroot = www\\n</server>\\n' > yaws.conf
tail -f /dev/null | /usr/bin/yaws -i --conf yaws.conf --id lab`,
      HOME,
    ),
  ),
  daemon(
    "micro-httpd",
    "micro-httpd",
    [null],
    [tcp(WEB, ["micro_httpd", "micro-httpd"])],
    ({ ports: [port] }) =>
      shell(
        `exec socat TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork EXEC:"/usr/sbin/micro-httpd /usr/share/doc"`,
      ),
  ),
  daemon("weborf", "weborf", [null], [tcp(WEB, "Weborf", "package")], ({ ports: [port] }) =>
    shell(`exec /usr/bin/weborf -p ${port} -i 127.0.0.1 -b $PWD`),
  ),
  daemon("merecat", "merecat", [null], [tcp(WEB, ["Merecat", "merecat httpd"])], ({ ports: [port] }) =>
    shell(`exec ${EXTRACTED}/merecat/usr/sbin/merecat -n -p ${port} $PWD`),
  ),
  daemon(
    "trafficserver",
    "trafficserver",
    [null],
    [tcp(WEB, ["Apache Traffic Server", "ATS"], "9.2.9")],
    ({ ports: [port] }) =>
      shell(`mkdir -p run log cache
chmod -R 777 .
cp -r /etc/trafficserver etc
cat > runroot.yaml <<X
prefix: $PWD
exec_prefix: /usr
bindir: /usr/bin
sbindir: /usr/bin
sysconfdir: $PWD/etc
datadir: $PWD/cache
libdir: /usr/lib
libexecdir: /usr/lib/trafficserver/modules
localstatedir: $PWD/run
runtimedir: $PWD/run
logdir: $PWD/log
cachedir: $PWD/cache
X
echo > etc/storage.config
cat >> etc/records.config <<X
CONFIG proxy.config.http.server_ports STRING ${port}:ip-in=127.0.0.1
CONFIG proxy.config.admin.user_id STRING nobody
X
exec /usr/bin/traffic_server --run-root=$PWD/runroot.yaml`),
  ),
  daemon("c-icap", "c-icap", [1344], [tcp("icap", ["C-ICAP", "c-icap"], "package")], ({ ports: [port] }) =>
    withRun(`sed -e 's#^Port .*#Port 127.0.0.1:${port}#; s#^PidFile.*#PidFile /run/c.pid#; s#^CommandsSocket.*#CommandsSocket /run/c.ctl#; s#^ServerLog.*#ServerLog /run/s.log#; s#^AccessLog.*#AccessLog /run/a.log#; s#^User.*#User root#; s#^Group.*#Group root#' /etc/c-icap/c-icap.conf > c.conf
exec /usr/bin/c-icap -N -f $PWD/c.conf`),
  ),
  daemon("fossil", "fossil", [null], [tcp(WEB, ["Fossil"], "package")], ({ ports: [port] }) =>
    shell(`export HOME=$PWD USER=lab
/usr/bin/fossil init --admin-user lab lab.fossil >/dev/null
exec /usr/bin/fossil server --localhost --port ${port} lab.fossil`),
  ),
  daemon(
    "jupyter",
    "jupyter-notebook",
    [8889],
    [tcp(WEB, ["Jupyter Notebook", "Jupyter"], "package")],
    ({ ports: [port] }) =>
      shell(
        `exec /usr/bin/jupyter-notebook --allow-root --no-browser --ip=127.0.0.1 --port=${port} --notebook-dir=$PWD`,
        HOME,
      ),
  ),
  daemon("kiwix", "kiwix-tools", [null], [tcp(WEB, ["Kiwix", "kiwix-serve"])], ({ ports: [port] }) =>
    shell(`echo '<library version="20110515"></library>' > library.xml
exec /usr/bin/kiwix-serve --port=${port} --address=127.0.0.1 --library library.xml`),
  ),
  daemon(
    "shellinabox",
    "shellinabox",
    [4200],
    [tcp(WEB, ["Shell In A Box", "ShellInABox", "shellinabox"])],
    ({ ports: [port] }) =>
      shell(
        `exec /usr/bin/shellinaboxd --disable-ssl --localhost-only -p ${port} -u nobody -g nogroup -s /:LOGIN`,
      ),
  ),
  daemon("darkstat", "darkstat", [667], [tcp(WEB, ["darkstat"], "package")], ({ ports: [port] }) =>
    shell(
      `exec /usr/sbin/darkstat --no-daemon --no-promisc -i lo -b 127.0.0.1 -p ${port} --chroot $PWD --user root`,
    ),
  ),
  daemon("motion", "motion", [8083], [tcp(WEB, ["Motion"], "package")], ({ ports: [port] }) =>
    shell(`printf 'daemon off\\nvideodevice /dev/video99\\nwebcontrol_port ${port}\\nwebcontrol_localhost on\\nwebcontrol_interface 1\\nstream_port 0\\n' > m.conf
exec /usr/bin/motion -n -c $PWD/m.conf -p $PWD/pid`),
  ),
  daemon(
    "ustreamer",
    "ustreamer",
    [null],
    [tcp(WEB, ["uStreamer", "ustreamer"], "package")],
    ({ ports: [port] }) =>
      shell(`exec /usr/bin/ustreamer --host 127.0.0.1 --port ${port} --device /dev/video99`),
  ),
  daemon(
    "apt-cacher-ng",
    "apt-cacher-ng",
    [3142],
    [tcp(WEB, ["Apt-Cacher NG", "apt-cacher-ng", "Debian Apt-Cacher NG"], "package")],
    ({ ports: [port] }) =>
      shell(`mkdir -p c l
exec /usr/sbin/apt-cacher-ng -c /etc/apt-cacher-ng ForeGround=1 Port=${port} BindAddress=127.0.0.1 CacheDir=$PWD/c LogDir=$PWD/l SocketPath=$PWD/s`),
  ),
  daemon(
    "debuginfod",
    "debuginfod",
    [8002],
    [hidden(tcp(WEB, null), ["debuginfod", "elfutils debuginfod"])],
    ({ ports: [port] }) => shell(`exec /usr/bin/debuginfod -p ${port} -d :memory:`, HOME),
  ),
  daemon("podman", "podman", [null], [tcp(WEB, ["Podman", "Libpod"], "package")], ({ ports: [port] }) =>
    withRun(
      `exec /usr/bin/podman --root $PWD/r --runroot $PWD/rr --storage-driver vfs system service -t 0 tcp:127.0.0.1:${port}`,
      HOME,
    ),
  ),
  daemon(
    "jekyll",
    "ruby-webrick",
    [4000],
    [tcp(WEB, ["WEBrick httpd", "WEBrick"], "package")],
    ({ ports: [port] }) =>
      shell(
        `echo hello > index.md
exec /usr/bin/jekyll serve --host 127.0.0.1 --port ${port} --no-watch`,
        HOME,
      ),
  ),
  daemon("mkdocs", "mkdocs", [null], [tcp(WEB, ["WSGIServer", "MkDocs"], "0.2")], ({ ports: [port] }) =>
    shell(`mkdir docs
echo hello > docs/index.md
echo 'site_name: lab' > mkdocs.yml
exec /usr/bin/mkdocs serve -a 127.0.0.1:${port} --no-livereload`),
  ),
  daemon(
    "supervisor",
    "supervisor",
    [9001],
    [tcp(WEB, ["Supervisor", "Supervisord", "Supervisor process manager"], "package")],
    ({ ports: [port] }) =>
      shell(`printf '[inet_http_server]\\nport=127.0.0.1:${port}\\n[supervisord]\\nlogfile=%s/log\\npidfile=%s/pid\\n[rpcinterface:supervisor]\\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\\n' $PWD $PWD > s.conf
exec /usr/bin/supervisord -n -c s.conf`),
  ),
  daemon("mitmproxy", "mitmproxy", [null], [tcp(WEB, ["mitmproxy"], "package")], ({ ports: [port] }) =>
    shell(`exec /usr/bin/mitmdump --listen-host 127.0.0.1 -p ${port} --set confdir=$PWD`),
  ),
  daemon("xandikos", "xandikos", [null], [tcp(WEB, ["Xandikos", "aiohttp"])], ({ ports: [port] }) =>
    shell(`exec /usr/bin/xandikos -d $PWD/dav --defaults -l 127.0.0.1 -p ${port}`),
  ),
  daemon("glances", "glances", [61208], [tcp(WEB, ["Glances", "WSGIServer"])], ({ ports: [port] }) =>
    shell(`exec /usr/bin/glances -w -B 127.0.0.1 -p ${port} --disable-check-update`, HOME),
  ),
  daemon(
    "websockify",
    "websockify",
    [6080],
    [tcp([...WEB, "websocket"], ["WebSockify", "websockify", "noVNC"])],
    ({ ports: [port] }) => shell(`exec /usr/bin/websockify 127.0.0.1:${port} 127.0.0.1:9`),
  ),
  daemon(
    "rclone",
    "rclone",
    [null, null],
    [hidden(tcp(WEB, null), ["rclone", "Golang net/http server"]), tcp("ssh", ["rclone"], null, { at: 1 })],
    ({ ports: [web, ssh] }) => [
      shell(`exec ${EXTRACTED}/rclone/usr/bin/rclone serve webdav --addr 127.0.0.1:${web} $PWD`, HOME),
      shell(
        `exec ${EXTRACTED}/rclone/usr/bin/rclone serve sftp --user a --pass b --addr 127.0.0.1:${ssh} $PWD`,
        HOME,
      ),
    ],
  ),
  daemon(
    "journal-gatewayd",
    "systemd-journal-remote",
    [19531],
    [tcp(WEB, ["systemd-journal-gatewayd"])],
    ({ ports: [port] }) =>
      shell(
        `exec /usr/bin/systemd-socket-activate -l 127.0.0.1:${port} /lib/systemd/systemd-journal-gatewayd`,
      ),
  ),
  daemon("broadwayd", "libgtk-3-bin", [null], [tcp(WEB, ["GTK Broadway", "Broadway"])], ({ ports: [port] }) =>
    shell(`exec /usr/bin/broadwayd -p ${port} -a 127.0.0.1 :7`, { XDG_RUNTIME_DIR: "/tmp" }),
  ),
  daemon(
    "ocserv",
    "ocserv",
    [null],
    [hidden(tcp([...WEB, "https"], null, null, { tls: true }), ["ocserv", "OpenConnect VPN server"])],
    ({ ports: [port], certificate, privateKey }) =>
      withRun(`touch p
cat > o.conf <<X
auth = "plain[passwd=$PWD/p]"
tcp-port = ${port}
listen-host = 127.0.0.1
run-as-user = nobody
run-as-group = nogroup
socket-file = /run/oc
server-cert = ${certificate}
server-key = ${privateKey}
ipv4-network = 192.168.77.0
ipv4-netmask = 255.255.255.0
device = vpns
max-clients = 16
X
exec /usr/sbin/ocserv -f -c o.conf`),
  ),
];
