import { InputError } from "../model/errors.ts";
import { type Address, type AddressRange, canonicalAddress, EMBEDDINGS, MAPPED, unwrap } from "./address.ts";
import { NEVER } from "./never.ts";
import { parseName, parseTarget } from "./parse.ts";
import {
  canonicalRanges,
  inRanges,
  intersectRanges,
  mergeRanges,
  prefixRange,
  subtractRanges,
  wholeFamily,
} from "./ranges.ts";

// May we touch this? Default deny. An address passes when it is in the scope, or when it is what a name in the scope
// resolved to; nothing passes that is on the never list. An IPv6 address that carries an IPv4 address is a door to
// that one too, so both must pass. IPv4-mapped addresses are no second thing: they are checked as IPv4.

export interface Scope {
  /** Sorted, disjoint, never with IPv4-mapped parts. */
  readonly ranges: readonly AddressRange[];
  /** Lower-case names; `below` without the name itself (`*.example.com`). */
  readonly domains: readonly { name: string; below: boolean }[];
  readonly allowLoopback: boolean;
}

const LOOPBACK: readonly AddressRange[] = [
  // 127.0.0.0/8: RFC 1122 section 3.2.1.3; ::1: RFC 4291 section 2.5.3
  prefixRange({ family: 4, value: 0x7f00_0000n }, 8),
  prefixRange({ family: 6, value: 1n }, 128),
];
export const NOT_IN_SCOPE = "not in scope";
const LOOPBACK_REFUSED = "loopback is not allowed here (RFC 1122, RFC 4291)";

/**
 * Reads a scope: addresses, CIDRs, ranges, and domains. `example.com` covers itself and everything below,
 * `*.example.com` only what is below.
 * @throws InputError for an entry that is none of these
 */
export function scopeFrom(entries: readonly string[], { allowLoopback }: { allowLoopback: boolean }): Scope {
  const ranges: AddressRange[] = [];
  const domains: { name: string; below: boolean }[] = [];
  for (const entry of entries) {
    const text = entry.trim();
    if (text.startsWith("*.")) {
      const fail = (message: string): never => {
        throw new InputError(`scope "${text}": ${message}`, text, 2);
      };
      domains.push({ name: parseName(text.slice(2), fail), below: true });
      continue;
    }
    const target = parseTarget(text);
    if (target.port !== null)
      throw new InputError(`scope "${text}": a scope entry has no port`, text, text.lastIndexOf(":"));
    if (target.kind === "name") domains.push({ name: target.name, below: false });
    else {
      // "::/0" holds ::ffff:0:0/96 too, but who writes it means IPv6, and is not taken to allow all of IPv4.
      const six = target.ranges.filter((range) => range.family === 6);
      ranges.push(...(six.length > 0 ? six : target.ranges));
    }
  }
  return { ranges: mergeRanges(ranges), domains, allowLoopback };
}

/**
 * Null when the address may be touched, else why not. `hostname` is the name that resolved to it; `owned`: the account's inventory says that the
 * address is its own under that name.
 */
export function checkAddress(
  scope: Scope,
  address: Address,
  { hostname = null, owned = false }: { hostname?: string | null; owned?: boolean } = {},
): string | null {
  const named = owned || (hostname !== null && inDomains(scope, hostname));
  const plain = canonicalAddress(address);
  const reason = checkOne(scope, plain, named);
  if (reason !== null) return reason;
  const inner = unwrap(plain);
  const innerReason = inner && checkOne(scope, inner.address, named);
  return innerReason ? `${innerReason} (the ${inner.embedding.name} address inside)` : null;
}

function checkOne(scope: Scope, address: Address, named: boolean): string | null {
  const never = NEVER.find((entry) => inRanges([entry.range], address));
  if (never) return never.reason;
  if (inRanges(LOOPBACK, address)) return scope.allowLoopback ? null : LOOPBACK_REFUSED;
  return named || inRanges(scope.ranges, address) ? null : NOT_IN_SCOPE;
}

/** Is the name one of the scope's domains, or below one? */
function inDomains(scope: Scope, hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, "");
  return scope.domains.some(
    (domain) => (!domain.below && name === domain.name) || name.endsWith(`.${domain.name}`),
  );
}

export interface RefusedRange {
  readonly range: AddressRange;
  readonly reason: string;
}

/** The parts of a space that may not be touched, sorted and disjoint, without a look at single addresses. */
export function checkSpace(
  scope: Scope,
  space: { readonly ranges: readonly AddressRange[] },
): RefusedRange[] {
  const refused: RefusedRange[] = [];
  let rest = mergeRanges(space.ranges.flatMap(canonicalRanges));
  for (const { ranges, reason } of refusals(scope)) {
    for (const range of intersectRanges(rest, ranges)) refused.push({ range, reason });
    rest = subtractRanges(rest, ranges);
  }
  return refused.sort((a, b) =>
    a.range.family !== b.range.family
      ? a.range.family - b.range.family
      : a.range.first < b.range.first
        ? -1
        : 1,
  );
}

// In the order of checkAddress: the address itself, then the one inside it. The image of a range of IPv4 addresses
// under an embedding is again one range, because the IPv4 address stands behind a fixed prefix.
function refusals(scope: Scope): { ranges: AddressRange[]; reason: string }[] {
  const outside = subtractRanges(
    [wholeFamily(4), wholeFamily(6)],
    mergeRanges(scope.allowLoopback ? [...scope.ranges, ...LOOPBACK] : scope.ranges),
  );
  const direct = [
    ...NEVER.map(({ range, reason }) => ({ ranges: [range], reason })),
    ...(scope.allowLoopback ? [] : [{ ranges: [...LOOPBACK], reason: LOOPBACK_REFUSED }]),
    { ranges: outside, reason: NOT_IN_SCOPE },
  ];
  const embedded = direct.flatMap(({ ranges, reason }) =>
    EMBEDDINGS.filter((embedding) => embedding !== MAPPED).map((embedding) => ({
      ranges: mergeRanges(
        ranges
          .filter((range) => range.family === 4)
          .map(({ first, last }) => ({
            family: 6 as const,
            first: embedding.base + (first << embedding.shift),
            last: embedding.base + (((last + 1n) << embedding.shift) - 1n),
          })),
      ),
      reason: `${reason} (the ${embedding.name} address inside)`,
    })),
  );
  // :: and ::1 embed nothing (unwrap); :: is on the never list anyway.
  const loopback6 = LOOPBACK.filter((range) => range.family === 6);
  return [
    ...direct,
    ...embedded.map((entry) => ({ ...entry, ranges: subtractRanges(entry.ranges, loopback6) })),
  ];
}
