import { type Command, type Daemon, type Place, write } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, TLS, tcp } from "./entry.ts";
import { behind, FILES, HAPROXY } from "./fronts.ts";
import { APACHE, HEADERS_MORE } from "./impostors.ts";
import { apache, application, haproxy, nginx, tomcat, WEB } from "./servers.ts";
import { joined } from "./states.ts";
import { stunnel } from "./variants-mail.ts";

const MODULES = "/usr/lib/apache2/modules";
const load = (...names: readonly string[]) =>
  names.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so\n`).join("");
const tlsOf = ({ certificate, privateKey }: Place, protocols: string) =>
  `ssl_certificate ${certificate}; ssl_certificate_key ${privateKey}; ssl_protocols ${protocols};`;
const apacheTls = ({ certificate, privateKey }: Place, more: string) =>
  `${load("ssl", "socache_shmcb")}SSLEngine on\nSSLCertificateFile ${certificate}\nSSLCertificateKeyFile ${privateKey}\n${more}`;
/** PHP of its own, whose socket is in the daemon's directory. */
export const php = ({ directory }: Place) =>
  shell(`mkdir www; echo '<?php echo "<h1>Willkommen</h1>", count($_GET);' > www/index.php; chmod -R 755 .
printf '[global]\\nerror_log = /dev/stderr\\n[www]\\nuser = www-data\\ngroup = www-data\\nlisten = ${directory}/php.sock\\nlisten.mode = 0666\\npm = static\\npm.max_children = 1\\n' > fpm.conf
exec /usr/sbin/php-fpm8.2 -F -n -y fpm.conf`);
export const lighttpdWith = (place: Place, more: string): Command => ({
  argv: [
    "/usr/sbin/lighttpd",
    "-D",
    "-f",
    write(
      place,
      "lighttpd.conf",
      `server.bind = "127.0.0.1"\nserver.port = ${place.ports[0]}\nserver.document-root = "/var/www/html"\nserver.errorlog = "${place.directory}/log"\n${more}`,
    ),
  ],
});
/** A squid that has its own say in everything: `port` is its line of http_port, `more` the rest. */
export const squidOf = (place: Place, port: string, more: string, program = "/usr/sbin/squid") =>
  shell(`install -d -m 777 home
cat > squid.conf <<X
${port}
pid_filename none
coredump_dir $PWD/home
cache_log /dev/null
access_log none
cache_store_log none
cache_mem 1 MB
pinger_enable off
visible_hostname cache.lab.test
shutdown_lifetime 0 seconds
${more}
X
exec ${program} -N -n doorplate${place.ports[0]} -f squid.conf`);
export const flask = `from flask import Flask
app = Flask(__name__)
@app.route("/")
def home(): return "<title>Inventar</title><h1>Inventar</h1>"
`;
export const gunicorn = (place: Place, more = "") => {
  write(place, "app.py", flask);
  return shell(`exec gunicorn -b 127.0.0.1:${place.ports[0]} ${more} app:app`, HOME);
};
export const SQUID = ["Squid http proxy", "Squid"] as const;
export const TOMCAT = ["Apache Tomcat", "Apache Tomcat/Coyote JSP engine", "Tomcat"] as const;

/** Web servers as their operators close them, once more. */
export const closedWeb: Daemon[] = [
  daemon(
    "nginx before php-fpm",
    "nginx-light",
    [null],
    [tcp(WEB, "nginx", null, { behind: ["PHP"] })],
    (place) => [
      php(place),
      nginx(
        place,
        "server_tokens off;",
        `root ${place.directory}/www; index index.php; location ~ \\.php$ { include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name; fastcgi_pass unix:${place.directory}/php.sock; }`,
      ),
    ],
  ),
  daemon(
    "nginx by TLS 1.2 and one cipher",
    "nginx-light",
    [null],
    [tcp(WEB, "nginx", "package", TLS)],
    (place) =>
      nginx(
        place,
        "",
        `ssl on; ${tlsOf(place, "TLSv1.2")} ssl_ciphers ECDHE-RSA-CHACHA20-POLY1305; ssl_prefer_server_ciphers on; ${FILES}`,
      ),
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
      nginx(
        place,
        "more_clear_headers Server; default_type application/json;",
        `ssl on; ${tlsOf(place, "TLSv1.3")} error_page 400 401 403 404 405 408 413 414 494 495 496 497 500 501 502 503 504 505 /e; location = /e { internal; return 404 '{"error":"not found"}'; } location / { return 404; }`,
        `load_module ${HEADERS_MORE};`,
      ),
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
      gunicorn(behind(place)),
    ],
  ),
  daemon(
    "nginx as Apache with Apache's pages",
    "nginx-light",
    [null],
    [tcp(WEB, "nginx", null, { spoof: APACHE })],
    (place) =>
      nginx(
        place,
        'more_set_headers "Server: Apache/2.4.57 (Debian)";',
        `error_page 400 403 404 405 500 /404.html; location = /404.html { internal; root ${place.directory}; } location / { root /var/www/html; }`,
        `load_module ${HEADERS_MORE};`,
      ),
  ),
  daemon(
    "apache before php-fpm",
    "apache2-bin",
    [null],
    [tcp(WEB, APACHE, "package", { behind: ["PHP"] })],
    (place) => [
      php(place),
      apache(
        place,
        `${load("proxy", "proxy_fcgi", "dir")}ServerTokens Full\nDocumentRoot ${place.directory}/www\nDirectoryIndex index.php\n<FilesMatch "\\.php$">\nSetHandler "proxy:unix:${place.directory}/php.sock|fcgi://localhost"\n</FilesMatch>`,
      ),
    ],
  ),
  daemon("apache Major", "apache2-bin", [null], [tcp(WEB, APACHE)], (place) =>
    apache(place, "ServerTokens Major\nServerSignature Off"),
  ),
  daemon("apache with subversion", "apache2-bin", [null], [tcp(WEB, APACHE, "package")], (place) =>
    apache(
      place,
      `${load("dav")}LoadModule dav_svn_module ${MODULES}/mod_dav_svn.so\nServerTokens Full\n<Location /svn>\nDAV svn\nSVNPath ${place.directory}/none\n</Location>`,
    ),
  ),
  daemon(
    "apache asks for a certificate later",
    "apache2-bin",
    [null],
    [tcp(WEB, APACHE, "package", TLS)],
    (place) =>
      apache(
        place,
        apacheTls(
          place,
          `ServerTokens Min\nSSLCACertificateFile ${place.certificate}\n<Location />\nSSLVerifyClient require\n</Location>`,
        ),
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
  daemon(
    "haproxy ends TLS before an application without a name",
    "haproxy",
    [null, null],
    [hidden(tcp(WEB, null, null, TLS), [...HAPROXY, "Node.js"])],
    (place) => [
      {
        argv: [
          "/usr/sbin/haproxy",
          "-db",
          "-f",
          write(
            place,
            "h.cfg",
            `defaults\n  mode http\n  timeout connect 1s\n  timeout client 10s\n  timeout server 10s\nfrontend lab\n  bind 127.0.0.1:${place.ports[0]} ssl crt ${joined(place)} alpn h2,http/1.1\n  http-response del-header Server\n  default_backend b\nbackend b\n  server one 127.0.0.1:${place.ports[1]}\n`,
          ),
        ],
      },
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
];
