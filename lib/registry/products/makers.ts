/**
 * The short forms of product files: of most products nothing is known but the maker and the names, so a maker's products are one list.
 * Expanded once, when the registry is built.
 */
import { squash } from "../squash.ts";
import type { ProductEntry } from "./entry.ts";

/** Maker: its products, each a name, or a name and the further names that it goes by. */
export type MakersFile = Readonly<Record<string, readonly (string | readonly string[])[]>>;

/** Further names of products that have their entry in another file: key and names. */
export type AliasesFile = Readonly<Record<string, readonly string[]>>;

type Entries = Readonly<Record<string, ProductEntry>>;

/** Each product as an entry. Its key is its squashed name: the very key that it would have if nobody had listed it. */
export function productsOfMakers(makers: MakersFile): Entries {
  const entries: Record<string, ProductEntry> = {};
  for (const [vendor, list] of Object.entries(makers))
    for (const item of list) {
      const [product = "", ...aliases] = typeof item === "string" ? [item] : item;
      entries[squash(product)] = { product, vendor, ...(aliases.length > 0 && { aliases }) };
    }
  return entries;
}

/** Further names as entries beside those of `files`. @throws RangeError for a key that no file has */
export function withFurtherNames(further: AliasesFile, files: readonly Entries[]): Entries {
  return Object.fromEntries(
    Object.entries(further).map(([key, aliases]) => {
      const entry = files.find((file) => Object.hasOwn(file, key))?.[key];
      if (!entry) throw new RangeError(`no product ${key} to give further names to`);
      return [key, { product: entry.product, aliases: [...aliases] }];
    }),
  );
}
