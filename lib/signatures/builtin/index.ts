import { cpe23, productByKey } from "../../registry/products.ts";
import { type Entry, entriesSchema } from "../entries.ts";
import { entryPack, type IdentityRegistry } from "../entry-pack.ts";
import type { Pack } from "../types.ts";
import binary from "./binary.yaml";
import devices from "./devices.yaml";
import middleware from "./middleware.yaml";
import text from "./text.yaml";

/**
 * The built-in pack: signatures of our own over facts and responses, in YAML files. The entries keep
 * their order: within one fact the first that names a product wins.
 */

export const productRegistry: IdentityRegistry = { byKey: productByKey, cpe23 };

/** All built-in entries, text protocols first. @throws ZodError when a file breaks the schema */
export function builtinEntries(): Entry[] {
  return [text, binary, middleware, devices].flatMap((file) => entriesSchema.parse(file ?? []));
}

/** Builds the pack: keep it, since compiled patterns live in it. */
export function builtinPack(): Pack {
  return entryPack("builtin", builtinEntries(), productRegistry);
}
