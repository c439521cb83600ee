/**
 * A host that accepts on every port and says nothing: a SYN proxy, a tarpit, a firewall that answers for those behind it. Each such door takes some
 * thirty connections, and a thousand of them ten minutes at the pace of one host. Once enough doors of a host were asked all there is to ask, and were
 * silent in one manner, the others are first asked only what their number suggests, for a page, and for TLS. Whoever answers, hangs up, or
 * takes the end of our words otherwise than the crowd is asked as everybody is. The rest is put aside until all else of the batch is
 * through, and then asked everything after all, likeliest first, for as long as there is time.
 */
import type { Detection, Silence } from "../detect/detection.ts";

/** So many doors that are silent in one manner are a crowd: hardly a host has as many that nobody can name. */
const CROWD = 24;
/** Those put aside are asked for so long, ms. */
export const ASIDE_MS = 60_000;

export interface Crowds {
  /** A door of the host was asked everything. */
  note(host: string, seen: Pick<Detection, "silence">): void;
  /** Many of the host's doors are silent. */
  isAt(host: string): boolean;
  /** It is silent as they are. */
  has(host: string, seen: Pick<Detection, "silence">): boolean;
}

export function crowds(): Crowds {
  const silent = { deaf: new Map<string, number>(), hears: new Map<string, number>() };
  const isOf = (host: string, manner: Silence) => (silent[manner].get(host) ?? 0) >= CROWD;
  return {
    note(host, { silence }) {
      if (silence) silent[silence].set(host, (silent[silence].get(host) ?? 0) + 1);
    },
    isAt: (host) => isOf(host, "deaf") || isOf(host, "hears"),
    has: (host, { silence }) => silence != null && isOf(host, silence),
  };
}
