/**
 * Probes in flight (`flight.ts`), and what they show of how many connections the server serves at a time. Flights may be started ahead of
 * their turn; what they bring is used when their turn comes.
 *
 * An answer that comes is an answer, whenever it was asked for. Silence is different: a server that serves `n` connections at a time is
 * silent on the next one while those are open. So `served` is what the server has been seen to serve side by side: it answered, or finished a
 * TLS handshake, or returned our goodbye behind a request, on a connection while so many older ones were open. Beyond that number silence counts only from
 * when enough of the older ones are closed and a grace has passed; and a connection closed without a word proves nothing: its
 * probe is asked again in its turn.
 */
import type { Connection } from "../../net/types.ts";
import { connector } from "./connect.ts";
import { type Exchange, runExchange } from "./exchange.ts";
import type { Flight, FlightOptions, Flights, Knock, Start } from "./flight.ts";
import { NOTHING } from "./state.ts";

/** Pause between two looks at whether older connections are closed, ms. */
const POLL_MS = 50;
/** Who turns a connection away does so when it comes; a close after this long has other reasons, ms. */
const HELD_MS = 1_000;
/** Our goodbye takes this long to be noticed, or a round trip, ms. */
const SETTLE_MS = 50;

/**
 * NULL in the clear. Its time counts from when connecting began: its connection may be older than the flight, and of either we may hear late, but a
 * close after `tcpwrappedms` must never look like one before.
 */
const isListening = ({ probe, tls }: Start) => probe.data.length === 0 && !tls;

