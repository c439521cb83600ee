import type { ProductEntry } from "./products/entry.ts";
import { squash } from "./squash.ts";

// The index of the product files: which names lead to which identity.

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
  byName: ReadonlyMap<string, Identity | null>;
  /** By squashed product; null where two identities have that product name. */
  byProduct: ReadonlyMap<string, Identity | null>;
}

/**
 * Builds the index. A key that stands in both files is one identity: the second adds aliases and what the first leaves
 * open. Of two claims to a name the first holds, and the conflict is listed for the test that forbids them.
 */
export function indexProducts(
  files: Readonly<Record<string, Readonly<Record<string, ProductEntry>>>>,
): ProductIndex & { conflicts: readonly string[] } {
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
