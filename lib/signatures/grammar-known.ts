import type { Identity } from "./entry-pack.ts";
import type { GrammarName } from "./grammar-read.ts";
import { isGenericWord, isMaker } from "./grammar-words.ts";

/**
 * Texts that name a product by custom, not by any rule: the title of a page, the realm of a login, the name of a cookie or of a header
 * field, a greeting. Anybody may write anything there, so a name counts only where the registry of products knows it; on the web, where
 * it stands alone, too.
 */

/** A name that was read, and whose it is. */
export interface KnownName extends GrammarName {
  identity: Identity;
}

export type ByName = (name: string) => Identity | null;

/** Longest text read, characters. */
const MAX_TEXT = 160;
/** Letters of a one-word name below which it is a word of any page. */
const SHORT_WORD = 5;

/** A short name that is written in capitals of its own, as no word is (`VyOS`, `GLPI`): just so it must stand in the text. */
const SPELLED = /^(?=\w*[A-Z]\w*[A-Z])[A-Za-z]{3,4}$/;
/** ® and ™ in UTF-8 bytes and in brackets. */
const TRADE_MARK = /\xc2\xae|\xe2\x84\xa2|\((?:R|TM|SM)\)/gi;
/** Letters of Latin alphabets in UTF-8 bytes: accents are left off. */
const ACCENTED = /[\xc3-\xc5][\x80-\xbf]/g;

/** Names of products that are words of everyday, too: by themselves they say nothing in a free text. */
const EVERYDAY = new Set(
  `access achievo active actual actuate adder airtime akana allure anaconda analytics angie answer apache aptly
  arachni atlas aurora authentication awards axis backup balena bamboo barracuda basecamp bazaar billion
  bind binder blackmagic blazer boa board bolt bonita bosun boundary brandywine brother business butterfly buttercup
  cachet calibre calix camunda canvas capsule carbon carbonite cascade catalyst catwalk centra central
  cerberus checkmate chronicle citadel clearspace cloud coda comet commander compass concerto concourse
  conduit confluence console content continuum control convergence coral corporate cortex cosign cowboy
  crater crimson crow crowd crucible cuckoo damselfly dancer dashboard debut deliberant dendrite destiny
  device directory docker dolphin domino domo dragonfly drone echo eclipse element emby encore endeavor
  endura engine envoy exceptionless exchange exclaimer express falco faraday fathom fedora fiery flask fleet
  flood flowable flower flywheel focus foreman freedom galaxy gallery garage geist genesis genesys ghost
  gibbon gitee gladys glances glass gollum gravity greenlight greenstone grist grizzly groove guardian
  harbor harvester headlamp headphones healthchecks helix homebox homepage homer horde horizon hub hudson
  identity igloo ignite ignition illuminate impact indigo infor inlets insight integra interchange invenio
  jigsaw jive karma keeper klondike komodo kronos lambda lasso launchpad lenses liberty library lighthouse lithium
  lobsters loki looker lookup losant lychee magistrala majordomo malcolm marathon mashup master matrix maybe
  media medusa memory memos mender mercur mercury messenger meteor metrics mint mirror mist mongoose mongrel
  monica monitor monkey motion mule mythic nebula nessie nette nettle netty nevis neutron nexus nimble nomad
  notebook nuclei omnia omnivore oneview oracle orion outline outlook owner pantheon papago parallels
  passenger passport pathway pegasus petio pharos phoenix piler pinpoint piped plone polaris portal postal
  postman presto prism probe project proteus provision proxy pubcookie pulp pulse puma purity python pyxis
  quantum quay radiant railway rainbow rally raptor react records relativity remotely render rendezvous reporter
  resin reverb ricoh riemann rivendell rocket roxen rudder runway saba samba sambar sandstorm saturn savant scala
  scoop scout scrutiny search security sentinel sentry serendipity server shelly shuffle sierra skylight
  slash sliver snap solaris solidus solis sonar spark spectrum spider spray spree squid stash stellar stork strider
  studio summit symphony synapse synergy system tableau tandoor tangent tapestry tarantella teambox tempo
  temporal terminal thanos thin thomson titan tomato tornado trac tracks tridion trilium tsunami twiggy
  unbound unica unit update vanilla vantage varnish vault vector vectra velocity venus vera vibe viewer
  vignette vision vista voyager warp webflow website webstar welcome windmill wizard workday works yellowfin
  zeek zendesk zephyr zeus zinc zipline zope`.split(/\s+/),
);

