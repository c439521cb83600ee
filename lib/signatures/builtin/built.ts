import { productByName } from "../../registry/products.ts";
import type { Pack } from "../types.ts";
import packed from "./entries.static.ts";
import { packOf } from "./pack.ts";

/** The built-in pack, of entries that were put together, and digested, when this was built. Keep it, since compiled patterns live in it. */
export function builtPack(): Pack {
  const { entries, digest } = packed();
  return packOf(entries, productByName, digest);
}
