import type { Daemon, Place } from "../../daemon.ts";
import { daemon, hidden, shell, TLS, tcp } from "./entry.ts";
import { behind, FILES, HAPROXY } from "./fronts.ts";
import { APACHE } from "./impostors.ts";
import { caddy, caddyOf, HTTPS, haproxy, nginx, tomcat, WEB } from "./servers.ts";

export const VARNISH = ["Varnish http accelerator", "Varnish", "Varnish Cache"] as const;
const CADDY = ["Caddy httpd", "Caddy", "Golang net/http server"] as const;
const varnish = (place: Place, vcl: string) =>
  shell(`cat > v.vcl <<'X'
vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "${place.ports[1]}"; }
${vcl}
X
exec /usr/sbin/varnishd -F -j none -a 127.0.0.1:${place.ports[0]} -f $PWD/v.vcl -n $PWD/v`);

/** Proxies and what runs applications: denying, redirecting, dropping, without their name. */
export const variantProxies: Daemon[] = [
  daemon("haproxy 503", "haproxy", [null, null], [tcp(WEB, HAPROXY)], (place) => haproxy(place)),
  daemon(
    "haproxy denies as nginx",
    "haproxy",
    [null, null],
    [tcp(WEB, HAPROXY, null, { spoof: ["nginx"] })],
    (place) =>
      haproxy(
        place,
        "  http-request deny deny_status 403\n  http-after-response set-header Server nginx/1.24.0\n",
      ),
  ),
  daemon("haproxy redirects", "haproxy", [null, null], [tcp(WEB, HAPROXY)], (place) =>
    haproxy(place, "  http-request redirect scheme https\n"),
  ),
  daemon("haproxy drops", "haproxy", [null, null], [tcp(WEB, HAPROXY)], (place) =>
    haproxy(place, "  http-request silent-drop\n"),
  ),
  daemon(
    "varnish 403 as Apache",
    "varnish",
    [null, null],
    [tcp(WEB, VARNISH, null, { spoof: APACHE })],
    (place) =>
      varnish(
        place,
        'sub vcl_recv { return (synth(403, "Forbidden")); }\nsub vcl_deliver { set resp.http.Server = "Apache"; }\nsub vcl_synth { set resp.http.Server = "Apache/2.4.57"; }',
      ),
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
  daemon("squid 407", "squid", [null], [tcp(WEB, ["Squid http proxy", "Squid"])], (place) =>
    shell(`install -d -m 777 home
cat > squid.conf <<X
http_port 127.0.0.1:${place.ports[0]}
auth_param basic program /usr/lib/squid/basic_fake_auth
acl known proxy_auth REQUIRED
http_access allow known
httpd_suppress_version_string on
via off
forwarded_for delete
pid_filename none
coredump_dir $PWD/home
cache_log /dev/null
access_log none
cache_mem 1 MB
pinger_enable off
visible_hostname proxy
shutdown_lifetime 0 seconds
X
exec /usr/sbin/squid -N -n doorplatevariant -f squid.conf`),
  ),
  daemon(
    "caddy strict names",
    "caddy",
    [null],
    [tcp(HTTPS, CADDY, null, { tls: true, productHidden: true })],
    (place) =>
      caddyOf(
        place,
        `{\n admin off\n auto_https disable_redirects\n skip_install_trust\n}\nhttps://www.lab.test:${place.ports[0]} {\n bind 127.0.0.1\n tls ${place.certificate} ${place.privateKey}\n respond "hello"\n}\n`,
      ),
  ),
  daemon("caddy without Server", "caddy", [null], [hidden(tcp(WEB, null), CADDY)], (place) =>
    caddy(place, 'header -Server\n respond "nothing here" 404'),
  ),
  daemon("caddy 403", "caddy", [null], [tcp(WEB, CADDY)], (place) => caddy(place, "respond 403")),
  daemon("tomcat quiet", "tomcat10", [null], [tcp(WEB, ["Apache Tomcat"])], (place) =>
    // The valve keeps version and report out of the pages.
    shell(
      `${tomcat(place).argv[2]?.replace('appBase="webapps"/>', 'appBase="webapps"><Valve className="org.apache.catalina.valves.ErrorReportValve" showReport="false" showServerInfo="false"/></Host>')}`,
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
  daemon("jetty quiet", "jetty9", [null], [tcp(WEB, ["Jetty", "Eclipse Jetty"])], (place) =>
    shell(`mkdir -p webapps
exec java -Djetty.home=/usr/share/jetty9 -Djetty.base=$PWD -jar /usr/share/jetty9/start.jar --module=http,deploy jetty.http.host=127.0.0.1 jetty.http.port=${place.ports[0]} jetty.httpConfig.sendServerVersion=false --approve-all-licenses`),
  ),
  daemon("sslh", "sslh", [null, null, null], [tcp(["ssh", ...WEB], ["OpenSSH", "nginx"])], (place) => [
    shell(
      `ssh-keygen -q -t ed25519 -N "" -f key\nmkdir -p /run/sshd\nexec /usr/sbin/sshd -D -e -f /dev/null -o ListenAddress=127.0.0.1:${place.ports[1]} -o HostKey=$PWD/key -o PidFile=none`,
    ),
    nginx({ ...place, ports: place.ports.slice(2) }, "", FILES),
    shell(
      `exec /usr/sbin/sslh -f -u nobody -n -p 127.0.0.1:${place.ports[0]} --ssh 127.0.0.1:${place.ports[1]} --http 127.0.0.1:${place.ports[2]}`,
    ),
  ]),
];
