/**
 * Who listens on the port, who stands behind it, who only appears in the page, and who is lying.
 *
 * Several programs speak in one answer of HTTP, and as a rule none of them lies: nginx before Tomcat, Grafana behind nginx, Jenkins made with
 * Jetty. Each is heard in a voice of its own, and a voice tells what it is worth:
 *
 * - what refuses a request that is none (`refusal`) never got further than the port: that is who listens;
 * - so does a proxy that names itself as the last hop of `Via` (RFC 9110 section 7.6.3), and the name under a refusal (`signed`);
 * - a `Server` field (`token`) may be the origin's, passed on, and is easily typed;
 * - an error page or a default page (`page`) is a server's own doing, of whichever server; so is the make of a file's validator (`etag`);
 *   the order of fields (`order`) is the last hop's;
 * - title, cookie, icon (`content`) belong to the application.
 *
 * One product listens (`mouth`). Every other one either contradicts it about that place, and both are left to compete (fusion calls it a
 * conflict), or stands behind it and becomes a technology, or is an echo of it and says nothing. In all other services nothing stands behind
 * anything, so all names compete, less the libraries that a named program is made with. In both cases what a program does outweighs what it was told to say (`doubted`).
 */
import type { Evidence } from "../model/evidence.ts";
import { type Place, placeOf } from "../registry/places.ts";
import { productByKey } from "../registry/products.ts";
import { COMPILED_IN } from "./kinds.ts";
import { CONTRADICTED_SHARE, PRODUCT_PRIOR, UNANSWERED_SHARE } from "./weights.ts";

/** Source and family of what was not said: a greeting, and no answer to what every server of its protocol answers. */
export const SILENCE = "silence";
/** Source and family of what shows a recording. */
export const RECORDING = "recording";

/** Identity of the product that a piece claims; null when it claims none. */
export type Key = (piece: Evidence) => string | null;

export interface Roles {
  /** Pieces that compete for the product, and those that claim none. */
  listening: Evidence[];
  /** Products behind it and inside of it, as technologies. */
  behind: Evidence[];
  /** Habits that a listening server shares with others: they claim nothing. */
  echoes: ReadonlySet<Evidence>;
}

type Voice = "rule" | "refusal" | "signed" | "via" | "token" | "page" | "order" | "etag" | "content";

/** The probe of a request that is none (lib/protocols/http-facts.ts), and what the families of its answer begin with. */
export const REFUSAL = "http.refusal";
/** An operator's rule below this confidence (0.5) does not overrule what a server says of itself, nats. */
const RULE_WEIGHT = -PRODUCT_PRIOR;

const isRule = ({ signature }: Evidence) => signature.startsWith("rules:");
const isWeb = ({ source, claim }: Evidence) =>
  source.startsWith("http.") && (claim.service ?? "http") === "http";

function voiceOf(piece: Evidence, { rank, part }: Place): Voice {
  const { source, family, claim, weight } = piece;
  if (isRule(piece) && claim.service === "http" && weight >= RULE_WEIGHT) return "rule";
  if (source === "http.via") return "via";
  if (source === "http.server") return family.startsWith(REFUSAL) ? "signed" : "token";
  if (source === REFUSAL || family.startsWith(REFUSAL)) return "refusal";
  if (source === "http.order") return "order";
  if (source === "http.etag") return "etag";
  // What an application shows of itself is content; the default page of a server is the server's own doing.
  return source === "http.errorPage" || rank > 0 || part ? "page" : "content";
}

interface Speaker extends Place {
  key: string;
  voices: ReadonlySet<Voice>;
  /** Of the strongest piece. */
  weight: number;
  /** An answer of its own does not bear it out: it is taken to stand before nobody. */
  doubtful: boolean;
}

/** `doubtful`: names that their own answers do not bear out (absence.ts). */
export function assignRoles(
  evidence: readonly Evidence[],
  key: Key,
  doubtful: ReadonlySet<string> = new Set(),
): Roles {
  const silent = new Set<Evidence>(libraries(evidence, key));
  const ruled = evidence.some((piece) => key(piece) !== null && voiceOf(piece, NOWHERE) === "rule");
  const heard = evidence.filter(
    (piece) => key(piece) !== null && (isWeb(piece) || (ruled && piece.claim.service === "http")),
  );
  const speakers = [...Map.groupBy(heard, (piece) => key(piece) ?? "")].map(([name, pieces]): Speaker => {
    const place = placeOf(name);
    const voices = new Set(pieces.map((piece) => voiceOf(piece, place)));
    const weight = Math.max(...pieces.map((piece) => piece.weight));
    return { ...place, key: name, voices, weight, doubtful: doubtful.has(name) };
  });
  const made = [...silent].map(asTechnology);
  if (speakers.length < 2)
    return { listening: evidence.filter((piece) => !silent.has(piece)), behind: made, echoes: new Set() };

  const main = mouth(speakers);
  const roles = new Map(
    speakers.map((one) => [one.key, one === main ? "listens" : roleOf(one, main, speakers)]),
  );
  const of = (role: Role) => heard.filter((piece) => roles.get(key(piece) ?? "") === role);
  const [behind, inside, echoes] = [of("behind"), of("inside"), of("echo")];
  for (const piece of [...behind, ...inside, ...echoes]) silent.add(piece);
  return {
    listening: evidence.filter((piece) => !silent.has(piece)),
    behind: [
      ...made,
      ...behind.map(asTechnology),
      ...inside.map((piece) => madeWith(piece) ?? asTechnology(piece)),
    ],
    echoes: new Set(echoes),
  };
}

