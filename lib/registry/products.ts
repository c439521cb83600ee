import type { Identity, ProductIndex } from "./product-index.ts";
import packed from "./products/identities.static.ts";
import { squash } from "./squash.ts";

// One identity a product: "Apache httpd", "HTTPD" of Apache and "Apache" are the same key here, so that packs agree
// instead of conflicting. Names are compared by their letters and digits alone.

export { cpe22, cpe23 } from "./cpe.ts";
export type { Identity, ProductIndex } from "./product-index.ts";
export { squash } from "./squash.ts";

/** Names of programs of many makers: without its vendor such a name identifies nothing. */
const GENERIC = new Set(
  (
    "httpd http httpserver webserver web server ftpd ftp ftpserver sshd ssh sshserver telnetd telnet smtpd smtp " +
    "smtpserver pop3 pop3d pop3server imap imapd imapserver dns dnsserver snmpd snmp snmpagent ntpd ldap sip proxy " +
    "httpproxy mailserver router firewall switch printer camera"
  ).split(" "),
);

/** What kind of program it is, put behind a name by many packs: `Postfix smtpd`, `Microsoft IIS httpd`. */
const KIND_BEHIND =
  /(?<=\S) +(?:httpd|http proxy|smtpd|ftpd|sshd|telnetd|imapd|pop3d|nntpd|snmpd|ntpd|named)$/i;

let built: ProductIndex | null = null;

/** The built-in identities, as they were indexed when this was built. */
export function products(): ProductIndex {
  if (built) return built;
  const { identities, byName, byProduct } = packed();
  const mapped = (places: readonly (readonly [string, number | null])[]) =>
    new Map(places.map(([name, i]) => [name, i === null ? null : (identities[i] ?? null)]));
  built = {
    byKey: new Map(identities.map((identity) => [identity.key, identity])),
    byName: mapped(byName),
    byProduct: mapped(byProduct),
  };
  return built;
}

/** The identity of a key of the product files; null when there is none. */
export function productByKey(key: string): Identity | null {
  return products().byKey.get(key) ?? null;
}

/** The identity that goes by a name, whatever the case and the punctuation; null where none does, or the name is anybody's. */
export function productByName(text: string, index: ProductIndex = products()): Identity | null {
  const name = squash(text);
  if (name === "" || GENERIC.has(name)) return null;
  return index.byName.get(name) ?? index.byProduct.get(name) ?? null;
}

/** Makers whose names are words of everyday, or of places and of many things: beside other words they say nothing. */
const WORDS_TOO = new Set(
  (
    "actual altair altera amazon ambient anaconda apple argo axis barracuda beanstalk billion blackmagic brother buffalo bull canvas carrier " +
    "centurylink conquest delta develop digital duo easy echo eclipse element encore engineering epic evergreen exact extreme facebook fast flood " +
    "fluke flux git gladys gnu halo harmonic harness horde icon icons indigo innovative inverse lean lightspeed linux lynx magic " +
    "magnolia mend mit monica mono netflix next outline pace perl planet posit poly prime progress promise quantum quartz quest ruby " +
    "sage savant semaphore sharp sky snap snow sun sync telekom tesla thanos trane tut unify valve vera violin vodafone yahoo zebra"
  ).split(" "),
);

let makers: ReadonlyMap<string, string> | null = null;

/** The maker of at least two built-in products that goes by a name; null for any other, and for a word of everyday. */
export function makerByName(text: string): string | null {
  makers ??= makersOf(products());
  const name = squash(text);
  return /^[A-Z\d]|[A-Z]/.test(text) ? (makers.get(name) ?? null) : null;
}

function makersOf(index: ProductIndex): Map<string, string> {
  const first = new Map<string, string>();
  const found = new Map<string, string>();
  for (const { vendor } of index.byKey.values()) {
    const name = squash(vendor ?? "");
    if (vendor === null || name.length < 2 || WORDS_TOO.has(name)) continue;
    if (first.has(name)) found.set(name, vendor);
    else first.set(name, vendor);
  }
  return found;
}

/**
 * The one identity of what a pack or a server calls a product. What is not known becomes an identity of its own, keyed
 * by its squashed name (with the vendor, where the name alone is anybody's), without CPE.
 */
export function identify(
  { vendor = null, product }: { vendor?: string | null; product: string },
  index: ProductIndex = products(),
): Identity {
  const name = squash(product);
  const maker = squash(vendor ?? "");
  const find = (one: string) =>
    (maker ? index.byName.get(maker + one) : undefined) ?? index.byName.get(one) ?? index.byProduct.get(one);
  const known = find(name) ?? find(squash(product.replace(KIND_BEHIND, "")));
  const fits = known && (maker === "" || !GENERIC.has(name) || sameMaker(maker, known));
  if (fits) return known;
  return {
    key: (GENERIC.has(name) ? maker + name : name) || product.trim().toLowerCase(),
    product,
    vendor,
    cpe: null,
  };
}

/** "Apache" and "Apache Software Foundation" are one maker; so is a maker whose name the product carries. */
function sameMaker(maker: string, identity: Identity): boolean {
  const own = squash(identity.vendor ?? "");
  if (own !== "" && (own.includes(maker) || maker.includes(own))) return true;
  return squash(identity.product).startsWith(maker);
}
