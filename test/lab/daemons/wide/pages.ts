import { type Daemon, write } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, tcp } from "./entry.ts";
import { HTTPS, nginx, WEB } from "./servers.ts";

const GO = ["Golang net/http server", "Go net/http"] as const;
const EXPORTER = ["http", "http-proxy"] as const;

/** Programs that are met by their pages: small web servers, proxies, consoles, exporters, caches. */
export const pageDaemons: Daemon[] = [
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
  daemon("didiwiki", "didiwiki", [8000], [tcp(WEB, ["DidiWiki"])], ({ ports }) =>
    shell(`exec didiwiki -l 127.0.0.1 -p ${ports[0]} -h $PWD`, HOME),
  ),
  daemon("eja", "eja", [null], [hidden(tcp(WEB, null), ["eja"])], ({ ports, directory }) =>
    shell(`exec eja --web --web-host 127.0.0.1 --web-port ${ports[0]} --web-path ${directory}`),
  ),
  daemon(
    "webhttrack",
    "webhttrack",
    [8080],
    [tcp(WEB, ["HTTrack", "httrack small server", "WebHTTrack", "HTTrack Website Copier"])],
    ({ ports }) => shell(`exec htsserver /usr/share/httrack/ --port ${ports[0]} path $HOME lang 1`, HOME),
    { needsOwnNetwork: true },
  ),
  daemon(
    "websocketd",
    "websocketd",
    [null],
    [tcp([...WEB, "websocket"], ["websocketd", ...GO])],
    ({ ports }) => shell(`exec websocketd --address=127.0.0.1 --port=${ports[0]} --devconsole cat`),
  ),
  daemon(
    "servefile",
    "servefile",
    [null],
    [tcp(WEB, ["servefile"], null)],
    ({ ports, directory }) => shell(`exec servefile -p ${ports[0]} -l ${directory}`, HOME),
    { needsOwnNetwork: true },
  ),
  daemon(
    "droopy",
    "droopy",
    [null],
    [tcp(WEB, ["Droopy", "BaseHTTPServer"])],
    ({ ports }) => shell(`exec droopy -d $PWD ${ports[0]}`, HOME),
    { needsOwnNetwork: true },
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
    [hidden(tcp([...WEB, "websocket"], null), ["libwebsockets"])],
    ({ ports }) => shell(`exec libwebsockets-test-server -p ${ports[0]} -i lo`, HOME),
    { needsOwnNetwork: true },
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
  daemon(
    "httpbin",
    "python3-httpbin",
    [null],
    [tcp(WEB, ["httpbin", "Werkzeug httpd", "Gunicorn"], null)],
    ({ ports }) => shell(`exec /usr/bin/python3 -m httpbin.core --host 127.0.0.1 --port ${ports[0]}`, HOME),
  ),
  daemon("ycmd", "ycmd", [null], [hidden(tcp(WEB, null), ["ycmd", "WSGIServer"])], ({ ports }) =>
    shell(
      `sed "s/\\"hmac_secret\\": *\\"\\"/\\"hmac_secret\\": \\"MTIzNDU2Nzg5MDEyMzQ1Ng==\\"/" $(find /usr -name default_settings.json -path '*ycmd*' | head -1) > o.json
exec /usr/bin/ycmd --host 127.0.0.1 --port ${ports[0]} --options_file o.json`,
      HOME,
    ),
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
    { needsOwnNetwork: true },
  ),
  daemon(
    "mongodb-exporter",
    "prometheus-mongodb-exporter",
    [9216],
    [
      tcp(
        EXPORTER,
        [
          "Prometheus MongoDB exporter",
          "MongoDB Exporter",
          "mongodb_exporter",
          "Prometheus mongodb_exporter",
        ],
        null,
      ),
    ],
    ({ ports }) => shell(`exec prometheus-mongodb-exporter --web.listen-address=127.0.0.1:${ports[0]}`),
  ),
  daemon(
    "nginx-exporter",
    "prometheus-nginx-exporter",
    [9113, null],
    [
      tcp(
        EXPORTER,
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
      nginx({ ...place, ports: place.ports.slice(1) }, "", "location / { stub_status; }"),
      shell(
        `exec prometheus-nginx-exporter -web.listen-address=127.0.0.1:${place.ports[0]} -nginx.retries 1000 -nginx.scrape-uri http://127.0.0.1:${place.ports[1]}/`,
      ),
    ],
  ),
  daemon(
    "libvirt-exporter",
    "prometheus-libvirt-exporter",
    [9177],
    [tcp(EXPORTER, ["Prometheus libvirt exporter", "Libvirt Exporter", "libvirt_exporter"], null)],
    ({ ports }) => shell(`exec prometheus-libvirt-exporter --web.listen-address=127.0.0.1:${ports[0]}`),
  ),
  daemon(
    "sql-exporter",
    "prometheus-sql-exporter",
    [null],
    [tcp(EXPORTER, ["Prometheus SQL exporter", "SQL Exporter", "sql_exporter"], null)],
    (place) =>
      shell(
        `exec prometheus-sql-exporter -web.listen-address 127.0.0.1:${place.ports[0]} -config.file ${write(place, "c.yml", "jobs: []\n")}`,
      ),
  ),
  daemon(
    "frr-exporter",
    "prometheus-frr-exporter",
    [9342],
    [tcp(EXPORTER, ["Prometheus FRR exporter", "FRR Exporter", "frr_exporter"], null)],
    ({ ports }) => shell(`exec prometheus-frr-exporter --web.listen-address=127.0.0.1:${ports[0]}`),
  ),
];