/** Outside of HTTP: libraries beside a program that may well be made with them. */
function libraries(evidence: readonly Evidence[], key: Key): Evidence[] {
  const named = evidence.filter((piece) => key(piece) !== null && !isWeb(piece));
  const place = (piece: Evidence) => placeOf(key(piece) ?? "");
  const programs = named.filter((piece) => !place(piece).part);
  if (programs.length === 0 || programs.map(place).some(({ shaped, own }) => shaped || own)) return [];
  // No device's own server is a script, nor is a program that we know, but for those made with that very one.
  const compiled = (script: string | null) =>
    programs.some(
      (piece) =>
        piece.claim.device || (productByKey(key(piece) ?? "") !== null && place(piece).base !== script),
    );
  // A program says its own name: who calls himself a library and is shown to be a program has borrowed it.
  const introduced = programs.some(isLabel);
  return named.filter(
    (piece) =>
      place(piece).part &&
      !(place(piece).scripted && compiled(key(piece))) &&
      (introduced || !isLabel(piece)),
  );
}

const NOWHERE = placeOf("");
const has =
  (...voices: Voice[]) =>
  (one: Speaker) =>
    voices.some((voice) => one.voices.has(voice));
const only = (one: Speaker, ...voices: Voice[]) => [...one.voices].every((voice) => voices.includes(voice));
/** Of whom nothing but its name is there, and what is written in its manner by others, too. */
const isOnlyNamed = (one: Speaker) => only(one, "token", "signed", "order", "etag");
const isHabitual = (one: Speaker) => only(one, "order", "etag");
const isApplication = (one: Speaker) => one.rank === 0 && !one.part && !isHabitual(one);
const named = has("token");
/** It is shown to listen, not only said to. */
const proven = has("rule", "refusal", "signed", "via");

/** Furthest in front, then surest; one fixed order among equals. */
const foremost = (speakers: readonly Speaker[]): Speaker | undefined =>
  speakers.toSorted((a, b) => b.rank - a.rank || b.weight - a.weight || (a.key < b.key ? -1 : 1))[0];

function mouth(speakers: readonly Speaker[]): Speaker | undefined {
  const ruled = foremost(speakers.filter(has("rule")));
  if (ruled) return ruled;
  const refusing =
    foremost(speakers.filter(has("refusal"))) ??
    foremost(speakers.filter(has("signed"))) ??
    foremost(speakers.filter(has("via")));
  if (refusing) return outermost(refusing, speakers);
  const tokens = speakers.filter(named);
  const front = foremost(tokens.filter(({ rank }) => rank > 0));
  return front ?? foremost(tokens.filter((one) => !(one.part && speakers.some(isApplication))));
}

/** A server that comes inside of another refuses in that one's name, and that one perhaps in a third's. */
function outermost(refusing: Speaker, speakers: readonly Speaker[]): Speaker {
  const others = speakers.filter((one) => one !== refusing);
  const outer = foremost(others.filter((one) => isMadeWith(one, refusing)));
  return outer ? outermost(outer, others) : refusing;
}

/** A server that comes inside of others may be in any program, and in another one that is named and has no manner of its own. */
const isMadeWith = (one: Speaker, base: Speaker): boolean =>
  !one.doubtful &&
  (one.base === base.key ||
    placeOf(one.base ?? "").base === base.key ||
    (base.part &&
      base.rank === 0 &&
      !(base.whole && isOnlyNamed(one) && productByKey(one.key) !== null) &&
      (isApplication(one) || (named(one) && one.rank === 0 && !one.shaped))));

type Role = "listens" | "behind" | "inside" | "echo";

