import { type Daemon, write } from "../../daemon.ts";
import { ircd, MQTT, prosody, RDP, rsyncd, SMB, smbd, XMPP } from "./closed-data.ts";
import { daemon, HOME, hidden, shell, TLS, tcp, withRun } from "./entry.ts";
import { behind } from "./fronts.ts";
import { WEB } from "./servers.ts";
import { slapd } from "./variants-data.ts";
import { stunnel } from "./variants-mail.ts";

/** Directories, brokers, agents and desktops as their operators close them, once more. */
export const closedAgents: Daemon[] = [
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
