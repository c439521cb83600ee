import { type Command, type Daemon, type Place, write } from "../../daemon.ts";
import {
  application,
  erlang,
  gunicorn,
  node,
  nodeHttp,
  PYTHON_404,
  perl,
  python,
  python3,
  RACK_APP,
  ruby,
} from "../servers/languages.ts";
import { behind, haproxy, passingTls, stunnel, varnish } from "../servers/proxies.ts";
import {
  apache,
  caddy,
  FILES,
  h2o,
  nginx,
  nginxHeaders,
  renamedApache,
  renamedLighttpd,
  renamedNginx,
  tomcat,
} from "../servers/web.ts";
import { daemon, HOME, shell, tcp } from "./entry.ts";
import {
  APACHE,
  CADDY,
  HAPROXY,
  HTTPS,
  IIS,
  PYTHON,
  TOMCAT,
  TWISTED_WEB,
  VARNISH,
  WEB,
  WEBRICK,
  WERKZEUG,
} from "./products.ts";

const renamed = (
  name: string,
  pack: string,
  product: Parameters<typeof tcp>[1],
  spoof: readonly [string, ...string[]],
  start: (place: Place) => Command | readonly Command[],
) => daemon(name, pack, [null, null], [tcp(WEB, product, null, { spoof })], start);
const renamedCaddy = (place: Place, server: string) =>
  caddy(place, `header Server "${server}"\n respond "hello" 403`);