const word = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, "");

/** A name that stands for its product in a free text: several words, or one that nobody writes by chance. */
export function knownByItself(name: string, byName: ByName): Identity | null {
  const plain = word(name);
  if (plain.length < SHORT_WORD || EVERYDAY.has(plain) || /^\d+$/.test(plain)) return null;
  return byName(name);
}

/** A short name in the very letters of its product. */
function spelled(name: string, byName: ByName): Identity | null {
  const identity = SPELLED.test(name) ? byName(name) : null;
  return identity?.product === name ? identity : null;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&nbsp;": " ",
  "&#160;": " ",
  "&#x20;": " ",
  "&amp;": "&",
  "&reg;": "",
  "&trade;": "",
  "&copy;": "",
  "&ndash;": "-",
  "&mdash;": "-",
  "&middot;": "-",
  "&raquo;": "-",
  "&laquo;": "-",
  "&bull;": "-",
  "&rsaquo;": "-",
  "&lsaquo;": "-",
  "&gt;": "-",
  "&lt;": "-",
  "&#171;": "-",
  "&#183;": "-",
  "&#187;": "-",
  "&#8211;": "-",
  "&#8212;": "-",
  "&#8249;": "-",
  "&#8250;": "-",
};

/** What stands around a name in a title. */
export const PAGE_WORDS_BEFORE =
  /^(?:(?:please )?(?:log ?[io]n|sign ?in|login page|welcome|hello|hallo|herzlich|willkommen|bienvenue|anmeld(?:en|ung)|connexion|acceso|accesso|inicio|entrar|iniciar sesion|bienvenidos?|bem-vindos?|benvenut[oi]|accedi|aanmelden|inloggen|welkom|logga in|valkommen|logg inn|velkommen|zaloguj(?: sie)?|witamy|prihlaseni|kirjaudu|tervetuloa|giris|authentification|authenticat(?:ion|e)|autenticacion|autenticacao)(?: (?:to|bei|in|on|with|a|au|en|ao?|op|do|til|em|su|sur|zu|for))?(?: the)?|powered by|dashboard|about|setup|admin|home|error|404|install(?:ing)?|the|your)[ :,!]+/i;
export const PAGE_WORDS_BEHIND =
  /[ :,]+(?:(?:user |admin(?:istrator)? |web |server )?(?:log ?[io]n|sign ?in|log ?out)(?: page| form| screen)?|(?:web ?|admin(?:istration)? |management |user )?(?:ui|gui|interface|console|client|panel|portal|frontend|app|access|interface|dashboard|desktop)|web ?mail|(?:powered )?(?:web)?site|(?:platform )?install(?:ation)?(?: wizard| assistant)?|admin|administration|home(?: ?page)?|server|web control|web|index|configuration and management|instance|is running|setup|installation|installer|management|anmeld(?:en|ung)|connexion|inloggen|authenti(?:fi)?cation|iniciar sesion|acceso|accesso|giris|logowanie|einloggen|entrance|welcome|default page|status(?: page)?|start ?page|welcome page|service|manager|configuration|version|edition)[ !.]*$/i;
/** Where an instance's own name or place follows that of its program: `Name at host`, `Name (host)`, `Name [host]`. */
const PLACED = /^(.{3,60}?)(?: (?:at|on|for|@) \S{1,80}| ?[([][^)\]]{1,60}[)\]])$/i;
/** A release without a dot: `Name 11`. A year is none. */
const RELEASED = /^(.{3,60}?)[ ,]+(?:version |release |v\.? ?)?(\d{1,2})$/i;
export const RELEASE_BEHIND =
  /^(.{3,60}?)[ ,]+(?:version |release |v\.? ?)?(\d{1,6}(?:\.\d{1,8}){1,4}[\w+~-]{0,24})(?: \(?[\w .-]{0,24}\)?)?$/i;

