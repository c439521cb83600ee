import { type Daemon, EXTRACTED, type Place } from "../../daemon.ts";
import { cups } from "../servers/network.ts";
import {
  behind,
  haproxy,
  joined,
  squid,
  squidFront,
  squidOf,
  tinyproxy,
  varnish,
} from "../servers/proxies.ts";
import {
  caddy,
  caddyTls,
  FILES,
  h2o,
  jetty,
  nginx,
  passingLighttpd,
  renamedLighttpd,
  tomcat,
} from "../servers/web.ts";
import { daemon, hidden, TLS, tcp } from "./entry.ts";
import { CADDY, HAPROXY, HTTPS, SQUID, TOMCAT, VARNISH, WEB } from "./products.ts";

const passed = { behind: ["nginx"] };
const origin = (place: Place) => nginx(behind(place), "", FILES);

/** Proxies and what runs applications: denying, redirecting, dropping, without their name. */
export const closedProxies: Daemon[] = [
  daemon("squid says little", "squid", [null], [tcp(WEB, SQUID)], (place) =>
    squid(place, "http_access deny all\nvia off\nforwarded_for delete\nhttpd_suppress_version_string on"),
  ),
  daemon("squid nameless", "squid", [null, null], [tcp(WEB, SQUID, null, passed)], (place) => [
    squidFront(
      place,
      `via off
httpd_suppress_version_string on
reply_header_access X-Cache deny all
reply_header_access X-Cache-Lookup deny all`,
    ),
    origin(place),
  ]),
  daemon("squid 407", "squid", [null], [tcp(WEB, SQUID)], (place) =>
    squid(
      place,
      `auth_param basic program /usr/lib/squid/basic_fake_auth
acl known proxy_auth REQUIRED
http_access allow known
httpd_suppress_version_string on
via off
forwarded_for delete`,
    ),
  ),
  daemon("squid by TLS", "squid-openssl", [null], [tcp(WEB, SQUID, "package", TLS)], (place) =>
    squidOf(
      place,
      `https_port 127.0.0.1:${place.ports[0]} tls-cert=${joined(place)}`,
      "http_access allow all",
      `${EXTRACTED}/squid-openssl/usr/sbin/squid`,
    ),
  ),
  daemon("tomcat by TLS", "tomcat10", [null], [tcp(WEB, TOMCAT, "package", TLS)], (place) =>
    tomcat(
      place,
      ` SSLEnabled="true" scheme="https" secure="true"><SSLHostConfig><Certificate certificateFile="${place.certificate}" certificateKeyFile="${place.privateKey}"/></SSLHostConfig></Connector><Connector port="0" address="127.0.0.1"`,
    ),
  ),
  daemon("tomcat quiet", "tomcat10", [null], [tcp(WEB, ["Apache Tomcat"])], (place) =>
    // The valve keeps version and report out of the pages.
    tomcat(
      place,
      "",
      '<Valve className="org.apache.catalina.valves.ErrorReportValve" showReport="false" showServerInfo="false"/>',
    ),
  ),
  daemon(
    "tomcat client certificate",
    "tomcat10",
    [null, null],
    [tcp(HTTPS, ["Apache Tomcat"], null, TLS)],
    (place) =>
      tomcat(
        place,
        ` SSLEnabled="true"><SSLHostConfig certificateVerification="required" caCertificateFile="${place.certificate}"><Certificate certificateFile="${place.certificate}" certificateKeyFile="${place.privateKey}"/></SSLHostConfig></Connector><Connector port="${place.ports[1]}" address="127.0.0.1"`,
      ),
  ),
  daemon(
    "lighttpd nameless with its own pages",
    "lighttpd",
    [null],
    [hidden(tcp(WEB, null), "lighttpd")],
    (place) => renamedLighttpd(place, "", `server.errorfile-prefix = "${place.directory}/e"\n`),
  ),
  daemon("lighttpd nameless", "lighttpd", [null, null], [tcp(WEB, "lighttpd", null, passed)], (place) => [
    passingLighttpd(place, ""),
    origin(place),
  ]),
  daemon(
    "caddy by one name only",
    "caddy",
    [null],
    [
      hidden(tcp([...WEB, "ssl", "https", "unknown"], null, null, TLS), [
        "Caddy",
        "Caddy httpd",
        "Golang net/http server",
      ]),
    ],
    (place) => caddyTls(place, "intern.example.org", "internal"),
  ),
  daemon(
    "caddy strict names",
    "caddy",
    [null],
    [tcp(HTTPS, CADDY, null, { tls: true, productHidden: true })],
    (place) => caddyTls(place, "www.lab.test"),
  ),
  daemon("caddy without Server", "caddy", [null], [hidden(tcp(WEB, null), CADDY)], (place) =>
    caddy(place, 'header -Server\n respond "nothing here" 404'),
  ),
  daemon("caddy 403", "caddy", [null], [tcp(WEB, CADDY)], (place) => caddy(place, "respond 403")),
  daemon(
    "tinyproxy keeps us out",
    "tinyproxy",
    [null],
    [tcp(WEB, ["Tinyproxy", "tinyproxy"], "package")],
    (place) => tinyproxy(place, "Allow 10.9.8.7\n"),
  ),
  daemon("tinyproxy nameless", "tinyproxy", [null, null], [tcp(WEB, "tinyproxy", null, passed)], (place) => [
    tinyproxy(
      place,
      `ReversePath "/" "http://127.0.0.1:${place.ports[1]}/"\nReverseOnly Yes\nDisableViaHeader Yes\n`,
    ),
    origin(place),
  ]),
  daemon("cups by TLS", "cups-daemon", [null], [tcp(["ipp", ...WEB], ["CUPS"], "package", TLS)], (place) =>
    cups(
      place,
      `SSLListen 127.0.0.1:${place.ports[0]}\nServerName lab.test\nServerAlias *\nServerTokens Minor\nWebInterface no\nBrowsing Off\n<Location />\nOrder deny,allow\n</Location>`,
    ),
  ),
  daemon("h2o nameless", "h2o", [null, null], [tcp(WEB, "H2O")], (place) => [
    h2o(place, 'server-name: ""\n', "", `proxy.reverse.url: "http://127.0.0.1:${place.ports[1]}/"`),
    origin(place),
  ]),
  daemon("haproxy 503", "haproxy", [null, null], [tcp(WEB, HAPROXY)], (place) => haproxy(place)),
  daemon("haproxy redirects", "haproxy", [null, null], [tcp(WEB, HAPROXY)], (place) =>
    haproxy(place, "  http-request redirect scheme https\n"),
  ),
  daemon("haproxy drops", "haproxy", [null, null], [tcp(WEB, HAPROXY)], (place) =>
    haproxy(place, "  http-request silent-drop\n"),
  ),
  daemon(
    "varnish out of sight",
    "varnish",
    [null, null],
    [hidden(tcp(WEB, null, null, { behind: ["nginx"] }), VARNISH)],
    (place) => [
      varnish(
        place,
        "sub vcl_deliver { unset resp.http.Via; unset resp.http.X-Varnish; unset resp.http.Age; }",
      ),
      nginx(behind(place), "", FILES),
    ],
  ),
  daemon("jetty quiet", "jetty9", [null], [tcp(WEB, ["Jetty", "Eclipse Jetty"])], (place) =>
    jetty(place, "jetty.httpConfig.sendServerVersion=false"),
  ),
];
