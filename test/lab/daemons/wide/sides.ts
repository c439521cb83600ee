import { type Daemon, write } from "../../daemon.ts";
import { etcd, zookeeper } from "../servers/data.ts";
import { dovecot, postfix, service } from "../servers/mail.ts";
import { dnsdist, pdns, powerdnsWeb, recursor, unbound } from "../servers/names.ts";
import { varnish } from "../servers/proxies.ts";
import { caddySites, catalina, nginxModule } from "../servers/web.ts";
import { daemon, HOME, hidden, shell, TLS, tcp, udp } from "./entry.ts";
import { BIND, DNS, HTTPS, SILENT, WEB, ZOOKEEPER } from "./products.ts";

const DOT = [...DNS, "domain-s", "dns-over-tls"] as const;
const NATS = ["NATS server", "NATS", "nats-server"] as const;
const MANAGEMENT = ["OpenVPN Management Interface", "OpenVPN", "OpenVPN management interface"] as const;
const management = (name: string, port: number | null, more: string) =>
  daemon(
    name,
    "openvpn",
    [null, port],
    [tcp(["openvpn-management", "openvpn-mgmt"], MANAGEMENT, null, { at: 1 })],
    ({ ports }) =>
      shell(`openvpn --genkey secret s.key
echo secret > pw
exec openvpn --dev null --ifconfig-noexec --local 127.0.0.1 --port ${ports[0]} --secret s.key --cipher AES-256-CBC --management 127.0.0.1 ${ports[1]} ${more}`),
  );

/** The other doors of well-known servers: consoles, statistics, clusters, proxies of other protocols. */
export const sides: Daemon[] = [
  daemon(
    "nginx rtmp",
    "libnginx-mod-rtmp",
    [1935, null],
    [
      hidden(tcp(["rtmp", "macromedia-fcs"], null), ["nginx", "nginx-rtmp"]),
      hidden(tcp(["rtmp"], null, null, { at: 1 }), ["nginx", "nginx-rtmp"]),
    ],
    ({ ports: [p, q] }) =>
      nginxModule(
        "rtmp",
        `server { listen 127.0.0.1:${p}; listen 127.0.0.1:${q}; application live { live on; } }`,
      ),
  ),
  daemon(
    "nginx before mail",
    "nginx-light",
    [1143, 1110, 2525],
    [tcp("imap", "nginx"), tcp("pop3", "nginx", null, { at: 1 }), tcp("smtp", "nginx", null, { at: 2 })],
    ({ ports: [imap, pop, smtp] }) =>
      nginxModule(
        "mail",
        `server_name mail.lab.test; auth_http 127.0.0.1:9/auth;
 server { listen 127.0.0.1:${imap}; protocol imap; }
 server { listen 127.0.0.1:${pop}; protocol pop3; }
 server { listen 127.0.0.1:${smtp}; protocol smtp; smtp_auth none; }`,
      ),
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
    (place) =>
      dovecot(
        place,
        `protocols =
doveadm_password = secret
doveadm_api_key = key
${service("stats", "http", place.ports[0])}service doveadm {
  inet_listener {
    port = ${place.ports[1]}
  }
  inet_listener http {
    port = ${place.ports[2]}
  }
}
`,
      ),
  ),
  daemon(
    "postfix for a mail hub's clients",
    "postfix",
    [null, null],
    [tcp("qmqp", "Postfix", null, { at: 1 })],
    (place) =>
      postfix(
        place,
        "",
        `127.0.0.1:${place.ports[0]} inet n - n - - smtpd\n127.0.0.1:${place.ports[1]} inet n - n - - qmqpd\n`,
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
    (place) =>
      unbound(
        place,
        `  tls-port: ${place.ports[0]}\n  tls-service-key: ${place.privateKey}\n  tls-service-pem: ${place.certificate}\n`,
        `  control-enable: yes
  control-interface: 127.0.0.1
  control-port: ${place.ports[1]}
  server-key-file: ${place.privateKey}
  server-cert-file: ${place.certificate}
  control-key-file: ${place.privateKey}
  control-cert-file: ${place.certificate}
`,
      ),
  ),
  daemon(
    "dnsdist's other doors",
    "dnsdist",
    [null, 8083, 5199],
    [
      tcp(WEB, ["dnsdist", "PowerDNS DNSdist"], null, { at: 1 }),
      tcp(["dnsdist-console", "dnsdist"], ["dnsdist"], null, { at: 2 }),
    ],
    (place) =>
      dnsdist(
        place,
        `newServer("127.0.0.1:9")
webserver("127.0.0.1:${place.ports[1]}")
setWebserverConfig({password="secret", apiKey="key"})
setKey("MXNeLFWHUe4363BBKrY06cAsH8NWNb+Se2eXU5+Bb74=")
controlSocket("127.0.0.1:${place.ports[2]}")
`,
      ),
  ),
  daemon(
    "pdns api",
    "pdns-server",
    [null, 8081],
    [tcp(WEB, ["PowerDNS Authoritative Server", "PowerDNS", "PowerDNS authoritative"], null, { at: 1 })],
    (place) => pdns(place, `${powerdnsWeb(place.ports[1])} --api=yes`),
  ),
  daemon(
    "recursor api",
    "pdns-recursor",
    [null, 8082],
    [tcp(WEB, ["PowerDNS Recursor", "PowerDNS"], null, { at: 1 })],
    (place) => recursor(place, powerdnsWeb(place.ports[1])),
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
  management("openvpn management", 7505, ""),
  management("openvpn management password", null, "pw"),
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
    (place) => etcd(place, "http", "", ",b=http://127.0.0.1:9"),
  ),
  daemon(
    "zookeeper without a quorum",
    "zookeeper",
    [null, null, null],
    [
      tcp("zookeeper", ZOOKEEPER),
      hidden(
        tcp(["zookeeper-election", "zookeeper"], null, null, {
          at: 2,
          unnamed: "it answers members of its ensemble alone, and remembers who they are",
        }),
        ["Zookeeper"],
      ),
    ],
    (place) => {
      place.prepare(["sh", "-c", "mkdir data; echo 1 > data/myid"]);
      return zookeeper(
        place,
        `initLimit=10\nsyncLimit=5\nserver.1=127.0.0.1:${place.ports[1]}:${place.ports[2]}\nserver.2=127.0.0.1:9:10\nserver.3=127.0.0.1:11:12\n`,
      );
    },
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
    (place) => varnish(place, "", `-S ${write(place, "secret", "secret\n")} -T 127.0.0.1:${place.ports[1]}`),
  ),
  daemon(
    "caddy's administration",
    "caddy",
    [2019],
    [hidden(tcp(WEB, null), ["Caddy", "Caddy httpd", "Golang net/http server"])],
    (place) => caddySites(place, "", `127.0.0.1:${place.ports[0]}`),
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
      catalina(
        `<Server port="${ports[0]}" address="127.0.0.1" shutdown="x"><Service name="Catalina"><Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine></Service></Server>`,
        `-Dcom.sun.management.jmxremote.port=${ports[1]} -Dcom.sun.management.jmxremote.host=127.0.0.1 -Dcom.sun.management.jmxremote.authenticate=false -Dcom.sun.management.jmxremote.ssl=false -Djava.rmi.server.hostname=127.0.0.1`,
      ),
  ),
];
