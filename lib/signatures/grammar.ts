import { createHash } from "node:crypto";
import type { Evidence } from "../model/evidence.ts";
import { type Fact, printable } from "../model/observation.ts";
import {
  type GrammarName,
  readGenerator,
  readGreeting,
  readImapId,
  readPart,
  readPoweredBy,
  readSshSoftware,
  readTokens,
  readVersionText,
} from "./grammar-read.ts";
import { isModel } from "./grammar-words.ts";
import type { Pack } from "./types.ts";

/**
 * Grammar claims: where no signature knows a product, the protocol's own rules still say which part of a text names it. A `Server`
 * field begins with a product token (RFC 9110 section 10.2.4), an SSH software version is `Name_1.2` (RFC 4253 section 4.2), IMAP's ID
 * and the IMPLEMENTATION lines of POP3 and NNTP hold a name and a version by definition. Greetings have no such rule, so only the
 * shapes that nearly all of them share are read. Signatures come first: a fact on which one named a product or a device is left alone.
 */

interface Rule {
  service: string;
  read(text: string): GrammarName | null;
  /** Devices offer this service as often as programs do: a name with a model number is the device's. */
  models?: true;
}

const RULES: Readonly<Record<string, Rule>> = {
  "http.server": { service: "http", read: readTokens },
  "rtsp.server": { service: "rtsp", read: readTokens, models: true },
  "sip.server": { service: "sip", read: readTokens, models: true },
  "sip.userAgent": { service: "sip", read: readTokens, models: true },
  "ssh.banner": { service: "ssh", read: readSshSoftware },
  "ftp.banner": { service: "ftp", read: (text) => readGreeting(text), models: true },
  "smtp.banner": { service: "smtp", read: (text) => readGreeting(text), models: true },
  "pop3.banner": { service: "pop3", read: (text) => readGreeting(text) },
  "imap.banner": { service: "imap", read: (text) => readGreeting(text) },
  "nntp.banner": { service: "nntp", read: (text) => readGreeting(text) },
  "imap.id": { service: "imap", read: readImapId },
  "pop3.implementation": { service: "pop3", read: readVersionText },
  "nntp.implementation": { service: "nntp", read: readVersionText },
  "dns.version_bind": { service: "domain", read: readVersionText },
  "dns.version.bind": { service: "domain", read: readVersionText },
};

/** Read only when nothing else names the product: what a page runs on is a part of its server as a rule. */
const LAST_RESORT: Readonly<Record<string, Rule>> = {
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
const WEIGHT_PART = 4.5;
const WEIGHT_DEVICE = 2;
/** A framework taken for the product, since nothing else names one. */
const WEIGHT_FRAMEWORK = 3.8;

/** Part of the digest: count it up when the rules read anything differently. */
const REVISION = 2;

const names = ({ claim }: Evidence) => claim.product !== undefined;
const describes = (piece: Evidence) => names(piece) || piece.claim.device !== undefined;

/** The pack, with grammar claims where it names nothing. Keeps the pack's name. */
export function withGrammar(pack: Pack): Pack {
  return {
    name: pack.name,
    digest: `sha256:${createHash("sha256").update(`${pack.digest} grammar ${REVISION}`).digest("hex")}`,
    evaluate(input) {
      const known = pack.evaluate(input);
      const settled = new Set(known.filter(describes).map((piece) => piece.source));
      const parted = new Set(known.filter(({ claim }) => claim.technology).map((piece) => piece.source));
      const all = [
        ...known,
        ...claims(RULES, input.facts, settled, (fact, rule, found) =>
          productClaim(pack.name, fact, rule, found),
        ),
        ...claims(PARTS, input.facts, parted, (fact, rule, found) => partClaim(pack.name, fact, rule, found)),
      ];
      if (all.some(describes)) return all;
      const last = claims(LAST_RESORT, input.facts, settled, (fact, rule, found) =>
        productClaim(pack.name, fact, rule, found),
      );
      return [...all, ...(last.length > 0 ? last : all.flatMap(frameworkClaim))];
    },
  };
}

function claims(
  rules: Readonly<Record<string, Rule>>,
  facts: readonly Fact[],
  settled: ReadonlySet<string>,
  claim: (fact: Fact, rule: Rule, found: GrammarName) => Evidence,
): Evidence[] {
  return facts.flatMap((fact) => {
    const rule = Object.hasOwn(rules, fact.name) && !settled.has(fact.name) ? rules[fact.name] : undefined;
    const found = rule?.read(fact.value);
    return rule && found ? [claim(fact, rule, found)] : [];
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
  { service, models }: Rule,
  { product, version }: GrammarName,
): Evidence {
  // `TANDBERG/528`: what stands in the version's place is the model.
  const whole = version !== null && /^\d{3,}$/.test(version) ? `${product} ${version}` : product;
  if (models && isModel(whole.replace(" ", "")))
    return evidence(pack, fact, { service, device: whole }, WEIGHT_DEVICE);
  const weight = version === null ? WEIGHT_BARE : WEIGHT_WITH_VERSION;
  return evidence(pack, fact, { service, product, ...(version === null ? {} : { version }) }, weight);
}

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
