/**
 * Asked again when a batch begins, before a packet leaves: is this address still ours to touch? The dispatcher's answer may be hours old, a
 * plan and a message are only stored bytes, and cloud addresses change hands. So an address must lie in the plan's scope and in the scope that
 * this function is configured with now; and an address that only a name led to must still be what the name leads to.
 *
 * The gate also closes what is left alone whoever owns it: printers' ports that nobody asked for, and the ports of our own local cloud.
 *
 * Proof from the account's own inventory is not there yet: whoever adds it implements `Ownership`.
 */
import type { Configuration } from "../cloud/configuration.ts";
import type { Endpoint } from "../model/endpoint.ts";
import { type Address, parseAddress } from "../targets/address.ts";
import { type Lookup, resolvesTo } from "../targets/resolve.ts";
import { checkAddress, type Scope, scopeFrom } from "../targets/scope.ts";
import { isPrinterPort, type Plan } from "./plan.ts";

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

/** Whether an endpoint may be connected to: asked right before; of an address once a batch, not once a port. */
export function gate(
  plan: Plan,
  selfPorts: readonly number[],
  ownership: Ownership,
): (endpoint: Endpoint) => Promise<boolean> {
  const self = new Set([...plan.selfPorts, ...selfPorts]);
  const verdicts = new Map<string, Promise<boolean>>();
  const owned = async ({ host, hostname }: Endpoint) => {
    const address = parseAddress(host);
    return address !== null && ownership.owns(address, hostname);
  };
  return async (endpoint) => {
    const { host, hostname, transport, port } = endpoint;
    const key = `${host} ${hostname ?? ""}`;
    const verdict = verdicts.get(key) ?? owned(endpoint);
    verdicts.set(key, verdict);
    if (!(await verdict) || (isPrinterPort(endpoint) && !plan.printerPorts)) return false;
    const loopback = host === "::1" || host.startsWith("127.");
    return !(loopback && plan.local && transport === "tcp" && self.has(port));
  };
}
