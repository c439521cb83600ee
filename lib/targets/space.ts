import { InputError } from "../model/errors.ts";
import type { Address, AddressRange, Family } from "./address.ts";
import { lastAtMost } from "./ports.ts";
import { mergeRanges, subtractRanges } from "./ranges.ts";

// A scan's addresses as numbers 0..count-1 over a few ranges, and cut into blocks of neighbours. Nothing is ever
// listed: a /8 is one range, and block 40,000 of it is computed when somebody asks for it.

/** 2^32: all of IPv4. What has more addresses cannot be meant. */
const MAX_ADDRESSES = 2 ** 32;
/** Bits of host part inside one network: a block lies within a /24 (IPv4) or a /120 (IPv6). */
const NETWORK_BITS = 8n;
const NETWORK_SIZE = 256;

export interface AddressSpace {
  /** Sorted, disjoint. */
  readonly ranges: readonly AddressRange[];
  readonly count: number;
  /** Index of each range's first address. */
  readonly starts: readonly number[];
}

/**
 * The addresses of `include` that are not in `exclude`, each once.
 * @throws InputError when there are more than 2^32
 */
export function addressSpace(
  include: readonly AddressRange[],
  exclude: readonly AddressRange[] = [],
): AddressSpace {
  const ranges = subtractRanges(mergeRanges(include), mergeRanges(exclude));
  const total = ranges.reduce((sum, range) => sum + size(range), 0n);
  if (total > BigInt(MAX_ADDRESSES))
    throw new InputError(
      `the targets hold ${total} addresses; at most ${MAX_ADDRESSES} (all of IPv4, or an IPv6 /96) can be scanned at once`,
      total.toString(),
    );
  let count = 0;
  const starts = ranges.map((range) => {
    const start = count;
    count += Number(size(range));
    return start;
  });
  return { ranges, count, starts };
}

function size(range: AddressRange): bigint {
  return range.last - range.first + 1n;
}

/** The address of number `index`, 0-based; O(log ranges). @throws RangeError outside 0..count-1 */
export function addressAt(space: AddressSpace, index: number): Address {
  const at = lastAtMost(space.starts, index);
  const range = space.ranges[at];
  const start = space.starts[at];
  if (!range || start === undefined || index >= space.count || !Number.isInteger(index))
    throw new RangeError(`no address ${index} in a space of ${space.count}`);
  return { family: range.family, value: range.first + BigInt(index - start) };
}

/** How many addresses of the space lie in a range. O(log ranges) and those that it touches. */
export function countBetween(space: AddressSpace, { family, first, last }: AddressRange): number {
  let low = 0;
  let high = space.ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = space.ranges[middle];
    if (range && (range.family < family || (range.family === family && range.last < first))) low = middle + 1;
    else high = middle;
  }
  let count = 0n;
  for (let i = low; ; i++) {
    const range = space.ranges[i];
    if (!range || range.family !== family || range.first > last) return Number(count);
    count += (range.last < last ? range.last : last) - (range.first > first ? range.first : first) + 1n;
  }
}

/** The /24 or /120 that an address lies in. */
export function networkOf({ family, value }: Address): AddressRange {
  const first = (value >> NETWORK_BITS) << NETWORK_BITS;
  return { family, first, last: first + (1n << NETWORK_BITS) - 1n };
}

export interface Block {
  readonly family: Family;
  /** First address of the /24 or /120 that holds the block. */
  readonly network: bigint;
  /** Index in the space of the block's first address; its addresses are consecutive from there. */
  readonly first: number;
  readonly count: number;
  /** The same addresses as ranges, sorted and disjoint. */
  readonly ranges: readonly AddressRange[];
}

export interface Blocks {
  readonly blockCount: number;
  /** O(log ranges). @throws RangeError outside 0..blockCount-1 */
  blockAt(index: number): Block;
}

/** Either one network with some of its addresses, or a run of whole networks. `address` is an index in the space. */
interface Run {
  readonly address: number;
  readonly block: number;
  /** Addresses in each network of the run; 256 when whole. */
  readonly perNetwork: number;
}

