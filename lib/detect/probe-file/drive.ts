/**
 * A live port and the file. The machine says which probe is next; the driver sends it and feeds back what happened, so
 * the verdict follows from the exchanges in the file's order alone.
 *
 * What makes it faster than asking one after the other: while one probe waits, those that would come next are sent ahead on
 * further connections, as many as the endpoint bears (`sent-ahead.ts`), and lie ready when their turn comes; inside TLS, too, as soon as TLS shows.
 * The wait for a banner is cut short only when a probe that is registered for the port has been answered with a hard match and nothing
 * that comes before it can still match; the cut is a flag. Who greets as a service that punishes impatience, or is expected to
 * greet and still may (`greeting.ts`), and whoever turns a second connection away, is asked one by one.
 */
import { LIMIT_FLAG } from "../../model/fingerprint.ts";
import type { TlsSession } from "../../model/observation.ts";
import type { Connection, Dialer } from "../../net/types.ts";
import type { PackProbe } from "../../signatures/probe-pack.ts";
import { feed, keyOf, mayCutSilence, type Question, upcoming, type Walk } from "./ahead.ts";
import { type Exchange, isEnded } from "./exchange.ts";
import { asSilent, type Flight } from "./flight.ts";
import { openFlights } from "./flights.ts";
import { type GreetingOptions, greetingOf } from "./greeting.ts";
import { lateWordOn } from "./late-word.ts";
import { begin } from "./machine.ts";
import { rememberedMatching } from "./matching.ts";
import { alarm, paceOf } from "./pace.ts";
import { isRegistered } from "./select.ts";
import { sentAhead } from "./sent-ahead.ts";
import { NOTHING, type PortContext, type PortState } from "./state.ts";

/** Pause between two looks at whether a place is free for what can wait, ms: little beside the windows of seconds after which places become free. */
const BUSY_MS = 100;

export interface DriveOptions extends GreetingOptions {
  context: PortContext;
  dialer: Dialer;
  /** A fresh connection on which nothing has been said or heard: NULL listens on it. */
  connection: Connection | null;
  /** SNI inside TLS. */
  hostname: string | null;
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

export async function drive(options: DriveOptions): Promise<Driven> {
  const { now, deadline, strictOrder } = options;
  const flags = new Set<string>();
  const match = rememberedMatching(() => flags.add(LIMIT_FLAG));
  const context: PortContext = { ...options.context, match };
  const { nullProbe } = context.pack;
  const exchanges: Exchange[] = [];
  const known = new Map(options.known?.map((exchange) => [keyOf(exchange), exchange]));
  let opened = options.firstOrdinal ?? 0;
  const pace = paceOf(now, options.connection?.connectMs ?? 0);
  /** The flight before, whose connection the next may go on with. */
  let last: Flight | null = null;
  /** The one that was started last. */
  let newest: Flight | null = null;
  let given = options.connection;

  const flights = openFlights({
    dialer: options.dialer,
    transport: context.transport,
    match,
    servername: options.hostname,
    deadline,
    now,
    reactionMs: pace.reactionMs,
    graceMs: pace.graceMs,
    nextOrdinal: () => opened++,
  });
  const greeting = greetingOf(options, {
    onCourteous: () => ahead.dropUnheard(tunnel),
    onVaries: () => ahead.widthOf(tunnel).forgive(),
  });
  const late = lateWordOn(flights);
  const ahead = sentAhead({
    flights,
    context,
    now,
    isBehindGreeting: greeting.isBehind,
    isUngreeted: (inside) => inside === tunnel && !greeting.begun,
  });
  const walk: Walk = { context, ahead: ahead.waiting, known, isCourteous: greeting.listensOn };

  let step = begin(context, options.tunnel ?? false);
  let tunnel = step.state.tunnel;
  try {
    for (;;) {
      if (step.action.type !== "send") {
        if (step.state.final === "hard" || !(await hearLateWord())) break;
        continue;
      }
      const { probe, reuse, tls } = step.action;
      if (tls !== tunnel) enterTunnel();
      const ready = known.get(keyOf({ probe, tls }));
      if (ready) {
        known.delete(keyOf(ready));
        if (probe === nullProbe) greeting.heard(ready);
        use(ready);
        continue;
      }
      const flight = await take(probe, tls, reuse);
      const waited = await wait(flight);
      if (!waited) {
        ahead.put(flight);
        await hearLateWord();
        continue;
      }
      const { exchange, by } = waited;
      if (tls && exchange.end === "connect-failed") flags.add("tls-handshake-failed");
      if (probe !== nullProbe || isEnded(exchange)) flights.close(by);
      if (probe !== nullProbe && by.crowd === 0 && by.ordinal !== last?.ordinal)
        greeting.heardAlone(exchange.data);
      last = by;
      use(exchange);
    }
  } finally {
    flights.closeAll();
    given?.close();
  }
  for (const flag of step.state.flags) flags.add(flag);
  if (ahead.widthOf(tunnel).serial) flags.add("serial");
  return { state: step.state, exchanges, tls: flights.session, flags: [...flags], opened };

  function use(exchange: Exchange): void {
    if (exchange.end !== "connect-failed" && exchange.end !== "cancelled") exchanges.push(exchange);
    step = feed(context, step.state, exchange);
  }

  /** TLS from here on. What was asked in the clear is of no use any more. */
  function enterTunnel(): void {
    tunnel = true;
    if (last) flights.close(last);
    last = null;
    late.forget();
    greeting.forget();
    ahead.dropInTheClear();
  }

  /** The flight whose turn it is: one that was sent ahead, the connection that NULL leaves, or a new one. */
  async function take(probe: PackProbe, tls: boolean, reuse: boolean): Promise<Flight> {
    const before = step.state.buffer;
    const left = reuse && last?.connection && !last.connection.ended ? last : null;
    const early = ahead.take(keyOf({ probe, tls }));
    // An answer without the banner before it is not what the file's patterns would see. And who may be serving NULL's
    // connection only is asked there, as it would be in strict order.
    const usable = early && !(left && (before.length > 0 || (!early.result && !early.sofar)));
    if (usable) {
      if (left) listenOn(left, early);
      return early;
    }
    if (early) flights.close(early);
    if (left) {
      pace.launched();
      return flights.goOn(left, probe, before);
    }
    step = { ...step, state: { ...step.state, buffer: NOTHING } };
    return startInTurn(probe, tls);
  }

  /** What comes on NULL's connection while the first probe would have its time there is an answer to that probe. */
  function listenOn(left: Flight, early: Flight): void {
    const silent = early.result?.end === "window" && early.result.data.length === 0;
    if (silent && left.result && step.state.buffer.length === 0)
      late.listen(left, early.probe, { step, used: exchanges.length });
    else flights.close(left);
  }

  /** Waits for the end of that time. If something came, the machine goes back to the first probe's turn, and takes it. */
  async function hearLateWord(): Promise<boolean> {
    const word = await late.wait();
    if (!word) return false;
    for (const exchange of exchanges.splice(word.turn.used)) known.set(keyOf(exchange), exchange);
    known.delete(keyOf(word.exchange));
    step = word.turn.step;
    greeting.heard(word.exchange);
    use(word.exchange);
    return true;
  }

  async function startInTurn(probe: PackProbe, tls: boolean): Promise<Flight> {
    const limit = () => (greeting.courteous ? 1 : ahead.widthOf(tls).limit);
    for (;;) {
      giveBackPlaces();
      if (flights.open < limit() || now() >= deadline) break;
      await newsWithin(deadline - now());
    }
    pace.launched();
    const connection = given;
    given = null;
    const mayCut = probe === nullProbe ? mayCutGreeting : undefined;
    newest = flights.start({ probe, tls, given: connection, mayCut });
    return newest;
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
      if (late.begun) return null;
      if (newest?.connection) pace.took(newest.connection.connectMs);
      if (flight.probe === nullProbe) greeting.heard(flight.result ?? flight.sofar);
      if (flight.result?.end === "cancelled" || (flight.result && ahead.isProven(flight)))
        return { exchange: flight.result, by: flight };
      if (flight.result && !ahead.doubt(flight)) {
        flight = await again(flight);
        continue;
      }
      giveBackPlaces();
      if (!strictOrder && flight.probe === nullProbe && !flight.sofar && mayCutSilence(walk, step.state)) {
        flags.add("banner-cut");
        return { exchange: asSilent(flight, now()), by: flight };
      }
      let pause = mayRace(flight) ? beforeNext(flight.tls) : Number.POSITIVE_INFINITY;
      const question = pause <= 0 ? upcoming(walk, flight, step.state) : null;
      if (question) pause = roomFor(question);
      if (question && pause <= 0) {
        sendAhead(question);
        continue;
      }
      await newsWithin(pause > 0 ? pause : Number.POSITIVE_INFINITY);
    }
  }

