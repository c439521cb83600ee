import { type Command, type Daemon, EXTRACTED, type Place } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { daemon, shell, tcp } from "./entry.ts";
import { behind, HAPROXY } from "./fronts.ts";
import {
  APACHE,
  dovecot,
  exim,
  IIS,
  lighttpd,
  proftpd,
  python,
  python3,
  renamedApache,
  renamedNginx,
  vsftpd,
} from "./impostors.ts";
import { apache, application, caddy, haproxy, nginx, tomcat, WEB } from "./servers.ts";
import { DOVECOT } from "./variants-mail.ts";
import { SIMPLE } from "./variants-programs.ts";
import { VARNISH } from "./variants-proxies.ts";

type Start = (place: Place) => Command | readonly Command[];
/** A web server that calls itself `name`, and another one to stand behind it. */
const forged = (
  name: string,
  pack: string,
  product: Parameters<typeof tcp>[1],
  claimed: readonly [string, ...string[]],
  start: Start,
) => daemon(name, pack, [null, null], [tcp(WEB, product, null, { spoof: claimed })], start);
const renamedCaddy = (place: Place, server: string) =>
  caddy(place, `header Server "${server}"\n respond "hello" 403`);

/** The servers of every lab once more, by names that they were not given before. */
export const variantForged: Daemon[] = [
  forged("nginx as Caddy", "nginx-light", "nginx", ["Caddy"], (place) => renamedNginx(place, "Caddy")),
  forged("nginx as LiteSpeed", "nginx-light", "nginx", ["LiteSpeed"], (place) =>
    renamedNginx(place, "LiteSpeed"),
  ),
  forged("nginx as Tomcat", "nginx-light", "nginx", ["Tomcat"], (place) =>
    renamedNginx(place, "Apache-Coyote/1.1"),
  ),
  forged("nginx as Jetty", "nginx-light", "nginx", ["Jetty"], (place) =>
    renamedNginx(place, "Jetty(9.4.48.v20220622)"),
  ),
  forged("nginx as gws", "nginx-light", "nginx", ["gws", "Google"], (place) => renamedNginx(place, "gws")),
  forged("apache as Caddy", "apache2-bin", APACHE, ["Caddy"], (place) => renamedApache(place, "Caddy")),
  forged("apache as lighttpd", "apache2-bin", APACHE, ["lighttpd"], (place) =>
    renamedApache(place, "lighttpd/1.4.59"),
  ),
  forged("apache as LiteSpeed", "apache2-bin", APACHE, ["LiteSpeed"], (place) =>
    renamedApache(place, "LiteSpeed"),
  ),
  forged("apache denies as nginx", "apache2-bin", APACHE, ["nginx"], (place) =>
    apache(
      place,
      `LoadModule unique_id_module /usr/lib/apache2/modules/mod_unique_id.so
LoadModule security2_module ${EXTRACTED}/libapache2-mod-security2/usr/lib/apache2/modules/mod_security2.so
SecServerSignature "nginx"
ServerTokens Full
ServerSignature Off
ErrorDocument 403 "no"
<Location />
Require all denied
</Location>`,
    ),
  ),
  forged("lighttpd as Tomcat", "lighttpd", "lighttpd", ["Tomcat"], (place) =>
    lighttpd(place, "Apache-Coyote/1.1"),
  ),
  forged("lighttpd as Caddy", "lighttpd", "lighttpd", ["Caddy"], (place) => lighttpd(place, "Caddy")),
  forged("haproxy as Apache", "haproxy", HAPROXY, APACHE, (place) => [
    haproxy(place, "  http-response set-header Server Apache/2.4.41\n"),
    nginx(behind(place), "", "root /var/www/html;"),
  ]),
  forged("haproxy as lighttpd before an application", "haproxy", HAPROXY, ["lighttpd"], (place) => [
    haproxy(place, "  http-response set-header Server lighttpd/1.4.69\n"),
    application(behind(place), "x"),
  ]),
  forged("varnish as nginx before Apache", "varnish", VARNISH, ["nginx"], (place) => [
    shell(`cat > v.vcl <<'X'
vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "${place.ports[1]}"; }
sub vcl_deliver { set resp.http.Server = "nginx"; unset resp.http.Via; }
X
exec /usr/sbin/varnishd -F -j none -a 127.0.0.1:${place.ports[0]} -f $PWD/v.vcl -n $PWD/v`),
    apache(behind(place), "ServerTokens OS"),
  ]),
  forged("tomcat as Apache", "tomcat10", ["Apache Tomcat"], APACHE, (place) =>
    tomcat(place, ' server="Apache/2.4.57 (Debian)"'),
  ),
  forged("tomcat as IIS", "tomcat10", ["Apache Tomcat"], IIS, (place) =>
    tomcat(place, ' server="Microsoft-IIS/10.0"'),
  ),
  forged("caddy as Apache", "caddy", ["Caddy httpd", "Caddy", "Golang net/http server"], APACHE, (place) =>
    renamedCaddy(place, "Apache/2.4.57 (Debian)"),
  ),
  forged("caddy as IIS", "caddy", ["Caddy httpd", "Caddy", "Golang net/http server"], IIS, (place) =>
    renamedCaddy(place, "Microsoft-IIS/10.0"),
  ),
  forged("python as IIS", "python3", SIMPLE, IIS, (place) => python(place, "Microsoft-IIS/8.5", "")),
  forged("python as Caddy", "python3", SIMPLE, ["Caddy"], (place) => python(place, "Caddy", "")),
  forged(
    "cheroot as nginx",
    "python3-cheroot",
    ["Cheroot", "CherryPy", "CherryPy wsgiserver"],
    ["nginx"],
    (place) =>
      python3(
        place,
        `from cheroot import wsgi
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
wsgi.Server(("127.0.0.1", ${place.ports[0]}), app, server_name="nginx/1.18.0").start()`,
      ),
  ),
  forged(
    "tornado as Apache",
    "python3-tornado",
    ["Tornado", "Tornado httpd", "TornadoServer"],
    APACHE,
    (place) =>
      python3(
        place,
        `import tornado.ioloop, tornado.web
class Home(tornado.web.RequestHandler):
    def set_default_headers(self): self.set_header("Server", "Apache/2.4.57")
    def get(self): self.write("hi")
class Missing(tornado.web.ErrorHandler):
    def set_default_headers(self): self.set_header("Server", "Apache/2.4.57")
tornado.web.Application([("/", Home)], default_handler_class=Missing, default_handler_args={"status_code": 404}).listen(${place.ports[0]}, "127.0.0.1")
tornado.ioloop.IOLoop.current().start()`,
      ),
  ),
  daemon(
    "vsftpd as Pure-FTPd",
    "vsftpd",
    [null],
    [tcp("ftp", "vsftpd", null, { spoof: ["Pure-FTPd"] })],
    (place) => vsftpd(place, "---------- Welcome to Pure-FTPd [privsep] [TLS] ----------"),
  ),
  daemon("vsftpd as IIS", "vsftpd", [null], [tcp("ftp", "vsftpd", null, { spoof: ["Microsoft"] })], (place) =>
    vsftpd(place, "Microsoft FTP Service"),
  ),
  daemon(
    "proftpd as FileZilla",
    "proftpd-core",
    [null],
    [tcp("ftp", "ProFTPD", null, { spoof: ["FileZilla"] })],
    (place) => proftpd(place, 'on "FileZilla Server 1.5.1"'),
  ),
  daemon(
    "pure-ftpd as ProFTPD",
    "pure-ftpd",
    [null],
    [tcp("ftp", ["Pure-FTPd"], null, { spoof: ["ProFTPD"] })],
    ({ ports }) =>
      shell(`echo 'ProFTPD 1.3.5e Server (Debian) [::ffff:10.0.0.1]' > banner
exec ${EXTRACTED}/pure-ftpd/usr/sbin/pure-ftpd -S 127.0.0.1,${ports[0]} -g $PWD/pid -F $PWD/banner -E`),
  ),
  daemon(
    "exim as Sendmail",
    "exim4-daemon-light",
    [null],
    [tcp("smtp", ["Exim smtpd", "Exim"], null, { spoof: ["Sendmail"] })],
    (place) => exim(place, "mail.lab.test ESMTP Sendmail 8.17.1/8.17.1; Mon, 1 Jan 2024 10:00:00 GMT"),
  ),
  daemon(
    "postfix as OpenSMTPD",
    "postfix",
    [null],
    [tcp("smtp", ["Postfix smtpd", "Postfix"], null, { spoof: ["OpenSMTPD"] })],
    (place) => postfix(place, "smtpd_banner = mail.lab.test ESMTP OpenSMTPD\n"),
  ),
  daemon(
    "aiosmtpd as Exchange",
    "python3-aiosmtpd",
    [null],
    [tcp("smtp", ["aiosmtpd"], null, { spoof: ["Microsoft", "Exchange"] })],
    (place) =>
      python3(
        place,
        `import time
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
Controller(Sink(), hostname="127.0.0.1", port=${place.ports[0]}, ident="Microsoft ESMTP MAIL Service ready").start()
time.sleep(1e6)`,
      ),
  ),
  daemon(
    "dovecot as UW",
    "dovecot-core",
    [null, null],
    [
      tcp("imap", DOVECOT, null, { spoof: ["UW", "University of Washington"] }),
      tcp("pop3", DOVECOT, null, { at: 1 }),
    ],
    (place) => dovecot(place, "localhost IMAP4rev1 2007e.404 at Mon, 1 Jan 2024 10:00:00 +0000 (UTC)"),
  ),
];
