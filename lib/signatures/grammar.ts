import { createHash } from "node:crypto";
import type { Evidence } from "../model/evidence.ts";
import { type Fact, printable } from "../model/observation.ts";
import type { Identity, IdentityRegistry } from "./entry-pack.ts";
import {
  type ByName,
  knownByItself,
  readContext,
  readCookie,
  readField,
  readGreetingName,
  readRealm,
  readSubject,
  readTitle,
  realmOf,
} from "./grammar-known.ts";
import {
  type GrammarName,
  readCallResponse,
  readGenerator,
  readGreeting,
  readImapId,
  readOnlyVersion,
  readPart,
  readPoweredBy,
  readRootDse,
  readSignOff,
  readSshSoftware,
  readSshWords,
  readTokens,
  readVendorVersion,
  readVersionText,
} from "./grammar-read.ts";
import {
  type MakerOf,
  readStrangerCookie,
  readStrangerRealm,
  readStrangerTitle,
  type StrangerName,
} from "./grammar-strangers.ts";
import { isAbbreviation, isDaemon, isModel, isPart, namesOnlyMaker, withoutKind } from "./grammar-words.ts";
import { type Model, type ModelsFile, modelReader, type ReadModel } from "./models.ts";
import type { Pack } from "./types.ts";

/**
 * Grammar claims: where no signature knows a product, the protocol's own rules still say which part of a text names it. A `Server`
 * field begins with a product token (RFC 9110 section 10.2.4), an SSH software version is `Name_1.2` (RFC 4253 section 4.2), IMAP's ID
 * and the IMPLEMENTATION lines of POP3 and NNTP hold a name and a version by definition, and so does an LDAP server's root entry
 * (RFC 3045). Greetings have no such rule, so only the shapes that nearly all of them share are read. Signatures come first: a fact on
 * which one named a product or a device is left alone. A name that the registry knows is given as its product, with vendor and CPE, and
 * is believed more than one that nobody has heard of.
 */

/** What a rule reads: a name, and whose it is where that is known. */
type Found = StrangerName & { identity?: Identity };

interface Rule {
  /** None where any service may say it. */
  service?: string;
  /** Initials are no name here, unless the registry knows them. */
  spelled?: true;
  read(text: string, byName: ByName, makerOf: MakerOf): Found | null;
  /** Devices offer this service as often as programs do: a name with a model number is the device's. */
  models?: true;
}

/** The names that the registry of products knows. */
export interface NamedProducts extends Pick<IdentityRegistry, "cpe23"> {
  byName: ByName;
  /** The makers of those products. */
  makerOf?: MakerOf;
  /** Series of devices by maker, read beside what else a text says. */
  models?: ModelsFile;
}

const nobody: MakerOf = () => null;
const NOBODY: NamedProducts = { byName: () => null, cpe23: () => null };

/** A greeting names a product that is known, in whatever words, or any product in the words that most use. */
const greeting: Rule["read"] = (text, byName) => readGreetingName(text, byName) ?? readGreeting(text);

/** `name login:` is how a console asks, and the name its host's. */
const PROMPTED = /[\w.-]{1,64}[ \t](?:login|username|user|password) ?:/gi;
const terminal: Rule["read"] = (text, byName) => readGreetingName(text.replace(PROMPTED, " "), byName);

/** Name and version, or the name of a known product alone: there is nothing else to say in `version.bind`. */
const resolver: Rule["read"] = (text, byName) => {
  const alone = knownByItself(text.trim(), byName);
  return (
    readVersionText(text) ??
    (alone ? { product: alone.product, version: null, identity: alone } : readGreetingName(text, byName))
  );
};

const RULES: Readonly<Record<string, Rule>> = {
  "http.server": { service: "http", spelled: true, read: readTokens },
  "rtsp.server": { service: "rtsp", read: readTokens, models: true },
  "upnp.server": { service: "upnp", read: readTokens, models: true },
  "sip.server": { service: "sip", read: readTokens, models: true },
  "sip.userAgent": { service: "sip", read: readTokens, models: true },
  "ssh.banner": {
    service: "ssh",
    read: (text, byName) => readSshSoftware(text) ?? readGreetingName(text, byName) ?? readSshWords(text),
  },
  "telnet.banner": { service: "telnet", read: terminal, models: true },
  "ftp.banner": { service: "ftp", read: greeting, models: true },
  "smtp.banner": { service: "smtp", read: greeting, models: true },
  "pop3.banner": { service: "pop3", read: greeting },
  "imap.banner": { service: "imap", read: greeting },
  "nntp.banner": { service: "nntp", read: greeting },
  "amqp.server": { service: "amqp", read: readVersionText },
  "imap.id": { service: "imap", read: readImapId },
  "pop3.implementation": { service: "pop3", read: readVersionText },
  "nntp.implementation": { service: "nntp", read: readVersionText },
  "smb.nativeLanManager": { service: "microsoft-ds", read: readVersionText },
  "ldap.rootDse": { service: "ldap", read: readRootDse },
  "dns.version_bind": { service: "domain", read: resolver },
  "dns.version.bind": { service: "domain", read: resolver },
  "h323.callresp": { service: "h323", read: readCallResponse },
  "http.title": { service: "http", read: readTitle },
  "http.wwwAuthenticate": { service: "http", read: readRealm },
  "http.cookie": { service: "http", read: readCookie },
  "http.context": { service: "http", read: readContext },
  "http.errorPage": { service: "http", spelled: true, read: readSignOff },
  "http.header": { service: "http", read: readField },
  "tls.subject": { read: readSubject },
};

