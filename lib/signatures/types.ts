import type { Transport } from "../model/endpoint.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Fact, Response, TlsSession } from "../model/observation.ts";

/** A search result: whole match at 0, captures after it; undefined where a group did not take part. Latin1 text. */
export interface PatternMatch {
  index: number;
  groups: (string | undefined)[];
  /** Steps that the matcher took. */
  steps: number;
}

/** A compiled pattern: PCRE meaning over latin1 text (one character per byte), unanchored, bounded in steps. */
export interface Pattern {
  readonly source: string;
  /** Null when it does not match, or when the budget ran out (then `budget.exceeded` is counted up). */
  exec(subject: string, budget?: StepBudget): PatternMatch | null;
}

/** Steps left for one response; shared by all patterns tried on it. */
export interface StepBudget {
  /** Most steps for one match. */
  perMatch: number;
  /** Steps left for the whole response; counted down. */
  remaining: number;
  /** How many matches ended for lack of budget. */
  exceeded: number;
}

/** Knowledge: what responses and facts claim. */
export interface Pack {
  /** `builtin`, `nmap-service-probes`, `rules:<file>`: first part of every signature's name. */
  readonly name: string;
  /** `sha256:<hex>` of its source. */
  readonly digest: string;
  evaluate(input: {
    responses: readonly Response[];
    facts: readonly Fact[];
    tls?: TlsSession | null;
    /** Whose responses they are, where it is known: a service-probes file asks registered probes first. */
    endpoint?: { transport: Transport; port: number } | undefined;
  }): Evidence[];
}
