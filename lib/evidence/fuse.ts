/**
 * Evidence to verdict: a pure function, the same in the prober (which asks it when to stop) and in the aggregator (which writes what it
 * says).
 *
 * Three questions one inside the other: which service, given the port's prior; which product, given the service; which version, given the
 * product. Each is a competition of hypotheses with an explicit "something else", in log-odds: prior plus the weights of independent
 * families of evidence (`hypotheses.ts`). Evidence for a losing product does not vanish: it takes its share of the posterior, which lowers
 * the winner's confidence, and it is named as a conflict.
 */

import type { Transport } from "../model/endpoint.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Conflict, Verdict } from "../model/fingerprint.ts";
import { serviceName, servicesOf } from "../registry/ports.ts";
import { cpe23, identify } from "../registry/products.ts";
import { type ConfidenceMaps, fitted } from "./fitted.ts";
import { outread, posterior, type Ranked, type Support, supportBy } from "./hypotheses.ts";
import { applyMonotone } from "./isotonic.ts";
import { assignRoles, doubted } from "./roles.ts";
import {
  CONFLICT_WEIGHT,
  CONTESTED_MOST,
  MOST_CERTAIN,
  PRODUCT_PRIOR,
  SILENCE_FACTOR,
  SOMETHING_ELSE_PRIOR,
  UNREGISTERED_SERVICE_PRIOR,
  VERSION_PRIOR,
} from "./weights.ts";

export interface FuseInput {
  port: number;
  transport: Transport;
  evidence: readonly Evidence[];
  /** Was the endpoint asked anything yet? Silence after asking counts against the port's prior. */
  asked: boolean;
}

/** `maps`: what the posteriors are worth, measured; another one only where they are being fitted. */
export function fuse({ evidence, ...endpoint }: FuseInput, maps: ConfidenceMaps = fitted.maps): Verdict {
  const input: FuseInput = { ...endpoint, evidence: [...evidence].sort(byStrength) };
  const service = fuseService(input);
  const probed = service !== null && service.support !== null;
  const ofService = input.evidence.filter(
    (piece) => piece.claim.service === undefined || piece.claim.service === service?.name,
  );
  const { listening, behind, echoes } = assignRoles(ofService, productKey);
  const claimed = doubted(outread(listening, productKey), productKey);
  // Where neither an answer nor the port tells the service, a certificate still names who speaks.
  const product = probed || service === null ? fuseProduct(claimed) : null;
  const ownVersion = product ? fuseVersion(product.support.evidence) : null;
  // What a service tells of itself without naming a product: the version range of an RPC program.
  const nameless = ofService.filter((piece) => !piece.claim.product);
  const version = ownVersion ?? (probed ? fuseVersion(nameless) : null);

  const given = service?.probability ?? 0;
  // Only answers were measured; what the port's number alone suggests is left as the registry has it.
  const serviceConfidence = probed ? applyMonotone(maps.service, given) : given;
  const productConfidence = product
    ? productWorth(product, probed ? given : 1, probed ? serviceConfidence : 1, maps)
    : 0;
  const versionConfidence =
    (product ? productConfidence : serviceConfidence) *
    (version ? applyMonotone(maps.version, version.probability) : 0);
  const details = product?.support.evidence ?? nameless;
  // Who contends for the product's place is not believed about the machine either.
  const besides = product
    ? [...nameless, ...ofService.filter((piece) => !listening.includes(piece))]
    : ofService;

  return {
    service: service?.name ?? null,
    method: probed ? "probed" : "table",
    product: product?.label ?? null,
    vendor: product?.vendor ?? null,
    version: version?.version ?? null,
    info: detail(details, "info") ?? detail(nameless, "info"),
    reportedHostname: detail(details, "hostname") ?? detail(ofService, "hostname"),
    os: detail(details, "os") ?? detail(besides, "os"),
    device: detail(details, "device") ?? detail(besides, "device"),
    cpe: cpes(product, ownVersion?.version ?? null, details),
    confidence: round(product ? productConfidence : serviceConfidence),
    confidences: {
      service: round(serviceConfidence),
      product: round(productConfidence),
      version: round(versionConfidence),
    },
    technologies: technologies(
      [...input.evidence.filter((piece) => !echoes.has(piece)), ...behind],
      serviceConfidence,
    ),
    conflicts: [
      ...(service ? service.conflicts : []),
      ...(product ? product.conflicts : []),
      ...(version ? version.conflicts : []),
    ],
  };
}

