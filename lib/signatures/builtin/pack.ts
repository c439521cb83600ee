import { cpe23, productByKey, productByName } from "../../registry/products.ts";
import type { Entry } from "../entries.ts";
import { entryPack, type IdentityRegistry } from "../entry-pack.ts";
import { withGrammar } from "../grammar.ts";
import type { Pack } from "../types.ts";

export const productRegistry: IdentityRegistry = { byKey: productByKey, cpe23 };

/** Entries, and grammar claims where they name nothing. */
export function packOf(entries: readonly Entry[], byName = productByName, digest?: string): Pack {
  return withGrammar(entryPack("builtin", entries, productRegistry, digest), { byName, cpe23 });
}
