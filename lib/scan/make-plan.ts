/**
 * From a request to a plan: targets become addresses, names are resolved once, what is excluded goes, what is out of scope is refused before
 * anything is sent. What then remains is grouped by the ports asked of it (`plan-groups.ts`). The same request, id and key
 * give the same plan.
 */
import { InputError, ScopeError } from "../model/errors.ts";
import type { Profile, ScanRequest } from "../model/request.ts";
import { registryOf } from "../registry/services.ts";
import { type AddressRange, formatAddress, formatRange } from "../targets/address.ts";
import { parseTargets, type Target } from "../targets/parse.ts";
import { inRanges, mergeRanges, subtractRanges } from "../targets/ranges.ts";
import { type Lookup, remembering, resolveName } from "../targets/resolve.ts";
import { checkAddress, checkSpace, NOT_IN_SCOPE, type Scope } from "../targets/scope.ts";
import { addressSpace } from "../targets/space.ts";
import type { Inventory } from "./inventory.ts";
import { balancersAt, homesAt, type Led, type OwnedName } from "./owned-names.ts";
import type { Plan } from "./plan.ts";
import { type Asked, asksPrinters, generalGroups, ownGroups, single } from "./plan-groups.ts";
import { DEFAULT_PROBERS, endpointsPerBatch, LOOPBACK_ENDPOINTS_PER_BATCH, limitsOf } from "./politeness.ts";
import { profileByName } from "./profiles.ts";

/** Refused targets that a message lists. */
const REFUSED_SHOWN = 5;

export interface PlanContext {
  scanId: string;
  /** What may be scanned, the account's own addresses included. */
  scope: Scope;
  /** Where the account's own addresses come from; absent or null: only the scope's entries count. For words. */
  inventory?: Inventory | null;
  scopeEntries: string[];
  local: boolean;
  selfPorts: number[];
  startedAt: Date;
  lookup?: Lookup;
  /** Batches that may run at once. */
  probers?: number;
}

/**
 * The plan, lines that say what was left out of it as out of scope, and what is in it for a name of the account's.
 * @throws InputError when the request is wrong or describes nothing
 * @throws ScopeError when a target may not be touched (unless `skipOutOfScope`)
 */
export async function makePlan(
  request: ScanRequest,
  context: PlanContext,
): Promise<{ plan: Plan; skipped: string[]; led: Led[] }> {
  const chosen = request.profile ?? "standard";
  const named = typeof chosen === "string" ? profileByName(chosen) : chosen;
  const profile = { ...named, intensity: request.intensity ?? named.intensity };
  const pace = paceOf(request, profile, context.probers ?? DEFAULT_PROBERS);
  // A name and the home of its resource (`owned-names.ts`) are compared by what they lead to at one moment.
  const lookup = remembering(context.lookup);
  const excluded = mergeRanges(
    (await resolveAll(excludes(request.excludes), request, lookup)).flatMap(({ asked }) => [
      ...asked.ranges,
      ...asked.named.map(({ address }) => single(address)),
    ]),
  );
  const resolved = await resolveAll(parseTargets(request.targets), request, lookup);
  const skipped: string[] = [];
  const refused: { target: string; reason: string }[] = [];
  const led: Led[] = [];
  const general: Asked = { ranges: [], named: [] };
  const own = new Map<number, Asked>();
  for (const { target, asked } of resolved) {
    const names = namesBehind(target, asked, context);
    const home = await atHome(asked, names, lookup);
    led.push(...home);
    const athome = home.map(({ address }) => address);
    const verdict = allowed(asked, excluded, context, names, athome);
    for (const reason of verdict.refused) refused.push({ target: target.text, reason });
    let into = general;
    if (target.port !== null) {
      into = own.get(target.port) ?? { ranges: [], named: [] };
      own.set(target.port, into);
    }
    into.ranges.push(...verdict.asked.ranges);
    into.named.push(...verdict.asked.named);
  }
  if (refused.length > 0) {
    const lines = refused
      .slice(0, REFUSED_SHOWN)
      .map(({ target, reason }) => (reason.startsWith(`${target} `) ? reason : `${target}: ${reason}`));
    if (refused.length > REFUSED_SHOWN) lines.push(`and ${refused.length - REFUSED_SHOWN} more`);
    if (!request.skipOutOfScope) {
      const mayBe = refused.some(({ reason }) => reason.includes(NOT_IN_SCOPE));
      const leave = "leave the rest out with --skip-out-of-scope";
      throw new ScopeError(
        `refused, nothing was sent. ${lines.join("; ")}. ${mayBe ? `${wayOut(context)}, or ${leave}` : `Here you can only ${leave}`}.`,
        refused,
      );
    }
    skipped.push(...lines);
  }

  const ports = registryOf(request.services);
  const groups = generalGroups(general, request, profile, ports).concat(
    ownGroups(own, general, request, profile, ports),
  );
  if (groups.length === 0)
    throw new InputError(
      `Nothing is left to scan: ${skipped.length > 0 ? `out of scope or excluded are all. ${skipped.join("; ")}` : "all targets are excluded"}`,
      request.targets.join(" "),
    );
  const plan: Plan = {
    scanId: context.scanId,
    startedAt: context.startedAt.toISOString(),
    deadlineAt: new Date(context.startedAt.getTime() + request.deadlineMs).toISOString(),
    cause: request.cause,
    args: request.args,
    key: request.key ?? context.scanId,
    profile,
    scope: context.scopeEntries,
    local: context.local,
    selfPorts: context.selfPorts,
    printerPorts: request.allPorts || asksPrinters(request, own, ports),
    packs: request.packs,
    rpcPrograms: request.rpcPrograms,
    services: request.services,
    builtin: request.builtin,
    allPorts: request.allPorts,
    strictOrder: request.strictOrder,
    maxCostUsd: request.maxCostUsd ?? null,
    cache: request.cache ?? !context.local,
    ...pace,
    endpointsPerLoopbackBatch: LOOPBACK_ENDPOINTS_PER_BATCH,
    groups: request.limits ? groups.map((group) => ({ ...group, loopback: false })) : groups,
  };
  return { plan, skipped, led };
}

