/**
 * How a flight comes by its connection: a TCP connect and, inside TLS, a handshake, both within one limit and the deadline. Handshakes
 * after the first resume its session, as long as the server bears that.
 */
import type { TlsSession } from "../../model/observation.ts";
import type { Connection, Resumption } from "../../net/types.ts";
import type { FlightOptions } from "./flight.ts";

/** TCP connect, ms (section 6). */
const CONNECT_MS = 5_000;
/** TCP connect and TLS handshake together, ms (section 6). */
const TLS_MS = 8_000;

export interface Connector {
  /** The handshake's result, of the first that succeeded. */
  readonly session: TlsSession | null;
  /** Null: none, or no handshake, within the time. `given`: open already. */
  connect(tls: boolean, given: Connection | null): Promise<Connection | null>;
}

/** `openNow`: connections open at this moment. `onHandshake`: one succeeded `beside` so many others. */
export function connector(
  { dialer, servername, deadline, now }: Pick<FlightOptions, "dialer" | "servername" | "deadline" | "now">,
  openNow: () => number,
  onHandshake: (beside: number) => void,
): Connector {
  let session: TlsSession | null = null;
  let resumption: Resumption | undefined = { session: null };

  async function connect(tls: boolean, given: Connection | null): Promise<Connection | null> {
    const limit = tls ? TLS_MS : CONNECT_MS;
    const bounded = (ms: number) => Math.max(1, Math.min(ms, deadline - now()));
    const began = now();
    let connection = given;
    if (!connection) {
      if (deadline - now() <= 0) return null;
      const opened = await dialer.open({ timeoutMs: bounded(limit) });
      if (opened.state !== "open") return null;
      connection = opened.connection;
    }
    if (!tls || connection.tls) return connection;
    const beside = openNow();
    const resumed = resumption?.session;
    const timeoutMs = bounded(limit - (now() - began));
    const shown = await connection.startTls({ servername, alpn: [], timeoutMs, resumption });
    session ??= shown;
    if (shown && !connection.ended) {
      onHandshake(Math.min(beside, openNow()));
      return connection;
    }
    connection.close();
    // A server that trips over its own session gets handshakes without.
    resumption = undefined;
    return resumed && now() - began < limit ? connect(tls, null) : null;
  }

  return {
    get session() {
      return session;
    },
    connect,
  };
}
