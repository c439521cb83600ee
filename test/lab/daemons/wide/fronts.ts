import type { Command, Daemon, Place } from "../../daemon.ts";
import { redis } from "../servers/data.ts";
import { application, FLASK_APP, gunicorn, nodeHttp, python, pythonFiles } from "../servers/languages.ts";
import { behind, haproxy, squidFront, varnish } from "../servers/proxies.ts";
import {
  apache,
  caddy,
  FILES,
  lighttpd,
  load,
  nginx,
  passingApache,
  passingLighttpd,
  passingNginx,
  phpFpm,
  tomcat,
} from "../servers/web.ts";
import { daemon, hidden, shell, tcp } from "./entry.ts";
import { APACHE, HAPROXY, REDIS, SQUID, TOMCAT, VARNISH, WEB } from "./products.ts";

type Start = (place: Place) => Command;
const pair = (
  name: string,
  pack: string,
  product: Parameters<typeof tcp>[1],
  technologies: readonly string[],
  front: Start,
  origin: Start,
) =>
  daemon(name, pack, [null, null], [tcp(WEB, product, null, { behind: technologies })], (place) => [
    front(place),
    origin(behind(place)),
  ]);
const caddyFront = (place: Place) => caddy(place, `reverse_proxy 127.0.0.1:${place.ports[1]}`);

/** Two servers, one before the other: who answers on the port is the product, who stands behind it a technology. */
export const fronts: Daemon[] = [
  daemon("simpleproxy before apache", "apache2-bin", [8880, null], [tcp(WEB, APACHE, "package")], (place) => [
    shell(`exec simpleproxy -L 127.0.0.1:${place.ports[0]} -R 127.0.0.1:${place.ports[1]}`),
    apache(behind(place), "ServerTokens Min"),
  ]),
  daemon(
    "apache before php-fpm",
    "apache2-bin",
    [null],
    [tcp(WEB, APACHE, "package", { behind: ["PHP"] })],
    (place) => [
      phpFpm(`${place.directory}/php.sock`),
      apache(
        place,
        `${load("proxy", "proxy_fcgi", "dir")}ServerTokens Full\nDocumentRoot ${place.directory}/www\nDirectoryIndex index.php\n<FilesMatch "\\.php$">\nSetHandler "proxy:unix:${place.directory}/php.sock|fcgi://localhost"\n</FilesMatch>`,
      ),
    ],
  ),
  daemon(
    "apache before Tomcat by AJP",
    "apache2-bin",
    [null, null],
    [tcp(WEB, APACHE, null, { behind: ["Apache Tomcat"] })],
    (place) => [
      apache(
        place,
        `${load("proxy", "proxy_ajp")}ServerTokens Prod\nProxyPass / ajp://127.0.0.1:${place.ports[1]}/`,
      ),
      tomcat(behind(place), ' protocol="AJP/1.3" secretRequired="false"'),
    ],
  ),
  pair("Apache before python", "apache2-bin", APACHE, ["SimpleHTTPServer"], passingApache, pythonFiles),
  pair("Apache before nginx", "apache2-bin", APACHE, ["nginx"], passingApache, (place) =>
    nginx(place, "", FILES),
  ),
  daemon("6tunnel before redis", "redis-server", [null, null], [tcp("redis", REDIS, "package")], (place) => [
    shell(`exec 6tunnel -4 -d -l 127.0.0.1 ${place.ports[0]} 127.0.0.1 ${place.ports[1]}`),
    redis(behind(place)),
  ]),
  daemon(
    "varnish without Via before lighttpd",
    "varnish",
    [null, null],
    [tcp(WEB, VARNISH, null, { behind: ["lighttpd"] })],
    (place) => [varnish(place, "sub vcl_deliver { unset resp.http.Via; }"), lighttpd(behind(place))],
  ),
  pair("varnish before lighttpd", "varnish", ["Varnish Cache", "Varnish"], ["lighttpd"], varnish, lighttpd),
  pair("varnish before nginx", "varnish", ["Varnish Cache", "Varnish"], ["nginx"], varnish, (place) =>
    nginx(place, "", FILES),
  ),
  pair("varnish before Apache", "varnish", VARNISH, ["Apache httpd"], varnish, (place) =>
    apache(place, "ServerTokens Prod"),
  ),
  daemon(
    "nginx before php-fpm",
    "nginx-light",
    [null],
    [tcp(WEB, "nginx", null, { behind: ["PHP"] })],
    (place) => [
      phpFpm(`${place.directory}/php.sock`),
      nginx(
        place,
        "server_tokens off;",
        `root ${place.directory}/www; index index.php; location ~ \\.php$ { include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name; fastcgi_pass unix:${place.directory}/php.sock; }`,
      ),
    ],
  ),
  daemon(
    "nginx lets gunicorn's name through",
    "nginx-light",
    [null, null],
    [tcp(WEB, ["nginx", "Gunicorn", "gunicorn"])],
    (place) => [
      nginx(
        place,
        "server_tokens off;",
        `location / { proxy_pass_header Server; proxy_pass http://127.0.0.1:${place.ports[1]}; }`,
      ),
      gunicorn(behind(place), FLASK_APP),
    ],
  ),
  pair("nginx before Apache", "nginx-light", "nginx", ["Apache httpd"], passingNginx, (place) =>
    apache(place, "ServerSignature On\nServerTokens OS"),
  ),
  pair("nginx before python", "nginx-light", "nginx", ["SimpleHTTPServer"], passingNginx, pythonFiles),
  daemon(
    "nginx before tomcat",
    "nginx-light",
    [null, null],
    [tcp(WEB, "nginx", null, { behind: ["Apache Tomcat"] })],
    (place) => [passingNginx(place), tomcat(behind(place))],
  ),
  pair("nginx before Express", "nginx-light", "nginx", ["Express"], passingNginx, (place) =>
    nodeHttp(
      place,
      `r.writeHead(200, { "X-Powered-By": "Express", "Content-Type": "application/json" }).end('{"ok":true}')`,
    ),
  ),
  pair("haproxy before nginx", "haproxy", HAPROXY, ["nginx"], haproxy, (place) => nginx(place, "", FILES)),
  pair("haproxy before Apache", "haproxy", HAPROXY, ["Apache httpd"], haproxy, (place) =>
    apache(place, "ServerTokens OS"),
  ),
  daemon(
    "haproxy before tomcat",
    "haproxy",
    [null, null],
    [hidden(tcp(WEB, null), [...HAPROXY, ...TOMCAT])],
    (place) => [haproxy(place), tomcat(behind(place))],
  ),
  pair("haproxy before lighttpd", "haproxy", HAPROXY, ["lighttpd"], haproxy, lighttpd),
  pair("haproxy before an application as IIS", "haproxy", HAPROXY, ["Microsoft IIS"], haproxy, (place) =>
    application(place, "Microsoft-IIS/10.0"),
  ),
  pair("squid before nginx", "squid", SQUID, ["nginx"], squidFront, (place) => nginx(place, "", FILES)),
  pair("caddy before nginx", "caddy", ["Caddy httpd", "Caddy"], ["nginx"], caddyFront, (place) =>
    nginx(place, "", FILES),
  ),
  daemon(
    "lighttpd before python",
    "lighttpd",
    [null, null],
    [tcp(WEB, "lighttpd", null, { productHidden: true, behind: ["SimpleHTTPServer"] })],
    (place) => [passingLighttpd(place, "lighttpd"), python(behind(place), "SimpleHTTP/0.6", "Python/3.11.2")],
  ),
];
