import type { Daemon } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, tcp } from "./entry.ts";

const WEB = ["http", "http-proxy"] as const;
/** Programs that serve pages beside their work. */
export const programDaemons: Daemon[] = [
  daemon(
    "node express",
    "nodejs",
    [null],
    [tcp(WEB, ["Node.js Express framework", "Express", "Node.js"])],
    ({ ports: [p] }) =>
      shell(
        `exec /usr/bin/node -e 'require("http").createServer((q,r)=>{r.setHeader("X-Powered-By","Express");r.end("hi")}).listen(${p},"127.0.0.1")'`,
      ),
  ),
  daemon(
    "pydoc",
    "python3",
    [null],
    [tcp(WEB, ["BaseHTTPServer", "Python http.server", "pydoc"], "0.6")],
    ({ ports: [p] }) => shell(`tail -f /dev/null | /usr/bin/python3 -m pydoc -n 127.0.0.1 -p ${p}`),
  ),
  daemon(
    "hugo",
    "hugo",
    [1313],
    [hidden(tcp(WEB, null), ["Hugo", "Golang net/http server"])],
    ({ ports: [p] }) =>
      shell(
        `printf 'baseURL = "http://x/"\\ntitle = "t"\\n' > config.toml\nexec /usr/bin/hugo server --bind 127.0.0.1 -p ${p} --disableLiveReload --watch=false`,
        HOME,
      ),
  ),
  daemon("feersum", "feersum", [null], [hidden(tcp(WEB, null), ["Feersum"])], ({ ports: [p] }) =>
    shell(
      `echo "sub { [200, ['Content-Type'=>'text/plain'], ['hi']] }" > app.psgi\nexec /usr/bin/plackup -s Feersum --host 127.0.0.1 --port ${p} app.psgi`,
    ),
  ),
  daemon("tang", "tang", [null], [hidden(tcp(WEB, null), ["Tang"])], ({ ports: [p] }) =>
    shell(
      `mkdir k\nexec socat TCP-LISTEN:${p},bind=127.0.0.1,reuseaddr,fork EXEC:"/usr/libexec/tangd $PWD/k"`,
    ),
  ),
  daemon(
    "liquidsoap",
    "liquidsoap",
    [1234, 8005],
    [
      hidden(tcp(["liquidsoap", "telnet"], null), ["Liquidsoap"]),
      tcp(["http", "icy"], ["Liquidsoap"], null, { at: 1 }),
    ],
    ({ ports: [t, h] }) =>
      shell(
        `printf 'set("server.telnet",true)\\nset("server.telnet.port",${t})\\nset("harbor.bind_addrs",["127.0.0.1"])\\ns = input.harbor("x",port=${h},password="y")\\noutput.dummy(fallible=true,s)\\n' > l.liq\nexec setpriv --reuid=nobody --regid=nogroup --clear-groups /usr/bin/liquidsoap l.liq`,
        HOME,
      ),
  ),
  daemon("monerod", "monero", [18081, null], [tcp(WEB, ["Monero", "monerod"])], ({ ports: [r, pp] }) =>
    shell(
      `exec /usr/bin/monerod --non-interactive --offline --data-dir $PWD --rpc-bind-ip 127.0.0.1 --rpc-bind-port ${r} --p2p-bind-ip 127.0.0.1 --p2p-bind-port ${pp} --no-zmq --no-igd`,
    ),
  ),
  daemon(
    "squid-exporter",
    "prometheus-squid-exporter",
    [9301],
    [tcp(WEB, ["Prometheus Squid exporter", "Squid Exporter"], "package")],
    ({ ports: [p] }) => shell(`exec /usr/bin/prometheus-squid-exporter -listen 127.0.0.1:${p}`),
  ),
  daemon(
    "bird-exporter",
    "prometheus-bird-exporter",
    [9324],
    [tcp(WEB, ["Prometheus BIRD exporter", "BIRD Exporter", "Bird Routing Daemon Exporter"], "package")],
    ({ ports: [p] }) => shell(`exec /usr/bin/prometheus-bird-exporter -web.listen-address 127.0.0.1:${p}`),
  ),
  daemon(
    "varnish-exporter",
    "prometheus-varnish-exporter",
    [9131],
    [tcp(WEB, ["Prometheus Varnish exporter", "Varnish Exporter"])],
    ({ ports: [p] }) =>
      shell(`exec /usr/bin/prometheus-varnish-exporter -web.listen-address 127.0.0.1:${p} -no-exit`),
  ),
  daemon(
    "smokeping-prober",
    "prometheus-smokeping-prober",
    [9374],
    [tcp(WEB, ["Prometheus Smokeping exporter", "Prometheus Smokeping Prober", "Smokeping Prober"])],
    ({ ports: [p] }) =>
      shell(`exec /usr/bin/prometheus-smokeping-prober --web.listen-address=127.0.0.1:${p} 127.0.0.1`),
  ),
  daemon("novnc", "novnc", [null], [tcp(WEB, ["websockify", "WebSockify", "noVNC"])], ({ ports: [p] }) =>
    shell(`exec /usr/bin/websockify --web /usr/share/novnc 127.0.0.1:${p} 127.0.0.1:9`),
  ),
  daemon(
    "tigervnc",
    "tigervnc-standalone-server",
    [5907],
    [hidden(tcp("vnc", null), ["TigerVNC"])],
    ({ ports: [p] }) =>
      shell(
        `exec /usr/bin/Xtigervnc :97 -nolock -rfbport ${p} -localhost -SecurityTypes None -nolisten unix`,
      ),
  ),
  daemon(
    "cheroot tls",
    "python3-cheroot",
    [null, null],
    [tcp([...WEB, "https"], ["Cheroot"], "package", { tls: true })],
    ({ ports: [p, q], certificate, privateKey }) => [
      shell(
        `printf 'from cheroot.wsgi import Server\\ndef app(e, s):\\n  s("302 Found", [("Location", "/login")])\\n  return [b""]\\nServer(("127.0.0.1", ${q}), app).start()\\n' > a.py\nexec /usr/bin/python3 a.py`,
      ),
      shell(
        `printf 'foreground = yes\\npid =\\n[x]\\naccept = 127.0.0.1:${p}\\nconnect = 127.0.0.1:${q}\\ncert = ${certificate}\\nkey = ${privateKey}\\n' > s.conf\nexec /usr/bin/stunnel4 s.conf`,
      ),
    ],
  ),
];
