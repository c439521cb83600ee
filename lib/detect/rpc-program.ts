/**
 * The RPC grinder in detection: when it is asked, how what it found is recorded, and what follows from the record.
 * The reply that named the program is kept as the response to a probe `rpc.<number> <name>`, so that `doorplate match` comes to
 * the same verdict from the stored observation.
 */
import type { Evidence } from "../model/evidence.ts";
import type { Response } from "../model/observation.ts";
import type { Dialer } from "../net/types.ts";
import { type PortmapEntry, versionRange } from "../protocols/portmapper.ts";
import { marked } from "../protocols/rpc-message.ts";
import { parseReply, sunrpc } from "../protocols/sunrpc.ts";
import type { Ask, AskContext } from "../protocols/types.ts";
import { builtinRpcPrograms, type RpcProgram } from "../registry/rpc.ts";
import type { Channel, Conversation } from "./conversation.ts";
import { type DetectOptions, MOST_CONNECTIONS } from "./detection.ts";
import { grind } from "./rpc-grinder.ts";

/** What is known of RPC before a port is asked. */
export interface RpcKnowledge {
  /** The operator's list (`--rpc`); absent: our own. */
  programs?: readonly RpcProgram[];
  /** What the host's port mapper lists, when it was asked: the programs of this port are asked for first. */
  listed?: readonly PortmapEntry[];
}

/** Below this intensity nothing is ground (spec/version-detection.md, section 11). */
const LEAST_INTENSITY = 7;
const DEFAULT_INTENSITY = 7;
const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const;
/** Nats: above a mere reply in the grammar of RPC (9), since an unused version was refused for this program alone. */
const PROGRAM_WEIGHT = 12;
const FAMILY = "rpc.program";
const PROBE_NAME = /^rpc\.(\d{1,10}) (\S{1,128})$/;

/**
 * The call that shows whether a port of no meaning speaks RPC, whose programs take whatever port is free. Null below the intensity for
 * it, or without the built-in protocols.
 */
export function rpcNullCall({ profile, knowledge }: DetectOptions, context: AskContext): Ask | null {
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
    await talk.ask(spare, nullCall);
    if (!speaksRpc(talk.responses)) {
      spare.connection.close();
      return;
    }
  }

  const { transport, port } = endpoint;
  const channels: Channel[] = [];
  let room = MOST_CONNECTIONS - talk.opened;
  const dialer: Dialer = {
    async open() {
      // The connection that answered is as good as a new one, and counts no more.
      const channel = spare ?? (room-- > 0 ? await talk.open() : null);
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
    first: rpc.listed
      ?.filter((entry) => entry.port === port && entry.protocol === PROTOCOL_NUMBERS[transport])
      .map(({ program }) => program),
    timeoutMs: profile.timeoutMs,
    deadline: now() + talk.left(),
    now,
    random: Math.random,
  });
  if (!ground) return;
  talk.responses.push({
    probe: `rpc.${ground.program} ${ground.name}`,
    tls: false,
    data: transport === "tcp" ? marked(ground.reply) : ground.reply,
    firstByteMs: ground.firstByteMs,
    end: "complete",
    connection: channels.find(({ connection }) => connection === ground.connection)?.ordinal ?? 0,
  });
}

const speaksRpc = (responses: readonly Response[]) =>
  responses.some(({ data }) => data.length > 0 && parseReply(data) !== null);

/**
 * What a found program says. Pure. Replies that were taken for the port mapper's are then the program's own: `rpcbind` means no
 * more than "speaks ONC RPC" until a program is known.
 */
export function withProgram(evidence: readonly Evidence[], responses: readonly Response[]): Evidence[] {
  const program = responses.map(programEvidence).find((piece) => piece !== null);
  if (!program) return [...evidence];
  const service = program.claim.service;
  const renamed = evidence.map((piece) =>
    piece.signature === `builtin:protocol/${sunrpc.name}` ? { ...piece, claim: { service } } : piece,
  );
  return [...renamed, program];
}

function programEvidence({ probe, data }: Response): Evidence | null {
  const [, number, service] = PROBE_NAME.exec(probe) ?? [];
  const versions = number === undefined ? null : parseReply(data)?.versions;
  if (!service || !versions) return null;
  const version = versionRange(...versions);
  return {
    source: probe,
    family: FAMILY,
    claim: { service, version, info: `RPC #${number}` },
    weight: PROGRAM_WEIGHT,
    excerpt: `program ${number} has versions ${version}`,
    signature: "builtin:rpc.program",
  };
}
