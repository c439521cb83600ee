import type { Daemon } from "../../daemon.ts";
import { daemon, hidden, shell, tcp } from "./entry.ts";

const WEB = ["http", "http-proxy"] as const;
const HELLO = `def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
`;
/** A Python program that serves. */
const python = (program: string) =>
  shell(`cat > lab_app.py <<'X'\n${program}\nX\nexec /usr/bin/python3 lab_app.py`);
const perl = (program: string) => shell(`cat > app.pl <<'X'\n${program}\nX\nexec /usr/bin/perl app.pl`);
const PSGI = `echo "sub { [200, ['Content-Type'=>'text/plain'], ['hi']] }" > app.psgi`;

/** Servers inside of languages: what an application brings along. */
export const frameworkDaemons: Daemon[] = [
  daemon("waitress", "python3-waitress", [null], [tcp(WEB, "Waitress")], ({ ports: [port] }) =>
    python(`${HELLO}from waitress import serve\nserve(app, listen="127.0.0.1:${port}")`),
  ),
  daemon("cheroot", "python3-cheroot", [null], [tcp(WEB, "Cheroot", "package")], ({ ports: [port] }) =>
    python(`${HELLO}from cheroot.wsgi import Server\nServer(("127.0.0.1", ${port}), app).start()`),
  ),
  daemon("cherrypy", "python3-cherrypy3", [8080], [tcp(WEB, "CherryPy", "package")], ({ ports: [port] }) =>
    python(`import cherrypy
class Root:
    @cherrypy.expose
    def index(self): return "hello"
cherrypy.quickstart(Root(), "/", {"global": {"server.socket_host": "127.0.0.1", "server.socket_port": ${port}}})`),
  ),
  daemon(
    "tornado",
    "python3-tornado",
    [null],
    [tcp(WEB, ["Tornado httpd", "TornadoServer", "Tornado"], "6.2")],
    ({ ports: [port] }) =>
      python(`import tornado.ioloop, tornado.web
class Hello(tornado.web.RequestHandler):
    def get(self): self.write("hello")
tornado.web.Application([("/", Hello)]).listen(${port}, "127.0.0.1")
tornado.ioloop.IOLoop.current().start()`),
  ),
  daemon(
    "aiohttp",
    "python3-aiohttp",
    [null],
    [tcp(WEB, ["aiohttp"], "package", { tls: true })],
    ({ ports: [port], certificate, privateKey }) =>
      python(`import ssl
from aiohttp import web
app = web.Application()
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain("${certificate}", "${privateKey}")
web.run_app(app, host="127.0.0.1", port=${port}, ssl_context=tls)`),
  ),
  daemon("bottle", "python3-bottle", [null], [tcp(WEB, ["WSGIServer"], "0.2")], ({ ports: [port] }) =>
    python(`import bottle\nbottle.run(bottle.Bottle(), host="127.0.0.1", port=${port})`),
  ),
  daemon("hypercorn", "python3-hypercorn", [null], [tcp(WEB, "Hypercorn")], ({ ports: [port] }) =>
    python(`import asyncio
from hypercorn.asyncio import serve
from hypercorn.config import Config
async def app(scope, receive, send):
    if scope["type"] != "http": raise NotImplementedError()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hi"})
config = Config()
config.bind = ["127.0.0.1:${port}"]
asyncio.run(serve(app, config))`),
  ),
  daemon("daphne", "daphne", [8000], [tcp(WEB, "Daphne")], ({ ports: [port] }) =>
    shell(`cat > app.py <<'X'
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hi"})
X
exec /usr/bin/python3 -m daphne -b 127.0.0.1 -p ${port} app:app`),
  ),
  daemon(
    "django runserver",
    "python3-django",
    [8001],
    [tcp(WEB, ["WSGIServer", "Django"], "0.2")],
    ({ ports: [port] }) =>
      shell(`/usr/bin/django-admin startproject site1 .
exec /usr/bin/python3 manage.py runserver --noreload 127.0.0.1:${port}`),
  ),
  daemon(
    "paste",
    "python3-paste",
    [null],
    [tcp(WEB, ["PasteWSGIServer", "Paste"], "0.5")],
    ({ ports: [port] }) =>
      python(`${HELLO}from paste.httpserver import serve\nserve(app, host="127.0.0.1", port="${port}")`),
  ),
  daemon("gevent", "python3-gevent", [null], [hidden(tcp(WEB, null), ["gevent"])], ({ ports: [port] }) =>
    python(
      `${HELLO}from gevent.pywsgi import WSGIServer\nWSGIServer(("127.0.0.1", ${port}), app).serve_forever()`,
    ),
  ),
  daemon(
    "eventlet",
    "python3-eventlet",
    [null],
    [hidden(tcp(WEB, null), ["eventlet"])],
    ({ ports: [port] }) =>
      python(
        `import eventlet\nfrom eventlet import wsgi\n${HELLO}wsgi.server(eventlet.listen(("127.0.0.1", ${port})), app)`,
      ),
  ),
  daemon(
    "python xmlrpc",
    "python3",
    [null],
    [tcp(WEB, ["BaseHTTPServer", "SimpleXMLRPCServer", "Python http.server"], "0.6")],
    ({ ports: [port] }) =>
      python(`from xmlrpc.server import SimpleXMLRPCServer
SimpleXMLRPCServer(("127.0.0.1", ${port})).serve_forever()`),
  ),
  daemon("mojolicious", "libmojolicious-perl", [3001], [tcp(WEB, ["Mojolicious"])], ({ ports: [port] }) =>
    perl(`use Mojolicious::Lite -signatures;
get '/' => sub ($c) { $c->render(text => 'hello') };
app->start('daemon', '-l', 'http://127.0.0.1:${port}');`),
  ),
  daemon(
    "HTTP::Daemon",
    "libhttp-daemon-perl",
    [null],
    [tcp(WEB, ["libwww-perl-daemon", "HTTP::Daemon", "Perl HTTP::Daemon"], "package")],
    ({ ports: [port] }) =>
      perl(`use HTTP::Daemon; use HTTP::Response;
my $d = HTTP::Daemon->new(LocalAddr => '127.0.0.1', LocalPort => ${port}, ReuseAddr => 1) or die;
while (1) { my $c = $d->accept or next; while (my $r = $c->get_request) { $c->send_response(HTTP::Response->new(200, 'OK', [], 'hello')) } $c->close }`),
  ),
  daemon(
    "plackup",
    "libplack-perl",
    [null],
    [tcp(WEB, ["HTTP::Server::PSGI", "Plack"])],
    ({ ports: [port] }) =>
      shell(`${PSGI}\nexec /usr/bin/plackup -s HTTP::Server::PSGI --host 127.0.0.1 --port ${port} app.psgi`),
  ),
  daemon(
    "starlet",
    "starlet",
    [null],
    [tcp(WEB, ["Starlet", "Plack::Handler::Starlet"])],
    ({ ports: [port] }) =>
      shell(
        `${PSGI}\nexec /usr/bin/plackup -s Starlet --host 127.0.0.1 --port ${port} --max-workers=1 app.psgi`,
      ),
  ),
  daemon(
    "php-fpm",
    "php8.2-fpm",
    [9000],
    [hidden(tcp(["fastcgi", "cslistener"], null), ["PHP-FPM", "PHP"])],
    ({ ports: [port], directory }) =>
      shell(`printf '[global]\\nerror_log=${directory}/log\\ndaemonize=no\\n[www]\\nuser=nobody\\ngroup=nogroup\\nlisten=127.0.0.1:${port}\\npm=static\\npm.max_children=4\\n' > fpm.conf
exec /usr/sbin/php-fpm8.2 -F -y fpm.conf`),
  ),
  daemon(
    "uwsgi socket",
    "uwsgi-core",
    [3031],
    [hidden(tcp(["uwsgi"], null), ["uWSGI"])],
    ({ ports: [port] }) =>
      shell(`cat > app.py <<'X'\n${HELLO.replace("def app", "def application")}X
exec /usr/bin/uwsgi --plugin python3 --socket 127.0.0.1:${port} --wsgi-file app.py --need-app`),
  ),
  daemon(
    "tomcat ajp",
    "tomcat10",
    [8009],
    [hidden(tcp(["ajp13", "ajp"], null), ["Apache Tomcat", "Apache Jserv"])],
    ({ ports: [port] }) =>
      shell(`mkdir -p conf webapps temp logs work
cat > conf/server.xml <<X
<Server port="-1"><Service name="Catalina"><Connector protocol="AJP/1.3" port="${port}" address="127.0.0.1" secretRequired="false"/>
<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine></Service></Server>
X
cp /etc/tomcat10/web.xml conf/ 2>/dev/null || cp /usr/share/tomcat10/etc/web.xml conf/
export CATALINA_BASE=$PWD CATALINA_HOME=/usr/share/tomcat10 JAVA_HOME=$(dirname $(dirname $(readlink -f /usr/bin/java)))
exec sh /usr/share/tomcat10/bin/catalina.sh run`),
  ),
  daemon(
    "twisted ftp and conch",
    "python3-twisted",
    [null, null],
    [
      tcp("ftp", ["Twisted ftpd", "Twisted", "TwistedFTP"], "package"),
      tcp("ssh", ["Twisted Conch", "Twisted", "Twisted SSH"], "package", { at: 1 }),
    ],
    ({ ports: [ftp, ssh] }) => [
      shell(`mkdir -p root\nexec /usr/bin/twist3 ftp -p ${ftp} -r root`),
      shell(`ssh-keygen -q -t rsa -m PEM -N "" -f ssh_host_rsa_key
exec /usr/bin/twist3 conch -p tcp:${ssh}:interface=127.0.0.1 -d . --auth memory:a:b`),
    ],
  ),
  daemon(
    "paramiko",
    "python3-paramiko",
    [null],
    [tcp("ssh", ["Paramiko", "Paramiko sshd"], "package")],
    ({ ports: [port] }) =>
      python(`import paramiko, socket, threading
key = paramiko.RSAKey.generate(2048)
listener = socket.create_server(("127.0.0.1", ${port}))
kept = []
def serve(client):
    transport = paramiko.Transport(client)
    transport.add_server_key(key)
    try: transport.start_server(server=paramiko.ServerInterface())
    except Exception: pass
    kept.append(transport)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()`),
  ),
  daemon(
    "asyncssh",
    "python3-asyncssh",
    [2222],
    [tcp("ssh", ["AsyncSSH", "AsyncSSH sshd"], "package")],
    ({ ports: [port] }) =>
      python(`import asyncio, asyncssh
async def main():
    await asyncssh.listen("127.0.0.1", ${port}, server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")])
    await asyncio.Event().wait()
asyncio.run(main())`),
  ),
  daemon("sshesame", "sshesame", [null], [tcp("ssh", ["sshesame"])], ({ ports: [port] }) =>
    shell(`printf 'server:\\n  listen_address: 127.0.0.1:${port}\\n' > c.yaml
exec /usr/bin/sshesame -config c.yaml -data_dir $PWD`),
  ),
];
