/**
 * One open TCP endpoint, from its first connection to a verdict: who it is (`identify.ts`), what its protocol then wants to know, and what
 * all that was said amounts to. When who answers is TLS, the same begins again inside the tunnel, once.
 */
import { fuse } from "../evidence/fuse.ts";
import type { TlsSession } from "../model/observation.ts";
import type { Dialer } from "../net/types.ts";
import { certificateRequest } from "../protocols/tls.ts";
import type { AskContext, Protocol, Session } from "../protocols/types.ts";
import { type Conversation, conversation, persistently } from "./conversation.ts";
import { DEADLINE_FACTOR, type Detection, type DetectTcpOptions, MOST_CONNECTIONS } from "./detection.ts";
import { untilEnough } from "./enough.ts";
import { type Found, identify, SURE_WEIGHT } from "./identify.ts";
import { interpret } from "./interpret.ts";
import { suspects } from "./order.ts";
import { pretenceFlags } from "./pretence.ts";
import { askForProgram } from "./rpc-program.ts";
import { tunnelled } from "./tunnel.ts";

/** A complaint needs no looking up, ms. */
const COMPLAINT_MS = 1000;
/** What a server that serves one client at a time is given to notice that the last one has gone, ms. */
const SERIAL_PAUSE_MS = 300;

export async function detectTcp(options: DetectTcpOptions): Promise<Detection> {
  const { endpoint, profile, now } = options;
  const deadline = now() + profile.timeoutMs * DEADLINE_FACTOR;
  const plain = layer(options, { ...endpoint, tls: false }, options.dialer, deadline, MOST_CONNECTIONS);
  const found = await identify(options, plain, options.connection);

  let tls: TlsSession | null = plain.tls;
  const responses = plain.responses;
  let connections = plain.opened;
  const flags = new Set<string>();
  if (plain.refusedMore || found?.serial) flags.add("serial");

  if (found?.recognition.tunnel) {
    if (found.channel) plain.drop(found.channel);
    const dialer = tunnelled(options.dialer, endpoint.hostname, profile.timeoutMs);
    const { rttMs, left } = plain;
    const first = await persistently((timeoutMs) => dialer.open({ timeoutMs }), {
      timeoutMs: profile.timeoutMs,
      rttMs,
      left,
    });
    if (first.state === "open") {
      tls = first.connection.tls;
      const inside = layer(options, { ...endpoint, tls: true }, dialer, deadline, MOST_CONNECTIONS - 1);
      const serial = found.serial ?? found.freed;
      await converse(options, inside, await identify(options, inside, first.connection, serial));
      responses.push(...inside.responses);
      connections += inside.opened;
    } else {
      flags.add("tls-handshake-failed");
    }
    // Let in, or not, and not a word: whose certificate would have been taken, and what is said to who forgets TLS?
    if (!responses.some(({ tls, data }) => tls && data.length > 0)) {
      const before = plain.opened;
      await askWhoIsTrusted(plain);
      await askInTheClear(options, plain);
      connections += plain.opened - before;
    }
  } else {
    await converse(options, plain, found);
    tls = plain.tls;
    if (!tls) await askForProgram(options, plain, found !== null || wrapped(plain) || options.brief === true);
    connections = plain.opened;
  }

  const { facts, evidence } = interpret(options.knowledge, responses, tls, [], endpoint);
  if (wrapped(plain)) {
    flags.add("tcpwrapped");
    evidence.push({
      source: "NULL",
      family: "closing",
      claim: { service: "tcpwrapped" },
      weight: SURE_WEIGHT,
      excerpt: "every connection was closed without a byte",
      signature: "builtin:tcpwrapped",
    });
  }
  if (responses.some(({ end }) => end === "cap")) flags.add("truncated");
  for (const flag of pretenceFlags(evidence)) flags.add(flag);
  const verdict = fuse({ ...endpoint, ports: options.knowledge.ports, evidence, asked: true });
  const silence = silent(plain) ? (plain.heardOut > 0 ? "hears" : "deaf") : null;
  return { responses, tls, facts, evidence, verdict, flags: [...flags], connections, silence };
}

const silent = ({ responses }: Conversation) =>
  responses.length > 0 && responses.every(({ data, end }) => data.length === 0 && end === "timeout");

