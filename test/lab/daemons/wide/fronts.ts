import { type Command, type Daemon, type Place, write } from "../../daemon.ts";
import { daemon, shell, tcp } from "./entry.ts";
import { apache, application, caddy, haproxy, nginx, WEB } from "./servers.ts";

const APACHE = ["Apache httpd", "Apache HTTP Server"] as const;
export const HAPROXY = ["HAProxy http proxy", "HAProxy"] as const;
export const FILES = "root /var/www/html;";

/** The server that stands behind: it has the daemon's second port. */
export const behind = (place: Place): Place => ({ ...place, ports: place.ports.slice(1) });

const passingNginx = (place: Place) =>
  nginx(place, "", `location / { proxy_pass http://127.0.0.1:${place.ports[1]}; }`);
const passingApache = (place: Place) =>
  apache(
    place,
    `LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
ServerTokens OS
ProxyPass / http://127.0.0.1:${place.ports[1]}/`,
  );
export const varnish = ({ ports, directory }: Place): Command => ({
  argv: [
    "/usr/sbin/varnishd",
    "-F",
    "-j",
    "none",
    "-a",
    `127.0.0.1:${ports[0]}`,
    "-b",
    `127.0.0.1:${ports[1]}`,
    "-n",
    `${directory}/v`,
  ],
});
export const squid = (place: Place) =>
  shell(`install -d -m 777 home
cat > squid.conf <<X
http_port 127.0.0.1:${place.ports[0]} accel defaultsite=lab.test no-vhost
cache_peer 127.0.0.1 parent ${place.ports[1]} 0 no-query originserver
pid_filename none
coredump_dir $PWD/home
cache_log /dev/null
access_log none
cache_store_log none
cache_mem 1 MB
pinger_enable off
visible_hostname lab.test
shutdown_lifetime 0 seconds
http_access allow all
X
exec /usr/sbin/squid -N -n doorplatefront -f squid.conf`);
const caddyFront = (place: Place) => caddy(place, `reverse_proxy 127.0.0.1:${place.ports[1]}`);
const lighttpd = (place: Place): Command => ({
  argv: [
    "/usr/sbin/lighttpd",
    "-D",
    "-f",
    write(
      place,
      "lighttpd.conf",
      `server.bind = "127.0.0.1"\nserver.port = ${place.ports[0]}\nserver.document-root = "/var/www/html"\nserver.errorlog = "${place.directory}/log"\n`,
    ),
  ],
});
const python = ({ ports, directory }: Place): Command => ({
  argv: [
    "/usr/bin/python3",
    "-m",
    "http.server",
    `${ports[0]}`,
    "--bind",
    "127.0.0.1",
    "--directory",
    directory,
  ],
});
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

/** Two servers, one before the other: who answers on the port is the product, who stands behind it a technology. */
export const fronts: Daemon[] = [
  pair("haproxy before nginx", "haproxy", HAPROXY, ["nginx"], haproxy, (place) => nginx(place, "", FILES)),
  pair("haproxy before Apache", "haproxy", HAPROXY, ["Apache httpd"], haproxy, (place) =>
    apache(place, "ServerTokens OS"),
  ),
  pair("haproxy before lighttpd", "haproxy", HAPROXY, ["lighttpd"], haproxy, lighttpd),
  pair("haproxy before an application as IIS", "haproxy", HAPROXY, ["Microsoft IIS"], haproxy, (place) =>
    application(place, "Microsoft-IIS/10.0"),
  ),
  pair("nginx before Apache", "nginx-light", "nginx", ["Apache httpd"], passingNginx, (place) =>
    apache(place, "ServerSignature On\nServerTokens OS"),
  ),
  pair("nginx before python", "nginx-light", "nginx", ["SimpleHTTPServer"], passingNginx, python),
  pair("Apache before python", "apache2-bin", APACHE, ["SimpleHTTPServer"], passingApache, python),
  pair("Apache before nginx", "apache2-bin", APACHE, ["nginx"], passingApache, (place) =>
    nginx(place, "", FILES),
  ),
  pair("varnish before lighttpd", "varnish", ["Varnish Cache", "Varnish"], ["lighttpd"], varnish, lighttpd),
  pair("varnish before nginx", "varnish", ["Varnish Cache", "Varnish"], ["nginx"], varnish, (place) =>
    nginx(place, "", FILES),
  ),
  pair("squid before nginx", "squid", ["Squid http proxy", "Squid"], ["nginx"], squid, (place) =>
    nginx(place, "", FILES),
  ),
  pair("caddy before nginx", "caddy", ["Caddy httpd", "Caddy"], ["nginx"], caddyFront, (place) =>
    nginx(place, "", FILES),
  ),
];
