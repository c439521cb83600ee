/**
 * Pages about a product, which are not the product: a course, a shop, a forum, a house that goes by the same name. A program's page presents
 * itself: its name, perhaps a version, a login, its own kind of page, and behind a dash whose it is. A title in which something else goes on
 * from the name is about it, or about anybody; so is a greeting that names a program only to say that it is none.
 *
 * What only mentions names nothing; where just the form is unusual, the claim stays as a hint.
 */
import type { Evidence } from "../model/evidence.ts";
import type { Fact } from "../model/observation.ts";
import { productByName } from "../registry/products.ts";
import { isBuiltin } from "./kinds.ts";

const GRAMMAR = "builtin:grammar/";

const anyOf = (...themes: string[]) => new RegExp(`\\b(?:${themes.join("|")})\\b`, "i");

/** What people write about products, and offer for them. A program's own page is none of it. */
const TOPIC = anyOf(
  // taught
  "tutorials?|trainings?|courses?|kurse?|schulung(?:en)?|formations?|cursos?|corsi|workshops?|webinar|academy|certifi(?:cations?|ed)|exams?|quiz",
  // written
  "cheat ?sheet|cookbook|books?|guides?|how ?-?to|explained|for (?:dummies|beginners|students)|tips|tricks|tipps|anleitung|einrichten|examples|manual pdf",
  "blog|forums?|interview|wikipedia|definition|meaning|what is|why|biography|fan ?club|scandals?",
  // compared
  "vs\\.?|versus|alternatives?|comparisons?|compared|vergleich|reviews|(?:book|film|product|hardware) review|test 20\\d\\d|benchmarks?",
  // sold and serviced
  "consult(?:ing|ants?|ancy)|beratung|agent(?:ur|ie)s?|agenc(?:y|ies)|hosting|resellers?|distributors?|migrat(?:ion|ing)|mirror",
  "price(?:s|list)?|pricing|discounts?|cheap|for sale|rental|repairs?|reparatur|where to buy|shop|store|toner|cartridges?|drivers?",
  "templates?|themes?|skins|plugins?|extensions? shop",
  // broken into
  "default passwords?|unlock|ransomware|exploits?|vulnerabilit(?:y|ies)|zero-day",
  // people and work
  "jobs|careers?|hiring|developers? wanted|tester|conference|summit|meetup|roadshow|alumni|employee purchase",
  // houses that go by the same name
  "museum|theatre|theater|restaurants?|hotels?|hostel|guesthouse|apartments?|stadium|arena|racecourse|resort|brewery|bakery|church|societ(?:y|ies)|clubs?",
  "families|family (?:farm|reunion)|high school|county|(?<!xen )orchestra|festival|weddings?|tickets",
);
const COMPANY = /\b(?:inc|ltd|llc|gmbh|corp)\.?$/i;
const isTopic = (text: string) => TOPIC.test(text) || COMPANY.test(text);
/** Said with a name of anybody's, beside which they are a program's own words. */
const TOPIC_ELSEWHERE = anyOf("code review|help ?desk|service ?desk|support portal|user guide login");

/** Words with which a program's page goes on from its name: what kind of program or page it is, and how one gets in. */
const OWN_WORD = anyOf(
  // ways in
  "log ?[io]n|log ?on|log ?out|sign ?(?:in|up|on)|welcome|access|authent\\w*|security|denied|anmeld\\w*|connexion|inicio|acceso|einloggen|willkommen|bienvenue",
  // pages
  "web(?:mail|ui|gui|client|admin|min|viewer|server|site)?|ui|gui|home(?:page)?|page|index|portal|dashboard|console|panel|interface|view\\w*|explorer|browser|search",
  "admin\\w*|manage\\w*|control\\w*|config\\w*|setup|settings|install\\w*|wizard|status|monitor\\w*|error|not found|redirect\\w*|loading|busy|help|docs|documentation|api|test",
  // programs
  "server|system|service|suite|edition|enterprise|community|version|v?\\d+(?:\\.\\d+)+|client|software|application|app|platform|framework|engine|module|utility|tool\\w*",
  "gateway|proxy|hub|bridge|relay|adapter|agent|daemon|scanner|exporter|prober|master|worker|node|cluster|host|instance|operation|virtual|cloud|storage|library|drive",
  "media|player|meet|groupware|collaboration|mail|calendar|database|analytics|director[yi]\\w*|center|centre",
  "linux|windows|unix|fedora|centos|debian|ubuntu|freebsd",
  // devices
  "appliance|device|remote|network|unit|switch|router|phone|printer|camera|repeater|instrument|desk(?:top)?",
  // what joins them
  "powered|at|on|for|is|by",
);

/** Of a title of anybody's that goes on from a product's name, what its claim is worth: about one in four, nats. */
const UNUSUAL = 1.9;

