import type { Daemon, Place } from "../../daemon.ts";
import { daemon, shell, tcp, udp } from "./entry.ts";
import { unbound } from "./impostors.ts";
import { named } from "./servers.ts";

const DNS = ["domain", "dns"] as const;
const BIND = ["ISC BIND", "BIND"] as const;
const PDNS = ["PowerDNS Authoritative Server", "PowerDNS"] as const;
const both = (product: Parameters<typeof tcp>[1], rest: Parameters<typeof tcp>[3] = {}) => [
  tcp(DNS, product, null, rest),
  udp(DNS, product, null, rest),
];

const nsd = (place: Place, more: string) =>
  shell(`cat > nsd.conf <<X
server:
  ip-address: 127.0.0.1@${place.ports[0]}
  username: ""
  chroot: ""
  zonesdir: "$PWD"
  pidfile: ""
  database: ""
  zonelistfile: "$PWD/zl"
  xfrdfile: "$PWD/x"
  xfrdir: "$PWD"
  ${more}
remote-control:
  control-enable: no
X
exec /usr/sbin/nsd -d -c nsd.conf`);
const knot = (place: Place, more: string) =>
  shell(`mkdir -p run store
cat > knot.conf <<X
server:
  rundir: $PWD/run
  listen: 127.0.0.1@${place.ports[0]}
${more}
database:
  storage: $PWD/store
X
exec /usr/sbin/knotd -c knot.conf`);
const pdns = (place: Place, version: string) =>
  shell(`echo > pdns.conf
echo > named.conf
exec /usr/sbin/pdns_server --config-dir=$PWD --launch=bind --bind-config=$PWD/named.conf --socket-dir=$PWD --local-address=127.0.0.1 --local-port=${place.ports[0]} --daemon=no --guardian=no --disable-syslog --security-poll-suffix= --module-dir=/usr/lib/x86_64-linux-gnu/pdns --version-string='${version}'`);
const recursor = (place: Place, version: string) =>
  shell(
    `exec /usr/sbin/pdns_recursor --config-dir=$PWD --socket-dir=$PWD --local-address=127.0.0.1 --local-port=${place.ports[0]} --daemon=no --disable-syslog --security-poll-suffix= --hint-file=no --version-string='${version}'`,
  );
/** Name servers that keep their version, refuse to answer, or say that they are another. */
export const variantNames: Daemon[] = [
  daemon("bind refuses", "bind9", [null], both(BIND), (place) =>
    named(place, "version none; hostname none; allow-query { none; }; minimal-responses yes;"),
  ),
  daemon("bind as Microsoft", "bind9", [null], both(BIND, { spoof: ["Microsoft"] }), (place) =>
    named(place, 'version "Microsoft DNS 10.0.17763 (4563400D)";'),
  ),
  daemon("unbound hides", "unbound", [null], both("Unbound"), (place) =>
    unbound(place, "", "  hide-version: yes\n  hide-identity: yes\n"),
  ),
  daemon("unbound refuses", "unbound", [null], both("Unbound"), (place) =>
    unbound(place, "", "  hide-version: yes\n  hide-identity: yes\n  access-control: 127.0.0.0/8 refuse\n"),
  ),
  daemon("nsd hides", "nsd", [null], both(["NSD", "NLnet Labs NSD"]), (place) =>
    nsd(place, "hide-version: yes\n  hide-identity: yes"),
  ),
  daemon("nsd as BIND", "nsd", [null], both(["NSD", "NLnet Labs NSD"], { spoof: ["BIND"] }), (place) =>
    nsd(place, 'version: "9.11.4-P2-RedHat-9.11.4-26.P2.el7"'),
  ),
  daemon("knot hides", "knot", [null], both(["Knot DNS", "Knot"]), (place) => knot(place, "")),
  daemon("knot as dnsmasq", "knot", [null], both(["Knot DNS", "Knot"], { spoof: ["dnsmasq"] }), (place) =>
    knot(place, '  version: "dnsmasq-2.89"'),
  ),
  daemon("pdns hides", "pdns-server", [null], both(PDNS), (place) => pdns(place, "anonymous")),
  daemon("pdns as BIND", "pdns-server", [null], both(PDNS, { spoof: ["BIND"] }), (place) =>
    pdns(place, "9.16.23-RH"),
  ),
  daemon(
    "recursor as unbound",
    "pdns-recursor",
    [null],
    both(["PowerDNS Recursor"], { spoof: ["Unbound"] }),
    (place) => recursor(place, "unbound 1.17.1"),
  ),
  daemon("dnsmasq without ident", "dnsmasq-base", [null], both("dnsmasq"), ({ ports }) =>
    shell(
      `exec /usr/sbin/dnsmasq --keep-in-foreground --conf-file=/dev/null --listen-address=127.0.0.1 --bind-interfaces --port=${ports[0]} --no-resolv --no-hosts --user=root --pid-file --no-ident`,
    ),
  ),
];
