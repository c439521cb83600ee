import type { Transport } from "../model/endpoint.ts";
import { InputError } from "../model/errors.ts";
import { builtinPorts, type PortRegistry } from "../registry/ports.ts";

// Ports in the syntax of Nmap's `-p`, and what came of it: two lists of sorted, disjoint, inclusive ranges. A plan
// counts and indexes them without listing them.

/** Inclusive. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Sorted, disjoint ranges by transport. */
export interface PortSet {
  readonly tcp: readonly PortRange[];
  readonly udp: readonly PortRange[];
}

const MAX_PORT = 65535;
export const NO_PORTS: PortSet = { tcp: [], udp: [] };

/**
 * Reads `22,80,8000-8100`, `-` (1-65535), `-100`, `60000-`, `T:…` and `U:…` (in force until the next), service names
 * and globs (`http*`), and `[…]` (of these only the registered ports). Port 0 only where it is written.
 *
 * Items before any prefix mean TCP: UDP is scanned only when asked for. With `use: "exclude"` they mean both, and
 * `S:` items are passed over (the `Exclude` directive of a service-probes file).
 * The empty text is the empty set, so that `formatPorts` is always read back.
 * @throws InputError naming the item that is wrong and its position
 */
export function parsePorts(
  text: string,
  registry: Pick<PortRegistry, "registeredPorts"> = builtinPorts,
  { use = "scan" }: { use?: "scan" | "exclude" } = {},
): PortSet {
  if (text === "") return NO_PORTS;
  const found: Record<Transport, PortRange[]> = { tcp: [], udp: [] };
  let transports: readonly Transport[] = use === "scan" ? ["tcp"] : ["tcp", "udp"];
  let bracket = -1;
  let at = 0;
  for (const piece of text.split(",")) {
    let start = at + (piece.length - piece.trimStart().length);
    let item = piece.trim();
    at += piece.length + 1;
    const prefix = /^(\[?)\s*([a-z]):\s*/i.exec(item);
    if (prefix) {
      transports = transportsOf(prefix[2] ?? "", use, start + (prefix[1] ?? "").length);
      item = (prefix[1] ?? "") + item.slice(prefix[0].length);
      start += prefix[0].length - (prefix[1] ?? "").length;
    }
    if (item.startsWith("[")) {
      if (bracket >= 0) throw new InputError('ports: "[" inside "[…]"', item, start);
      bracket = start++;
      item = item.slice(1);
    }
    const closes = bracket >= 0 && item.endsWith("]");
    if (closes) item = item.slice(0, -1);
    if (item === "")
      throw new InputError("ports: an item is missing; write ports as in 22,80,8000-8100", item, start);
    for (const transport of transports) {
      const ranges = parseItem(item, start, transport, registry, transports.length > 1);
      found[transport].push(
        ...(bracket >= 0 ? intersect(ranges, singles(registry.registeredPorts("*", transport))) : ranges),
      );
    }
    if (closes) bracket = -1;
  }
  if (bracket >= 0) throw new InputError('ports: "[" without "]"', text.slice(bracket), bracket);
  return { tcp: merge(found.tcp), udp: merge(found.udp) };
}

function transportsOf(letter: string, use: "scan" | "exclude", position: number): readonly Transport[] {
  const upper = letter.toUpperCase();
  if (upper === "T") return ["tcp"];
  if (upper === "U") return ["udp"];
  if (upper === "S" && use === "exclude") return [];
  throw new InputError(
    `ports: "${letter}:" is not a transport; write T: for TCP or U: for UDP`,
    letter,
    position,
  );
}

function parseItem(
  item: string,
  position: number,
  transport: Transport,
  registry: Pick<PortRegistry, "registeredPorts">,
  mayBeMissing: boolean,
): PortRange[] {
  const range = /^(\d*)(?:(-)(\d*))?$/.exec(item);
  if (range) {
    const [, low = "", dash, high = ""] = range;
    const first = low === "" ? 1 : port(low, position);
    const last = dash ? (high === "" ? MAX_PORT : port(high, position + low.length + 1)) : first;
    if (first > last)
      throw new InputError(`ports: range ${item} runs backwards; write the lower port first`, item, position);
    return [{ first, last }];
  }
  if (!/^[a-z0-9*?][a-z0-9*?._+/-]*$/i.test(item) || /^[\d-]+$/.test(item))
    throw new InputError(
      `ports: "${item}" is not a port, a range such as 8000-8100, or a service name`,
      item,
      position,
    );
  const ports = registry.registeredPorts(item, transport);
  if (ports.length === 0 && !mayBeMissing)
    throw new InputError(
      `ports: no ${transport.toUpperCase()} service is called "${item}"; write its number`,
      item,
      position,
    );
  return singles(ports);
}

function port(digits: string, position: number): number {
  const value = Number(digits);
  if (value > MAX_PORT)
    throw new InputError(`ports: port ${digits} is not between 0 and ${MAX_PORT}`, digits, position);
  return value;
}

function singles(ports: readonly number[]): PortRange[] {
  return merge(ports.map((value) => ({ first: value, last: value })));
}

function merge(ranges: readonly PortRange[]): PortRange[] {
  const merged: PortRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const top = merged.at(-1);
    if (top && range.first <= top.last + 1) {
      if (range.last > top.last) merged[merged.length - 1] = { first: top.first, last: range.last };
    } else merged.push(range);
  }
  return merged;
}

