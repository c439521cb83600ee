/**
 * The file read over responses that were recorded before, whoever asked: by the file's own engine, by our protocol
 * modules (where a request has the very bytes of one of the file's probes), or by another tool that gives the probes
 * the file's names. The same machine in the same order; what was not asked counts as silence.
 */
import type { Transport } from "../../model/endpoint.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { Response } from "../../model/observation.ts";
import type { Registered } from "../../protocols/types.ts";
import { type PackProbe, type ProbePack, probeByName } from "../../signatures/probe-pack.ts";
import type { Pack } from "../../signatures/types.ts";
import { feed } from "./ahead.ts";
import { evidenceOf, tunnelEvidence } from "./evidence.ts";
import type { Exchange } from "./exchange.ts";
import { begin, next } from "./machine.ts";
import { NOTHING, type PortContext, type PortState } from "./state.ts";

/** Names of our own requests that are byte for byte those of the file. */
export type Aliases = ReadonlyMap<string, string>;

const ANYWHERE = { host: "127.0.0.1", hostname: null, port: 0, tls: false };

export function aliasesOf(pack: ProbePack, protocols: readonly Registered[]): Aliases {
  const names = new Map<string, string>();
  for (const transport of ["tcp", "udp"] as const) {
    const own = new Map(
      pack.probes
        .filter((probe) => probe.transport === transport)
        .map(({ data, name }) => [Buffer.from(data).toString("latin1"), name]),
    );
    for (const { protocol } of protocols) {
      if (!protocol.transports.includes(transport)) continue;
      for (const { probe, data } of protocol.openers({ ...ANYWHERE, transport })) {
        const name = own.get(Buffer.from(data).toString("latin1"));
        if (name !== undefined) names.set(probe, name);
      }
    }
  }
  return names;
}

/** A recorded response as the exchange that it was; null when the file has no such probe. */
export function exchangeOf(
  pack: ProbePack,
  transport: Transport,
  response: Response,
  aliases: Aliases,
): Exchange | null {
  const probe = probeByName(pack, aliases.get(response.probe) ?? response.probe, transport);
  if (!probe) return null;
  const { data, end, tls, connection, firstByteMs } = response;
  return {
    probe,
    tls,
    connection,
    data,
    firstByteMs,
    end: end === "eof" || end === "reset" ? end : "window",
    elapsedMs: 0,
    softAt: null,
    softService: null,
  };
}

/** Runs the machine over recorded responses. */
function replay(
  context: PortContext,
  responses: readonly Response[],
  aliases: Aliases,
  tunnel = false,
): PortState {
  const recorded = new Map<PackProbe, Exchange[]>();
  for (const response of responses) {
    const exchange = exchangeOf(context.pack, context.transport, response, aliases);
    if (!exchange) continue;
    const list = recorded.get(exchange.probe);
    if (list) list.push(exchange);
    else recorded.set(exchange.probe, [exchange]);
  }
  let step = begin(context, tunnel);
  let listened: Exchange | undefined;
  while (step.action.type === "send") {
    const { probe, tls, reuse } = step.action;
    const exchange = recorded.get(probe)?.find((candidate) => candidate.tls === tls);
    if (probe === context.pack.nullProbe) listened = exchange;
    if (reuse && exchange && exchange.connection !== listened?.connection)
      step = { ...step, state: { ...step.state, buffer: NOTHING } };
    step = exchange ? feed(context, step.state, exchange) : next(context, step.state, { type: "window" });
  }
  return step.state;
}

/** Everything that was recorded is looked at, however rare the probe. */
const EVERY_PROBE = 9;

/** The file as a pack: claims over recorded responses. `protocols`: those whose requests may be in the responses. */
export function probeFilePack(pack: ProbePack, protocols: readonly Registered[]): Pack {
  const aliases = aliasesOf(pack, protocols);
  return {
    name: pack.name,
    digest: pack.digest,
    evaluate({ responses, endpoint }): Evidence[] {
      const transport = endpoint?.transport ?? "tcp";
      // Without a port no probe is a registered one: plain file order.
      const context = { pack, transport, port: endpoint?.port ?? -1, intensity: EVERY_PROBE };
      const spoken = responses.filter(({ data }) => data.length > 0);
      if (spoken.length === 0) return [];
      const state = replay(context, spoken, aliases);
      if (state.final === "hard") return evidenceOf(context, state);
      const inside = spoken.some(({ tls }) => tls);
      if (inside && !state.tunnel) {
        const within = evidenceOf(context, replay(context, spoken, aliases, true));
        if (within.length > 0) return within;
      }
      const claims = state.final === "tcpwrapped" ? [] : evidenceOf(context, state);
      return claims.length > 0 || inside ? claims : tunnelEvidence(context, state);
    },
  };
}
