/**
 * What a failed connect says about the port: one row per errno (connect(2), tcp(7), ip(7) of Linux). Whatever
 * is not in the table comes from this machine (EMFILE, ENFILE, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENOBUFS,
 * ENETDOWN, ...) and says nothing about the port.
 */
import type { Opened } from "./types.ts";

export type NotOpened = Exclude<Opened, { state: "open" }>;

export const NO_RESPONSE = { state: "filtered", reason: "no-response" } as const satisfies NotOpened;
export const SELF_CONNECT = { state: "closed", reason: "self-connect" } as const satisfies NotOpened;
export const ABORTED = { state: "error", reason: "aborted" } as const satisfies NotOpened;

const BY_CODE = new Map<string, NotOpened>([
  // RST instead of SYN-ACK.
  ["ECONNREFUSED", { state: "closed", reason: "conn-refused" }],
  // RST after it, before this process looked.
  ["ECONNRESET", { state: "closed", reason: "conn-reset" }],
  // The kernel's own retries of the SYN ran out before our time did.
  ["ETIMEDOUT", NO_RESPONSE],
  // ICMP destination unreachable; also no answer to ARP or neighbour discovery.
  ["EHOSTUNREACH", { state: "filtered", reason: "host-unreach" }],
  ["EHOSTDOWN", { state: "filtered", reason: "host-unreach" }],
  ["ENETUNREACH", { state: "filtered", reason: "net-unreach" }],
  // A firewall rule on the way out, or ICMPv6 "administratively prohibited".
  ["EACCES", { state: "filtered", reason: "admin-prohibited" }],
  ["EPERM", { state: "filtered", reason: "admin-prohibited" }],
]);

/** The state of a port after a connect failed with `code` (an errno name such as `ECONNREFUSED`). */
export function stateOfError(code: string | undefined): NotOpened {
  return BY_CODE.get(code ?? "") ?? { state: "error", reason: code ?? "unknown" };
}

/** The errno name of a thrown value, if it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