/** Cuts the space into blocks of at most `maxHosts` addresses (1 or more), none across a /24 or /120 boundary. */
export function blocks(space: AddressSpace, maxHosts: number): Blocks {
  if (!(maxHosts >= 1)) throw new RangeError(`maxHosts is ${maxHosts}; it must be at least 1`);
  const hosts = Math.min(Math.floor(maxHosts), NETWORK_SIZE);
  const runs: Run[] = [];
  let address = 0;
  let blockCount = 0;
  for (const part of networkParts(space.ranges)) {
    runs.push({ address, block: blockCount, perNetwork: part.perNetwork });
    address += part.perNetwork * part.networks;
    blockCount += Math.ceil(part.perNetwork / hosts) * part.networks;
  }
  const runBlocks = runs.map((run) => run.block);

  const blockAt = (index: number): Block => {
    const run = runs[lastAtMost(runBlocks, index)];
    if (!run || index >= blockCount || !Number.isInteger(index))
      throw new RangeError(`no block ${index} of ${blockCount}`);
    const perNetworkBlocks = Math.ceil(run.perNetwork / hosts);
    const networkNumber = Math.floor((index - run.block) / perNetworkBlocks);
    const within = ((index - run.block) % perNetworkBlocks) * hosts;
    const first = run.address + networkNumber * run.perNetwork + within;
    const count = Math.min(hosts, run.perNetwork - within);
    const { family, value } = addressAt(space, first);
    const network = (value >> NETWORK_BITS) << NETWORK_BITS;
    return { family, network, first, count, ranges: slice(space, first, count) };
  };
  return { blockCount, blockAt };
}

/** Ranges of `count` addresses from index `first` on. */
function slice(space: AddressSpace, first: number, count: number): AddressRange[] {
  const cut: AddressRange[] = [];
  let left = count;
  for (let i = lastAtMost(space.starts, first), index = first; left > 0; i++) {
    const range = space.ranges[i];
    const start = space.starts[i];
    if (!range || start === undefined) throw new RangeError(`no addresses ${first} to ${first + count - 1}`);
    const from = range.first + BigInt(index - start);
    const taken = Math.min(left, Number(range.last - from + 1n));
    cut.push({ family: range.family, first: from, last: from + BigInt(taken - 1) });
    left -= taken;
    index += taken;
  }
  return cut;
}

// At most three parts a range: its head, its whole networks, its tail. Parts of one network are joined.
function networkParts(ranges: readonly AddressRange[]): { perNetwork: number; networks: number }[] {
  const parts: { key: string; perNetwork: number; networks: number }[] = [];
  const add = (family: Family, network: bigint, perNetwork: bigint, networks: bigint) => {
    const key = `${family}/${network}`;
    const top = parts.at(-1);
    if (top?.key === key) top.perNetwork += Number(perNetwork);
    else parts.push({ key, perNetwork: Number(perNetwork), networks: Number(networks) });
  };
  const unit = 1n << NETWORK_BITS;
  for (const { family, first, last } of ranges) {
    const low = first >> NETWORK_BITS;
    const high = last >> NETWORK_BITS;
    if (low === high) {
      add(family, low, last - first + 1n, 1n);
      continue;
    }
    const headWhole = (first & (unit - 1n)) === 0n;
    const tailWhole = (last & (unit - 1n)) === unit - 1n;
    if (!headWhole) add(family, low, unit - (first & (unit - 1n)), 1n);
    const wholeFrom = headWhole ? low : low + 1n;
    const wholeTo = tailWhole ? high : high - 1n;
    // A run of whole networks shares no network with its neighbours, so its key may be its first network.
    if (wholeTo >= wholeFrom) add(family, wholeFrom, unit, wholeTo - wholeFrom + 1n);
    if (!tailWhole) add(family, high, (last & (unit - 1n)) + 1n, 1n);
  }
  return parts;
}
