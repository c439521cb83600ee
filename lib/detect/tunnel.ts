/** TLS as a way of connecting: what is asked inside it is asked as on any connection. */
import type { Dialer } from "../net/types.ts";

/** Application protocols offered in the tunnel; servers that know none of them are asked again without. */
const ALPN = ["http/1.1"];

/** Connections that come with the tunnel already built. */
export function tunnelled(dialer: Dialer, servername: string | null, timeoutMs: number): Dialer {
  let alpn = ALPN;
  return {
    async open(bounds) {
      for (;;) {
        const opened = await dialer.open(bounds);
        if (opened.state !== "open") return opened;
        if (await opened.connection.startTls({ servername, alpn, timeoutMs })) return opened;
        if (alpn.length === 0) return { state: "error", reason: "tls-handshake-failed" };
        alpn = [];
      }
    },
  };
}