/** Read only when nothing else names the product: what a page runs on is a part of its server as a rule, and a page may be about anything. */
const LAST_RESORT: Readonly<Record<string, Rule>> = {
  "http.title": { service: "http", read: (text, _, makerOf) => readStrangerTitle(text, makerOf) },
  "http.wwwAuthenticate": { service: "http", read: (text, _, makerOf) => readStrangerRealm(text, makerOf) },
  "http.cookie": { service: "http", read: readStrangerCookie },
  "http.poweredBy": { service: "http", read: readPoweredBy },
};

/** What a page or a server is made with: technologies, never the product. */
const PARTS: Readonly<Record<string, Rule>> = {
  "http.generator": { service: "http", read: readGenerator },
  "http.server.module": { service: "http", read: readPart },
};

/** Languages run anything: even where nothing else is known, they are no product. */
const LANGUAGES = new Set([
  "PHP",
  "Java",
  "Java Servlet",
  "Servlet",
  "Python",
  "Ruby",
  "Perl",
  "Go",
  "Node.js",
  "Erlang",
  "ASP.NET",
  "React",
  "Angular",
]);

/** Nats. Below a signature's 6, so that a signature always wins; a version beside the name makes it likelier a product. */
const WEIGHT_WITH_VERSION = 4.7;
const WEIGHT_BARE = 4.2;
/** The registry knows the name. */
const WEIGHT_KNOWN = 5.5;
const WEIGHT_PART = 4.5;
/** A model of a known maker's series. */
const WEIGHT_MODEL = 5;
/** The same in a description, which often holds a finer name that a signature reads (`SIMATIC S7, CPU315-2`). */
const WEIGHT_DESCRIBED = 3;
const WEIGHT_DEVICE = 2;
/** A framework taken for the product, since nothing else names one. */
const WEIGHT_FRAMEWORK = 3.8;

/** Part of the digest: count it up when the rules read anything differently. */
const REVISION = 14;

const names = ({ claim }: Evidence) => claim.product !== undefined;
const describes = (piece: Evidence) => names(piece) || piece.claim.device !== undefined;

/** The pack, with grammar claims where it names nothing. Keeps the pack's name. */
export function withGrammar(pack: Pack, products: NamedProducts = NOBODY): Pack {
  const models = JSON.stringify(products.models ?? {});
  const readModel = modelReader(products.models ?? {});
  return {
    name: pack.name,
    digest: `sha256:${createHash("sha256").update(`${pack.digest} grammar ${REVISION} ${models}`).digest("hex")}`,
    evaluate(input) {
      const known = pack.evaluate(input);
      const settled = new Set(known.filter(describes).map((piece) => piece.source));
      const parted = new Set(known.filter(({ claim }) => claim.technology).map((piece) => piece.source));
      const devices = modelClaims(pack.name, input.facts, readModel);
      const modelled = new Set(devices.map((piece) => piece.source));
      const all = [
        ...known.map((piece) => versionBeside(piece, input.facts, products.byName)),
        ...claims(RULES, input.facts, settled, products, (fact, rule, found) =>
          repeats(fact, found, input.facts)
            ? null
            : productClaim(pack.name, fact, rule, found, products, modelled.has(fact.name)),
        ),
        ...claims(PARTS, input.facts, parted, products, (fact, rule, found) =>
          partClaim(pack.name, fact, rule, found),
        ),
      ];
      if (all.some(describes)) return [...all, ...devices];
      const last = claims(LAST_RESORT, input.facts, settled, products, (fact, rule, found) =>
        productClaim(pack.name, fact, rule, found, products),
      );
      return [...all, ...devices, ...(last.length > 0 ? last : all.flatMap(frameworkClaim))];
    },
  };
}

/** Who signs his pages as he signs his fields signs with what he was told to say. */
const repeats = ({ name }: Fact, { product }: Found, facts: readonly Fact[]) =>
  name === "http.errorPage" &&
  facts.some((fact) => fact.name === "http.server" && squash(fact.value).includes(squash(product)));

