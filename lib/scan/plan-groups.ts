/**
 * Which ports are asked of which addresses. A target without a port of its own is asked for the general ports; `host:port` for that port, unless
 * the general ports cover it. Addresses that share their ports and are alike in being loopback or not form one group, so a plan stays small however
 * many addresses it covers; names are kept beside the addresses they led to.
 */
import type { Profile, ScanRequest } from "../model/request.ts";
import type { PortRegistry } from "../registry/ports.ts";
import { type Address, type AddressRange, formatAddress, formatRange } from "../targets/address.ts";
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
import { isPrinterPort, type PlanGroup, PRINTER_PORTS } from "./plan.ts";
import { profileByName } from "./profiles.ts";

/** At most this many names are asked for at one address (DESIGN section 1). */
const NAMES_PER_ADDRESS = 5;
const ALL_PORTS = 65_535;
const ALL_TCP: PortSet = { tcp: [{ first: 1, last: ALL_PORTS }], udp: [] };
const LOOPBACK: readonly AddressRange[] = [
  prefixRange({ family: 4, value: 0x7f00_0000n }, 8),
  prefixRange({ family: 6, value: 1n }, 128),
];
const isLoopback = (address: Address) => inRanges(LOOPBACK, address);

/** What was asked for at one place: the general ports, or one port of its own. */
export interface Asked {
  ranges: AddressRange[];
  named: { address: Address; name: string }[];
}

/** An address as a range of one. */
export const single = ({ family, value }: Address): AddressRange => ({ family, first: value, last: value });

/** Whether printers' ports were asked for by number: `-p 9100` and `host:9100` do, a list of all ports does not. */
export function asksPrinters(
  request: ScanRequest,
  own: ReadonlyMap<number, Asked>,
  registry: PortRegistry,
): boolean {
  const named = (port: number) => isPrinterPort({ transport: "tcp", port });
  if ([...own.keys()].some(named)) return true;
  if (!request.ports) return false;
  return parsePorts(request.ports, registry).tcp.some(
    ({ first, last }) =>
      first <= PRINTER_PORTS.last && last >= PRINTER_PORTS.first && last - first < ALL_PORTS - 1,
  );
}

/** Ports that were asked of every target without one of its own; loopback takes all TCP ports where nothing was said. */
function generalPorts(
  request: ScanRequest,
  profile: Profile,
  loopback: boolean,
  registry: PortRegistry,
): PortSet {
  if (request.ports) return parsePorts(request.ports, registry);
  if (request.topPorts) return portSet({ tcp: registry.topPorts("tcp", request.topPorts) });
  const own = profile.ports !== null || profile.topTcp + profile.topUdp > 0;
  const { topTcp, topUdp } = own ? profile : profileByName("standard");
  const top = portSet({ tcp: registry.topPorts("tcp", topTcp), udp: registry.topPorts("udp", topUdp) });
  if (profile.ports) return unionPorts(parsePorts(profile.ports, registry), top);
  return loopback && !(request.profile && own) ? unionPorts(top, ALL_TCP) : top;
}

/** Targets without a port of their own: loopback apart from the rest, since other ports are asked of it. */
export function generalGroups(
  general: Asked,
  request: ScanRequest,
  profile: Profile,
  registry: PortRegistry,
): PlanGroup[] {
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
    return planGroup(of, named, generalPorts(request, profile, loopback, registry), loopback);
  }
}

/** Targets with a port of their own; what the general ports cover already is not asked twice. */
export function ownGroups(
  own: ReadonlyMap<number, Asked>,
  general: Asked,
  request: ScanRequest,
  profile: Profile,
  registry: PortRegistry,
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
    const left = covered ? subtractPorts(ports, generalPorts(request, profile, loopback, registry)) : ports;
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
