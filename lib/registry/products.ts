import { type ProductEntry, productFiles } from "./products/index.ts";
import { squash } from "./squash.ts";

// One identity a product: "Apache httpd", "HTTPD" of Apache and "Apache" are the same key here, so that packs agree
// instead of conflicting. Names are compared by their letters and digits alone.

export { cpe22, cpe23 } from "./cpe.ts";
export { squash } from "./squash.ts";

export interface Identity {
  key: string;
  product: string;
  vendor: string | null;
  /** `part:vendor:product`, or null. */
  cpe: string | null;
  service?: string;
  os?: string;
  device?: string;
}

export interface ProductIndex {
  byKey: ReadonlyMap<string, Identity>;
  /** By squashed alias, key or vendor with product. */
  byName: ReadonlyMap<string, Identity>;
  /** By squashed product; null where two identities have that product name. */
  byProduct: ReadonlyMap<string, Identity | null>;
  /** Names that two identities claim, for the test that forbids them. */
  conflicts: readonly string[];
}

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

/**
 * Builds the index. A key that stands in both files is one identity: the second adds aliases and what the first leaves
 * open. Of two claims to a name the first holds, and the conflict is listed.
 */
export function indexProducts(
  files: Readonly<Record<string, Readonly<Record<string, ProductEntry>>>>,
): ProductIndex {
  const conflicts: string[] = [];
  const entries = new Map<string, ProductEntry>();
  for (const [file, map] of Object.entries(files))
    for (const [key, entry] of Object.entries(map)) {
      const first = entries.get(key);
      if (first)
        conflicts.push(...differences(first, entry).map((what) => `${file}: ${key} has another ${what}`));
      const aliases = [...(first?.aliases ?? []), ...(entry.aliases ?? [])];
      entries.set(key, { ...entry, ...first, aliases });
    }

  const byKey = new Map<string, Identity>();
  const byName = new Map<string, Identity>();
  const byProduct = new Map<string, Identity | null>();
  for (const [key, { aliases = [], vendor, cpe, ...rest }] of entries) {
    const identity: Identity = { key, ...rest, vendor: vendor ?? null, cpe: cpe ?? null };
    byKey.set(key, identity);
    const names = [...aliases, key, ...(vendor ? [vendor + rest.product] : [])];
    for (const name of new Set(names.map(squash))) {
      const owner = byName.get(name);
      if (owner) conflicts.push(`"${name}" of ${key} already names ${owner.key}`);
      else if (name !== "") byName.set(name, identity);
    }
    const product = squash(rest.product);
    // A product name of two makers leads to neither by itself.
    byProduct.set(product, byProduct.has(product) ? null : identity);
  }
  for (const [product, identity] of byProduct) {
    const owner = byName.get(product);
    if (owner && identity && owner !== identity)
      conflicts.push(`"${product}" is a name of ${owner.key} and of ${identity.key}`);
  }
  return { byKey, byName, byProduct, conflicts };
}

function differences(a: ProductEntry, b: ProductEntry): string[] {
  return (["product", "vendor", "cpe"] as const).filter(
    (field) => a[field] && b[field] && a[field] !== b[field],
  );
}

/** The built-in identities. */
export const products: ProductIndex = indexProducts(productFiles);

/** The identity of a key of the product files; null when there is none. */
export function productByKey(key: string): Identity | null {
  return products.byKey.get(key) ?? null;
}

/** The identity that goes by a name, whatever the case and the punctuation; null where none does, or the name is anybody's. */
export function productByName(text: string, index: ProductIndex = products): Identity | null {
  const name = squash(text);
  if (name === "" || GENERIC.has(name)) return null;
  return index.byName.get(name) ?? index.byProduct.get(name) ?? null;
}

/**
 * The one identity of what a pack or a server calls a product. What is not known becomes an identity of its own, keyed
 * by its squashed name (with the vendor, where the name alone is anybody's), without CPE.
 */
export function identify(
  { vendor = null, product }: { vendor?: string | null; product: string },
  index: ProductIndex = products,
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
