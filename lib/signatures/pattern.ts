import { lengths } from "./pattern-analysis.ts";
import type { PatternOptions } from "./pattern-ast.ts";
import { compileProgram } from "./pattern-compile.ts";
import { search } from "./pattern-match.ts";
import { parsePattern } from "./pattern-parse.ts";
import type { Pattern, PatternMatch, StepBudget } from "./types.ts";

/**
 * Patterns: PCRE2's meaning over bytes, unanchored, bounded in steps (spec/patterns.md). Subjects are latin1
 * text. Compiling never looks at a subject; matching never recurses.
 */
export { PatternError, type PatternOptions } from "./pattern-ast.ts";

/** Steps for one match: 1.5 to 2 ms; the largest match seen to succeed on real files took 97,275. */
export const STEPS_PER_MATCH = 250_000;
/** Steps for all patterns tried on one response. */
const STEPS_PER_RESPONSE = 2_000_000;

/** A full budget for one response. */
export function freshBudget(): StepBudget {
  return { perMatch: STEPS_PER_MATCH, remaining: STEPS_PER_RESPONSE, exceeded: 0 };
}

export interface CompiledPattern extends Pattern {
  /** Can it match without consuming a byte? */
  readonly matchesEmpty: boolean;
  /** Number of capture groups. */
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
}

/**
 * Compiles a pattern given as latin1 text.
 * @throws PatternError with the offset and the reason, when PCRE2 or the subset refuses it
 * @example compilePattern("^SSH-([\\d.]+)-").exec("SSH-2.0-x")?.groups[1] // "2.0"
 */
export function compilePattern(source: string, options: PatternOptions = {}): CompiledPattern {
  const parsed = parsePattern(source, options);
  const program = compileProgram(parsed);
  const matchesEmpty = lengths(parsed.root).min === 0;
  return {
    source,
    matchesEmpty,
    groups: parsed.groups,
    names: parsed.names,
    exec(subject: string, budget: StepBudget = freshBudget()): PatternMatch | null {
      const limit = Math.min(budget.perMatch, budget.remaining);
      if (limit <= 0) {
        budget.exceeded++;
        return null;
      }
      const { bounds, steps, exceeded } = search(program, subject, limit);
      budget.remaining = Math.max(0, budget.remaining - steps);
      if (exceeded) budget.exceeded++;
      if (!bounds) return null;
      const groups: (string | undefined)[] = [];
      for (let i = 0; i < bounds.length; i += 2) {
        const [from, to] = [bounds[i] ?? -1, bounds[i + 1] ?? -1];
        groups.push(from < 0 ? undefined : subject.slice(from, to));
      }
      return { index: bounds[0] ?? 0, groups, steps };
    },
  };
}