/** A title without entities, accents and runs of blanks. */
export function plainTitle(value: string): string {
  return value
    .slice(0, MAX_TEXT)
    .replace(/&[a-z]{2,6};|&#x?\d{1,4};/gi, (entity) => ENTITIES[entity.toLowerCase()] ?? " ")
    .replace(TRADE_MARK, "")
    .replace(ACCENTED, withoutAccent)
    .replace(/[\x80-\xff]{1,4}/g, " - ")
    .replace(/\s+/g, " ")
    .trim();
}

/** What stands between the dashes, bars and arrows of a title. */
export function titleParts(text: string): string[] {
  return text.split(/ [-|<>/*] ?| ?:: ?|: | ?[-|] (?= )|[|>]/).slice(0, 6);
}

/** Title of a page: `Login - Name`, `Name 1.2 | Sign in`, `Welcome to Name!`. Null where it names two. */
export function readTitle(value: string, byName: ByName): KnownName | null {
  const text = plainTitle(value);
  const listed = knownByItself(text, byName);
  if (listed) return { product: text, version: null, identity: listed };
  const whole = readWhole(value, byName);
  if (whole) return whole;
  const found: KnownName[] = [];
  const bracketed = /\[([^\]]{3,40})\]/.exec(text)?.[1];
  for (const part of [...titleParts(text), ...(bracketed ? [bracketed] : [])]) {
    const known = part && readNamed(part.trim(), byName);
    if (known && !found.some(({ identity }) => identity.key === known.identity.key)) found.push(known);
  }
  // Beside a product its maker's name is no second one.
  const named = found.filter(
    (one) => !found.some((other) => other !== one && makes(one.identity, other.identity)),
  );
  if (named.length > 0) return named.length === 1 ? (named[0] ?? null) : null;
  return readAmong(text, byName);
}

/** The known name that a title or a realm is as a whole, but for the words of any page around it. */
function readWhole(value: string, byName: ByName): KnownName | null {
  const text = realmOf(value) ?? plainTitle(value);
  return text === "" ? null : readNamed(text.trim(), byName);
}

/** Longest title, words, in which a name may stand anywhere. */
const MAX_TITLE_WORDS = 5;

/**
 * A known name among the words of a short title, none of which is a sentence's, and its maker's beside it: `Maker Name Portal`. Without
 * the maker it may as well be the page's subject.
 */
function readAmong(text: string, byName: ByName): KnownName | null {
  const words = text.replace(PAGE_WORDS_BEFORE, "").split(" ").filter(Boolean);
  const sentence = (word: string) =>
    (/^[a-z]+$/.test(word) && !isGenericWord(word)) || /^(?:19|20)\d\d$/.test(word);
  if (words.length > MAX_TITLE_WORDS || words.some(sentence)) return null;
  const found = readGreetingName(words.join(" "), byName);
  const maker = word(found?.identity.vendor ?? "");
  const beside = maker !== "" && word(text).includes(maker) && !word(found?.product ?? "").includes(maker);
  return beside ? found : null;
}

function withoutAccent(bytes: string): string {
  const letter = Buffer.from(bytes, "latin1").toString("utf8").normalize("NFKD")[0] ?? "";
  return /^[A-Za-z]$/.test(letter) ? letter : bytes;
}

const makes = (maker: Identity, { vendor }: Identity) =>
  vendor !== null && word(maker.product) === word(vendor);

function readNamed(part: string, byName: ByName): KnownName | null {
  let name = part.replace(/[!.]+$/, "");
  for (let round = 0; round < 3; round++) {
    const versioned = RELEASE_BEHIND.exec(name);
    const bare = versioned?.[1] ?? name;
    const identity = knownByItself(bare, byName) ?? spelled(bare, byName);
    if (identity) return { product: bare, version: versioned?.[2] ?? null, identity };
    const released = RELEASED.exec(name);
    const older = released?.[1] === undefined ? null : knownByItself(released[1], byName);
    if (released?.[1] && older)
      return { product: released[1], version: released[2] ?? null, identity: older };
    const less = name
      .replace(PLACED, "$1")
      .replace(PAGE_WORDS_BEFORE, "")
      .replace(PAGE_WORDS_BEHIND, "")
      .trim();
    if (less === name) return null;
    name = less;
  }
  return null;
}

/** Realm of a challenge (RFC 9110 section 11.5): `Basic realm="Name"`. */
export function realmOf(value: string): string | null {
  return (
    /^(?:(?:Negotiate|NTLM), ?){0,2}(?:Basic|Digest)\b.{0,80}?\brealm="([^"]{3,80})"/i.exec(
      value.slice(0, MAX_TEXT),
    )?.[1] ?? null
  );
}

