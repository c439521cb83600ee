import { appendFileSync } from "node:fs";
import { type Daemon, EXTRACTED, type Place, write } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { daemon, HOME, hidden, shell, TLS, tcp, udp } from "./entry.ts";
import { caddyOf, WEB } from "./servers.ts";

const HTTPS = [...WEB, "https"] as const;
const BIND = ["ISC BIND", "BIND"] as const;
const DNS = ["domain", "dns"] as const;
const DOT = ["domain", "dns", "domain-s", "dns-over-tls"] as const;
const SILENT = ["tcpwrapped", "unknown"] as const;
const NATS = ["NATS server", "NATS", "nats-server"] as const;
const MANAGEMENT = ["OpenVPN Management Interface", "OpenVPN", "OpenVPN management interface"] as const;

const openvpn = ({ ports }: Place, more: string) =>
  shell(`openvpn --genkey secret s.key
echo secret > pw
exec openvpn --dev null --ifconfig-noexec --local 127.0.0.1 --port ${ports[0]} --secret s.key --cipher AES-256-CBC --management 127.0.0.1 ${ports[1]} ${more}`);
const management = (name: string, more: string) =>
  daemon(
    name,
    "openvpn",
    [null, 7505],
    [tcp(["openvpn-management", "openvpn-mgmt"], MANAGEMENT, null, { at: 1 })],
    (place) => openvpn(place, more),
  );

