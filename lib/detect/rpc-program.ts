/**
 * The RPC grinder in detection: when it is asked, and how what it found is recorded. What follows from the record is
 * `rpc-evidence.ts`.
 */
import type { Response } from "../model/observation.ts";
import type { Dialer } from "../net/types.ts";
import { marked } from "../protocols/rpc-message.ts";
import { replyIn, sunrpc } from "../protocols/sunrpc.ts";
import type { Ask, AskContext } from "../protocols/types.ts";
import { builtinRpcPrograms } from "../registry/rpc.ts";
import type { Channel, Conversation } from "./conversation.ts";
import type { DetectOptions } from "./detection.ts";
import { programProbe } from "./rpc-evidence.ts";
import { grind } from "./rpc-grinder.ts";

/** Below this intensity nothing is ground (spec/version-detection.md, section 11). */
const LEAST_INTENSITY = 7;
const DEFAULT_INTENSITY = 7;
/** Wait for the call to a port that said nothing to anybody, ms: programs of RPC answer at once. */
const NULL_CALL_MS = 1000;
const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const;

/**
 * The call that shows whether a port of no meaning speaks RPC, whose programs take whatever port is free. Null below the intensity for
 * it, or without the built-in protocols.
 */
function rpcNullCall({ profile, knowledge }: DetectOptions, context: AskContext): Ask | null {
  if ((profile.intensity ?? DEFAULT_INTENSITY) < LEAST_INTENSITY) return null;
  if (!knowledge.protocols.some(({ protocol }) => protocol === sunrpc)) return null;
  return sunrpc.openers(context)[0] ?? null;
}

/**
 * Grinds an endpoint that speaks ONC RPC. One that is not `identified` and never said a byte is called once to see whether it does.
 * What is learnt stands in the conversation's responses.
 */
export async function askForProgram(
  options: DetectOptions,
  talk: Conversation,
  identified: boolean,
): Promise<void> {
  const { endpoint, profile, rpc = {}, now } = options;
  if ((profile.intensity ?? DEFAULT_INTENSITY) < LEAST_INTENSITY) return;
  let spare: Channel | null = null;
  if (!speaksRpc(talk.responses)) {
    const nullCall = rpcNullCall(options, talk.context);
    const asked = talk.responses.some(({ data, probe }) => data.length > 0 || probe === nullCall?.probe);
    spare = nullCall && !identified && !asked ? await talk.open() : null;
    if (!nullCall || !spare) return;
    await talk.ask(spare, { ...nullCall, timeoutMs: Math.min(NULL_CALL_MS, profile.timeoutMs) });
    if (!speaksRpc(talk.responses)) {
      spare.connection.close();
      return;
    }
  }

  const { transport, port } = endpoint;
  const listed = (await rpc.listed?.()) ?? [];
  const channels: Channel[] = [];
  const dialer: Dialer = {
    async open() {
      // The connection that answered is as good as a new one, and counts no more.
      const channel = spare ?? (await talk.open());
      spare = null;
      if (!channel) return { state: "error", reason: "no further connection" };
      channels.push(channel);
      return { state: "open", reason: "syn-ack", connection: channel.connection };
    },
  };
  const ground = await grind({
    dialer,
    transport,
    programs: rpc.programs ?? builtinRpcPrograms,
    first: listed
      .filter((entry) => entry.port === port && entry.protocol === PROTOCOL_NUMBERS[transport])
      .map(({ program }) => program),
    timeoutMs: profile.timeoutMs,
    deadline: now() + talk.left(),
    now,
    random: Math.random,
  });
  if (!ground) return;
  talk.responses.push({
    probe: programProbe(ground),
    tls: false,
    data: transport === "tcp" ? marked(ground.reply) : ground.reply,
    firstByteMs: ground.firstByteMs,
    end: "complete",
    connection: channels.find(({ connection }) => connection === ground.connection)?.ordinal ?? 0,
  });
}

const speaksRpc = (responses: readonly Response[]) =>
  responses.some((response) => response.data.length > 0 && replyIn(response) !== null);