/** Web servers that give another's name. What they do must outweigh it, so a spoof must show as a conflict. */
export const renamedWeb: Daemon[] = [
  daemon(
    "h2o as nginx by TLS",
    "h2o",
    [null],
    [tcp(WEB, "H2O", null, { tls: true, spoof: ["nginx"] })],
    (place) =>
      h2o(
        place,
        'server-name: "nginx/1.18.0"\n',
        `, ssl: { certificate-file: ${place.certificate}, key-file: ${place.privateKey} }`,
        "file.dir: /var/www/html",
      ),
  ),
  daemon(
    "nginx as lighttpd in haproxy's TLS",
    "nginx-light",
    [null, null],
    [tcp(WEB, "nginx", null, { tls: true, spoof: ["lighttpd"] })],
    (place) => [passingTls(place), renamedNginx(behind(place), "lighttpd/1.4.69")],
  ),
  renamed("nginx as Apache with Apache's pages", "nginx-light", "nginx", APACHE, (place) =>
    nginxHeaders(
      place,
      'more_set_headers "Server: Apache/2.4.57 (Debian)";',
      `error_page 400 403 404 405 500 /404.html; location = /404.html { internal; root ${place.directory}; } location / { root /var/www/html; }`,
    ),
  ),
  renamed("nginx as Apache", "nginx-light", "nginx", APACHE, (place) =>
    renamedNginx(place, "Apache/2.4.57 (Debian)"),
  ),
  renamed("nginx as IIS", "nginx-light", "nginx", IIS, (place) => renamedNginx(place, "Microsoft-IIS/10.0")),
  renamed("nginx as Kestrel", "nginx-light", "nginx", ["Kestrel"], (place) => renamedNginx(place, "Kestrel")),
  renamed("nginx as Caddy", "nginx-light", "nginx", ["Caddy"], (place) => renamedNginx(place, "Caddy")),
  renamed("nginx as LiteSpeed", "nginx-light", "nginx", ["LiteSpeed"], (place) =>
    renamedNginx(place, "LiteSpeed"),
  ),
  renamed("nginx as Tomcat", "nginx-light", "nginx", ["Tomcat"], (place) =>
    renamedNginx(place, "Apache-Coyote/1.1"),
  ),
  renamed("nginx as Jetty", "nginx-light", "nginx", ["Jetty"], (place) =>
    renamedNginx(place, "Jetty(9.4.48.v20220622)"),
  ),
  renamed("nginx as gws", "nginx-light", "nginx", ["gws", "Google"], (place) => renamedNginx(place, "gws")),
  renamed("nginx as Tengine", "nginx-light", "nginx", ["Tengine"], (place) =>
    renamedNginx(place, "Tengine/2.3.3"),
  ),
  renamed("nginx as Hiawatha", "nginx-light", "nginx", ["Hiawatha"], (place) =>
    renamedNginx(place, "Hiawatha v11.2"),
  ),
  renamed("nginx as Zope", "nginx-light", "nginx", ["Zope"], (place) =>
    renamedNginx(place, "Zope/(2.13.27, python 2.7.18, linux2) ZServer/1.1"),
  ),
  renamed("nginx as GoAhead", "nginx-light", "nginx", ["GoAhead"], (place) =>
    renamedNginx(place, "GoAhead-Webs"),
  ),
  renamed("nginx 502 as gunicorn", "nginx-light", "nginx", ["Gunicorn"], (place) =>
    nginxHeaders(
      place,
      'more_set_headers "Server: gunicorn/20.1.0";',
      "location / { proxy_pass http://127.0.0.1:9; }",
    ),
  ),
  renamed(
    "lighttpd as IIS",
    "lighttpd",
    "lighttpd",
    ["Microsoft IIS httpd", "Microsoft-IIS", "IIS", "Microsoft IIS"],
    (place) => renamedLighttpd(place, "Microsoft-IIS/10.0"),
  ),
  renamed("lighttpd as nginx", "lighttpd", "lighttpd", ["nginx"], (place) =>
    renamedLighttpd(place, "nginx/1.18.0"),
  ),
  renamed("lighttpd as Apache", "lighttpd", "lighttpd", APACHE, (place) =>
    renamedLighttpd(place, "Apache/2.4.57 (Debian)"),
  ),
  renamed("lighttpd as Tomcat", "lighttpd", "lighttpd", ["Tomcat"], (place) =>
    renamedLighttpd(place, "Apache-Coyote/1.1"),
  ),
  renamed("lighttpd as Caddy", "lighttpd", "lighttpd", ["Caddy"], (place) => renamedLighttpd(place, "Caddy")),
  renamed("lighttpd as Cowboy", "lighttpd", "lighttpd", ["Cowboy"], (place) =>
    renamedLighttpd(place, "Cowboy"),
  ),
  renamed("lighttpd as thttpd", "lighttpd", "lighttpd", ["thttpd"], (place) =>
    renamedLighttpd(place, "thttpd/2.27 19Oct2015"),
  ),
  daemon(
    "lighttpd as mini_httpd in stunnel",
    "lighttpd",
    [null, null],
    [tcp(HTTPS, "lighttpd", null, { tls: true, spoof: ["mini_httpd"] })],
    (place) => [stunnel(place), renamedLighttpd(behind(place), "mini_httpd/1.30 26Oct2018")],
  ),
  daemon(
    "lighttpd tls 401 as nginx",
    "lighttpd",
    [null, null],
    [tcp(HTTPS, "lighttpd", null, { tls: true, spoof: ["nginx"] })],
    (place) => [
      renamedLighttpd(
        behind(place),
        "nginx",
        `server.modules += ("mod_auth", "mod_authn_file")
auth.backend = "plain"
auth.backend.plain.userfile = "/dev/null"
auth.require = ( "/" => ("method" => "basic", "realm" => "lab", "require" => "valid-user") )
`,
      ),
      stunnel(place),
    ],
  ),
  renamed("apache as nginx", "apache2-bin", APACHE, ["nginx"], (place) =>
    renamedApache(place, "nginx/1.24.0"),
  ),
  renamed("apache as IIS", "apache2-bin", APACHE, IIS, (place) => renamedApache(place, "Microsoft-IIS/10.0")),
  renamed("apache as Jetty", "apache2-bin", APACHE, ["Jetty"], (place) =>
    renamedApache(place, "Jetty(9.4.50.v20221201)"),
  ),
  renamed("apache as Caddy", "apache2-bin", APACHE, ["Caddy"], (place) => renamedApache(place, "Caddy")),
  renamed("apache as lighttpd", "apache2-bin", APACHE, ["lighttpd"], (place) =>
    renamedApache(place, "lighttpd/1.4.59"),
  ),
  renamed("apache as LiteSpeed", "apache2-bin", APACHE, ["LiteSpeed"], (place) =>
    renamedApache(place, "LiteSpeed"),
  ),
  renamed("apache denies as nginx", "apache2-bin", APACHE, ["nginx"], (place) =>
    renamedApache(
      place,
      "nginx",
      '\nServerSignature Off\nErrorDocument 403 "no"\n<Location />\nRequire all denied\n</Location>',
    ),
  ),
  renamed("apache as Werkzeug", "apache2-bin", APACHE, ["Werkzeug"], (place) =>
    renamedApache(place, "Werkzeug/2.2.2 Python/3.11.2"),
  ),
  renamed("apache as WildFly", "apache2-bin", APACHE, ["WildFly"], (place) =>
    renamedApache(place, "WildFly/10"),
  ),
  renamed("apache as Kestrel", "apache2-bin", APACHE, ["Kestrel"], (place) =>
    renamedApache(place, "Kestrel"),
  ),
  renamed("apache as Cherokee", "apache2-bin", APACHE, ["Cherokee"], (place) =>
    renamedApache(place, "Cherokee/1.2.104 (Debian)"),
  ),
  renamed("haproxy as IIS", "haproxy", HAPROXY, IIS, (place) => [
    haproxy(place, "  http-response set-header Server Microsoft-IIS/10.0\n"),
    nginx(behind(place), "", FILES),
  ]),
  renamed("haproxy as Apache", "haproxy", HAPROXY, APACHE, (place) => [
    haproxy(place, "  http-response set-header Server Apache/2.4.41\n"),
    nginx(behind(place), "", FILES),
  ]),
  renamed("haproxy as lighttpd before an application", "haproxy", HAPROXY, ["lighttpd"], (place) => [
    haproxy(place, "  http-response set-header Server lighttpd/1.4.69\n"),
    application(behind(place), "x"),
  ]),
  renamed("haproxy denies as nginx", "haproxy", HAPROXY, ["nginx"], (place) =>
    haproxy(
      place,
      "  http-request deny deny_status 403\n  http-after-response set-header Server nginx/1.24.0\n",
    ),
  ),
  daemon(
    "haproxy as ELB",
    "haproxy",
    [null, null],
    [tcp(WEB, HAPROXY, null, { productHidden: true, spoof: ["awselb", "Elastic", "ELB"] })],
    (place) => [
      haproxy(place, "  http-response set-header Server awselb/2.0\n"),
      nginx(behind(place), "server_tokens off;", FILES),
    ],
  ),
  renamed("python as Apache", "python3", PYTHON, APACHE, (place) =>
    python(place, "Apache/2.4.57", "(Debian)"),
  ),
  renamed("python as nginx", "python3", PYTHON, ["nginx"], (place) => python(place, "nginx/1.22.1", "")),
  renamed("python as IIS", "python3", PYTHON, IIS, (place) => python(place, "Microsoft-IIS/8.5", "")),
  renamed("python as Caddy", "python3", PYTHON, ["Caddy"], (place) => python(place, "Caddy", "")),
  renamed("python as lighttpd", "python3", PYTHON, ["lighttpd"], (place) =>
    python(place, "lighttpd/1.4.69", ""),
  ),
  renamed("python as Mongoose", "python3", PYTHON, ["Mongoose"], (place) =>
    python(place, "Mongoose/6.18", ""),
  ),
  renamed("python as Boa", "python3", PYTHON, ["Boa"], (place) => python(place, "Boa/0.94.13", "")),
  daemon("python as CouchDB", "python3", [5984], [tcp(WEB, PYTHON, null, { spoof: ["CouchDB"] })], (place) =>
    python(place, "CouchDB/3.2.2 (Erlang OTP/23)", ""),
  ),
  renamed("tomcat as nginx", "tomcat10", ["Apache Tomcat"], ["nginx"], (place) =>
    tomcat(place, ' server="nginx/1.24.0"'),
  ),
  renamed("tomcat as lighttpd", "tomcat10", ["Apache Tomcat", "Tomcat"], ["lighttpd"], (place) =>
    tomcat(place, ' server="lighttpd/1.4.69"'),
  ),
  renamed("tomcat as Apache", "tomcat10", ["Apache Tomcat"], APACHE, (place) =>
    tomcat(place, ' server="Apache/2.4.57 (Debian)"'),
  ),
  renamed("tomcat as IIS", "tomcat10", ["Apache Tomcat"], IIS, (place) =>
    tomcat(place, ' server="Microsoft-IIS/10.0"'),
  ),
  renamed("tomcat as GlassFish", "tomcat10", TOMCAT, ["GlassFish"], (place) =>
    tomcat(place, ' server="GlassFish Server Open Source Edition 5.0.1"'),
  ),
  renamed("caddy as nginx", "caddy", CADDY, ["nginx"], (place) =>
    caddy(place, "header Server nginx/1.24.0\n root * /var/www/html\n file_server"),
  ),
  renamed("caddy as Apache", "caddy", CADDY, APACHE, (place) =>
    renamedCaddy(place, "Apache/2.4.57 (Debian)"),
  ),
  renamed("caddy as IIS", "caddy", CADDY, IIS, (place) => renamedCaddy(place, "Microsoft-IIS/10.0")),
  renamed("caddy as Envoy", "caddy", CADDY, ["Envoy"], (place) =>
    caddy(place, 'header Server "envoy"\n respond "ok" 200'),
  ),
  daemon(
    "caddy as Apache in stunnel",
    "caddy",
    [null, null],
    [tcp(HTTPS, CADDY, null, { tls: true, spoof: APACHE, productHidden: true })],
    (place) => [
      stunnel(place),
      caddy(behind(place), 'header Server "Apache/2.4.62 (Debian)"\n respond "It works!" 200'),
    ],
  ),
  daemon(
    "icecast by another name",
    "icecast2",
    [null],
    [tcp(["http", "icecast", "http-proxy"], ["Icecast streaming media server", "Icecast"])],
    ({ directory, ports }) =>
      shell(`cat > i.xml <<X
<icecast><location>x</location><admin>a@b</admin><hostname>localhost</hostname><server-id>Radio Lab</server-id>
<limits><clients>10</clients><sources>2</sources></limits>
<authentication><source-password>x</source-password><admin-user>admin</admin-user><admin-password>x</admin-password></authentication>
<listen-socket><port>${ports[0]}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><basedir>${directory}</basedir><logdir>${directory}</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
<logging><accesslog>a.log</accesslog><errorlog>e.log</errorlog></logging>
<security><chroot>0</chroot><changeowner><user>nobody</user><group>nogroup</group></changeowner></security></icecast>
X
chown -R nobody ${directory}
exec /usr/bin/icecast2 -c i.xml`),
  ),
  renamed("aiohttp as IIS", "python3-aiohttp", ["aiohttp", "Python aiohttp"], IIS, (place) =>
    python3(`from aiohttp import web
async def h(r): return web.Response(text="hi", headers={"Server": "Microsoft-IIS/10.0"})
app = web.Application(); app.router.add_get("/", h); web.run_app(app, host="127.0.0.1", port=${place.ports[0]}, print=None)`),
  ),
  renamed("aiohttp as nginx", "python3-aiohttp", ["aiohttp"], ["nginx"], (place) =>
    python3(`from aiohttp import web
async def hello(request): return web.Response(text="hi", headers={"Server": "nginx/1.18.0 (Ubuntu)"})
app = web.Application()
app.router.add_get("/", hello)
web.run_app(app, host="127.0.0.1", port=${place.ports[0]}, print=None)`),
  ),
  renamed("varnish as nginx before Apache", "varnish", VARNISH, ["nginx"], (place) => [
    varnish(place, 'sub vcl_deliver { set resp.http.Server = "nginx"; unset resp.http.Via; }'),
    apache(behind(place), "ServerTokens OS"),
  ]),
  renamed("varnish 403 as Apache", "varnish", VARNISH, APACHE, (place) =>
    varnish(
      place,
      'sub vcl_recv { return (synth(403, "Forbidden")); }\nsub vcl_deliver { set resp.http.Server = "Apache"; }\nsub vcl_synth { set resp.http.Server = "Apache/2.4.57"; }',
    ),
  ),
  renamed(
    "cheroot as nginx",
    "python3-cheroot",
    ["Cheroot", "CherryPy", "CherryPy wsgiserver"],
    ["nginx"],
    (place) =>
      python3(`from cheroot import wsgi
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
wsgi.Server(("127.0.0.1", ${place.ports[0]}), app, server_name="nginx/1.18.0").start()`),
  ),
  renamed(
    "tornado as Apache",
    "python3-tornado",
    ["Tornado", "Tornado httpd", "TornadoServer"],
    APACHE,
    (place) =>
      python3(`import tornado.ioloop, tornado.web
class Home(tornado.web.RequestHandler):
    def set_default_headers(self): self.set_header("Server", "Apache/2.4.57")
    def get(self): self.write("hi")
class Missing(tornado.web.ErrorHandler):
    def set_default_headers(self): self.set_header("Server", "Apache/2.4.57")
tornado.web.Application([("/", Home)], default_handler_class=Missing, default_handler_args={"status_code": 404}).listen(${place.ports[0]}, "127.0.0.1")
tornado.ioloop.IOLoop.current().start()`),
  ),
  renamed("node 401 as IIS", "nodejs", ["Node.js"], IIS, (place) =>
    nodeHttp(
      place,
      'r.writeHead(401, { Server: "Microsoft-IIS/8.5", "X-Powered-By": "ASP.NET", "WWW-Authenticate": "NTLM" }).end()',
    ),
  ),
  daemon(
    "nodemailer as exim",
    "nodejs",
    [null],
    [
      tcp("smtp", ["Nodemailer smtp-server", "smtp-server", "Nodemailer"], null, {
        productHidden: true,
        spoof: ["Exim"],
      }),
    ],
    ({ ports }) =>
      node(
        `new (require("smtp-server").SMTPServer)({ banner: "Exim 4.94.2", disabledCommands: ["AUTH", "STARTTLS"] }).listen(${ports[0]}, "127.0.0.1")`,
      ),
  ),
  renamed("nghttpx as Apache", "nghttp2-proxy", "nghttpx", ["Apache"], (place) => [
    shell(
      `exec /usr/sbin/nghttpx -f'127.0.0.1,${place.ports[0]};no-tls' -b127.0.0.1,${place.ports[1]} --no-via --server-name=Apache/2.4.57 --conf=/dev/null`,
    ),
    nginx(behind(place), "", FILES),
  ]),
  renamed("gunicorn as nginx", "gunicorn", "Gunicorn", ["nginx"], (place) =>
    gunicorn(
      place,
      PYTHON_404,
      `-c ${write(place, "conf.py", 'import gunicorn.http.wsgi\ngunicorn.http.wsgi.SERVER = "nginx"\n')}`,
    ),
  ),
  renamed("waitress as Apache", "python3-waitress", ["Waitress"], APACHE, ({ ports }) =>
    python3(
      `${PYTHON_404}import waitress\nwaitress.serve(app, host="127.0.0.1", port=${ports[0]}, ident="Apache/2.4.41 (Ubuntu)")`,
    ),
  ),
  daemon(
    "uvicorn as IIS",
    "uvicorn",
    [null],
    [tcp(WEB, ["Uvicorn", "uvicorn"], null, { productHidden: true, spoof: IIS })],
    (place) => {
      write(
        place,
        "app.py",
        'async def app(scope, receive, send):\n    if scope["type"] != "http": return\n    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})\n    await send({"type": "http.response.body", "body": b"<title>x</title>"})\n',
      );
      return shell(
        `exec /usr/bin/uvicorn --host 127.0.0.1 --port ${place.ports[0]} --no-server-header --header server:Microsoft-IIS/10.0 app:app`,
        HOME,
      );
    },
  ),
  renamed("flask as IIS", "python3-werkzeug", WERKZEUG, IIS, (place) =>
    python3(`from flask import Flask
from werkzeug.serving import WSGIRequestHandler
WSGIRequestHandler.version_string = lambda self: "Microsoft-IIS/10.0"
app = Flask("lab")
@app.route("/")
def home(): return "<h1>IIS Windows Server</h1>"
app.run("127.0.0.1", ${place.ports[0]})`),
  ),
  renamed("twisted as nginx", "python3-twisted", TWISTED_WEB, ["nginx"], (place) =>
    python3(`from twisted.internet import reactor
from twisted.web import server, static
server.version = b"nginx/1.22.1"
reactor.listenTCP(${place.ports[0]}, server.Site(static.File("/var/www/html")), interface="127.0.0.1")
reactor.run()`),
  ),
  renamed("webrick as Apache", "ruby-webrick", WEBRICK, APACHE, ({ ports }) =>
    ruby(
      `require "webrick"\nWEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ${ports[0]}, DocumentRoot: "/var/www/html", ServerSoftware: "Apache/2.2.15 (CentOS)").start`,
    ),
  ),
  daemon(
    "thin as nginx",
    "thin",
    [null],
    [tcp(WEB, ["Thin httpd", "Thin"], null, { productHidden: true, spoof: ["nginx"] })],
    (place) =>
      shell(
        `exec /usr/bin/thin -a 127.0.0.1 -p ${place.ports[0]} -R ${write(place, "config.ru", RACK_APP.replace('"text/plain"', '"text/plain", "Server" => "nginx"'))} start`,
      ),
  ),
  renamed(
    "php -S as nginx",
    "php8.2-cli",
    ["PHP cli server", "PHP built-in web server", "PHP"],
    ["nginx"],
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
  renamed(
    "inets as IBM HTTP Server",
    "erlang-inets",
    ["Erlang inets httpd", "inets"],
    ["Apache", "IBM"],
    ({ ports: [p] }) =>
      erlang(
        `inets:start(), {ok,_}=inets:start(httpd,[{port,${p}},{bind_address,{127,0,0,1}},{server_name,"lab"},{server_root,"."},{document_root,"."},{server_tokens,{private,"IBM_HTTP_Server/8.5"}}]).`,
      ),
  ),
  renamed(
    "HTTP::Daemon as Apache",
    "libhttp-daemon-perl",
    ["HTTP::Daemon", "Perl HTTP::Daemon", "libwww-perl-daemon"],
    APACHE,
    ({ ports }) =>
      perl(
        `use HTTP::Daemon; package L; our @ISA = "HTTP::Daemon"; sub product_tokens { "Apache/2.4.57 (Debian)" } package main; my $d = L->new(LocalAddr => "127.0.0.1", LocalPort => ${ports[0]}, ReuseAddr => 1); while (my $c = $d->accept) { while (my $r = $c->get_request) { $c->send_error(403) } $c->close }`,
      ),
  ),
];
