import { type Daemon, write } from "../../daemon.ts";
import {
  FLASK_APP,
  gunicorn,
  node,
  nodeHttp,
  PYTHON_404,
  python,
  python3,
  RACK_APP,
} from "../servers/languages.ts";
import { socatTls } from "../servers/proxies.ts";
import { prometheus } from "../servers/web.ts";
import { daemon, HOME, hidden, shell, TLS, tcp } from "./entry.ts";
import { HTTPS, PYTHON, TWISTED_WEB, WEB, WEBRICK, WERKZEUG } from "./products.ts";

/** Users of what Prometheus and its exporters share. */
const PASSWORD = "basic_auth_users:\n  a: $2y$10$abcdefghijklmnopqrstuuK1F7lFSn4Yz9yXJvGkz3jzQxXGQ8sC2\n";

/** Servers inside of languages as their operators close them, and programs written in an afternoon. */
export const closedLanguages: Daemon[] = [
  daemon("python by TLS", "python3", [null], [tcp(WEB, PYTHON, "0.6", TLS)], (place) =>
    python3(`import http.server, ssl
s = http.server.ThreadingHTTPServer(("127.0.0.1", ${place.ports[0]}), http.server.SimpleHTTPRequestHandler)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain("${place.certificate}", "${place.privateKey}")
s.socket = c.wrap_socket(s.socket, server_side=True, do_handshake_on_connect=False)
s.serve_forever()`),
  ),
  daemon("python with a blank Server", "python3", [null], [tcp(WEB, PYTHON)], (place) =>
    python(place, "", ""),
  ),
  daemon("gunicorn by TLS", "gunicorn", [null], [tcp(WEB, ["Gunicorn", "gunicorn"], null, TLS)], (place) =>
    gunicorn(place, FLASK_APP, `--certfile ${place.certificate} --keyfile ${place.privateKey}`),
  ),
  daemon("werkzeug by TLS", "python3-werkzeug", [null], [tcp(WEB, WERKZEUG, "package", TLS)], (place) =>
    python3(
      `${FLASK_APP}app.run(host="127.0.0.1", port=${place.ports[0]}, ssl_context=("${place.certificate}", "${place.privateKey}"))`,
    ),
  ),
  daemon(
    "php -S in socat's TLS",
    "php8.2-cli",
    [null, null],
    [tcp(WEB, ["PHP cli server", "PHP", "PHP built-in web server"], "package", TLS)],
    (place) => [
      socatTls(place),
      shell(`mkdir w; echo '<?php echo "hi";' > w/index.php; exec php -S 127.0.0.1:${place.ports[1]} -t w`),
    ],
  ),
  daemon("webrick by TLS", "ruby-webrick", [null], [tcp(WEB, WEBRICK, "package", TLS)], (place) =>
    shell(
      `exec ruby -rwebrick/https -e 'WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ${place.ports[0]}, DocumentRoot: "/var/www/html", SSLEnable: true, SSLCertificate: OpenSSL::X509::Certificate.new(File.read("${place.certificate}")), SSLPrivateKey: OpenSSL::PKey::RSA.new(File.read("${place.privateKey}"))).start'`,
    ),
  ),
  daemon("twisted web by TLS", "python3-twisted", [null], [tcp(WEB, TWISTED_WEB, "package", TLS)], (place) =>
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
  daemon(
    "prometheus by TLS and password",
    "prometheus",
    [null],
    [tcp(WEB, ["Prometheus", "Golang net/http server"], null, { tls: true, productHidden: true })],
    (place) =>
      prometheus(
        place,
        `tls_server_config:\n  cert_file: ${place.certificate}\n  key_file: ${place.privateKey}\n${PASSWORD}`,
      ),
  ),
  daemon(
    "prometheus behind a password",
    "prometheus",
    [null],
    [tcp(HTTPS, ["Golang net/http server", "Prometheus"], null, { tls: true, productHidden: true })],
    (place) =>
      prometheus(
        place,
        `tls_server_config:\n  cert_file: ${place.certificate}\n  key_file: ${place.privateKey}\n${PASSWORD}`,
      ),
  ),
  daemon("node redirects", "nodejs", [null], [hidden(tcp(WEB, null), "Node.js")], (place) =>
    nodeHttp(place, 'r.writeHead(302, { Location: "https://lab.test/" }).end()'),
  ),
  daemon("node never answers", "nodejs", [null], [hidden(tcp(WEB, null), "Node.js")], (place) =>
    nodeHttp(place, ""),
  ),
  daemon(
    "node client certificate",
    "nodejs",
    [null],
    [hidden(tcp(HTTPS, null, null, TLS), "Node.js")],
    ({ ports, certificate, privateKey }) =>
      node(
        `const f = require("fs"); require("https").createServer({ cert: f.readFileSync("${certificate}"), key: f.readFileSync("${privateKey}"), requestCert: true, rejectUnauthorized: true }, (q, r) => r.end("hi")).listen(${ports[0]}, "127.0.0.1")`,
      ),
  ),
  daemon("node http2 in the clear", "nodejs", [null], [hidden(tcp(WEB, null), "Node.js")], ({ ports }) =>
    node(`require("http2").createServer((q, r) => r.end("hi")).listen(${ports[0]}, "127.0.0.1")`),
  ),
  daemon("fastify", "nodejs", [null], [tcp(WEB, ["Fastify", "Node.js"], null)], ({ ports }) =>
    node(`require("fastify")().listen({ port: ${ports[0]}, host: "127.0.0.1" })`),
  ),
  daemon("etcd's authority", "nodejs", [null], [tcp(HTTPS, "etcd", null, TLS)], ({ ports }) =>
    shell(`openssl req -x509 -newkey rsa:2048 -nodes -days 9 -keyout ca.key -out ca.pem -subj /CN=etcd-ca 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout s.key -out s.csr -subj /CN=etcd-1 2>/dev/null
openssl x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -out s.pem 2>/dev/null
exec node -e 'const f = require("fs").readFileSync; require("https").createServer({ key: f("s.key"), cert: f("s.pem"), ca: f("ca.pem"), requestCert: true, rejectUnauthorized: true }).listen(${ports[0]}, "127.0.0.1")'`),
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
    "waitress without ident",
    "python3-waitress",
    [null],
    [hidden(tcp(WEB, null), ["Waitress"])],
    ({ ports }) =>
      python3(
        `${PYTHON_404}import waitress\nwaitress.serve(app, host="127.0.0.1", port=${ports[0]}, ident=None)`,
      ),
  ),
  daemon(
    "tornado without Server",
    "python3-tornado",
    [null],
    [hidden(tcp(WEB, null), ["Tornado", "Tornado httpd", "TornadoServer"])],
    (place) =>
      python3(`import tornado.ioloop, tornado.web
class Home(tornado.web.RequestHandler):
    def set_default_headers(self): self.clear_header("Server")
    def get(self): self.write("hi")
class Missing(tornado.web.ErrorHandler):
    def set_default_headers(self): self.clear_header("Server")
tornado.web.Application([("/", Home)], default_handler_class=Missing, default_handler_args={"status_code": 404}).listen(${place.ports[0]}, "127.0.0.1")
tornado.ioloop.IOLoop.current().start()`),
  ),
  daemon("puma in tls", "puma", [null], [hidden(tcp(HTTPS, null, null, TLS), "Puma")], (place) =>
    shell(
      `exec /usr/bin/puma -b 'ssl://127.0.0.1:${place.ports[0]}?key=${place.privateKey}&cert=${place.certificate}' ${write(place, "config.ru", RACK_APP)}`,
      { HOME: place.directory },
    ),
  ),
  daemon(
    "node-exporter behind a password",
    "prometheus-node-exporter",
    [null],
    [hidden(tcp(WEB, null), ["Golang net/http server", "Prometheus Node Exporter", "node_exporter"])],
    (place) =>
      shell(
        `exec /usr/bin/prometheus-node-exporter --web.listen-address=127.0.0.1:${place.ports[0]} --web.config.file=${write(place, "web.yml", PASSWORD)}`,
      ),
  ),
];
