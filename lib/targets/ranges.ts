import { type Address, type AddressRange, type Family, MAPPED, WIDTH } from "./address.ts";

// Algebra over sorted, disjoint, inclusive ranges of addresses. All of it is linear in the number of ranges
// and never looks at a single address, so that a /8 costs as much as one host.

/** Sorts by family and first address and joins what overlaps or touches. */
export function mergeRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const sorted = [...ranges].sort(compareRanges);
  const merged: AddressRange[] = [];
  for (const range of sorted) {
    const top = merged.at(-1);
    if (top && top.family === range.family && range.first <= top.last + 1n) {
      if (range.last > top.last) merged[merged.length - 1] = { ...top, last: range.last };
    } else merged.push(range);
  }
  return merged;
}

function compareRanges(a: AddressRange, b: AddressRange): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0;
}

/** What is in `a` and in `b`; both sorted and disjoint. */
export function intersectRanges(a: readonly AddressRange[], b: readonly AddressRange[]): AddressRange[] {
  const common: AddressRange[] = [];
  for (let i = 0, j = 0; ; ) {
    const x = a[i];
    const y = b[j];
    if (!x || !y) return common;
    if (x.family !== y.family) {
      if (x.family < y.family) i++;
      else j++;
      continue;
    }
    const first = x.first > y.first ? x.first : y.first;
    const last = x.last < y.last ? x.last : y.last;
    if (first <= last) common.push({ family: x.family, first, last });
    if (x.last < y.last) i++;
    else j++;
  }
}

/** What is in `a` and not in `b`; both sorted and disjoint. */
export function subtractRanges(a: readonly AddressRange[], b: readonly AddressRange[]): AddressRange[] {
  const rest: AddressRange[] = [];
  let j = 0;
  for (const range of a) {
    for (let y = b[j]; y && endsBefore(y, range); y = b[j]) j++;
    let first = range.first;
    for (let k = j; first <= range.last; k++) {
      const hole = b[k];
      if (!hole || hole.family !== range.family || hole.first > range.last) break;
      if (hole.first > first) rest.push({ family: range.family, first, last: hole.first - 1n });
      first = hole.last + 1n;
    }
    if (first <= range.last) rest.push({ family: range.family, first, last: range.last });
  }
  return rest;
}

function endsBefore(a: AddressRange, b: AddressRange): boolean {
  return a.family < b.family || (a.family === b.family && a.last < b.first);
}

/** Binary search in sorted, disjoint ranges. */
export function inRanges(ranges: readonly AddressRange[], { family, value }: Address): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (!range) return false;
    if (range.family < family || (range.family === family && range.last < value)) low = middle + 1;
    else if (range.family > family || range.first > value) high = middle - 1;
    else return true;
  }
  return false;
}

/** The network of an address: `prefix` leading bits fixed, the rest free. */
export function prefixRange(address: Address, prefix: number): AddressRange {
  const free = BigInt(WIDTH[address.family] - prefix);
  const first = (address.value >> free) << free;
  return { family: address.family, first, last: first + (1n << free) - 1n };
}

/** Every address of a family. */
export function wholeFamily(family: Family): AddressRange {
  return prefixRange({ family, value: 0n }, 0);
}

/** The part inside ::ffff:0:0/96 as the IPv4 range that it is, the rest as it stands. */
export function canonicalRanges(range: AddressRange): AddressRange[] {
  if (range.family === 4) return [range];
  const prefix = [prefixRange({ family: 6, value: MAPPED.base }, MAPPED.prefix)];
  const inner = intersectRanges([range], prefix);
  if (inner.length === 0) return [range];
  const as4 = inner.map(
    ({ first, last }): AddressRange => ({ family: 4, first: first - MAPPED.base, last: last - MAPPED.base }),
  );
  return [...as4, ...subtractRanges([range], prefix)];
}