function without(a: readonly PortRange[], b: readonly PortRange[]): PortRange[] {
  const rest: PortRange[] = [];
  let j = 0;
  for (const range of a) {
    let first = range.first;
    while ((b[j]?.last ?? Number.POSITIVE_INFINITY) < range.first) j++;
    for (let k = j; first <= range.last; k++) {
      const hole = b[k];
      if (!hole || hole.first > range.last) break;
      if (hole.first > first) rest.push({ first, last: hole.first - 1 });
      first = hole.last + 1;
    }
    if (first <= range.last) rest.push({ first, last: range.last });
  }
  return rest;
}

function intersect(a: readonly PortRange[], b: readonly PortRange[]): PortRange[] {
  const sorted = merge(a);
  return without(sorted, without([{ first: 0, last: MAX_PORT }], b));
}

/** A set of single ports, such as the top hundred. */
export function portSet({
  tcp = [],
  udp = [],
}: {
  tcp?: readonly number[];
  udp?: readonly number[];
}): PortSet {
  return { tcp: singles(tcp), udp: singles(udp) };
}

/** `22,80,8000-8100,U:53`: what `parsePorts` reads back as the same set. Empty for no ports. */
export function formatPorts(set: PortSet): string {
  const list = (ranges: readonly PortRange[]) =>
    ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
  return [list(set.tcp), set.udp.length > 0 ? `U:${list(set.udp)}` : ""]
    .filter((part) => part !== "")
    .join(",");
}

/** How many ports there are, in both transports or one. */
export function countPorts(set: PortSet, transport?: Transport): number {
  const count = (ranges: readonly PortRange[]) =>
    ranges.reduce((sum, range) => sum + range.last - range.first + 1, 0);
  return transport ? count(set[transport]) : count(set.tcp) + count(set.udp);
}

/** Ranges with the number of each range's first port, so that `portAt` can search. */
export interface PortIndex {
  readonly ranges: readonly PortRange[];
  readonly starts: readonly number[];
  readonly count: number;
}

export function portIndex(ranges: readonly PortRange[]): PortIndex {
  let count = 0;
  const starts = ranges.map(({ first, last }) => {
    const start = count;
    count += last - first + 1;
    return start;
  });
  return { ranges, starts, count };
}

/**
 * The port of number `index`, 0-based, in ascending order: O(log ranges) over a `portIndex`, which pays where many are
 * asked for; over bare ranges the index is made anew.
 * @throws RangeError outside the set
 */
export function portAt(ports: PortIndex | readonly PortRange[], index: number): number {
  const { ranges, starts, count } = "starts" in ports ? ports : portIndex(ports);
  const at = lastAtMost(starts, index);
  const range = ranges[at];
  if (!range || !Number.isInteger(index) || index >= count)
    throw new RangeError(`no port ${index} of ${count}`);
  return range.first + index - (starts[at] ?? 0);
}

/** Greatest i with starts[i] <= index, in ascending `starts`; -1 when there is none. */
export function lastAtMost(starts: readonly number[], index: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? Number.POSITIVE_INFINITY) <= index) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}

/** Is the port in the set? */
export function hasPort(set: PortSet, transport: Transport, value: number): boolean {
  const ranges = set[transport];
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (!range) return false;
    if (range.last < value) low = middle + 1;
    else if (range.first > value) high = middle - 1;
    else return true;
  }
  return false;
}

/** The ports of either set. */
export function unionPorts(a: PortSet, b: PortSet): PortSet {
  return { tcp: merge([...a.tcp, ...b.tcp]), udp: merge([...a.udp, ...b.udp]) };
}

/** The ports of `a` that are not in `b`. */
export function subtractPorts(a: PortSet, b: PortSet): PortSet {
  return { tcp: without(a.tcp, b.tcp), udp: without(a.udp, b.udp) };
}
