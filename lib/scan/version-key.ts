/** Digits of the longest number that still sorts right. */
const WIDTH = 10;

/**
 * A version as text that sorts as the version does: every number padded, so that 10.0 is above 9.8 and 9.2p10 above 9.2p2. Used as
 * an index key, not shown to anybody.
 */
export function versionKey(version: string): string {
  return version.toLowerCase().replace(/\d+/g, (digits) => digits.slice(-WIDTH).padStart(WIDTH, "0"));
}
