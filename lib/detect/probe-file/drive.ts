/**
 * A live port and the file. The machine says which probe is next; the driver sends it and feeds back what happened, so
 * the verdict follows from the exchanges in the file's order alone.
 *
 * What makes it faster than asking one after the other: while one probe waits, those that would come next are sent ahead on
 * further connections, as many as the endpoint bears (`courtesy.ts`), and lie ready when their turn comes; inside TLS, too, as soon as TLS shows.
 * The wait for a banner is cut short only when a probe that is registered for the port has been answered with a hard match and nothing
 * that comes before it can still match; the cut is a flag. Who greets as a service that punishes impatience, or is expected to
 * greet and still may, and whoever turns a second connection away, is asked one by one.
 */
import type { TlsSession } from "../../model/observation.ts";
import type { Connection, Dialer } from "../../net/types.ts";
import type { PackProbe } from "../../signatures/probe-pack.ts";
import { feed, keyOf, mayCutSilence, type Question, upcoming, type Walk } from "./ahead.ts";
import { courtesy } from "./courtesy.ts";
import type { Exchange } from "./exchange.ts";
import type { Flight } from "./flight.ts";
import { openFlights } from "./flights.ts";
import { begin } from "./machine.ts";
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
  /** Is this the greeting of a service that we know, and that is to be asked one connection at a time? */
  isGreeting: (data: Uint8Array) => boolean;
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
/** ... and once it has held several connections in silence, ms. */
const QUICK_PACE_MS = 100;
/** Knocks because of connections that were closed without a word. */
const MOST_DOUBTS = 3;
/** Bytes in which all greetings of one server agree: a reply code and what follows it, or a magic. */
const GREETING_HEAD = 4;

