/** Servers that several entries of the wide lab start, each with lines of its own in the configuration. */
import { type Command, type Place, write } from "../../daemon.ts";
import { shell } from "./entry.ts";

export const WEB = ["http", "http-proxy"] as const;
export const HTTPS = [...WEB, "https"] as const;

export const nginx = (place: Place, inside: string, server: string, before = ""): Command => {
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
  return { argv: ["/usr/sbin/nginx", "-p", directory, "-c", config, "-e", `${directory}/log`] };
};

export const apache = (place: Place, more: string): Command => {
  const { directory, ports } = place;
  const config = write(
    place,
    "apache2.conf",
    `LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
ServerRoot ${directory}
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
  return { argv: ["/usr/sbin/apache2", "-d", directory, "-f", config, "-DFOREGROUND"] };
};

export const named = (place: Place, says: string): Command => ({
  argv: [
    "/usr/sbin/named",
    "-f",
    "-n",
    "1",
    "-c",
    write(
      place,
      "named.conf",
      `options { directory "${place.directory}"; listen-on port ${place.ports[0]} { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none; session-keyfile none; recursion no; dnssec-validation no; ${says} };\ncontrols { };\n`,
    ),
  ],
});

export const caddyOf = (place: Place, config: string): Command => ({
  argv: ["/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", write(place, "Caddyfile", config)],
  env: { HOME: place.directory },
});

/** One site over HTTP, of these lines. */
export const caddy = (place: Place, lines: string): Command =>
  caddyOf(
    place,
    `{\n admin off\n auto_https off\n}\nhttp://:${place.ports[0]} {\n bind 127.0.0.1\n ${lines}\n}\n`,
  );

export const haproxyOf = (place: Place, config: string): Command => ({
  argv: ["/usr/sbin/haproxy", "-db", "-f", write(place, "haproxy.cfg", config)],
});

/** In front of the second of its ports. */
export const haproxy = (place: Place, more = ""): Command =>
  haproxyOf(
    place,
    `defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
frontend lab
  bind 127.0.0.1:${place.ports[0]}
  default_backend behind
backend behind
${more}  server one 127.0.0.1:${place.ports[1]}
`,
  );

/** An application that calls itself so. */
export const application = (place: Place, server: string): Command => ({
  argv: [
    "/usr/bin/node",
    "-e",
    `require("http").createServer((_, answer) => answer.writeHead(200, { Server: "${server}", "Content-Type": "text/html" }).end("<title>lab</title><p>lab</p>")).listen(${place.ports[0]}, "127.0.0.1")`,
  ],
});

/** Tomcat on the first port; `more`: attributes of its connector. */
export const tomcat = (place: Place, more = ""): Command =>
  shell(`mkdir -p t/conf t/webapps t/temp t/logs t/work
cat > t/conf/server.xml <<X
<Server port="-1"><Service name="Catalina"><Connector port="${place.ports[0]}" address="127.0.0.1"${more}/>
<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine></Service></Server>
X
cp /etc/tomcat10/web.xml t/conf/ 2>/dev/null || cp /usr/share/tomcat10/etc/web.xml t/conf/
export CATALINA_BASE=$PWD/t CATALINA_HOME=/usr/share/tomcat10 JAVA_HOME=$(dirname $(dirname $(readlink -f /usr/bin/java)))
exec sh /usr/share/tomcat10/bin/catalina.sh run`);
