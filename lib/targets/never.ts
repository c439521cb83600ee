import type { AddressRange } from "./address.ts";
import { parseTarget } from "./parse.ts";

// Addresses that are never touched, whatever the scope says (DESIGN section 7). Each with the document that sets it
// aside. Loopback is not here: it is a question of who runs the scan.

export interface NeverEntry {
  readonly range: AddressRange;
  readonly reason: string;
}

const TABLE: readonly (readonly [cidr: string, reason: string])[] = [
  // RFC 1122 section 3.2.1.3 and RFC 6890: "this host on this network". Linux connects 0.0.0.0 to itself.
  ["0.0.0.0/8", "0.0.0.0/8 means this host, not another (RFC 1122)"],
  // RFC 3927; 169.254.169.254, .170.2 and .170.23 hand out an instance's or a task's credentials on AWS
  ["169.254.0.0/16", "link-local, with the instance metadata service (RFC 3927)"],
  // RFC 5771
  ["224.0.0.0/4", "multicast (RFC 5771)"],
  // RFC 919 section 7
  ["255.255.255.255/32", "limited broadcast (RFC 919)"],
  // RFC 1112 section 4
  ["240.0.0.0/4", "reserved (RFC 1112)"],
  // RFC 5737: TEST-NET-1, -2, -3
  ["192.0.2.0/24", "documentation range TEST-NET-1 (RFC 5737)"],
  ["198.51.100.0/24", "documentation range TEST-NET-2 (RFC 5737)"],
  ["203.0.113.0/24", "documentation range TEST-NET-3 (RFC 5737)"],
  // RFC 4291 section 2.5.2
  ["::/128", "the unspecified address (RFC 4291)"],
  // RFC 4291 section 2.5.6
  ["fe80::/10", "link-local (RFC 4291)"],
  // fd00:ec2::254 is the instance metadata service over IPv6 (EC2 user guide); the /32 holds AWS's other local
  // services, such as DNS at ::253 and time at ::123. Unique local range of RFC 4193.
  ["fd00:ec2::/32", "AWS instance services, with the metadata service (RFC 4193)"],
  // RFC 4291 section 2.7
  ["ff00::/8", "multicast (RFC 4291)"],
  // RFC 3849
  ["2001:db8::/32", "documentation range (RFC 3849)"],
  // RFC 9637
  ["3fff::/20", "documentation range (RFC 9637)"],
];

/** In the order in which they are tried: 255.255.255.255 before the /4 around it. */
export const NEVER: readonly NeverEntry[] = TABLE.flatMap(([cidr, reason]) => {
  const target = parseTarget(cidr);
  return target.kind === "addresses" ? target.ranges.map((range) => ({ range, reason })) : [];
});
