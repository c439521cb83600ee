/**
 * Asked again when a batch begins, before a packet leaves: is this address still ours to touch? The dispatcher's answer may be hours old, a
 * plan and a message are only stored bytes, and cloud addresses change hands. So an address must lie in the plan's scope and in the scope that
 * this function is configured with now; and an address that only a name led to must still be what the name leads to.
 *
 * Proof from the account's own inventory is not there yet: whoever adds it implements `Ownership`.
 */
import type { Configuration } from "../cloud/configuration.ts";
import type { Address } from "../targets/address.ts";
import { type Lookup, resolvesTo } from "../targets/resolve.ts";
import { checkAddress, type Scope, scopeFrom } from "../targets/scope.ts";
import type { Plan } from "./plan.ts";

export interface Ownership {
  /**
   * May the address be touched, under this name or none?
   * @throws Error when that cannot be found out now: the batch is delivered again
   */
  owns(address: Address, hostname: string | null): Promise<boolean>;
}

/** The dispatcher's own look at a name counts for this long, ms: names with many addresses give others each time. */
const NAME_FRESH_MS = 10 * 60_000;

export function scopeOwnership(
  plan: Pick<Plan, "scope" | "local" | "startedAt">,
  configuration: Pick<Configuration, "scope" | "local">,
  { now, lookup }: { now: () => Date; lookup?: Lookup | undefined },
): Ownership {
  const allowLoopback = plan.local && configuration.local;
  const scopes = [plan.scope, configuration.scope].map((entries) => scopeFrom(entries, { allowLoopback }));
  const allow = (scope: Scope, address: Address, hostname: string | null) =>
    checkAddress(scope, address, { hostname }) === null;
  return {
    async owns(address, hostname) {
      if (!scopes.every((scope) => allow(scope, address, hostname))) return false;
      if (hostname === null || scopes.every((scope) => allow(scope, address, null))) return true;
      if (now().getTime() - Date.parse(plan.startedAt) < NAME_FRESH_MS) return true;
      return resolvesTo(hostname, address, lookup);
    },
  };
}
