import { latin1 } from "../model/observation.ts";
import type { MatchLine } from "./match-line.ts";
import type { ServiceProbe } from "./service-probes.ts";
import { type Fields, fillTemplates } from "./template.ts";
import type { StepBudget } from "./types.ts";

/** What one response says by a service-probes file (spec/version-detection.md, section 5). */
export interface ProbeMatch {
  match: MatchLine;
  soft: boolean;
  fields: Fields;
  /** The text that matched, latin1. */
  text: string;
}

/**
 * Tries the lines of each probe in the fallback array, in file order; the first hit ends it, hard or soft,
 * so an earlier softmatch hides later hard lines and all fallbacks. Lines that run out of steps do not match.
 */
export function matchResponse(
  probe: ServiceProbe,
  buffer: Uint8Array | string,
  budget: StepBudget,
): ProbeMatch | null {
  const subject = typeof buffer === "string" ? buffer : latin1(buffer);
  for (const owner of probe.fallback) {
    for (const index of owner.prefilter().candidates(subject)) {
      const match = owner.matches[index];
      const found = match?.pattern().exec(subject, budget);
      if (!match || !found) continue;
      return {
        match,
        soft: match.soft,
        fields: fillTemplates(match.templates, found.groups),
        text: found.groups[0] ?? "",
      };
    }
  }
  return null;
}