/** A known name in the realm of a challenge. */
export function readRealm(value: string, byName: ByName): KnownName | null {
  const realm = realmOf(value);
  if (realm === null) return null;
  return readWhole(value, byName) ?? readAmong(realm.trim(), byName);
}

/** Longest distinguished name read, characters. */
const MAX_SUBJECT = 320;
/** A name that the whole net knows: its certificate is of somebody's site, whatever unit he is of. */
const PUBLIC_NAME = /\.(?!local|localdomain|internal|lan|home|test|example)[a-z]{2,}$/i;
/** Capitals and small letters: a host's name is of one kind as a rule. */
const WRITTEN = /^(?=.*[A-Z])(?=.*[a-z])/;

/**
 * Subject of a certificate (RFC 4514): a program that makes one for itself writes its own name as the common name, or its unit's. Only
 * in the spelling of names, since anybody calls a host `jenkins`.
 */
export function readSubject(value: string, byName: ByName): KnownName | null {
  const parts = [...value.slice(0, MAX_SUBJECT).matchAll(/(?:^|,)(CN|OU)=([^,\\]{4,60})/g)];
  if (parts.some(([, kind, name]) => kind === "CN" && PUBLIC_NAME.test(name ?? ""))) return null;
  for (const [, , name = ""] of parts) {
    const identity = WRITTEN.test(name) ? knownByItself(name, byName) : null;
    if (identity) return { product: name, version: null, identity };
  }
  return null;
}

/** What a cookie of a session is called beside the name of the program that set it. */
const SESSION =
  /^(.{4,40}?)[-_.]?(?:session(?:_?id)?|sess(?:_?id)?|sid|csrf(?:_?token)?|xsrf(?:_?token)?|auth(?:_?token)?|token|login|lang(?:uage)?|locale|user|_id|remember(?:_?me)?|connect\.sid)(?:[-_.]\w{0,40})?$/i;

/** The same with the program's name behind: `sess_name`, `csrf-token-name`. */
const SESSION_OF =
  /^(?:j?session(?:_?id)?|phpsess(?:id)?|sess(?:_?id)?|sid|csrf(?:[-_]?token)?|xsrf(?:[-_]?token)?|auth(?:[-_]?token)?|token|lang)[-_.]([a-z][\w.-]{3,40})$/i;

/** Name of a cookie: `name_session=`, `NameSessionId=`, `name=`, `name_anything=`. */
export function readCookie(value: string, byName: ByName): KnownName | null {
  const cookie = /^\s*(?:__Host-|__Secure-)?_?([\w.-]{4,64})=/.exec(value.slice(0, MAX_TEXT))?.[1];
  if (cookie === undefined) return null;
  for (const name of [SESSION.exec(cookie)?.[1], SESSION_OF.exec(cookie)?.[1], cookie]) {
    const identity = name === undefined ? null : knownByItself(name.replace(/[-_.]+/g, " "), byName);
    if (name !== undefined && identity) return { product: name, version: null, identity };
  }
  return namedFirst(cookie, byName);
}

/** The name under which an application is deployed, its own as a rule, and no word of a sentence: `confluence`, `guacamole`. */
export function readContext(value: string, byName: ByName): KnownName | null {
  const product = value.replace(/[-_.]+/g, " ").trim();
  const identity = byName(product);
  return identity && { product, version: null, identity };
}

/** What a program puts before all its cookies' names: `name_anything`, `name.anything`. */
function namedFirst(cookie: string, byName: ByName): KnownName | null {
  const words = cookie.split(/[-_.]+/).slice(0, MAX_WORDS);
  for (let length = words.length - 1; length > 0; length--) {
    const product = words.slice(0, length).join(" ");
    const identity = knownByItself(product, byName);
    if (identity) return { product, version: null, identity };
  }
  return null;
}

/** Name of a header field of one's own, with the version where the field is for that: `x-name-version: 1.2`. */
export function readField(value: string, byName: ByName): KnownName | null {
  const found =
    /^(?:x-)?([a-z][a-z0-9-]{3,40}?)-(?:(version)|request-id|instance-id|build|server|node|edition|api-version): *(.{0,80})/i.exec(
      value.slice(0, MAX_TEXT),
    );
  const identity = found?.[1] === undefined ? null : knownByItself(found[1].replace(/-/g, " "), byName);
  if (!found?.[1] || !identity) return null;
  const version = found[2] ? (/^v?(\d[\w.+~-]{0,40})(?= |$)/i.exec(found[3] ?? "")?.[1] ?? null) : null;
  return { product: found[1], version, identity };
}

