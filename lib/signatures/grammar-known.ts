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

/** Names of products that are words of everyday, too: by themselves they say nothing in a free text. */
const EVERYDAY = new Set(
  `access active actual angie answer apache aurora authentication awards backup bamboo bazaar bind boa bolt business calibre camunda catwalk
  central chronicle citadel cloud comet concourse confluence content control cortex cowboy crow crowd crucible cuckoo debut device directory
  docker domino dragonfly drone element emby envoy exchange express faraday fedora flask fleet flowable flower foreman ghost glances glass
  grizzly guardian harbor harvester healthchecks helix homepage horde horizon hub ignite ignition indigo jigsaw keeper lambda liberty library
  loki marathon master matrix media memory mercur mercury metrics mirror mongoose mongrel monitor monkey motion mule nebula netty nexus nimble
  nomad oracle orion outlook owner passenger phoenix pinpoint plone portal postman presto project proxy puma python quay rainbow raptor react
  records rendezvous resin reverb ricoh rocket roxen samba sambar savant search security sentinel sentry server shuffle snap spark spider
  spray squid stash studio synapse system tempo temporal terminal thanos thin tornado trac twiggy unbound unit update vanilla varnish vault
  vectra vibe warp website webstar welcome wizard works zeus zinc zope`.split(/\s+/),
);

const word = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, "");

/** A name that stands for its product in a free text: several words, or one that nobody writes by chance. */
function telling(name: string, byName: ByName): Identity | null {
  const plain = word(name);
  if (plain.length < SHORT_WORD || EVERYDAY.has(plain) || /^\d+$/.test(plain)) return null;
  return byName(name);
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
  "&gt;": "-",
};

/** What stands around a name in a title. */
const BEFORE =
  /^(?:(?:please )?(?:log ?[io]n|sign ?in|login page|welcome|willkommen|bienvenue)(?: (?:to|bei|in|on|with))?(?: the)?|powered by|dashboard|about|setup|admin|home|error|404|install(?:ing)?|the|your)[ :,!]+/i;
const BEHIND =
  /[ :,]+(?:(?:user |admin(?:istrator)? |web |server )?(?:log ?[io]n|sign ?in|log ?out)(?: page| form| screen)?|(?:web ?|admin(?:istration)? |management |user )?(?:ui|gui|interface|console|client|panel|portal|frontend|app|access|interface|dashboard|desktop)|admin|administration|home(?: ?page)?|server|web|instance|is running|setup|installation|installer|management)[ !.]*$/i;
const VERSIONED =
  /^(.{3,60}?)[ ,]+(?:version |release |v\.? ?)?(\d{1,6}(?:\.\d{1,8}){1,4}[\w+~-]{0,24})(?: \(?[\w .-]{0,24}\)?)?$/i;

/** Title of a page: `Login - Name`, `Name 1.2 | Sign in`, `Welcome to Name!`. Null where it names two. */
export function readTitle(value: string, byName: ByName): KnownName | null {
  const text = value
    .slice(0, MAX_TEXT)
    .replace(/&[a-z]{2,6};|&#x?\d{1,4};/gi, (entity) => ENTITIES[entity.toLowerCase()] ?? " ")
    .replace(/[\x80-\xff]{1,4}/g, " - ")
    .replace(/\s+/g, " ")
    .trim();
  const found: KnownName[] = [];
  for (const part of [text, ...text.split(/ [-|>/*] ?| ?:: ?|: | ?[-|] (?= )|[|>]/).slice(0, 6)]) {
    const known = part && readNamed(part.trim(), byName);
    if (known && !found.some(({ identity }) => identity.key === known.identity.key)) found.push(known);
  }
  return found.length === 1 ? (found[0] ?? null) : null;
}

function readNamed(part: string, byName: ByName): KnownName | null {
  let name = part.replace(/[!.]+$/, "");
  for (let round = 0; round < 3; round++) {
    const versioned = VERSIONED.exec(name);
    const bare = versioned?.[1] ?? name;
    const identity = telling(bare, byName);
    if (identity) return { product: bare, version: versioned?.[2] ?? null, identity };
    const less = name.replace(BEFORE, "").replace(BEHIND, "").trim();
    if (less === name) return null;
    name = less;
  }
  return null;
}

/** Realm of a challenge (RFC 9110 section 11.5): `Basic realm="Name"`. */
export function readRealm(value: string, byName: ByName): KnownName | null {
  const realm = /^(?:Basic|Digest)\b.{0,80}?\brealm="([^"]{3,80})"/i.exec(value.slice(0, MAX_TEXT))?.[1];
  return realm === undefined ? null : readNamed(realm.trim(), byName);
}

/** What a cookie of a session is called beside the name of the program that set it. */
const SESSION =
  /^(.{4,40}?)[-_.]?(?:session(?:_?id)?|sess(?:_?id)?|sid|csrf(?:_?token)?|xsrf(?:_?token)?|auth(?:_?token)?|token|login|lang(?:uage)?|locale|user|_id|remember(?:_?me)?|connect\.sid)(?:[-_.]\w{0,40})?$/i;

/** Name of a cookie: `name_session=`, `NameSessionId=`, `name=`. */
export function readCookie(value: string, byName: ByName): KnownName | null {
  const cookie = /^\s*(?:__Host-|__Secure-)?_?([\w.-]{4,64})=/.exec(value.slice(0, MAX_TEXT))?.[1];
  if (cookie === undefined) return null;
  for (const name of [SESSION.exec(cookie)?.[1], cookie]) {
    const identity = name === undefined ? null : telling(name.replace(/[-_.]+/g, " "), byName);
    if (name !== undefined && identity) return { product: name, version: null, identity };
  }
  return null;
}

/** Name of a header field of one's own, with the version where the field is for that: `x-name-version: 1.2`. */
export function readField(value: string, byName: ByName): KnownName | null {
  const found =
    /^(?:x-)?([a-z][a-z0-9-]{3,40}?)-(?:(version)|request-id|instance-id|build|server|node|edition|api-version): *(.{0,80})/i.exec(
      value.slice(0, MAX_TEXT),
    );
  const identity = found?.[1] === undefined ? null : telling(found[1].replace(/-/g, " "), byName);
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
      bare.some((word) => /[@.\\]/.test(word)) ||
      bare.every((word) => isGenericWord(word) || isMaker(word))
    )
      continue;
    // A lone word in small letters at the front may be the host's own name.
    const host =
      at === 0 && length === 1 && /^[a-z0-9-]+$/.test(bare[0] ?? "") && !/ftp|mail|smtp/.test(bare[0] ?? "");
    const product = bare.join(" ");
    const identity = host ? null : telling(product, byName);
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