/** Built-in claims were measured; a certainty that an operator's rule or file states stays what was stated. */
function productWorth(
  { probability, support: { evidence }, conflicts }: NonNullable<ReturnType<typeof fuseProduct>>,
  given: number,
  service: number,
  maps: ConfidenceMaps,
): number {
  const measured = evidence.some(({ signature }) => signature.startsWith("builtin:"));
  const worth = measured
    ? Math.min(service, applyMonotone(maps.product, given * probability))
    : service * probability;
  return conflicts.length > 0 ? Math.min(worth, CONTESTED_MOST) : worth;
}

/** Strongest first, and one fixed order among equals: the verdict does not depend on which answer came first. */
function byStrength(a: Evidence, b: Evidence): number {
  if (a.weight !== b.weight) return b.weight - a.weight;
  const [left, right] = [a, b].map(({ signature, source, family, claim, excerpt }) =>
    JSON.stringify([signature, source, family, Object.entries(claim).sort(), excerpt]),
  );
  return (left ?? "") < (right ?? "") ? -1 : left === right ? 0 : 1;
}

const round = (probability: number) => Math.round(Math.min(probability, MOST_CERTAIN) * 1000) / 1000;

/** The strongest piece that tells `field` wins. */
function detail(evidence: readonly Evidence[], field: "info" | "hostname" | "os" | "device"): string | null {
  let best: Evidence | null = null;
  for (const piece of evidence) {
    if (piece.claim[field] && (!best || piece.weight > best.weight)) best = piece;
  }
  return best?.claim[field] ?? null;
}

function fuseService({ port, transport, evidence, asked }: FuseInput) {
  // Who names the product has named the service: an exact product token is the stronger evidence for it.
  const supports = supportBy(
    evidence.map((piece) =>
      piece.claim.product ? { ...piece, weight: piece.weight - PRODUCT_PRIOR } : piece,
    ),
    (piece) => piece.claim.service ?? null,
  );
  const priors = new Map<string, number>();
  for (const { service, prior } of servicesOf(port, transport)) {
    priors.set(service, asked && !supports.has(service) ? prior * SILENCE_FACTOR : prior);
  }
  for (const name of supports.keys()) {
    if (!priors.has(name)) priors.set(name, UNREGISTERED_SERVICE_PRIOR);
  }
  if (priors.size === 0) return null;
  const named = [...priors.values()].reduce((sum, prior) => sum + prior, 0);
  const somethingElse = Math.log(Math.max(1 - named, SOMETHING_ELSE_PRIOR));
  const scores = new Map(
    [...priors].map(([name, prior]) => [name, Math.log(prior) + (supports.get(name)?.weight ?? 0)]),
  );
  const ranked = posterior(scores, somethingElse);
  // What answered outranks what only the port number suggests.
  const winner = ranked.find(({ name }) => supports.has(name)) ?? tableService(port, transport, ranked);
  if (!winner) return null;
  return {
    ...winner,
    support: supports.get(winner.name) ?? null,
    conflicts: rivals("service", winner.name, supports, (name) => name),
  };
}

/** Nothing answered as anything: the name that is registered for the port, as the services table has it. */
function tableService(port: number, transport: Transport, ranked: readonly Ranked[]): Ranked | undefined {
  const registered = serviceName(port, transport);
  return ranked.find(({ name }) => name === registered) ?? ranked[0];
}

/** Which product a piece claims, as a key of the registry or as its name squashed. */
export const productKey = (piece: Evidence): string | null =>
  piece.claim.product
    ? identify({ product: piece.claim.product, vendor: piece.claim.vendor ?? null }).key
    : null;

