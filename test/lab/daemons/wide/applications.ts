import { type Daemon, write } from "../../daemon.ts";
import { cups } from "../servers/network.ts";
import { daemon, HOME, hidden, OWN, shell, TLS, tcp, withRun } from "./entry.ts";
import { GO, HTTPS, SILENT, WEB, WERKZEUG } from "./products.ts";

/** Programs that are met by their pages. */
export const applications: Daemon[] = [
  daemon(
    "sks",
    "sks",
    [11371],
    [tcp([...WEB, "hkp", "pksd"], ["SKS", "SKS OpenPGP Key Server", "sks_www"], "package")],
    ({ ports }) =>
      shell(
        `mkdir -p KDB web var/log/sks log; exec sks db -basedir $PWD -hkp_port ${ports[0]} -hkp_address 127.0.0.1 -nodename lab.test`,
      ),
  ),
  daemon(
    "monitorix",
    "monitorix",
    [8080],
    [tcp(WEB, ["Monitorix", "Monitorix HTTP Server"], null)],
    ({ ports, directory }) =>
      shell(`cp /etc/monitorix/monitorix.conf m.conf; sed -i -E '/<httpd_builtin>/,/<\\/httpd_builtin>/{s/enabled *=.*/enabled = y/;s/host *=.*/host = 127.0.0.1/;s/port *=.*/port = ${ports[0]}/;s/user *=.*/user = nobody/;s/group *=.*/group = nogroup/;s#log_file *=.*#log_file = ${directory}/h.log#}; s#^base_lib *=.*#base_lib = ${directory}/#; s#^log_file *=.*#log_file = ${directory}/log#' m.conf
exec monitorix -c m.conf -n -p $PWD/pid`),
  ),
  daemon("hledger-web", "hledger-web", [null], [tcp(WEB, ["hledger-web", "Warp"])], ({ ports: [p] }) =>
    shell(`touch j\nexec hledger-web --serve -f j --host 127.0.0.1 --port ${p}`, {
      ...HOME,
      LANG: "C.UTF-8",
    }),
  ),
  daemon("webdis", "webdis", [7379, null], [tcp(WEB, ["Webdis"])], ({ ports: [p, q] }) => [
    shell(`exec redis-server --bind 127.0.0.1 --port ${q} --save ""`),
    shell(
      `echo '{"redis_host":"127.0.0.1","redis_port":${q},"http_host":"127.0.0.1","http_port":${p},"threads":1,"daemonize":false,"database":0,"pool_size":2,"logfile":"/dev/stdout"}' > w.json\nexec webdis w.json`,
    ),
  ]),
  daemon(
    "webhook",
    "webhook",
    [9000],
    [hidden(tcp(WEB, null), ["webhook", "Golang net/http server"])],
    ({ ports: [p] }) =>
      shell(`echo '[]' > h.json\nexec webhook -ip 127.0.0.1 -port ${p} -hooks h.json -verbose`),
  ),
  daemon("goaccess", "goaccess", [7890], [tcp([...WEB, "websocket"], ["GoAccess"], null)], ({ ports: [p] }) =>
    shell(
      `echo '127.0.0.1 - - [10/Oct/2023:13:55:36 +0000] "GET / HTTP/1.0" 200 2326 "-" "x"' > l\nexec goaccess l --log-format=COMBINED -o $PWD/o.html --real-time-html --addr=127.0.0.1 --port=${p}`,
    ),
  ),
  daemon(
    "yaz-ztest",
    "yaz",
    [null],
    [tcp([...WEB, "z39.50"], ["YAZ", "Index Data YAZ"], "package")],
    ({ ports: [p] }) => shell(`exec yaz-ztest tcp:127.0.0.1:${p}`),
  ),
  daemon(
    "victoria-metrics",
    "victoria-metrics",
    [null],
    [tcp(WEB, ["VictoriaMetrics", "Victoria Metrics"])],
    ({ ports: [p] }) => shell(`exec victoria-metrics -httpListenAddr=127.0.0.1:${p} -storageDataPath=$PWD/d`),
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
  daemon("didiwiki", "didiwiki", [8000], [tcp(WEB, ["DidiWiki"])], ({ ports }) =>
    shell(`exec didiwiki -l 127.0.0.1 -p ${ports[0]} -h $PWD`, HOME),
  ),
  daemon(
    "webhttrack",
    "webhttrack",
    [8080],
    [tcp(WEB, ["HTTrack", "httrack small server", "WebHTTrack", "HTTrack Website Copier"])],
    ({ ports }) => shell(`exec htsserver /usr/share/httrack/ --port ${ports[0]} path $HOME lang 1`, HOME),
    OWN,
  ),
  daemon(
    "calypso",
    "calypso",
    [5233],
    [tcp(WEB, ["Calypso", "BaseHTTPServer"], null)],
    ({ ports, directory }) =>
      shell(
        `printf '[server]\\nhost=127.0.0.1\\nport=${ports[0]}\\nssl=False\\n[storage]\\nfolder=${directory}/c\\n[acl]\\ntype=fake\\n' > c.conf; mkdir c
export CALYPSO_CONFIG=$PWD/c.conf
exec calypso -f`,
        HOME,
      ),
  ),
  daemon(
    "mapproxy",
    "mapproxy",
    [null],
    [tcp(WEB, ["MapProxy", "WSGIServer", "Werkzeug httpd"], null)],
    ({ ports }) =>
      shell(
        `mapproxy-util create -t base-config c >/dev/null
exec mapproxy-util serve-develop -b 127.0.0.1:${ports[0]} c/mapproxy.yaml`,
        HOME,
      ),
  ),
  daemon("ycmd", "ycmd", [null], [hidden(tcp(WEB, null), ["ycmd", "WSGIServer"])], ({ ports }) =>
    shell(
      `sed "s/\\"hmac_secret\\": *\\"\\"/\\"hmac_secret\\": \\"MTIzNDU2Nzg5MDEyMzQ1Ng==\\"/" $(find /usr -name default_settings.json -path '*ycmd*' | head -1) > o.json
exec /usr/bin/ycmd --host 127.0.0.1 --port ${ports[0]} --options_file o.json`,
      HOME,
    ),
  ),
  daemon(
    "etcd-discovery",
    "etcd-discovery",
    [8087],
    [hidden(tcp(WEB, null), ["etcd-discovery", ...GO])],
    ({ ports }) =>
      shell(
        `exec discovery.etcd.io -h 127.0.0.1:${ports[0]} -a 127.0.0.1:${ports[0]} -e http://127.0.0.1:9 || exec discovery.etcd.io --addr 127.0.0.1:${ports[0]}`,
      ),
  ),
  daemon("goiardi", "goiardi", [4545], [tcp(WEB, ["Goiardi", "Chef Server", ...GO], null)], ({ ports }) =>
    shell(`exec goiardi -A -H 127.0.0.1 -I 127.0.0.1 -P ${ports[0]}`, HOME),
  ),
  daemon("znc", "znc", [null], [tcp(WEB, ["ZNC", "ZNC IRC bouncer"], "package")], ({ ports: [port] }) =>
    shell(`mkdir -p z/configs
cat > z/configs/znc.conf <<X
Version = 1.8.2
LoadModule = webadmin
<Listener l>
  Port = ${port}
  IPv4 = true
  IPv6 = false
  SSL = false
</Listener>
<User a>
  Pass = plain#b
  Admin = true
</User>
X
chmod -R 777 .
exec setpriv --reuid=nobody --regid=nogroup --clear-groups /usr/bin/znc -f -d $PWD/z`),
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
  daemon(
    "supervisor",
    "supervisor",
    [9001],
    [tcp(WEB, ["Supervisor", "Supervisord", "Supervisor process manager"], "package")],
    ({ ports: [port] }) =>
      shell(`printf '[inet_http_server]\\nport=127.0.0.1:${port}\\n[supervisord]\\nlogfile=%s/log\\npidfile=%s/pid\\n[rpcinterface:supervisor]\\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\\n' $PWD $PWD > s.conf
exec /usr/bin/supervisord -n -c s.conf`),
  ),
  daemon("xandikos", "xandikos", [null], [tcp(WEB, ["Xandikos", "aiohttp"])], ({ ports: [port] }) =>
    shell(`exec /usr/bin/xandikos -d $PWD/dav --defaults -l 127.0.0.1 -p ${port}`),
  ),
  daemon("glances", "glances", [61208], [tcp(WEB, ["Glances", "WSGIServer"])], ({ ports: [port] }) =>
    shell(`exec /usr/bin/glances -w -B 127.0.0.1 -p ${port} --disable-check-update`, HOME),
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
    "stayrtr",
    "stayrtr",
    [323, null],
    [
      hidden(tcp(["rpki-rtr", ...SILENT], null), ["StayRTR", "stayrtr"]),
      tcp(WEB, ["StayRTR", "Golang net/http server"], null, { at: 1 }),
    ],
    (place) =>
      shell(
        `exec stayrtr -bind 127.0.0.1:${place.ports[0]} -metrics.addr 127.0.0.1:${place.ports[1]} -checktime=false -cache ${write(place, "v.json", '{"metadata":{},"roas":[{"prefix":"10.0.0.0/24","maxLength":24,"asn":"AS65000","ta":"x"}]}')}`,
      ),
  ),
  daemon(
    "canid",
    "canid",
    [8080],
    [hidden(tcp(WEB, null), ["canid", "Golang net/http server"])],
    ({ ports, directory }) => shell(`exec canid -port ${ports[0]} -file ${directory}/c.json`),
    OWN,
  ),
  daemon(
    "cockpit",
    "cockpit-ws",
    [9090],
    [tcp(WEB, ["Cockpit web service", "Cockpit"], null)],
    ({ ports }) => ({
      argv: ["/usr/lib/cockpit/cockpit-ws", "--no-tls", "--address", "127.0.0.1", "--port", `${ports[0]}`],
    }),
  ),
  daemon(
    "pcsd",
    "pcs",
    [2224],
    [tcp(HTTPS, ["Pacemaker pcsd", "pcsd", "PCS", "Tornado", "Tornado httpd", "TornadoServer"], null, TLS)],
    () =>
      withRun("mount -t tmpfs tmpfs /var/lib/pcsd; mount -t tmpfs tmpfs /var/log/pcsd; exec /usr/sbin/pcsd", {
        PCSD_BIND_ADDR: "127.0.0.1",
      }),
    OWN,
  ),
  daemon("trytond", "tryton-server", [8000], [tcp(WEB, [...WERKZEUG, "Tryton"])], (place) =>
    shell(
      `exec /usr/bin/trytond -c ${write(place, "t.conf", `[web]\nlisten = 127.0.0.1:${place.ports[0]}\n[database]\nuri = sqlite://\npath = ${place.directory}\n`)}`,
      { HOME: place.directory },
    ),
  ),
  daemon("radicale", "radicale", [5232], [tcp(WEB, ["Radicale"], null)], ({ ports, directory }) => ({
    argv: [
      "/usr/bin/radicale",
      "--server-hosts",
      `127.0.0.1:${ports[0]}`,
      "--storage-filesystem-folder",
      directory,
      "--auth-type",
      "none",
    ],
    env: { HOME: directory },
  })),
  daemon("radicale of its own realm", "radicale", [null], [tcp(WEB, ["Radicale"], null)], (place) => ({
    argv: [
      "/usr/bin/radicale",
      "--server-hosts",
      `127.0.0.1:${place.ports[0]}`,
      "--storage-filesystem-folder",
      place.directory,
      "--auth-type",
      "htpasswd",
      "--auth-htpasswd-filename",
      write(place, "users", "u:p\n"),
      "--auth-htpasswd-encryption",
      "plain",
      "--auth-realm",
      "Kalender",
    ],
    env: { HOME: place.directory },
  })),
  daemon("rspamd", "rspamd", [11334, null], [tcp(WEB, ["rspamd", "Rspamd"], "package")], (place) => ({
    argv: [
      "/usr/bin/rspamd",
      "-f",
      "-i",
      "-c",
      write(
        place,
        "rspamd.conf",
        `options { pidfile = "${place.directory}/pid"; filters = ""; dns { nameserver = ["127.0.0.1"]; } }
logging { type = "console"; level = "error"; }
worker "controller" { bind_socket = "127.0.0.1:${place.ports[0]}"; count = 1; }
`,
      ),
    ],
  })),
  daemon("monit", "monit", [2812], [tcp(WEB, ["Monit", "Monit httpd"], "package")], (place) =>
    shell(`cat > monitrc <<X
set daemon 60
set pidfile $PWD/pid
set statefile $PWD/state
set idfile $PWD/id
set httpd port ${place.ports[0]} and use address 127.0.0.1
  allow admin:monit
X
chmod 600 monitrc
exec /usr/bin/monit -I -c monitrc`),
  ),
  daemon("cups", "cups-daemon", [631], [tcp(["ipp", "http"], ["CUPS"], "2.4.2")], (place) =>
    cups(place, `Listen 127.0.0.1:${place.ports[0]}\nWebInterface Yes`),
  ),
  daemon(
    "kea-ctrl-agent",
    "kea-ctrl-agent",
    [null],
    [tcp(WEB, ["Kea", "Kea Control Agent", "ISC Kea"], null)],
    (place) => ({
      argv: [
        "/usr/sbin/kea-ctrl-agent",
        "-c",
        write(
          place,
          "kea.conf",
          `{"Control-agent":{"http-host":"127.0.0.1","http-port":${place.ports[0]}}}\n`,
        ),
      ],
      env: { KEA_PIDFILE_DIR: place.directory, KEA_LOCKFILE_DIR: "none" },
    }),
  ),
];
