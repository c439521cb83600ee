/** Web servers, each with lines of its own in the configuration. */
import { type Command, EXTRACTED, type Place, write } from "../../daemon.ts";
import { HOME, shell } from "../wide/entry.ts";

export const FILES = "root /var/www/html;";
const tlsFiles = ({ certificate, privateKey }: Place) =>
  `ssl_certificate ${certificate}; ssl_certificate_key ${privateKey};`;

/** `inside`: of its clause http; `server`: of the server on the first port; `before`: in front of all. */
export function nginx(place: Place, inside: string, server: string, before = ""): Command {
  const { directory } = place;
  const bodies = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${directory}/${kind};`)
    .join(" ");
  const config = write(
    place,
    "nginx.conf",
    `${before} daemon off; user www-data; worker_processes 1; pid ${directory}/pid; error_log ${directory}/log;
events { worker_connections 64; }
http { access_log off; ${bodies} ${inside} server { listen 127.0.0.1:${place.ports[0]}; ${server} } }
`,
  );
  return shell(`exec /usr/sbin/nginx -p ${directory} -c ${config} -e ${directory}/log`);
}
/** With a module that writes and clears fields of its answers. */
export const nginxHeaders = (place: Place, inside: string, server: string): Command =>
  nginx(
    place,
    inside,
    server,
    `load_module ${EXTRACTED}/libnginx-mod-http-headers-more-filter/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so;`,
  );
/** By another name in its `Server` field. */
export const renamedNginx = (place: Place, server: string): Command =>
  nginxHeaders(place, `more_set_headers "Server: ${server}";`, FILES);
/** TLS on the first port, which is written again with what more it is to do there. */
export const nginxTls = (place: Place, server: string, inside = "", listen = ""): Command =>
  nginx(
    place,
    `${inside} ${tlsFiles(place)} server { listen 127.0.0.1:${place.ports[0]} ssl${listen} default_server; ${server} }`,
    "",
  );
/** Before the second port. */
export const passingNginx = (place: Place, more = ""): Command =>
  nginx(place, more, `location / { proxy_pass http://127.0.0.1:${place.ports[1]}; }`);
/** nginx with one clause beside http, of a module that it loads. */
export const nginxModule = (module: "mail" | "rtmp" | "stream", clause: string): Command =>
  shell(`cat > nginx.conf <<X
load_module ${EXTRACTED}/libnginx-mod-${module}/usr/lib/nginx/modules/ngx_${module}_module.so;
daemon off; worker_processes 1; pid $PWD/pid; error_log stderr;
events { worker_connections 64; }
${module} { ${clause} }
X
exec /usr/sbin/nginx -p $PWD -c $PWD/nginx.conf -e stderr`);
/** Passes the bytes of its first port on to the second; `inside` is what the server does. */
export const stream = (place: Place, inside: string): Command =>
  nginxModule(
    "stream",
    `server { listen 127.0.0.1:${place.ports[0]}${inside}; proxy_pass 127.0.0.1:${place.ports[1]}; ${tlsFiles(place)} }`,
  );

/** Lines that load modules of Apache httpd. */
export const load = (...names: readonly string[]): string =>
  names.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`).join("");
export function apache(place: Place, more: string): Command {
  const { directory, ports } = place;
  const config = write(
    place,
    "apache2.conf",
    `${load("mpm_event", "authz_core", "headers")}ServerRoot ${directory}
ServerName lab.test
Listen 127.0.0.1:${ports[0]}
PidFile ${directory}/pid
DefaultRuntimeDir ${directory}
ErrorLog ${directory}/log
User www-data
Group www-data
DocumentRoot /var/www/html
${more}
`,
  );
  return shell(`exec /usr/sbin/apache2 -d ${directory} -f ${config} -DFOREGROUND`);
}
/** By another name, as ModSecurity writes it. */
export const renamedApache = (place: Place, server: string, more = ""): Command =>
  apache(
    place,
    `${load("unique_id")}LoadModule security2_module ${EXTRACTED}/libapache2-mod-security2/usr/lib/apache2/modules/mod_security2.so
SecServerSignature "${server}"
ServerTokens Full${more}`,
  );
export const apacheTls = (place: Place, more: string): Command =>
  apache(
    place,
    `${load("ssl", "socache_shmcb")}SSLEngine on
SSLCertificateFile ${place.certificate}
SSLCertificateKeyFile ${place.privateKey}
${more}`,
  );
/** Before the second port. */
export const passingApache = (place: Place, more = "ServerTokens OS"): Command =>
  apache(place, `${load("proxy", "proxy_http")}${more}\nProxyPass / http://127.0.0.1:${place.ports[1]}/`);

export const lighttpd = (place: Place, more = ""): Command =>
  shell(
    `exec /usr/sbin/lighttpd -D -f ${write(
      place,
      "lighttpd.conf",
      `server.bind = "127.0.0.1"\nserver.port = ${place.ports[0]}\nserver.document-root = "/var/www/html"\nserver.errorlog = "${place.directory}/log"\n${more}`,
    )}`,
  );
export const renamedLighttpd = (place: Place, tag: string, more = ""): Command =>
  lighttpd(place, `server.tag = "${tag}"\n${more}`);
/** Before the second port. */
export const passingLighttpd = (place: Place, tag: string): Command =>
  renamedLighttpd(
    place,
    tag,
    `server.modules += ("mod_proxy")\nproxy.server = ("" => (("host" => "127.0.0.1", "port" => ${place.ports[1]})))\n`,
  );

/** `connector`: attributes of the first port's; `valves`: inside of its host. */
export const tomcat = ({ ports }: Place, connector = "", valves = ""): Command =>
  catalina(`<Server port="-1"><Service name="Catalina"><Connector port="${ports[0]}" address="127.0.0.1"${connector}/>
<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps">${valves}</Host></Engine></Service></Server>`);
/** Tomcat of this server.xml. */
export const catalina = (server: string, options = ""): Command =>
  shell(`mkdir -p t/conf t/webapps t/temp t/logs t/work
cat > t/conf/server.xml <<X
${server}
X
cp /etc/tomcat10/web.xml t/conf/ 2>/dev/null || cp /usr/share/tomcat10/etc/web.xml t/conf/
export CATALINA_BASE=$PWD/t CATALINA_HOME=/usr/share/tomcat10 JAVA_HOME=$(dirname $(dirname $(readlink -f /usr/bin/java)))
export CATALINA_OPTS="${options}"
exec sh /usr/share/tomcat10/bin/catalina.sh run`);
export const jetty = ({ ports }: Place, more = ""): Command =>
  shell(`mkdir -p webapps
exec java -Djetty.home=/usr/share/jetty9 -Djetty.base=$PWD -jar /usr/share/jetty9/start.jar --module=http,deploy jetty.http.host=127.0.0.1 jetty.http.port=${ports[0]} --approve-all-licenses ${more}`);

/** Caddy of these sites, without its administration and certificates that it would fetch. */
export const caddySites = (place: Place, sites: string, administration = "off"): Command =>
  shell(
    `exec /usr/bin/caddy run --adapter caddyfile --config ${write(place, "Caddyfile", `{\n admin ${administration}\n auto_https disable_redirects\n skip_install_trust\n}\n${sites}`)}`,
    { HOME: place.directory },
  );
/** One site over HTTP, of these lines. */
export const caddy = (place: Place, lines: string): Command =>
  caddySites(place, `http://:${place.ports[0]} {\n bind 127.0.0.1\n ${lines}\n}\n`);
/** One site over TLS, for who calls it by this name alone. */
export const caddyTls = (
  place: Place,
  name: string,
  tls = `${place.certificate} ${place.privateKey}`,
): Command =>
  caddySites(
    place,
    `https://${name}:${place.ports[0]} {\n bind 127.0.0.1\n tls ${tls}\n respond "hello"\n}\n`,
  );

export const webfs = (port: number | undefined): Command =>
  shell(`exec /usr/bin/webfsd -F -p ${port} -i 127.0.0.1 -r $PWD`);
export const h2o = (place: Place, name: string, listen: string, path: string): Command =>
  shell(
    `exec /usr/bin/h2o -c ${write(
      place,
      "h2o.conf",
      `${name}user: root\nlisten: { host: 127.0.0.1, port: ${place.ports[0]}${listen} }\nhosts: { default: { paths: { "/": { ${path} } } } }\n`,
    )}`,
  );
/** PHP of its own, whose socket is in the daemon's directory. */
export const phpFpm = (listen: string): Command =>
  shell(`mkdir www; echo '<?php echo "<h1>Willkommen</h1>", count($_GET);' > www/index.php; chmod -R 755 .
printf '[global]\\nerror_log = /dev/stderr\\n[www]\\nuser = www-data\\ngroup = www-data\\nlisten = ${listen}\\nlisten.mode = 0666\\npm = static\\npm.max_children = 1\\n' > fpm.conf
exec /usr/sbin/php-fpm8.2 -F -n -y fpm.conf`);
export const prometheus = (place: Place, web = ""): Command =>
  shell(
    `exec /usr/bin/prometheus --config.file=${write(place, "p.yml", "global: {}\n")} --web.listen-address=127.0.0.1:${place.ports[0]} --storage.tsdb.path=${place.directory}/data ${web && `--web.config.file=${write(place, "web.yml", web)}`}`,
    HOME,
  );
