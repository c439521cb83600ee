/**
 * A plan is a small description of everything a scan will touch: groups of addresses with the ports asked of them. Batches are numbered, and
 * what is in batch n is computed from the plan alone (`plan-index.ts`), so a message needs only the number and a /8 costs as
 * much as one host. The same request, id and key give the same plan.
 */
import * as z from "zod";
import type { Endpoint } from "../model/endpoint.ts";
import { InputError, ScopeError } from "../model/errors.ts";
import { type Profile, profileSchema, type ScanRequest, scanLimitsSchema } from "../model/request.ts";
import { builtinPorts, topPorts } from "../registry/ports.ts";
import { type Address, type AddressRange, formatAddress, formatRange } from "../targets/address.ts";
import { parseTargets, type Target } from "../targets/parse.ts";
import {
  formatPorts,
  NO_PORTS,
  type PortSet,
  parsePorts,
  portSet,
  subtractPorts,
  unionPorts,
} from "../targets/ports.ts";
import { inRanges, mergeRanges, prefixRange, subtractRanges } from "../targets/ranges.ts";
import { type Lookup, resolveName } from "../targets/resolve.ts";
import { checkAddress, checkSpace, type Scope } from "../targets/scope.ts";
import { addressSpace } from "../targets/space.ts";
import { DEFAULT_LIMITS, DEFAULT_PROBERS, endpointsPerBatch, limitsOf } from "./politeness.ts";
import { profileByName } from "./profiles.ts";

const groupSchema = z.object({
  /** Addresses as `first-last`, CIDR or single, sorted and disjoint; asked for without a name. */
  ranges: z.array(z.string()),
  /** Addresses with the names they are asked for under. */
  named: z.array(z.object({ address: z.string(), names: z.array(z.string()) })),
  /** `-p` syntax. */
  ports: z.string(),
  /** Every address of the group is loopback, and nobody asked for limits: answers come at once, batches may be large. */
  loopback: z.boolean(),
});
export type PlanGroup = z.infer<typeof groupSchema>;

export const planSchema = z.object({
  scanId: z.string(),
  startedAt: z.iso.datetime(),
  deadlineAt: z.iso.datetime(),
  cause: z.string().nullable(),
  args: z.string(),
  /** Seed of the permutation of networks. */
  key: z.string(),
  profile: profileSchema,
  /** Checked again by the prober before it connects. */
  scope: z.array(z.string()),
  local: z.boolean(),
  /** Loopback TCP ports of the scan's own local cloud. */
  selfPorts: z.array(z.number()),
  /** Printers print what they are sent on these TCP ports: left alone unless asked for by number. */
  printerPorts: z.boolean(),
  /** Digests of the operator's packs, and how they are used (ScanRequest). */
  packs: z.array(z.string()).default([]),
  rpcPrograms: z.array(z.object({ number: z.number(), name: z.string() })).optional(),
  builtin: z.boolean().default(true),
  allPorts: z.boolean().default(false),
  strictOrder: z.boolean().default(false),
  /** What earlier scans identified is not identified again while it answers the same. */
  cache: z.boolean().default(false),
  limits: scanLimitsSchema.default(DEFAULT_LIMITS),
  /** Batches that may run at once: what the limits are divided by. */
  probers: z.number().int().min(1).default(DEFAULT_PROBERS),
  /** Endpoints in one batch: said here, so that another release numbers a scan under way as this one does. */
  endpointsPerBatch: z.number().int().min(1).default(2_000),
  /** What the scan may cost, USD; null: whatever it takes. */
  maxCostUsd: z.number().nullable().default(null),
  groups: z.array(groupSchema),
});
export type Plan = z.infer<typeof planSchema>;

/** When a scan's time is over, epoch ms: the plan's, unless a redrive gave it more. */
export const deadlineOf = (plan: Pick<Plan, "deadlineAt">, meta: Record<string, unknown> | null): number =>
  Date.parse(typeof meta?.deadlineAt === "string" ? meta.deadlineAt : plan.deadlineAt);

/** At most this many names are asked for at one address (DESIGN section 1). */
const NAMES_PER_ADDRESS = 5;
/** Refused targets that a message lists. */
const REFUSED_SHOWN = 5;
const ALL_PORTS = 65_535;
const ALL_TCP: PortSet = { tcp: [{ first: 1, last: ALL_PORTS }], udp: [] };
const LOOPBACK: readonly AddressRange[] = [
  prefixRange({ family: 4, value: 0x7f00_0000n }, 8),
  prefixRange({ family: 6, value: 1n }, 128),
];
const isLoopback = (address: Address) => inRanges(LOOPBACK, address);

