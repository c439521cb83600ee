import type { Result, Summary } from "../model/fingerprint.ts";

// A report is text made while results arrive: `begin` once, `endpoint` per result, `end` once. Writers are pure
// apart from what they remember between these calls; they return text and never print. What came from the
// network is hostile: each format escapes it in its own way, at the one place where it becomes text.

/** What a report says about its scan, and how it should look. */
export interface ReportContext {
  scanId: string;
  /** The arguments of the scan as somebody would type them. */
  args: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Version of this tool. */
  version: string;
  /** Name of the profile. */
  profile: string;
  /** Colours for a terminal (table only). */
  color: boolean;
  /** Columns of the terminal; for files and pipes something wide, e.g. 160 (table only). */
  width: number;
  /** Below each row, the evidence for it (table only; JSON always has it). */
  showEvidence: boolean;
  /** Also endpoints that are not open. */
  showAll: boolean;
  /** The ports that were asked for, by transport, when known: `list` in `-p` syntax (Nmap XML only). */
  ports?: readonly { transport: Result["transport"]; count: number; list: string }[];
}

export interface ReportWriter {
  readonly format: string;
  /** Usual extension of its files, with the dot. */
  readonly extension: string;
  begin(context: ReportContext): string;
  /** Text for one result; empty when the format has nothing to say yet. */
  endpoint(result: Result): string;
  end(summary: Summary): string;
}

/** Open endpoints are results; the rest are shown only on request and counted in the summary otherwise. */
export function isOpen(result: Pick<Result, "outcome" | "state">): boolean {
  return result.outcome === "fingerprinted" || result.state === "open";
}