function fuseProduct(evidence: readonly Evidence[]) {
  const supports = supportBy(evidence, productKey);
  if (supports.size === 0) return null;
  const scores = new Map([...supports].map(([key, { weight }]) => [key, PRODUCT_PRIOR + weight]));
  const winner = posterior(scores, 0)[0];
  const own = winner && supports.get(winner.name);
  const claim = own?.evidence[0]?.claim;
  if (!winner || !own || !claim?.product) return null;
  const identity = identify({ product: claim.product, vendor: claim.vendor ?? null });
  return {
    probability: winner.probability,
    support: own,
    identity,
    // The words of the strongest piece; the identity only tells which pieces speak of the same.
    label: claim.product,
    vendor: identity.vendor ?? claim.vendor ?? null,
    conflicts: rivals("product", claim.product, supports, (key) => {
      const rival = supports.get(key)?.evidence[0]?.claim;
      return key === winner.name ? (claim.product ?? key) : (rival?.product ?? key);
    }),
  };
}

/** Two versions agree when one is the other cut at a separator: 9.2 and 9.2p1, 2.4 and 2.4.57. */
function refines(longer: string, shorter: string): boolean {
  return (
    longer === shorter || (longer.startsWith(shorter) && /^[.\-_+~p]/.test(longer.slice(shorter.length)))
  );
}

function fuseVersion(evidence: readonly Evidence[]) {
  const read = supportBy(evidence, (piece) => piece.claim.version ?? null);
  if (read.size === 0) return null;
  // A coarser reading supports every finer one that refines it.
  const supports = supportBy([], () => null);
  for (const version of read.keys()) {
    const coarser = [...read.keys()].filter((other) => refines(version, other));
    const agreeing = evidence.filter((piece) => piece.claim.version && coarser.includes(piece.claim.version));
    for (const [, value] of supportBy(agreeing, () => version)) supports.set(version, value);
  }
  const finest = [...supports].filter(
    ([version]) => ![...supports.keys()].some((other) => other !== version && refines(other, version)),
  );
  const scores = new Map(finest.map(([version, { weight }]) => [version, VERSION_PRIOR + weight]));
  const winner = posterior(scores, 0)[0];
  if (!winner) return null;
  return {
    version: winner.name,
    probability: winner.probability,
    conflicts: rivals("version", winner.name, new Map(finest), (version) => version),
  };
}

function rivals(
  field: Conflict["field"],
  winner: string,
  supports: ReadonlyMap<string, Support>,
  label: (key: string) => string,
): Conflict[] {
  return [...supports]
    .filter(([key, { weight }]) => label(key) !== winner && weight >= CONFLICT_WEIGHT)
    .map(([key, { evidence }]) => ({
      field,
      claimed: winner,
      against: label(key),
      signatures: [...new Set(evidence.map((piece) => piece.signature))],
    }));
}

function cpes(
  product: ReturnType<typeof fuseProduct>,
  version: string | null,
  details: readonly Evidence[],
): string[] {
  const strongest = product?.support.evidence[0]?.claim;
  const claimed = details.flatMap((piece) => piece.claim.cpe ?? []);
  // Who names the product and this version names the CPEs, too, even if it knows none; OS and hardware may come from others.
  if (strongest?.cpe && (strongest.version ?? null) === version)
    return [...new Set([...strongest.cpe, ...claimed.filter((cpe) => !cpe.startsWith("cpe:2.3:a:"))])];
  const own = product ? cpe23(product.identity, version) : null;
  // The product's own name first; further application names only where the identity has none; then OS and hardware.
  const further = claimed.filter((cpe) => cpe !== own && (own === null || !cpe.startsWith("cpe:2.3:a:")));
  return [...new Set([...(own ? [own] : []), ...further])];
}

function technologies(evidence: readonly Evidence[], serviceConfidence: number): Verdict["technologies"] {
  const supports = supportBy(evidence, (piece) => piece.claim.technology?.name ?? null);
  return [...supports]
    .map(([name, { weight, evidence: pieces }]) => ({
      name,
      version: pieces.find((piece) => piece.claim.technology?.version)?.claim.technology?.version ?? null,
      confidence: round(serviceConfidence / (1 + Math.exp(-(PRODUCT_PRIOR + weight)))),
    }))
    .sort((a, b) => b.confidence - a.confidence || (a.name < b.name ? -1 : 1));
}