export async function drive(options: DriveOptions): Promise<Driven> {
  const { context, now, deadline, strictOrder } = options;
  const { nullProbe } = context.pack;
  const flags = new Set<string>();
  const exchanges: Exchange[] = [];
  const known = new Map(options.known?.map((exchange) => [keyOf(exchange), exchange]));
  const ahead = new Map<string, Flight>();
  let opened = options.firstOrdinal ?? 0;
  let rttMs = options.connection?.connectMs ?? 0;
  let launchedAt = now();
  /** A known service has greeted: one by one. */
  let courteous = false;
  /** What an unknown one greeted with. */
  let greeting: Uint8Array = NOTHING;
  /** The flight before, whose connection the next may go on with. */
  let last: Flight | null = null;
  let given = options.connection;
  let knocking = 0;
  let doubts = 0;
  /** NULL's connection, listened to in the first probe's time as well; `turn`: where the machine stood then. */
  let late: { flight: Flight; turn: Step; used: number } | null = null;

  const flights = openFlights({
    dialer: options.dialer,
    transport: context.transport,
    servername: options.hostname,
    deadline,
    now,
    graceMs: () => 2 * patience(rttMs),
    nextOrdinal: () => opened++,
  });
  const inTheClear = courtesy(now, () => {
    // With a request that another connection has heard in silence.
    const quiet = [...ahead.values()].find(({ tls, sofar, result }) => !tls && !sofar && !result);
    if (quiet) void knock(quiet.probe.data);
  });
  /** In TLS each handshake shows that the connection is served. */
  const inTls = courtesy(now, () => undefined);
  const widthOf = (inside: boolean) => (inside ? inTls : inTheClear);
  const walk: Walk = { context, ahead, known, isCourteous: listensOn };

  let step = begin(context, options.tunnel ?? false);
  let tunnel = step.state.tunnel;
  try {
    for (;;) {
      if (step.action.type !== "send") {
        if (step.state.final === "hard" || !(await lateWord())) break;
        continue;
      }
      const { probe, reuse, tls } = step.action;
      if (tls !== tunnel) enterTunnel();
      const ready = known.get(keyOf({ probe, tls }));
      if (ready) {
        known.delete(keyOf(ready));
        if (probe === nullProbe) greeted(ready);
        use(ready);
        continue;
      }
      const flight = await take(probe, tls, reuse);
      const waited = await wait(flight);
      if (!waited) {
        ahead.set(keyOf(flight), flight);
        await lateWord();
        continue;
      }
      const { exchange, by } = waited;
      if (tls && exchange.end === "connect-failed") flags.add("tls-handshake-failed");
      if (probe !== nullProbe || isEnded(exchange)) flights.close(by);
      last = by;
      use(exchange);
    }
  } finally {
    flights.closeAll();
    given?.close();
  }
  for (const flag of step.state.flags) flags.add(flag);
  if (widthOf(tunnel).serial) flags.add("serial");
  return { state: step.state, exchanges, tls: flights.session, flags: [...flags], opened };

  function use(exchange: Exchange): void {
    if (exchange.end !== "connect-failed" && exchange.end !== "cancelled") exchanges.push(exchange);
    step = feed(context, step.state, exchange);
  }

  /** TLS from here on. What was asked in the clear is of no use any more. */
  function enterTunnel(): void {
    tunnel = true;
    for (const flight of [last, late?.flight]) if (flight) flights.close(flight);
    late = null;
    [courteous, greeting, last] = [false, NOTHING, null];
    for (const [key, flight] of ahead) if (!flight.tls) forget(key, flight);
  }

  function forget(key: string, flight: Flight): void {
    flights.close(flight);
    ahead.delete(key);
  }

  /** The flight whose turn it is: one that was sent ahead, the connection that NULL leaves, or a new one. */
  async function take(probe: PackProbe, tls: boolean, reuse: boolean): Promise<Flight> {
    const before = step.state.buffer;
    const left = reuse && last?.connection && !last.connection.ended ? last : null;
    const early = ahead.get(keyOf({ probe, tls }));
    ahead.delete(keyOf({ probe, tls }));
    // An answer without the banner before it is not what the file's patterns would see. And who may be serving NULL's
    // connection only is asked there, as it would be in strict order.
    const usable = early && !(left && (before.length > 0 || (!early.result && !early.sofar)));
    if (usable) {
      if (left) listenOn(left, early);
      return early;
    }
    if (early) flights.close(early);
    if (left) {
      launchedAt = now();
      return flights.goOn(left, probe, before);
    }
    step = { ...step, state: { ...step.state, buffer: NOTHING } };
    return startInTurn(probe, tls);
  }

  /** What comes on NULL's connection while the first probe would have its time there is an answer to that probe. */
  function listenOn(left: Flight, early: Flight): void {
    const silent = early.result?.end === "window" && early.result.data.length === 0;
    if (silent && left.result && step.state.buffer.length === 0) {
      const flight = flights.goOn(left, early.probe, NOTHING, true);
      late = { flight, turn: step, used: exchanges.length };
    } else flights.close(left);
  }

  /** Waits for the end of that time. If something came, the machine goes back to the first probe's turn, and takes it. */
  async function lateWord(): Promise<boolean> {
    if (!late) return false;
    const { flight, turn, used } = late;
    while (!flight.result) await flights.news();
    flights.close(flight);
    late = null;
    if (flight.result.data.length === 0) return false;
    for (const exchange of exchanges.splice(used)) known.set(keyOf(exchange), exchange);
    known.delete(keyOf(flight));
    step = turn;
    greeted(flight.result);
    use(flight.result);
    return true;
  }

  async function startInTurn(probe: PackProbe, tls: boolean): Promise<Flight> {
    const limit = () => (courteous ? 1 : widthOf(tls).limit);
    while (flights.open >= limit() && now() < deadline) {
      await flights.news();
      discardUnproven();
    }
    launchedAt = now();
    const connection = given;
    given = null;
    const mayCut = probe === nullProbe ? mayCutGreeting : undefined;
    return flights.start({ probe, tls, given: connection, mayCut });
  }

  /** It greeted, that says nothing yet, and a probe registered for the port comes next: it need not wait for its turn. */
  function mayCutGreeting(sofar: Exchange): boolean {
    if (strictOrder) return false;
    const { action } = feed(context, step.state, sofar);
    const spared = action.type === "send" && action.reuse && isRegistered(action.probe, context, tunnel);
    if (spared) flags.add("banner-cut");
    return spared;
  }

  /** Waits for an exchange whose turn it is, and meanwhile sends ahead what comes next. Null: a late word came first. */
  async function wait(first: Flight): Promise<{ exchange: Exchange; by: Flight } | null> {
    let flight = first;
    for (;;) {
      if (late?.flight.sofar) return null;
      if (flight.connection) rttMs = Math.max(rttMs, flight.connection.connectMs);
      if (flight.probe === nullProbe) greeted(flight.result ?? flight.sofar);
      if (flight.result?.end === "cancelled" || (flight.result && flights.isProven(flight)))
        return { exchange: flight.result, by: flight };
      if (flight.result && !doubt(flight)) {
        flight = await again(flight);
        continue;
      }
      discardUnproven();
      if (!strictOrder && flight.probe === nullProbe && !flight.sofar && mayCutSilence(walk, step.state)) {
        flags.add("banner-cut");
        return { exchange: asSilent(flight), by: flight };
      }
      let pause = mayRace(flight) ? pauseBeforeNext(flight) : Number.POSITIVE_INFINITY;
      const question = pause <= 0 ? upcoming(walk, flight, step.state) : null;
      if (question) pause = widthOf(question.tls).room(flights.open);
      if (question && pause <= 0) {
        sendAhead(question);
        continue;
      }
      const timer = pause > 0 && pause < Number.POSITIVE_INFINITY ? alarm(pause) : null;
      await Promise.race([flights.news(), ...(timer ? [timer.rings] : [])]);
      timer?.stop();
    }
  }

  function asSilent({ probe, tls, ordinal, connectedAt }: Flight): Exchange {
    return {
      probe,
      tls,
      connection: ordinal,
      data: NOTHING,
      firstByteMs: null,
      end: "window",
      elapsedMs: now() - connectedAt,
      softAt: null,
    };
  }

  /** Closed without a word, or refused, while others were open: perhaps only because they were. Once more, with fewer. */
  async function again(flight: Flight): Promise<Flight> {
    flights.close(flight);
    turnedAway(flight);
    return startInTurn(flight.probe, flight.tls);
  }

  function sendAhead(question: Question): void {
    ahead.set(keyOf(question), flights.start(question));
    launchedAt = now();
  }

  function mayRace(flight: Flight): boolean {
    if (strictOrder || courteous || knocking > 0 || widthOf(flight.tls).serial || now() >= deadline)
      return false;
    // Whom we cannot connect to once is not dialled twice at a time.
    return flight.connection !== null;
  }

  /** ms; 0 or less: the next may go. Who has held several connections in silence need not be given so much time for each. */
  function pauseBeforeNext({ tls }: Flight): number {
    const pace = widthOf(tls).tolerant ? Math.max(QUICK_PACE_MS, rttMs) : patience(rttMs);
    return launchedAt + pace - now();
  }

  /** Is this NULL to be left alone with its connection? */
  function listensOn({ tls, sofar, result }: Flight): boolean {
    const exchange = result ?? sofar;
    if (exchange && exchange.data.length > 0) return isKnown(exchange);
    return !result && options.serverFirst(tls);
  }

  /** A service that we know, or the port's own, or one that the file has half recognised. */
  function isKnown({ data, softAt, tls }: Exchange): boolean {
    return softAt !== null || options.serverFirst(tls) || options.isGreeting(data);
  }

  function greeted(exchange: Exchange | null): void {
    if (!exchange || exchange.data.length === 0 || courteous) return;
    if (isKnown(exchange)) goSerial();
    else greeting = exchange.data;
  }

  /** What its end does not prove is asked again in its turn; what has ended is not kept open. */
  function discardUnproven(): void {
    for (const [key, flight] of ahead) {
      const { result, probe, tls } = flight;
      if (!result) continue;
      const other = tls === tunnel && !beginsLike(result.data, greeting);
      if (!other && doubt(flight)) continue;
      if (!other && flights.isProven(flight)) {
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

  function goSerial(): void {
    courteous = true;
    dropUnheard(tunnel);
  }

  function dropUnheard(inside: boolean): void {
    for (const [key, flight] of ahead)
      if (flight.tls === inside && !flight.sofar && !flight.result?.data.length) forget(key, flight);
  }

  /** Closed without a word: is the reason another connection? A knock can tell; until it has, nothing is decided. */
  function doubt(flight: Flight): boolean {
    const end = flight.result?.end;
    if (flights.isProven(flight) || flight.tls || (end !== "eof" && end !== "reset")) return false;
    if (knocking === 0 && !flight.doubted && doubts < MOST_DOUBTS) {
      doubts++;
      flight.doubted = true;
      void knock(NOTHING);
    }
    return knocking > 0;
  }

  async function knock(data: Uint8Array): Promise<void> {
    if (context.transport === "udp") return;
    knocking++;
    const crowd = flights.open;
    const welcome = await flights.knock(data);
    knocking--;
    if (!welcome) turnedAway({ tls: false, crowd });
    flights.wake();
  }
}

const isEnded = ({ end }: Exchange) => end !== "window" && end !== "full";

function beginsLike(data: Uint8Array, greeting: Uint8Array): boolean {
  const head = greeting.subarray(0, GREETING_HEAD);
  return Buffer.compare(data.subarray(0, head.length), head) === 0;
}

function alarm(ms: number): { rings: Promise<void>; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, ms));
  return { rings: promise, stop: () => clearTimeout(timer) };
}
