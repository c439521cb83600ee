import { type Daemon, EXTRACTED, type Place, write } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { daemon, hidden, shell, TLS, tcp } from "./entry.ts";
import { behind } from "./fronts.ts";
import { mariadb } from "./impostors.ts";
import { WEB } from "./servers.ts";
import { memcached, POSTGRES, postgres, REDIS, redis, slapd, sshd } from "./variants-data.ts";
import { node, stunnel } from "./variants-mail.ts";

/** nginx passes the bytes of its first port on to the second: \`inside\` is what the server does. */
export const stream = (place: Place, inside: string) =>
  shell(`cat > stream.conf <<X
load_module ${EXTRACTED}/libnginx-mod-stream/usr/lib/nginx/modules/ngx_stream_module.so;
daemon off; pid $PWD/stream.pid; error_log stderr;
events { worker_connections 64; }
stream { server { listen 127.0.0.1:${place.ports[0]}${inside}; proxy_pass 127.0.0.1:${place.ports[1]}; ssl_certificate ${place.certificate}; ssl_certificate_key ${place.privateKey}; } }
X
exec /usr/sbin/nginx -p $PWD -c $PWD/stream.conf -e stderr`);
/** Servers inside a tunnel that another program keeps, and brokers with several ways in. */
export const variantTunnels: Daemon[] = [
  daemon(
    "mariadb as MySQL 5.7 in stunnel",
    "mariadb-server-core",
    [null, null],
    [tcp("mysql", "MariaDB", null, { tls: true, spoof: ["MySQL"] })],
    (place) => [mariadb(behind(place), "5.7.44-log"), stunnel(place)],
  ),
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
    (place) => [slapd(behind(place), "ldap", ""), stunnel(place)],
  ),
  daemon(
    "ssh in nginx tls",
    "openssh-server",
    [null, null],
    [tcp("ssh", "OpenSSH", "package", TLS)],
    (place) => [stream(place, " ssl"), sshd(behind(place), "")],
  ),
  daemon(
    "smtp in nginx tls",
    "postfix",
    [null, null],
    [tcp(["smtp", "smtps"], ["Postfix smtpd", "Postfix"], null, TLS)],
    (place) => [stream(place, " ssl"), postfix(behind(place))],
  ),
  daemon(
    "memcached in nginx tls",
    "memcached",
    [null, null],
    [tcp(["memcached", "memcache"], "Memcached", "package", TLS)],
    (place) => [stream(place, " ssl"), memcached(behind(place), "")],
  ),
  daemon(
    "mariadb in nginx stream",
    "mariadb-server-core",
    [null, null],
    [tcp("mysql", "MariaDB")],
    (place) => [stream(place, ""), mariadb(behind(place), "10.6.12-MariaDB-log")],
  ),
  daemon(
    "redis behind nginx that wants the proxy protocol",
    "redis-server",
    [null, null],
    [hidden(tcp(["redis", "tcpwrapped", "unknown"], null), REDIS)],
    (place) => [stream(place, " proxy_protocol"), redis(behind(place), "")],
  ),
  daemon(
    "stunnel before nobody",
    "stunnel4",
    [null, null],
    [hidden(tcp(["ssl", "tls", "unknown", "tcpwrapped"], null, null, TLS), ["stunnel"])],
    (place) => stunnel(place),
  ),
  daemon(
    "stunnel wants a certificate",
    "redis-server",
    [null, null],
    [hidden(tcp(["redis", "ssl", "tls", "unknown"], null, null, TLS), REDIS)],
    (place) => [
      redis(behind(place), ""),
      stunnel(place, `verifyChain = yes\\nCAfile = ${place.certificate}\\n`),
    ],
  ),
  daemon(
    "mosquitto closed in tls and websockets",
    "mosquitto",
    [null, null, null],
    [
      hidden(tcp(["mqtt", "mqtts", "secure-mqtt"], null, null, TLS), ["Mosquitto", "Eclipse Mosquitto"]),
      hidden(tcp([...WEB, "websocket", "mqtt"], null, null, { at: 1 }), ["Mosquitto", "libwebsockets"]),
      hidden(tcp(["mqtt"], null, null, { at: 2 }), ["Mosquitto", "Eclipse Mosquitto"]),
    ],
    (place) => ({
      argv: [
        "/usr/sbin/mosquitto",
        "-c",
        write(
          place,
          "mosquitto.conf",
          `listener ${place.ports[0]} 127.0.0.1\ncertfile ${place.certificate}\nkeyfile ${place.privateKey}\nlistener ${place.ports[1]} 127.0.0.1\nprotocol websockets\nlistener ${place.ports[2]} 127.0.0.1\nallow_anonymous false\npersistence false\nuser root\n`,
        ),
      ],
    }),
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
    ({ ports, directory, certificate, privateKey }) =>
      shell(
        `mkdir -p m l
echo '[rabbitmq_mqtt,rabbitmq_stomp,rabbitmq_management].' > enabled
cat > rabbitmq.conf <<X
listeners.tcp = none
listeners.ssl.1 = 127.0.0.1:${ports[0]}
ssl_options.certfile = ${certificate}
ssl_options.keyfile = ${privateKey}
mqtt.listeners.tcp.1 = 127.0.0.1:${ports[1]}
mqtt.allow_anonymous = false
stomp.listeners.tcp.1 = 127.0.0.1:${ports[2]}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${ports[3]}
X
exec /usr/lib/rabbitmq/bin/rabbitmq-server`,
        {
          HOME: directory,
          RABBITMQ_NODENAME: "labtls@localhost",
          RABBITMQ_DIST_PORT: `${ports[4]}`,
          RABBITMQ_CONFIG_FILE: `${directory}/rabbitmq.conf`,
          RABBITMQ_MNESIA_BASE: `${directory}/m`,
          RABBITMQ_LOG_BASE: `${directory}/l`,
          RABBITMQ_ENABLED_PLUGINS_FILE: `${directory}/enabled`,
          RABBITMQ_CONF_ENV_FILE: "/dev/null",
          RABBITMQ_PID_FILE: `${directory}/pid`,
        },
      ),
  ),
];