  /** Of what has ended: no more news will come of it, and who waits for its place would wait for ever. */
  function giveBackPlaces(): void {
    late.settle();
    ahead.discardUnproven(tunnel);
  }

  async function newsWithin(ms: number): Promise<void> {
    const timer = ms < Number.POSITIVE_INFINITY ? alarm(ms) : null;
    await Promise.race([flights.news(), ...(timer ? [timer.rings] : [])]);
    timer?.stop();
  }

  /** Closed without a word, or refused, while others were open: perhaps only because they were. Once more, with fewer. */
  async function again(flight: Flight): Promise<Flight> {
    flights.close(flight);
    ahead.turnedAway(flight);
    return startInTurn(flight.probe, flight.tls);
  }

  function sendAhead(question: Question): void {
    newest = flights.start(question);
    ahead.put(newest);
    pace.launched();
  }

  /** ms. Who is done with a probe may be given the next. */
  function beforeNext(tls: boolean): number {
    return newest?.result ? 0 : pace.beforeNext(ahead.widthOf(tls).tolerant);
  }

  /**
   * ms. While a knock is under way, none but the places that others leave. Where places are short, those whose turn it is come first: what
   * is sent ahead would make other endpoints wait for theirs.
   */
  function roomFor({ tls }: Question): number {
    if (options.dialer.busy) return BUSY_MS;
    const width = ahead.widthOf(tls);
    if (ahead.knocking && flights.open >= width.limit) return Number.POSITIVE_INFINITY;
    return width.room(flights.open);
  }

  function mayRace(flight: Flight): boolean {
    if (strictOrder || greeting.courteous || now() >= deadline) return false;
    const { serial, tolerant } = ahead.widthOf(flight.tls);
    if (serial || ahead.unclear || (ahead.knocking && !tolerant)) return false;
    // Whom we cannot connect to once is not dialled twice at a time.
    return flight.connection !== null;
  }
}
