/**
 * Dialers: the one way in which detection opens connections. Each open waits for its place in the budget and
 * keeps it until the socket is really gone, so that the limits hold for what the host sees, not for what we
 * have stopped listening to.
 */
import type { SocketAddress } from "./address.ts";
import type { ConnectionBudget } from "./budget.ts";
import { ABORTED } from "./connect-errors.ts";
import { type OpenOptions, openTcp } from "./tcp.ts";
import type { Dialer, Opened } from "./types.ts";
import { openUdp } from "./udp.ts";

export interface CountingDialer extends Dialer {
  /** Connections opened so far. */
  readonly opened: number;
}

/**
 * Dials one TCP endpoint. What its `signal` gives up ends as `error`, `aborted`.
 * @throws InputError (from `open`, as a rejection) when the host is no IP literal
 */
export function tcpDialer(endpoint: SocketAddress, budget: ConnectionBudget): CountingDialer {
  return dialer(openTcp, endpoint, budget);
}

/** Dials one UDP endpoint, as `tcpDialer` does. */
export function udpDialer(endpoint: SocketAddress, budget: ConnectionBudget): CountingDialer {
  return dialer(openUdp, endpoint, budget);
}

function dialer(
  open: (endpoint: SocketAddress, options: OpenOptions) => Promise<Opened>,
  endpoint: SocketAddress,
  budget: ConnectionBudget,
): CountingDialer {
  let count = 0;
  return {
    get opened() {
      return count;
    },
    get busy() {
      return budget.isFull(endpoint.host);
    },
    async open({ timeoutMs, anyPort, signal }) {
      if (signal?.aborted) return ABORTED;
      const release = await budget.acquire(endpoint.host, signal).catch((reason: unknown) => {
        if (signal?.aborted) return null;
        throw reason;
      });
      if (!release) return ABORTED;
      let kept = false;
      try {
        const opened = await open(endpoint, { timeoutMs, anyPort, signal, onClosed: release });
        kept = opened.state === "open";
        if (kept) count++;
        return opened;
      } finally {
        if (!kept) release();
      }
    },
  };
}
