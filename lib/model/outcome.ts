import * as z from "zod";

/**
 * Exactly one per endpoint. The order is contract: a ledger item stores the index (0 = pending), so new
 * outcomes go to the end.
 */
export const OUTCOMES = [
  "pending",
  "fingerprinted",
  "closed",
  "filtered",
  "open-filtered",
  "excluded",
  "not-testable",
  "failed",
  "expired",
] as const;

export const outcomeSchema = z.enum(OUTCOMES).exclude(["pending"]);
export type Outcome = z.infer<typeof outcomeSchema>;
export type LedgerOutcome = (typeof OUTCOMES)[number];

/** How many endpoints ended in each outcome; absent means 0. */
export type OutcomeCounts = Partial<Record<LedgerOutcome, number>>;

export function addCounts(a: OutcomeCounts, b: OutcomeCounts): OutcomeCounts {
  const sum: OutcomeCounts = { ...a };
  for (const outcome of OUTCOMES) {
    const n = (a[outcome] ?? 0) + (b[outcome] ?? 0);
    if (n > 0) sum[outcome] = n;
  }
  return sum;
}
