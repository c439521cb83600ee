/**
 * What earlier scans found out about an endpoint, read from its asset: one item for each open endpoint, and none any more for a host about which
 * nothing is known. It holds for a day, and only for the same knowledge and the same way of looking: another pack, profile or version
 * of this tool identifies anew. And only as long as the address is in the same hands: what was found out before the inventory saw it leave, or
 * come back under another resource, may be of another machine.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import type { Table } from "../cloud/table.ts";
import type { Memory } from "../detect/remembered.ts";
import { evidenceSchema } from "../model/evidence.ts";
import { recipeSchema } from "../model/observation.ts";
import { VERSION } from "../model/version.ts";
import { parseAddress } from "../targets/address.ts";
import { heldSince } from "./inventory.ts";
import { keptResult } from "./kept-result.ts";
import { assetKey } from "./keys.ts";
import type { Plan } from "./plan.ts";

/** How long an identification holds, ms (DESIGN section 4). */
export const CACHE_TTL_MS = 24 * 3_600_000;
/** Reads of one host that brought nothing, after which it is not looked up any more: a host that answers on every port has thousands. */
export const MOST_MISSES = 32;

/** An asset's recipe: how it was identified, under which knowledge, when. */
const keptRecipeSchema = z.object({ ...recipeSchema.shape, key: z.string(), at: z.iso.datetime() });
export type KeptRecipe = z.infer<typeof keptRecipeSchema>;

const assetSchema = z.object({
  recipe: keptRecipeSchema,
  result: z.preprocess(
    keptResult,
    z.object({
      evidence: z.array(evidenceSchema),
      flags: z.array(z.string()),
      servicefp: z.string().nullable(),
    }),
  ),
});

/** One word for everything that decides what an endpoint is taken for. */
export function cacheKey(plan: Plan, packs: string): string {
  const { profile, allPorts, strictOrder, rpcPrograms, services } = plan;
  const { name: _, ports: __, topTcp: ___, topUdp: ____, ...looking } = profile;
  const all = [VERSION, packs, looking, allPorts, strictOrder, rpcPrograms ?? null, services ?? null];
  return createHash("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 32);
}

/** Null where the plan wants none. @param packs digest over what makes evidence @param inventory whether the account's inventory is kept */
export function assetMemory(
  table: Pick<Table, "get">,
  plan: Plan,
  { packs, wallClock, inventory }: { packs: string; wallClock: () => Date; inventory: boolean },
): Memory | null {
  if (!plan.cache) return null;
  const key = cacheKey(plan, packs);
  const misses = new Map<string, number>();
  const heldSinces = new Map<string, Promise<number | null>>();
  /** Whether the address was then in the hands that it is in now; asked once a host. What cannot be read is not relied on. */
  const sameHands = async (host: string, at: number) => {
    const address = inventory ? parseAddress(host) : null;
    if (!address) return true;
    const asked = heldSinces.get(host) ?? heldSince({ table }, address).catch(() => Number.POSITIVE_INFINITY);
    heldSinces.set(host, asked);
    return at >= ((await asked) ?? 0);
  };
  return async (endpoint) => {
    const missed = misses.get(endpoint.host) ?? 0;
    if (missed >= MOST_MISSES) return null;
    // A table that cannot be read costs time, not the result.
    const asset = assetSchema.safeParse(await table.get(assetKey(endpoint)).catch(() => null));
    if (asset.success) {
      const { recipe, result } = asset.data;
      const at = Date.parse(recipe.at);
      const young = recipe.key === key && wallClock().getTime() - at < CACHE_TTL_MS;
      if (young && (await sameHands(endpoint.host, at))) return { recipe, ...result };
    }
    misses.set(endpoint.host, missed + 1);
    return null;
  };
}
