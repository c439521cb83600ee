/**
 * Whom to suspect behind a port before it has said a word: protocols ranked by the registry's prior, and from that what to
 * do with a silent connection.
 */
import type { Ask, AskContext, Reaction } from "../protocols/types.ts";
import { builtinPorts } from "../registry/ports.ts";
import type { Knowledge } from "./interpret.ts";

/** A protocol at or above this prior is asked before the generic ones. */
const LIKELY_PRIOR = 0.1;
/** At or above this prior a server-first protocol is given the whole wait to greet, a client-first one the first connection. */
const FAVOURED_PRIOR = 0.3;

export interface Opener extends Ask {
  /** The answer would be TLS. */
  tunnel: boolean;
  /** Its protocol is likely on this port. */
  likely: boolean;
  /** The request that `onAlien` of the others tells about: asked before any of them is chosen by it. */
  common: boolean;
  onAlien?: Reaction | "either";
}

export interface Suspects {
  /** What to send, likeliest first. Written when it is asked for: who greets in a known tongue is sent none of it. */
  openers(): Opener[];
  /** `greeting`: wait for it, and talk to one connection only. `request`: the first opener may go on the first connection. */
  favours: "greeting" | "request" | "nothing";
}

export function suspects(
  { protocols, ports = builtinPorts }: Pick<Knowledge, "protocols" | "ports">,
  context: AskContext,
): Suspects {
  const priors = new Map(
    ports.servicesOf(context.port, context.transport).map(({ service, prior }) => [service, prior]),
  );
  const tunnelPort = !context.tls && context.transport === "tcp" && ports.isTlsPort(context.port);
  const ranked = protocols
    .filter(
      ({ protocol, tunnel }) => protocol.transports.includes(context.transport) && !(tunnel && context.tls),
    )
    .map(({ protocol, services, tunnel, onAlien }, index) => {
      const registered = Math.max(0, ...services.map((service) => priors.get(service) ?? 0));
      const prior = tunnelPort ? (tunnel ? 1 : registered / 2) : registered;
      return { protocol, onAlien, tunnel: tunnel === true, index, prior: prior >= LIKELY_PRIOR ? prior : 0 };
    })
    .sort((a, b) => b.prior - a.prior || a.index - b.index);

  const top = ranked[0];
  const favoured = top !== undefined && top.prior >= FAVOURED_PRIOR;
  // Whose greeting the number promises does not begin with TLS there: who does is somebody else, and may not greet.
  const unannounced = context.tls && !ports.isTlsPort(context.port);
  const favours = top?.protocol.speaksFirst === "server" ? (unannounced ? "nothing" : "greeting") : "request";
  return {
    openers: () =>
      ranked.flatMap(({ protocol, tunnel, index, prior, onAlien }) =>
        protocol
          .openers(context)
          .map((ask) => ({ ...ask, tunnel, likely: prior > 0, common: index === 0, onAlien })),
      ),
    favours: favoured ? favours : "nothing",
  };
}