/** Longest name in a greeting, words. */
const MAX_WORDS = 4;
/** Words read of a greeting: who speaks is said first. */
const MAX_GREETING_WORDS = 40;
/** What may stand between a name in a greeting and its version. */
const LEADING = /^(?:version|ver\.?|v\.?|release|rel\.?|rev\.?|build|r)$/i;
const RELEASE = /^[vVrR]?(\d{1,6}(?:\.\d{1,8}){1,5}[\w+~-]{0,24})(?![.\d])/;
const HOST = /^[a-z][\w-]*(?:\.[\w-]+)+$/i;
/** A whole number is a version only where it is said to be one. */
const SAID_RELEASE = /^[vVrR]?(\d{1,4}[\w.+~-]{0,24})$/;

/**
 * A greeting of any shape in which one product of the registry is named: `host Name ESMTP ready`, `Welcome to Name POP3 Server 1.2`. A
 * word with a dot or an `@` is a host's or a mailbox's; two products are no product, unless one alone has a version beside it.
 */
export function readGreetingName(value: string, byName: ByName): KnownName | null {
  const words = value
    .slice(0, MAX_TEXT)
    .replace(/\[[^\]]{0,160}\]?/g, " ")
    .split(/[\s()<>;,*=|"]+|-{2,}/)
    .map((word) => word.replace(/^_+|[.:!_]+$/g, ""))
    .filter(Boolean)
    .slice(0, MAX_GREETING_WORDS);
  const found: KnownName[] = [];
  for (let at = 0; at < words.length; at++) {
    const known = knownAt(words, at, byName);
    if (!known) continue;
    if (!found.some(({ identity }) => identity.key === known.name.identity.key)) found.push(known.name);
    at += known.length - 1;
  }
  const versioned = found.filter(({ version }) => version !== null);
  const sure = found.length === 1 ? found : versioned;
  return sure.length === 1 ? (sure[0] ?? null) : null;
}

/** A maker's printer or camera is what the server runs on, not the server. */
const DEVICE_KIND = /^(?:printer|camera)$/i;

/** The longest known name that begins at a word, and how many words it takes. */
function knownAt(
  words: readonly string[],
  at: number,
  byName: ByName,
): { name: KnownName; length: number } | null {
  for (let length = Math.min(MAX_WORDS, words.length - at); length > 0; length--) {
    const span = words.slice(at, at + length);
    const slashed = /^([A-Za-z][\w+-]{1,31})\/v?(\d[\w.+~-]{0,40})$/.exec(span.at(-1) ?? "");
    const bare = [...span.slice(0, -1), slashed?.[1] ?? span.at(-1) ?? ""];
    if (
      DEVICE_KIND.test(bare.at(-1) ?? "") ||
      bare.some((word) => /[@.\\]/.test(word)) ||
      // "for a list of": small words side by side are a sentence.
      (bare.length > 1 && /^[a-z]+$/.test(bare.join("")) && isGenericWord(bare[0] ?? "")) ||
      bare.every((word) => isGenericWord(word) || isMaker(word))
    )
      continue;
    // A lone word in small letters at the front may be the host's own name.
    const host =
      at === 0 && length === 1 && /^[a-z0-9-]+$/.test(bare[0] ?? "") && !/ftp|mail|smtp/.test(bare[0] ?? "");
    const product = bare.join(" ");
    const identity = host ? null : knownByItself(product, byName);
    if (!identity) continue;
    const version = slashed?.[2] ?? releaseBehind(words.slice(at + length, at + length + 5));
    return { name: { product, version, identity }, length };
  }
  return null;
}

/** The version in the next words, where only words that every greeting has stand before it. */
function releaseBehind(words: readonly string[]): string | null {
  for (const [index, word] of words.entries()) {
    const said = index > 0 && LEADING.test(words[index - 1] ?? "");
    const release = RELEASE.exec(word)?.[1] ?? (said ? SAID_RELEASE.exec(word)?.[1] : undefined);
    if (release !== undefined) return release.replace(/[.+~-]+$/, "");
    if (!LEADING.test(word) && !HOST.test(word) && !isGenericWord(word)) return null;
  }
  return null;
}
