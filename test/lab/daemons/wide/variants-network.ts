import type { Daemon, Place } from "../../daemon.ts";
import { snmpd } from "../network.ts";
import { daemon, hidden, shell, tcp, udp, withRun } from "./entry.ts";
import { sshd } from "./variants-data.ts";
import { node } from "./variants-mail.ts";

const RDP = ["ms-wbt-server", "rdp"] as const;
const kamailio = (place: Place, lines: string) =>
  shell(`cat > k.cfg <<X
#!KAMAILIO
children=1
listen=udp:127.0.0.1:${place.ports[0]}
listen=tcp:127.0.0.1:${place.ports[0]}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
${lines}
loadmodule "tm.so"
loadmodule "sl.so"
request_route { sl_send_reply("403","Forbidden"); }
X
exec /usr/sbin/kamailio -DD -E -f k.cfg -Y $PWD -m 16 -M 4`);

/** Shells, names, time, screens and calls: hardened, renamed, moved to other ports. */
export const variantNetwork: Daemon[] = [
  daemon("sshd with an addendum", "openssh-server", [null], [tcp("ssh", "OpenSSH", "package")], (place) =>
    sshd(
      place,
      '-o "VersionAddendum=FreeBSD-20240806" -o KexAlgorithms=diffie-hellman-group14-sha256 -o Ciphers=aes256-ctr -o MACs=hmac-sha2-512',
    ),
  ),
  daemon("sshd hardened", "openssh-server", [2222], [tcp("ssh", "OpenSSH", "package")], (place) =>
    sshd(
      place,
      "-o DebianBanner=no -o KexAlgorithms=curve25519-sha256 -o Ciphers=chacha20-poly1305@openssh.com -o MaxStartups=2:100:2 -o LoginGraceTime=5",
    ),
  ),
  daemon(
    "ssh2 as OpenSSH",
    "nodejs",
    [null],
    [tcp("ssh", ["ssh2", "mscdex ssh2", "ssh2js"], null, { productHidden: true, spoof: ["OpenSSH"] })],
    ({ ports }) =>
      node(
        `const { Server, utils } = require("ssh2"); new Server({ hostKeys: [utils.generateKeyPairSync("ed25519").private], ident: "OpenSSH_9.2p1 Debian-2+deb12u2" }, () => {}).listen(${ports[0]}, "127.0.0.1")`,
      ),
  ),
  daemon(
    "endlessh",
    "endlessh",
    [null],
    [hidden(tcp(["ssh", "unknown"], null), ["Endlessh", "endlessh"])],
    ({ ports }) =>
      shell(
        `printf 'Port ${ports[0]}\\nDelay 3000\\nBindFamily 4\\n' > e.conf\nexec /usr/bin/endlessh -f e.conf`,
      ),
    { needsOwnNetwork: true },
  ),
  daemon("snmpd v3 only", "snmpd", [null], [udp("snmp", ["net-snmp", "Net-SNMP agent"])], (place) =>
    snmpd(place, "rouser nobody priv"),
  ),
  daemon(
    "tftpd-hpa",
    "tftpd-hpa",
    [null],
    [hidden(udp("tftp", null), ["tftpd-hpa", "tftp-hpa"])],
    ({ ports, directory }) =>
      shell(`exec /usr/sbin/in.tftpd -4 -L -u nobody -s -a :${ports[0]} ${directory}`),
    { needsOwnNetwork: true },
  ),
  daemon(
    "Cisco by socat",
    "socat",
    [null],
    [tcp("telnet", "Cisco", null, { productHidden: true, mute: true })],
    ({ ports }) =>
      shell(
        `printf '\\r\\nUser Access Verification\\r\\n\\r\\nPassword: ' > prompt\nexec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork SYSTEM:"cat $PWD/prompt -"`,
      ),
  ),
  daemon(
    "telnetd without a host line",
    "inetutils-telnetd",
    [null],
    [hidden(tcp("telnet", null), ["GNU Inetutils telnetd", "Linux telnetd", "telnetd"])],
    ({ ports }) =>
      shell(
        `exec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork EXEC:"/usr/sbin/telnetd -h -E /bin/cat"`,
      ),
  ),
  daemon(
    "samba signed and sealed",
    "samba",
    [null],
    [tcp(["microsoft-ds", "netbios-ssn"], ["Samba smbd", "Samba"])],
    (place) =>
      withRun(`mkdir -p p l s c n
cat > smb.conf <<X
[global]
workgroup = CORP
server string = Windows Server 2019
netbios name = DC01
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
server min protocol = SMB3_11
server signing = mandatory
server smb encrypt = required
restrict anonymous = 2
disable spoolss = yes
X
exec /usr/sbin/smbd -F --no-process-group -s $PWD/smb.conf`),
  ),
  daemon(
    "tigervnc TLS only",
    "tigervnc-standalone-server",
    [null],
    [hidden(tcp("vnc", null), ["TigerVNC"])],
    ({ ports: [p] }) =>
      shell(
        `exec /usr/bin/Xtigervnc :96 -nolock -rfbport ${p} -localhost -SecurityTypes TLSVnc,X509Vnc -PasswordFile /dev/null -nolisten unix`,
      ),
  ),
  daemon(
    "x11vnc password",
    "x11vnc",
    [null, null],
    [hidden(tcp("vnc", null), ["x11vnc", "LibVNCServer"])],
    ({ ports: [p, q] }) => [
      shell(
        `exec /usr/bin/Xtigervnc :95 -nolock -ac -rfbport ${q} -localhost -SecurityTypes None -nolisten unix -listen tcp`,
      ),
      shell(
        `until /usr/bin/x11vnc -display 127.0.0.1:95 -rfbport ${p} -localhost -passwd secret -forever -noshm -no6 -quiet; do sleep 1; done`,
      ),
    ],
  ),
  daemon("xrdp TLS odd", "xrdp", [null], [hidden(tcp(RDP, null), "xrdp")], (place) =>
    withRun(`sed 's#^port=.*#port=tcp://127.0.0.1:${place.ports[0]}#; s#^security_layer=.*#security_layer=tls#; s#^certificate=.*#certificate=${place.certificate}#; s#^key_file=.*#key_file=${place.privateKey}#' /etc/xrdp/xrdp.ini > x.ini
mkdir -p /run/xrdp
exec /usr/sbin/xrdp --nodaemon -c $PWD/x.ini`),
  ),
  daemon(
    "kamailio as Asterisk",
    "kamailio",
    [null],
    [
      tcp("sip", "Kamailio", null, { spoof: ["Asterisk"] }),
      udp("sip", "Kamailio", null, { spoof: ["Asterisk"] }),
    ],
    (place) => kamailio(place, 'server_header="Server: Asterisk PBX 18.10.0"'),
  ),
  daemon(
    "kamailio unsigned",
    "kamailio",
    [null],
    [hidden(tcp("sip", null), "Kamailio"), hidden(udp("sip", null), "Kamailio")],
    (place) => kamailio(place, "server_signature=no"),
  ),
  daemon(
    "coturn without software",
    "coturn",
    [null],
    [hidden(tcp(["stun", "turn"], null), "coturn"), hidden(udp(["stun", "turn"], null), "coturn")],
    ({ ports }) =>
      shell(
        `exec /usr/bin/turnserver -n -L 127.0.0.1 -p ${ports[0]} --no-cli --no-tls --no-dtls --no-software-attribute -b $PWD/db --pidfile $PWD/pid -l stdout --relay-ip 127.0.0.1 -a -u a:b -r lab.test`,
      ),
  ),
  daemon(
    "ngircd in tls",
    "ngircd",
    [null, null],
    [hidden(tcp(["irc", "ircs"], null, null, { tls: true }), "ngircd")],
    (place) =>
      shell(`cat ${place.certificate} > c.pem
cat ${place.privateKey} > k.pem
chmod 644 c.pem k.pem
cat > ngircd.conf <<X
[Global]
Name = irc.lab.test
Info = lab
Listen = 127.0.0.1
Ports = ${place.ports[1]}
Password = secret
ServerUID = irc
ServerGID = irc
[Options]
DNS = no
Ident = no
PAM = no
[SSL]
CertFile = $PWD/c.pem
KeyFile = $PWD/k.pem
Ports = ${place.ports[0]}
X
exec /usr/sbin/ngircd -n -f $PWD/ngircd.conf`),
  ),
  daemon("inspircd by another name", "inspircd", [null], [hidden(tcp("irc", null), "InspIRCd")], (place) =>
    withRun(`cat > i.conf <<X
<server name="irc.example.org" description="x" network="X">
<admin name="a" nick="a" email="a@lab.test">
<bind address="127.0.0.1" port="${place.ports[0]}" type="clients">
<connect allow="*" timeout="60" password="secret">
<security customversion="UnrealIRCd-6.0.4" hideserver="irc.example.org">
<path logdir="$PWD" datadir="$PWD">
<pid file="$PWD/pid">
X
exec /usr/sbin/inspircd --nofork --runasroot --config=$PWD/i.conf`),
  ),
  daemon("cups without tokens", "cups-daemon", [null], [tcp(["ipp", "http"], ["CUPS"])], (place) =>
    shell(`mkdir -p tmp spool cache state
printf 'Listen 127.0.0.1:${place.ports[0]}\\nWebInterface No\\nServerTokens None\\nServerAlias *\\n' > cupsd.conf
for f in ServerRoot:$PWD RequestRoot:$PWD/spool TempDir:$PWD/tmp CacheDir:$PWD/cache StateDir:$PWD/state AccessLog:stderr ErrorLog:stderr PageLog:stderr; do echo "\${f%%:*} \${f#*:}"; done > cups-files.conf
exec /usr/sbin/cupsd -f -c $PWD/cupsd.conf -s $PWD/cups-files.conf`),
  ),
  daemon("rsync denies", "rsync", [null], [hidden(tcp("rsync", null), "rsync")], ({ ports }) =>
    shell(`printf 'use chroot = no\\nmotd file = %s/motd\\n[x]\\npath = /var/empty\\nhosts deny = *\\n' $PWD > r.conf
echo 'SSH-2.0-OpenSSH_9.2p1' > motd
exec /usr/bin/rsync --daemon --no-detach --config=$PWD/r.conf --address=127.0.0.1 --port=${ports[0]} --log-file=$PWD/log`),
  ),
  daemon(
    "openvpn tls-crypt",
    "openvpn",
    [null],
    [hidden(tcp(["openvpn", "tcpwrapped", "unknown"], null), "OpenVPN")],
    (place) =>
      shell(`openssl dhparam -dsaparam -out dh.pem 2048
/usr/sbin/openvpn --genkey secret tc.key
exec /usr/sbin/openvpn --proto tcp-server --port ${place.ports[0]} --local 127.0.0.1 --dev tun --mode server --tls-server --ifconfig-noexec --ifconfig 10.9.0.1 10.9.0.2 --data-ciphers AES-256-GCM --ca ${place.certificate} --cert ${place.certificate} --key ${place.privateKey} --dh dh.pem --keepalive 10 60 --tls-crypt tc.key`),
  ),
];
