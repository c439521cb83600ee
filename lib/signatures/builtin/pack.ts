import { cpe23, makerByName, productByKey, productByName } from "../../registry/products.ts";
import type { Entry } from "../entries.ts";
import { entryPack, type IdentityRegistry } from "../entry-pack.ts";
import { withGrammar } from "../grammar.ts";
import type { ModelsFile } from "../models.ts";
import type { Pack } from "../types.ts";
import models from "./models.yaml";

export const productRegistry: IdentityRegistry = { byKey: productByKey, cpe23 };

/** Entries, and grammar claims where they name nothing. */
export function packOf(entries: readonly Entry[], byName = productByName, digest?: string): Pack {
  const signatures = entryPack("builtin", entries, productRegistry, digest);
  return withGrammar(signatures, { byName, cpe23, makerOf: makerByName, models: models as ModelsFile });
}