/** Of one that is not the mouth. */
function roleOf(one: Speaker, main: Speaker | undefined, speakers: readonly Speaker[]): Role {
  if (isHabitual(one)) return roleOfHabit(one, main, speakers);
  if (!main) return one.part && speakers.some(isApplication) ? "inside" : "listens";
  if (main.voices.has("rule")) return one.voices.has("rule") ? "listens" : "behind";
  if (isMadeWith(main, one)) return one.rank > 0 ? "echo" : "inside";
  return (proven(main) ? standsBehind(one, main, speakers) : mayStandBehind(one, main))
    ? "behind"
    : "listens";
}

/** An order of fields contradicts a name only where the order of the one so named is known; a validator is made alike by many. */
function roleOfHabit(one: Speaker, main: Speaker | undefined, speakers: readonly Speaker[]): Role {
  const contradicts = main
    ? one.voices.has("order") && !proven(main) && (main.shaped || productByKey(main.key) === null)
    : speakers.every(isHabitual);
  if (contradicts && !(main && isMadeWith(main, one))) return "listens";
  return one.rank > 0 || (main && main.rank > 0 && proven(main)) ? "echo" : "inside";
}

/** Behind who is known to listen, or a name that nobody bears? */
function standsBehind(one: Speaker, main: Speaker, speakers: readonly Speaker[]): boolean {
  if (!isOnlyNamed(one)) return true;
  if (one.voices.has("signed") || main.replaces || main.rank === 0 || one.rank > main.rank) return false;
  // A mere name: whose page came back for what does not exist? Behind that one nobody bears another's name.
  return speakers
    .filter((other) => other !== one && other.voices.has("page"))
    .every((owner) => owner !== main && (one.rank > owner.rank || isMadeWith(one, owner)));
}

/** Can both be true, the one before the other? */
function mayStandBehind(one: Speaker, main: Speaker): boolean {
  if (main.doubtful) return false;
  const registered = productByKey(main.key) !== null;
  // A part that nobody names is no rival to a name whose own shape we do not know.
  if (one.part && registered && !main.shaped && main.rank === 0 && !one.voices.has("token")) return true;
  // Whoever passes an answer on writes its fields in an order of its own.
  if (one.voices.has("order") && one.voices.has("page")) return false;
  if (main.rank > one.rank) return true;
  // A known server carries what its pages show; an unknown word in the field may be that very application.
  return only(one, "content") && registered;
}

/**
 * What a program was told to say, doubted where another does what only that one does: a banner says what its owner likes, an error
 * page, an order of commands or a zone is compiled in. The conflict stays, since both are claimed. So is a greeting with nothing behind it.
 */
export function doubted(evidence: readonly Evidence[], key: Key): Evidence[] {
  const own = evidence.filter((piece) => key(piece) !== null && isOwnDoing(piece, key));
  if (own.every(isGreeting) && evidence.some(({ source }) => source === SILENCE))
    return evidence.map((piece) =>
      key(piece) === null
        ? piece
        : {
            ...piece,
            // All that it said is one greeting.
            family: isGreeting(piece) ? "banner" : piece.family,
            weight: piece.weight * UNANSWERED_SHARE,
          },
    );
  return evidence.map((piece) => {
    const name = key(piece);
    const denied =
      name !== null &&
      isTyped(piece) &&
      own.some((other) => other.family !== piece.family && isWeb(other) === isWeb(piece)) &&
      !own.some((other) => key(other) === name);
    return denied ? { ...piece, weight: piece.weight * CONTRADICTED_SHARE } : piece;
  });
}

function isOwnDoing(piece: Evidence, key: Key): boolean {
  if (!isWeb(piece)) return piece.weight >= COMPILED_IN;
  const voice = voiceOf(piece, placeOf(key(piece) ?? ""));
  return voice === "refusal" || voice === "page" || (voice === "order" && piece.weight >= COMPILED_IN);
}

/** Read from the words of the greeting alone, as what they list is. */
const isGreeting = ({ family }: Evidence) => family === "banner" || family === "reply:NULL";

/** A name in a field or a greeting: anybody can be told to say it. */
export const isLabel = (piece: Evidence) =>
  isWeb(piece) ? piece.source === "http.server" : isGreeting(piece);

const isTyped = (piece: Evidence) =>
  isWeb(piece) ? piece.source === "http.server" : piece.weight < COMPILED_IN;

/** The product of a piece as a technology. */
function asTechnology(piece: Evidence): Evidence {
  const { product = "", version = null, service } = piece.claim;
  return { ...piece, claim: { ...(service && { service }), technology: { name: product, version } } };
}

/** Of a server inside of a program its language tells more than its name: Go, not Go's server. */
function madeWith(piece: Evidence): Evidence | null {
  const { service, technology } = piece.claim;
  return technology ? { ...piece, claim: { ...(service && { service }), technology } } : null;
}
