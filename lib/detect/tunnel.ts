/** TLS as a way of connecting: what is asked inside it is asked as on any connection. */
import type { Dialer } from "../net/types.ts";

/** Application protocols offered in the tunnel, one offer a connection: who knows none of the first is asked for HTTP/2, then without. */
const ALPN: readonly (readonly string[])[] = [["http/1.1"], ["h2"], []];

/** Connections that come with the tunnel already built. */
export function tunnelled(dialer: Dialer, servername: string | null, timeoutMs: number): Dialer {
  let offer = 0;
  return {
    async open(bounds) {
      for (;;) {
        const opened = await dialer.open(bounds);
        if (opened.state !== "open") return opened;
        const alpn = [...(ALPN[offer] ?? [])];
        if (await opened.connection.startTls({ servername, alpn, timeoutMs })) return opened;
        if (offer >= ALPN.length - 1) return { state: "error", reason: "tls-handshake-failed" };
        offer++;
      }
    },
  };
}
