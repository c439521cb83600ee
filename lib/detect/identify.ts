/**
 * Who is it, on one layer of an open TCP endpoint?
 *
 * Listen first: who greets is recognised from the greeting, and nobody is talked to out of turn. Where the port's prior favours a protocol
 * whose client speaks first, its request goes out on that same connection after a short silence. Anywhere else the first
 * connection stays open and listening, so that a slow greeting still counts, while requests race on further connections, each started only
 * when the ones before it have been silent for a while. The first answer in a known grammar ends the race.
 */
import type { Response } from "../model/observation.ts";
import { patientSleep as sleep } from "../net/patience.ts";
import { patience } from "../net/round-trip.ts";
import type { Connection } from "../net/types.ts";
import type { Protocol, Reaction, Recognition, Registered } from "../protocols/types.ts";
import { type Channel, type Conversation, GREETING_QUIET_MS, QUIET_MS } from "./conversation.ts";
import { type DetectTcpOptions, MOST_CONNECTIONS, RACE_WIDTH } from "./detection.ts";
import { HEARD_OUT, heeded, kindOf, mayHave, noHeed, takeNext } from "./next-question.ts";
import { type Opener, suspects } from "./order.ts";
import { recognitions } from "./recognitions.ts";

/** At or above this weight a response's protocol is taken as found. */
export const SURE_WEIGHT = 7;
/** At or above this weight a greeting's protocol is believed enough to be talked to. */
const HINT_WEIGHT = 3;
/** So many are asked: the first connection, and what is left for who was recognised late, come on top. */
const MOST_RACED = MOST_CONNECTIONS - 2 * RACE_WIDTH - 1;
/** Who has not hung up on a question for so long does not hang up on it, ms. */
const unheardAfter = (wait: number) => 2 * wait;
/** All questions but the first and TLS are waited for so long, ms: who answers them at all does so at once. */
const shortWait = (wait: number) => 6 * wait;
/** And where a silent door is asked little, ms. */
const briefWait = (wait: number) => 3 * wait;
/** A question that is silent makes room for the next one after one wait, while its answer is still waited for; but no more than so many are open. */
const MOST_AT_ONCE = 24;
/** Until so many questions have been silent for one wait, each goes out on its own. */
const ONE_BY_ONE = 3;
/** Who has borne so many in silence, three at once, is asked twice as many at once. */
const BORNE = 9;
/** Nobody has said a word for so long, in waits: he may be waiting on the first connection for what was asked on the others. */
const SPEAK_UP_AFTER = 3.5;
/** A greeting is waited for so long at least, ms, whatever the profile says; and so long before anybody is asked where the port's number promises one. */
const LEAST_GREETING_MS = 1000;
/**
 * How long a greeting may still come after the questions, as multiples of the profile's wait. Half a connection closed shows whether anybody
 * reads: who does, and has nothing to say, closes the other half; who is busy with something before his greeting (a lookup of our name, a pause
 * against spammers) does not notice as a rule. Who hangs up on questions, though, has read them, and is not about to greet; who hangs up on some
 * may say unasked that he is alive (MooseFS, after 1.9 s). Behind a firewall that counts connections the first may be the only one.
 */
const GREETING_WAITS = { hangsUp: 0.45, onSome: 0.7, hearsOut: 1.5, unknown: 1.75, passesOver: 2.5 };
/** Profiles that ask at least so many questions also ask a silent server what such servers may be waiting for. */
const PATIENT_FROM = 6;
/** This many times the usual number of questions more for a server that hung up on one of them. */
const CHOOSY_FACTOR = 2;

export interface Found {
  protocol: Protocol;
  recognition: Recognition;
  channel: Channel | null;
  /** It answered only when nobody else was connected. */
  serial?: true;
  /** It was silent until the first connection was spoken to, and may have waited for that one. */
  freed?: true;
}

/**
 * Finds the protocol of one layer. Leaves the winning connection open in `channel`, closes all others. `serial`: the server may well serve one
 * connection at a time.
 */
