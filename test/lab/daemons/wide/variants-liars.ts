import type { Daemon, Place } from "../../daemon.ts";
import { daemon, hidden, shell, tcp } from "./entry.ts";
import { honeypot, IIS, python3 } from "./impostors.ts";
import { HTTPS, WEB } from "./servers.ts";
import { node } from "./variants-mail.ts";

/** The same bytes to every connection, whatever it asks, once it has asked something. */
const parrot = (place: Place, answer: string) =>
  python3(
    place,
    `import socketserver
class Parrot(socketserver.BaseRequestHandler):
    def handle(self):
        while self.request.recv(4096): self.request.sendall(${answer})
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("127.0.0.1", ${place.ports[0]}), Parrot).serve_forever()`,
  );
const nodeHttp = ({ ports }: Place, handler: string) =>
  node(`require("http").createServer((q, r) => { ${handler} }).listen(${ports[0]}, "127.0.0.1")`);

/** Programs written in an afternoon, ports that say nothing, and those that only pretend. */
export const variantLiars: Daemon[] = [
  daemon("node 401 as IIS", "nodejs", [null], [tcp(WEB, ["Node.js"], null, { spoof: IIS })], (place) =>
    nodeHttp(
      place,
      'r.writeHead(401, { Server: "Microsoft-IIS/8.5", "X-Powered-By": "ASP.NET", "WWW-Authenticate": "NTLM" }).end()',
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
    [hidden(tcp(HTTPS, null, null, { tls: true }), "Node.js")],
    ({ ports, certificate, privateKey }) =>
      node(
        `const f = require("fs"); require("https").createServer({ cert: f.readFileSync("${certificate}"), key: f.readFileSync("${privateKey}"), requestCert: true, rejectUnauthorized: true }, (q, r) => r.end("hi")).listen(${ports[0]}, "127.0.0.1")`,
      ),
  ),
  daemon("node http2 in the clear", "nodejs", [null], [hidden(tcp(WEB, null), "Node.js")], ({ ports }) =>
    node(`require("http2").createServer((q, r) => r.end("hi")).listen(${ports[0]}, "127.0.0.1")`),
  ),
  daemon("fastify", "nodejs", [null], [hidden(tcp(WEB, null), ["Fastify", "Node.js"])], ({ ports }) =>
    node(`require("fastify")().listen({ port: ${ports[0]}, host: "127.0.0.1" })`),
  ),
  daemon("socat says nothing", "socat", [null], [tcp(["unknown", "tcpwrapped"], null)], ({ ports }) =>
    shell(`exec socat -u TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork OPEN:/dev/null`),
  ),
  daemon("socat hangs up", "socat", [null], [tcp(["tcpwrapped", "unknown"], null)], ({ ports }) =>
    shell(`exec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork EXEC:/bin/true`),
  ),
  daemon("a program that is ready", "socat", [null], [tcp("unknown", null)], ({ ports }) =>
    shell(
      `exec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork SYSTEM:"echo READY; cat > /dev/null"`,
    ),
  ),
  daemon("an echo", "socat", [null], [tcp("echo", null)], ({ ports }) =>
    shell(`exec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork EXEC:/bin/cat`),
  ),
  daemon(
    "http parrot",
    "python3",
    [null],
    [tcp(WEB, "Apache Tomcat", null, { productHidden: true, mute: true })],
    (place) =>
      parrot(
        place,
        'b"HTTP/1.1 200 OK\\r\\nServer: Apache-Coyote/1.1\\r\\nContent-Type: text/html\\r\\nContent-Length: 39\\r\\n\\r\\n<title>Apache Tomcat/7.0.68</title>hey\\r\\n"',
      ),
  ),
  daemon(
    "redis parrot",
    "python3",
    [null],
    [tcp("redis", "Redis", null, { productHidden: true, mute: true })],
    (place) => parrot(place, 'b"-NOAUTH Authentication required.\\r\\n"'),
  ),
  daemon(
    "ssh for every port",
    "python3",
    [null],
    [tcp("ssh", "Dropbear", null, { productHidden: true, mute: true })],
    (place) => honeypot(place, "SSH-2.0-dropbear_2019.78"),
  ),
];
