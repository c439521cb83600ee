import type { Daemon } from "../../daemon.ts";
import { memcached, mosquitto, postgres, rabbitmq, redis, renamedMariadb, slapd } from "../servers/data.ts";
import { FLASK_APP, gunicorn, node } from "../servers/languages.ts";
import { postfix } from "../servers/mail.ts";
import { behind, passing, passingTls, stunnel } from "../servers/proxies.ts";
import { sshd } from "../servers/shells.ts";
import { apache, stream } from "../servers/web.ts";
import { daemon, hidden, shell, TLS, tcp } from "./entry.ts";
import {
  APACHE,
  HTTPS,
  MEMCACHE,
  MOSQUITTO,
  MQTT,
  POSTFIX,
  POSTGRES,
  REDIS,
  SILENT,
  SMTP,
  VARNISH,
  WEB,
} from "./products.ts";

/** Servers inside a tunnel that another program keeps, and brokers with several ways in. */
export const tunnels: Daemon[] = [
  daemon(
    "postgres in stunnel",
    "postgresql",
    [null, null],
    [tcp("postgresql", POSTGRES, null, TLS)],
    (place) => [postgres(behind(place), "host all all 127.0.0.1/32 reject"), stunnel(place)],
  ),
  daemon(
    "slapd in stunnel",
    "slapd",
    [null, null],
    [tcp(["ldap", "ldaps"], ["OpenLDAP"], null, TLS)],
    (place) => [slapd(behind(place)), stunnel(place)],
  ),
  daemon(
    "ssh in nginx tls",
    "openssh-server",
    [null, null],
    [tcp("ssh", "OpenSSH", "package", TLS)],
    (place) => [stream(place, " ssl"), sshd(behind(place))],
  ),
  daemon("smtp in nginx tls", "postfix", [null, null], [tcp(SMTP, POSTFIX, null, TLS)], (place) => [
    stream(place, " ssl"),
    postfix(behind(place)),
  ]),
  daemon("apache in stunnel", "apache2-bin", [null, null], [tcp(HTTPS, APACHE, null, TLS)], (place) => [
    stunnel(place),
    apache(behind(place), "ServerTokens Prod\nServerSignature Off"),
  ]),
  daemon(
    "gunicorn in haproxy's TLS",
    "gunicorn",
    [null, null],
    [tcp(HTTPS, ["Gunicorn", "gunicorn"], null, TLS)],
    (place) => [passingTls(place), gunicorn(behind(place), FLASK_APP)],
  ),
  daemon(
    "memcached in nginx tls",
    "memcached",
    [null, null],
    [tcp(MEMCACHE, "Memcached", "package", TLS)],
    (place) => [stream(place, " ssl"), memcached(behind(place))],
  ),
  daemon(
    "mariadb in nginx stream",
    "mariadb-server-core",
    [null, null],
    [tcp("mysql", "MariaDB")],
    (place) => [stream(place, ""), renamedMariadb(behind(place), "10.6.12-MariaDB-log")],
  ),
  daemon(
    "redis behind nginx that wants the proxy protocol",
    "redis-server",
    [null, null],
    [hidden(tcp(["redis", ...SILENT], null), REDIS)],
    (place) => [stream(place, " proxy_protocol"), redis(behind(place))],
  ),
  daemon(
    "openssh behind haproxy that wants the proxy protocol",
    "openssh-server",
    [null, null],
    [tcp("ssh", "OpenSSH", "package")],
    (place) => [passing(place, " accept-proxy"), sshd(behind(place))],
  ),
  daemon("varnish that wants the proxy protocol", "varnish", [null], [tcp(WEB, VARNISH)], ({ ports }) =>
    shell(`exec /usr/sbin/varnishd -F -j none -a 127.0.0.1:${ports[0]},PROXY -b 127.0.0.1:9 -n $PWD/v`),
  ),
  daemon(
    "stunnel wants a certificate",
    "redis-server",
    [null, null],
    [hidden(tcp(["redis", "ssl", "tls", "unknown"], null, null, TLS), REDIS)],
    (place) => [redis(behind(place)), stunnel(place, `verifyChain = yes\nCAfile = ${place.certificate}\n`)],
  ),
  daemon(
    "stunnel before nobody",
    "stunnel4",
    [null, null],
    [hidden(tcp(["ssl", "tls", "unknown", "tcpwrapped"], null, null, TLS), ["stunnel"])],
    stunnel,
  ),
  daemon(
    "mosquitto closed in tls and websockets",
    "mosquitto",
    [null, null, null],
    [
      hidden(tcp(MQTT, null, null, TLS), MOSQUITTO),
      hidden(tcp([...WEB, "websocket", "mqtt"], null, null, { at: 1 }), ["Mosquitto", "libwebsockets"]),
      hidden(tcp(["mqtt"], null, null, { at: 2 }), MOSQUITTO),
    ],
    (place) =>
      mosquitto(
        place,
        "allow_anonymous false\n",
        `listener ${place.ports[0]} 127.0.0.1\ncertfile ${place.certificate}\nkeyfile ${place.privateKey}\nlistener ${place.ports[1]} 127.0.0.1\nprotocol websockets\nlistener ${place.ports[2]} 127.0.0.1\n`,
      ),
  ),
  daemon("aedes", "nodejs", [null], [hidden(tcp("mqtt", null), ["Aedes"])], ({ ports }) =>
    node(
      `const m = require("aedes"); (m.Aedes.createBroker ? m.Aedes.createBroker() : Promise.resolve(new m.Aedes())).then((b) => require("net").createServer(b.handle).listen(${ports[0]}, "127.0.0.1"))`,
    ),
  ),
  daemon(
    "rabbitmq by tls, mqtt, stomp and web",
    "rabbitmq-server",
    [null, null, null, null, 25673],
    [
      tcp(["amqp", "amqps"], ["RabbitMQ"], "package", TLS),
      hidden(tcp("mqtt", null, null, { at: 1 }), ["RabbitMQ"]),
      tcp("stomp", ["RabbitMQ", "RabbitMQ STOMP"], null, { at: 2 }),
      tcp(WEB, ["RabbitMQ Management", "RabbitMQ", "Cowboy httpd", "Cowboy"], null, { at: 3 }),
    ],
    (place) =>
      rabbitmq(
        place,
        "labtls",
        `listeners.tcp = none
listeners.ssl.1 = 127.0.0.1:${place.ports[0]}
ssl_options.certfile = ${place.certificate}
ssl_options.keyfile = ${place.privateKey}
mqtt.listeners.tcp.1 = 127.0.0.1:${place.ports[1]}
mqtt.allow_anonymous = false
stomp.listeners.tcp.1 = 127.0.0.1:${place.ports[2]}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${place.ports[3]}`,
        "rabbitmq_mqtt,rabbitmq_stomp,rabbitmq_management",
      ),
  ),
];
