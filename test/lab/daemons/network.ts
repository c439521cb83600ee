import type { Daemon } from "../daemon.ts";
import { slapd } from "./servers/data.ts";
import { dnsmasq, named, unbound } from "./servers/names.ts";
import { chrony, ngircd, snmpd } from "./servers/network.ts";
import { both, daemon, hidden, OWN, tcp, udp, withRun } from "./wide/entry.ts";
import { BIND, DNS, NET_SNMP } from "./wide/products.ts";

const RPC = ["rpcbind", "sunrpc"] as const;

/** Names, directories, time, management, chat. */
export const networkDaemons: Daemon[] = [
  daemon("bind9", "bind9", [53], both(DNS, BIND, "package"), (place) => named(place)),
  daemon("dnsmasq", "dnsmasq-base", [null], both(DNS, "dnsmasq", "package"), ({ ports }) =>
    dnsmasq(ports[0]),
  ),
  daemon("unbound", "unbound", [null], both(DNS, "Unbound", "package"), (place) => unbound(place)),
  daemon("slapd", "slapd", [389], [tcp("ldap", "OpenLDAP")], (place) => slapd(place)),
  // It gives its name and version only to a registered client (and its accent to one that speaks HTTP).
  daemon("ngircd", "ngircd", [6667], [hidden(tcp("irc", null), "ngircd")], (place) =>
    ngircd(place, place.ports[0]),
  ),
  // The engine id and sysObjectID carry Net-SNMP's enterprise number, 8072 (IANA).
  daemon("snmpd", "snmpd", [161], [udp("snmp", NET_SNMP)], (place) =>
    snmpd(place, "rocommunity public 127.0.0.1"),
  ),
  daemon("chrony", "chrony", [null], [hidden(udp("ntp", null), ["chrony", "chronyd"])], (place) =>
    chrony(place),
  ),
  daemon(
    "rpcbind",
    "rpcbind",
    [111],
    [hidden(tcp(RPC, null), "rpcbind"), hidden(udp(RPC, null), "rpcbind")],
    () => withRun("mkdir /run/rpcbind\nexec /usr/sbin/rpcbind -f -i"),
    OWN,
  ),
];
