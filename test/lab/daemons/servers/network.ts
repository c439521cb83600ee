/** Time, management, calls, chat, screens and tunnels: servers that several entries start, each with lines of its own. */
import { type Command, type Place, write } from "../../daemon.ts";
import { HOME, shell, withRun } from "../wide/entry.ts";

export const chrony = (place: Place, address = "127.0.0.1", allow = "127.0.0.0/8"): Command =>
  shell(
    `exec /usr/sbin/chronyd -d -x -L 2 -f ${write(
      place,
      "chrony.conf",
      `port ${place.ports[0]}\nbindaddress ${address}\nallow ${allow}\nlocal stratum 10\ncmdport 0\nbindcmdaddress /\npidfile ${place.directory}/pid\nuser root\n`,
    )}`,
  );
export const snmpd = (place: Place, config: string): Command =>
  shell(
    `exec /usr/sbin/snmpd -f -LE 3 -C -c ${write(place, "snmpd.conf", `${config}\n`)} -I -smux udp:127.0.0.1:${place.ports[0]}`,
    { SNMP_PERSISTENT_DIR: place.directory, MIBS: "" },
  );
/** `listen`: its lines of that word; `answer`: to every request. */
export const kamailio = (place: Place, listen: string, answer: string): Command =>
  shell(
    `exec /usr/sbin/kamailio -DD -E -m 16 -M 4 -Y $PWD -P $PWD/pid -f ${write(
      place,
      "k.cfg",
      `#!KAMAILIO\nchildren=1\ntcp_children=1\nmpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"\n${listen}loadmodule "tm.so"\nloadmodule "sl.so"\nrequest_route { sl_send_reply(${answer}); }\n`,
    )}`,
  );
/** On the first port by both transports. */
export const kamailioBoth = (place: Place, answer: string, more = ""): Command =>
  kamailio(
    place,
    `listen=udp:127.0.0.1:${place.ports[0]}\nlisten=tcp:127.0.0.1:${place.ports[0]}\n${more}`,
    answer,
  );
export const coturn = ({ ports }: Place, more: string): Command =>
  shell(
    `exec /usr/bin/turnserver -n -L 127.0.0.1 -p ${ports[0]} --no-cli --no-tls --no-dtls --db=$PWD/db --pidfile=$PWD/pid -l stdout ${more}`,
  );
/** `more`: lines after its section [Global] has begun. */
export const ngircd = (place: Place, port: number | undefined, more = "", options = ""): Command =>
  shell(
    `exec /usr/sbin/ngircd -n -f ${write(
      place,
      "ngircd.conf",
      `[Global]\nName = irc.lab.test\nInfo = lab\nAdminEMail = irc@lab.test\nListen = 127.0.0.1\nPorts = ${port}\nServerUID = irc\nServerGID = irc\n${more}[Limits]\nMaxConnectionsIP = 0\n[Options]\nDNS = no\nIdent = no\nPAM = no\n${options}`,
    )}`,
  );
export const inspircd = ({ ports }: Place, name: string, connect = "", more = ""): Command =>
  withRun(`cat > i.conf <<X
