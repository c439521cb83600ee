import { type Daemon, EXTRACTED, write } from "../../daemon.ts";
import { flask, gunicorn, lighttpdWith, SQUID, squidOf, TOMCAT } from "./closed-web.ts";
import { daemon, HOME, hidden, shell, TLS, tcp } from "./entry.ts";
import { behind } from "./fronts.ts";
import { lighttpd, python3, renamedNginx } from "./impostors.ts";
import { tomcat, WEB } from "./servers.ts";
import { joined } from "./states.ts";
import { SIMPLE } from "./variants-programs.ts";
import { VARNISH } from "./variants-proxies.ts";

/** Proxies and servers inside of languages as their operators close them, once more. */
export const closedFronts: Daemon[] = [
  daemon("squid says little", "squid", [null], [tcp(WEB, SQUID)], (place) =>
    squidOf(
      place,
      `http_port 127.0.0.1:${place.ports[0]}`,
      "http_access deny all\nvia off\nforwarded_for delete\nhttpd_suppress_version_string on",
    ),
  ),
  daemon("squid by TLS", "squid-openssl", [null], [tcp(WEB, SQUID, "package", TLS)], (place) =>
    squidOf(
      place,
      `https_port 127.0.0.1:${place.ports[0]} tls-cert=${joined(place)}`,
      "http_access allow all",
      `${EXTRACTED}/squid-openssl/usr/sbin/squid`,
    ),
  ),
  daemon(
    "varnish without Via before lighttpd",
    "varnish",
    [null, null],
    [tcp(WEB, VARNISH, null, { behind: ["lighttpd"] })],
    (place) => [
      shell(`cat > v.vcl <<'X'
vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "${place.ports[1]}"; }
sub vcl_deliver { unset resp.http.Via; }
X
exec /usr/sbin/varnishd -F -j none -a 127.0.0.1:${place.ports[0]} -f $PWD/v.vcl -n $PWD/v`),
      lighttpdWith(behind(place), ""),
    ],
  ),
  daemon("tomcat by TLS", "tomcat10", [null], [tcp(WEB, TOMCAT, "package", TLS)], (place) =>
    tomcat(
      place,
      ` SSLEnabled="true" scheme="https" secure="true"><SSLHostConfig><Certificate certificateFile="${place.certificate}" certificateKeyFile="${place.privateKey}"/></SSLHostConfig></Connector><Connector port="0" address="127.0.0.1"`,
    ),
  ),
  daemon(
    "lighttpd nameless with its own pages",
    "lighttpd",
    [null],
    [hidden(tcp(WEB, null), "lighttpd")],
    (place) => lighttpd({ ...place }, `"\nserver.errorfile-prefix = "${place.directory}/e`),
  ),
  daemon("python by TLS", "python3", [null], [tcp(WEB, SIMPLE, "0.6", TLS)], (place) =>
    python3(
      place,
      `import http.server, ssl
s = http.server.ThreadingHTTPServer(("127.0.0.1", ${place.ports[0]}), http.server.SimpleHTTPRequestHandler)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain("${place.certificate}", "${place.privateKey}")
s.socket = c.wrap_socket(s.socket, server_side=True, do_handshake_on_connect=False)
s.serve_forever()`,
    ),
  ),
  daemon("gunicorn by TLS", "gunicorn", [null], [tcp(WEB, ["Gunicorn", "gunicorn"], null, TLS)], (place) =>
    gunicorn(place, `--certfile ${place.certificate} --keyfile ${place.privateKey}`),
  ),
  daemon(
    "werkzeug by TLS",
    "python3-werkzeug",
    [null],
    [tcp(WEB, ["Werkzeug httpd", "Werkzeug"], "package", TLS)],
    (place) =>
      python3(
        place,
        `${flask}app.run(host="127.0.0.1", port=${place.ports[0]}, ssl_context=("${place.certificate}", "${place.privateKey}"))`,
      ),
  ),
  daemon(
    "caddy by one name only",
    "caddy",
    [null],
    [
      hidden(tcp([...WEB, "ssl", "https", "unknown"], null, null, TLS), [
        "Caddy",
        "Caddy httpd",
        "Golang net/http server",
      ]),
    ],
    (place) => ({
      argv: [
        "/usr/bin/caddy",
        "run",
        "--adapter",
        "caddyfile",
        "--config",
        write(
          place,
          "Caddyfile",
          `{\n admin off\n auto_https disable_redirects\n skip_install_trust\n}\nhttps://intern.example.org:${place.ports[0]} {\n bind 127.0.0.1\n tls internal\n respond "x"\n}\n`,
        ),
      ],
      env: { HOME: place.directory },
    }),
  ),
  daemon(
    "php -S in socat's TLS",
    "php8.2-cli",
    [null, null],
    [tcp(WEB, ["PHP cli server", "PHP", "PHP built-in web server"], "package", TLS)],
    (place) => [
      shell(
        `exec socat OPENSSL-LISTEN:${place.ports[0]},bind=127.0.0.1,reuseaddr,fork,cert=${joined(place)},verify=0 TCP:127.0.0.1:${place.ports[1]}`,
      ),
      shell(`mkdir w; echo '<?php echo "hi";' > w/index.php; exec php -S 127.0.0.1:${place.ports[1]} -t w`),
    ],
  ),
  daemon(
    "webrick by TLS",
    "ruby-webrick",
    [null],
    [tcp(WEB, ["WEBrick httpd", "WEBrick"], "package", TLS)],
    (place) =>
      shell(
        `exec ruby -rwebrick/https -e 'WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ${place.ports[0]}, DocumentRoot: "/var/www/html", SSLEnable: true, SSLCertificate: OpenSSL::X509::Certificate.new(File.read("${place.certificate}")), SSLPrivateKey: OpenSSL::PKey::RSA.new(File.read("${place.privateKey}"))).start'`,
      ),
  ),
  daemon(
    "tinyproxy keeps us out",
    "tinyproxy",
    [null],
    [tcp(WEB, ["Tinyproxy", "tinyproxy"], "package")],
    (place) =>
      shell(
        `exec tinyproxy -d -c ${write(place, "t.conf", `Port ${place.ports[0]}\nListen 127.0.0.1\nAllow 10.9.8.7\nTimeout 60\n`)}`,
      ),
  ),
  daemon(
    "h2o as nginx by TLS",
    "h2o",
    [null],
    [tcp(WEB, "H2O", null, { tls: true, spoof: ["nginx"] })],
    (place) =>
      shell(
        `exec h2o -c ${write(place, "h.conf", `server-name: "nginx/1.18.0"\nuser: root\nerror-log: /dev/stderr\nhosts:\n  "*":\n    listen:\n      host: 127.0.0.1\n      port: ${place.ports[0]}\n      ssl:\n        certificate-file: ${place.certificate}\n        key-file: ${place.privateKey}\n    paths:\n      /:\n        file.dir: /var/www/html\n`)}`,
      ),
  ),
  daemon(
    "twisted web by TLS",
    "python3-twisted",
    [null],
    [tcp(WEB, ["TwistedWeb httpd", "Twisted Web", "TwistedWeb"], "package", TLS)],
    (place) =>
      shell(
        `exec twistd3 -n --pidfile= web --listen ssl:${place.ports[0]}:interface=127.0.0.1:privateKey=${place.privateKey}:certKey=${place.certificate} --path /var/www/html`,
        HOME,
      ),
  ),
  daemon(
    "openssl s_server -www",
    "openssl",
    [null],
    [tcp(WEB, ["OpenSSL s_server", "OpenSSL"], null, TLS)],
    (place) =>
      shell(
        `exec openssl s_server -accept 127.0.0.1:${place.ports[0]} -cert ${place.certificate} -key ${place.privateKey} -www -quiet`,
      ),
  ),
  daemon("cups by TLS", "cups-daemon", [null], [tcp(["ipp", ...WEB], ["CUPS"], "package", TLS)], (place) => {
    place.prepare([
      "sh",
      "-c",
      `mkdir -p s ssl sp c d; chown -R root:lp .; cat ${place.certificate} > ssl/lab.test.crt; cat ${place.privateKey} > ssl/lab.test.key; cp ssl/lab.test.crt ssl/localhost.crt; cp ssl/lab.test.key ssl/localhost.key`,
    ]);
    write(
      place,
      "cups-files.conf",
      `ServerRoot ${place.directory}\nRequestRoot ${place.directory}/sp\nCacheDir ${place.directory}/c\nStateDir ${place.directory}/s\nDataDir /usr/share/cups\nServerKeychain ${place.directory}/ssl\nAccessLog stderr\nErrorLog stderr\nPageLog stderr\nSandboxing relaxed\n`,
    );
    write(
      place,
      "cupsd.conf",
      `SSLListen 127.0.0.1:${place.ports[0]}\nServerName lab.test\nServerAlias *\nServerTokens Minor\nWebInterface no\nBrowsing Off\n<Location />\nOrder deny,allow\n</Location>\n`,
    );
    return shell(`exec cupsd -f -c $PWD/cupsd.conf -s $PWD/cups-files.conf`);
  }),
  daemon(
    "nginx rtmp",
    "libnginx-mod-rtmp",
    [1935, null],
    [
      hidden(tcp(["rtmp", "macromedia-fcs"], null), ["nginx", "nginx-rtmp"]),
      hidden(tcp(["rtmp"], null, null, { at: 1 }), ["nginx", "nginx-rtmp"]),
    ],
    (place) =>
      shell(`cat > n.conf <<X
load_module ${EXTRACTED}/libnginx-mod-rtmp/usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off; worker_processes 1; pid $PWD/n.pid; error_log stderr;
events { worker_connections 64; }
rtmp { server { listen 127.0.0.1:${place.ports[0]}; listen 127.0.0.1:${place.ports[1]}; application live { live on; } } }
X
exec /usr/sbin/nginx -p $PWD -c $PWD/n.conf -e stderr`),
  ),
  daemon(
    "nginx as lighttpd in haproxy's TLS",
    "nginx-light",
    [null, null],
    [tcp(WEB, "nginx", null, { tls: true, spoof: ["lighttpd"] })],
    (place) => [
      {
        argv: [
          "/usr/sbin/haproxy",
          "-db",
          "-f",
          write(
            place,
            "h.cfg",
            `defaults\n  mode tcp\n  timeout connect 1s\n  timeout client 30s\n  timeout server 30s\nlisten lab\n  bind 127.0.0.1:${place.ports[0]} ssl crt ${joined(place)}\n  server one 127.0.0.1:${place.ports[1]}\n`,
          ),
        ],
      },
      renamedNginx(behind(place), "lighttpd/1.4.69"),
    ],
  ),
  daemon(
    "prometheus by TLS and password",
    "prometheus",
    [null],
    [tcp(WEB, ["Prometheus", "Golang net/http server"], null, { tls: true, productHidden: true })],
    (place) => {
      write(
        place,
        "w.yml",
        `tls_server_config:\n  cert_file: ${place.certificate}\n  key_file: ${place.privateKey}\nbasic_auth_users:\n  a: $2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay\n`,
      );
      write(place, "p.yml", "global: {}\n");
      return shell(
        `exec prometheus --config.file=p.yml --web.config.file=w.yml --storage.tsdb.path=$PWD/d --web.listen-address=127.0.0.1:${place.ports[0]}`,
      );
    },
  ),
];
