/**
 * One UDP endpoint: nothing is known of it until it answers. The openers of the protocols likely on the port are sent, each from a connected
 * socket of its own (so that an ICMP port-unreachable is heard as a refusal), each repeated once since datagrams get lost. Where no
 * protocol is registered an empty datagram still tells closed from silent.
 */
import { fuse } from "../evidence/fuse.ts";
import type { Response } from "../model/observation.ts";
import type { Ask } from "../protocols/types.ts";
import { type Channel, conversation } from "./conversation.ts";
import { DEADLINE_FACTOR, type Detection, type DetectOptions, MOST_CONNECTIONS } from "./detection.ts";
import { interpret } from "./interpret.ts";
import { suspects } from "./order.ts";

export type UdpDetection =
  | { state: "open"; reason: "udp-response"; detection: Detection }
  | { state: "closed"; reason: "port-unreach" }
  | { state: "open|filtered"; reason: "no-response" }
  | { state: "error"; reason: string };

/** Sent where we know no protocol to ask in; only its refusal says something. */
const EMPTY: Ask = { probe: "udp.empty", data: new Uint8Array(0) };
/** The first datagram is given this part of the wait, its repetition the rest. */
const FIRST_PART = 0.4;

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
  const asks = likely > 0 ? openers.slice(0, Math.min(likely, profile.maxProbesPerPort)) : [EMPTY];

  let refused = false;
  let tried = 0;
  for (const ask of asks) {
    const channel = await talk.open();
    if (!channel) break;
    tried++;
    const response = await askTwice(channel, ask);
    if (response.end === "reset" && response.data.length === 0) {
      refused = true;
      channel.connection.close();
      break;
    }
    const spoken = knowledge.protocols.find(
      ({ protocol }) => response.data.length > 0 && (protocol.recognise(response)?.weight ?? 0) > 0,
    );
    if (spoken) {
      const session = talk.session(spoken.protocol, channel);
      try {
        await spoken.protocol.converse?.(session);
      } finally {
        session.close();
      }
      break;
    }
    channel.connection.close();
    if (response.data.length > 0) break;
  }

  const { responses } = talk;
  if (responses.some(({ data }) => data.length > 0)) {
    const { facts, evidence } = interpret(knowledge, responses, null);
    const verdict = fuse({ ...endpoint, evidence, asked: true });
    const detection = { responses, tls: null, facts, evidence, verdict, flags: [], connections: talk.opened };
    return { state: "open", reason: "udp-response", detection };
  }
  if (refused) return { state: "closed", reason: "port-unreach" };
  if (tried === 0) return { state: "error", reason: "no socket" };
  return { state: "open|filtered", reason: "no-response" };

  async function askTwice(channel: Channel, ask: Ask): Promise<Response> {
    const timeoutMs = Math.min(ask.timeoutMs ?? profile.timeoutMs, profile.timeoutMs);
    const first = await talk.ask(channel, { ...ask, timeoutMs: timeoutMs * FIRST_PART });
    if (first.data.length > 0 || first.end === "reset") return first;
    return talk.ask(channel, { ...ask, timeoutMs: timeoutMs * (1 - FIRST_PART) });
  }
}
