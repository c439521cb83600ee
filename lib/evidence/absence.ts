/**
 * What is missing. A few servers show themselves in an answer that no operator writes, whatever they were told to call themselves (`shown-by`
 * in places.yaml). Who bears such a name, gave that answer, and has nothing of its manner in all that was heard, may be somebody else: an
 * application with a borrowed `Server` field, a honeypot, a proxy. That needs no signature of whoever it is in truth.
 */
import type { Evidence } from "../model/evidence.ts";
import type { Conflict } from "../model/fingerprint.ts";
import { latin1, type Response } from "../model/observation.ts";
import { type Place, placeOf } from "../registry/places.ts";
import { productKey } from "./contests.ts";
import type { Support } from "./hypotheses.ts";
import { COMPILED_IN } from "./kinds.ts";
import { isLabel } from "./roles.ts";
import { UNSHOWN_SHARE } from "./weights.ts";

/** Source and family of what was looked for and not found. */
export const ABSENCE = "absence";
const SIGNATURE = `builtin:${ABSENCE}/`;
/** Whom a conflict names where a name is doubted and no other is known. */
const SOMETHING_ELSE = "something else";

/** A reply in the manner of FTP and SMTP that the request is not served: it has nothing to show. */
const DECLINED = /^[45]\d\d[ -]/;
const EHLO = "smtp.ehlo";
/** Families of what an answer to no request says (lib/protocols/http-facts.ts). */
const REFUSAL = /^(?:reply:)?http\.refusal/;
/** As much of an answer is looked through, bytes. */
const MAX_HEAD = 8192;

/** Names that their answers do not bear out, once each. `responses`: those with bytes. */
export function absences(evidence: readonly Evidence[], responses: readonly Response[]): Evidence[] {
  const labels = new Map(evidence.filter(isLabel).map((piece) => [productKey(piece), piece.claim] as const));
  const named = [...labels].flatMap(([name, claim]) =>
    name !== null && isTestable(placeOf(name)) ? [{ name, claim, ...placeOf(name) }] : [],
  );
  // As a rule nobody is: this is read after every answer, and who else is named need not be looked up.
  if (named.length === 0) return [];
  const others = evidence.filter((piece) => !isLabel(piece) && productKey(piece) !== null);
  const shown = new Set(
    others.flatMap((piece) => [productKey(piece), placeOf(productKey(piece) ?? "").base]),
  );
  return named.flatMap((one) => {
    const { name, claim, base } = one;
    if (shown.has(name)) return [];
    // What is built on a server that signs for itself does so, too, and by its own name.
    const bornOut = base !== null && shown.has(base) && !placeOf(base).replaces;
    const excerpt =
      (bornOut ? null : unanswered(one, responses)) ??
      unwritten(one, responses) ??
      anothers(one, others) ??
      unsigned(one, others, responses);
    return excerpt === null
      ? []
      : [
          {
            source: ABSENCE,
            family: ABSENCE,
            claim: { ...(claim.service && { service: claim.service }) },
            weight: 0,
            excerpt: `${excerpt} ${claim.product}`,
            signature: SIGNATURE + name,
          },
        ];
  });
}

const isTestable = ({ shownBy, own, fields, extensions }: Place) =>
  shownBy !== null || own || fields.length > 0 || extensions.length > 0;

/** The answer that would show it was given, and is not its. */
function unanswered({ shownBy }: Place, responses: readonly Response[]): string | null {
  const heard = responses.some(({ probe, data }) => probe === shownBy && !isDeclined(data));
  return heard ? `the answer to ${shownBy} is not that of` : null;
}

/** No answer holds what all of its answers do. */
function unwritten({ fields, extensions }: Place, responses: readonly Response[]): string | null {
  const lacks = (wanted: readonly string[], texts: readonly string[], behind: string) =>
    !texts.some((text) => wanted.some((word) => text.includes(`\n${word}${behind}`)));
  if (fields.length > 0) {
    // One answer may be a special one, or not all that was said.
    const heads = responses.map(headOf).filter((head) => head !== "");
    if (heads.length > 1 && lacks(fields, heads, ":"))
      return `none of the fields ${fields.join(", ")} is written, as by`;
  }
  if (extensions.length > 0) {
    const lists = responses.filter(({ probe, data }) => probe === EHLO && !isDeclined(data)).map(listOf);
    if (lists.length > 0 && lacks(extensions, lists, ""))
      return `none of the extensions ${extensions.join(", ")} is offered, as by`;
  }
  return null;
}

const isDeclined = (data: Uint8Array) => DECLINED.test(latin1(data.subarray(0, 4)));

/** Extensions of ESMTP, each behind a line's end, in lower case. */
const listOf = ({ data }: Response) =>
  latin1(data.subarray(0, MAX_HEAD))
    .toLowerCase()
    .replace(/^250[ -]/gm, "");

/** Status line and fields in lower case; empty where it is no answer of HTTP. */
function headOf({ data }: Response): string {
  const text = latin1(data.subarray(0, MAX_HEAD));
  return /^HTTP\/1\.[01] \d{3}/.test(text) ? (text.split("\r\n\r\n", 1)[0] ?? "").toLowerCase() : "";
}

/**
 * What is built into programs answers in its own manner, and who is named is built on nothing: it is not in his place. A front may have passed the
 * pages of such a program on, but not its refusal.
 */
function anothers({ own, rank, base }: Place, others: readonly Evidence[]): string | null {
  if (!own) return null;
  const other = others.find((piece) => {
    const key = productKey(piece) ?? "";
    const refuses = REFUSAL.test(piece.family);
    return key !== base && placeOf(key).part && (refuses || (rank === 0 && piece.weight >= COMPILED_IN));
  });
  return other ? `${other.source} is that of ${other.claim.product}, not of` : null;
}

/**
 * Who signs its pages in a field signs its refusals, too. A program that was given a name to say says it where it is asked for a page, and what it
 * is built on refuses without. Fronts that refuse in this way are known, and speak for themselves.
 */
function unsigned(
  { own, part }: Place,
  others: readonly Evidence[],
  responses: readonly Response[],
): string | null {
  if (!own || part || others.some(({ family }) => REFUSAL.test(family))) return null;
  const heads = (refusals: boolean) =>
    responses
      .filter(({ probe }) => REFUSAL.test(probe) === refusals)
      .map(headOf)
      .filter((head) => head !== "");
  const signed = (head: string) => head.includes("\nserver:");
  const refusals = heads(true).filter((head) => /^http\/1\.[01] [45]/.test(head));
  return refusals.length > 0 && !refusals.some(signed) && heads(false).some(signed)
    ? "the refusal does not bear the name of"
    : null;
}

/** The signatures that speak against names, by key. */
const missing = (evidence: readonly Evidence[]) =>
  new Map(
    evidence
      .filter(({ source }) => source === ABSENCE)
      .map(({ signature }) => [signature.slice(SIGNATURE.length), signature]),
  );

/** The names against which something speaks. */
export const unshownNames = (evidence: readonly Evidence[]): ReadonlySet<string> =>
  new Set(missing(evidence).keys());

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