<server name="${name}" description="lab" network="Lab">
<admin name="a" nick="a" email="a@lab.test">
<bind address="127.0.0.1" port="${ports[0]}" type="clients">
<connect allow="*" timeout="60"${connect}>
${more}
<path logdir="$PWD" datadir="$PWD">
<pid file="$PWD/pid">
X
exec /usr/sbin/inspircd --nofork --runasroot --config=$PWD/i.conf`);
export const prosody = (place: Place, more: string): Command =>
  shell(
    `exec /usr/bin/prosody -F --config ${write(place, "p.lua", `daemonize=false\nrun_as_root=true\ndata_path="${place.directory}"\ninterfaces={"127.0.0.1"}\nauthentication="internal_hashed"\nlog="*stdout"\n${more}VirtualHost "lab.test"\nVirtualHost "127.0.0.1"\n`)}`,
  );

/** `settings`: lines of its own configuration in the place of Debian's. */
export const xrdp = (place: Place, settings: Readonly<Record<string, string>>): Command => {
  const changes = Object.entries({ port: `tcp://127.0.0.1:${place.ports[0]}`, ...settings });
  return withRun(`sed '${changes.map(([name, value]) => `s#^${name}=.*#${name}=${value}#`).join("; ")}' /etc/xrdp/xrdp.ini > x.ini
mkdir -p /run/xrdp
exec /usr/sbin/xrdp --nodaemon -c $PWD/x.ini`);
};
export const xrdpTls = ({ certificate, privateKey }: Place) => ({ certificate, key_file: privateKey });
export const tigervnc = (display: number, port: number | undefined, types: string, more = ""): Command =>
  shell(
    `exec /usr/bin/Xtigervnc :${display} -nolock -rfbport ${port} -localhost -SecurityTypes ${types} -nolisten unix ${more}`,
  );

/** A server of tunnels on this port, by this transport. */
export const openvpn = (
  { certificate, privateKey }: Place,
  proto: "tcp-server" | "udp",
  port: number | undefined,
  more = "",
): Command =>
  shell(`[ "${more}" ] && /usr/sbin/openvpn --genkey secret tc.key
exec /usr/sbin/openvpn --proto ${proto} --port ${port} --local 127.0.0.1 --dev tun --mode server --tls-server --ifconfig-noexec --ifconfig 10.9.0.1 10.9.0.2 --data-ciphers AES-256-GCM --ca ${certificate} --cert ${certificate} --key ${privateKey} --dh none --keepalive 10 60 ${more}`);
export const charon = (place: Place, more = ""): Command =>
  withRun(
    `mkdir -p /run/charon
exec /usr/lib/ipsec/charon`,
    {
      STRONGSWAN_CONF: write(
        place,
        "s.conf",
        `charon { port = ${place.ports[0]}\n port_nat_t = ${place.ports[1]}\n install_routes = no\n load_modular = no\n ${more}\n}\n`,
      ),
    },
  );

/** `cupsd`: lines of cupsd.conf. */
export const cups = ({ certificate, privateKey }: Place, cupsd: string): Command =>
  shell(`mkdir -p tmp spool cache state ssl
for n in lab.test localhost; do cat ${certificate} > ssl/$n.crt; cat ${privateKey} > ssl/$n.key; done
chown -R root:lp .
cat > cupsd.conf <<X
${cupsd}
X
cat > cups-files.conf <<X
ServerRoot $PWD
RequestRoot $PWD/spool
TempDir $PWD/tmp
CacheDir $PWD/cache
StateDir $PWD/state
ServerKeychain $PWD/ssl
AccessLog stderr
ErrorLog stderr
PageLog stderr
Sandboxing relaxed
X
exec /usr/sbin/cupsd -f -c $PWD/cupsd.conf -s $PWD/cups-files.conf`);

export const munin = (place: Place, more = ""): Command =>
  shell(
    `exec /usr/sbin/munin-node --foreground --config ${write(place, "munin.conf", `log_file ${place.directory}/log\npid_file ${place.directory}/pid\nbackground 0\nsetsid 0\nuser root\ngroup root\nallow ^127\\.0\\.0\\.1$\nhost 127.0.0.1\nport ${place.ports[0]}\nhost_name lab.test\n${more}`)}`,
  );
/** `allowed`: whom it answers; `port`: which of the daemon's; `options` of the command. */
export const nrpe = (place: Place, allowed: string, at = 0, options = "-n"): Command =>
  shell(
    `exec /usr/sbin/nrpe -f ${options} -c ${write(place, `nrpe${at}.conf`, `server_port=${place.ports[at]}\nserver_address=127.0.0.1\nnrpe_user=nobody\nnrpe_group=nogroup\nallowed_hosts=${allowed}\npid_file=${place.directory}/pid${at}\n`)}`,
  );
/** rsyslog that takes RELP. */
export const relp = (place: Place): Command =>
  shell(
    `exec rsyslogd -n -i $PWD/pid -f ${write(place, "r.conf", `global(workDirectory="${place.directory}")\nmodule(load="imrelp")\ninput(type="imrelp" port="${place.ports[0]}" address="127.0.0.1")\n*.* /dev/null\n`)}`,
  );
/** An internal service of xinetd, or one that it starts. */
export const xinetdService = (
  port: number | undefined,
  kind: "tcp" | "udp",
  what: { internal: string } | { server: string; args?: string; banner?: string },
): string =>
  `service ${"internal" in what ? what.internal : `lab${port}`}
{
 type = ${"internal" in what ? "INTERNAL " : ""}UNLISTED
 id = lab${port}
 port = ${port}
 bind = 127.0.0.1
 socket_type = ${kind === "tcp" ? "stream" : "dgram"}
 protocol = ${kind}
 user = root
 wait = ${kind === "tcp" ? "no" : "yes"}
${"server" in what ? ` server = ${what.server}\n${what.args ? ` server_args = ${what.args}\n` : ""}${what.banner ? ` banner = ${what.banner}\n` : ""}` : ""}}
`;
export const xinetd = (place: Place, services: readonly string[]): Command =>
  shell(
    `exec /usr/sbin/xinetd -dontfork -pidfile $PWD/pid -f ${write(place, "x.conf", services.join(""))}`,
    HOME,
  );
