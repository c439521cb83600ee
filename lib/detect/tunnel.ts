/** TLS as a way of connecting: what is asked inside it is asked as on any connection. */
import type { Dialer, Resumption } from "../net/types.ts";

/** Application protocols offered in the tunnel, one offer a connection: who knows none of the first is asked for HTTP/2, then without. */
const ALPN: readonly (readonly string[])[] = [["http/1.1"], ["h2"], []];

/** Connections that come with the tunnel already built. */
export function tunnelled(dialer: Dialer, servername: string | null, timeoutMs: number): Dialer {
  let offer = 0;
  let resumption: Resumption | undefined = { session: null };
  return {
    async open(bounds) {
      for (;;) {
        const opened = await dialer.open(bounds);
        if (opened.state !== "open") return opened;
        const alpn = [...(ALPN[offer] ?? [])];
        const resumed = resumption?.session;
        if (await opened.connection.startTls({ servername, alpn, timeoutMs, resumption })) return opened;
        // A server that trips over its own session is asked once more without; one that knows none of the protocols gets the next offer.
        resumption = undefined;
        if (resumed) continue;
        if (offer >= ALPN.length - 1) return { state: "error", reason: "tls-handshake-failed" };
        offer++;
      }
    },
  };
}
