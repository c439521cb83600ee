import { isIP } from "node:net";
import { InputError } from "../model/errors.ts";

/** Where a socket goes. `host` is an IPv4 or IPv6 literal, never a name. */
export interface SocketAddress {
  host: string;
  port: number;
}

/**
 * The address family (4 or 6) of an endpoint that may be connected to. Names are refused, so that no resolver
 * can come between the scope check and the connect; so are zones (`fe80::1%eth0`), since link-local is never
 * in scope.
 * @throws InputError when `host` is no IP literal or `port` is not 0-65535.
 */
export function literalFamily({ host, port }: SocketAddress): 4 | 6 {
  const family = host.includes("%") ? 0 : isIP(host);
  if (family !== 4 && family !== 6) {
    throw new InputError(`"${host}" is no IP address: resolve names before opening a socket`, host);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InputError(`port ${port} is not between 0 and 65535`, String(port));
  }
  return family;
}

/** What a socket knows of its two ends; undefined where the kernel no longer says. */
export interface SocketEnds {
  localAddress?: string | undefined;
  localPort?: number | undefined;
  remoteAddress?: string | undefined;
  remotePort?: number | undefined;
}

/**
 * True for a socket that is connected to itself. TCP's simultaneous open (RFC 9293, section 3.5) lets a connect
 * to a local ephemeral port succeed when the kernel picks that very port as its source; nobody listens there.
 */
export function isSelfConnect(ends: SocketEnds): boolean {
  return (
    ends.localPort !== undefined &&
    ends.localPort === ends.remotePort &&
    ends.localAddress !== undefined &&
    ends.localAddress === ends.remoteAddress
  );
}
