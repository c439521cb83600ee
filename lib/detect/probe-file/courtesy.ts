/**
 * How many connections one endpoint is asked to hold at once. Almost all of an unknown port's time is silence, so connections side by
 * side are what makes the engine quick, and also what a small device can least afford. So it begins with FIRST_WIDTH, and doubles each time that
 * the endpoint has held all of them for HELD_MS, up to MOST_AT_ONCE; the first one turned away sets the ceiling below that number for
 * good, down to one after the other.
 */

/** Connections at once to an endpoint of which nothing is known (DESIGN section 3). */
export const FIRST_WIDTH = 3;
/**
 * ... and to one that has held half as many without complaint. An unknown port gets about 30 windows of 5 s, so that it takes some 11 s, and with
 * half as many connections 16 s: most of what a whole scan takes, which ends with its slowest endpoint.
 */
export const MOST_AT_ONCE = 24;
/** All connections allowed were held for this long, ms: who turns one away does so when it comes. */
const HELD_MS = 500;

export interface Courtesy {
  /** One after the other, from now on. */
  readonly serial: boolean;
  /** It has held FIRST_WIDTH connections without complaint. */
  readonly tolerant: boolean;
  /** Most connections now. */
  readonly limit: number;
  /** ms until there is room for one more beside `open`: 0 now, Infinity when one of them has to close first. */
  room(open: number): number;
  /** A connection was turned away, or closed without a word, while `crowd` others were open. */
  turnedAway(crowd: number): void;
  /** None was turned away, it only seemed so. */
  forgive(): void;
}

/** `onGrow`: called when the width is about to grow, with `open` connections held. */
export function courtesy(now: () => number, onGrow: (open: number) => void): Courtesy {
  let width = FIRST_WIDTH;
  let ceiling = MOST_AT_ONCE;
  let fullSince: number | null = null;
  return {
    get serial() {
      return ceiling === 1;
    },
    get tolerant() {
      return width > FIRST_WIDTH;
    },
    get limit() {
      return Math.min(width, ceiling);
    },
    room(open) {
      if (open < Math.min(width, ceiling)) {
        fullSince = null;
        return 0;
      }
      if (width >= ceiling) return Number.POSITIVE_INFINITY;
      fullSince ??= now();
      const left = fullSince + HELD_MS - now();
      if (left > 0) return left;
      onGrow(open);
      width = Math.min(2 * width, MOST_AT_ONCE);
      fullSince = null;
      return open < Math.min(width, ceiling) ? 0 : Number.POSITIVE_INFINITY;
    },
    turnedAway(crowd) {
      ceiling = Math.max(1, Math.min(ceiling, crowd));
    },
    forgive() {
      width = FIRST_WIDTH;
      ceiling = MOST_AT_ONCE;
    },
  };
}
