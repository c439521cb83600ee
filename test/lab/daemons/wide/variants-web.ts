import type { Daemon, Place } from "../../daemon.ts";
import { daemon, hidden, TLS, tcp } from "./entry.ts";
import { behind, FILES } from "./fronts.ts";
import { APACHE, HEADERS_MORE, lighttpd, python, renamedApache } from "./impostors.ts";
import { apache, HTTPS, nginx, WEB } from "./servers.ts";
import { stunnel } from "./variants-mail.ts";

/** nginx that serves TLS on its only port: `listen` is written again, with what the port is to do. */
const nginxTls = (place: Place, listen: string, inside: string, server: string) =>
  nginx(
    place,
    `${inside} ssl_certificate ${place.certificate}; ssl_certificate_key ${place.privateKey}; server { listen 127.0.0.1:${place.ports[0]} ssl${listen} default_server; ${server} }`,
    "",
  );
const apacheTls = (place: Place, more: string) =>
  apache(
    place,
    `LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
LoadModule socache_shmcb_module /usr/lib/apache2/modules/mod_socache_shmcb.so
SSLEngine on
SSLCertificateFile ${place.certificate}
SSLCertificateKeyFile ${place.privateKey}
${more}`,
  );
/** Web servers as their operators close them: refusing, redirecting, empty, by TLS only, by another protocol, without their name. */
export const variantWeb: Daemon[] = [
  daemon("nginx 444", "nginx-light", [null], [tcp(WEB, "nginx")], (place) =>
    nginx(place, "server_tokens off;", "return 444;"),
  ),
  daemon("nginx rejects handshakes", "nginx-light", [null], [tcp(HTTPS, "nginx", "package", TLS)], (place) =>
    nginxTls(place, "", "", "ssl_reject_handshake on;"),
  ),
  daemon("nginx client certificate", "nginx-light", [null], [tcp(HTTPS, "nginx", null, TLS)], (place) =>
    nginxTls(
      place,
      "",
      "server_tokens off; ssl_protocols TLSv1.3;",
      `ssl_client_certificate ${place.certificate}; ssl_verify_client on; ${FILES}`,
    ),
  ),
  daemon("nginx h2c", "nginx-light", [null], [tcp(WEB, "nginx", "package")], (place) =>
    nginx(
      place,
      `server { listen 127.0.0.1:${place.ports[0]} http2 default_server; ${FILES} }`,
      "server_name x;",
    ),
  ),
  daemon(
    "nginx proxy protocol",
    "nginx-light",
    [null],
    [hidden(tcp([...WEB, "tcpwrapped"], null), "nginx")],
    (place) =>
      nginx(
        place,
        `server { listen 127.0.0.1:${place.ports[0]} proxy_protocol default_server; ${FILES} }`,
        "server_name x;",
      ),
  ),
  daemon("nginx without Server", "nginx-light", [null], [tcp(WEB, "nginx")], (place) =>
    nginx(
      place,
      'server_tokens off; more_clear_headers Server; add_header X-Powered-By "ASP.NET" always;',
      FILES,
      `load_module ${HEADERS_MORE};`,
    ),
  ),
  daemon("nginx with its own pages", "nginx-light", [null], [hidden(tcp(WEB, null), "nginx")], (place) =>
    nginx(
      place,
      "more_clear_headers Server;",
      'error_page 400 401 403 404 405 413 414 500 502 503 504 =404 @none; location / { return 404; } location @none { default_type text/html; return 404 "<h1>Gone fishing</h1>"; }',
      `load_module ${HEADERS_MORE};`,
    ),
  ),
  daemon("nginx 401", "nginx-light", [null], [tcp(WEB, "nginx")], (place) =>
    nginx(place, "server_tokens off;", `auth_basic "intranet"; auth_basic_user_file /dev/null; ${FILES}`),
  ),
  daemon("nginx 301", "nginx-light", [null], [tcp(WEB, "nginx", "package")], (place) =>
    nginx(place, "", "return 301 https://www.example.org$request_uri;"),
  ),
  daemon(
    "nginx 502 as gunicorn",
    "nginx-light",
    [null],
    [tcp(WEB, "nginx", null, { spoof: ["Gunicorn"] })],
    (place) =>
      nginx(
        place,
        'more_set_headers "Server: gunicorn/20.1.0";',
        "location / { proxy_pass http://127.0.0.1:9; }",
        `load_module ${HEADERS_MORE};`,
      ),
  ),
  daemon("apache tls 401", "apache2-bin", [null], [tcp(HTTPS, APACHE, null, TLS)], (place) =>
    apacheTls(
      place,
      `LoadModule auth_basic_module /usr/lib/apache2/modules/mod_auth_basic.so
LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
LoadModule authn_file_module /usr/lib/apache2/modules/mod_authn_file.so
LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
ServerTokens Prod
<Location />
AuthType Basic
AuthName "Restricted Content"
AuthUserFile /dev/null
Require valid-user
</Location>`,
    ),
  ),
  daemon(
    "apache client certificate tls 1.2",
    "apache2-bin",
    [null],
    [tcp(HTTPS, APACHE, null, TLS)],
    (place) =>
      apacheTls(
        place,
        `ServerTokens Prod
SSLProtocol TLSv1.2
SSLVerifyClient require
SSLCACertificateFile ${place.certificate}`,
      ),
  ),
  daemon(
    "apache as Werkzeug",
    "apache2-bin",
    [null],
    [tcp(WEB, APACHE, null, { spoof: ["Werkzeug"] })],
    (place) => renamedApache(place, "Werkzeug/2.2.2 Python/3.11.2"),
  ),
  daemon("apache denies with its own pages", "apache2-bin", [null], [tcp(WEB, APACHE)], (place) =>
    apache(
      place,
      'ServerTokens Prod\nServerSignature Off\nErrorDocument 400 "no"\nErrorDocument 403 "no"\nErrorDocument 404 "no"\nErrorDocument 501 "no"\n<Location />\nRequire all denied\n</Location>',
    ),
  ),
  daemon("apache h2c before nobody", "apache2-bin", [null], [tcp(WEB, APACHE)], (place) =>
    apache(
      place,
      `LoadModule http2_module /usr/lib/apache2/modules/mod_http2.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
Protocols h2c http/1.1
ServerTokens Major
ProxyPass / http://127.0.0.1:9/`,
    ),
  ),
  daemon("lighttpd without Server", "lighttpd", [null], [tcp(WEB, "lighttpd")], (place) =>
    lighttpd(place, ""),
  ),
  daemon(
    "lighttpd tls 401 as nginx",
    "lighttpd",
    [null, null],
    [tcp(HTTPS, "lighttpd", null, { tls: true, spoof: ["nginx"] })],
    (place) => {
      const command = lighttpd(behind(place), "nginx");
      place.prepare([
        "sh",
        "-c",
        `cat >> lighttpd.conf <<'X'
server.modules += ("mod_auth", "mod_authn_file")
auth.backend = "plain"
auth.backend.plain.userfile = "/dev/null"
auth.require = ( "/" => ("method" => "basic", "realm" => "lab", "require" => "valid-user") )
X`,
      ]);
      return [command, stunnel(place)];
    },
  ),
  daemon(
    "lighttpd before python",
    "lighttpd",
    [null, null],
    [tcp(WEB, "lighttpd", null, { productHidden: true, behind: ["SimpleHTTPServer"] })],
    (place) => {
      const command = lighttpd(place, "lighttpd");
      place.prepare([
        "sh",
        "-c",
        `echo 'server.modules += ("mod_proxy")\nproxy.server = ("" => (("host" => "127.0.0.1", "port" => ${place.ports[1]})))' >> lighttpd.conf`,
      ]);
      return [command, python(behind(place), "SimpleHTTP/0.6", "Python/3.11.2")];
    },
  ),
];
