/**
 * Many who give up on one signal. An EventTarget's own listeners cost more than a refused connection takes otherwise, and of these there is one
 * for each port of a sweep: so a signal has one listener, and behind it a set.
 */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `give` when the signal aborts, unless the function that this returns was called before. */
export function onAbort(signal: AbortSignal | undefined, give: () => void): () => void {
  if (!signal) return () => undefined;
  const known = waiting.get(signal);
  const all = known ?? new Set();
  if (!known) {
    waiting.set(signal, all);
    signal.addEventListener("abort", () => all.forEach((one) => void one()), { once: true });
  }
  all.add(give);
  return () => void all.delete(give);
}
