/**
 * A live port and the file. The machine says which probe is next; the driver sends it and feeds back what happened, so
 * the verdict follows from the exchanges in the file's order alone.
 *
 * What makes it faster than asking one after the other: while one probe waits in silence, those that would come next
 * are sent ahead on further connections, RACE_WIDTH at once, and lie ready when their turn comes. The wait for a banner
 * is cut short only when a probe that is registered for the port has been answered with a hard match and nothing
 * that comes before it can still match; the cut is a flag. Where the port's prior or the first bytes say that the
 * server speaks first, and where a further connection is turned away, everything goes one by one.
 */
import type { TlsSession } from "../../model/observation.ts";
import type { Connection, Dialer } from "../../net/types.ts";
import type { PackProbe } from "../../signatures/probe-pack.ts";
import { RACE_WIDTH } from "../detection.ts";
import { type Exchange, eventsOf } from "./exchange.ts";
import { type Flight, type Flights, openFlights } from "./flights.ts";
import { begin, next } from "./machine.ts";
import { isRegistered } from "./select.ts";
import { NOTHING, type PortContext, type PortState, type Step } from "./state.ts";

export interface DriveOptions {
  context: PortContext;
  dialer: Dialer;
  /** A fresh connection on which nothing has been said or heard: NULL listens on it. */
  connection: Connection | null;
  /** SNI inside TLS. */
  hostname: string | null;
  /** Does the port's prior say that its server greets (inside TLS, if `tunnel`)? */
  serverFirst: (tunnel: boolean) => boolean;
  /** One probe after the other, each in its full time. */
  strictOrder: boolean;
  /** `now()` past this: no further probe. */
  deadline: number;
  now: () => number;
  /** TLS is known already. */
  tunnel?: boolean;
  /** Exchanges that need not be repeated. */
  known?: readonly Exchange[];
  /** Ordinal of the first connection. */
  firstOrdinal?: number;
}

export interface Driven {
  state: PortState;
  /** In the order in which the machine used them. */
  exchanges: Exchange[];
  tls: TlsSession | null;
  /** `serial`, `banner-cut`, `tls-handshake-failed`, `dtls-unsupported`. */
  flags: string[];
  opened: number;
}

/** Silence after which the next probe is sent ahead: four round trips and what a busy server may take, ms. */
const patience = (rttMs: number) => Math.min(Math.max(4 * rttMs + 100, 150), 1_000);
/** Who takes one connection only is given this time to notice that the last is closed, ms. */
const SETTLE_MS = 50;
/** Probes sent ahead while NULL still listens (DESIGN section 3: 8 connections in all). */
const MOST_AHEAD_OF_BANNER = 7;

