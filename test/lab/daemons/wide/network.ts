import { type Daemon, type Place, write } from "../../daemon.ts";
import { snmpd } from "../network.ts";
import { daemon, hidden, shell, tcp, udp, withRun } from "./entry.ts";

const DNS = ["domain", "dns"] as const;

/** A directory that whoever the daemon becomes can write to. */
function owned(place: Place): string {
  place.prepare(["chmod", "777", place.directory]);
  return "";
}

/** Names, directories, time, tunnels, authentication, calls, files over the network. */
export const networkDaemons: Daemon[] = [
  daemon(
    "knot",
    "knot",
    [null],
    [tcp(DNS, ["Knot DNS", "Knot"], "package"), udp(DNS, ["Knot DNS", "Knot"], "package")],
    (place) =>
      shell(`mkdir -p run store
cat > knot.conf <<X
server:
  rundir: $PWD/run
  listen: 127.0.0.1@${place.ports[0]}
  version: "Knot DNS $(dpkg-query -W -f '\${Version}' knot | sed 's/-.*//')"
database:
  storage: $PWD/store
X
exec /usr/sbin/knotd -c knot.conf`),
  ),
  daemon(
    "pdns",
    "pdns-server",
    [null],
    [
      tcp(DNS, ["PowerDNS Authoritative Server", "PowerDNS"], "package"),
      udp(DNS, ["PowerDNS Authoritative Server", "PowerDNS"], "package"),
    ],
    (place) =>
      shell(`echo > pdns.conf
echo > named.conf
exec /usr/sbin/pdns_server --config-dir=$PWD --launch=bind --bind-config=$PWD/named.conf --socket-dir=$PWD --local-address=127.0.0.1 --local-port=${place.ports[0]} --daemon=no --guardian=no --disable-syslog --security-poll-suffix= --module-dir=/usr/lib/x86_64-linux-gnu/pdns`),
  ),
  daemon(
    "pdns-recursor",
    "pdns-recursor",
    [null],
    [tcp(DNS, ["PowerDNS Recursor"], "package"), udp(DNS, ["PowerDNS Recursor"], "package")],
    (place) => ({
      argv: [
        "/usr/sbin/pdns_recursor",
        `--config-dir=${place.directory}`,
        `--socket-dir=${place.directory}`,
        "--local-address=127.0.0.1",
        `--local-port=${place.ports[0]}`,
        "--daemon=no",
        "--disable-syslog",
        "--security-poll-suffix=",
        "--hint-file=no",
      ],
    }),
  ),
  daemon(
    "nsd",
    "nsd",
    [null],
    [tcp(DNS, ["NSD", "NLnet Labs NSD"], "package"), udp(DNS, ["NSD", "NLnet Labs NSD"], "package")],
    (place) => ({
      argv: [
        "/usr/sbin/nsd",
        "-d",
        "-c",
        write(
          place,
          "nsd.conf",
          `server:\n  ip-address: 127.0.0.1@${place.ports[0]}\n  username: ""\n  chroot: ""\n  zonesdir: "${place.directory}"\n  pidfile: ""\n  database: ""\n  zonelistfile: "${place.directory}/zl"\n  xfrdfile: "${place.directory}/x"\n  xfrdir: "${place.directory}"\nremote-control:\n  control-enable: no\n`,
        ),
      ],
    }),
  ),
  daemon(
    "dnsdist",
    "dnsdist",
    [null, null],
    // Its answers are those of the server behind it.
    [
      tcp(DNS, ["dnsmasq"], null, { productHidden: true }),
      udp(DNS, ["dnsmasq"], null, { productHidden: true }),
    ],
    (place) => [
      {
        argv: [
          "/usr/sbin/dnsmasq",
          "--keep-in-foreground",
          "--conf-file=/dev/null",
          "--listen-address=127.0.0.1",
          "--bind-interfaces",
          `--port=${place.ports[1]}`,
          "--no-resolv",
          "--no-hosts",
          "--user=root",
          "--pid-file",
        ],
      },
      {
        argv: [
          "/usr/bin/dnsdist",
          "--supervised",
          "--disable-syslog",
          "-C",
          write(
            place,
            "d.conf",
            `setLocal("127.0.0.1:${place.ports[0]}")\nnewServer("127.0.0.1:${place.ports[1]}")\n`,
          ),
        ],
      },
    ],
  ),
  daemon(
    "krb5kdc",
    "krb5-kdc",
    [88],
    [
      tcp(["kerberos-sec", "kerberos"], ["MIT Kerberos"], null),
      udp(["kerberos-sec", "kerberos"], ["MIT Kerberos"], null),
    ],
    (place) =>
      shell(
        `cat > krb5.conf <<X
[libdefaults]
default_realm = LAB.TEST
[realms]
LAB.TEST = { }
X
cat > kdc.conf <<X
[kdcdefaults]
kdc_listen = 127.0.0.1:${place.ports[0]}
kdc_tcp_listen = 127.0.0.1:${place.ports[0]}
[realms]
LAB.TEST = {
 database_name = $PWD/principal
 key_stash_file = $PWD/stash
}
X
/usr/sbin/kdb5_util -P secret create -s
exec /usr/sbin/krb5kdc -n`,
        { KRB5_CONFIG: `${place.directory}/krb5.conf`, KRB5_KDC_PROFILE: `${place.directory}/kdc.conf` },
      ),
  ),
  daemon(
    "openvpn",
    "openvpn",
    [null, 1194],
    [tcp("openvpn", ["OpenVPN"], null), udp("openvpn", ["OpenVPN"], null, { at: 1 })],
    (place) =>
      shell(`openssl dhparam -dsaparam -out dh.pem 2048
run() { exec /usr/sbin/openvpn --proto $1 --port $2 --local 127.0.0.1 --dev tun --mode server --tls-server --ifconfig-noexec --ifconfig 10.9.0.1 10.9.0.2 --data-ciphers AES-256-GCM --ca ${place.certificate} --cert ${place.certificate} --key ${place.privateKey} --dh dh.pem --keepalive 10 60; }
run tcp-server ${place.ports[0]} & 
run udp ${place.ports[1]}`),
  ),
  daemon(
    "charon",
    "strongswan-charon",
    [500, 4500],
    [udp("isakmp", ["strongSwan"], null, { productHidden: true })],
    (place) =>
      withRun(
        `mkdir -p /run/charon
cat > s.conf <<X
charon { port = ${place.ports[0]}
 port_nat_t = ${place.ports[1]}
 install_routes = no
 load_modular = no
}
X
exec /usr/lib/ipsec/charon`,
        { STRONGSWAN_CONF: `${place.directory}/s.conf` },
      ),
    { needsOwnNetwork: true },
  ),
  daemon(
    "kamailio",
    "kamailio",
    [5060],
    [tcp("sip", ["Kamailio"], "package"), udp("sip", ["Kamailio"], "package")],
    (place) =>
      shell(`cat > k.cfg <<X
#!KAMAILIO
children=1
listen=udp:127.0.0.1:${place.ports[0]}
listen=tcp:127.0.0.1:${place.ports[0]}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
request_route { sl_send_reply("200","OK"); }
X
exec /usr/sbin/kamailio -DD -E -f k.cfg -Y $PWD -m 16 -M 4`),
  ),
  daemon(
    "coturn",
    "coturn",
    [null],
    [
      tcp(["stun", "turn"], ["coturn", "Coturn TURN server"], "package"),
      udp(["stun", "turn"], ["coturn", "Coturn TURN server"], "package"),
    ],
    ({ ports, directory }) => ({
      argv: [
        "/usr/bin/turnserver",
        "-n",
        "-L",
        "127.0.0.1",
        "-p",
        `${ports[0]}`,
        "--no-cli",
        "--no-tls",
        "--no-dtls",
        "-b",
        `${directory}/db`,
        "--pidfile",
        `${directory}/pid`,
        "-l",
        "stdout",
        "--relay-ip",
        "127.0.0.1",
        "-z",
      ],
    }),
  ),
  daemon(
    "murmur",
    "mumble-server",
    [64738],
    [
      tcp(["mumble", "murmur"], ["Murmur", "Mumble", "Mumble server"], null, { tls: true }),
      udp(["mumble", "murmur"], ["Murmur", "Mumble", "Mumble server"], "package"),
    ],
    (place) => ({
      argv: [
        "/usr/sbin/murmurd",
        "-fg",
        "-ini",
        owned(place) +
          write(
            place,
            "m.ini",
            // Else it bans for five minutes whoever asks ten times in two minutes what it does not know, as nmap -sV does: its next guest is turned away.
            `database=${place.directory}/db.sqlite\nhost=127.0.0.1\nport=${place.ports[0]}\nbonjour=False\nlogfile=\npidfile=${place.directory}/pid\nautobanAttempts=0\n`,
          ),
      ],
    }),
  ),
  daemon(
    "smbd",
    "samba",
    [445, null, 139],
    [
      tcp("microsoft-ds", ["Samba smbd", "Samba"], null),
      tcp(["microsoft-ds", "netbios-ssn"], ["Samba smbd", "Samba"], null, { at: 1 }),
      tcp(["netbios-ssn", "microsoft-ds"], ["Samba smbd", "Samba"], null, { at: 2 }),
    ],
    (place) =>
      withRun(`mkdir -p p l s c n
cat > smb.conf <<X
[global]
workgroup = LAB
interfaces = 127.0.0.1
bind interfaces only = yes
smb ports = ${place.ports.join(" ")}
private dir = $PWD/p
lock directory = $PWD/l
state directory = $PWD/s
cache directory = $PWD/c
pid directory = $PWD
ncalrpc dir = $PWD/n
log file = $PWD/log
map to guest = Bad User
disable spoolss = yes
X
exec /usr/sbin/smbd -F --no-process-group -s $PWD/smb.conf`),
  ),
  daemon(
    "nfs-ganesha",
    "nfs-ganesha",
    [2049, null, null, null],
    [tcp("nfs", null, null)],
    (place) =>
      withRun(`mkdir -p /run/ganesha rec
cat > g.conf <<X
NFS_Core_Param { NFS_Port = ${place.ports[0]}; MNT_Port = ${place.ports[1]}; Rquota_Port = ${place.ports[2]}; NLM_Port = ${place.ports[3]}; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; }
NFSv4 { RecoveryRoot = $PWD/rec; Graceless = true; }
X
exec /usr/bin/ganesha.nfsd -F -f g.conf -L /dev/stdout -p $PWD/pid`),
    { needsOwnNetwork: true },
  ),
  daemon(
    "rpc.statd",
    "nfs-common",
    [null, null],
    [tcp(["status", "rpcbind"], null), udp(["status", "rpcbind"], null, null, {})],
    ({ ports, directory }) =>
      withRun(`mkdir -p state/sm state/sm.bak
exec /sbin/rpc.statd -F -p ${ports[0]} -o ${ports[1]} -P ${directory}/state -L`),
    { needsOwnNetwork: true },
  ),
  daemon(
    "rpc.mountd",
    "nfs-kernel-server",
    [20048],
    [tcp("mountd", null), udp("mountd", null)],
    ({ ports }) => withRun(`exec /usr/sbin/rpc.mountd -F -p ${ports[0]}`),
    { needsOwnNetwork: true },
  ),
  daemon(
    "minidlna",
    "minidlna",
    [8200],
    [tcp(["upnp", "http"], ["MiniDLNA"], "package")],
    (place) =>
      shell(`mkdir -p media db
cat > m.conf <<X
media_dir=$PWD/media
db_dir=$PWD/db
log_dir=$PWD
port=${place.ports[0]}
network_interface=lo
X
exec /usr/sbin/minidlnad -S -f $PWD/m.conf -P $PWD/pid`),
    { needsOwnNetwork: true },
  ),
  daemon(
    "dante",
    "dante-server",
    [null],
    [tcp(["socks5", "socks"], ["Dante"], null, { productHidden: true })],
    (place) => ({
      argv: [
        "/usr/sbin/danted",
        "-p",
        `${place.directory}/pid`,
        "-f",
        write(
          place,
          "d.conf",
          `logoutput: stderr\ninternal: 127.0.0.1 port = ${place.ports[0]}\nexternal: 127.0.0.1\nsocksmethod: none\nclientmethod: none\nclient pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\nsocks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n`,
        ),
      ],
    }),
  ),
  daemon(
    "microsocks",
    "microsocks",
    [1080],
    [hidden(tcp(["socks5", "socks"], null), ["microsocks"])],
    ({ ports }) => ({
      argv: ["/usr/bin/microsocks", "-i", "127.0.0.1", "-p", `${ports[0]}`],
    }),
  ),
  daemon(
    "tor",
    "tor",
    [9050, 9051],
    [
      tcp(["tor-socks", "socks5"], ["Tor socks proxy", "Tor", "Tor SOCKS proxy"], null),
      tcp("tor-control", ["Tor control port", "Tor"], "package", { at: 1 }),
    ],
    (place) => ({
      argv: [
        "/usr/bin/tor",
        "-f",
        write(
          place,
          "torrc",
          `SocksPort 127.0.0.1:${place.ports[0]}\nControlPort 127.0.0.1:${place.ports[1]}\nCookieAuthentication 1\nDataDirectory ${place.directory}/d\nDisableNetwork 0\n`,
        ),
        "--quiet",
      ],
    }),
  ),
  daemon(
    "chrony v6",
    "chrony",
    [null],
    [hidden(udp("ntp", null, null, { host: "::1" }), ["chrony", "chronyd"])],
    (place) => ({
      argv: [
        "/usr/sbin/chronyd",
        "-d",
        "-x",
        "-L",
        "2",
        "-f",
        write(
          place,
          "c.conf",
          `port ${place.ports[0]}\nbindaddress ::1\nallow ::/0\nlocal stratum 10\ncmdport 0\nbindcmdaddress /\npidfile ${place.directory}/pid\nuser root\n`,
        ),
      ],
    }),
  ),
  daemon("snmpd odd", "snmpd", [null], [udp("snmp", ["net-snmp", "Net-SNMP agent"], null)], (place) =>
    snmpd(place, "rocommunity public 127.0.0.1"),
  ),
];
