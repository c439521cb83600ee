/** Responses to facts to evidence: the two pure arrows that prober and `doorplate match` share. */

import { absences } from "../evidence/absence.ts";
import { fitted } from "../evidence/fitted.ts";
import { presented } from "../evidence/mentions.ts";
import { weigh } from "../evidence/rates.ts";
import { SILENCE_FACTOR } from "../evidence/weights.ts";
import type { Transport } from "../model/endpoint.ts";
import type { Evidence } from "../model/evidence.ts";
import { type Fact, isTunnelled, printable, type Response, type TlsSession } from "../model/observation.ts";
import type { Recognition, Registered } from "../protocols/types.ts";
import { builtinPorts, type PortRegistry } from "../registry/ports.ts";
import type { Pack } from "../signatures/types.ts";
import { inPlace } from "./operator-evidence.ts";
import { believedLess, pretences } from "./pretence.ts";
import { recognitions } from "./recognitions.ts";
import { withProgram } from "./rpc-evidence.ts";

export interface Knowledge {
  protocols: readonly Registered[];
  packs: readonly Pack[];
  /** What a port suggests; absent: the built-in table. */
  ports?: PortRegistry;
  /** What a claim weighs; as fitted, but where that is being fitted. */
  weigh?: (piece: Evidence) => Evidence;
}

const asFitted = (piece: Evidence) => weigh(piece, fitted.rates);

export interface Interpretation {
  facts: Fact[];
  evidence: Evidence[];
}

/** A response without bytes says nothing that a module could read. */
const spoke = (response: Response) => response.data.length > 0;

export function interpret(
  knowledge: Knowledge,
  responses: readonly Response[],
  tls: TlsSession | null,
  given: readonly Fact[] = [],
  endpoint?: { transport: Transport; port: number },
): Interpretation {
  const heard = responses.filter(spoke);
  const recognised = heard.map((response) => recognitions(knowledge.protocols, response));
  // SSDP looks like HTTP, mDNS like DNS: only who runs over the endpoint's transport is heard.
  const spoken: Registered[] = [];
  const seen: (Recognition | null)[][] = [];
  for (const [i, registered] of knowledge.protocols.entries()) {
    if (endpoint && !registered.protocol.transports.includes(endpoint.transport)) continue;
    spoken.push(registered);
    seen.push(recognised.map((by) => by(i)));
  }
  const facts = [
    ...given,
    ...spoken.flatMap(({ protocol }, i) =>
      protocol.facts(protocol.factsOfStrangers || seen[i]?.some(Boolean) ? heard : [], tls),
    ),
  ];
  const evidence = [
    ...heard.flatMap((response, j) =>
      spoken.flatMap(({ protocol }, i) => named(protocol.name, response, seen[i]?.[j], tls !== null)),
    ),
    ...pretences(spoken, responses),
    ...presented(
      knowledge.packs.flatMap((pack) => pack.evaluate({ responses: heard, facts, tls, endpoint })),
      facts,
    )
      .map(knowledge.weigh ?? asFitted)
      .map(asTrusted),
  ];
  const missing = absences(evidence, responses, facts);
  const said =
    isTunnelled(tls) && endpoint ? insideTls(evidence, responses, endpoint, knowledge.ports) : evidence;
  return { facts, evidence: believedLess(inPlace(withProgram([...said, ...missing], heard))) };
}

/** Whose certificates a server takes says less of what it is than its own certificate: all servers of a cluster trust one authority. */
const TRUSTED_SHARE = 0.6;
const asTrusted = (piece: Evidence): Evidence =>
  piece.source === "tls.clientAuthority" ? { ...piece, weight: piece.weight * TRUSTED_SHARE } : piece;

/** At or above this share of ports of that number one service answers, in TLS as without. */
const USUAL_PRIOR = 0.5;
/** Nobody inside said who he is: no more than the port says of what TLS is used for, and no service but TLS where it does not, nats. */
const USUAL_WEIGHT = Math.log(SILENCE_FACTOR);
const TLS_WEIGHT = 7;

/** Agreed on beside the handshake (ALPN), by libraries that offer HTTP for whoever uses them: it counts where no other service spoke. */
const isAgreed = ({ source }: Evidence) => source === "tls.alpn";

function insideTls(
  evidence: Evidence[],
  responses: readonly Response[],
  { port, transport }: { transport: Transport; port: number },
  ports: PortRegistry = builtinPorts,
): Evidence[] {
  const inside = evidence.filter((piece) => !isAgreed(piece));
  const where = (services: readonly (string | undefined)[]) =>
    services.includes("http") ? evidence : inside;
  const spoken = inside.flatMap(({ claim }) => claim.service ?? []);
  if (spoken.length > 0) return where(spoken);
  // Of services that share a port, the one that was asked for and did not answer is out.
  const deaf = responses.some(({ probe, tls, data }) => tls && probe === "http.get" && data.length === 0);
  const tenants = ports.servicesOf(port, transport);
  const usual = tenants.find(({ service }) => tenants.length < 2 || !deaf || service !== "http");
  if (usual && usual.prior >= USUAL_PRIOR)
    return [...where([usual.service]), onlyTls(usual.service, USUAL_WEIGHT)];
  return evidence.some(isAgreed) ? evidence : [...evidence, onlyTls("ssl", TLS_WEIGHT)];
}

/** TLS was spoken, and nothing inside of it. */
const onlyTls = (service: string, weight: number): Evidence => ({
  source: "tls.clientHello",
  family: "tls.hello",
  claim: { service },
  weight,
  excerpt: "TLS, and not a word inside",
  signature: "builtin:protocol/tls",
});

/** A response that is in a protocol, as evidence for its service. Inside TLS the tunnel itself is no service. */
function named(
  protocol: string,
  { probe }: Response,
  seen: Recognition | null | undefined,
  tunnelled: boolean,
): Evidence[] {
  if (!seen || (seen.tunnel && tunnelled)) return [];
  return [
    {
      source: probe,
      family: probe === "NULL" ? "banner" : `reply:${probe}`,
      claim: { service: seen.service },
      weight: seen.weight,
      excerpt: printable(seen.excerpt),
      signature: `builtin:protocol/${protocol}`,
    },
  ];
}
