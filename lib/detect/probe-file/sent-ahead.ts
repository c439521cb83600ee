/**
 * The flights that were sent ahead of their turn and wait for it, and how many of them the endpoint bears (`courtesy.ts`, for the clear and
 * for TLS apart). What is turned away, or proves nothing, is dropped here and asked again in its turn.
 *
 * A connection closed without a word leaves a doubt: was it the probe, or the other connections? A knock, one more connection on which
 * nothing is asked, can tell; until it has, nothing is decided. So it is with words that may be a refusal (`refusal.ts`).
 */
import { keyOf } from "./ahead.ts";
import { type Courtesy, courtesy } from "./courtesy.ts";
import { isEnded } from "./exchange.ts";
import type { Flight, Flights, Knock } from "./flight.ts";
import { type Meaning, refusalAmong } from "./refusal.ts";
import { NOTHING, type PortContext } from "./state.ts";

export interface SentAheadOptions {
  flights: Flights;
  context: PortContext;
  now: () => number;
  /** Could this come from the server that has greeted? */
  isBehindGreeting: (data: Uint8Array) => boolean;
  /** Are we in TLS, or in the clear, and has the server not greeted there? */
  isUngreeted: (inside: boolean) => boolean;
}

export interface SentAhead {
  /** By `keyOf`. */
  readonly waiting: ReadonlyMap<string, Flight>;
  /** A knock is under way. */
  readonly knocking: boolean;
  /** It is open whether what several were told turned them away: another one might be, too. */
  readonly unclear: boolean;
  put(flight: Flight): void;
  /** Its turn has come: hands it over. */
  take(key: string): Flight | undefined;
  /** How many connections are borne in the clear, or in TLS (`inside`). */
  widthOf(inside: boolean): Courtesy;
  /** Is its end the server's word on the probe, and not one that other connections may have caused? */
  isProven(flight: Flight): boolean;
  /** Is it open whether the reason of its end was another connection? */
  doubt(flight: Flight): boolean;
  turnedAway(flight: Pick<Flight, "tls" | "crowd">): void;
  /** What its end does not prove is asked again in its turn; what has ended is not kept open. `tunnel`: TLS is where we are. */
  discardUnproven(tunnel: boolean): void;
  /** Drops what has brought nothing yet. */
  dropUnheard(inside: boolean): void;
  /** Drops what was asked in the clear. */
  dropInTheClear(): void;
}

/** Knocks because of connections that were closed without a word: each that is borne settles it for as many beside each other. */
const MOST_DOUBTS = 8;

export function sentAhead(options: SentAheadOptions): SentAhead {
  const { flights, context, now, isBehindGreeting, isUngreeted } = options;
  const { nullProbe } = context.pack;
  const waiting = new Map<string, Flight>();
  const refusal = refusalAmong(waiting);
  let knocking = 0;
  let doubts = 0;

  const inTheClear = courtesy(now, () => {
    // With a request that another connection has heard in silence.
    const quiet = [...waiting.values()].find(({ tls, sofar, result }) => !tls && !sofar && !result);
    if (quiet) void knock({ data: quiet.probe.data });
  });
  /** In TLS each handshake shows that the connection is served. */
  const inTls = courtesy(now, () => undefined);
  const widthOf = (inside: boolean) => (inside ? inTls : inTheClear);

  return {
    waiting,
    get knocking() {
      return knocking > 0;
    },
    get unclear() {
      return [...waiting.values()].some((flight) => meaningOf(flight) === "unclear");
    },
    put(flight) {
      waiting.set(keyOf(flight), flight);
    },
    take(key) {
      const flight = waiting.get(key);
      waiting.delete(key);
      return flight;
    },
    widthOf,
    isProven,
    doubt,
    turnedAway,
    discardUnproven,
    dropUnheard,
    dropInTheClear() {
      for (const [key, flight] of waiting) if (!flight.tls) forget(key, flight);
    },
  };

  function forget(key: string, flight: Flight): void {
    flights.close(flight);
    waiting.delete(key);
  }

  function discardUnproven(tunnel: boolean): void {
    for (const [key, flight] of waiting) {
      const { result, probe, tls } = flight;
      if (!result) continue;
      const other = tls === tunnel && !isBehindGreeting(result.data);
      if (!other && doubt(flight)) continue;
      if (!other && isProven(flight)) {
        if (probe !== nullProbe || isEnded(result)) flights.close(flight);
        continue;
      }
      forget(key, flight);
      turnedAway(flight);
    }
  }

  function turnedAway({ tls, crowd }: Pick<Flight, "tls" | "crowd">): void {
    const width = widthOf(tls);
    width.turnedAway(crowd);
    if (width.serial) dropUnheard(tls);
  }

  function dropUnheard(inside: boolean): void {
    for (const [key, flight] of waiting)
      if (flight.tls === inside && !flight.sofar && !flight.result?.data.length) forget(key, flight);
  }

  /** Where there was a greeting, a refusal shows by coming without it. */
  function meaningOf(flight: Flight): Meaning {
    const mayRefuse = context.transport === "tcp" && isUngreeted(flight.tls);
    return mayRefuse ? refusal.meaningOf(flight) : "answer";
  }

  function isProven(flight: Flight): boolean {
    return flights.isProven(flight) && meaningOf(flight) === "answer";
  }

  function doubt(flight: Flight): boolean {
    if (meaningOf(flight) === "unclear") {
      const how = { data: NOTHING, tls: flight.tls, refusal: flight.result?.data };
      if (knocking === 0) void knock(how, (borneBeside) => refusal.settle(flight, borneBeside));
      return true;
    }
    const end = flight.result?.end;
    if (flights.isProven(flight) || flight.tls || (end !== "eof" && end !== "reset")) return false;
    if (knocking === 0 && !flight.doubted && doubts < MOST_DOUBTS) {
      doubts++;
      flight.doubted = true;
      void knock({ data: NOTHING });
    }
    return knocking > 0;
  }

  async function knock(how: Knock, learn?: (borneBeside: number) => void): Promise<void> {
    if (context.transport === "udp") return;
    knocking++;
    const crowd = flights.open;
    const welcome = await flights.knock(how);
    knocking--;
    learn?.(welcome ? crowd : 0);
    if (!welcome) turnedAway({ tls: how.tls ?? false, crowd });
    flights.wake();
  }
}
