/**
 * What the operator's rules and Recog files claim, put in its place among the rest. They know texts that our grammar only guesses at. They may name a product without its service: it is
 * then at home in the service that everything else shows. And a rule may name the application behind a web server that names itself:
 * both are right, and the server software is then a part of what the rule names.
 */
import type { Evidence } from "../model/evidence.ts";
import { identify } from "../registry/products.ts";

const isRule = ({ signature }: Evidence) => signature.startsWith("rules:");
const isOperators = (piece: Evidence) => isRule(piece) || piece.signature.startsWith("recog:");
const UNKNOWN = "unknown";
const GRAMMAR = "builtin:grammar/";
/** Nats: a rule below this confidence (0.5) does not overrule what a server says of itself. */
const RULE_WEIGHT = 3;
/** The service whose servers carry applications. */
const CARRIER = "http";

export function inPlace(evidence: readonly Evidence[]): Evidence[] {
  if (!evidence.some(isOperators)) return [...evidence];
  return applicationsFirst(housed(withoutGuesses(evidence)));
}

/** The grammar's reading of a text is for texts that no signature knows. */
function withoutGuesses(evidence: readonly Evidence[]): Evidence[] {
  const known = evidence.filter((piece) => isOperators(piece) && piece.claim.product);
  const guessed = ({ signature, claim, family, excerpt }: Evidence) =>
    signature.startsWith(GRAMMAR) &&
    claim.product !== undefined &&
    known.some(
      (piece) =>
        piece.family === family && (piece.excerpt.includes(excerpt) || excerpt.includes(piece.excerpt)),
    );
  return evidence.filter((piece) => !guessed(piece));
}

function housed(evidence: readonly Evidence[]): Evidence[] {
  const shown = evidence.filter(({ claim }) => claim.service && claim.service !== UNKNOWN);
  const [strongest] = shown.sort((a, b) => b.weight - a.weight);
  const service = strongest?.claim.service ?? UNKNOWN;
  return evidence.map((piece) =>
    isOperators(piece) && piece.claim.product && (piece.claim.service ?? UNKNOWN) === UNKNOWN
      ? { ...piece, claim: { ...piece.claim, service } }
      : piece,
  );
}

const keyOf = ({ claim: { product = "", vendor } }: Evidence) =>
  identify({ product, vendor: vendor ?? null }).key;

function applicationsFirst(evidence: readonly Evidence[]): Evidence[] {
  const applications = new Set(
    evidence
      .filter((piece) => isRule(piece) && piece.claim.service === CARRIER && piece.weight >= RULE_WEIGHT)
      .map(keyOf),
  );
  if (applications.size === 0) return [...evidence];
  return evidence.map((piece) => {
    const { service, product, version } = piece.claim;
    if (isRule(piece) || service !== CARRIER || !product || applications.has(keyOf(piece))) return piece;
    const { os, hostname } = piece.claim;
    return {
      ...piece,
      claim: {
        service,
        technology: { name: product, version: version ?? null },
        ...(os ? { os } : {}),
        ...(hostname ? { hostname } : {}),
      },
    };
  });
}
