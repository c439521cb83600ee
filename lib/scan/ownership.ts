/**
 * Asked again when a batch begins, before a packet leaves: is this address still ours to touch? The dispatcher's answer may be hours old, a
 * plan and a message are only stored bytes, and cloud addresses change hands. So an address must lie in the plan's scope and in the scope that
 * this function is configured with now, or be this account's by its inventory: alone (`inventory.ts`), or under one of its names
 * (`owned-names.ts`). And an address that only a name led to must still be what the name leads to.
 *
 * The gate also closes what is left alone whoever owns it: printers' ports that nobody asked for, and the ports of our own local cloud.
 */
import type { Configuration } from "../cloud/configuration.ts";
import type { Cloud } from "../cloud/index.ts";
import type { Endpoint } from "../model/endpoint.ts";
import { type Address, canonicalAddress, formatAddress, parseAddress } from "../targets/address.ts";
import { hasPort, type PortSet } from "../targets/ports.ts";
import { type Lookup, resolvesTo } from "../targets/resolve.ts";
import { checkAddress, type Scope, scopeFrom } from "../targets/scope.ts";
import { isOwned } from "./inventory.ts";
import { homesAt, ledBefore, NAME_FRESH_MS, ownedNames, portsOf } from "./owned-names.ts";
import { isPrinterPort, type Plan } from "./plan.ts";
import { single } from "./plan-groups.ts";

export interface Ownership {
  /**
   * May the address be touched, under this name or none? Ports: at these alone.
   * @throws Error when that cannot be found out now: the batch is delivered again
   */
  owns(address: Address, hostname: string | null): Promise<boolean | PortSet>;
}

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

/**
 * The account's inventory, asked at this moment. What is never touched is not touched here either, whoever owns it.
 * `scanId`: of the scan whose dispatcher may have looked the names up.
 */
export function inventoryOwnership(
  cloud: Pick<Cloud, "table">,
  { now, lookup, scanId }: { now: () => Date; lookup?: Lookup | undefined; scanId?: string },
): Ownership {
  const nobodys = scopeFrom([], { allowLoopback: false });
  return {
    async owns(asked, hostname) {
      const address = canonicalAddress(asked);
      const itself = { ...nobodys, ranges: [single(address)] };
      if (checkAddress(itself, address) === null && (await isOwned(cloud, address, now()))) return true;
      if (hostname === null || checkAddress(nobodys, address, { owned: true }) !== null) return false;
      const led = { name: hostname, address: formatAddress(address) };
      const before = scanId === undefined ? null : await ledBefore(cloud, scanId, led, now());
      const names = await ownedNames(cloud, before?.under ?? hostname, now());
      if (names.length === 0) return false;
      if (before?.fresh) return portsOf(names);
      if (!(await resolvesTo(hostname, address, lookup))) return false;
      const homes = await homesAt(names, address, lookup);
      return homes.length > 0 && portsOf(homes);
    },
  };
}

/** In the scope, or else the account's own where it keeps an inventory. */
export function fullOwnership(
  cloud: Pick<Cloud, "table" | "configuration">,
  plan: Pick<Plan, "scanId" | "scope" | "local" | "startedAt">,
  { now, lookup }: { now: () => Date; lookup?: Lookup | undefined },
): Ownership {
  const inScope = scopeOwnership(plan, cloud.configuration, { now, lookup });
  if (cloud.configuration.inventory.length === 0) return inScope;
  const inventory = inventoryOwnership(cloud, { now, lookup, scanId: plan.scanId });
  return {
    owns: async (address, hostname) =>
      (await inScope.owns(address, hostname)) || inventory.owns(address, hostname),
  };
}

/** Whether an endpoint may be connected to: asked right before; of an address once a batch, not once a port. */
export function gate(
  plan: Plan,
  selfPorts: readonly number[],
  ownership: Ownership,
): (endpoint: Endpoint) => Promise<boolean> {
  const self = new Set([...plan.selfPorts, ...selfPorts]);
  const verdicts = new Map<string, Promise<boolean | PortSet>>();
  const owned = async ({ host, hostname }: Endpoint) => {
    const address = parseAddress(host);
    return address !== null && ownership.owns(address, hostname);
  };
  return async (endpoint) => {
    const { host, hostname, transport, port } = endpoint;
    const key = `${host} ${hostname ?? ""}`;
    const verdict = verdicts.get(key) ?? owned(endpoint);
    verdicts.set(key, verdict);
    const owns = await verdict;
    if (typeof owns === "boolean" ? !owns : !hasPort(owns, transport, port)) return false;
    if (isPrinterPort(endpoint) && !plan.printerPorts) return false;
    const loopback = host === "::1" || host.startsWith("127.");
    return !(loopback && plan.local && transport === "tcp" && self.has(port));
  };
}