export interface PlanContext {
  scanId: string;
  scope: Scope;
  scopeEntries: string[];
  local: boolean;
  selfPorts: number[];
  startedAt: Date;
  lookup?: Lookup;
  /** Batches that may run at once. */
  probers?: number;
}

/** What was asked for at one place: the general ports, or one port of its own. */
interface Asked {
  ranges: AddressRange[];
  named: { address: Address; name: string }[];
}

/**
 * @throws InputError when the request is wrong or describes nothing
 * @throws ScopeError when a target may not be touched (unless `skipOutOfScope`)
 */
export async function makePlan(
  request: ScanRequest,
  context: PlanContext,
): Promise<{ plan: Plan; skipped: string[] }> {
  const chosen = request.profile ?? "standard";
  const named = typeof chosen === "string" ? profileByName(chosen) : chosen;
  const { probers = DEFAULT_PROBERS } = context;
  const limits = limitsOf(request.limits, probers);
  const profile = { ...named, intensity: request.intensity ?? named.intensity };
  const excluded = mergeRanges(
    (await resolveAll(parseTargets(request.excludes), request, context)).flatMap(({ asked }) => [
      ...asked.ranges,
      ...asked.named.map(({ address }) => single(address)),
    ]),
  );
  const resolved = await resolveAll(parseTargets(request.targets), request, context);
  const skipped: string[] = [];
  const refused: { target: string; reason: string }[] = [];
  const general: Asked = { ranges: [], named: [] };
  const own = new Map<number, Asked>();
  for (const { target, asked } of resolved) {
    const verdict = allowed(asked, excluded, context.scope);
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
    const lines = refused.slice(0, REFUSED_SHOWN).map(({ target, reason }) => `${target}: ${reason}`);
    if (refused.length > REFUSED_SHOWN) lines.push(`and ${refused.length - REFUSED_SHOWN} more`);
    if (!request.skipOutOfScope) {
      throw new ScopeError(
        `refused, nothing was sent. ${lines.join("; ")}. Say what may be scanned with --scope, or leave the rest out with --skip-out-of-scope.`,
        refused,
      );
    }
    skipped.push(...lines);
  }

  const groups = generalGroups(general, request, profile).concat(ownGroups(own, general, request, profile));
  if (groups.length === 0)
    throw new InputError("Nothing is left to scan: no target, or all excluded", request.targets.join(" "));
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
    printerPorts: request.allPorts || asksPrinters(request, own),
    packs: request.packs,
    rpcPrograms: request.rpcPrograms,
    builtin: request.builtin,
    allPorts: request.allPorts,
    strictOrder: request.strictOrder,
    maxCostUsd: request.maxCostUsd ?? null,
    cache: request.cache ?? !context.local,
    limits,
    probers,
    endpointsPerBatch: request.endpointsPerBatch ?? endpointsPerBatch(limits, probers, profile.timeoutMs),
    groups: request.limits ? groups.map((group) => ({ ...group, loopback: false })) : groups,
  };
  return { plan, skipped };
}

/** JetDirect and its neighbours (AppSocket): whatever arrives there is printed. */
const PRINTER_PORTS = { first: 9100, last: 9107 };
export const isPrinterPort = ({ transport, port }: Pick<Endpoint, "transport" | "port">) =>
  transport === "tcp" && port >= PRINTER_PORTS.first && port <= PRINTER_PORTS.last;

/** `-p 9100` and `host:9100` ask for it; a list of all ports does not. */
function asksPrinters(request: ScanRequest, own: ReadonlyMap<number, Asked>): boolean {
  const named = (port: number) => isPrinterPort({ transport: "tcp", port });
  if ([...own.keys()].some(named)) return true;
  if (!request.ports) return false;
  return parsePorts(request.ports, builtinPorts).tcp.some(
    ({ first, last }) =>
      first <= PRINTER_PORTS.last && last >= PRINTER_PORTS.first && last - first < ALL_PORTS - 1,
  );
}

const single = ({ family, value }: Address): AddressRange => ({ family, first: value, last: value });

