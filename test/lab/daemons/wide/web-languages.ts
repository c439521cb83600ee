import { type Daemon, write } from "../../daemon.ts";
import {
  c,
  erlang,
  java,
  node,
  nodeHttp,
  PSGI_APP,
  perl,
  plackup,
  RACK_APP,
  ruby,
} from "../servers/languages.ts";
import { phpFpm } from "../servers/web.ts";
import { daemon, HOME, hidden, OWN, shell, tcp } from "./entry.ts";
import { HTTPS, WEB, WEBRICK } from "./products.ts";

/** Web servers that other languages and their libraries bring along, each with a few lines of an application. */
export const webLanguages: Daemon[] = [
  daemon(
    "httpcore",
    "libhttpcore-java",
    [null],
    [tcp(WEB, ["Apache HttpCore", "Apache-HttpCore"], null)],
    (place) =>
      shell(
        `exec java -cp '/usr/share/java/*' ${write(
          place,
          "App.java",
          `import org.apache.http.impl.bootstrap.*; import org.apache.http.entity.*;
public class App { public static void main(String[] a) throws Exception { var s = ServerBootstrap.bootstrap().setListenerPort(${place.ports[0]}).setLocalAddress(java.net.InetAddress.getLoopbackAddress()).setServerInfo("Lab/1.1").registerHandler("/app", (q, r, c) -> r.setEntity(new StringEntity("hi"))).create(); s.start(); s.awaitTermination(1L << 40, java.util.concurrent.TimeUnit.SECONDS); } }`,
        )}`,
        HOME,
      ),
  ),
  daemon(
    "ws by node",
    "nodejs",
    [null],
    [hidden(tcp([...WEB, "websocket"], null), ["ws", "Node.js", "Node.js Express framework"])],
    ({ ports }) =>
      node(
        `const c = require("crypto"); require("net").createServer((s) => s.once("data", (d) => { const k = /sec-websocket-key: (.*)\\r\\n/i.exec(d); if (!k) return s.destroy(); s.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: " + c.createHash("sha1").update(k[1] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64") + "\\r\\n\\r\\n"); }).on("error", () => {})).listen(${ports[0]}, "127.0.0.1")`,
      ),
  ),
  daemon(
    "node express",
    "nodejs",
    [null],
    [tcp(WEB, ["Node.js Express framework", "Express", "Node.js"])],
    (place) => nodeHttp(place, 'r.setHeader("X-Powered-By", "Express"); r.end("hi")'),
  ),
  daemon("node", "nodejs", [3000], [hidden(tcp(WEB, null), ["Node.js"])], (place) =>
    nodeHttp(place, 'r.end("hello")'),
  ),
  daemon("libevent", "libevent-dev", [null], [tcp(WEB, ["libevent", "evhttp"], null)], (place) =>
    c(
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
        `#include <libsoup/soup.h>
int main() { SoupServer *s = soup_server_new("server-header", "lab ", NULL); GError *e = 0; GSocketAddress *a = g_inet_socket_address_new_from_string("127.0.0.1", ${place.ports[0]}); if (!soup_server_listen(s, a, 0, &e)) return 1; g_main_loop_run(g_main_loop_new(0, 0)); }`,
        "$(pkg-config --cflags --libs libsoup-3.0)",
      ),
  ),
  daemon("ulfius", "libulfius-dev", [null], [hidden(tcp(WEB, null), ["Ulfius", "libmicrohttpd"])], (place) =>
    c(
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
    [tcp(WEB, ["Java HttpServer", "JDK HttpServer", "com.sun.net.httpserver"], null)],
    (place) =>
      java(`public class App { public static void main(String[] a) throws Exception {
 var s = com.sun.net.httpserver.HttpServer.create(new java.net.InetSocketAddress("127.0.0.1", ${place.ports[0]}), 0);
 s.createContext("/app", x -> { x.sendResponseHeaders(200, 2); x.getResponseBody().write("hi".getBytes()); x.close(); }); s.start(); } }`),
  ),
  daemon("netty http", "libnetty-java", [null], [hidden(tcp(WEB, null), ["Netty"])], (place) =>
    java(
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
    [tcp(WEB, ["AnyEvent::HTTPD", "AnyEvent-HTTPD"], null)],
    (place) =>
      perl(
        `use AnyEvent; use AnyEvent::HTTPD; my $h = AnyEvent::HTTPD->new(host => '127.0.0.1', port => ${place.ports[0]}); $h->reg_cb('/' => sub { $_[1]->respond({ content => ['text/plain', 'hi'] }) }); $h->run;`,
      ),
  ),
  daemon(
    "HTTP::Proxy",
    "libhttp-proxy-perl",
    [null],
    [tcp(WEB, ["HTTP::Proxy", "Perl HTTP::Daemon", "libwww-perl-daemon"], null)],
    (place) =>
      perl(`use HTTP::Proxy; HTTP::Proxy->new(host => '127.0.0.1', port => ${place.ports[0]})->start;`),
  ),
  daemon(
    "HTTP::Server::Simple",
    "libhttp-server-simple-perl",
    [null],
    [tcp(WEB, ["HTTP::Server::Simple"], null)],
    (place) =>
      perl(
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
        `use Net::HTTPServer; my $s = Net::HTTPServer->new(port => ${place.ports[0]}, docroot => '/var/empty', type => 'single'); $s->Start(); $s->Process();`,
      ),
  ),
  daemon(
    "POE simple http",
    "libpoe-component-server-simplehttp-perl",
    [null],
    [tcp(WEB, ["POE", "POE::Component::Server::SimpleHTTP"], null)],
    (place) =>
      perl(
        `use POE; use POE::Component::Server::SimpleHTTP; POE::Component::Server::SimpleHTTP->new(ALIAS => 'h', ADDRESS => '127.0.0.1', PORT => ${place.ports[0]}, HANDLERS => [{ DIR => '.*', SESSION => 's', EVENT => 'g' }]); POE::Session->create(inline_states => { _start => sub { $_[KERNEL]->alias_set('s') }, g => sub { my $r = $_[ARG1]; $r->code(200); $r->content('hi'); $_[KERNEL]->post('h', 'DONE', $r) } }); POE::Kernel->run;`,
      ),
  ),
  daemon("corona", "libcorona-perl", [null], [hidden(tcp(WEB, null), ["Corona", "Net::Server"])], (place) =>
    shell(
      `exec /usr/bin/corona --listen 127.0.0.1:${place.ports[0]} --port ${place.ports[0]} --host 127.0.0.1 ${write(place, "app.psgi", PSGI_APP)}`,
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
        `use HTTP::Daemon::SSL; use HTTP::Response; my $d = HTTP::Daemon::SSL->new(LocalAddr => '127.0.0.1', LocalPort => ${place.ports[0]}, ReuseAddr => 1, SSL_cert_file => '${place.certificate}', SSL_key_file => '${place.privateKey}') or die; while (1) { my $c = $d->accept or next; while (my $r = $c->get_request) { $c->send_response(HTTP::Response->new(200, 'OK', [], 'hi')) } $c->close; }`,
      ),
  ),
  daemon(
    "em-websocket",
    "ruby-em-websocket",
    [null],
    [hidden(tcp([...WEB, "websocket"], null), ["em-websocket"])],
    (place) =>
      ruby(
        `require 'em-websocket'\nEM.run { EM::WebSocket.run(host: '127.0.0.1', port: ${place.ports[0]}) { |ws| ws.onopen { ws.send 'hi' } } }`,
      ),
  ),
  daemon(
    "async-http",
    "ruby-async-http",
    [null],
    [hidden(tcp(WEB, null), ["async-http", "Falcon"])],
    (place) =>
      ruby(`require 'async'
require 'async/http/server'
require 'async/http/endpoint'
require 'protocol/http/response'
Async { Async::HTTP::Server.for(Async::HTTP::Endpoint.parse('http://127.0.0.1:${place.ports[0]}')) { |q| Protocol::HTTP::Response[200, {}, ['hi']] }.run }`),
  ),
  daemon(
    "sinatra on puma",
    "ruby-sinatra",
    [4567],
    [hidden(tcp(WEB, null), ["Sinatra", "Puma", "WEBrick"])],
    (place) =>
      ruby(
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
  daemon("plackup", "libplack-perl", [null], [tcp(WEB, ["HTTP::Server::PSGI", "Plack"])], (place) =>
    plackup(place, "HTTP::Server::PSGI"),
  ),
  daemon("starlet", "starlet", [null], [tcp(WEB, ["Starlet", "Plack::Handler::Starlet"])], (place) =>
    plackup(place, "Starlet", "--max-workers=1"),
  ),
  daemon(
    "php-fpm",
    "php8.2-fpm",
    [9000],
    [hidden(tcp(["fastcgi", "cslistener"], null), ["PHP-FPM", "PHP"])],
    ({ ports: [port] }) => phpFpm(`127.0.0.1:${port}`),
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
  daemon("feersum", "feersum", [null], [tcp(WEB, ["Feersum"], null)], (place) => plackup(place, "Feersum")),
  daemon("jekyll", "ruby-webrick", [4000], [tcp(WEB, WEBRICK, "package")], ({ ports: [port] }) =>
    shell(
      `echo hello > index.md
exec /usr/bin/jekyll serve --host 127.0.0.1 --port ${port} --no-watch`,
      HOME,
    ),
  ),
  daemon("webrick", "ruby-webrick", [null], [tcp(WEB, WEBRICK, "package")], ({ ports, directory }) => ({
    argv: ["/usr/bin/ruby", "-run", "-e", "httpd", "--", directory, "-p", `${ports[0]}`, "-b", "127.0.0.1"],
  })),
  daemon("httpuv", "r-cran-httpuv", [null], [hidden(tcp(WEB, null), ["httpuv"])], ({ ports: [p] }) =>
    shell(
      `exec Rscript -e 'httpuv::runServer("127.0.0.1",${p}L,list(call=function(q) list(status=200L,headers=list("Content-Type"="text/plain"),body="hello")))'`,
    ),
  ),
  daemon(
    "SOAP::Lite",
    "libsoap-lite-perl",
    [null],
    [tcp(WEB, ["SOAP::Lite", "Perl HTTP::Daemon", "HTTP::Daemon"])],
    ({ ports: [p] }) =>
      shell(
        `exec perl -MSOAP::Transport::HTTP -e 'SOAP::Transport::HTTP::Daemon->new(LocalAddr=>"127.0.0.1",LocalPort=>${p},ReuseAddr=>1)->dispatch_to("X")->handle'`,
      ),
  ),
  daemon(
    "Dancer2",
    "libdancer2-perl",
    [3000],
    [tcp(WEB, ["Dancer2", "Perl Dancer2", "Dancer"], "package")],
    ({ ports: [p] }) =>
      perl(`use Dancer2; set port => ${p}; set host => "127.0.0.1"; get "/" => sub { "hello" }; dance;`),
  ),
  daemon("twiggy", "twiggy", [null], [hidden(tcp(WEB, null), ["Twiggy"])], (place) =>
    shell(`exec twiggy --listen 127.0.0.1:${place.ports[0]} ${write(place, "app.psgi", PSGI_APP)}`),
  ),
  daemon(
    "Net::Server",
    "libnet-server-perl",
    [null],
    [tcp(WEB, ["Net::Server::HTTP", "Net::Server"], "package")],
    ({ ports: [p] }) =>
      shell(
        `exec perl -MNet::Server::HTTP -e 'Net::Server::HTTP->run(host=>"127.0.0.1",port=>${p},ipv=>4,user=>"nobody",group=>"nogroup",app=>[])'`,
      ),
  ),
  daemon(
    "esbuild serve",
    "esbuild",
    [null],
    [hidden(tcp(WEB, null), ["esbuild", "Golang net/http server"])],
    ({ ports: [p] }) =>
      shell(`exec sh -c 'sleep 10000 | /usr/bin/esbuild --serve=127.0.0.1:${p} --servedir=.'`),
  ),
  daemon(
    "inets httpd",
    "erlang-inets",
    [null],
    [tcp(WEB, ["Erlang inets httpd", "inets"])],
    ({ ports: [p] }) =>
      erlang(
        `inets:start(), {ok,_}=inets:start(httpd,[{port,${p}},{bind_address,{127,0,0,1}},{server_name,"lab"},{server_root,"."},{document_root,"."}]).`,
      ),
  ),
  daemon(
    "picolisp",
    "picolisp",
    [8080],
    [tcp(WEB, ["PicoLisp"], null)],
    ({ ports }) => shell(`exec pil @lib/http.l @lib/xhtml.l -'server ${ports[0]} "/tmp"'`, HOME),
    OWN,
  ),
  daemon("fcgiwrap", "fcgiwrap", [null], [hidden(tcp("fastcgi", null), ["fcgiwrap"])], ({ ports }) =>
    shell(`exec /usr/sbin/fcgiwrap -s tcp:127.0.0.1:${ports[0]}`),
  ),
  daemon(
    "php -S",
    "php8.2-cli",
    [null],
    [tcp(WEB, ["PHP cli server", "PHP built-in web server", "PHP"], "package")],
    (place) => {
      write(place, "index.php", "<?php echo 'hello';\n");
      return { argv: ["/usr/bin/php", "-S", `127.0.0.1:${place.ports[0]}`, "-t", place.directory] };
    },
  ),
  daemon("puma", "puma", [null], [hidden(tcp(WEB, null), ["Puma"])], (place) => ({
    argv: ["/usr/bin/puma", "-b", `tcp://127.0.0.1:${place.ports[0]}`, write(place, "config.ru", RACK_APP)],
    env: { HOME: place.directory },
  })),
  daemon("thin", "thin", [null], [tcp(WEB, ["Thin httpd", "Thin"], null)], (place) => ({
    argv: [
      "/usr/bin/thin",
      "-a",
      "127.0.0.1",
      "-p",
      `${place.ports[0]}`,
      "-R",
      write(place, "config.ru", RACK_APP),
      "start",
    ],
  })),
  daemon("unicorn", "unicorn", [null], [hidden(tcp(WEB, null), ["Unicorn"])], (place) => ({
    argv: ["/usr/bin/unicorn", "-l", `127.0.0.1:${place.ports[0]}`, write(place, "config.ru", RACK_APP)],
  })),
  daemon("starman", "starman", [null], [tcp(WEB, ["Starman"], null)], (place) =>
    shell(
      `exec /usr/bin/starman --listen 127.0.0.1:${place.ports[0]} --workers 1 ${write(place, "app.psgi", PSGI_APP)}`,
    ),
  ),
];