export function openFlights(options: FlightOptions): Flights {
  const { transport, now, deadline } = options;
  const open = new Set<Flight>();
  const connecting = new Set<Flight>();
  let served = transport === "udp" ? Number.POSITIVE_INFINITY : 1;
  /** Connections that it has been seen to hold side by side; who waits there for its turn need not be served. */
  let borne = 1;
  let leaving = 0;
  let knocking = 0;
  let bell = Promise.withResolvers<void>();
  const ring = () => {
    bell.resolve();
    bell = Promise.withResolvers<void>();
  };

  /** Open on both sides: what the server has closed does not occupy it any more. */
  const isHeld = (flight: Flight) => open.has(flight) && flight.connection?.ended !== true;
  const held = () => [...open].filter(isHeld);
  const olderThan = ({ ordinal }: Flight) => held().filter((other) => other.ordinal < ordinal);
  const older = (flight: Flight) => olderThan(flight).length;
  const others = (flight: Flight) =>
    held().filter((other) => other !== flight && other.result === null).length;
  const isServed = (beside: number) => {
    served = Math.max(served, beside + 1);
  };
  /** An answer came beside these. Who makes room and turns to the next shows both at once: only those count that stay. */
  const answeredBeside = (beside: readonly Flight[]) => {
    setTimeout(() => isServed(beside.filter(isHeld).length), SETTLE_MS).unref();
  };
  const ways = connector(options, () => held().length, isServed);

  function extend(flight: Flight): number {
    if (flight.olderAtConnect < served) return 0;
    if (older(flight) >= served) return POLL_MS;
    flight.servedFrom ??= now();
    return Math.max(0, flight.servedFrom + options.graceMs() - now());
  }

  function isProven({ probe, crowd, result }: Flight): boolean {
    if (!result) return false;
    const { data, end, elapsedMs } = result;
    if (data.length > 0) return true;
    if (end === "connect-failed") return crowd === 0;
    if (end !== "eof" && end !== "reset") return true;
    // NULL is the oldest: a server that makes room closes it first, and its early close means more than that of others.
    return crowd < Math.max(served, borne) || (probe.data.length > 0 && elapsedMs >= HELD_MS);
  }

  const failed = ({ probe, tls }: Flight): Exchange => ({
    probe,
    tls,
    connection: -1,
    data: NOTHING,
    firstByteMs: null,
    end: deadline - now() <= 0 ? "cancelled" : "connect-failed",
    elapsedMs: 0,
    softAt: null,
    softService: null,
  });

  /** A flight; `connecting` gives it its connection, or null. */
  function launch(
    { probe, tls, mayCut, mute = false }: Omit<Start, "given"> & { mute?: boolean },
    toConnect: (flight: Flight) => Promise<Connection | null>,
    before: Uint8Array,
  ): Flight {
    const flight: Flight = {
      probe,
      tls,
      ordinal: -1,
      connection: null,
      connectedAt: now(),
      abandoned: false,
      sofar: null,
      result: null,
      crowd: 0,
      doubted: false,
      olderAtConnect: 0,
      servedFrom: null,
    };
    connecting.add(flight);
    const fly = async (): Promise<Exchange> => {
      const connection = await toConnect(flight);
      connecting.delete(flight);
      if (connection && flight.abandoned) connection.close();
      if (!connection || flight.abandoned) return failed(flight);
      flight.connection = connection;
      open.add(flight);
      flight.olderAtConnect = older(flight);
      ring();
      return runExchange({
        probe,
        match: options.match,
        connection,
        ordinal: flight.ordinal,
        tls,
        before,
        mute,
        connectedAt: flight.connectedAt,
        windowFrom: now(),
        deadline,
        now,
        onData(sofar) {
          const first = flight.sofar === null;
          flight.sofar = sofar;
          if (!first) return;
          answeredBeside(olderThan(flight));
          ring();
        },
        extend: () => extend(flight),
        mayCut,
      });
    };
    void fly().then((result) => {
      // Those that we closed just now are the server's still, as far as it knows.
      flight.crowd = others(flight) + leaving + knocking;
      flight.result = result;
      ring();
    });
    return flight;
  }

  async function isWelcome({ data, tls = false, refusal = NOTHING }: Knock): Promise<boolean> {
    const connection = await ways.connect(tls, null);
    const before = held();
    if (!connection) return false;
    options.nextOrdinal();
    const timeoutMs = Math.max(1, Math.min(options.reactionMs(), deadline - now()));
    if (data.length > 0) connection.write(data);
    const met = await connection.read({ timeoutMs, maxBytes: Math.max(1, refusal.length) });
    if (refusal.length > 0 && Buffer.compare(met.data, refusal) === 0) {
      connection.close();
      return false;
    }
    connection.endWriting();
    const left = met.end === "timeout" ? await connection.read({ timeoutMs, maxBytes: 1 }) : met;
    connection.close();
    // Whom it greets, and whose goodbye it returns (or resets at), it bears beside those that were open when it came, and has served beside
    // those that were open all the time.
    const answered = left.data.length > 0 || (left !== met && left.end !== "timeout");
    if (answered) borne = Math.max(borne, before.length + 1);
    if (answered && (data.length > 0 || left.data.length > 0)) answeredBeside(before);
    return answered || left.end === "timeout";
  }

  const self: Flights = {
    get session() {
      return ways.session;
    },
    get open() {
      return held().length + connecting.size + knocking + leaving;
    },
    isProven,
    news: () => bell.promise,
    wake: () => ring(),
    start: ({ given = null, ...start }) =>
      launch(
        start,
        async (flight) => {
          const connection = await ways.connect(start.tls, given);
          flight.ordinal = connection ? options.nextOrdinal() : -1;
          flight.connectedAt = now() - (connection && isListening(start) ? connection.ageMs : 0);
          return connection;
        },
        NOTHING,
      ),
    goOn: (before, probe, buffer, mute = false) =>
      launch(
        { probe, tls: before.tls, mute },
        (flight) => {
          open.delete(before);
          flight.ordinal = before.ordinal;
          flight.connectedAt = before.connectedAt;
          return Promise.resolve(before.connection);
        },
        buffer,
      ),
    async knock(how) {
      knocking++;
      try {
        return await isWelcome(how);
      } finally {
        knocking--;
      }
    },
    close(flight) {
      flight.abandoned = true;
      connecting.delete(flight);
      if (!open.delete(flight)) return;
      for (const other of open) {
        if (other.servedFrom === null && older(other) < served) other.servedFrom = now();
      }
      if (!flight.connection || flight.connection.ended) return;
      flight.connection.close();
      leaving++;
      const settled = () => {
        leaving--;
        ring();
      };
      setTimeout(settled, Math.max(SETTLE_MS, flight.connection.connectMs));
    },
    closeAll() {
      for (const flight of [...open, ...connecting]) self.close(flight);
    },
  };
  return self;
}
