/**
 * Evidence to verdict: a pure function, the same in the prober (which asks it when to stop) and in the aggregator (which writes what it
 * says).
 *
 * Three questions one inside the other: which service, given the port's prior; which product, given the service; which version, given the
 * product. Each is a contest (`contests.ts`) of hypotheses with an explicit "something else", in log-odds: prior plus the weights of
 * independent families of evidence (`hypotheses.ts`). Evidence for a losing product does not vanish: it takes its share of the posterior, which lowers
 * the winner's confidence, and it is named as a conflict.
 */

import type { Evidence } from "../model/evidence.ts";
import type { Verdict } from "../model/fingerprint.ts";
import { placeOf } from "../registry/places.ts";
import { cpe23 } from "../registry/products.ts";
import { unshown, unshownConflicts, unshownNames } from "./absence.ts";
import { type FuseInput, fuseProduct, fuseService, fuseVersion, productKey } from "./contests.ts";
import { type ConfidenceMaps, fitted } from "./fitted.ts";
import { outread, supportBy } from "./hypotheses.ts";
import { applyMonotone } from "./isotonic.ts";
import { isBuiltin } from "./kinds.ts";
import { assignRoles, doubted, RECORDING, SILENCE } from "./roles.ts";
import { CONTESTED_MOST, LEAST_NAMED, MOST_CERTAIN, PRODUCT_PRIOR } from "./weights.ts";

/** Evidence that the whole of an answer is doubted, and no other product claimed. */
const DOUBTS: ReadonlySet<string> = new Set([RECORDING, SILENCE]);

/** `maps`: what the posteriors are worth, measured; others, and names however unsure (`least` 0), only where they are being fitted. */
export function fuse(
  { evidence, ...endpoint }: FuseInput,
  maps: ConfidenceMaps = fitted.maps,
  least = LEAST_NAMED,
): Verdict {
  const input: FuseInput = { ...endpoint, evidence: [...evidence].sort(byStrength) };
  const service = fuseService(input);
  const probed = service !== null && service.support !== null;
  const ofService = input.evidence.filter(
    (piece) => piece.claim.service === undefined || piece.claim.service === service?.name,
  );
  const { listening, behind, echoes } = assignRoles(ofService, productKey, unshownNames(ofService));
  const claimed = unshown(doubted(outread(listening, productKey), productKey));
  // Where neither an answer nor the port tells the service, a certificate still names who speaks.
  const contest = probed || service === null ? fuseProduct(claimed) : null;
  const likeliest = contest && {
    ...contest,
    conflicts: [...contest.conflicts, ...unshownConflicts(contest, mayPassOn(contest) ? claimed : ofService)],
  };
  const given = service?.probability ?? 0;
  // Only answers were measured; what the port's number alone suggests is left as the registry has it.
  const serviceConfidence = probed ? applyMonotone(maps.service, given) : given;
  const likelihood = likeliest
    ? productWorth(likeliest, probed ? given : 1, probed ? serviceConfidence : 1, maps)
    : 0;
  // What is doubted is named even so: that it is claimed, and what speaks against it, is what there is to say.
  const doubt = likeliest?.conflicts.length !== 0 || ofService.some(({ source }) => DOUBTS.has(source));
  const named = likelihood >= least || doubt || !likeliest.support.evidence.every(isBuiltin);
  const [product, productConfidence] = named ? [likeliest, likelihood] : [null, 0];
  const guess = named ? null : `perhaps ${likeliest.label}`;
  const ownVersion = product ? fuseVersion(product.support.evidence) : null;
  // What a service tells of itself without naming a product: the version range of an RPC program.
  const nameless = ofService.filter((piece) => !piece.claim.product);
  const version = ownVersion ?? (probed ? fuseVersion(nameless) : null);

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
    info: detail(details, "info") ?? detail(nameless, "info") ?? guess,
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

/** Fronts pass the names of others on, and of what an operator's rule names he knows what carries it; nobody else bears another's name in good faith. */
const mayPassOn = ({ identity, support }: NonNullable<ReturnType<typeof fuseProduct>>) =>
  placeOf(identity.key).rank > 0 || !support.evidence.every(isBuiltin);

/** Built-in claims were measured; a certainty that an operator's rule or file states stays what was stated. */
function productWorth(
  { probability, support: { evidence }, conflicts }: NonNullable<ReturnType<typeof fuseProduct>>,
  given: number,
  service: number,
  maps: ConfidenceMaps,
): number {
  const measured = evidence.some(isBuiltin);
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

type Detail = "info" | "hostname" | "os" | "device";

/** The strongest piece that tells `field` wins, unless one says the same and more: of `AVM` and `AVM FRITZ!Box 7490` the model is told. */
function detail(evidence: readonly Evidence[], field: Detail): string | null {
  const told = strongest(evidence, field);
  if (told === null) return null;
  const start = told.toLowerCase();
  const more = evidence.filter(({ claim }) => {
    const said = claim[field]?.toLowerCase() ?? "";
    return said.startsWith(start) && /^[ /-]/.test(said.slice(start.length));
  });
  return strongest(more, field) ?? told;
}

function strongest(evidence: readonly Evidence[], field: Detail): string | null {
  let best: Evidence | null = null;
  for (const piece of evidence) {
    if (piece.claim[field] && (!best || piece.weight > best.weight)) best = piece;
  }
  return best?.claim[field] ?? null;
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
