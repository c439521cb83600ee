/**
 * Probes in flight: each an exchange on a connection of its own (or on the one that NULL listened on). Flights may be
 * started ahead of their turn; what they bring is used when their turn comes.
 *
 * An answer that comes is an answer, whenever it was asked for. Silence is different: a server that serves one
 * connection after the other is silent on the second while the first is open. So until some flight was answered while an
 * older connection was open, silence counts only from when all older ones are closed and a grace has passed; and a
 * connection closed without a word proves nothing at all: it is asked again in its turn, alone.
 */
import type { TlsSession } from "../../model/observation.ts";
import type { Connection, Dialer } from "../../net/types.ts";
import type { PackProbe } from "../../signatures/probe-pack.ts";
import { type Exchange, runExchange } from "./exchange.ts";
import { NOTHING } from "./state.ts";

/** TCP connect, ms (section 6). */
const CONNECT_MS = 5_000;
/** TCP connect and TLS handshake together, ms (section 6). */
const TLS_MS = 8_000;
/** Pause between two looks at whether older connections are closed, ms. */
const POLL_MS = 50;

export interface Flight {
  probe: PackProbe;
  /** Ordinal of its connection; -1 before there is one. */
  ordinal: number;
  connection: Connection | null;
  connectedAt: number;
  /** Resolves when it has its connection, or will not get one. */
  connected: Promise<void>;
  /** Nobody waits for it any more. */
  abandoned: boolean;
  /** Bytes have come. */
  heard: boolean;
  result: Exchange | null;
  done: Promise<Exchange>;
}

export interface FlightOptions {
  dialer: Dialer;
  transport: "tcp" | "udp";
  tls: boolean;
  /** SNI, where a name is known. */
  servername: string | null;
  deadline: number;
  now: () => number;
  /** ms that a busy server may take to turn to the next connection. */
  graceMs: () => number;
  /** Ordinal of the next connection. */
  nextOrdinal: () => number;
}

export interface Flights {
  /** The handshake's result, of the first that succeeded. */
  readonly session: TlsSession | null;
  /** Several connections are served side by side: silence is silence. */
  readonly concurrent: boolean;
  /** Starts a probe on a connection of its own, or on one that is open already. */
  start(probe: PackProbe, given?: Connection | null, mayCut?: (sofar: Exchange) => boolean): Flight;
  /** Goes on with the next probe on the connection of an ended flight, whose bytes stay in the buffer. */
  goOn(before: Flight, probe: PackProbe, buffer: Uint8Array): Flight;
  /** Closes the connection. A flight under way ends. */
  close(flight: Flight): void;
  closeAll(): void;
}

export function openFlights(options: FlightOptions): Flights {
  const { transport, now, deadline } = options;
  const open = new Set<Flight>();
  let lastClosedAt = Number.NEGATIVE_INFINITY;
  let concurrent = transport === "udp";
  let session: TlsSession | null = null;

  const olderOpen = (flight: Flight) =>
    [...open].some((other) => other !== flight && other.ordinal < flight.ordinal);

  function extend(flight: Flight): number {
    if (concurrent) return 0;
    if (olderOpen(flight)) return POLL_MS;
    return lastClosedAt < flight.connectedAt ? 0 : Math.max(0, lastClosedAt + options.graceMs() - now());
  }

  function heard(flight: Flight): void {
    flight.heard = true;
    // Its own connection is served, and an older one is still open: there is more than one server process or thread.
    if (olderOpen(flight)) concurrent = true;
  }

  async function connect(given: Connection | null): Promise<Connection | null> {
    const limit = options.tls ? TLS_MS : CONNECT_MS;
    const bounded = (ms: number) => Math.max(1, Math.min(ms, deadline - now()));
    const began = now();
    let connection = given;
    if (!connection) {
      if (deadline - now() <= 0) return null;
      const opened = await options.dialer.open({ timeoutMs: bounded(limit) });
      if (opened.state !== "open") return null;
      connection = opened.connection;
    }
    if (!options.tls || connection.tls) return connection;
    const timeoutMs = bounded(limit - (now() - began));
    const shown = await connection.startTls({ servername: options.servername, alpn: [], timeoutMs });
    session ??= shown;
    if (shown && !connection.ended) return connection;
    connection.close();
    return null;
  }

  function run(
    flight: Flight,
    connection: Connection,
    before: Uint8Array,
    windowFrom: number,
    mayCut?: (sofar: Exchange) => boolean,
  ) {
    return runExchange({
      probe: flight.probe,
      connection,
      ordinal: flight.ordinal,
      tls: options.tls,
      before,
      connectedAt: flight.connectedAt,
      windowFrom,
      deadline,
      now,
      onData: () => heard(flight),
      extend: () => extend(flight),
      mayCut,
    });
  }

  const failed = (probe: PackProbe): Exchange => ({
    probe,
    tls: options.tls,
    connection: -1,
    data: NOTHING,
    firstByteMs: null,
    end: deadline - now() <= 0 ? "cancelled" : "connect-failed",
    elapsedMs: 0,
    softAt: null,
  });

  /** A flight; `connecting` gives it its connection, or null. */
  function launch(
    probe: PackProbe,
    connecting: (flight: Flight) => Promise<Connection | null>,
    work: (flight: Flight, connection: Connection) => Promise<Exchange>,
  ): Flight {
    const { promise: done, resolve } = Promise.withResolvers<Exchange>();
    const { promise: connected, resolve: isConnected } = Promise.withResolvers<void>();
    const flight: Flight = {
      probe,
      ordinal: -1,
      connection: null,
      connectedAt: now(),
      connected,
      abandoned: false,
      heard: false,
      result: null,
      done,
    };
    const fly = async (): Promise<Exchange> => {
      const connection = await connecting(flight);
      if (connection && flight.abandoned) connection.close();
      if (!connection || flight.abandoned) return failed(probe);
      flight.connection = connection;
      open.add(flight);
      isConnected();
      return work(flight, connection);
    };
    void fly().then((result) => {
      flight.result = result;
      isConnected();
      resolve(result);
    });
    return flight;
  }

  const self: Flights = {
    get session() {
      return session;
    },
    get concurrent() {
      return concurrent;
    },
    start: (probe, given = null, mayCut = undefined) =>
      launch(
        probe,
        async (flight) => {
          const connection = await connect(given);
          flight.ordinal = connection ? options.nextOrdinal() : -1;
          flight.connectedAt = now();
          return connection;
        },
        (flight, connection) => run(flight, connection, NOTHING, flight.connectedAt, mayCut),
      ),
    goOn: (before, probe, buffer) =>
      launch(
        probe,
        (flight) => {
          open.delete(before);
          flight.ordinal = before.ordinal;
          flight.connectedAt = before.connectedAt;
          return Promise.resolve(before.connection);
        },
        (flight, connection) => run(flight, connection, buffer, now()),
      ),
    close(flight) {
      flight.abandoned = true;
      if (open.delete(flight)) lastClosedAt = now();
      flight.connection?.close();
    },
    closeAll() {
      for (const flight of open) self.close(flight);
    },
  };
  return self;
}
