/**
 * One UDP endpoint: nothing is known of it until it answers. The openers of the protocols likely on the port are sent, each from a connected
 * socket of its own (so that an ICMP port-unreachable is heard as a refusal), each repeated once since datagrams get lost. Where no
 * protocol is registered, and where the registered ones are not answered for a second, all others are asked side by side, a handful at a time and each for a
 * short while only: who listens answers at once, and an odd port is told in a second or two whatever speaks there. A port that said nothing
 * at all is then asked everything once more, with patience.
 */
import { fuse } from "../evidence/fuse.ts";
import { latin1, type Response } from "../model/observation.ts";
import { patientSleep } from "../net/patience.ts";
import type { Ask, AskContext, Registered } from "../protocols/types.ts";
import { type Channel, conversation } from "./conversation.ts";
import { DEADLINE_FACTOR, type Detection, type DetectOptions } from "./detection.ts";
import { untilEnough } from "./enough.ts";
import { interpret } from "./interpret.ts";
import { suspects } from "./order.ts";
import { askForProgram } from "./rpc-program.ts";

export type UdpDetection =
  | { state: "open"; reason: "udp-response"; detection: Detection }
  | { state: "closed"; reason: "port-unreach" }
  | { state: "open|filtered"; reason: "no-response" }
  | { state: "error"; reason: string };

/** So many strangers' questions at once: a datagram costs little. */
const STRANGERS_AT_ONCE = 20;
/** A stranger's question is waited for so long, ms: the first time, and the second time where nobody answered any. */
const QUICK_MS = 500;
const PATIENT_MS = 1000;
/** Sockets to one endpoint: all strangers' questions twice, the likely ones, and the conversation. */
const MOST_SOCKETS = 160;
/** An answer at or above this weight ends the search; a weaker one is kept in case that nobody knows better. */
const SURE_WEIGHT = 6;
/** The first datagram is given this part of the wait, its repetition the rest. */
const FIRST_PART = 0.4;
/** Who has answered once is given this many times as long for the next answer, but never less than ms. */
const SLOWER = 8;
const SHORT_WAIT_MS = 750;

/** Who answered, and how surely. */
interface Answered {
  channel: Channel;
  response: Response;
  entry: Registered;
  weight: number;
}

