import type { Daemon } from "../../daemon.ts";
import { dnsmasq, knot, named, nsd, pdns, renamedUnbound } from "../servers/names.ts";
import { both, daemon, udp } from "./entry.ts";
import { BIND, DNS, KNOT, NSD, POWERDNS } from "./products.ts";

/** Name servers that keep their version or refuse to answer. */
export const closedNames: Daemon[] = [
  daemon("bind says nothing of itself", "bind9", [null], [udp(DNS, BIND)], (place) =>
    named(place, "version none; hostname none; server-id none; minimal-responses yes; minimal-any yes;"),
  ),
  daemon("bind hidden", "bind9", [null], both(DNS, BIND), (place) =>
    named(place, "version none; hostname none; server-id none;"),
  ),
  daemon("bind refuses", "bind9", [null], both(DNS, BIND), (place) =>
    named(place, "version none; hostname none; allow-query { none; }; minimal-responses yes;"),
  ),
  daemon("dnsmasq odd", "dnsmasq-base", [null], [udp(DNS, "dnsmasq", "package")], ({ ports }) =>
    dnsmasq(ports[0], "--address=/lab.test/10.0.0.1"),
  ),
  daemon("dnsmasq without ident", "dnsmasq-base", [null], both(DNS, "dnsmasq"), ({ ports }) =>
    dnsmasq(ports[0], "--no-ident"),
  ),
  daemon("unbound hides", "unbound", [null], both(DNS, "Unbound"), (place) =>
    renamedUnbound(place, "", "  hide-version: yes\n  hide-identity: yes\n"),
  ),
  daemon("unbound refuses", "unbound", [null], both(DNS, "Unbound"), (place) =>
    renamedUnbound(
      place,
      "",
      "  hide-version: yes\n  hide-identity: yes\n  access-control: 127.0.0.0/8 refuse\n",
    ),
  ),
  daemon("nsd hides", "nsd", [null], both(DNS, NSD), (place) =>
    nsd(place, "hide-version: yes\n  hide-identity: yes"),
  ),
  daemon("knot hides", "knot", [null], both(DNS, KNOT), (place) => knot(place)),
  daemon("pdns hides", "pdns-server", [null], both(DNS, POWERDNS), (place) =>
    pdns(place, "--version-string=anonymous"),
  ),
];
