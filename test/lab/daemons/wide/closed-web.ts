import type { Daemon } from "../../daemon.ts";
import { application } from "../servers/languages.ts";
import { behind, haproxy, joined, stunnel } from "../servers/proxies.ts";
import {
  apache,
  apacheTls,
  FILES,
  load,
  nginx,
  nginxHeaders,
  nginxTls,
  passingApache,
  renamedLighttpd,
} from "../servers/web.ts";
import { daemon, hidden, TLS, tcp } from "./entry.ts";
import { APACHE, HAPROXY, HTTPS, WEB } from "./products.ts";

/** Web servers as their operators close them: refusing, redirecting, empty, by TLS only, by another protocol, without their name. */
export const closedWeb: Daemon[] = [
  daemon(
    "nginx by TLS 1.2 and one cipher",
    "nginx-light",
    [null],
    [tcp(WEB, "nginx", "package", TLS)],
    (place) =>
      nginxTls(
        place,
        `ssl_ciphers ECDHE-RSA-CHACHA20-POLY1305; ssl_prefer_server_ciphers on; ${FILES}`,
        "ssl_protocols TLSv1.2;",
      ),
  ),
  daemon(
    "nginx 502 by TLS without tokens",
    "nginx-light",
    [8443],
    [tcp(HTTPS, "nginx", null, TLS)],
    (place) => nginxTls(place, "location / { proxy_pass http://127.0.0.1:9; }", "server_tokens off;"),
  ),
  daemon(
    "nginx 401 in stunnel",
    "nginx-light",
    [null, null],
    [tcp(WEB, "nginx", "package", TLS)],
    (place) => [
      stunnel(place),
      nginx(behind(place), "", `auth_basic "Nur intern"; auth_basic_user_file /dev/null; ${FILES}`),
    ],
  ),
  daemon(
    "nginx answers JSON without a name",
    "nginx-light",
    [null],
    [hidden(tcp(WEB, null, null, TLS), "nginx")],
    (place) =>
      nginxHeaders(
        place,
        "more_clear_headers Server; default_type application/json;",
        `ssl on; ssl_certificate ${place.certificate}; ssl_certificate_key ${place.privateKey}; ssl_protocols TLSv1.3; error_page 400 401 403 404 405 408 413 414 494 495 496 497 500 501 502 503 504 505 /e; location = /e { internal; return 404 '{"error":"not found"}'; } location / { return 404; }`,
      ),
  ),
  daemon("nginx without tokens", "nginx-light", [null], [tcp(WEB, "nginx")], (place) =>
    nginx(place, "server_tokens off;", FILES),
  ),
  daemon("nginx 444", "nginx-light", [null], [tcp(WEB, "nginx")], (place) =>
    nginx(place, "server_tokens off;", "return 444;"),
  ),
  daemon("nginx rejects handshakes", "nginx-light", [null], [tcp(HTTPS, "nginx", "package", TLS)], (place) =>
    nginxTls(place, "ssl_reject_handshake on;"),
  ),
  daemon("nginx client certificate", "nginx-light", [null], [tcp(HTTPS, "nginx", null, TLS)], (place) =>
    nginxTls(
      place,
      `ssl_client_certificate ${place.certificate}; ssl_verify_client on; ${FILES}`,
      "server_tokens off; ssl_protocols TLSv1.3;",
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
    nginxHeaders(
      place,
      'server_tokens off; more_clear_headers Server; add_header X-Powered-By "ASP.NET" always;',
      FILES,
    ),
  ),
  daemon("nginx with its own pages", "nginx-light", [null], [hidden(tcp(WEB, null), "nginx")], (place) =>
    nginxHeaders(
      place,
      "more_clear_headers Server;",
      'error_page 400 401 403 404 405 413 414 500 502 503 504 =404 @none; location / { return 404; } location @none { default_type text/html; return 404 "<h1>Gone fishing</h1>"; }',
    ),
  ),
  daemon("nginx 401", "nginx-light", [null], [tcp(WEB, "nginx")], (place) =>
    nginx(place, "server_tokens off;", `auth_basic "intranet"; auth_basic_user_file /dev/null; ${FILES}`),
  ),
  daemon("nginx 301", "nginx-light", [null], [tcp(WEB, "nginx", "package")], (place) =>
    nginx(place, "", "return 301 https://www.example.org$request_uri;"),
  ),
  daemon("apache Major", "apache2-bin", [null], [tcp(WEB, APACHE)], (place) =>
    apache(place, "ServerTokens Major\nServerSignature Off"),
  ),
  daemon("apache with subversion", "apache2-bin", [null], [tcp(WEB, APACHE, "package")], (place) =>
    apache(
      place,
      `${load("dav", "dav_svn")}ServerTokens Full\n<Location /svn>\nDAV svn\nSVNPath ${place.directory}/none\n</Location>`,
    ),
  ),
  daemon(
    "apache asks for a certificate later",
    "apache2-bin",
    [null],
    [tcp(WEB, APACHE, "package", TLS)],
    (place) =>
      apacheTls(
        place,
        `ServerTokens Min\nSSLCACertificateFile ${place.certificate}\n<Location />\nSSLVerifyClient require\n</Location>`,
      ),
  ),
  daemon(
    "apache keeps our address out, in its own words",
    "apache2-bin",
    [null],
    [tcp(WEB, APACHE, "package")],
    (place) =>
      apache(
        place,
        `${load("authz_host")}ServerTokens OS\nErrorDocument 403 "Zutritt verboten"\n<Location />\nRequire ip 10.9.8.0/24\n</Location>`,
      ),
  ),
  daemon("apache2 Prod", "apache2-bin", [null], [tcp(WEB, APACHE)], (place) =>
    apache(place, "ServerTokens Prod\nServerSignature Off"),
  ),
  daemon("apache tls 401", "apache2-bin", [null], [tcp(HTTPS, APACHE, null, TLS)], (place) =>
    apacheTls(
      place,
      `${load("auth_basic", "authn_core", "authn_file", "authz_user")}ServerTokens Prod
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
  daemon("apache denies with its own pages", "apache2-bin", [null], [tcp(WEB, APACHE)], (place) =>
    apache(
      place,
      'ServerTokens Prod\nServerSignature Off\nErrorDocument 400 "no"\nErrorDocument 403 "no"\nErrorDocument 404 "no"\nErrorDocument 501 "no"\n<Location />\nRequire all denied\n</Location>',
    ),
  ),
  daemon("apache h2c before nobody", "apache2-bin", [null], [tcp(WEB, APACHE)], (place) =>
    passingApache(
      { ...place, ports: [place.ports[0] ?? 0, 9] },
      `${load("http2")}Protocols h2c http/1.1\nServerTokens Major`,
    ),
  ),
  daemon(
    "haproxy ends TLS before an application without a name",
    "haproxy",
    [null, null],
    [hidden(tcp(WEB, null, null, TLS), [...HAPROXY, "Node.js"])],
    (place) => [
      haproxy(place, "  http-response del-header Server\n", ` ssl crt ${joined(place)} alpn h2,http/1.1`),
      application(behind(place), "x"),
    ],
  ),
  daemon(
    "haproxy before apache whose name it takes away",
    "haproxy",
    [null, null],
    [tcp(WEB, [...HAPROXY, ...APACHE])],
    (place) => [
      haproxy(place, "  http-response del-header Server\n"),
      apache(behind(place), "ServerTokens Prod\nServerSignature Off"),
    ],
  ),
  daemon("lighttpd without Server", "lighttpd", [null], [tcp(WEB, "lighttpd")], (place) =>
    renamedLighttpd(place, ""),
  ),
];
