import { InputError } from "../model/errors.ts";
import type { AddressRange } from "./address.ts";
import { mergeRanges } from "./ranges.ts";

// Nmap's octet ranges: each octet of an IPv4 address is a number, a range, `*`, or several of them with commas.
// `10.0.0-3.1-254` is four ranges of addresses.

/** More ranges than this are refused: the pattern would no longer be a few ranges but a list. */
const MAX_RANGES = 65_536;

interface Span {
  first: number;
  last: number;
}

/** True for text of digits, dots and `-`, `*`, `,` that can be nothing but octet ranges. */
export function looksLikeOctets(text: string): boolean {
  return /^[\d.,*-]+$/.test(text) && text.includes(".") && /[-*,]/.test(text);
}

/** @throws InputError naming the octet that is wrong */
export function parseOctets(text: string, position = 0): AddressRange[] {
  const octets = text.split(".");
  if (octets.length !== 4)
    throw new InputError(
      `target "${text}": octet ranges have four octets, as in 10.0.0-3.1-254; separate targets by blanks`,
      text,
      position,
    );
  let at = position;
  const spans = octets.map((octet) => {
    const parsed = parseOctet(octet, text, at);
    at += octet.length + 1;
    return parsed;
  });
  return expand(spans, text, position);
}

function parseOctet(octet: string, text: string, position: number): Span[] {
  let at = position;
  return octet.split(",").map((item) => {
    const match = /^(?:\*|(\d{1,3})|(\d{0,3})-(\d{0,3}))$/.exec(item);
    const [, one, low, high] = match ?? [];
    const first = Number(one ?? (low || 0));
    const last = Number(one ?? (high || 255));
    if (!match || first > 255 || last > 255 || first > last)
      throw new InputError(
        `target "${text}": octet "${item}" is not a number or a rising range from 0 to 255`,
        item,
        at,
      );
    at += item.length + 1;
    return { first, last };
  });
}

// From the right: as long as the octets so far are all of 0-255, the one before joins into longer ranges.
function expand(octets: Span[][], text: string, position: number): AddressRange[] {
  let ranges: AddressRange[] = [{ family: 4, first: 0n, last: 0n }];
  let size = 1n;
  for (const spans of octets.toReversed()) {
    const whole = ranges.length === 1 && ranges[0]?.first === 0n && ranges[0].last === size - 1n;
    const steps = spans.flatMap(({ first, last }) =>
      whole
        ? [{ first, last }]
        : Array.from({ length: last - first + 1 }, (_, i) => ({ first: first + i, last: first + i })),
    );
    if (steps.length * ranges.length > MAX_RANGES)
      throw new InputError(
        `target "${text}": expands to more than ${MAX_RANGES} separate ranges; write CIDRs`,
        text,
        position,
      );
    const below = ranges;
    const unit = size;
    ranges = mergeRanges(
      steps.flatMap(({ first, last }) =>
        below.map((range) => ({
          family: 4 as const,
          first: BigInt(first) * unit + range.first,
          last: BigInt(last) * unit + range.last,
        })),
      ),
    );
    size *= 256n;
  }
  return ranges;
}
