import { type Daemon, EXTRACTED, type Place, write } from "../../daemon.ts";
import { daemon, hidden, shell, udp, withRun } from "./entry.ts";
import { unbound } from "./impostors.ts";
import { named } from "./servers.ts";

const DNS = ["domain", "dns"] as const;
const BIND = ["ISC BIND", "BIND"] as const;
const snmpd = ({ ports, directory }: Place, lines: string) =>
  shell(
    `printf '${lines}' > s.conf; exec snmpd -f -Lo -C -c $PWD/s.conf -p $PWD/pid udp:127.0.0.1:${ports[0]}`,
    {
      SNMP_PERSISTENT_DIR: directory,
    },
  );
const nsd = ({ directory, ports }: Place, more: string) =>
  shell(`cat > n.conf <<X
server:
  ip-address: 127.0.0.1@${ports[0]}
  username: ""
  chroot: ""
  zonesdir: "${directory}"
  pidfile: ""
  database: ""
  xfrdfile: "${directory}/x"
  zonelistfile: "${directory}/z"
${more}
remote-control:
  control-enable: no
X
exec nsd -d -c n.conf`);
const knot = ({ directory, ports }: Place, more: string) =>
  shell(`cat > k.conf <<X
server:
  listen: 127.0.0.1@${ports[0]}
  rundir: ${directory}
${more}
database:
  storage: ${directory}
X
exec knotd -c k.conf`);
const dnsmasq = ({ ports }: Place, more: string) =>
  shell(
    `exec dnsmasq -k -C /dev/null -p ${ports[0]} -a 127.0.0.1 --bind-interfaces -R -h -u root --pid-file= ${more}`,
  );

/** Servers of datagrams as their operators close them, once more, half on ports where nobody would look. */
export const closedDatagrams: Daemon[] = [
  daemon("bind says nothing of itself", "bind9", [null], [udp(DNS, BIND)], (place) =>
    named(place, "version none; hostname none; server-id none; minimal-responses yes; minimal-any yes;"),
  ),
  daemon("bind as Knot", "bind9", [null], [udp(DNS, BIND, null, { spoof: ["Knot"] })], (place) =>
    named(place, 'version "Knot DNS 3.2.6";'),
  ),
  daemon("unbound as NSD", "unbound", [null], [udp(DNS, "Unbound", null, { spoof: ["NSD"] })], (place) =>
    unbound(place, "NSD 4.6.1"),
  ),
  daemon("nsd as unbound", "nsd", [null], [udp(DNS, "NSD", null, { spoof: ["Unbound"] })], (place) =>
    nsd(place, '  version: "unbound 1.17.1"'),
  ),
  daemon(
    "knot as BIND",
    "knot",
    [null],
    [udp(DNS, ["Knot DNS", "Knot"], null, { spoof: ["BIND"] })],
    (place) => knot(place, "  version: 9.18.24-1-Debian"),
  ),
  daemon("dnsmasq odd", "dnsmasq-base", [null], [udp(DNS, "dnsmasq", "package")], (place) =>
    dnsmasq(place, "--no-hosts --address=/lab.test/10.0.0.1"),
  ),
  daemon(
    "openntpd",
    "openntpd",
    [123],
    [hidden(udp("ntp", null), ["OpenNTPD"])],
    () =>
      shell(`id _ntpd >/dev/null 2>&1 || id ntpd >/dev/null 2>&1 || useradd -r -d /run -s /usr/sbin/nologin ntpd
printf 'listen on 127.0.0.1\\nserver 127.0.0.9\\n' > n.conf; mkdir -p /run/openntpd /var/lib/openntpd/db; exec ${EXTRACTED}/openntpd/usr/sbin/ntpd -d -f $PWD/n.conf`),
    { needsOwnNetwork: true },
  ),
  daemon(
    "snmpd by a community of its own",
    "snmpd",
    [null],
    [hidden(udp("snmp", null), ["net-snmp", "Net-SNMP"])],
    (place) => snmpd(place, "rocommunity geheim\\nengineIDType 3\\n"),
  ),
  daemon(
    "snmpd as Cisco",
    "snmpd",
    [null],
    [udp("snmp", ["net-snmp", "Net-SNMP", "Net-SNMP snmpd"])],
    (place) =>
      snmpd(
        place,
        "rocommunity public\\nsysDescr Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 12.2(55)SE5, RELEASE SOFTWARE (fc1)\\nsysObjectID 1.3.6.1.4.1.9.1.716\\n",
      ),
  ),
  daemon(
    "tftpd-hpa odd",
    "tftpd-hpa",
    [null],
    [hidden(udp("tftp", null), ["tftpd-hpa", "Netkit tftpd"])],
    ({ ports }) => shell(`mkdir t; exec in.tftpd -4 -L -u nobody -s -a :${ports[0]} $PWD/t`),
  ),
  daemon("kamailio by another word", "kamailio", [null], [hidden(udp("sip", null), ["Kamailio"])], (place) =>
    shell(
      `exec kamailio -DD -E -m 16 -M 4 -Y $PWD -P $PWD/pid -f ${write(place, "k.cfg", `children=1\ndisable_tcp=yes\nserver_signature=no\nlisten=udp:127.0.0.1:${place.ports[0]}\nloadmodule "/usr/lib/x86_64-linux-gnu/kamailio/modules/sl.so"\nrequest_route { sl_send_reply("404", "Kein Anschluss"); }\n`)}`,
    ),
  ),
  daemon(
    "coturn odd and secret",
    "coturn",
    [null],
    [udp(["stun", "turn"], ["Coturn", "coturn"], "package")],
    ({ ports }) =>
      shell(
        `exec turnserver -n -L 127.0.0.1 -p ${ports[0]} --no-tls --no-dtls --lt-cred-mech -r lab.test --no-cli --no-tcp -l stdout --db=$PWD/db --pidfile=$PWD/pid`,
      ),
  ),
  daemon(
    "memcached by datagrams, odd",
    "memcached",
    [null],
    [udp(["memcached", "memcache"], "Memcached", "package")],
    ({ ports }) => shell(`exec memcached -u memcache -l 127.0.0.1 -p 0 -U ${ports[0]} -m 8`),
  ),
  daemon(
    "charon odd, IKEv1 only",
    "strongswan-charon",
    [null, null],
    [udp(["isakmp", "ike"], ["strongSwan"], null, { productHidden: true })],
    (place) =>
      withRun(
        `mkdir -p /run/charon
printf 'charon { port = ${place.ports[0]}\\n port_nat_t = ${place.ports[1]}\\n install_routes = no\\n load_modular = no\\n send_vendor_id = no\\n}\\n' > s.conf
exec /usr/lib/ipsec/charon`,
        { STRONGSWAN_CONF: `${place.directory}/s.conf` },
      ),
    { needsOwnNetwork: true },
  ),
];
