/**
 * What is missing. A few servers show themselves in an answer that no operator writes, whatever they were told to call themselves (`shown-by`
 * in places.yaml). Who bears such a name, gave that answer, and has nothing of its manner in all that was heard, may be somebody else: an
 * application with a borrowed `Server` field, a honeypot, a proxy. That needs no signature of whoever it is in truth.
 */
import type { Evidence } from "../model/evidence.ts";
import type { Conflict } from "../model/fingerprint.ts";
import { type Fact, latin1, type Response } from "../model/observation.ts";
import { type Place, placeOf } from "../registry/places.ts";
import { productKey } from "./contests.ts";
import type { Support } from "./hypotheses.ts";
import { COMPILED_IN } from "./kinds.ts";
import { isLabel, REFUSAL } from "./roles.ts";
import { UNSHOWN_SHARE } from "./weights.ts";

/** Source and family of what was looked for and not found. */
export const ABSENCE = "absence";
const SIGNATURE = `builtin:${ABSENCE}/`;
/** Whom a conflict names where a name is doubted and no other is known. */
const SOMETHING_ELSE = "something else";

/** A reply in the manner of FTP and SMTP that this client is not served, or not yet: it has nothing to show. */
const DECLINED = /^(?:4\d\d|50[13-9]|5[1-9]\d)[ -]/;
/** Families of what an answer to no request says (lib/protocols/http-facts.ts). */
const OF_REFUSAL = /^(?:reply:)?http\.refusal/;
/** For how long a refusal is waited at least (lib/protocols/http.ts), ms: where a recording does not tell. */
const REFUSAL_MS = 500;
/** Families of what is easily copied: who signs his refusals with a name is shown to bear it by those, by other errors, or by his habits. */
const COPIED = /^http\.(?:body|headers)$/;
/** As much of an answer is looked through, bytes. */
const MAX_HEAD = 8192;

/** Names that their answers do not bear out, once each. */
export function absences(
  evidence: readonly Evidence[],
  responses: readonly Response[],
  facts: readonly Fact[],
): Evidence[] {
  const labels = new Map(evidence.filter(isLabel).map((piece) => [productKey(piece), piece.claim] as const));
  const named = [...labels].flatMap(([name, claim]) =>
    name !== null && isTestable(placeOf(name)) ? [{ name, claim, ...placeOf(name) }] : [],
  );
  // As a rule nobody is: this is read after every answer, and who else is named need not be looked up.
  if (named.length === 0) return [];
  const said = answersIn(responses, facts);
  const others = evidence.filter((piece) => !isLabel(piece) && productKey(piece) !== null);
  const signs = signsRefusals(responses);
  const own = others.filter(({ family }) => !(signs && COPIED.test(family)));
  const shown = new Set(own.flatMap((piece) => [productKey(piece), placeOf(productKey(piece) ?? "").base]));
  return named.flatMap((one) => {
    const { name, claim, base } = one;
    if (shown.has(name)) return [];
    // What is built on a server that signs for itself does so, too, and by its own name.
    const bornOut = base !== null && shown.has(base) && !placeOf(base).replaces;
    const excerpt =
      unanswered(bornOut ? { ...one, shownBy: null } : one, said) ??
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

const isTestable = ({ shownBy, own, fields, answers }: Place) =>
  shownBy !== null || own || fields.length > 0 || answers.length > 0;

/** The answer that would show it was given, and is not its. */
function unanswered({ shownBy, answers }: Place, said: (to: string) => string[]): string | null {
  const unlike = (to: string, like: RegExp) => {
    const texts = said(to).filter(
      (text) => like.test(text) || to.startsWith("http.") || !DECLINED.test(text),
    );
    return texts.length > 0 && !texts.some((text) => like.test(text));
  };
  const other =
    shownBy !== null && unlike(shownBy, NOTHING)
      ? shownBy
      : answers.find(({ to, like }) => unlike(to, like))?.to;
  return other === undefined ? null : `the answer to ${other} is not that of`;
}

/** What a signature would have read is like nothing. */
const NOTHING = /(?!)/;

/** The texts that answer a probe, or are the fact of that name. */
const answersIn = (responses: readonly Response[], facts: readonly Fact[]) => (to: string) => {
  const asked = responses.filter(({ probe }) => probe === to);
  return asked.length > 0
    ? asked.flatMap((response) => textOf(response) ?? silenceOf(response, responses) ?? [])
    : facts.filter(({ name }) => name === to).map(({ value }) => value);
};

const textOf = ({ data }: Response) => (data.length > 0 ? latin1(data.subarray(0, MAX_HEAD)) : null);

/** Who hangs up at a line that is no request has refused it, and so has he who is silent for twice as long as anything else took, the way included. */
function silenceOf(
  { probe, end, waitedMs = REFUSAL_MS }: Response,
  responses: readonly Response[],
): string | null {
  // A reset may have taken the answer with it.
  if (probe !== REFUSAL || end === "reset") return null;
  if (end !== "timeout") return "";
  const late = ({ data, firstByteMs }: Response) =>
    data.length > 0 && 2 * (firstByteMs ?? waitedMs) >= waitedMs;
  return responses.some(late) ? null : "...";
}

/** No answer holds what all of its answers do. */
function unwritten({ fields }: Place, responses: readonly Response[]): string | null {
  // One answer may be a special one, or not all that was said.
  const heads = responses.map(headOf).filter((head) => head !== "");
  const lacks = !heads.some((head) => fields.some((field) => head.includes(`\n${field}:`)));
  return fields.length > 0 && heads.length > 1 && lacks
    ? `none of the fields ${fields.join(", ")} is written, as by`
    : null;
}

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
    const refuses = OF_REFUSAL.test(piece.family);
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
  if (!own || part || others.some(({ family }) => OF_REFUSAL.test(family))) return null;
  const refusals = signatures(responses, true);
  return refusals.length > 0 && !refusals.some(Boolean) && signatures(responses, false).some(Boolean)
    ? "the refusal does not bear the name of"
    : null;
}

/** The `Server` fields of refusals, or of all other answers; empty where there is none. */
const signatures = (responses: readonly Response[], refusals: boolean): string[] =>
  responses
    .filter(({ probe }) => OF_REFUSAL.test(probe) === refusals)
    .map(headOf)
    .filter((head) => (refusals ? /^http\/1\.[01] [45]/ : /^http/).test(head))
    .map((head) => /\nserver:([^\r\n]*)/.exec(head)?.[1]?.trim() ?? "");

/** By the name that his other answers bear. */
const signsRefusals = (responses: readonly Response[]): boolean =>
  signatures(responses, true).some((name) => name !== "" && signatures(responses, false).includes(name));

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

/**
 * The evidence, with names doubted that an answer does not bear out. Who refuses then is what is left: that a program is built on it, and mostly
 * not called so, counts no more once its name is false.
 */
export function unshown(evidence: readonly Evidence[]): Evidence[] {
  const against = missing(evidence);
  const weighs = (piece: Evidence): number => {
    const key = productKey(piece) ?? "";
    if (isLabel(piece)) return against.has(key) ? piece.weight * UNSHOWN_SHARE : piece.weight;
    const refuses = against.size > 0 && OF_REFUSAL.test(piece.family) && placeOf(key).part;
    return refuses ? Math.max(piece.weight, COMPILED_IN) : piece.weight;
  };
  return evidence.map((piece) => ({ ...piece, weight: weighs(piece) }));
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
