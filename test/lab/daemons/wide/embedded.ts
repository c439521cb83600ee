import { type Daemon, type Place, write } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, tcp } from "./entry.ts";
import { python3 } from "./impostors.ts";
import { HTTPS, WEB } from "./servers.ts";

const perl = (place: Place, program: string) =>
  shell(`exec /usr/bin/perl ${write(place, "app.pl", program)}`, HOME);
const ruby = (place: Place, program: string) =>
  shell(`exec /usr/bin/ruby ${write(place, "app.rb", program)}`, HOME);
/** A program in C, compiled as it starts. */
const c = (place: Place, program: string, libraries: string) =>
  shell(`cc -o app ${write(place, "app.c", program)} ${libraries}\nexec ./app`);
const java = (place: Place, program: string, classpath = "") =>
  shell(
    `exec java ${classpath ? `-cp '${classpath}' ` : ""}${write(place, "App.java", program)}`,
    place.directory ? HOME : {},
  );
const PSGI = `sub { [200, ['Content-Type'=>'text/plain'], ['hi']] }`;
const _GO = ["Golang net/http server", "Go net/http"] as const;
const _NODE = ["Node.js", "Node.js Express framework", "Express", "Node"] as const;

/** Small servers that libraries bring along, each with a few lines of an application in front. */
export const embeddedDaemons: Daemon[] = [
  daemon("libevent", "libevent-dev", [null], [hidden(tcp(WEB, null), ["libevent", "evhttp"])], (place) =>
    c(
      place,
      `#include <event2/event.h>
#include <event2/http.h>
#include <event2/buffer.h>
static void hi(struct evhttp_request *r, void *a) { struct evbuffer *b = evbuffer_new(); evbuffer_add_printf(b, "hi"); evhttp_send_reply(r, 200, "OK", b); evbuffer_free(b); }
int main() { struct event_base *b = event_base_new(); struct evhttp *h = evhttp_new(b); evhttp_set_cb(h, "/", hi, 0); if (evhttp_bind_socket(h, "127.0.0.1", ${place.ports[0]})) return 1; return event_base_dispatch(b); }`,
      "-levent",
    ),
  ),
  daemon(
    "libmicrohttpd",
    "libmicrohttpd-dev",
    [null],
    [hidden(tcp(WEB, null), ["libmicrohttpd", "GNU libmicrohttpd"])],
    (place) =>
      c(
        place,
        `#include <microhttpd.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
static enum MHD_Result hi(void *a, struct MHD_Connection *k, const char *u, const char *m, const char *v, const char *d, size_t *n, void **p) {
 static int mark; if (!*p) { *p = &mark; return MHD_YES; }
 struct MHD_Response *r = MHD_create_response_from_buffer(2, "hi", MHD_RESPMEM_PERSISTENT); enum MHD_Result x = MHD_queue_response(k, strcmp(u, "/") ? 404 : 200, r); MHD_destroy_response(r); return x; }
int main() { struct sockaddr_in s = {0}; s.sin_family = AF_INET; s.sin_port = htons(${place.ports[0]}); s.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
 if (!MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, 0, 0, hi, 0, MHD_OPTION_SOCK_ADDR, &s, MHD_OPTION_END)) return 1; for (;;) pause(); }`,
        "-lmicrohttpd",
      ),
  ),
  daemon("libsoup", "libsoup-3.0-dev", [null], [hidden(tcp(WEB, null), ["libsoup", "soup httpd"])], (place) =>
    c(
      place,
      `#include <libsoup/soup.h>
static void hi(SoupServer *s, SoupServerMessage *m, const char *p, GHashTable *q, gpointer d) { soup_server_message_set_status(m, 200, 0); soup_server_message_set_response(m, "text/plain", SOUP_MEMORY_STATIC, "hi", 2); }
int main() { SoupServer *s = soup_server_new(0, NULL); soup_server_add_handler(s, "/", hi, 0, 0); GError *e = 0; GSocketAddress *a = g_inet_socket_address_new_from_string("127.0.0.1", ${place.ports[0]}); if (!soup_server_listen(s, a, 0, &e)) return 1; g_main_loop_run(g_main_loop_new(0, 0)); }`,
      "$(pkg-config --cflags --libs libsoup-3.0)",
    ),
  ),
  daemon(
    "libsoup by name",
    "libsoup-3.0-dev",
    [null],
    [tcp(WEB, ["libsoup", "soup httpd"], "3.2.3")],
    (place) =>
      c(
        place,
        `#include <libsoup/soup.h>
int main() { SoupServer *s = soup_server_new("server-header", "lab ", NULL); GError *e = 0; GSocketAddress *a = g_inet_socket_address_new_from_string("127.0.0.1", ${place.ports[0]}); if (!soup_server_listen(s, a, 0, &e)) return 1; g_main_loop_run(g_main_loop_new(0, 0)); }`,
        "$(pkg-config --cflags --libs libsoup-3.0)",
      ),
  ),
  daemon("ulfius", "libulfius-dev", [null], [hidden(tcp(WEB, null), ["Ulfius", "libmicrohttpd"])], (place) =>
    c(
      place,
      `#include <ulfius.h>
#include <unistd.h>
static int hi(const struct _u_request *q, struct _u_response *r, void *d) { ulfius_set_string_body_response(r, 200, "hi"); return U_CALLBACK_CONTINUE; }
int main() { struct _u_instance i; if (ulfius_init_instance(&i, ${place.ports[0]}, NULL, NULL)) return 1; ulfius_add_endpoint_by_val(&i, "GET", "/", NULL, 0, hi, NULL); if (ulfius_start_framework(&i)) return 2; for (;;) pause(); }`,
      "-lulfius -lyder -lorcania",
    ),
  ),
  daemon(
    "com.sun.net.httpserver",
    "openjdk-17-jre-headless",
    [null],
    [hidden(tcp(WEB, null), ["Java HttpServer", "JDK HttpServer", "com.sun.net.httpserver"])],
    (place) =>
      java(
        place,
        `public class App { public static void main(String[] a) throws Exception {
 var s = com.sun.net.httpserver.HttpServer.create(new java.net.InetSocketAddress("127.0.0.1", ${place.ports[0]}), 0);
 s.createContext("/app", x -> { x.sendResponseHeaders(200, 2); x.getResponseBody().write("hi".getBytes()); x.close(); }); s.start(); } }`,
      ),
  ),
  daemon("netty http", "libnetty-java", [null], [hidden(tcp(WEB, null), ["Netty"])], (place) =>
    java(
      place,
      `import io.netty.bootstrap.*; import io.netty.channel.*; import io.netty.channel.nio.*; import io.netty.channel.socket.nio.*; import io.netty.handler.codec.http.*; import io.netty.buffer.*;
public class App { public static void main(String[] a) throws Exception {
 new ServerBootstrap().group(new NioEventLoopGroup()).channel(NioServerSocketChannel.class).childHandler(new ChannelInitializer<Channel>() { protected void initChannel(Channel c) {
  c.pipeline().addLast(new HttpServerCodec(), new HttpObjectAggregator(65536), new SimpleChannelInboundHandler<FullHttpRequest>() { protected void channelRead0(ChannelHandlerContext x, FullHttpRequest q) {
   var r = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.copiedBuffer("hi".getBytes())); r.headers().set("content-length", 2); x.writeAndFlush(r); } }); } }).bind("127.0.0.1", ${place.ports[0]}).sync().channel().closeFuture().sync(); } }`,
      "/usr/share/java/*",
    ),
  ),
  daemon(
    "AnyEvent::HTTPD",
    "libanyevent-httpd-perl",
    [9090],
    [hidden(tcp(WEB, null), ["AnyEvent::HTTPD", "AnyEvent-HTTPD"])],
    (place) =>
      perl(
        place,
        `use AnyEvent; use AnyEvent::HTTPD; my $h = AnyEvent::HTTPD->new(host => '127.0.0.1', port => ${place.ports[0]}); $h->reg_cb('/' => sub { $_[1]->respond({ content => ['text/plain', 'hi'] }) }); $h->run;`,
      ),
  ),
  daemon(
    "HTTP::Proxy",
    "libhttp-proxy-perl",
    [null],
    [tcp(WEB, ["HTTP::Proxy", "Perl HTTP::Daemon", "libwww-perl-daemon"], null)],
    (place) =>
      perl(
        place,
        `use HTTP::Proxy; HTTP::Proxy->new(host => '127.0.0.1', port => ${place.ports[0]})->start;`,
      ),
  ),
  daemon(
    "HTTP::Server::Simple",
    "libhttp-server-simple-perl",
    [null],
    [hidden(tcp(WEB, null), ["HTTP::Server::Simple"])],
    (place) =>
      perl(
        place,
        `package Lab; use base 'HTTP::Server::Simple::CGI'; sub handle_request { print "HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\nhi" } my $s = Lab->new(${place.ports[0]}); $s->host('127.0.0.1'); $s->run;`,
      ),
  ),
  daemon(
    "Net::HTTPServer",
    "libnet-httpserver-perl",
    [null],
    [tcp(WEB, ["Net::HTTPServer"], "1.1.1")],
    (place) =>
      perl(
        place,
        `use Net::HTTPServer; my $s = Net::HTTPServer->new(port => ${place.ports[0]}, docroot => '/var/empty', type => 'single'); $s->Start(); $s->Process();`,
      ),
  ),
  daemon(
    "POE simple http",
    "libpoe-component-server-simplehttp-perl",
    [null],
    [hidden(tcp(WEB, null), ["POE", "POE::Component::Server::SimpleHTTP"])],
    (place) =>
      perl(
        place,
        `use POE; use POE::Component::Server::SimpleHTTP; POE::Component::Server::SimpleHTTP->new(ALIAS => 'h', ADDRESS => '127.0.0.1', PORT => ${place.ports[0]}, HANDLERS => [{ DIR => '.*', SESSION => 's', EVENT => 'g' }]); POE::Session->create(inline_states => { _start => sub { $_[KERNEL]->alias_set('s') }, g => sub { my $r = $_[ARG1]; $r->code(200); $r->content('hi'); $_[KERNEL]->post('h', 'DONE', $r) } }); POE::Kernel->run;`,
      ),
  ),
  daemon(
    "corona",
    "libcorona-perl",
    [null],
    [hidden(tcp(WEB, null), ["Corona", "Net::Server"])],
    ({ ports }) =>
      shell(
        `echo "${PSGI.replaceAll('"', '\\"')}" > app.psgi\nexec /usr/bin/corona --listen 127.0.0.1:${ports[0]} --port ${ports[0]} --host 127.0.0.1 app.psgi`,
        HOME,
      ),
  ),
  daemon(
    "Pod::Webserver",
    "libpod-webserver-perl",
    [8020],
    [tcp(WEB, ["Pod::Webserver", "Pod-Webserver"])],
    ({ ports }) => shell(`exec /usr/bin/podwebserver -H 127.0.0.1 -p ${ports[0]} -t 0`, HOME),
  ),
  daemon(
    "HTTP::Daemon::SSL",
    "libhttp-daemon-ssl-perl",
    [null],
    [
      tcp(
        HTTPS,
        ["HTTP::Daemon::SSL", "Perl HTTP::Daemon", "libwww-perl-daemon", "libwww-perl-daemon-SSL"],
        null,
        {
          tls: true,
        },
      ),
    ],
    (place) =>
      perl(
        place,
        `use HTTP::Daemon::SSL; use HTTP::Response; my $d = HTTP::Daemon::SSL->new(LocalAddr => '127.0.0.1', LocalPort => ${place.ports[0]}, ReuseAddr => 1, SSL_cert_file => '${place.certificate}', SSL_key_file => '${place.privateKey}') or die; while (1) { my $c = $d->accept or next; while (my $r = $c->get_request) { $c->send_response(HTTP::Response->new(200, 'OK', [], 'hi')) } $c->close; }`,
      ),
  ),
  daemon("quart", "python3-quart", [null], [tcp(WEB, ["Hypercorn", "Quart"])], (place) =>
    python3(
      place,
      `from quart import Quart
app = Quart("lab")
@app.route("/")
async def hi(): return "hi"
app.run(host="127.0.0.1", port=${place.ports[0]})`,
    ),
  ),
  daemon(
    "pyramid on wsgiref",
    "python3-pyramid",
    [6543],
    [tcp(WEB, ["WSGIServer", "wsgiref"], "0.2")],
    (place) =>
      python3(
        place,
        `from wsgiref.simple_server import make_server
from pyramid.config import Configurator
with Configurator() as config: app = config.make_wsgi_app()
make_server("127.0.0.1", ${place.ports[0]}, app).serve_forever()`,
      ),
  ),
  daemon(
    "python websockets",
    "python3-websockets",
    [8765],
    [tcp([...WEB, "websocket"], ["websockets", "Python websockets"], "package")],
    (place) =>
      python3(
        place,
        `import asyncio, websockets
async def hi(ws): await ws.send("hi")
async def main():
    async with websockets.serve(hi, "127.0.0.1", ${place.ports[0]}): await asyncio.Future()
asyncio.run(main())`,
      ),
  ),
  daemon("aioftp", "python3-aioftp", [null], [hidden(tcp("ftp", null), ["aioftp"])], ({ ports }) =>
    shell(`exec /usr/bin/python3 -m aioftp --host 127.0.0.1 --port ${ports[0]}`, HOME),
  ),
  daemon(
    "grpc by python",
    "python3-grpcio",
    [50051],
    [hidden(tcp(["grpc", ...WEB], null), ["gRPC", "gRPC Python", "grpcio", "gRPC server"])],
    (place) =>
      python3(
        place,
        `import grpc
from concurrent import futures
s = grpc.server(futures.ThreadPoolExecutor(2))
s.add_insecure_port("127.0.0.1:${place.ports[0]}")
s.start()
s.wait_for_termination()`,
      ),
  ),
  daemon(
    "zeromq publishes",
    "python3-zmq",
    [5556],
    [tcp(["zmtp", "zeromq"], ["ZeroMQ", "libzmq", "ZeroMQ ZMTP"])],
    (place) =>
      python3(
        place,
        `import zmq, time
s = zmq.Context().socket(zmq.PUB)
s.bind("tcp://127.0.0.1:${place.ports[0]}")
time.sleep(1e6)`,
      ),
  ),
  daemon(
    "em-websocket",
    "ruby-em-websocket",
    [null],
    [hidden(tcp([...WEB, "websocket"], null), ["em-websocket"])],
    (place) =>
      ruby(
        place,
        `require 'em-websocket'\nEM.run { EM::WebSocket.run(host: '127.0.0.1', port: ${place.ports[0]}) { |ws| ws.onopen { ws.send 'hi' } } }`,
      ),
  ),
  daemon(
    "async-http",
    "ruby-async-http",
    [null],
    [hidden(tcp(WEB, null), ["async-http", "Falcon"])],
    (place) =>
      ruby(
        place,
        `require 'async'
require 'async/http/server'
require 'async/http/endpoint'
require 'protocol/http/response'
Async { Async::HTTP::Server.for(Async::HTTP::Endpoint.parse('http://127.0.0.1:${place.ports[0]}')) { |q| Protocol::HTTP::Response[200, {}, ['hi']] }.run }`,
      ),
  ),
  daemon(
    "sinatra on puma",
    "ruby-sinatra",
    [4567],
    [hidden(tcp(WEB, null), ["Sinatra", "Puma", "WEBrick"])],
    (place) =>
      ruby(
        place,
        `require 'sinatra'\nset :bind, '127.0.0.1'\nset :port, ${place.ports[0]}\nset :server, 'puma'\nset :environment, :production\nget('/') { 'hi' }`,
      ),
  ),
  daemon(
    "nim asynchttpserver",
    "nim",
    [null],
    [hidden(tcp(WEB, null), ["Nim", "Nim asynchttpserver"])],
    (place) =>
      shell(
        `nim c --hints:off --nimcache:$PWD/cache -o:app ${write(
          place,
          "app.nim",
          `import asynchttpserver, asyncdispatch
proc main {.async.} =
  var s = newAsyncHttpServer()
  proc hi(q: Request) {.async.} = await q.respond(Http200, "hi")
  await s.serve(Port(${place.ports[0]}), hi, address = "127.0.0.1")
waitFor main()`,
        )}\nexec ./app`,
        HOME,
      ),
  ),
  daemon("hunchentoot", "cl-hunchentoot", [4242], [tcp(WEB, ["Hunchentoot"], "1.2.38")], (place) =>
    shell(
      `exec sbcl --non-interactive --load ${write(
        place,
        "app.lisp",
        `(require :asdf) (asdf:load-system :hunchentoot) (hunchentoot:start (make-instance 'hunchentoot:easy-acceptor :address "127.0.0.1" :port ${place.ports[0]})) (loop (sleep 1000))`,
      )}`,
      { HOME: place.directory },
    ),
  ),
];