export async function identify(
  { knowledge, profile, now, ...options }: DetectTcpOptions,
  talk: Conversation,
  connection: Connection,
  serial = false,
): Promise<Found | null> {
  const began = now();
  // Who takes our TLS is not silent.
  const brief = options.brief === true && !talk.context.tls;
  const recognise = (response: Response, channel: Channel | null): Found | null => {
    let best: Found | null = null;
    const by = recognitions(knowledge.protocols, response);
    for (const [i, { protocol }] of knowledge.protocols.entries()) {
      const recognition = by(i);
      if (recognition && recognition.weight > (best?.recognition.weight ?? 0)) {
        best = { protocol, recognition, channel };
      }
    }
    return best;
  };
  const weightOf = (found: Found | null) => found?.recognition.weight ?? 0;
  const sure = (found: Found | null) => weightOf(found) >= SURE_WEIGHT;
  const hinted = (found: Found | null) => weightOf(found) >= HINT_WEIGHT;

  // The first connect may have taken longer than the way: a later one tells.
  const wait = () => patience(talk.rttMs);
  const short = () => (brief ? briefWait : shortWait)(wait());
  const { favours, openers: writeOpeners } = suspects(knowledge, talk.context);
  const first = talk.adopt(connection);
  const unfinished = unfinishedIn(knowledge.protocols);
  const greeting = await talk.read(first, "NULL", {
    quietMs: GREETING_QUIET_MS,
    unfinished,
    timeoutMs: favours === "greeting" ? Math.max(LEAST_GREETING_MS, wait()) : wait(),
  });
  let best = recognise(greeting, first);
  if (sure(best)) return best;

  const openers = writeOpeners().filter(({ common, likely, tunnel }) => !brief || common || likely || tunnel);
  const greeted = greeting.data.length > 0;
  // A greeting that could be of two protocols: the likelier one asks, and the answer tells.
  if (greeted && hinted(best)) return best;
  // Who greets in no grammar that we know is not flooded with requests: one, on a connection of its own.
  // Its answer is no page, so nobody waits for the end of one.
  let asks = greeted ? openers.slice(0, 1).map((ask) => ({ ...ask, complete: undefined })) : openers;
  /** The first question, TLS, and what the port's number suggests are waited for longest. */
  const bounded = (ask: Opener) =>
    greeted || (!brief && (ask === openers[0] || ask.likely || ask.tunnel))
      ? ask
      : { ...ask, timeoutMs: ask.timeoutMs ?? short() };
  // The TLS hello is no request to a service: it comes on top. So does a request on which the server hung up at once: that cost nobody
  // anything, and who hangs up on strangers must be asked in many tongues. (Who closes before a word is said hangs up on everybody.)
  const patient = !connection.ended;
  let requestsLeft = greeted ? 1 : profile.maxProbesPerPort;
  // Neither does a question that a server who waits for more may be waiting for: it is silent anyway, and a slow greeting is still listened for.
  const left = () => {
    if (launched >= MOST_RACED) return [];
    return requestsLeft > 0
      ? asks
      : asks.filter(({ tunnel, onAlien }) => tunnel || (patientlyWaits() && mayHave(onAlien, "waits")));
  };
  const more = () => left().length > 0;
  const asksFirst = (favours === "request" || serial) && !greeted;
  const listens = !asksFirst && !greeted && !connection.ended;

  const running = new Set<Promise<void>>();
  const channels = new Set<Channel>([first]);
  let over = false;
  const decided = Promise.withResolvers<void>();
  /** Connections that are still on their way when it is over would keep who serves one at a time busy. */
  const stopped = new AbortController();
  const end = () => {
    over = true;
    stopped.abort();
    decided.resolve();
  };
  const settle = (found: Found | null) => {
    if (over || !found) return;
    const doubted = best?.recognition.mayBeTunnel && found.recognition.tunnel;
    if (!best || doubted || found.recognition.weight > best.recognition.weight) best = found;
    if (!sure(found)) {
      // Perhaps it: its own question next, ahead of all strangers'.
      const own = new Set(found.protocol.openers(talk.context).map(({ probe }) => probe));
      const mine = asks
        .filter(({ probe }) => own.has(probe))
        .map((ask) => ({ ...ask, timeoutMs: ask.timeoutMs ?? short(), likely: true }));
      asks = [...mine, ...asks.filter(({ probe }) => !own.has(probe))];
      return;
    }
    if (found.recognition.mayBeTunnel) {
      // Who speaks TLS answers a hello at once.
      asks = asks.filter(({ tunnel }) => tunnel).map((ask) => ({ ...ask, timeoutMs: shortWait(wait()) }));
    } else end();
  };
  let onFirst = asksFirst;
  /** The turns that are taken: each is given back when its question has ended, or has been silent for one wait. */
  const turns = new Set<Promise<void>>();
  let unanswered = 0;
  let launched = 0;
  /** What the server itself took for the last question whose turn it was, ms; 0: it does not take them in turn. */
  let turnTakes = 0;
  /** Connections on which a question waits for its answer, and those that are not there after a wait. */
  const waiting = new Set<Channel>();
  let notThere = 0;
  /** Questions that were waiting when a later one was answered, or hung up on: so many and one are served at once, unless that takes its time. */
  let borne = 0;
  /** Questions on which the server hung up. */
  let hangUps = 0;
  const launch = (work: Promise<void>) => {
    const tracked: Promise<void> = work.finally(() => running.delete(tracked));
    running.add(tracked);
    void sleep(wait()).then(() => {
      if (running.has(tracked)) unanswered++;
    });
    // One at a time means: until it has ended. Of whom nothing more is expected than of those before, it is not waited for across the way: at any
    // distance a server is asked as fast as one that is near.
    const hopeless = unanswered >= ONE_BY_ONE || hangUps >= HEARD_OUT;
    // Who takes his time for each in turn is not asked faster than that: those that wait there too long are lost.
    const pace = Math.max(patience(0), Math.min(2 * turnTakes, unheardAfter(wait())));
    const ends = talk.refusedMore ? tracked : Promise.race([tracked, sleep(hopeless ? pace : wait())]);
    const turn: Promise<void> = ends.finally(() => turns.delete(turn));
    turns.add(turn);
  };

  // Who serves one connection at a time waits for the first before it looks at the others. Total silence for so long, and the likeliest
  // question goes out on the first as well. What it answers there only shows who it is, and that it must be asked alone.
  let spokenTo = asksFirst;
  let spokenAt = Number.POSITIVE_INFINITY;
  const speakUp = async () => {
    await sleep(SPEAK_UP_AFTER * wait());
    const [likeliest] = openers;
    if (over || !likeliest || first.connection.ended) return;
    if (talk.responses.some(({ data, end }) => data.length > 0 || end !== "timeout")) return;
    spokenTo = true;
    spokenAt = now();
    first.connection.write(likeliest.data);
  };
  const listen = async () => {
    // Late, it may be the answer to a question, of several pieces.
    const response = await talk.read(first, "NULL", {
      quietMs: QUIET_MS,
      unfinished,
      timeoutMs: talk.left(),
    });
    const found = recognise(response, first);
    // Who is known by how he turns strangers away says nothing more when he is asked alone.
    const asked = spokenTo && found?.protocol.speaksFirst === "client";
    if (!asked || found.protocol.openers(talk.context).length === 0) return settle(found);
    talk.responses.splice(talk.responses.indexOf(response), 1);
    settle({ ...found, channel: null, serial: true });
  };
  const saidNothing = () => talk.responses.every(({ data }) => data.length === 0);
  const opened = async () => {
    let late = 0;
    const timer = setTimeout(() => {
      notThere += late = 1;
    }, wait());
    const channel = await talk.open({ signal: stopped.signal });
    clearTimeout(timer);
    notThere -= late;
    return channel;
  };
  const listenOn = async ({ probe, complete }: Opener) => {
    const bounds = { complete, quietMs: complete ? undefined : QUIET_MS, unfinished, timeoutMs: talk.left() };
    settle(recognise(await talk.read(first, probe, bounds), first));
  };
  if (listens) void speakUp();
  let slowGreeting = listens ? listen() : Promise.resolve();
  const hearOut = async ({ connection }: Channel) => {
    connection.endWriting();
    const { end } = await connection.read({ timeoutMs: unheardAfter(wait()) });
    if (!over && (end === "eof" || end === "reset")) talk.heardOut++;
  };
  let failedOpens = 0;
  let reaction: Reaction | null = null;
  let choosy = false;
  const heed = noHeed();
  const width = () => {
    const greetingDue = favours === "greeting" && now() - began < profile.timeoutMs;
    if (greeted || greetingDue || talk.refusedMore || unanswered < ONE_BY_ONE) return 1;
    const bears = unanswered >= BORNE && hangUps === 0 && !first.connection.ended;
    if (hangUps < HEARD_OUT) return bears ? 2 * RACE_WIDTH : RACE_WIDTH;
    return Math.min(borne + 1, 2 * RACE_WIDTH);
  };
  const patientlyWaits = () => reaction === "waits" && !greeted && profile.maxProbesPerPort >= PATIENT_FROM;
  void sleep(wait()).then(() => {
    reaction ??= "waits";
  });
  while (!over && talk.left() > 0 && (more() || running.size > 0)) {
    // Most doors answer the first question or the TLS hello, or hang up at once; and who hangs up again and again may be busy with one question
    // while he is silent to another. So only the silent are asked several things at once, and who is seen to serve several.
    const mayAsk = more() && running.size < MOST_AT_ONCE && notThere < RACE_WIDTH;
    if (mayAsk && turns.size < width()) {
      const ask = takeNext(left(), reaction, heeded(heed));
      if (!ask) break;
      asks = asks.filter((other) => other !== ask);
      if (!ask.tunnel && requestsLeft > 0) requestsLeft--;
      launched++;
      const reuse = onFirst && !first.connection.ended;
      onFirst = false;
      launch(
        (async () => {
          const channel = reuse ? first : await opened();
          if (!channel) {
            failedOpens++;
            return;
          }
          channels.add(channel);
          waiting.add(channel);
          const kind = heed[kindOf(ask)];
          const askedAt = now();
          let unheard = 0;
          const timer = setTimeout(() => {
            kind.silent += unheard = 1;
          }, unheardAfter(wait()));
          const response = await talk.ask(channel, bounded(ask));
          clearTimeout(timer);
          waiting.delete(channel);
          if (response.end !== "timeout") {
            kind.silent -= unheard;
            const older = [...waiting].filter(({ ordinal }) => ordinal < channel.ordinal);
            const took = now() - askedAt;
            borne = took < wait() ? Math.max(borne, older.length) : 0;
            turnTakes = older.length === 0 ? took - talk.rttMs : 0;
          }
          const hungUp = response.data.length === 0 && response.end !== "timeout";
          if (ask.common && hungUp) reaction = "closes";
          if (hungUp && patient) hangUps++;
          if (hungUp) kind.hangUps++;
          // Who hangs up on one and waits for more of another is choosy, and worth a few more questions.
          if (hungUp && patient && !choosy) {
            choosy = true;
            requestsLeft += CHOOSY_FACTOR * profile.maxProbesPerPort;
          }
          if (hungUp && patient && !ask.tunnel) requestsLeft++;
          const found = recognise(response, channel);
          settle(found && now() - spokenAt < wait() ? { ...found, freed: true } : found);
          const silent = response.data.length === 0 && response.end === "timeout";
          // What the port's number says may be slow, and anything else may greet late: here it has been waited for longest.
          if (silent && channel === first) slowGreeting = listenOn(ask);
          else if (silent && !over && !greeted && Math.max(talk.heardOut, hangUps) < HEARD_OUT)
            await hearOut(channel);
          if (best?.channel !== channel && channel !== first) talk.drop(channel);
        })(),
      );
    } else await Promise.race([decided.promise, ...(mayAsk ? turns : running)]);
    if (failedOpens > RACE_WIDTH || (talk.passedOver && saidNothing())) break;
  }
  // Requests were turned down at once, but the greeting may still be on its way.
  const { hangsUp, onSome, hearsOut, unknown, passesOver } = GREETING_WAITS;
  const reads = unanswered > 0 ? onSome : hangsUp;
  const heard = hangUps >= HEARD_OUT ? reads : talk.heardOut >= HEARD_OUT ? hearsOut : unknown;
  const waits = talk.passedOver ? passesOver : heard;
  // At least until who serves one at a time has had time to answer on the first connection.
  const least = spokenTo ? SPEAK_UP_AFTER * wait() + short() : 0;
  const promised = favours === "greeting" ? profile.timeoutMs : LEAST_GREETING_MS;
  const longest = Math.max(brief ? 0 : waits * profile.timeoutMs, least, promised);
  if (!over && !best) await Promise.race([slowGreeting, sleep(longest - (now() - began))]);
  for (const channel of channels) if (channel !== best?.channel) talk.drop(channel);
  const silent = !over && !best && saidNothing();
  end();
  const served = hangUps >= HEARD_OUT || talk.heardOut >= HEARD_OUT;
  return silent && !served && !brief ? alone() : best;

  /**
   * Not a byte, while we held the first connection: who serves one at a time was waiting for it. Let go, and ask once more, unless it was asked there.
   * Then, one after the other, what those are asked who may hang up on strangers or wait: in the race such a server heard nothing of it.
   */
  async function alone(): Promise<Found | null> {
    const again = spokenTo ? [] : openers.slice(0, 1);
    const others = profile.maxProbesPerPort >= PATIENT_FROM ? openers.filter(eitherWay) : [];
    const further = others.slice(0, MOST_ALONE).map((ask) => ({ ...ask, timeoutMs: shortWait(wait()) }));
    for (const ask of [...again, ...further]) {
      await sleep(Math.min(wait(), talk.left()));
      const channel = await talk.open();
      if (!channel) return null;
      const found = recognise(await talk.ask(channel, ask), channel);
      if (found) return { ...found, serial: true };
      talk.drop(channel);
    }
    return null;
  }
}

/** A greeting, in the grammar of any protocol, whose end is still to come. */
export const unfinishedIn =
  (protocols: readonly Registered[]) =>
  (data: Uint8Array): boolean =>
    data.length > 0 && protocols.some(({ protocol }) => protocol.unfinished?.(data));

const eitherWay = ({ onAlien }: Opener) => onAlien === "either";
/** So many of them: who serves one at a time has not much time for each. */
const MOST_ALONE = 2;