/** Greetings, in which the number beside a name is its version, and a number alone the version of the product that they name. */
const GREETS = /^(?:ftp|smtp|pop3|imap|nntp)\.banner$/;
/** Tokens. In a `Server` field the number may be that of a part with another name: `Apache-Coyote/1.1` is no Tomcat 1.1. */
const TOKENS = /^(?:sip\.|(?:http|rtsp)\.server$)/;

/** A signature that knows only the name: the version is what the grammar reads beside the same name. */
function versionBeside(piece: Evidence, facts: readonly Fact[], byName: ByName): Evidence {
  const { product, version } = piece.claim;
  if (product === undefined || version !== undefined) return piece;
  for (const { name, value } of facts) {
    const told = name === piece.source ? versionTold(product, name, value, byName) : null;
    if (told !== null) return { ...piece, claim: { ...piece.claim, version: told } };
  }
  return piece;
}

/** The version of a product in a text that names it. */
function versionTold(product: string, fact: string, value: string, byName: ByName): string | null {
  if (fact === "ldap.rootDse") return readVendorVersion(value);
  const greets = GREETS.test(fact);
  const found = greets || TOKENS.test(fact) ? RULES[fact]?.read(value, byName, nobody) : undefined;
  if (found?.version) {
    const own = withoutKind(squash(product));
    const read = withoutKind(squash(found.product));
    if (read === own) return found.version;
    const similar = read.length > 3 && own.length > 3 && (read.includes(own) || own.includes(read));
    const known = (found.identity ?? byName(found.product))?.product === product;
    if ((known || similar) && !/^(?:http|rtsp)/.test(fact)) return found.version;
  }
  return greets ? readOnlyVersion(value) : null;
}

/** Separators within a name, as product tokens and titles have them. */
const SEPARATOR = /[ _-]+/;
/** Longest maker's name in front of a product's, words. */
const MAX_MAKER_WORDS = 2;

/** The maker that a name begins with. */
function makerInFront(name: string, makerOf: MakerOf): string | undefined {
  const words = name.split(SEPARATOR);
  for (let length = Math.min(MAX_MAKER_WORDS, words.length); length > 0; length--) {
    const vendor = makerOf(words.slice(0, length).join(" "));
    if (vendor !== null) return vendor;
  }
  return undefined;
}

/**
 * A known product under the name of a maker that it has, or had, besides the one that the registry lists (`Dell SonicWALL SSL VPN`,
 * `Novell ZENworks`): products are sold, and keep their names. What is left without the maker must be a name of its own.
 */
function byFormerMaker(name: string, byName: ByName, makerOf: MakerOf): Identity | null {
  const words = name.split(SEPARATOR);
  for (let length = Math.min(MAX_MAKER_WORDS, words.length - 1); length > 0; length--) {
    const rest = words.slice(length).join(" ");
    if (makerOf(words.slice(0, length).join(" ")) === null || namesOnlyMaker(rest)) continue;
    const known = knownByItself(rest, byName);
    if (known) return known;
  }
  return null;
}

const squash = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, "");

function claims(
  rules: Readonly<Record<string, Rule>>,
  facts: readonly Fact[],
  settled: ReadonlySet<string>,
  { byName, makerOf = nobody }: NamedProducts,
  claim: (fact: Fact, rule: Rule, found: Found) => Evidence | null,
): Evidence[] {
  return facts.flatMap((fact) => {
    const rule = Object.hasOwn(rules, fact.name) && !settled.has(fact.name) ? rules[fact.name] : undefined;
    const found = rule?.read(fact.value, byName, makerOf);
    const piece = rule && found ? claim(fact, rule, found) : null;
    return piece ? [piece] : [];
  });
}

const evidence = (pack: string, fact: Fact, claim: Evidence["claim"], weight: number): Evidence => ({
  source: fact.name,
  family: fact.family,
  claim,
  weight,
  excerpt: printable(fact.value),
  signature: `${pack}:grammar/${fact.name}`,
});