/** On a connection of its own, in the clear: the answer is all that is wanted of it. */
async function askWhoIsTrusted(talk: Conversation): Promise<void> {
  const channel = await talk.open();
  if (!channel) return;
  await talk.ask(channel, certificateRequest(talk.context.hostname));
  talk.drop(channel);
}

/** Many servers complain of a request in the clear by name; asked anew where another answer had come before theirs. */
async function askInTheClear({ knowledge }: DetectTcpOptions, talk: Conversation): Promise<void> {
  const likeliest = suspects(knowledge, talk.context)
    .openers()
    .find(({ tunnel }) => !tunnel);
  const answered = talk.responses.some(
    ({ tls, data, probe }) => !tls && data.length > 0 && probe === likeliest?.probe,
  );
  const channel = likeliest && !answered ? await talk.open() : null;
  if (!likeliest || !channel) return;
  await talk.ask(channel, { ...likeliest, timeoutMs: COMPLAINT_MS });
  talk.drop(channel);
}

function layer(
  { profile, now }: DetectTcpOptions,
  context: AskContext,
  dialer: Dialer,
  deadline: number,
  maxConnections: number,
): Conversation {
  return conversation({ dialer, context, timeoutMs: profile.timeoutMs, deadline, maxConnections, now });
}

/** Asks what the protocol wants to know; nothing it fails at is worth losing what is there. */
async function converse(options: DetectTcpOptions, talk: Conversation, found: Found | null): Promise<void> {
  if (!found) return;
  // Whose greeting has not ended yet would be interrupted by whatever is said now.
  if (talk.responses.some(({ probe, data }) => probe === "NULL" && found.protocol.unfinished?.(data))) {
    found.channel?.connection.close();
    return;
  }
  const { timeoutMs } = options.profile;
  const session = talk.session(found.protocol, found.channel, (channel, ask) => {
    const took = Math.max(...talk.responses.map(({ firstByteMs }) => firstByteMs ?? 0));
    return talk.ask(channel, { timeoutMs: Math.max(ANSWERED_PART * timeoutMs, SLOWER * took), ...ask });
  });
  // Who greets wants a goodbye, too: what the protocol says last is said whatever is known.
  const further =
    found.protocol.speaksFirst === "client"
      ? untilEnough(options, talk, session)
      : untilMute(session, found.protocol);
  const [telling] = found.protocol.openers(talk.context);
  try {
    // Another protocol's request may have given it away: its own says more, on a connection where the other has left nothing unread.
    const asked = talk.responses.some(
      ({ probe, data, end }) =>
        probe === telling?.probe && (data.length > 0 || (end === "timeout" && !found.serial)),
    );
    const clean = talk.responses.every(
      ({ probe, connection }) => probe === "NULL" || connection !== found.channel?.ordinal,
    );
    // That one may take its time, whatever the refusal of another's took.
    const answer = telling && !asked ? await session.ask({ timeoutMs, ...telling }, { fresh: !clean }) : null;
    // Who serves one at a time may still be busy with the one that we have just left.
    if (telling && found.serial && !asked && !answer?.data.length && answer?.end !== "timeout") {
      await new Promise((resolve) => setTimeout(resolve, SERIAL_PAUSE_MS));
      await session.ask(telling, { fresh: true });
    }
    await found.protocol.converse?.(further);
  } finally {
    session.close();
  }
}

/** Who has said something is then waited for this part of the profile's wait, or this many times as long as he took at most. */
const ANSWERED_PART = 0.4;
const SLOWER = 8;

/** A session in which nothing more is asked of who has no answer to what all servers of the protocol answer. */
function untilMute<S extends Session>(session: S, { owed }: Protocol): S {
  let mute = false;
  return {
    ...session,
    async ask(ask, how) {
      if (mute) return null;
      const response = await session.ask(ask, how);
      mute = ask.probe === owed && response?.data.length === 0 && response.end === "timeout";
      return response;
    },
  };
}

/** It accepts, and closes every connection without a byte; or resets them, the next ones as soon as they stand. */
function wrapped({ responses, refusedMore }: Conversation): boolean {
  const mute = responses.every(({ data, end }) => data.length === 0 && (end === "eof" || end === "reset"));
  return mute && (responses.length > 1 || (refusedMore && responses.every(({ end }) => end === "reset")));
}