/** What of a plan hangs on how many batches may run at once. @throws InputError when the limits cannot be divided among so many */
export function paceOf(
  request: ScanRequest,
  { timeoutMs }: Pick<Profile, "timeoutMs">,
  probers: number,
): Pick<Plan, "limits" | "probers" | "endpointsPerBatch"> {
  const limits = limitsOf(request.limits, probers);
  const fitting = request.endpointsPerBatch ?? endpointsPerBatch(limits, probers, timeoutMs);
  return { limits, probers, endpointsPerBatch: fitting };
}

/** @throws InputError for one with a port: addresses are left out whole, and more than was meant would be */
function excludes(texts: readonly string[]): Target[] {
  const targets = parseTargets(texts);
  const one = targets.find(({ port }) => port !== null);
  if (one)
    throw new InputError(
      `exclude "${one.text}": addresses are left out with all their ports; name the wanted ports instead`,
      one.text,
    );
  return targets;
}

async function resolveAll(targets: Target[], request: ScanRequest, lookup: Lookup) {
  const resolved: { target: Target; asked: Asked }[] = [];
  for (const target of targets) {
    if (target.kind === "addresses") {
      resolved.push({ target, asked: { ranges: target.ranges, named: [] } });
    } else {
      const addresses = await resolveName(target.name, { ipv6: request.ipv6, lookup });
      const named = addresses.map((address) => ({ address, name: target.name }));
      resolved.push({ target, asked: { ranges: [], named } });
    }
  }
  return resolved;
}

/** What the account owns under a name: by the name itself, or because it leads to a load balancer of the account's. */
function namesBehind(target: Target, { named }: Asked, { inventory }: PlanContext): readonly OwnedName[] {
  if (target.kind !== "name" || !inventory) return [];
  const addresses = named.map(({ address }) => formatAddress(address));
  return (
    inventory.names.get(target.name) ?? balancersAt(addresses, inventory.shared, inventory.names.values())
  );
}

/** Of a name's addresses those that are the account's under that name. */
async function atHome({ named }: Asked, names: readonly OwnedName[], lookup: Lookup): Promise<Led[]> {
  const found: Led[] = [];
  for (const { address, name } of names.length > 0 ? named : []) {
    const [under] = await homesAt(names, address, lookup);
    if (under) found.push({ name, address: formatAddress(address), under: under.name });
  }
  return found;
}

/** How to make a target one that may be scanned. */
function wayOut({ local, inventory }: PlanContext): string {
  if (local) return "Say what may be scanned with --scope";
  const scope = `Say what may be scanned with the stack's parameter Scope (cdk deploy --parameters Scope="…")`;
  if (!inventory) return scope;
  const taken = inventory.takenAt ? `last taken at ${inventory.takenAt}` : "not taken yet";
  return `This account's own public addresses, and its load balancers, CloudFront distributions and APIs by name, may be scanned, too (the inventory was ${taken}; invoke the inventory function to take it now). ${scope}`;
}

/** Takes the excluded away and what is out of scope, with the reasons. */
function allowed(
  asked: Asked,
  excluded: readonly AddressRange[],
  { scope, inventory }: Pick<PlanContext, "scope" | "inventory">,
  names: readonly OwnedName[],
  home: readonly string[],
) {
  // It may be in the inventory all the same: then it is said why that is not enough.
  const nearly = (what: string): string => {
    const [owned] = names;
    if (owned && owned.name === asked.named[0]?.name)
      return `: ${owned.name} is a name of this account's ${owned.kind} ${owned.resource}, but leads elsewhere than ${owned.home} now`;
    const other = inventory?.shared.get(what);
    if (!other) return "";
    const byName = other.startsWith("a load balancer") ? "; ask for it by a name that leads to it" : "";
    return `: it is the address of ${other}, which this account does not own alone${byName}`;
  };
  const refusal = (what: string, reason: string) =>
    `${what} is ${reason.startsWith("not ") ? "" : "never scanned: "}${reason}${reason === NOT_IN_SCOPE ? nearly(what) : ""}`;
  const refused: string[] = [];
  const space = addressSpace(asked.ranges, excluded);
  const outside = checkSpace(scope, space);
  for (const { range, reason } of outside) {
    refused.push(refusal(formatRange(range), reason));
  }
  const named = asked.named.filter(({ address, name }) => {
    if (inRanges(excluded, address)) return false;
    const text = formatAddress(address);
    const reason = checkAddress(scope, address, { hostname: name, owned: home.includes(text) });
    if (reason !== null) refused.push(refusal(text, reason));
    return reason === null;
  });
  const ranges = subtractRanges(space.ranges, mergeRanges(outside.map(({ range }) => range)));
  return { asked: { ranges, named }, refused };
}