function productClaim(
  pack: string,
  fact: Fact,
  { service, spelled, models }: Rule,
  found: Found,
  { byName, cpe23, makerOf = nobody }: NamedProducts,
  modelled = false,
): Evidence | null {
  const version = found.version ?? undefined;
  const bare = withoutKind(found.product);
  const known =
    found.identity ??
    byName(found.product) ??
    (namesOnlyMaker(bare) ? null : byName(bare)) ??
    byFormerMaker(found.product, byName, makerOf);
  if (!known) {
    // `SIP-T21P_E2 52.80`: the model of a known maker is no program.
    if (models && modelled) return null;
    if (found.device) return evidence(pack, fact, { service, device: found.product }, WEIGHT_DEVICE);
    // `TANDBERG/528`: what stands in the version's place is the model.
    const whole =
      version !== undefined && /^\d{3,}$/.test(version) ? `${found.product} ${version}` : found.product;
    if (models && isModel(whole.replace(" ", "")))
      return evidence(pack, fact, { service, device: whole }, WEIGHT_DEVICE);
    const daemon = version !== undefined && isDaemon(found.product);
    if (spelled && ((isAbbreviation(found.product) && !daemon) || isPart(found.product))) return null;
    const weight = version === undefined ? WEIGHT_BARE : WEIGHT_WITH_VERSION;
    const vendor = found.vendor ?? makerInFront(found.product, makerOf);
    const named = { service, product: found.product, ...(vendor && { vendor }), ...(version && { version }) };
    return evidence(pack, fact, named, weight);
  }
  // A maker's name leads to its web server (`Lantronix`): what greets by it elsewhere is another program of the same maker.
  if (
    service &&
    !WEB_SERVICE.test(service) &&
    WEB_PRODUCT.test(known.product) &&
    !WEB_PRODUCT.test(found.product)
  )
    return null;
  const cpe = cpe23(known, version ?? null);
  const { product, vendor, os, device } = known;
  const claim = {
    service,
    product,
    vendor: vendor ?? undefined,
    version,
    os,
    device,
    cpe: cpe ? [cpe] : undefined,
  };
  return evidence(pack, fact, defined(claim), WEIGHT_KNOWN);
}

const WEB_SERVICE = /^(?:http|upnp)$/;
const WEB_PRODUCT = /\b(?:HTTP|Web) ?(?:Server|Manager)$|httpd$/i;

/** Texts in which a device names itself, by service. */
const MODEL_FACTS: Readonly<Record<string, string>> = {
  "http.title": "http",
  "http.wwwAuthenticate": "http",
  "http.server": "http",
  "ftp.banner": "ftp",
  "telnet.banner": "telnet",
  "sip.server": "sip",
  "sip.userAgent": "sip",
  "rtsp.server": "rtsp",
  "upnp.server": "upnp",
  "snmp.sysDescr": "snmp",
};

/** Greetings, in which a maker's bare name before that of the service is a device's, too. */
const GREETING = /^(?:ftp|telnet)\.banner$|^(?:sip|rtsp)\.server$/;

/** Texts that a device writes about itself, its maker's name first. */
const SELF_DESCRIBED = /^(?:snmp\.sysDescr|sip\.server|sip\.userAgent)$/;

/** What `uname` says, in which the second word is the host's own name: no model is read there. */
const UNAME = /^(?:Linux|SunOS|\w*BSD|Darwin|HP-UX|AIX|OSF1|IRIX\d*|UnixWare|DragonFly|Hardware:) /;

/** A device describes itself maker first: a series in the middle of what says no maker, or another, is somebody else's. */
function presents(text: string, { maker, device }: Model): boolean {
  const said = text.toLowerCase();
  return said.includes(maker.toLowerCase()) || said.startsWith(device.slice(maker.length + 1).toLowerCase());
}

function modelClaims(pack: string, facts: readonly Fact[], read: ReadModel): Evidence[] {
  return facts.flatMap((fact) => {
    const service = Object.hasOwn(MODEL_FACTS, fact.name) ? MODEL_FACTS[fact.name] : undefined;
    const text = fact.name === "http.wwwAuthenticate" ? (realmOf(fact.value) ?? "") : fact.value;
    const model = service && !UNAME.test(text) && read(text, GREETING.test(fact.name));
    if (!service || !model || (SELF_DESCRIBED.test(fact.name) && !presents(text, model))) return [];
    const named = model.device !== model.maker;
    const weight = !named ? WEIGHT_DEVICE : service === "snmp" ? WEIGHT_DESCRIBED : WEIGHT_MODEL;
    const piece = evidence(pack, fact, { service, device: model.device }, weight);
    return [{ ...piece, signature: `${pack}:model/${squash(model.maker)}` }];
  });
}

const defined = (claim: Evidence["claim"]): Evidence["claim"] =>
  Object.fromEntries(Object.entries(claim).filter(([, value]) => value !== undefined));

function partClaim(pack: string, fact: Fact, { service }: Rule, { product, version }: GrammarName): Evidence {
  return evidence(pack, fact, { service, technology: { name: product, version } }, WEIGHT_PART);
}

/** A cookie that only one framework sets says at least that much about the product. */
function frameworkClaim(piece: Evidence): Evidence[] {
  const technology = piece.claim.technology;
  if (piece.source !== "http.cookie" || !technology || LANGUAGES.has(technology.name)) return [];
  const claim = { service: "http", product: technology.name };
  return [{ ...piece, claim, weight: WEIGHT_FRAMEWORK, signature: `${piece.signature}:framework` }];
}
