import { type Daemon, type Place, write } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, TLS, tcp, withRun } from "./entry.ts";
import { behind } from "./fronts.ts";
import { mariadb } from "./impostors.ts";
import { WEB } from "./servers.ts";
import { hold, joined, passing } from "./states.ts";
import { memcached, POSTGRES, postgres, REDIS, redis, slapd } from "./variants-data.ts";
import { stunnel } from "./variants-mail.ts";
import { stream } from "./variants-tunnels.ts";

const MQTT = ["mqtt", "mqtts", "secure-mqtt"] as const;
const SMB = ["microsoft-ds", "netbios-ssn", "smb"] as const;
const RDP = ["ms-wbt-server", "rdp"] as const;
const XMPP = ["xmpp", "xmpp-client", "jabber", "xmpp-server"] as const;
const ZOOKEEPER = ["Zookeeper", "Apache ZooKeeper", "ZooKeeper"] as const;
/** A server whose account tables are there, so that it looks who comes. */
const mariadbInstalled = ({ directory, ports }: Place, sql: string, more: string) =>
  shell(`mariadb-install-db --no-defaults --user=root --datadir=$PWD/data --skip-test-db --auth-root-authentication-method=normal > /dev/null 2>&1
echo "${sql}" > init.sql
exec /usr/sbin/mariadbd --no-defaults --user=root --datadir=$PWD/data --socket=${directory}/socket --pid-file=${directory}/pid --bind-address=127.0.0.1 --port=${ports[0]} --innodb-buffer-pool-size=8M --init-file=${directory}/init.sql ${more}`);
const zookeeper = (place: Place, more: string) =>
  shell(`cat > zoo.cfg <<X
tickTime=2000
dataDir=$PWD/data
clientPort=${place.ports[0]}
clientPortAddress=127.0.0.1
admin.enableServer=false
${more}
X
exec java -cp "/etc/zookeeper/conf:/usr/share/java/*" org.apache.zookeeper.server.quorum.QuorumPeerMain zoo.cfg`);
const smbd = (place: Place, more: string) =>
  withRun(`mkdir -p p l s c n
cat > smb.conf <<X
[global]
interfaces = 127.0.0.1
bind interfaces only = yes
smb ports = ${place.ports[0]}
private dir = $PWD/p
lock directory = $PWD/l
state directory = $PWD/s
cache directory = $PWD/c
pid directory = $PWD
ncalrpc dir = $PWD/n
log file = $PWD/log
disable spoolss = yes
${more}
X
exec /usr/sbin/smbd -F --no-process-group -s $PWD/smb.conf`);
const rsyncd = ({ ports }: Place, more: string) =>
  shell(
    `printf 'address = 127.0.0.1\\nport = ${ports[0]}\\nuse chroot = no\\npid file = %s/pid\\nlog file = /dev/stderr\\n${more}' $PWD > r.conf; exec rsync --daemon --no-detach --config=$PWD/r.conf`,
  );
const prosody = (place: Place, more: string) =>
  shell(
    `exec /usr/bin/prosody -F --config ${write(place, "p.lua", `daemonize=false\nrun_as_root=true\ndata_path="${place.directory}"\ninterfaces={"127.0.0.1"}\nssl={certificate="${place.certificate}";key="${place.privateKey}"}\nauthentication="internal_hashed"\nmodules_enabled={"saslauth","tls","s2s"}\nlog="*stdout"\n${more}VirtualHost "lab.test"\n`)}`,
  );
const ircd = (place: Place, more: string) =>
  shell(
    `exec ngircd -n -f ${write(place, "i.conf", `[Global]\nName = irc.lab.test\nInfo = chat\nListen = 127.0.0.1\nPorts = ${place.ports[0]}\nServerUID = 65534\nServerGID = 65534\nMotdPhrase = Willkommen\n${more}`)}`,
  );