export async function drive(options: DriveOptions): Promise<Driven> {
  const { context, now, deadline } = options;
  const flags = new Set<string>();
  const exchanges: Exchange[] = [];
  const known = new Map(options.known?.map((exchange) => [keyOf(exchange), exchange]));
  let opened = options.firstOrdinal ?? 0;
  let tls: TlsSession | null = null;
  let rttMs = options.connection?.connectMs ?? 0;

  let step = begin(context, options.tunnel ?? false);
  let layer = newLayer(step.state.tunnel);
  let serial = options.strictOrder || options.serverFirst(step.state.tunnel);
  /** The flight before, whose connection the next may go on with. */
  let last: Flight | null = null;
  let given = options.connection;

  try {
    while (step.action.type === "send") {
      const { probe, reuse, tls: inside } = step.action;
      if (inside !== layer.tls) {
        layer.flights.closeAll();
        tls ??= layer.flights.session;
        layer = newLayer(inside);
        last = null;
        serial ||= options.serverFirst(inside);
      }
      const ready = known.get(keyOf({ probe, tls: inside }));
      if (ready) {
        known.delete(keyOf(ready));
        if (ready.data.length > 0 && probe === context.pack.nullProbe) goSerial();
        step = use(step, ready);
        continue;
      }
      if (flags.has("serial") && !reuse) await alarm(SETTLE_MS).rings;
      const flight = take(probe, reuse);
      const exchange = await wait(flight, step);
      if (inside && exchange.end === "connect-failed") flags.add("tls-handshake-failed");
      const stays = probe === context.pack.nullProbe && !exchangeEnded(exchange);
      if (!stays) layer.flights.close(flight);
      if (exchange.data.length > 0 && probe === context.pack.nullProbe) goSerial();
      last = flight;
      step = use(step, exchange);
    }
  } finally {
    layer.flights.closeAll();
    given?.close();
  }
  tls ??= layer.flights.session;
  for (const flag of step.state.flags) flags.add(flag);
  return { state: step.state, exchanges, tls, flags: [...flags], opened };

  function newLayer(inside: boolean): {
    tls: boolean;
    flights: Flights;
    ahead: Map<PackProbe, Flight>;
    launchedAt: number;
  } {
    const flights = openFlights({
      dialer: options.dialer,
      transport: context.transport,
      tls: inside,
      servername: options.hostname,
      deadline,
      now,
      graceMs: () => 2 * patience(rttMs),
      nextOrdinal: () => opened++,
    });
    return { tls: inside, flights, ahead: new Map(), launchedAt: now() };
  }

  function use(from: Step, exchange: Exchange): Step {
    if (exchange.end !== "connect-failed" && exchange.end !== "cancelled") exchanges.push(exchange);
    return feed(context, from.state, exchange);
  }

  /** The flight whose turn it is: one that was sent ahead, the connection that NULL leaves, or a new one. */
  function take(probe: PackProbe, reuse: boolean): Flight {
    const { flights, ahead } = layer;
    const before = step.state.buffer;
    const usable = reuse && last?.connection && !last.connection.ended ? last : null;
    const early = ahead.get(probe);
    ahead.delete(probe);
    // An answer without the banner before it is not what the file's patterns would see.
    if (early && (!reuse || before.length === 0)) {
      if (reuse && last) flights.close(last);
      return early;
    }
    if (early) flights.close(early);
    if (usable) return flights.goOn(usable, probe, before);
    step = { ...step, state: { ...step.state, buffer: NOTHING } };
    const connection = given;
    given = null;
    layer.launchedAt = now();
    return flights.start(probe, connection, probe === context.pack.nullProbe ? mayCutGreeting : undefined);
  }

  /** It greeted, that says nothing yet, and a probe registered for the port comes next: it need not wait for its turn. */
  function mayCutGreeting(sofar: Exchange): boolean {
    if (options.strictOrder) return false;
    const { action } = feed(context, step.state, sofar);
    const spared = action.type === "send" && action.reuse && isRegistered(action.probe, context, layer.tls);
    if (spared) flags.add("banner-cut");
    return spared;
  }

  /** Waits for an exchange whose turn it is, and meanwhile sends ahead what comes next. */
  async function wait(flight: Flight, at: Step): Promise<Exchange> {
    while (!flight.result) {
      if (flight.connection) rttMs = Math.max(rttMs, flight.connection.connectMs);
      if (flight.heard && flight.probe === context.pack.nullProbe) goSerial();
      discardUnproven();
      if (mayCut(flight, at)) {
        flags.add("banner-cut");
        const { ordinal, connectedAt } = flight;
        return {
          probe: flight.probe,
          tls: layer.tls,
          connection: ordinal,
          data: NOTHING,
          firstByteMs: null,
          end: "window",
          elapsedMs: now() - connectedAt,
          softAt: null,
        };
      }
      const pause = layer.launchedAt + patience(rttMs) - now();
      const upcoming = mayRace(flight) ? firstUnsent(at) : null;
      if (upcoming && pause <= 0) {
        sendAhead(upcoming);
        continue;
      }
      const timer = upcoming ? alarm(pause) : null;
      const running = [...layer.ahead.values()].filter(({ result }) => !result).map(({ done }) => done);
      const connecting = flight.connection ? [] : [flight.connected];
      await Promise.race([flight.done, ...connecting, ...running, ...(timer ? [timer.rings] : [])]);
      timer?.stop();
    }
    return flight.result;
  }

  function sendAhead(probe: PackProbe): void {
    const { flights, ahead } = layer;
    const flight = flights.start(probe);
    ahead.set(probe, flight);
    layer.launchedAt = now();
    void flight.done.then(() => flights.close(flight));
  }

  function mayRace(flight: Flight): boolean {
    if (serial || flight.heard || now() >= deadline) return false;
    const isNull = flight.probe === context.pack.nullProbe;
    if (isNull && layer.ahead.size >= MOST_AHEAD_OF_BANNER) return false;
    // Whom we cannot connect to once is not dialled twice at a time.
    if (!flight.connection) return false;
    const running = [...layer.ahead.values()].filter(({ result }) => !result).length;
    return running + 1 < RACE_WIDTH;
  }

  /** What would be sent next if neither the probe under way nor those sent ahead matched; null: nothing more is needed. */
  function firstUnsent(at: Step): PackProbe | null {
    let walk = next(context, at.state, { type: "window" });
    while (walk.action.type === "send" && walk.action.tls === layer.tls) {
      const { probe } = walk.action;
      const flight = layer.ahead.get(probe);
      if (!flight) return known.has(keyOf({ probe, tls: layer.tls })) ? null : probe;
      walk = flight.result
        ? feed(context, walk.state, flight.result)
        : next(context, walk.state, { type: "window" });
    }
    return null;
  }

  /** NULL is silent, and what was sent ahead ends in a hard match of a probe registered for the port. */
  function mayCut(flight: Flight, at: Step): boolean {
    if (options.strictOrder || flight.probe !== context.pack.nullProbe || flight.heard) return false;
    let walk = next(context, at.state, { type: "window" });
    while (walk.action.type === "send" && walk.action.tls === layer.tls) {
      const { probe } = walk.action;
      const result = layer.ahead.get(probe)?.result;
      if (!result || !isRegistered(probe, context, layer.tls)) return false;
      walk = feed(context, walk.state, result);
    }
    return walk.state.final === "hard" || walk.state.tunnel !== at.state.tunnel;
  }

  /** Closed without a word while others were open: perhaps only because they were. Asked again in its turn. */
  function discardUnproven(): void {
    for (const [probe, { result }] of layer.ahead) {
      if (!result || result.data.length > 0 || result.end === "window") continue;
      if (layer.flights.concurrent && result.end !== "connect-failed") continue;
      layer.ahead.delete(probe);
      flags.add("serial");
      goSerial();
    }
  }

  function goSerial(): void {
    serial = true;
    for (const [probe, flight] of layer.ahead) {
      if (flight.heard) continue;
      layer.flights.close(flight);
      layer.ahead.delete(probe);
    }
  }
}

/** Feeds an exchange to the machine, as far as it asks for it. */
export function feed(context: PortContext, state: PortState, exchange: Exchange): Step {
  let step: Step = { state, action: { type: "read" } };
  for (const event of eventsOf(exchange)) {
    step = next(context, step.state, event);
    if (step.action.type !== "read") break;
  }
  return step;
}

const keyOf = ({ probe, tls }: Pick<Exchange, "probe" | "tls">) => `${tls ? "tls " : ""}${probe.name}`;

const exchangeEnded = ({ end }: Exchange) => end !== "window" && end !== "full";

function alarm(ms: number): { rings: Promise<void>; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, ms));
  return { rings: promise, stop: () => clearTimeout(timer) };
}
