import { type Daemon, EXTRACTED, write } from "../../daemon.ts";
import { asNobody } from "../servers/languages.ts";
import { cups } from "../servers/network.ts";
import { daemon, HOME, hidden, OWN, shell, TLS, tcp, withRun } from "./entry.ts";
import { GO, HTTPS, SILENT, WEB } from "./products.ts";

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
  daemon(
    "goaccess",
    "goaccess",
    [7890],
    [hidden(tcp([...WEB, "websocket"], null), ["GoAccess"])],
    ({ ports: [p] }) =>
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
    "strelaysrv",
    "syncthing-relaysrv",
    [22067, 22070],
    [
      hidden(tcp(["syncthing-relay", "bep-relay", "ssl"], null, null, TLS), [
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
    "minidlna",
    "minidlna",
    [8200],
    [tcp(["upnp", "http"], ["MiniDLNA"], "package")],
    (place) =>
      shell(`mkdir -p media db
cat > m.conf <<X
media_dir=$PWD/media
db_dir=$PWD/db
log_dir=$PWD
port=${place.ports[0]}
network_interface=lo
X
exec /usr/sbin/minidlnad -S -f $PWD/m.conf -P $PWD/pid`),
    OWN,
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
    "servefile",
    "servefile",
    [null],
    [tcp(WEB, ["servefile"], null)],
    ({ ports, directory }) => shell(`exec servefile -p ${ports[0]} -l ${directory}`, HOME),
    OWN,
  ),
  daemon(
    "droopy",
    "droopy",
    [null],
    [tcp(WEB, ["Droopy", "BaseHTTPServer"])],
    ({ ports }) => shell(`exec droopy -d $PWD ${ports[0]}`, HOME),
    OWN,
  ),
  daemon(
    "dms",
    "anacrolix-dms",
    [1338],
    [tcp([...WEB, "upnp"], ["dms", "anacrolix dms", "DMS"], null)],
    ({ ports, directory }) =>
      shell(`exec dms -path ${directory} -http 127.0.0.1:${ports[0]} -ifname lo`, HOME),
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
  daemon("supysonic", "supysonic", [5722], [tcp(WEB, ["Supysonic", "gevent", "Flask"], null)], ({ ports }) =>
    shell(
      `printf '[base]\\ndatabase_uri = sqlite:///%s/s.db\\n[webapp]\\ncache_dir=%s\\n' $PWD $PWD > .supysonic
exec supysonic-server -h 127.0.0.1 -p ${ports[0]}`,
      { HOME: "." },
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
    "pebble",
    "pebble",
    [14000, 15000],
    [
      tcp([...HTTPS, "acme"], ["Pebble", ...GO], null, { tls: true, productHidden: true }),
      hidden(tcp(HTTPS, null, null, { at: 1, tls: true }), ["Pebble", ...GO]),
    ],
    (place) =>
      shell(
        `exec pebble -config ${write(place, "p.json", JSON.stringify({ pebble: { listenAddress: `127.0.0.1:${place.ports[0]}`, managementListenAddress: `127.0.0.1:${place.ports[1]}`, certificate: place.certificate, privateKey: place.privateKey, httpPort: 5002, tlsPort: 5001 } }))}`,
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
  daemon(
    "moosefs cgi",
    "moosefs-cgiserv",
    [9425],
    [tcp(WEB, ["MooseFS CGI Monitor", "MooseFS", "MFS CGI server", "MooseFS CGI Server"], null)],
    ({ ports }) => shell(`exec mfscgiserv -H 127.0.0.1 -P ${ports[0]} -f`),
  ),
  daemon(
    "yubiserver",
    "yubiserver",
    [8000],
    [tcp(WEB, ["yubiserver"], null)],
    ({ ports }) => shell(`yubiserver -p ${ports[0]} -d $PWD/y.db -l $PWD/log\nexec sleep 1000000`),
    OWN,
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
  daemon("tang", "tang", [null], [hidden(tcp(WEB, null), ["Tang"])], ({ ports: [p] }) =>
    shell(
      `mkdir k\nexec socat TCP-LISTEN:${p},bind=127.0.0.1,reuseaddr,fork EXEC:"/usr/libexec/tangd $PWD/k"`,
    ),
  ),
  daemon("monerod", "monero", [18081, null], [tcp(WEB, ["Monero", "monerod"])], ({ ports: [r, pp] }) =>
    shell(
      `exec /usr/bin/monerod --non-interactive --offline --data-dir $PWD --rpc-bind-ip 127.0.0.1 --rpc-bind-port ${r} --p2p-bind-ip 127.0.0.1 --p2p-bind-port ${pp} --no-zmq --no-igd`,
    ),
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
    [hidden(tcp(HTTPS, null, null, TLS), ["ocserv", "OpenConnect VPN server"])],
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
  daemon("mopidy", "mopidy", [null], [tcp(WEB, ["Mopidy", "Tornado httpd"])], ({ ports: [p] }) =>
    shell(
      `exec mopidy -o http/hostname=127.0.0.1 -o http/port=${p} -o http/zeroconf= -o core/data_dir=$PWD/d -o core/cache_dir=$PWD/c -o core/config_dir=$PWD/f`,
      HOME,
    ),
  ),
  daemon(
    "vlc http",
    "vlc-bin",
    [null],
    [tcp(WEB, ["VLC media player http interface", "VLC media player", "VLC"])],
    ({ ports: [p] }) =>
      asNobody(`exec /usr/bin/cvlc -I http --http-host 127.0.0.1 --http-port ${p} --http-password x`),
  ),
  daemon(
    "orthanc",
    "orthanc",
    [null, 4242],
    [
      tcp(WEB, ["Orthanc"], "package"),
      hidden(tcp(["dicom", "acr-nema"], null, null, { at: 1 }), ["Orthanc", "DCMTK"]),
    ],
    ({ ports: [p, q] }) =>
      shell(
        `echo '{"HttpPort":${p},"DicomPort":${q},"StorageDirectory":"d","IndexDirectory":"d","RemoteAccessAllowed":true,"AuthenticationEnabled":false}' > o.json\nexec Orthanc o.json`,
      ),
    OWN,
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
  daemon(
    "syncthing",
    "syncthing",
    [8384, 22000],
    [
      tcp(WEB, ["Syncthing"], "package"),
      tcp(["syncthing", "ssl"], ["Syncthing"], null, { at: 1, tls: true }),
    ],
    (place) =>
      shell(
        `/usr/bin/syncthing generate --home=$PWD/home --no-default-folder
sed -i 's#<listenAddress>.*</listenAddress>#<listenAddress>tcp://127.0.0.1:${place.ports[1]}</listenAddress>#; s#<globalAnnounceEnabled>true#<globalAnnounceEnabled>false#; s#<localAnnounceEnabled>true#<localAnnounceEnabled>false#' home/config.xml
exec /usr/bin/syncthing serve --no-browser --home=$PWD/home --gui-address=127.0.0.1:${place.ports[0]} --no-upgrade`,
        { HOME: place.directory, STNOUPGRADE: "1" },
      ),
  ),
  daemon("docker-registry", "docker-registry", [5001], [tcp(WEB, ["Docker Registry"], null)], (place) => ({
    argv: [
      "/usr/bin/docker-registry",
      "serve",
      write(
        place,
        "config.yml",
        `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${place.directory}\nhttp:\n  addr: 127.0.0.1:${place.ports[0]}\n`,
      ),
    ],
  })),
  daemon(
    "transmission",
    "transmission-daemon",
    [9091, null],
    [tcp(WEB, ["Transmission", "Transmission BitTorrent management httpd"], null)],
    ({ ports, directory }) => ({
      argv: [
        "/usr/bin/transmission-daemon",
        "-f",
        "-g",
        directory,
        "-p",
        `${ports[0]}`,
        "-P",
        `${ports[1]}`,
        "-r",
        "127.0.0.1",
        "-i",
        "127.0.0.1",
        "-M",
        "-O",
        "-T",
      ],
    }),
  ),
  daemon(
    "aria2",
    "aria2",
    [6800],
    [tcp(WEB, ["aria2", "aria2 downloader"], null)],
    ({ ports, directory }) => ({
      argv: [
        "/usr/bin/aria2c",
        "--enable-rpc",
        `--rpc-listen-port=${ports[0]}`,
        `--dir=${directory}`,
        "--enable-dht=false",
        "--no-conf",
      ],
    }),
  ),
  daemon(
    "deluge",
    "deluged",
    [58846, 8112],
    [
      tcp(["deluge", "deluge-rpc", "ssl"], ["Deluge"], null, TLS),
      tcp(WEB, ["Deluge Web UI", "Deluge", "TwistedWeb httpd", "Deluge WebUI"], null, { at: 1 }),
    ],
    ({ ports, directory }) => [
      {
        argv: ["/usr/bin/deluged", "-d", "-c", `${directory}/d`, "-p", `${ports[0]}`, "-u", "127.0.0.1"],
        env: { HOME: directory },
      },
      {
        argv: ["/usr/bin/deluge-web", "-d", "-c", `${directory}/w`, "-p", `${ports[1]}`, "-i", "127.0.0.1"],
        env: { HOME: directory },
      },
    ],
  ),
  daemon(
    "qbittorrent",
    "qbittorrent-nox",
    [null],
    [tcp(WEB, ["qBittorrent", "qBittorrent Web UI"], null)],
    (place) => {
      return shell(
        `mkdir -p .config/qBittorrent
printf '[LegalNotice]\\nAccepted=true\\n[Preferences]\\nWebUI\\\\Port=${place.ports[0]}\\nWebUI\\\\Address=127.0.0.1\\n' > .config/qBittorrent/qBittorrent.conf
exec /usr/bin/qbittorrent-nox`,
        { HOME: place.directory },
      );
    },
  ),
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
  daemon(
    "hgweb",
    "mercurial",
    [null],
    [tcp(WEB, ["Mercurial", "Mercurial hgweb", "Python http.server", "BaseHTTPServer"], null)],
    ({ ports }) =>
      shell(
        `/usr/bin/hg init repo
exec /usr/bin/hg serve -R repo -a 127.0.0.1 -p ${ports[0]}`,
        { HGPORT: "1", HOME: "/root" },
      ),
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