export async function detectUdp(options: DetectOptions): Promise<UdpDetection> {
  const { endpoint, profile, knowledge, now } = options;
  const context = { ...endpoint, tls: false };
  const deadline = now() + profile.timeoutMs * DEADLINE_FACTOR;
  const talk = conversation({
    dialer: options.dialer,
    context,
    timeoutMs: profile.timeoutMs,
    deadline,
    maxConnections: MOST_SOCKETS,
    now,
  });
  const openers = suspects(knowledge, context).openers();
  const expected = openers.filter(({ likely }) => likely);
  const strangers = inSafeOrder(distinctData(openers.filter(({ likely }) => !likely)));

  let refused = false;
  let tried = 0;
  let cameBack = false;
  let answered: Answered | null = null;
  const waiting = new Set<Channel>();
  const over = () => refused || (answered !== null && answered.weight >= SURE_WEIGHT);
  const askAll = async (asks: readonly Ask[], atOnce: number, put: typeof askTwice) => {
    const left = [...asks];
    const worker = async () => {
      for (let ask = left.shift(); ask && !over(); ask = left.shift()) {
        const channel = await talk.open({ anyPort: ask.anyPort });
        if (!channel) return;
        tried++;
        waiting.add(channel);
        const response = await put(channel, ask);
        waiting.delete(channel);
        // What comes back as it was sent says nothing in the tongue that it was sent in.
        const mirrored = comesBack(response, ask);
        const tongues = mirrored ? knowledge.protocols.filter(({ mirrors }) => mirrors) : knowledge.protocols;
        const spoken = response.data.length > 0 ? strongest(tongues, context, response) : undefined;
        if (mirrored && !spoken) {
          talk.responses.splice(talk.responses.indexOf(response), 1);
          cameBack = true;
        }
        if (over()) return talk.drop(channel);
        if (spoken && spoken.weight > (answered?.weight ?? 0)) {
          if (answered) talk.drop(answered.channel);
          answered = { channel, response, ...spoken };
        } else {
          // What nobody understands may be another protocol's refusal: the others are still asked.
          refused = response.end === "reset";
          talk.drop(channel);
        }
        if (over()) for (const other of waiting) talk.drop(other);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  };
  const once = (timeoutMs: number) => (channel: Channel, ask: Ask) =>
    talk.ask(channel, { ...ask, timeoutMs: Math.min(timeoutMs, profile.timeoutMs) });
  const heard = () => cameBack || answered !== null || talk.responses.some(({ data }) => data.length > 0);

  const registered = askAll(expected.slice(0, profile.maxProbesPerPort), 1, askTwice);
  // Who is silent for so long is seldom the registered one: the others are asked while its answer may still come.
  await Promise.race([registered, patientSleep(PATIENT_MS)]);
  if (!over() && answered === null) await askAll(strangers, STRANGERS_AT_ONCE, once(QUICK_MS));
  await registered;
  // Silence where a protocol is registered is most often a firewall's: everybody was asked once, and that will do.
  if (!over() && !heard() && expected.length === 0)
    await askAll(strangers, STRANGERS_AT_ONCE, (channel, ask) =>
      once(Math.max(PATIENT_MS, ask.timeoutMs ?? 0))(channel, ask),
    );
  // One that sends back what it got may have dropped the one question whose return proves it: it was one of many.
  const echoes = knowledge.protocols.filter(({ mirrors }) => mirrors);
  if (cameBack && !over() && answered === null)
    await askAll(
      echoes.flatMap(({ protocol }) => protocol.openers(context)),
      1,
      askTwice,
    );
  if (answered) await talkOn(answered);

  const { responses } = talk;
  if (!refused) await askForProgram(options, talk, true);
  if (responses.some(({ data }) => data.length > 0)) {
    const { facts, evidence } = interpret(knowledge, responses, null, [], endpoint);
    const verdict = fuse({ ...endpoint, ports: knowledge.ports, evidence, asked: true });
    const detection = { responses, tls: null, facts, evidence, verdict, flags: [], connections: talk.opened };
    return { state: "open", reason: "udp-response", detection };
  }
  if (refused) return { state: "closed", reason: "port-unreach" };
  if (tried === 0) return { state: "error", reason: "no socket" };
  return { state: "open|filtered", reason: "no-response" };

  async function talkOn({ channel, response, entry }: Answered): Promise<void> {
    const timeoutMs = Math.max(SLOWER * (response.firstByteMs ?? profile.timeoutMs), SHORT_WAIT_MS);
    const put = (to: Channel, ask: Ask) => askTwice(to, { timeoutMs, ...ask });
    const session = talk.session(entry.protocol, channel, put);
    try {
      await entry.protocol.converse?.(untilEnough(options, talk, session));
    } finally {
      channel.connection.close();
      session.close();
    }
  }

  async function askTwice(channel: Channel, ask: Ask): Promise<Response> {
    const timeoutMs = Math.min(ask.timeoutMs ?? profile.timeoutMs, profile.timeoutMs);
    const first = await talk.ask(channel, { ...ask, timeoutMs: timeoutMs * FIRST_PART });
    if (first.data.length > 0 || first.end === "reset") return first;
    return talk.ask(channel, { ...ask, timeoutMs: timeoutMs * (1 - FIRST_PART) });
  }
}

/** Shorter questions may begin somebody's answer by chance, bytes. */
const LEAST_MIRRORED = 8;
/** The question itself, with or without something behind it. */
function comesBack({ data }: Response, ask: Ask): boolean {
  const [answer, question] = [latin1(data), latin1(ask.data)];
  return answer === question || (question.length >= LEAST_MIRRORED && answer.startsWith(question));
}

/** Whose answer this most surely is. */
function strongest(
  protocols: readonly Registered[],
  { transport }: AskContext,
  response: Response,
): Pick<Answered, "entry" | "weight"> | undefined {
  let best: Pick<Answered, "entry" | "weight"> | undefined;
  for (const entry of protocols) {
    if (!entry.protocol.transports.includes(transport)) continue;
    const weight = entry.protocol.recognise(response)?.weight ?? 0;
    if (weight > (best?.weight ?? 0)) best = { entry, weight };
  }
  return best;
}

/** Length of DNS's header (RFC 1035 section 4.1.1), bytes. */
const DNS_HEADER = 12;

/**
 * Whoever speaks DNS, NTP or SNMP has answered before a datagram goes out that is too short for a header: of one such Tor's resolver dies
 * (0.4.9.11, seen).
 */
function inSafeOrder<T extends Ask>(asks: readonly T[]): T[] {
  const long = asks.filter(({ data }) => data.length >= DNS_HEADER);
  const short = asks.filter(({ data }) => data.length < DNS_HEADER);
  return [...long.slice(0, STRANGERS_AT_ONCE), ...short, ...long.slice(STRANGERS_AT_ONCE)];
}

/** Each datagram once: several small services are asked by the same one. */
function distinctData<T extends Ask>(asks: readonly T[]): T[] {
  const seen = new Set<string>();
  return asks.filter(({ data }) => {
    const key = latin1(data);
    return !seen.has(key) && seen.add(key);
  });
}
