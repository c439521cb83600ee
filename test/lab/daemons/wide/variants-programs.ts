import { type Daemon, write } from "../../daemon.ts";
import { daemon, hidden, shell, tcp } from "./entry.ts";
import { APACHE, IIS, python, python3 } from "./impostors.ts";
import { HTTPS, WEB } from "./servers.ts";

export const SIMPLE = ["SimpleHTTPServer", "BaseHTTPServer", "Python http.server"] as const;
const WSGI = `def app(environ, start_response):
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"nope"]
`;
const RACK = `run lambda { |env| [404, {"Content-Type" => "text/plain"}, ["nope"]] }\n`;
/** Servers inside of languages without their name or with a false one, and programs that are no server at all. */
export const variantPrograms: Daemon[] = [
  daemon(
    "gunicorn as nginx",
    "gunicorn",
    [null],
    [tcp(WEB, "Gunicorn", null, { spoof: ["nginx"] })],
    (place) => {
      write(place, "app.py", WSGI);
      const config = write(
        place,
        "conf.py",
        'import gunicorn.http.wsgi\ngunicorn.http.wsgi.SERVER = "nginx"\nworker_tmp_dir = "/tmp"\n',
      );
      return { argv: ["/usr/bin/gunicorn", "-c", config, "-b", `127.0.0.1:${place.ports[0]}`, "app:app"] };
    },
  ),
  daemon("uvicorn without Server", "uvicorn", [null], [hidden(tcp(WEB, null), "Uvicorn")], (place) => {
    write(
      place,
      "app.py",
      `async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 403, "headers": [(b"server", b"Apache")]})
    await send({"type": "http.response.body", "body": b"no"})
`,
    );
    return {
      argv: [
        "/usr/bin/uvicorn",
        "--lifespan",
        "off",
        "--no-server-header",
        "--no-date-header",
        "--port",
        `${place.ports[0]}`,
        "app:app",
      ],
    };
  }),
  daemon(
    "waitress as Apache",
    "python3-waitress",
    [null],
    [tcp(WEB, ["Waitress"], null, { spoof: APACHE })],
    (place) =>
      python3(
        place,
        `${WSGI}import waitress\nwaitress.serve(app, host="127.0.0.1", port=${place.ports[0]}, ident="Apache/2.4.41 (Ubuntu)")`,
      ),
  ),
  daemon(
    "waitress without ident",
    "python3-waitress",
    [null],
    [hidden(tcp(WEB, null), ["Waitress"])],
    (place) =>
      python3(
        place,
        `${WSGI}import waitress\nwaitress.serve(app, host="127.0.0.1", port=${place.ports[0]}, ident=None)`,
      ),
  ),
  daemon(
    "python as lighttpd",
    "python3",
    [null],
    [tcp(WEB, SIMPLE, null, { spoof: ["lighttpd"] })],
    (place) => python(place, "lighttpd/1.4.69", ""),
  ),
  daemon("python with a blank Server", "python3", [null], [tcp(WEB, SIMPLE)], (place) =>
    python(place, "", ""),
  ),
  daemon(
    "aiohttp as nginx",
    "python3-aiohttp",
    [null],
    [tcp(WEB, ["aiohttp"], null, { spoof: ["nginx"] })],
    (place) =>
      python3(
        place,
        `from aiohttp import web
async def hello(request): return web.Response(text="hi", headers={"Server": "nginx/1.18.0 (Ubuntu)"})
app = web.Application()
app.router.add_get("/", hello)
web.run_app(app, host="127.0.0.1", port=${place.ports[0]}, print=None)`,
      ),
  ),
  daemon(
    "tornado without Server",
    "python3-tornado",
    [null],
    [hidden(tcp(WEB, null), ["Tornado", "Tornado httpd", "TornadoServer"])],
    (place) =>
      python3(
        place,
        `import tornado.ioloop, tornado.web
class Home(tornado.web.RequestHandler):
    def set_default_headers(self): self.clear_header("Server")
    def get(self): self.write("hi")
class Missing(tornado.web.ErrorHandler):
    def set_default_headers(self): self.clear_header("Server")
tornado.web.Application([("/", Home)], default_handler_class=Missing, default_handler_args={"status_code": 404}).listen(${place.ports[0]}, "127.0.0.1")
tornado.ioloop.IOLoop.current().start()`,
      ),
  ),
  daemon(
    "flask as IIS",
    "python3-werkzeug",
    [null],
    [tcp(WEB, ["Werkzeug httpd", "Werkzeug"], null, { spoof: IIS })],
    (place) =>
      python3(
        place,
        `from flask import Flask
from werkzeug.serving import WSGIRequestHandler
WSGIRequestHandler.version_string = lambda self: "Microsoft-IIS/10.0"
app = Flask("lab")
@app.route("/")
def home(): return "<h1>IIS Windows Server</h1>"
app.run("127.0.0.1", ${place.ports[0]})`,
      ),
  ),
  daemon(
    "twisted as nginx",
    "python3-twisted",
    [null],
    [tcp(WEB, ["TwistedWeb httpd", "TwistedWeb", "Twisted Web"], null, { spoof: ["nginx"] })],
    (place) =>
      python3(
        place,
        `from twisted.internet import reactor
from twisted.web import server, static
server.version = b"nginx/1.22.1"
reactor.listenTCP(${place.ports[0]}, server.Site(static.File("/var/www/html")), interface="127.0.0.1")
reactor.run()`,
      ),
  ),
  daemon(
    "webrick as Apache",
    "ruby-webrick",
    [null],
    [tcp(WEB, ["WEBrick httpd", "WEBrick"], null, { spoof: APACHE })],
    (place) => ({
      argv: [
        "/usr/bin/ruby",
        write(
          place,
          "s.rb",
          `require "webrick"\nWEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ${place.ports[0]}, DocumentRoot: "/var/www/html", ServerSoftware: "Apache/2.2.15 (CentOS)").start\n`,
        ),
      ],
    }),
  ),
  daemon("puma in tls", "puma", [null], [hidden(tcp(HTTPS, null, null, { tls: true }), "Puma")], (place) => ({
    argv: [
      "/usr/bin/puma",
      "-b",
      `ssl://127.0.0.1:${place.ports[0]}?key=${place.privateKey}&cert=${place.certificate}`,
      write(place, "config.ru", RACK),
    ],
    env: { HOME: place.directory },
  })),
  daemon(
    "thin as nginx",
    "thin",
    [null],
    [tcp(WEB, ["Thin httpd", "Thin"], null, { productHidden: true, spoof: ["nginx"] })],
    (place) => ({
      argv: [
        "/usr/bin/thin",
        "-a",
        "127.0.0.1",
        "-p",
        `${place.ports[0]}`,
        "-R",
        write(place, "config.ru", RACK.replace('"text/plain"', '"text/plain", "Server" => "nginx"')),
        "start",
      ],
    }),
  ),
  daemon(
    "php -S as nginx",
    "php8.2-cli",
    [null],
    [tcp(WEB, ["PHP cli server", "PHP built-in web server", "PHP"], null, { spoof: ["nginx"] })],
    (place) => {
      write(
        place,
        "index.php",
        '<?php header("Server: nginx/1.22.1"); http_response_code(403); echo "no";\n',
      );
      return {
        argv: [
          "/usr/bin/php",
          "-d",
          "expose_php=0",
          "-S",
          `127.0.0.1:${place.ports[0]}`,
          "-t",
          place.directory,
          `${place.directory}/index.php`,
        ],
      };
    },
  ),
  daemon(
    "HTTP::Daemon as Apache",
    "libhttp-daemon-perl",
    [null],
    [tcp(WEB, ["HTTP::Daemon", "Perl HTTP::Daemon", "libwww-perl-daemon"], null, { spoof: APACHE })],
    ({ ports }) => ({
      argv: [
        "/usr/bin/perl",
        "-MHTTP::Daemon",
        "-e",
        `package L; our @ISA = "HTTP::Daemon"; sub product_tokens { "Apache/2.4.57 (Debian)" } package main; my $d = L->new(LocalAddr => "127.0.0.1", LocalPort => ${ports[0]}, ReuseAddr => 1); while (my $c = $d->accept) { while (my $r = $c->get_request) { $c->send_error(403) } $c->close }`,
      ],
    }),
  ),
  daemon("fcgiwrap", "fcgiwrap", [null], [hidden(tcp("fastcgi", null), ["fcgiwrap"])], ({ ports }) =>
    shell(`exec /usr/sbin/fcgiwrap -s tcp:127.0.0.1:${ports[0]}`),
  ),
  daemon(
    "prometheus behind a password",
    "prometheus",
    [null],
    [tcp(HTTPS, ["Golang net/http server", "Prometheus"], null, { tls: true, productHidden: true })],
    (place) =>
      shell(`printf 'tls_server_config:\\n  cert_file: ${place.certificate}\\n  key_file: ${place.privateKey}\\nbasic_auth_users:\\n  a: $2y$10$abcdefghijklmnopqrstuuK1F7lFSn4Yz9yXJvGkz3jzQxXGQ8sC2\\n' > web.yml
echo 'global: {}' > p.yml
exec /usr/bin/prometheus --config.file=p.yml --storage.tsdb.path=$PWD/data --web.listen-address=127.0.0.1:${place.ports[0]} --web.config.file=web.yml`),
  ),
  daemon(
    "node-exporter behind a password",
    "prometheus-node-exporter",
    [null],
    [hidden(tcp(WEB, null), ["Golang net/http server", "Prometheus Node Exporter", "node_exporter"])],
    (place) =>
      shell(`printf 'basic_auth_users:\\n  a: $2y$10$abcdefghijklmnopqrstuuK1F7lFSn4Yz9yXJvGkz3jzQxXGQ8sC2\\n' > web.yml
exec /usr/bin/prometheus-node-exporter --web.listen-address=127.0.0.1:${place.ports[0]} --web.config.file=web.yml 2>&1 || exec /usr/bin/prometheus-node-exporter --web.listen-address=127.0.0.1:${place.ports[0]} --web.config=web.yml`),
  ),
];
