import { type Daemon, type Place, write } from "../../daemon.ts";
import { daemon, shell, TLS, tcp } from "./entry.ts";
import { behind, FILES } from "./fronts.ts";
import { IIS, python3 } from "./impostors.ts";
import { HTTPS, nginx, WEB } from "./servers.ts";

const passed = { behind: ["nginx"] };
const origin = (place: Place) => nginx(behind(place), "", FILES);

const squid = ({ ports }: Place) =>
  shell(`install -d -m 777 home
cat > squid.conf <<X
http_port 127.0.0.1:${ports[0]} accel defaultsite=lab.test no-vhost
cache_peer 127.0.0.1 parent ${ports[1]} 0 no-query originserver
http_access allow all
via off
httpd_suppress_version_string on
reply_header_access X-Cache deny all
reply_header_access X-Cache-Lookup deny all
pid_filename none
coredump_dir $PWD/home
cache_log /dev/null
access_log none
cache_mem 1 MB
pinger_enable off
visible_hostname lab.test
shutdown_lifetime 0 seconds
X
exec /usr/sbin/squid -N -n doorplatenameless -f squid.conf`);

const lighttpd = (place: Place) =>
  shell(
    `exec /usr/sbin/lighttpd -D -f ${write(
      place,
      "lighttpd.conf",
      `server.bind = "127.0.0.1"\nserver.port = ${place.ports[0]}\nserver.modules = ("mod_proxy")\nserver.document-root = "/var/www/html"\nserver.errorlog = "${place.directory}/log"\nserver.tag = ""\nproxy.server = ("" => (("host" => "127.0.0.1", "port" => ${place.ports[1]})))\n`,
    )}`,
  );

/** One line again and again, before any question and after each. */
const again = (place: Place, line: string) =>
  python3(
    place,
    `import socketserver
class Again(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(b"${line}\\r\\n")
        while self.request.recv(4096): self.request.sendall(b"${line}\\r\\n")
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("127.0.0.1", ${place.ports[0]}), Again).serve_forever()`,
  );
/** As \`nc -l < answer\` in a loop: the whole answer at once, and the end of it. */
const loop = ({ ports }: Place, answer: string) =>
  shell(
    `printf '${answer}' > answer\nexec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork EXEC:"cat $PWD/answer"`,
  );
const mute = { productHidden: true, mute: true } as const;

/** Proxies with every name taken off them, recordings, and doors that open to nobody without a certificate. */
export const variantNameless: Daemon[] = [
  daemon(
    "squid nameless",
    "squid",
    [null, null],
    [tcp(WEB, ["Squid http proxy", "Squid"], null, passed)],
    (place) => [squid(place), origin(place)],
  ),
  daemon("lighttpd nameless", "lighttpd", [null, null], [tcp(WEB, "lighttpd", null, passed)], (place) => [
    lighttpd(place),
    origin(place),
  ]),
  daemon("h2o nameless", "h2o", [null, null], [tcp(WEB, "H2O")], (place) => [
    shell(
      `exec /usr/bin/h2o -c ${write(
        place,
        "h2o.conf",
        `server-name: ""\nuser: root\nlisten: { host: 127.0.0.1, port: ${place.ports[0]} }\nhosts: { default: { paths: { "/": { proxy.reverse.url: "http://127.0.0.1:${place.ports[1]}/" } } } }\n`,
      )}`,
    ),
    origin(place),
  ]),
  daemon(
    "nghttpx as Apache",
    "nghttp2-proxy",
    [null, null],
    [tcp(WEB, "nghttpx", null, { spoof: ["Apache"] })],
    (place) => [
      shell(
        `exec /usr/sbin/nghttpx -f'127.0.0.1,${place.ports[0]};no-tls' -b127.0.0.1,${place.ports[1]} --no-via --server-name=Apache/2.4.57 --conf=/dev/null`,
      ),
      origin(place),
    ],
  ),
  daemon("tinyproxy nameless", "tinyproxy", [null, null], [tcp(WEB, "tinyproxy", null, passed)], (place) => [
    shell(
      `exec tinyproxy -d -c ${write(
        place,
        "tinyproxy.conf",
        `Port ${place.ports[0]}\nListen 127.0.0.1\nReversePath "/" "http://127.0.0.1:${place.ports[1]}/"\nReverseOnly Yes\nDisableViaHeader Yes\n`,
      )}`,
    ),
    origin(place),
  ]),
  daemon("ftp again and again", "python3", [null], [tcp("ftp", "ProFTPD", null, mute)], (place) =>
    again(place, "220 ProFTPD 1.3.6 Server (Debian) [127.0.0.1]"),
  ),
  daemon("pop3 again and again", "python3", [null], [tcp("pop3", "Dovecot", null, mute)], (place) =>
    again(place, "+OK Dovecot (Debian) ready."),
  ),
  daemon("http out of a loop", "socat", [null], [tcp(WEB, IIS, null, mute)], (place) =>
    loop(
      place,
      "HTTP/1.1 200 OK\\r\\nServer: Microsoft-IIS/7.5\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nhi\\n",
    ),
  ),
  daemon("etcd's authority", "nodejs", [null], [tcp(HTTPS, "etcd", null, TLS)], ({ ports }) =>
    shell(`openssl req -x509 -newkey rsa:2048 -nodes -days 9 -keyout ca.key -out ca.pem -subj /CN=etcd-ca 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout s.key -out s.csr -subj /CN=etcd-1 2>/dev/null
openssl x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -out s.pem 2>/dev/null
exec node -e 'const f = require("fs").readFileSync; require("https").createServer({ key: f("s.key"), cert: f("s.pem"), ca: f("ca.pem"), requestCert: true, rejectUnauthorized: true }).listen(${ports[0]}, "127.0.0.1")'`),
  ),
];