/** The other doors of well-known servers: consoles, statistics, clusters, proxies of other protocols. */
export const sideDaemons: Daemon[] = [
  daemon(
    "nginx before mail",
    "nginx-light",
    [1143, 1110, 2525],
    [tcp("imap", "nginx"), tcp("pop3", "nginx", null, { at: 1 }), tcp("smtp", "nginx", null, { at: 2 })],
    ({ ports: [imap, pop, smtp] }) =>
      shell(`cat > mail.conf <<X
load_module ${EXTRACTED}/libnginx-mod-mail/usr/lib/nginx/modules/ngx_mail_module.so;
daemon off; pid $PWD/mail.pid; error_log stderr;
events { worker_connections 64; }
mail { server_name mail.lab.test; auth_http 127.0.0.1:9/auth;
 server { listen 127.0.0.1:${imap}; protocol imap; }
 server { listen 127.0.0.1:${pop}; protocol pop3; }
 server { listen 127.0.0.1:${smtp}; protocol smtp; smtp_auth none; } }
X
exec /usr/sbin/nginx -p $PWD -c $PWD/mail.conf -e stderr`),
  ),
  daemon(
    "dovecot statistics and doveadm",
    "dovecot-core",
    [null, null, null],
    [
      tcp(WEB, ["Dovecot", "Dovecot stats"], "package"),
      tcp(["doveadm", "doveadm-server", "dovecot-doveadm"], ["Dovecot", "doveadm"], null, { at: 1 }),
      hidden(tcp([...WEB, "doveadm-http"], null, null, { at: 2 }), ["Dovecot"]),
    ],
    (place) => {
      const { directory, ports } = place;
      const config = `base_dir = ${directory}/run
state_dir = ${directory}/state
log_path = ${directory}/log
protocols =
listen = 127.0.0.1
ssl = no
doveadm_password = secret
doveadm_api_key = key
service stats {
  chroot =
  inet_listener http {
    port = ${ports[0]}
  }
}
service doveadm {
  inet_listener {
    port = ${ports[1]}
  }
  inet_listener http {
    port = ${ports[2]}
  }
}
`;
      return { argv: ["/usr/sbin/dovecot", "-F", "-c", write(place, "dovecot.conf", config)] };
    },
  ),
  daemon(
    "smtp-sink",
    "postfix",
    [null, null],
    [
      tcp("smtp", ["Postfix smtp-sink", "smtp-sink", "Postfix"]),
      tcp("qmqp", ["Postfix", "Postfix qmqp-sink", "qmqp-sink"], null, { at: 1 }),
    ],
    ({ ports }) => [
      shell(`exec /usr/sbin/smtp-sink -u postfix 127.0.0.1:${ports[0]} 100`),
      shell(`exec /usr/sbin/qmqp-sink -v 127.0.0.1:${ports[1]} 100`),
    ],
  ),
  daemon(
    "postfix for a mail hub's clients",
    "postfix",
    [null, null],
    [tcp("qmqp", "Postfix", null, { at: 1 })],
    (place) => {
      const command = postfix(place);
      appendFileSync(
        `${place.directory}/etc/master.cf`,
        `127.0.0.1:${place.ports[1]} inet n - n - - qmqpd\n`,
      );
      return command;
    },
  ),
  daemon(
    "qemu's screen by SPICE",
    "qemu-system-x86",
    [null],
    [tcp("spice", ["SPICE server", "SPICE", "QEMU"])],
    ({ ports }) =>
      shell(
        `exec qemu-system-x86_64 -M none -nodefaults -display none -S -spice port=${ports[0]},addr=127.0.0.1,disable-ticketing=on`,
      ),
  ),
  daemon("postfix answers late", "postfix", [null], [tcp("smtp", ["Postfix smtpd", "Postfix"])], (place) =>
    postfix(
      place,
      "smtpd_banner = mail.lab.test ESMTP\nsmtpd_delay_reject = no\nsmtpd_client_restrictions = sleep 2, permit\n",
    ),
  ),
  daemon(
    "bind by TLS, HTTPS and statistics",
    "bind9",
    [8053, 853, null, null, null],
    [
      tcp(WEB, BIND, "package"),
      tcp(DOT, BIND, "package", { at: 1, tls: true }),
      hidden(tcp([...HTTPS, "doh", "dns-over-https"], null, null, { at: 2, tls: true }), BIND),
      hidden(
        tcp(["rndc", "bind-rndc"], null, null, {
          at: 3,
          unnamed: "it answers only what is signed with its key",
        }),
        BIND,
      ),
    ],
    ({ directory, ports, certificate, privateKey }) =>
      shell(`cat > named.conf <<X
tls lab { cert-file "${certificate}"; key-file "${privateKey}"; };
http lab { endpoints { "/dns-query"; }; };
key k { algorithm hmac-sha256; secret "c2VjcmV0c2VjcmV0c2VjcmV0"; };
options { directory "${directory}"; listen-on port ${ports[4]} { 127.0.0.1; };
 listen-on port ${ports[1]} tls lab { 127.0.0.1; }; listen-on port ${ports[2]} tls lab http lab { 127.0.0.1; };
 listen-on-v6 { none; }; pid-file none; session-keyfile none; recursion no; dnssec-validation no; };
statistics-channels { inet 127.0.0.1 port ${ports[0]} allow { any; }; };
controls { inet 127.0.0.1 port ${ports[3]} allow { any; } keys { k; }; };
X
exec /usr/sbin/named -f -n 1 -c $PWD/named.conf`),
  ),
  daemon(
    "unbound by TLS and its control",
    "unbound",
    [null, 8953],
    [
      tcp(DOT, "Unbound", "package", TLS),
      hidden(tcp(["unbound-control", "ssl", "tls", ...SILENT], null, null, { at: 1, tls: true }), [
        "Unbound",
      ]),
    ],
    ({ directory, ports, certificate, privateKey }) =>
      shell(`cat > unbound.conf <<X
server:
  interface: 127.0.0.1@${ports[0]}
  tls-port: ${ports[0]}
  tls-service-key: ${privateKey}
  tls-service-pem: ${certificate}
  num-threads: 1
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "${directory}"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
remote-control:
  control-enable: yes
  control-interface: 127.0.0.1
  control-port: ${ports[1]}
  server-key-file: ${privateKey}
  server-cert-file: ${certificate}
  control-key-file: ${privateKey}
  control-cert-file: ${certificate}
X
exec /usr/sbin/unbound -d -c unbound.conf`),
  ),
  daemon(
    "dnsdist's other doors",
    "dnsdist",
    [null, 8083, 5199],
    [
      tcp(WEB, ["dnsdist", "PowerDNS DNSdist"], null, { at: 1 }),
      tcp(["dnsdist-console", "dnsdist"], ["dnsdist"], null, { at: 2 }),
    ],
    (place) => {
      const { ports } = place;
      const config = `setLocal("127.0.0.1:${ports[0]}")
newServer("127.0.0.1:9")
webserver("127.0.0.1:${ports[1]}")
setWebserverConfig({password="secret", apiKey="key"})
setKey("MXNeLFWHUe4363BBKrY06cAsH8NWNb+Se2eXU5+Bb74=")
controlSocket("127.0.0.1:${ports[2]}")
`;
      return {
        argv: ["/usr/bin/dnsdist", "--supervised", "--disable-syslog", "-C", write(place, "d.conf", config)],
      };
    },
  ),
  daemon(
    "pdns api",
    "pdns-server",
    [null, 8081],
    [tcp(WEB, ["PowerDNS Authoritative Server", "PowerDNS", "PowerDNS authoritative"], null, { at: 1 })],
    ({ directory, ports }) =>
      shell(
        `touch named.conf\nexec /usr/sbin/pdns_server --config-dir=${directory} --launch=bind --bind-config=$PWD/named.conf --local-address=127.0.0.1 --local-port=${ports[0]} --socket-dir=${directory} --daemon=no --guardian=no --webserver=yes --webserver-address=127.0.0.1 --webserver-port=${ports[1]} --api=yes --api-key=x --webserver-password=secret`,
      ),
  ),
  daemon(
    "recursor api",
    "pdns-recursor",
    [null, 8082],
    [tcp(WEB, ["PowerDNS Recursor", "PowerDNS"], null, { at: 1 })],
    ({ directory, ports }) =>
      shell(
        `exec /usr/sbin/pdns_recursor --config-dir=${directory} --local-address=127.0.0.1 --local-port=${ports[0]} --socket-dir=${directory} --daemon=no --webserver=yes --webserver-address=127.0.0.1 --webserver-port=${ports[1]} --api-key=x --webserver-password=secret`,
      ),
  ),
  daemon(
    "tor's other doors",
    "tor",
    [null, null, null, null],
    [
      tcp(WEB, ["Tor HTTP tunnel", "Tor", "Tor HTTP proxy", "Tor built-in httpd"], "package"),
      udp(DNS, ["Tor", "Tor DNS"], null, { at: 1 }),
      tcp(["tor-control", "torcontrol"], ["Tor control port", "Tor"], "package", { at: 2 }),
      tcp(["tor-orport", "tor"], ["Tor", "Tor relay", "Tor over SSL"], null, { at: 3, tls: true }),
    ],
    ({ directory, ports }) =>
      shell(
        `touch rc\nexec /usr/bin/tor -f $PWD/rc --DataDirectory ${directory}/d --SocksPort 0 --HTTPTunnelPort 127.0.0.1:${ports[0]} --DNSPort 127.0.0.1:${ports[1]} --ControlPort 127.0.0.1:${ports[2]} --CookieAuthentication 1 --ORPort 127.0.0.1:${ports[3]} --Nickname lab --PublishServerDescriptor 0 --AssumeReachable 1 --ExitPolicy 'reject *:*'`,
        HOME,
      ),
  ),
  management("openvpn management", ""),
  { ...management("openvpn management password", "pw"), ports: [null, null] },
  daemon(
    "nats with all its doors",
    "nats-server",
    [null, 6222, 8222, null, null],
    [
      tcp("nats", NATS, "package"),
      tcp(["nats", "nats-route", "nats-cluster"], NATS, "package", { at: 1 }),
      tcp(WEB, [...NATS, "NATS monitoring"], null, { at: 2 }),
      hidden(tcp([...WEB, "websocket"], null, null, { at: 3 }), ["NATS server", "Golang net/http server"]),
      tcp(["nats", "nats-leaf", "nats-leafnode"], NATS, "package", { at: 4 }),
    ],
    (place) => {
      const [client, cluster, monitor, websocket, leaf] = place.ports;
      const config = `listen: "127.0.0.1:${client}"
authorization { token: "x" }
cluster { name: c, listen: "127.0.0.1:${cluster}" }
http: "127.0.0.1:${monitor}"
websocket { listen: "127.0.0.1:${websocket}", no_tls: true }
leafnodes { listen: "127.0.0.1:${leaf}" }
`;
      return { argv: ["/usr/sbin/nats-server", "-c", write(place, "n.conf", config)] };
    },
  ),
  daemon(
    "etcd without a leader",
    "etcd-server",
    [null, null],
    [
      hidden(
        tcp([...WEB, "etcd"], null, null, {
          unnamed: "it accepts, and serves nobody before there is a leader",
        }),
        ["etcd"],
      ),
      tcp([...WEB, "etcd"], "etcd", "package", { at: 1 }),
    ],
    ({ ports: [client, peer] }) =>
      shell(
        `exec /usr/bin/etcd --name a --data-dir $PWD/d --listen-client-urls http://127.0.0.1:${client} --advertise-client-urls http://127.0.0.1:${client} --listen-peer-urls http://127.0.0.1:${peer} --initial-advertise-peer-urls http://127.0.0.1:${peer} --initial-cluster a=http://127.0.0.1:${peer},b=http://127.0.0.1:9`,
      ),
  ),
  daemon(
    "zookeeper without a quorum",
    "zookeeper",
    [null, null, null],
    [
      tcp("zookeeper", ["Zookeeper", "Apache ZooKeeper", "ZooKeeper"]),
      hidden(
        tcp(["zookeeper-election", "zookeeper"], null, null, {
          at: 2,
          unnamed: "it answers members of its ensemble alone, and remembers who they are",
        }),
        ["Zookeeper"],
      ),
    ],
    ({ directory, ports }) =>
      shell(`mkdir d; echo 1 > d/myid
printf 'tickTime=2000\\ninitLimit=10\\nsyncLimit=5\\nadmin.enableServer=false\\ndataDir=${directory}/d\\nclientPort=${ports[0]}\\nclientPortAddress=127.0.0.1\\nserver.1=127.0.0.1:${ports[1]}:${ports[2]}\\nserver.2=127.0.0.1:9:10\\nserver.3=127.0.0.1:11:12\\n' > zoo.cfg
exec java -cp '/etc/zookeeper/conf:/usr/share/java/*' org.apache.zookeeper.server.quorum.QuorumPeerMain zoo.cfg`),
  ),
  daemon(
    "varnish console",
    "varnish",
    [null, 6082],
    [
      tcp(
        ["varnish-cli", "varnish", "varnishadm"],
        ["Varnish Cache CLI", "Varnish", "Varnish Cache", "Varnish http accelerator"],
        null,
        {
          at: 1,
        },
      ),
    ],
    ({ ports }) =>
      shell(
        `echo secret > s\nexec /usr/sbin/varnishd -F -j none -a 127.0.0.1:${ports[0]} -b 127.0.0.1:9 -S $PWD/s -T 127.0.0.1:${ports[1]} -n $PWD/v`,
      ),
  ),
  daemon(
    "caddy's administration",
    "caddy",
    [2019],
    [hidden(tcp(WEB, null), ["Caddy", "Caddy httpd", "Golang net/http server"])],
    (place) => caddyOf(place, `{\n admin 127.0.0.1:${place.ports[0]}\n}\n`),
  ),
  daemon(
    "tomcat's JMX and shutdown ports",
    "tomcat10",
    [8005, 9010],
    [
      hidden(
        tcp(["tomcat-shutdown", "mxi", "http"], null, null, {
          unnamed: "it reads one word and never answers",
        }),
        ["Apache Tomcat"],
      ),
      hidden(tcp(["java-rmi", "rmiregistry", "jmx"], null, null, { at: 1 }), [
        "Java RMI",
        "Java RMI Registry",
      ]),
    ],
    ({ ports }) =>
      shell(`mkdir -p t/conf t/webapps t/temp t/logs t/work
echo '<Server port="${ports[0]}" address="127.0.0.1" shutdown="x"><Service name="Catalina"><Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine></Service></Server>' > t/conf/server.xml
export CATALINA_BASE=$PWD/t CATALINA_HOME=/usr/share/tomcat10 JAVA_HOME=$(dirname $(dirname $(readlink -f /usr/bin/java)))
export CATALINA_OPTS="-Dcom.sun.management.jmxremote.port=${ports[1]} -Dcom.sun.management.jmxremote.host=127.0.0.1 -Dcom.sun.management.jmxremote.authenticate=false -Dcom.sun.management.jmxremote.ssl=false -Djava.rmi.server.hostname=127.0.0.1"
exec sh /usr/share/tomcat10/bin/catalina.sh run`),
  ),
  daemon(
    "icecast by another name",
    "icecast2",
    [null],
    [tcp(["http", "icecast", "http-proxy"], ["Icecast streaming media server", "Icecast"])],
    ({ directory, ports }) =>
      shell(`cat > i.xml <<X
<icecast><location>x</location><admin>a@b</admin><hostname>localhost</hostname><server-id>Radio Lab</server-id>
<limits><clients>10</clients><sources>2</sources></limits>
<authentication><source-password>x</source-password><admin-user>admin</admin-user><admin-password>x</admin-password></authentication>
<listen-socket><port>${ports[0]}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><basedir>${directory}</basedir><logdir>${directory}</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
<logging><accesslog>a.log</accesslog><errorlog>e.log</errorlog></logging>
<security><chroot>0</chroot><changeowner><user>nobody</user><group>nogroup</group></changeowner></security></icecast>
X
chown -R nobody ${directory}
exec /usr/bin/icecast2 -c i.xml`),
  ),
  daemon("rsync with a motd", "rsync", [8730], [tcp("rsync", "rsync")], ({ ports }) =>
    shell(`printf 'Willkommen auf dem Spiegel der Universität\\nmax. 10 connections\\n' > motd
printf 'use chroot = no\\nmotd file = %s/motd\\n[pub]\\npath = /var/empty\\n' $PWD > r.conf
exec /usr/bin/rsync --daemon --no-detach --address=127.0.0.1 --port=${ports[0]} --config=r.conf`),
  ),
];
