import { type Daemon, write } from "../../daemon.ts";
import { daemon, hidden, shell, tcp } from "./entry.ts";

const WEB = ["http", "http-proxy"] as const;

/** Web servers and what runs inside them. */
export const webDaemons: Daemon[] = [
  daemon("h2o", "h2o", [null], [tcp(WEB, "h2o", "package")], (place) => ({
    argv: [
      "/usr/bin/h2o",
      "-c",
      write(
        place,
        "h2o.conf",
        `listen:
  host: 127.0.0.1
  port: ${place.ports[0]}
user: root
hosts:
  default:
    paths:
      /:
        file.dir: /var/www/html
`,
      ),
    ],
  })),
  daemon("caddy", "caddy", [null], [tcp(WEB, "Caddy", null)], ({ ports, directory }) => ({
    argv: ["/usr/bin/caddy", "file-server", "--listen", `127.0.0.1:${ports[0]}`, "--root", "/usr/share/doc"],
    env: { HOME: directory },
  })),
  daemon("webfs", "webfs", [null], [tcp(WEB, ["webfs", "webfsd"], "package")], ({ ports, directory }) => ({
    argv: ["/usr/bin/webfsd", "-F", "-p", `${ports[0]}`, "-i", "127.0.0.1", "-r", directory],
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
  daemon(
    "php -S",
    "php8.2-cli",
    [null],
    [tcp(WEB, ["PHP cli server", "PHP built-in web server", "PHP"], "package")],
    (place) => {
      write(place, "index.php", "<?php echo 'hello';\n");
      return { argv: ["/usr/bin/php", "-S", `127.0.0.1:${place.ports[0]}`, "-t", place.directory] };
    },
  ),
  daemon("node", "nodejs", [3000], [hidden(tcp(WEB, null), ["Node.js"])], ({ ports }) => ({
    argv: [
      "/usr/bin/node",
      "-e",
      `require("http").createServer((q,r)=>r.end("hello")).listen(${ports[0]},"127.0.0.1")`,
    ],
  })),
  daemon("gunicorn", "gunicorn", [null], [tcp(WEB, "Gunicorn", null)], (place) => {
    write(place, "app.py", PYTHON_APP);
    return {
      argv: ["/usr/bin/gunicorn", "-b", `127.0.0.1:${place.ports[0]}`, "--worker-tmp-dir", "/tmp", "app:app"],
    };
  }),
  daemon("uvicorn", "uvicorn", [null], [tcp(WEB, "Uvicorn", null)], (place) => {
    write(
      place,
      "app.py",
      `async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hi"})
`,
    );
    return { argv: ["/usr/bin/uvicorn", "--lifespan", "off", "--port", `${place.ports[0]}`, "app:app"] };
  }),
  daemon(
    "werkzeug",
    "python3-werkzeug",
    [5000],
    [tcp(WEB, ["Werkzeug httpd", "Werkzeug"], "package")],
    (place) => {
      write(
        place,
        "app.py",
        `${PYTHON_APP}from werkzeug.serving import run_simple\nrun_simple("127.0.0.1", ${place.ports[0]}, app)\n`,
      );
      return { argv: ["/usr/bin/python3", `${place.directory}/app.py`] };
    },
  ),
  daemon(
    "webrick",
    "ruby-webrick",
    [null],
    [tcp(WEB, ["WEBrick httpd", "WEBrick"], "package")],
    ({ ports, directory }) => ({
      argv: ["/usr/bin/ruby", "-run", "-e", "httpd", "--", directory, "-p", `${ports[0]}`, "-b", "127.0.0.1"],
    }),
  ),
  daemon("puma", "puma", [null], [hidden(tcp(WEB, null), ["Puma"])], (place) => ({
    argv: ["/usr/bin/puma", "-b", `tcp://127.0.0.1:${place.ports[0]}`, write(place, "config.ru", RACK_APP)],
    env: { HOME: place.directory },
  })),
  daemon("thin", "thin", [null], [tcp(WEB, ["Thin httpd", "Thin"], null)], (place) => ({
    argv: [
      "/usr/bin/thin",
      "-a",
      "127.0.0.1",
      "-p",
      `${place.ports[0]}`,
      "-R",
      write(place, "config.ru", RACK_APP),
      "start",
    ],
  })),
  daemon("unicorn", "unicorn", [null], [hidden(tcp(WEB, null), ["Unicorn"])], (place) => ({
    argv: ["/usr/bin/unicorn", "-l", `127.0.0.1:${place.ports[0]}`, write(place, "config.ru", RACK_APP)],
  })),
  daemon("uwsgi", "uwsgi-core", [null], [hidden(tcp(WEB, null), ["uWSGI"])], (place) => {
    write(place, "app.py", PYTHON_APP.replace("def app", "def application"));
    return {
      argv: [
        "/usr/bin/uwsgi",
        "--plugin",
        "http",
        "--plugin",
        "python3",
        "--http",
        `127.0.0.1:${place.ports[0]}`,
        "--wsgi-file",
        `${place.directory}/app.py`,
        "--need-app",
      ],
    };
  }),
  daemon(
    "twisted web",
    "python3-twisted",
    [null],
    [tcp(WEB, ["TwistedWeb httpd", "TwistedWeb", "Twisted Web"], "package")],
    ({ ports, directory }) => ({
      argv: [
        "/usr/bin/twist3",
        "web",
        "--listen",
        `tcp:${ports[0]}:interface=127.0.0.1`,
        "--path",
        directory,
      ],
    }),
  ),
  daemon(
    "busybox httpd",
    "busybox",
    [null],
    [hidden(tcp(WEB, null), ["BusyBox httpd"])],
    ({ ports, directory }) => ({
      argv: ["/bin/busybox", "httpd", "-f", "-p", `127.0.0.1:${ports[0]}`, "-h", directory],
    }),
  ),
  daemon("starman", "starman", [null], [hidden(tcp(WEB, null), ["Starman"])], (place) => ({
    argv: [
      "/usr/bin/starman",
      "--listen",
      `127.0.0.1:${place.ports[0]}`,
      "--workers",
      "1",
      write(place, "app.psgi", "sub { [200, ['Content-Type'=>'text/plain'], ['hi']] }\n"),
    ],
  })),
  daemon("civetweb", "civetweb", [null], [hidden(tcp(WEB, null), ["CivetWeb"])], ({ ports, directory }) => ({
    argv: ["/usr/bin/civetweb", "-listening_ports", `127.0.0.1:${ports[0]}`, "-document_root", directory],
  })),
  daemon("nghttpx", "nghttp2-proxy", [null], [tcp(WEB, "nghttpx", null)], ({ ports }) => ({
    argv: ["/usr/sbin/nghttpx", `-f127.0.0.1,${ports[0]};no-tls`, "-b127.0.0.1,9", "--conf=/dev/null"],
  })),
  daemon("tomcat", "tomcat10", [8081], [tcp(WEB, ["Apache Tomcat"], "package")], (place) =>
    shell(`mkdir -p conf webapps temp logs work
cat > conf/server.xml <<X
<Server port="-1"><Service name="Catalina"><Connector port="${place.ports[0]}" address="127.0.0.1"/>
<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine></Service></Server>
X
cp /etc/tomcat10/web.xml conf/ 2>/dev/null || cp /usr/share/tomcat10/etc/web.xml conf/
export CATALINA_BASE=$PWD CATALINA_HOME=/usr/share/tomcat10 JAVA_HOME=$(dirname $(dirname $(readlink -f /usr/bin/java)))
exec sh /usr/share/tomcat10/bin/catalina.sh run`),
  ),
  daemon("jetty", "jetty9", [null], [tcp(WEB, ["Jetty", "Eclipse Jetty"], "package")], (place) =>
    shell(`mkdir -p webapps
export JETTY_HOME=/usr/share/jetty9
exec java -Djetty.home=/usr/share/jetty9 -Djetty.base=$PWD -jar /usr/share/jetty9/start.jar --module=http,deploy jetty.http.host=127.0.0.1 jetty.http.port=${place.ports[0]} --approve-all-licenses`),
  ),
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
      tcp(WEB, ["Varnish http accelerator", "Varnish", "Varnish Cache"], null),
      tcp(["varnish-cli", "varnish"], ["Varnish Cache CLI", "Varnish"], null, { at: 1 }),
    ],
    ({ ports, directory }) => ({
      argv: [
        "/usr/sbin/varnishd",
        "-F",
        "-j",
        "none",
        "-a",
        `127.0.0.1:${ports[0]}`,
        "-T",
        `127.0.0.1:${ports[1]}`,
        "-b",
        "127.0.0.1:9",
        "-n",
        `${directory}/v`,
      ],
    }),
  ),
  daemon(
    "hitch",
    "webfs",
    [null, null],
    [tcp([...WEB, "https"], ["webfs", "webfsd"], "package", { tls: true })],
    (place) =>
      shell(`cat ${place.privateKey} ${place.certificate} > both.pem
/usr/bin/webfsd -F -p ${place.ports[1]} -i 127.0.0.1 -r $PWD &
exec /usr/sbin/hitch --user=nobody --frontend='[127.0.0.1]:${place.ports[0]}' --backend='[127.0.0.1]:${place.ports[1]}' both.pem`),
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
      tcp(["deluge", "deluge-rpc", "ssl"], ["Deluge"], null, { tls: true }),
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
    shell(`mkdir -p tmp spool cache state
cat > cupsd.conf <<X
Listen 127.0.0.1:${place.ports[0]}
WebInterface Yes
X
cat > cups-files.conf <<X
ServerRoot $PWD
RequestRoot $PWD/spool
TempDir $PWD/tmp
CacheDir $PWD/cache
StateDir $PWD/state
AccessLog stderr
ErrorLog stderr
PageLog stderr
X
exec /usr/sbin/cupsd -f -c $PWD/cupsd.conf -s $PWD/cups-files.conf`),
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

const PYTHON_APP = `def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
`;
const RACK_APP = `run lambda { |env| [200, {"Content-Type" => "text/plain"}, ["hello"]] }\n`;
