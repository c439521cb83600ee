import { type Daemon, write } from "../../daemon.ts";
import { gunicorn, PYTHON_APP, python3 } from "../servers/languages.ts";
import { stunnel } from "../servers/proxies.ts";
import { daemon, HOME, hidden, shell, TLS, tcp } from "./entry.ts";
import { HTTPS, TWISTED_WEB, WEB, WERKZEUG } from "./products.ts";

/** Web servers that Python's libraries bring along. */
export const webPython: Daemon[] = [
  daemon("falcon", "python3-falcon", [null], [tcp(WEB, ["WSGIServer", "wsgiref"], "0.2")], (place) =>
    python3(
      `import falcon, wsgiref.simple_server as w\nw.make_server("127.0.0.1", ${place.ports[0]}, falcon.App()).serve_forever()`,
    ),
  ),
  daemon("quart", "python3-quart", [null], [tcp(WEB, ["Hypercorn", "Quart"])], (place) =>
    python3(`from quart import Quart
app = Quart("lab")
@app.route("/")
async def hi(): return "hi"
app.run(host="127.0.0.1", port=${place.ports[0]})`),
  ),
  daemon(
    "pyramid on wsgiref",
    "python3-pyramid",
    [6543],
    [tcp(WEB, ["WSGIServer", "wsgiref"], "0.2")],
    (place) =>
      python3(`from wsgiref.simple_server import make_server
from pyramid.config import Configurator
with Configurator() as config: app = config.make_wsgi_app()
make_server("127.0.0.1", ${place.ports[0]}, app).serve_forever()`),
  ),
  daemon(
    "python websockets",
    "python3-websockets",
    [8765],
    [tcp([...WEB, "websocket"], ["websockets", "Python websockets"], "package")],
    (place) =>
      python3(`import asyncio, websockets
async def hi(ws): await ws.send("hi")
async def main():
    async with websockets.serve(hi, "127.0.0.1", ${place.ports[0]}): await asyncio.Future()
asyncio.run(main())`),
  ),
  daemon(
    "grpc by python",
    "python3-grpcio",
    [50051],
    [hidden(tcp(["grpc", ...WEB], null), ["gRPC", "gRPC Python", "grpcio", "gRPC server"])],
    (place) =>
      python3(`import grpc
from concurrent import futures
s = grpc.server(futures.ThreadPoolExecutor(2))
s.add_insecure_port("127.0.0.1:${place.ports[0]}")
s.start()
s.wait_for_termination()`),
  ),
  daemon(
    "zeromq publishes",
    "python3-zmq",
    [5556],
    [tcp(["zmtp", "zeromq"], ["ZeroMQ", "libzmq", "ZeroMQ ZMTP"])],
    (place) =>
      python3(`import zmq, time
s = zmq.Context().socket(zmq.PUB)
s.bind("tcp://127.0.0.1:${place.ports[0]}")
time.sleep(1e6)`),
  ),
  daemon("waitress", "python3-waitress", [null], [tcp(WEB, "Waitress")], ({ ports: [port] }) =>
    python3(`${PYTHON_APP}from waitress import serve\nserve(app, listen="127.0.0.1:${port}")`),
  ),
  daemon("cheroot", "python3-cheroot", [null], [tcp(WEB, "Cheroot", "package")], ({ ports: [port] }) =>
    python3(`${PYTHON_APP}from cheroot.wsgi import Server\nServer(("127.0.0.1", ${port}), app).start()`),
  ),
  daemon(
    "cheroot tls",
    "python3-cheroot",
    [null, null],
    [tcp(HTTPS, ["Cheroot"], "package", TLS)],
    (place) => [
      python3(
        `from cheroot.wsgi import Server\ndef app(e, s):\n  s("302 Found", [("Location", "/login")])\n  return [b""]\nServer(("127.0.0.1", ${place.ports[1]}), app).start()`,
      ),
      stunnel(place),
    ],
  ),
  daemon("cherrypy", "python3-cherrypy3", [8080], [tcp(WEB, "CherryPy", "package")], ({ ports: [port] }) =>
    python3(`import cherrypy
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
      python3(`import tornado.ioloop, tornado.web
class Hello(tornado.web.RequestHandler):
    def get(self): self.write("hello")
tornado.web.Application([("/", Hello)]).listen(${port}, "127.0.0.1")
tornado.ioloop.IOLoop.current().start()`),
  ),
  daemon(
    "aiohttp",
    "python3-aiohttp",
    [null],
    [tcp(WEB, ["aiohttp"], "package", TLS)],
    ({ ports: [port], certificate, privateKey }) =>
      python3(`import ssl
from aiohttp import web
app = web.Application()
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain("${certificate}", "${privateKey}")
web.run_app(app, host="127.0.0.1", port=${port}, ssl_context=tls)`),
  ),
  daemon("bottle", "python3-bottle", [null], [tcp(WEB, ["WSGIServer"], "0.2")], ({ ports: [port] }) =>
    python3(`import bottle\nbottle.run(bottle.Bottle(), host="127.0.0.1", port=${port})`),
  ),
  daemon("hypercorn", "python3-hypercorn", [null], [tcp(WEB, "Hypercorn")], ({ ports: [port] }) =>
    python3(`import asyncio
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
      python3(
        `${PYTHON_APP}from paste.httpserver import serve\nserve(app, host="127.0.0.1", port="${port}")`,
      ),
  ),
  daemon("gevent", "python3-gevent", [null], [tcp(WEB, ["gevent"], null)], ({ ports: [port] }) =>
    python3(
      `${PYTHON_APP}from gevent.pywsgi import WSGIServer\nWSGIServer(("127.0.0.1", ${port}), app).serve_forever()`,
    ),
  ),
  daemon(
    "eventlet",
    "python3-eventlet",
    [null],
    [hidden(tcp(WEB, null), ["eventlet"])],
    ({ ports: [port] }) =>
      python3(
        `import eventlet\nfrom eventlet import wsgi\n${PYTHON_APP}wsgi.server(eventlet.listen(("127.0.0.1", ${port})), app)`,
      ),
  ),
  daemon(
    "python xmlrpc",
    "python3",
    [null],
    [tcp(WEB, ["BaseHTTPServer", "SimpleXMLRPCServer", "Python http.server"], "0.6")],
    ({ ports: [port] }) =>
      python3(`from xmlrpc.server import SimpleXMLRPCServer
SimpleXMLRPCServer(("127.0.0.1", ${port})).serve_forever()`),
  ),
  daemon(
    "pydoc",
    "python3",
    [null],
    [tcp(WEB, ["BaseHTTPServer", "Python http.server", "pydoc"], "0.6")],
    ({ ports: [p] }) => shell(`tail -f /dev/null | /usr/bin/python3 -m pydoc -n 127.0.0.1 -p ${p}`),
  ),
  daemon("uwsgi socket", "uwsgi-core", [3031], [hidden(tcp(["uwsgi"], null), ["uWSGI"])], (place) => {
    write(place, "app.py", PYTHON_APP.replace("def app", "def application"));
    return shell(
      `exec /usr/bin/uwsgi --plugin python3 --socket 127.0.0.1:${place.ports[0]} --wsgi-file app.py --need-app`,
    );
  }),
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
    "httpbin",
    "python3-httpbin",
    [null],
    [tcp(WEB, ["httpbin", "Werkzeug httpd", "Gunicorn"], null)],
    ({ ports }) => shell(`exec /usr/bin/python3 -m httpbin.core --host 127.0.0.1 --port ${ports[0]}`, HOME),
  ),
  daemon("mkdocs", "mkdocs", [null], [tcp(WEB, ["WSGIServer", "MkDocs"], "0.2")], ({ ports: [port] }) =>
    shell(`mkdir docs
echo hello > docs/index.md
echo 'site_name: lab' > mkdocs.yml
exec /usr/bin/mkdocs serve -a 127.0.0.1:${port} --no-livereload`),
  ),
  daemon("gunicorn", "gunicorn", [null], [tcp(WEB, "Gunicorn", null)], (place) =>
    gunicorn(place, PYTHON_APP),
  ),
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
  daemon("werkzeug", "python3-werkzeug", [5000], [tcp(WEB, WERKZEUG, "package")], ({ ports }) =>
    python3(
      `${PYTHON_APP}from werkzeug.serving import run_simple\nrun_simple("127.0.0.1", ${ports[0]}, app)`,
    ),
  ),
  daemon(
    "twisted web",
    "python3-twisted",
    [null],
    [tcp(WEB, TWISTED_WEB, "package")],
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
];
