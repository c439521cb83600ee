/**
 * The three questions of a verdict, each a competition of hypotheses with an explicit "something else", in log-odds: which service, given the port's
 * prior; which product; which version. Whom the evidence speaks for beside the winner is named as a conflict.
 */

import type { Transport } from "../model/endpoint.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Conflict } from "../model/fingerprint.ts";
import { placeOf } from "../registry/places.ts";
import { builtinPorts, type PortRegistry } from "../registry/ports.ts";
import { identify } from "../registry/products.ts";
import { posterior, type Ranked, type Support, supportBy } from "./hypotheses.ts";
import {
  CONFLICT_WEIGHT,
  PRODUCT_PRIOR,
  SILENCE_FACTOR,
  SOMETHING_ELSE_PRIOR,
  UNREGISTERED_SERVICE_PRIOR,
  VERSION_PRIOR,
} from "./weights.ts";

export interface FuseInput {
  port: number;
  transport: Transport;
  /** What the port suggests; absent: the built-in table. */
  ports?: PortRegistry | undefined;
  evidence: readonly Evidence[];
  /** Was the endpoint asked anything yet? Silence after asking counts against the port's prior. */
  asked: boolean;
}

export function fuseService({ port, transport, ports = builtinPorts, evidence, asked }: FuseInput) {
  // Who names the product has named the service: an exact product token is the stronger evidence for it.
  const supports = supportBy(
    evidence.map((piece) =>
      piece.claim.product ? { ...piece, weight: piece.weight - PRODUCT_PRIOR } : piece,
    ),
    (piece) => piece.claim.service ?? null,
  );
  const priors = new Map<string, number>();
  for (const { service, prior } of ports.servicesOf(port, transport)) {
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
  const winner =
    ranked.find(({ name }) => supports.has(name)) ?? tableService(ports.serviceName(port, transport), ranked);
  if (!winner) return null;
  return {
    ...winner,
    support: supports.get(winner.name) ?? null,
    // TLS is a layer: that it is spoken contradicts no service.
    conflicts: rivals(
      "service",
      winner.name,
      withoutSharedBytes(supports, winner.name),
      (name) => name,
    ).filter(({ against }) => against !== "ssl"),
  };
}

/** Another reading of what the winner is read from contradicts nobody: a greeting in 220 may be that of a dictionary, of files and of mail. */
function withoutSharedBytes(
  supports: ReadonlyMap<string, Support>,
  winner: string,
): ReadonlyMap<string, Support> {
  const families = new Set(supports.get(winner)?.evidence.map(({ family }) => family));
  const own = [...supports.values()]
    .flatMap(({ evidence }) => evidence)
    .filter(({ family }) => !families.has(family));
  return supportBy(own, ({ claim }) => claim.service ?? null);
}

/** Nothing answered as anything: the name that is registered for the port, as the services table has it. */
function tableService(registered: string | null, ranked: readonly Ranked[]): Ranked | undefined {
  return ranked.find(({ name }) => name === registered) ?? ranked[0];
}

/** Which product a piece claims, as a key of the registry or as its name squashed. */
export const productKey = (piece: Evidence): string | null =>
  piece.claim.product
    ? identify({ product: piece.claim.product, vendor: piece.claim.vendor ?? null }).key
    : null;

export function fuseProduct(evidence: readonly Evidence[]) {
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
    conflicts: [
      ...rivals("product", claim.product, supports, (key) => {
        const rival = supports.get(key)?.evidence[0]?.claim;
        return key === winner.name ? (claim.product ?? key) : (rival?.product ?? key);
      }),
      ...(placeOf(winner.name).scripted ? devices(claim.product, evidence) : []),
    ],
  };
}

/** No device's own server is a script: what names a device only, beside such a product, is a false name as well. */
function devices(claimed: string, evidence: readonly Evidence[]): Conflict[] {
  const named = evidence.filter(({ claim }) => claim.device && !claim.product);
  return [...Map.groupBy(named, ({ claim }) => claim.device ?? "")].map(([against, pieces]) => ({
    field: "product",
    claimed,
    against,
    signatures: pieces.map(({ signature }) => signature),
  }));
}

/** Two versions agree when one is the other cut at a separator: 9.2 and 9.2p1, 2.4 and 2.4.57. */
function refines(longer: string, shorter: string): boolean {
  return (
    longer === shorter || (longer.startsWith(shorter) && /^[.\-_+~p]/.test(longer.slice(shorter.length)))
  );
}

export function fuseVersion(evidence: readonly Evidence[]) {
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