/** Databases, brokers, directories, agents and desktops as their operators close them, once more. */
export const closedData: Daemon[] = [
  daemon("mariadb full", "mariadb-server-core", [null], [hidden(tcp("mysql", null), "MariaDB")], (place) => [
    mariadb(
      place,
      "10.11.6-MariaDB-log",
      "--max-connections=10 --extra-max-connections=1 --connect-timeout=36000",
    ),
    hold(place, 40),
  ]),
  daemon("mariadb turns away in German", "mariadb-server-core", [null], [tcp("mysql", "MariaDB")], (place) =>
    mariadbInstalled(
      place,
      "DELETE FROM mysql.global_priv WHERE Host IN ('127.0.0.1','::1') OR User=''; FLUSH PRIVILEGES;",
      "--skip-name-resolve --lc-messages=de_DE",
    ),
  ),
  daemon("mariadb turns away in French", "mariadb-server-core", [null], [tcp("mysql", "MariaDB")], (place) =>
    mariadbInstalled(
      place,
      "DELETE FROM mysql.global_priv WHERE Host IN ('127.0.0.1','::1') OR User=''; FLUSH PRIVILEGES;",
      "--skip-name-resolve --lc-messages=fr_FR",
    ),
  ),
  daemon(
    "mariadb as MySQL 8 through haproxy",
    "mariadb-server-core",
    [null, null],
    [tcp("mysql", "MariaDB", null, { spoof: ["MySQL"] })],
    (place) => [
      passing(place),
      mariadb(behind(place), "8.0.35-0ubuntu0.22.04.1", "--character-set-server=utf8mb4"),
    ],
  ),
  daemon(
    "mariadb on IPv6",
    "mariadb-server-core",
    [null],
    [tcp("mysql", "MariaDB", "package", { host: "::1" })],
    ({ directory, ports }) =>
      shell(
        `mkdir data; exec /usr/sbin/mariadbd --no-defaults --user=root --skip-grant-tables --datadir=${directory}/data --socket=${directory}/socket --pid-file=${directory}/pid --bind-address=::1 --port=${ports[0]} --innodb-log-file-size=4M --innodb-buffer-pool-size=8M`,
      ),
  ),
  daemon("postgres wants a certificate", "postgresql", [null], [tcp("postgresql", POSTGRES)], (place) => {
    place.prepare([
      "sh",
      "-c",
      `cat ${place.certificate} > c.pem; cat ${place.privateKey} > k.pem; chown postgres c.pem k.pem; chmod 600 k.pem`,
    ]);
    return postgres(
      place,
      "hostssl all all 127.0.0.1/32 cert",
      `-c ssl=on -c ssl_cert_file=${place.directory}/c.pem -c ssl_key_file=${place.directory}/k.pem -c ssl_ca_file=${place.directory}/c.pem -c ssl_min_protocol_version=TLSv1.3`,
    );
  }),
  daemon(
    "postgres on IPv6 and port 3306",
    "postgresql",
    [3306],
    [tcp("postgresql", POSTGRES, null, { host: "::1" })],
    ({ directory, ports }) =>
      shell(`bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
chown -R postgres ${directory}
as="setpriv --reuid=postgres --regid=postgres --init-groups --"
$as $bin/initdb -D $PWD/pg --no-sync -A scram-sha-256 --pwfile=/etc/hostname > /dev/null
exec $as $bin/postgres -D $PWD/pg -p ${ports[0]} -k $PWD -c listen_addresses=::1 -c fsync=off`),
  ),
  daemon(
    "postgres through nginx stream",
    "postgresql",
    [null, null],
    [tcp("postgresql", POSTGRES)],
    (place) => [stream(place, ""), postgres(behind(place), "host all all all reject")],
  ),
  daemon("redis without INFO alone", "redis-server", [null], [tcp("redis", REDIS, "package")], (place) =>
    redis(place, "--rename-command INFO ''"),
  ),
  daemon("redis with all its commands renamed", "redis-server", [null], [tcp("redis", REDIS)], (place) =>
    redis(
      place,
      "INFO HELLO CONFIG COMMAND LOLWUT DEBUG PING CLIENT MODULE ACL"
        .split(" ")
        .map((command) => `--rename-command ${command} hidden-${command}`)
        .join(" "),
    ),
  ),
  daemon(
    "redis on port 80 in haproxy's TLS",
    "redis-server",
    [8443, null],
    [tcp("redis", REDIS, "package", TLS)],
    (place) => [passing(place, ` ssl crt ${joined(place)} alpn h2`), redis(behind(place), "")],
  ),
  daemon(
    "redis-sentinel password",
    "redis-sentinel",
    [null],
    [tcp("redis", ["Redis Sentinel", ...REDIS])],
    (place) =>
      shell(
        `printf 'port ${place.ports[0]}\\nbind 127.0.0.1\\nrequirepass secret\\ndir /tmp\\n' > s.conf; exec redis-sentinel $PWD/s.conf`,
      ),
  ),
  daemon(
    "memcached on IPv6 by socat",
    "memcached",
    [null, null],
    [tcp(["memcached", "memcache"], "Memcached", "package", { host: "::1" })],
    (place) => [
      shell(
        `exec socat TCP6-LISTEN:${place.ports[0]},bind=[::1],reuseaddr,fork TCP:127.0.0.1:${place.ports[1]}`,
      ),
      memcached(behind(place), ""),
    ],
  ),
  daemon("zookeeper without words", "zookeeper", [null], [tcp("zookeeper", ZOOKEEPER)], (place) =>
    zookeeper(place, "4lw.commands.whitelist="),
  ),
  daemon(
    "influxdb by TLS and password",
    "influxdb",
    [null, null],
    [tcp(WEB, ["InfluxDB http admin", "InfluxDB"], "package", TLS)],
    (place) =>
      shell(
        `exec influxd -config ${write(place, "i.toml", `reporting-disabled = true\nbind-address = "127.0.0.1:${place.ports[1]}"\n[meta]\ndir = "${place.directory}/m"\n[data]\ndir = "${place.directory}/d"\nwal-dir = "${place.directory}/w"\n[http]\nbind-address = "127.0.0.1:${place.ports[0]}"\nauth-enabled = true\nhttps-enabled = true\nhttps-certificate = "${place.certificate}"\nhttps-private-key = "${place.privateKey}"\n`)}`,
        HOME,
      ),
  ),
  daemon(
    "etcd by TLS",
    "etcd-server",
    [null, null],
    [tcp(WEB, ["etcd"], "package", TLS)],
    ({ ports, directory, certificate, privateKey }) =>
      shell(
        `exec etcd --data-dir ${directory}/d --cert-file ${certificate} --key-file ${privateKey} --listen-client-urls https://127.0.0.1:${ports[0]} --advertise-client-urls https://127.0.0.1:${ports[0]} --listen-peer-urls http://127.0.0.1:${ports[1]} --initial-advertise-peer-urls http://127.0.0.1:${ports[1]} --initial-cluster default=http://127.0.0.1:${ports[1]}`,
      ),
  ),
  daemon("slapd shows nothing", "slapd", [null], [hidden(tcp("ldap", null), "OpenLDAP")], (place) =>
    slapd(place, "ldap", 'access to dn.base="" by * none\naccess to * by * none\n'),
  ),
  daemon(
    "nats wants TLS",
    "nats-server",
    [null],
    [tcp("nats", ["NATS", "NATS Server", "nats-server"], "package")],
    (place) =>
      shell(
        `exec nats-server -a 127.0.0.1 -p ${place.ports[0]} --tls --tlscert ${place.certificate} --tlskey ${place.privateKey} --user a --pass b`,
      ),
  ),
  daemon(
    "rabbitmq wants a certificate",
    "rabbitmq-server",
    [null, 25674],
    [hidden(tcp(["amqp", "amqps", "ssl"], null, null, TLS), "RabbitMQ")],
    ({ ports, directory, certificate, privateKey }) =>
      shell(
        `mkdir -p m l
echo '[].' > enabled
cat > rabbitmq.conf <<X
listeners.tcp = none
listeners.ssl.1 = 127.0.0.1:${ports[0]}
ssl_options.cacertfile = ${certificate}
ssl_options.certfile = ${certificate}
ssl_options.keyfile = ${privateKey}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
ssl_options.versions.1 = tlsv1.2
X
exec /usr/lib/rabbitmq/bin/rabbitmq-server`,
        {
          HOME: directory,
          RABBITMQ_NODENAME: "labcert@localhost",
          RABBITMQ_DIST_PORT: `${ports[1]}`,
          RABBITMQ_CONFIG_FILE: `${directory}/rabbitmq.conf`,
          RABBITMQ_MNESIA_BASE: `${directory}/m`,
          RABBITMQ_LOG_BASE: `${directory}/l`,
          RABBITMQ_ENABLED_PLUGINS_FILE: `${directory}/enabled`,
          RABBITMQ_CONF_ENV_FILE: "/dev/null",
          RABBITMQ_PID_FILE: `${directory}/pid`,
        },
      ),
  ),
  daemon(
    "mosquitto in stunnel on port 25",
    "mosquitto",
    [25, null],
    [tcp(MQTT, ["Mosquitto", "Eclipse Mosquitto"], "package", TLS)],
    (place) => [
      stunnel(place),
      shell(
        `exec mosquitto -c ${write(place, "m.conf", `listener ${place.ports[1]} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n`)}`,
      ),
    ],
  ),
  daemon("smbd by another name", "samba", [null], [tcp(SMB, ["Samba smbd", "Samba"])], (place) =>
    smbd(
      place,
      "server string = Windows 10 Pro 6.3\nworkgroup = WORKGROUP\nnetbios name = DESKTOP\nserver min protocol = SMB2_02\nmap to guest = never\nrestrict anonymous = 2",
    ),
  ),
  daemon("smbd of yore", "samba", [139], [tcp(SMB, ["Samba smbd", "Samba"])], (place) =>
    smbd(place, "server min protocol = NT1\nlanman auth = yes\nntlm auth = yes\nserver string = %h"),
  ),
  daemon(
    "rsync in stunnel with a password",
    "rsync",
    [null, null],
    [tcp("rsync", ["rsync", "rsyncd"], null, { tls: true, productHidden: true })],
    (place) => [
      stunnel(place),
      rsyncd(behind(place), "list = no\\n[x]\\npath = /tmp\\nauth users = a\\nsecrets file = /dev/null\\n"),
    ],
  ),
  daemon(
    "p910nd",
    "p910nd",
    [9101],
    [hidden(tcp(["jetdirect", "unknown", "tcpwrapped", "bacula-dir", "bacula"], null), ["p910nd"])],
    () => shell("mkdir -p /var/lock/p910nd; exec p910nd -d -f /dev/null -i 127.0.0.1 1"),
    { needsOwnNetwork: true },
  ),
  daemon(
    "munin-node wants TLS",
    "munin-node",
    [null],
    [tcp("munin", ["Munin node", "Munin", "munin-node"])],
    (place) =>
      shell(
        `exec munin-node --foreground --config ${write(place, "m.conf", `log_file ${place.directory}/log\npid_file ${place.directory}/pid\nbackground 0\nsetsid 0\nuser root\ngroup root\nallow ^127\\.0\\.0\\.1$\nhost 127.0.0.1\nport ${place.ports[0]}\nhost_name lab.test\ntls paranoid\ntls_certificate ${place.certificate}\ntls_private_key ${place.privateKey}\ntls_verify_certificate no\n`)}`,
      ),
  ),
  daemon(
    "zabbix-agent2 for another server",
    "zabbix-agent2",
    [null],
    [hidden(tcp(["zabbix-agent", "tcpwrapped", "unknown"], null), ["Zabbix agent", "Zabbix"])],
    (place) =>
      shell(
        `exec zabbix_agent2 -f -c ${write(place, "z.conf", `LogType=console\nPidFile=${place.directory}/pid\nServer=10.9.8.7\nListenIP=127.0.0.1\nListenPort=${place.ports[0]}\nHostname=lab\nControlSocket=${place.directory}/s\nPluginSocket=${place.directory}/q\n`)}`,
      ),
  ),
  daemon(
    "nrpe for another server",
    "nagios-nrpe-server",
    [null],
    [hidden(tcp(["nrpe", "tcpwrapped", "unknown"], null, null), ["NRPE"])],
    (place) =>
      shell(
        `exec nrpe -f -n -c ${write(place, "n.conf", `server_port=${place.ports[0]}\nserver_address=127.0.0.1\nnrpe_user=nobody\nnrpe_group=nogroup\nallowed_hosts=10.9.8.7\npid_file=${place.directory}/pid\n`)}`,
      ),
  ),
  daemon(
    "rsyslog by RELP",
    "rsyslog",
    [2514],
    [tcp(["relp", "syslog-relp"], ["rsyslog", "librelp"], "1.11.0")],
    (place) =>
      shell(
        `exec rsyslogd -n -i $PWD/pid -f ${write(place, "r.conf", `global(workDirectory="${place.directory}")\nmodule(load="imrelp")\ninput(type="imrelp" port="${place.ports[0]}" address="127.0.0.1")\n*.* /dev/null\n`)}`,
      ),
  ),
  daemon(
    "tinc",
    "tinc",
    [655],
    [hidden(tcp(["tinc", "tinc-vpn", "unknown"], null), ["tinc"])],
    ({ directory }) =>
      shell(
        `mkdir -p net/hosts; printf 'Name = a\\nDeviceType = dummy\\nBindToAddress = 127.0.0.1\\n' > net/tinc.conf; printf 'Subnet = 10.77.0.1/32\\n' > net/hosts/a; tincd -c $PWD/net -K2048 < /dev/null; exec tincd -c $PWD/net -D --pidfile=${directory}/pid`,
      ),
    { needsOwnNetwork: true },
  ),
  daemon("xpra", "xpra", [null], [tcp(["xpra", ...WEB], ["Xpra"], null)], ({ ports, directory }) =>
    shell(
      `mkdir -m 700 r; exec xpra start :77 --bind-tcp=127.0.0.1:${ports[0]} --daemon=no --mdns=no --notifications=no --pulseaudio=no --dbus-proxy=no --dbus-launch= --auth=none --html=off --xvfb='Xvfb -screen 0 640x480x24 -nolisten tcp -noreset' --socket-dirs=$PWD/r`,
      { HOME: directory, XDG_RUNTIME_DIR: `${directory}/r` },
    ),
  ),
  daemon("xrdp of old", "xrdp", [null], [hidden(tcp(RDP, null), "xrdp")], (place) =>
    withRun(`sed 's#^port=.*#port=tcp://127.0.0.1:${place.ports[0]}#; s#^security_layer=.*#security_layer=rdp#; s#^crypt_level=.*#crypt_level=low#' /etc/xrdp/xrdp.ini > x.ini
mkdir -p /run/xrdp
exec /usr/sbin/xrdp --nodaemon -c $PWD/x.ini`),
  ),
  daemon(
    "tigervnc without a password through socat",
    "tigervnc-standalone-server",
    [null, null],
    [hidden(tcp("vnc", null), ["TigerVNC", "VNC"])],
    ({ ports: [p, q] }) => [
      shell(`exec socat TCP-LISTEN:${p},bind=127.0.0.1,reuseaddr,fork TCP:127.0.0.1:${q}`),
      shell(
        `exec /usr/bin/Xtigervnc :95 -nolock -rfbport ${q} -localhost -SecurityTypes None -desktop Kasse -nolisten unix`,
      ),
    ],
  ),
  daemon(
    "qemu's VNC with a password",
    "qemu-system-x86",
    [5907],
    [hidden(tcp("vnc", null), ["QEMU", "QEMU VNC"])],
    () =>
      shell(
        "exec qemu-system-x86_64 -nodefaults -S -vga std -m 16 -vnc 127.0.0.1:7,password=on -monitor none",
      ),
    { needsOwnNetwork: true },
  ),
  daemon(
    "git in stunnel",
    "git",
    [null, null],
    [hidden(tcp("git", null, null, TLS), ["git daemon", "git"])],
    (place) => [
      stunnel(place),
      shell(
        `mkdir e; exec git daemon --listen=127.0.0.1 --port=${place.ports[1]} --base-path=$PWD/e --informative-errors`,
        HOME,
      ),
    ],
  ),
  daemon(
    "ngircd wants a password",
    "ngircd",
    [null],
    [tcp("irc", "ngircd", null, { productHidden: true })],
    (place) =>
      ircd(place, "Password = geheim\n[Options]\nIdent = no\nPAM = no\nDNS = no\nRequireAuthPing = yes\n"),
  ),
  daemon(
    "prosody by TLS at once",
    "prosody",
    [null, null, null],
    [
      hidden(tcp(XMPP, null, null, TLS), "Prosody"),
      hidden(tcp(XMPP, null, null, { at: 1 }), "Prosody"),
      hidden(tcp(XMPP, null, null, { at: 2 }), "Prosody"),
    ],
    (place) =>
      prosody(
        place,
        `c2s_direct_tls_ports={${place.ports[0]}}\nc2s_ports={${place.ports[1]}}\ns2s_ports={${place.ports[2]}}\nc2s_require_encryption=true\n`,
      ),
  ),
  daemon(
    "kamailio by TCP and TLS",
    "kamailio",
    [null, null],
    [tcp("sip", "Kamailio", "package"), tcp("sip", "Kamailio", "package", { at: 1 })],
    (place) =>
      shell(
        `exec kamailio -DD -E -m 16 -M 4 -Y $PWD -P $PWD/pid -f ${write(place, "k.cfg", `children=1\ntcp_children=1\nlisten=tcp:127.0.0.1:${place.ports[0]}\nlisten=tcp:127.0.0.1:${place.ports[1]}\nloadmodule "/usr/lib/x86_64-linux-gnu/kamailio/modules/sl.so"\nrequest_route { sl_send_reply("403", "Nicht hier"); }\n`)}`,
      ),
  ),
  daemon("sipp answers", "sip-tester", [5061], [hidden(tcp("sip", null), ["SIPp"])], ({ ports }) =>
    shell(`exec sipp -sn uas -t t1 -i 127.0.0.1 -p ${ports[0]} -nostdin`, { ...HOME, TERM: "xterm" }),
  ),
  daemon(
    "mailman's LMTP",
    "python3-aiosmtpd",
    [8024],
    [tcp(["lmtp", "smtp"], ["Mailman", "GNU Mailman", "aiosmtpd"], null)],
    (place) =>
      shell(`exec /usr/bin/python3 -c 'import asyncio
from aiosmtpd.lmtp import LMTP
from aiosmtpd.handlers import Sink
async def m():
    l = asyncio.get_running_loop()
    s = await l.create_server(lambda: LMTP(Sink(), hostname="lab.test", ident="GNU Mailman LMTP runner 2.0"), "127.0.0.1", ${place.ports[0]})
    await s.serve_forever()
asyncio.run(m())'`),
  ),
];
