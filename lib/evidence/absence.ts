/**
 * What is missing. A few servers show themselves in an answer that no operator writes, whatever they were told to call themselves (`shown-by`
 * in places.yaml). Who bears such a name, gave that answer, and has nothing of its manner in all that was heard, may be somebody else: an
 * application with a borrowed `Server` field, a honeypot, a proxy. That needs no signature of whoever it is in truth.
 */
import type { Evidence } from "../model/evidence.ts";
import type { Conflict } from "../model/fingerprint.ts";
import { latin1, type Response } from "../model/observation.ts";
import { placeOf } from "../registry/places.ts";
import { productKey } from "./contests.ts";
import type { Support } from "./hypotheses.ts";
import { isLabel } from "./roles.ts";
import { UNSHOWN_SHARE } from "./weights.ts";

/** Source and family of what was looked for and not found. */
export const ABSENCE = "absence";
const SIGNATURE = `builtin:${ABSENCE}/`;
/** Whom a conflict names where a name is doubted and no other is known. */
const SOMETHING_ELSE = "something else";

/** A reply in the manner of FTP and SMTP that the request is not served: it has nothing to show. */
const DECLINED = /^[45]\d\d[ -]/;

/** Names that an answer of theirs does not bear out, once each. `responses`: those with bytes. */
export function absences(evidence: readonly Evidence[], responses: readonly Response[]): Evidence[] {
  const answers = responses.filter(({ data }) => !DECLINED.test(latin1(data.subarray(0, 4))));
  const heard = new Set(answers.map(({ probe }) => probe));
  const labels = new Map(evidence.filter(isLabel).map((piece) => [productKey(piece), piece.claim] as const));
  const asked = [...labels].flatMap(([name, claim]) => {
    const { shownBy, base } = placeOf(name ?? "");
    return name !== null && shownBy !== null && heard.has(shownBy) ? [{ name, claim, shownBy, base }] : [];
  });
  // As a rule nobody is: this is read after every answer, and who else is named need not be looked up.
  if (asked.length === 0) return [];
  const shown = new Set<string>();
  for (const piece of evidence) {
    const name = isLabel(piece) ? null : productKey(piece);
    if (name !== null) shown.add(name).add(placeOf(name).base ?? name);
  }
  return asked
    .filter(({ name, base }) => !shown.has(name) && (base === null || !shown.has(base)))
    .map(({ name, claim, shownBy }) => ({
      source: ABSENCE,
      family: ABSENCE,
      claim: { ...(claim.service && { service: claim.service }) },
      weight: 0,
      excerpt: `the answer to ${shownBy} is not that of ${claim.product}`,
      signature: SIGNATURE + name,
    }));
}

/** The signatures that speak against names, by key. */
const missing = (evidence: readonly Evidence[]) =>
  new Map(
    evidence
      .filter(({ source }) => source === ABSENCE)
      .map(({ signature }) => [signature.slice(SIGNATURE.length), signature]),
  );

/** The evidence, with names doubted that an answer does not bear out. */
export function unshown(evidence: readonly Evidence[]): Evidence[] {
  const against = missing(evidence);
  return evidence.map((piece) =>
    isLabel(piece) && against.has(productKey(piece) ?? "")
      ? { ...piece, weight: piece.weight * UNSHOWN_SHARE }
      : piece,
  );
}

/** Of a contest, names that an answer does not bear out: the winner's, and those too weak by now to be rivals of it. */
export function unshownConflicts(
  { label, conflicts, support }: { label: string; conflicts: readonly Conflict[]; support: Support },
  evidence: readonly Evidence[],
): Conflict[] {
  return [...missing(evidence)].flatMap(([name, signature]) => {
    const bears = (piece: Evidence) => productKey(piece) === name;
    const against = support.evidence.some(bears) ? SOMETHING_ELSE : evidence.find(bears)?.claim.product;
    return against === undefined || conflicts.some((known) => known.against === against)
      ? []
      : [{ field: "product" as const, claimed: label, against, signatures: [signature] }];
  });
}
