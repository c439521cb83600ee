/** Longest delay that a Node timer takes, ms; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A duration in ms as a timer takes it: never above the limit (Infinity means 24 days), never negative. */
export function timerMs(ms: number): number {
  return Math.max(0, Math.min(ms, MAX_TIMER_MS));
}
