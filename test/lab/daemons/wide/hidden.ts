import { type Daemon, type Place, write } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { daemon, shell, tcp, udp } from "./entry.ts";

const WEB = ["http", "http-proxy"] as const;

const nginx = (place: Place, inside: string, server: string) => {
  const { directory } = place;
  const bodies = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${directory}/${kind};`)
    .join(" ");
  const config = write(
    place,
    "nginx.conf",
    `daemon off; user www-data; worker_processes 1; pid ${directory}/pid; error_log ${directory}/log;
events { worker_connections 64; }
http { access_log off; ${bodies} ${inside} server { listen 127.0.0.1:${place.ports[0]}; ${server} } }
`,
  );
  return ["/usr/sbin/nginx", "-p", directory, "-c", config, "-e", `${directory}/log`] as const;
};
const apache = (place: Place, more: string) => {
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
  return {
    argv: ["/usr/sbin/apache2", "-d", directory, "-f", config, "-DFOREGROUND"] as [string, ...string[]],
  };
};

const named = (place: Place, says: string) => ({
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
  ] as [string, ...string[]],
});

/** Daemons that keep their name or version to themselves, or give a false one. A spoof must show as a conflict. */
export const hiddenDaemons: Daemon[] = [
  daemon("nginx without tokens", "nginx-light", [null], [tcp(WEB, "nginx")], (place) => ({
    argv: [...nginx(place, "server_tokens off;", "root /var/www/html;")],
  })),
  daemon("apache2 Prod", "apache2-bin", [null], [tcp(WEB, ["Apache httpd", "Apache HTTP Server"])], (place) =>
    apache(place, "ServerTokens Prod\nServerSignature Off"),
  ),
  daemon(
    "lighttpd as IIS",
    "lighttpd",
    [null],
    [tcp(WEB, "lighttpd", null, { spoof: ["Microsoft IIS httpd", "Microsoft-IIS", "IIS", "Microsoft IIS"] })],
    (place) => ({
      argv: [
        "/usr/sbin/lighttpd",
        "-D",
        "-f",
        write(
          place,
          "lighttpd.conf",
          `server.bind = "127.0.0.1"\nserver.port = ${place.ports[0]}\nserver.document-root = "/var/www/html"\nserver.errorlog = "${place.directory}/log"\nserver.tag = "Microsoft-IIS/10.0"\n`,
        ),
      ],
    }),
  ),
  daemon(
    "nginx before tomcat",
    "nginx-light",
    [null, null],
    [tcp(WEB, ["nginx", "Apache Tomcat"], null)],
    (place) => [
      { argv: [...nginx(place, "", `location / { proxy_pass http://127.0.0.1:${place.ports[1]}; }`)] },
      shell(`mkdir -p t/conf t/webapps t/temp t/logs t/work
cat > t/conf/server.xml <<X
<Server port="-1"><Service name="Catalina"><Connector port="${place.ports[1]}" address="127.0.0.1"/>
<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine></Service></Server>
X
cp /etc/tomcat10/web.xml t/conf/ 2>/dev/null || cp /usr/share/tomcat10/etc/web.xml t/conf/
export CATALINA_BASE=$PWD/t CATALINA_HOME=/usr/share/tomcat10 JAVA_HOME=$(dirname $(dirname $(readlink -f /usr/bin/java)))
exec sh /usr/share/tomcat10/bin/catalina.sh run`),
    ],
  ),
  daemon("openssh quiet", "openssh-server", [null], [tcp("ssh", "OpenSSH", "package")], (place) => {
    const key = `${place.directory}/key`;
    place.prepare(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]);
    const config = write(
      place,
      "sshd_config",
      `ListenAddress 127.0.0.1:${place.ports[0]}\nHostKey ${key}\nPidFile none\nUsePAM no\nDebianBanner no\n`,
    );
    return shell(`mkdir -p /run/sshd\nexec /usr/sbin/sshd -D -e -f ${config}`);
  }),
  daemon(
    "postfix as sendmail",
    "postfix",
    [null],
    [tcp("smtp", ["Postfix smtpd", "Postfix"], null, { spoof: ["Sendmail smtpd", "Sendmail"] })],
    (place) => postfix(place, "smtpd_banner = mail.lab.test ESMTP Sendmail 8.15.2/8.15.2; ready\n"),
  ),
  daemon(
    "vsftpd as ProFTPD",
    "vsftpd",
    [null],
    [tcp("ftp", "vsftpd", null, { spoof: ["ProFTPD"] })],
    (place) => {
      place.prepare(["install", "-d", "-m", "555", `${place.directory}/empty`]);
      return {
        argv: [
          "/usr/sbin/vsftpd",
          write(
            place,
            "vsftpd.conf",
            `listen=YES\nlisten_address=127.0.0.1\nlisten_port=${place.ports[0]}\nbackground=NO\nanonymous_enable=YES\nanon_root=${place.directory}/empty\nsecure_chroot_dir=${place.directory}/empty\nftpd_banner=ProFTPD 1.3.5 Server (lab) [127.0.0.1]\n`,
          ),
        ],
      };
    },
  ),
  daemon(
    "bind hidden",
    "bind9",
    [null],
    [tcp(["domain", "dns"], ["ISC BIND", "BIND"]), udp(["domain", "dns"], ["ISC BIND", "BIND"])],
    (place) => named(place, "version none; hostname none; server-id none;"),
  ),
  daemon(
    "bind as dnsmasq",
    "bind9",
    [null],
    [udp(["domain", "dns"], ["ISC BIND", "BIND"], null, { spoof: ["dnsmasq"] })],
    (place) => named(place, 'version "dnsmasq-2.80";'),
  ),
];
