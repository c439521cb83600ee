/**
 * One UDP endpoint: nothing is known of it until it answers. The openers of the protocols likely on the port are sent, each from a connected
 * socket of its own (so that an ICMP port-unreachable is heard as a refusal), each repeated once since datagrams get lost. Where no
 * protocol is registered those most often met elsewhere are asked, a few at once.
 */
import { fuse } from "../evidence/fuse.ts";
import type { Response } from "../model/observation.ts";
import type { Registered } from "../protocols/index.ts";
import type { Ask, AskContext } from "../protocols/types.ts";
import { type Channel, conversation } from "./conversation.ts";
import { DEADLINE_FACTOR, type Detection, type DetectOptions, MOST_CONNECTIONS } from "./detection.ts";
import { untilEnough } from "./enough.ts";
import { interpret } from "./interpret.ts";
import { suspects } from "./order.ts";
import { askForProgram } from "./rpc-program.ts";

export type UdpDetection =
  | { state: "open"; reason: "udp-response"; detection: Detection }
  | { state: "closed"; reason: "port-unreach" }
  | { state: "open|filtered"; reason: "no-response" }
  | { state: "error"; reason: string };

/** Questions to a port registered for nobody, and how many of them at once: a datagram costs little, and who listens answers at once. */
const MOST_STRANGERS = 24;
const STRANGERS_AT_ONCE = 12;
/** The first datagram is given this part of the wait, its repetition the rest. */
const FIRST_PART = 0.4;
/** Who has answered once is given this many times as long for the next answer, but never less than ms. */
const SLOWER = 8;
const SHORT_WAIT_MS = 750;

export async function detectUdp(options: DetectOptions): Promise<UdpDetection> {
  const { endpoint, profile, knowledge, now } = options;
  const context = { ...endpoint, tls: false };
  const deadline = now() + profile.timeoutMs * DEADLINE_FACTOR;
  const talk = conversation({
    dialer: options.dialer,
    context,
    timeoutMs: profile.timeoutMs,
    deadline,
    maxConnections: MOST_CONNECTIONS,
    now,
  });
  const { openers, likely } = suspects(knowledge.protocols, context);
  // On a port registered for nobody, who knows: a few are asked side by side.
  const asks = openers.slice(0, likely > 0 ? Math.min(likely, profile.maxProbesPerPort) : MOST_STRANGERS);

  let refused = false;
  let tried = 0;
  let answered: { channel: Channel; response: Response } | null = null;
  const waiting = new Set<Channel>();
  const over = () => refused || answered !== null;
  const worker = async () => {
    for (let ask = asks.shift(); ask && !over(); ask = asks.shift()) {
      const channel = await talk.open({ anyPort: ask.anyPort });
      if (!channel) return;
      tried++;
      waiting.add(channel);
      const response = await askTwice(channel, ask);
      waiting.delete(channel);
      if (over()) return talk.drop(channel);
      if (response.data.length > 0 && strongest(knowledge.protocols, context, response))
        answered = { channel, response };
      else {
        // What nobody understands may be another protocol's refusal: the others are still asked.
        refused = response.end === "reset";
        talk.drop(channel);
      }
      if (over()) for (const other of waiting) talk.drop(other);
    }
  };
  await Promise.all(Array.from({ length: likely > 0 ? 1 : STRANGERS_AT_ONCE }, worker));
  if (answered) await talkOn(answered);

  const { responses } = talk;
  if (!refused) await askForProgram(options, talk, true);
  if (responses.some(({ data }) => data.length > 0)) {
    const { facts, evidence } = interpret(knowledge, responses, null, [], endpoint);
    const verdict = fuse({ ...endpoint, evidence, asked: true });
    const detection = { responses, tls: null, facts, evidence, verdict, flags: [], connections: talk.opened };
    return { state: "open", reason: "udp-response", detection };
  }
  if (refused) return { state: "closed", reason: "port-unreach" };
  if (tried === 0) return { state: "error", reason: "no socket" };
  return { state: "open|filtered", reason: "no-response" };

  async function talkOn({ channel, response }: { channel: Channel; response: Response }): Promise<void> {
    const spoken = strongest(knowledge.protocols, context, response);
    const timeoutMs = Math.max(SLOWER * (response.firstByteMs ?? profile.timeoutMs), SHORT_WAIT_MS);
    const put = (to: Channel, ask: Ask) => askTwice(to, { timeoutMs, ...ask });
    const session = spoken && talk.session(spoken.protocol, channel, put);
    try {
      if (session) await spoken.protocol.converse?.(untilEnough(options, talk, session));
    } finally {
      channel.connection.close();
      session?.close();
    }
  }

  async function askTwice(channel: Channel, ask: Ask): Promise<Response> {
    const timeoutMs = Math.min(ask.timeoutMs ?? profile.timeoutMs, profile.timeoutMs);
    const first = await talk.ask(channel, { ...ask, timeoutMs: timeoutMs * FIRST_PART });
    if (first.data.length > 0 || first.end === "reset") return first;
    return talk.ask(channel, { ...ask, timeoutMs: timeoutMs * (1 - FIRST_PART) });
  }
}

/** Whose answer this most surely is. */
function strongest(
  protocols: readonly Registered[],
  { transport }: AskContext,
  response: Response,
): Registered | undefined {
  let best: Registered | undefined;
  let weight = 0;
  for (const entry of protocols) {
    if (!entry.protocol.transports.includes(transport)) continue;
    const seen = entry.protocol.recognise(response)?.weight ?? 0;
    if (seen > weight) [best, weight] = [entry, seen];
  }
  return best;
}
