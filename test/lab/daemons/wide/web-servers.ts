import { type Daemon, EXTRACTED, write } from "../../daemon.ts";
import { behind, joined, socat, varnish } from "../servers/proxies.ts";
import { sshd } from "../servers/shells.ts";
import { FILES, h2o, jetty, nginx, nginxTls, tomcat, webfs } from "../servers/web.ts";
import { daemon, HOME, hidden, OWN, shell, TLS, tcp, withRun } from "./entry.ts";
import { GO, HTTPS, SILENT, VARNISH, WEB, WEBFS } from "./products.ts";

/** Web servers, and proxies of the web and of bytes. */
export const webServers: Daemon[] = [
  daemon("nginx says teapot", "nginx-light", [8888], [tcp(WEB, "nginx")], (place) =>
    nginx(place, "server_tokens off;", "return 418;"),
  ),
  daemon("nginx tls odd", "nginx-light", [null], [tcp(HTTPS, ["nginx"], "package", TLS)], (place) =>
    nginxTls(place, "return 301 /app/;"),
  ),
  daemon(
    "ncat chat",
    "ncat",
    [null, null],
    [
      tcp(["ncat-chat", "chat"], ["Ncat chat", "Ncat"]),
      hidden(tcp(WEB, null, null, { at: 1 }), ["Ncat", "Ncat http proxy"]),
    ],
    ({ ports: [p, q] }) => [
      shell(`exec ncat -4 -l 127.0.0.1 ${p} --chat`),
      shell(`exec ncat -4 -l 127.0.0.1 ${q} --proxy-type http`),
    ],
  ),
  daemon(
    "tomcat ajp",
    "tomcat10",
    [8009],
    [hidden(tcp(["ajp13", "ajp"], null), ["Apache Tomcat", "Apache Jserv"])],
    (place) => tomcat(place, ' protocol="AJP/1.3" secretRequired="false"'),
  ),
  daemon("tomcat", "tomcat10", [8081], [tcp(WEB, ["Apache Tomcat"], "package")], tomcat),
  daemon(
    "perlbal",
    "perlbal",
    [null, null],
    [tcp(WEB, ["Perlbal"]), tcp(WEB, "Perlbal", null, { at: 1 })],
    (place) => ({
      argv: [
        "/usr/bin/perlbal",
        `--config=${write(
          place,
          "p.conf",
          `CREATE SERVICE web\n SET role = web_server\n SET listen = 127.0.0.1:${place.ports[0]}\n SET docroot = /var/www/html\nENABLE web\nCREATE SERVICE m\n SET role = management\n SET listen = 127.0.0.1:${place.ports[1]}\nENABLE m\n`,
        )}`,
      ],
    }),
  ),
  daemon("mongrel2", "mongrel2-core", [6767], [hidden(tcp(WEB, null), ["Mongrel2"])], (place) =>
    shell(`mkdir -p run logs tmp web
cat > m.conf <<X
main = Server(uuid="f400bf85-4538-4f7a-8908-67e313d515c2", access_log="/logs/a.log", error_log="/logs/e.log", chroot="./", default_host="localhost", name="test", pid_file="/run/m.pid", bind_addr="127.0.0.1", port=${place.ports[0]}, hosts=[Host(name="localhost", routes={"/": Dir(base="web/", index_file="index.html", default_ctype="text/plain")})])
servers = [main]
X
m2sh load -config m.conf -db c.sqlite
mongrel2 c.sqlite f400bf85-4538-4f7a-8908-67e313d515c2
exec sleep 1000000`),
  ),
  daemon("harvid", "harvid", [1554], [tcp(WEB, ["harvid"])], ({ ports }) =>
    shell(`exec harvid -P 127.0.0.1 -p ${ports[0]} /var/www/html`),
  ),
  daemon("eja", "eja", [null], [hidden(tcp(WEB, null), ["eja"])], ({ ports, directory }) =>
    shell(`exec eja --web --web-host 127.0.0.1 --web-port ${ports[0]} --web-path ${directory}`),
  ),
  daemon(
    "websocketd",
    "websocketd",
    [null],
    [tcp([...WEB, "websocket"], ["websocketd", ...GO])],
    ({ ports }) => shell(`exec websocketd --address=127.0.0.1 --port=${ports[0]} --devconsole cat`),
  ),
  daemon(
    "mighttpd2",
    "mighttpd2",
    [null],
    [tcp(WEB, ["Mighttpd", "Mighttpd2"], "package")],
    ({ ports, directory }) =>
      shell(
        `cat > m.conf <<X
Port: ${ports[0]}
Host: 127.0.0.1
Debug_Mode: Yes
User: root
Group: root
Pid_File: ${directory}/pid
Logging: No
Log_File: ${directory}/log
Index_File: index.html
Status_File_Dir: /usr/share/mighty/status
Connection_Timeout: 30
X
printf '[*]\\n/ -> /var/www/html/\\n' > m.route
exec mighty m.conf m.route`,
        HOME,
      ),
  ),
  daemon(
    "ocsigen",
    "ocsigenserver",
    [null],
    [tcp(WEB, ["Ocsigen", "Ocsigenserver", "Ocsigen Webserver"])],
    ({ ports, directory }) =>
      shell(`mkdir log data
cat > o.conf <<X
<ocsigen><server><port>127.0.0.1:${ports[0]}</port><logdir>${directory}/log</logdir><datadir>${directory}/data</datadir><user></user><group></group><commandpipe>${directory}/pipe</commandpipe>
<charset>utf-8</charset></server></ocsigen>
X
exec ocsigenserver -c o.conf`),
  ),
  daemon(
    "libwebsockets",
    "libwebsockets-test-server",
    [7681],
    [tcp([...WEB, "websocket"], ["libwebsockets"], null)],
    ({ ports }) => shell(`exec libwebsockets-test-server -p ${ports[0]} -i lo`, HOME),
    OWN,
  ),
  daemon(
    "apt-cacher",
    "apt-cacher",
    [3142],
    [tcp(WEB, ["apt-cacher", "Apt-Cacher"], null)],
    ({ ports, directory }) =>
      shell(`mkdir -p cache log
printf 'cache_dir=${directory}/cache\\nlog_dir=${directory}/log\\ndaemon_addr=127.0.0.1\\ndaemon_port=${ports[0]}\\nuser=root\\ngroup=root\\nlimit=0\\nallowed_hosts=*\\n' > a.conf
exec /usr/sbin/apt-cacher -c a.conf`),
  ),
  daemon("cntlm", "cntlm", [3128], [tcp(WEB, ["Cntlm", "cntlm"], null)], ({ ports }) =>
    shell(`printf 'Username u\\nDomain d\\nPassword p\\nProxy 127.0.0.1:9\\nListen 127.0.0.1:${ports[0]}\\n' > c.conf
exec cntlm -f -c c.conf`),
  ),
  daemon(
    "pushpin",
    "pushpin",
    [7999],
    [tcp(WEB, ["Pushpin", "Mongrel2", "Condure"], null)],
    ({ ports, directory }) =>
      shell(`cp -r /etc/pushpin/. .; mkdir -p run log
sed -i -E 's#^http_port=.*#http_port=127.0.0.1:${ports[0]}#; s#^rundir=.*#rundir=${directory}/run#; s#^logdir=.*#logdir=${directory}/log#' pushpin.conf
echo '* localhost:9' > routes
exec pushpin --config=pushpin.conf`),
  ),
  daemon(
    "morty",
    "morty",
    [3000],
    [tcp(WEB, ["Morty", "fasthttp", "Morty web content sanitizer"], null)],
    ({ ports }) => shell(`exec morty -listen 127.0.0.1:${ports[0]}`),
  ),
  daemon("novnc", "novnc", [null], [tcp(WEB, ["websockify", "WebSockify", "noVNC"])], ({ ports: [p] }) =>
    shell(`exec /usr/bin/websockify --web /usr/share/novnc 127.0.0.1:${p} 127.0.0.1:9`),
  ),
  daemon("rinetd", "webfs", [null, null], [tcp(WEB, WEBFS, "package")], ({ ports: [p, q] }) => [
    webfs(q),
    shell(`echo '127.0.0.1 ${p} 127.0.0.1 ${q}' > r.conf\nexec /usr/sbin/rinetd -f -c r.conf`),
  ]),
  daemon("pen", "webfs", [null, null], [tcp(WEB, WEBFS, "package")], ({ ports: [p, q] }) => [
    webfs(q),
    shell(`exec /usr/bin/pen -f 127.0.0.1:${p} 127.0.0.1:${q}`),
  ]),
  daemon(
    "trojan",
    "webfs",
    [null, null],
    [tcp(HTTPS, WEBFS, "package", TLS)],
    ({ ports: [p, q], certificate, privateKey }) => [
      webfs(q),
      shell(
        `echo '{"run_type":"server","local_addr":"127.0.0.1","local_port":${p},"remote_addr":"127.0.0.1","remote_port":${q},"password":["x"],"ssl":{"cert":"${certificate}","key":"${privateKey}"}}' > c.json\nexec /usr/bin/trojan c.json`,
      ),
    ],
  ),
  daemon("webfs", "webfs", [null], [tcp(WEB, WEBFS, "package")], ({ ports, directory }) => ({
    argv: ["/usr/bin/webfsd", "-F", "-p", `${ports[0]}`, "-i", "127.0.0.1", "-r", directory],
  })),
  daemon("hitch", "webfs", [null, null], [tcp(HTTPS, WEBFS, "package", TLS)], (place) => [
    webfs(place.ports[1]),
    shell(
      `exec /usr/sbin/hitch --user=nobody --frontend='[127.0.0.1]:${place.ports[0]}' --backend='[127.0.0.1]:${place.ports[1]}' ${joined(place)}`,
    ),
  ]),
  daemon("redir", "openssh-server", [null, null], [tcp("ssh", ["OpenSSH"], "package")], (place) => [
    sshd(behind(place), "", "ed25519"),
    shell(`exec /usr/bin/redir -n 127.0.0.1:${place.ports[0]} 127.0.0.1:${place.ports[1]}`),
  ]),
  daemon("ziproxy", "ziproxy", [null], [tcp(WEB, ["Ziproxy"])], ({ ports: [p] }) =>
    shell(
      `printf 'Port = ${p}\\nAddress = "127.0.0.1"\\n' > z.conf\n/usr/bin/ziproxy -d -c $PWD/z.conf\nsleep 1000`,
    ),
  ),
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
    ({ ports: [port] }) => socat(port, `EXEC:/usr/sbin/micro-httpd /usr/share/doc`),
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
  daemon(
    "apt-cacher-ng",
    "apt-cacher-ng",
    [3142],
    [tcp(WEB, ["Apt-Cacher NG", "apt-cacher-ng", "Debian Apt-Cacher NG"], "package")],
    ({ ports: [port] }) =>
      shell(`mkdir -p c l
exec /usr/sbin/apt-cacher-ng -c /etc/apt-cacher-ng ForeGround=1 Port=${port} BindAddress=127.0.0.1 CacheDir=$PWD/c LogDir=$PWD/l SocketPath=$PWD/s`),
  ),
  daemon("mitmproxy", "mitmproxy", [null], [tcp(WEB, ["mitmproxy"], "package")], ({ ports: [port] }) =>
    shell(`exec /usr/bin/mitmdump --listen-host 127.0.0.1 -p ${port} --set confdir=$PWD`),
  ),
  daemon(
    "websockify",
    "websockify",
    [6080],
    [tcp([...WEB, "websocket"], ["WebSockify", "websockify", "noVNC"])],
    ({ ports: [port] }) => shell(`exec /usr/bin/websockify 127.0.0.1:${port} 127.0.0.1:9`),
  ),
  daemon(
    "icecast2",
    "icecast2",
    [null],
    [tcp(["http"], ["Icecast streaming media server", "Icecast", "Icecast2"], "package")],
    (place) => ({
      argv: [
        "/usr/bin/icecast2",
        "-c",
        write(
          place,
          "i.xml",
          `<icecast><limits><sources>1</sources></limits><authentication><source-password>x</source-password><admin-user>a</admin-user><admin-password>x</admin-password></authentication><hostname>lab</hostname><listen-socket><port>${place.ports[0]}</port><bind-address>127.0.0.1</bind-address></listen-socket><paths><basedir>/usr/share/icecast2</basedir><logdir>/tmp</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths><logging><errorlog>e.log</errorlog><accesslog>-</accesslog></logging><security><changeowner><user>nobody</user><group>nogroup</group></changeowner></security></icecast>`,
        ),
      ],
    }),
  ),
  daemon(
    "sniproxy",
    "sniproxy",
    [null, null],
    [
      tcp([...WEB, ...SILENT], ["SNI Proxy", "sniproxy"], null),
      hidden(tcp(["ssl", "tls", "https", ...SILENT], null, null, { at: 1, tls: true }), ["SNI Proxy"]),
    ],
    (place) =>
      shell(
        `exec sniproxy -f -c ${write(place, "c", `user root\npidfile ${place.directory}/pid\nlisten 127.0.0.1:${place.ports[0]} {\n proto http\n}\nlisten 127.0.0.1:${place.ports[1]} {\n proto tls\n}\ntable {\n a.test 127.0.0.1:9\n}\n`)}`,
      ),
  ),
  daemon(
    "pagekite",
    "pagekite",
    [8443],
    [tcp(WEB, ["PageKite", "pagekite"])],
    ({ ports: [p], directory }) =>
      shell(
        `exec /usr/bin/pagekite --clean --isfrontend --ports=${p} --protos=http --domain=http:lab.test:x --nullui`,
        { HOME: directory },
      ),
    OWN,
  ),
  daemon("sslh", "sslh", [null, null, null], [tcp(["ssh", ...WEB], ["OpenSSH", "nginx"])], (place) => [
    sshd(behind(place), "", "ed25519"),
    nginx(behind(behind(place)), "", FILES),
    shell(
      `exec /usr/sbin/sslh -f -u nobody -n -p 127.0.0.1:${place.ports[0]} --ssh 127.0.0.1:${place.ports[1]} --http 127.0.0.1:${place.ports[2]}`,
    ),
  ]),
  daemon("h2o", "h2o", [null], [tcp(WEB, "h2o", "package")], (place) =>
    h2o(place, "", "", "file.dir: /var/www/html"),
  ),
  daemon("caddy", "caddy", [null], [tcp(WEB, "Caddy", null)], ({ ports, directory }) => ({
    argv: ["/usr/bin/caddy", "file-server", "--listen", `127.0.0.1:${ports[0]}`, "--root", "/usr/share/doc"],
    env: { HOME: directory },
  })),
  daemon("mini-httpd", "mini-httpd", [null], [tcp(WEB, "mini_httpd", "package")], ({ ports, directory }) => ({
    argv: [
      "/usr/sbin/mini_httpd",
      "-D",
      "-p",
      `${ports[0]}`,
      "-h",
      "127.0.0.1",
      "-d",
      directory,
      "-u",
      "root",
    ],
  })),
  daemon("busybox httpd", "busybox", [null], [tcp(WEB, ["BusyBox httpd"], null)], ({ ports, directory }) => ({
    argv: ["/bin/busybox", "httpd", "-f", "-p", `127.0.0.1:${ports[0]}`, "-h", directory],
  })),
  daemon("civetweb", "civetweb", [null], [tcp(WEB, ["CivetWeb"], null)], ({ ports, directory }) => ({
    argv: ["/usr/bin/civetweb", "-listening_ports", `127.0.0.1:${ports[0]}`, "-document_root", directory],
  })),
  daemon("nghttpx", "nghttp2-proxy", [null], [tcp(WEB, "nghttpx", null)], ({ ports }) => ({
    argv: ["/usr/sbin/nghttpx", `-f127.0.0.1,${ports[0]};no-tls`, "-b127.0.0.1,9", "--conf=/dev/null"],
  })),
  daemon("jetty", "jetty9", [null], [tcp(WEB, ["Jetty", "Eclipse Jetty"], "package")], jetty),
  daemon("privoxy", "privoxy", [8118], [tcp(WEB, ["Privoxy http proxy", "Privoxy"], null)], (place) => ({
    argv: [
      "/usr/sbin/privoxy",
      "--no-daemon",
      write(
        place,
        "config",
        `confdir /etc/privoxy\nlogdir ${place.directory}\nlisten-address 127.0.0.1:${place.ports[0]}\n`,
      ),
    ],
  })),
  daemon(
    "varnish",
    "varnish",
    [6081, null],
    [
      tcp(WEB, VARNISH, null),
      tcp(["varnish-cli", "varnish"], ["Varnish Cache CLI", "Varnish"], null, { at: 1 }),
    ],
    (place) => varnish(place, "", `-T 127.0.0.1:${place.ports[1]}`),
  ),
];
