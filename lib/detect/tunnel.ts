/** TLS as a way of connecting: what is asked inside it is asked as on any connection. */
import { onAbort } from "../net/abort.ts";
import type { Dialer, Resumption } from "../net/types.ts";

/**
 * Ways of asking for TLS, one a connection: who knows none of the first application protocols is asked for HTTP/2, then without any, and
 * who has no certificate (NRPE) for key agreement without one.
 */
const MANNERS = [
  { alpn: ["http/1.1"] },
  { alpn: ["h2"] },
  { alpn: [] },
  { alpn: [], anonymous: true as const },
];

/** Connections that come with the tunnel already built. */
export function tunnelled(dialer: Dialer, servername: string | null, timeoutMs: number): Dialer {
  // What works for the first connection works for the others.
  const manners = [...MANNERS];
  let resumption: Resumption | undefined = { session: null };
  return {
    async open(bounds) {
      for (let manner = manners[0]; manner; manner = manners[0]) {
        const opened = await dialer.open(bounds);
        if (opened.state !== "open") return opened;
        const resumed = resumption?.session;
        const { connection } = opened;
        const forget = onAbort(bounds.signal, () => connection.close());
        const session = await connection.startTls({ servername, timeoutMs, resumption, ...manner });
        forget();
        if (session) return opened;
        if (bounds.signal?.aborted) break;
        // A server that trips over its own session is asked once more without.
        resumption = undefined;
        if (!resumed) manners.shift();
      }
      return { state: "error", reason: "tls-handshake-failed" };
    },
  };
}
