import { mkdirSync } from "node:fs";
import { type Daemon, type Door, write } from "../daemon.ts";

const http = (door: Omit<Door, "transport" | "service" | "tls" | "at"> & Partial<Door>): Door => ({
  at: 0,
  transport: "tcp",
  tls: false,
  service: ["http", "http-proxy"],
  ...door,
});

export const webDaemons: Daemon[] = [
  {
    name: "nginx",
    package: "nginx-light",
    ports: [80, 443],
    doors: [
      http({ product: ["nginx"], version: "package" }),
      http({ at: 1, tls: true, service: ["http", "https"], product: ["nginx"], version: "package" }),
    ],
    start(place) {
      const { directory, ports } = place;
      const bodies = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((kind) => `${kind}_temp_path ${directory}/${kind};`)
        .join(" ");
      const config = write(
        place,
        "nginx.conf",
        `daemon off; user www-data; worker_processes 1; pid ${directory}/pid; error_log ${directory}/log;
events { worker_connections 64; }
http {
  access_log off; ${bodies}
  server { listen 127.0.0.1:${ports[0]}; root /var/www/html; }
  server {
    listen 127.0.0.1:${ports[1]} ssl; root /var/www/html;
    ssl_certificate ${place.certificate}; ssl_certificate_key ${place.privateKey};
  }
}
`,
      );
      return [{ argv: ["/usr/sbin/nginx", "-p", directory, "-c", config, "-e", `${directory}/log`] }];
    },
  },
  {
    name: "apache2",
    package: "apache2-bin",
    ports: [8080],
    doors: [http({ product: ["Apache httpd", "Apache HTTP Server"], version: "package" })],
    start(place) {
      const { directory, ports } = place;
      const config = write(
        place,
        "apache2.conf",
        `LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
ServerRoot ${directory}
ServerName lab.test
ServerTokens OS
Listen 127.0.0.1:${ports[0]}
PidFile ${directory}/pid
DefaultRuntimeDir ${directory}
ErrorLog ${directory}/log
User www-data
Group www-data
DocumentRoot /var/www/html
`,
      );
      return [{ argv: ["/usr/sbin/apache2", "-d", directory, "-f", config, "-DFOREGROUND"] }];
    },
  },
  {
    name: "lighttpd",
    package: "lighttpd",
    ports: [null],
    doors: [http({ product: ["lighttpd"], version: "package" })],
    start(place) {
      const config = write(
        place,
        "lighttpd.conf",
        `server.bind = "127.0.0.1"
server.port = ${place.ports[0]}
server.document-root = "/var/www/html"
server.errorlog = "${place.directory}/log"
`,
      );
      return [{ argv: ["/usr/sbin/lighttpd", "-D", "-f", config] }];
    },
  },
  {
    name: "python3 -m http.server",
    package: "python3",
    ports: [8000],
    // Python's http.server names itself "SimpleHTTP/0.6" in every release (Lib/http/server.py).
    doors: [http({ product: ["SimpleHTTPServer", "SimpleHTTP", "Python http.server"], version: "0.6" })],
    start({ directory, ports }) {
      const argv = ["-m", "http.server", `${ports[0]}`, "--bind", "127.0.0.1", "--directory", directory];
      return [{ argv: ["/usr/bin/python3", ...argv] }];
    },
  },
  {
    name: "haproxy",
    package: "haproxy",
    ports: [null],
    doors: [http({ product: ["HAProxy http proxy"], version: null })],
    start(place) {
      const config = write(
        place,
        "haproxy.cfg",
        `defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
frontend lab
  bind 127.0.0.1:${place.ports[0]}
`,
      );
      return [{ argv: ["/usr/sbin/haproxy", "-db", "-f", config] }];
    },
  },
  {
    name: "tinyproxy",
    package: "tinyproxy-bin",
    ports: [8888],
    doors: [http({ product: ["tinyproxy"], version: "package" })],
    start(place) {
      const config = write(
        place,
        "tinyproxy.conf",
        `Port ${place.ports[0]}
Listen 127.0.0.1
Timeout 60
User nobody
Group nogroup
MaxClients 20
LogLevel Error
`,
      );
      return [{ argv: ["/usr/bin/tinyproxy", "-d", "-c", config] }];
    },
  },
  {
    name: "squid",
    package: "squid",
    ports: [3128],
    doors: [http({ product: ["Squid http proxy"], version: "package" })],
    start(place) {
      const { directory, ports } = place;
      mkdirSync(`${directory}/home`, { mode: 0o777 });
      const config = write(
        place,
        "squid.conf",
        `http_port 127.0.0.1:${ports[0]}
pid_filename none
coredump_dir ${directory}/home
cache_log /dev/null
access_log none
cache_store_log none
cache_mem 1 MB
pinger_enable off
visible_hostname lab.test
shutdown_lifetime 0 seconds
http_access deny all
`,
      );
      return [{ argv: ["/usr/sbin/squid", "-N", "-n", "doorplatelab", "-f", config] }];
    },
  },
];
