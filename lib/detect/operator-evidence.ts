/**
 * What the operator's rules and Recog files claim, made to fit the rest. They know texts that our grammar only guesses at. They may name a
 * product without its service: it is then at home in the service that everything else shows. Which of several products listens is told
 * in lib/evidence/roles.ts.
 */
import type { Evidence } from "../model/evidence.ts";

const isOperators = ({ signature }: Evidence) =>
  signature.startsWith("rules:") || signature.startsWith("recog:");
const UNKNOWN = "unknown";
const GRAMMAR = "builtin:grammar/";

export function inPlace(evidence: readonly Evidence[]): Evidence[] {
  if (!evidence.some(isOperators)) return [...evidence];
  return housed(withoutGuesses(evidence));
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