async function resolveAll(targets: Target[], request: ScanRequest, { lookup }: PlanContext) {
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

/** Takes the excluded away and what is out of scope, with the reasons. */
function allowed(asked: Asked, excluded: readonly AddressRange[], scope: Scope) {
  const refused: string[] = [];
  const space = addressSpace(asked.ranges, excluded);
  const outside = checkSpace(scope, space);
  for (const { range, reason } of outside) {
    refused.push(`${formatRange(range)} is ${reason.startsWith("not ") ? "" : "never scanned: "}${reason}`);
  }
  const named = asked.named.filter(({ address, name }) => {
    if (inRanges(excluded, address)) return false;
    const reason = checkAddress(scope, address, { hostname: name });
    if (reason !== null) refused.push(`${formatAddress(address)} is ${reason}`);
    return reason === null;
  });
  const ranges = subtractRanges(space.ranges, mergeRanges(outside.map(({ range }) => range)));
  return { asked: { ranges, named }, refused };
}

/** Ports that were asked of every target without one of its own; loopback takes all TCP ports where nothing was said. */
function generalPorts(request: ScanRequest, profile: Profile, loopback: boolean): PortSet {
  if (request.ports) return parsePorts(request.ports, builtinPorts);
  if (request.topPorts) return portSet({ tcp: topPorts("tcp", request.topPorts) });
  const own = profile.ports !== null || profile.topTcp + profile.topUdp > 0;
  const { topTcp, topUdp } = own ? profile : profileByName("standard");
  const top = portSet({ tcp: topPorts("tcp", topTcp), udp: topPorts("udp", topUdp) });
  if (profile.ports) return unionPorts(parsePorts(profile.ports, builtinPorts), top);
  return loopback && !(request.profile && own) ? unionPorts(top, ALL_TCP) : top;
}

function generalGroups(general: Asked, request: ScanRequest, profile: Profile): PlanGroup[] {
  const ranges = mergeRanges(general.ranges);
  const local = LOOPBACK.flatMap((range) => subtractRanges(ranges, subtractRanges(ranges, [range])));
  return [
    group(
      mergeRanges(local),
      general.named.filter(({ address }) => isLoopback(address)),
      true,
    ),
    group(
      subtractRanges(ranges, mergeRanges(local)),
      general.named.filter(({ address }) => !isLoopback(address)),
      false,
    ),
  ].filter((g) => g.ranges.length + g.named.length > 0);

  function group(of: AddressRange[], named: Asked["named"], loopback: boolean): PlanGroup {
    return planGroup(of, named, generalPorts(request, profile, loopback), loopback);
  }
}

/** Targets with a port of their own; what the general ports cover already is not asked twice. */
function ownGroups(
  own: ReadonlyMap<number, Asked>,
  general: Asked,
  request: ScanRequest,
  profile: Profile,
): PlanGroup[] {
  const generalRanges = mergeRanges(general.ranges);
  const generalNames = new Set(general.named.map(nameKey));
  const perHost = new Map<string, { address: Address; name: string | null; ports: PortSet }>();
  for (const [port, asked] of own) {
    const hosts = [
      ...asked.ranges.flatMap(({ family, first }) => [{ address: { family, value: first }, name: null }]),
      ...asked.named,
    ];
    for (const host of hosts) {
      const key = nameKey(host);
      const ports = perHost.get(key)?.ports ?? NO_PORTS;
      perHost.set(key, { ...host, ports: unionPorts(ports, portSet({ tcp: [port] })) });
    }
  }
  const groups = new Map<
    string,
    { hosts: { address: Address; name: string | null }[]; ports: PortSet; loopback: boolean }
  >();
  for (const [key, { address, name, ports }] of perHost) {
    const loopback = isLoopback(address);
    const covered = name === null ? inRanges(generalRanges, address) : generalNames.has(key);
    const left = covered ? subtractPorts(ports, generalPorts(request, profile, loopback)) : ports;
    if (left.tcp.length === 0) continue;
    const groupKey = `${formatPorts(left)} ${loopback}`;
    const found = groups.get(groupKey) ?? { hosts: [], ports: left, loopback };
    found.hosts.push({ address, name });
    groups.set(groupKey, found);
  }
  return [...groups.values()].map(({ hosts, ports, loopback }) =>
    planGroup(
      mergeRanges(hosts.filter(({ name }) => name === null).map(({ address }) => single(address))),
      hosts.flatMap(({ address, name }) => (name === null ? [] : [{ address, name }])),
      ports,
      loopback,
    ),
  );
}

const nameKey = ({ address, name }: { address: Address; name: string | null }) =>
  `${formatAddress(address)} ${name ?? ""}`;

function planGroup(
  ranges: AddressRange[],
  named: Asked["named"],
  ports: PortSet,
  loopback: boolean,
): PlanGroup {
  const names = new Map<string, Set<string>>();
  for (const { address, name } of named) {
    const text = formatAddress(address);
    const known = names.get(text) ?? new Set();
    if (known.size < NAMES_PER_ADDRESS) known.add(name);
    names.set(text, known);
  }
  return {
    ranges: ranges.map(formatRange),
    named: [...names].map(([address, known]) => ({ address, names: [...known] })),
    ports: formatPorts(ports),
    loopback,
  };
}