/** Where a title ends what it says of one thing. */
const SEPARATOR = /\s[-|>/*:]|[|>:,–—(\x80-\xff]|&[a-z#]/i;
const SEPARATORS = new RegExp(SEPARATOR, "gi");

/** What stands before a name that is another's. */
const OTHER =
  /(?:^|[\s,;(-])(?:not|no|never|isn't|ain't|use|using|than|unlike|without|instead of|definitely|mirror of|anything but|(?:migrated|moved) (?:away )?from|behind (?:the|an?)|replaces (?:the|an?)(?: old)?)[\s-]+(?:an? |the |our |real(?:ly)? )*$/i;
/** Greetings and the like: texts that a daemon says of itself. */
const SAID =
  /\.banner$|\.implementation$|^dns\.version|^(?:http|sip|rtsp)\.server$|^sip\.userAgent$|^snmp\.sysDescr$|^any$/;
/** As much of a text is looked through, characters. */
const MOST = 300;

const claims = ({ claim }: Evidence) => claim.product !== undefined || claim.device !== undefined;

/** The evidence without what titles and greetings merely mention. @param facts those it was read from */
export function presented(evidence: Evidence[], facts: readonly Fact[]): Evidence[] {
  return evidence.flatMap((piece) => {
    if (!claims(piece) || !isBuiltin(piece)) return [piece];
    const title = piece.source === "http.title";
    if (!title && !SAID.test(piece.source)) return [piece];
    const text = textOf(piece, facts).slice(0, MOST);
    if (!title) return isDisowned(piece, text) || isAnybodys(piece) ? [] : [piece];
    const about = aboutOf(piece, text);
    // `My Book Live`, `Xibo Digital Signage`: nothing goes on from a name that is listed as a whole.
    const listed = productByName(about)?.product;
    if (listed !== undefined && listed === piece.claim.product) return [piece];
    if (isTopic(about) && !TOPIC_ELSEWHERE.test(about)) return [];
    return goesOn(piece, text) ? [{ ...piece, weight: Math.min(piece.weight, UNUSUAL) }] : [piece];
  });
}

const textOf = ({ source, family, excerpt }: Evidence, facts: readonly Fact[]) =>
  facts.find(
    ({ name, value, ...fact }) => name === source && fact.family === family && value.includes(excerpt),
  )?.value ?? excerpt;

/** Where the name begins and ends in the text: what the signature matched; of a grammar, whose excerpt is all of it, the name or its first word. */
function placeIn(text: string, { excerpt, claim, signature }: Evidence): [start: number, end: number] | null {
  const at = signature.startsWith(GRAMMAR) || excerpt === "" ? -1 : text.indexOf(excerpt);
  if (at >= 0) return [at, at + excerpt.length];
  const name = (claim.product ?? claim.device ?? "").toLowerCase();
  for (const words of [name, name.split(" ", 1)[0] ?? ""]) {
    const found = words.length > 2 ? text.toLowerCase().indexOf(words) : -1;
    if (found >= 0) return [found, found + words.length];
  }
  return null;
}

/** What the title says of the name: of a program that is known, the part in which it stands; whose it is may follow behind a dash. */
function aboutOf(piece: Evidence, text: string): string {
  const place =
    piece.signature.startsWith(GRAMMAR) && !isKnown(piece.claim.product ?? "") ? null : placeIn(text, piece);
  if (!place) return text;
  const before = text.slice(0, place[0]).split(SEPARATORS).at(-1) ?? "";
  return before + text.slice(place[0], place[1]) + (text.slice(place[1]).split(SEPARATOR, 1)[0] ?? "");
}

/** Something goes on from the name that no page of a program says. */
function goesOn({ claim, ...piece }: Evidence, text: string): boolean {
  const { product, vendor } = claim;
  if (product === undefined || ENTRANCE.test(text)) return false;
  const place = placeIn(text, { ...piece, claim });
  const rest = place ? text.slice(place[1]) : "";
  if (/^ +[A-Za-z&]/.test(rest)) return !OWN_WORD.test(rest.split(SEPARATOR, 1)[0] ?? "");
  // A name of several words of everyday behind its maker's, that nobody has listed.
  if (!vendor || !product.toLowerCase().startsWith(`${vendor.toLowerCase()} `)) return false;
  const words = product.slice(vendor.length + 1).split(" ");
  return words.length > 1 && !OWN_WORD.test(words.join(" ")) && !words.some(isMadeUp) && !isKnown(product);
}

/** A login stands beside the name. */
const ENTRANCE = /\b(?:log ?[io]n|sign ?in|welcome)\b/i;
const isMadeUp = (word: string) => /\d|[a-z][A-Z]|[A-Z]{2}/.test(word);
const isKnown = (product: string) => productByName(product) !== null;

/** Words that say there is no name; machines by what they do in their net; what says it is for the web, where the web is not spoken. */
const NO_NAME =
  /\b(?:not|no|none|never|nothing|nobody|you|your|than|but|am|here|wish|anything|whatever|welcome|willkommen|bienvenue)\b/i;
const MACHINE =
  /^(?:web|www|node|srv|server|host|lb|proxy|edge|cache|origin|front(?:end)?|back(?:end)?|app|api|db|mail|mx|ns|gw|vm|prod(?:uction)?|stag(?:e|ing)|dev|test|cdn|cluster|worker|master|reception|phone)[-_]?\d*$/i;
const OF_THE_WEB = /\b(?:http|web)\b|CDN$/i;

/** A name read by grammar that is anybody's. */
function isAnybodys({ signature, source, claim }: Evidence): boolean {
  const { product } = claim;
  if (!signature.startsWith(GRAMMAR) || product === undefined) return false;
  if (isKnown(product)) return !source.startsWith("http.") && OF_THE_WEB.test(product);
  const greets = /^(?:welcome|willkommen|bienvenue)\b/i.test(product);
  return (
    isTopic(product) || MACHINE.test(product) || greets || (/[ _-]/.test(product) && NO_NAME.test(product))
  );
}

function isDisowned(piece: Evidence, text: string): boolean {
  const place = placeIn(text, { ...piece, excerpt: "" });
  return place !== null && OTHER.test(text.slice(Math.max(0, place[0] - 40), place[0]));
}
