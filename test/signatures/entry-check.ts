import { type Entry, examplesOf, factsOf, versionOf } from "../../lib/signatures/entries.ts";
import { compileEntry, type IdentityRegistry } from "../../lib/signatures/entry-pack.ts";
import { type CompiledPattern, freshBudget, PatternError } from "../../lib/signatures/pattern.ts";

/**
 * What is wrong with a list of entries, in words: ids used twice, patterns that do not compile, examples
 * that do not match, give another version, or are taken by an earlier entry, unknown products.
 */
export function checkEntries(entries: readonly Entry[], registry: Pick<IdentityRegistry, "byKey">): string[] {
  const problems: string[] = [];
  const ids = new Set<string>();
  const patterns = entries.map((entry): CompiledPattern | null => {
    if (ids.has(entry.id)) problems.push(`${entry.id}: this id is used twice`);
    ids.add(entry.id);
    if (entry.product !== undefined && !registry.byKey(entry.product))
      problems.push(`${entry.id}: no product ${entry.product} in the registry`);
    try {
      const pattern = compileEntry(entry);
      if (pattern.matchesEmpty) problems.push(`${entry.id}: the pattern can match the empty string`);
      return pattern;
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      problems.push(`${entry.id}: ${error.message}`);
      return null;
    }
  });

  entries.forEach((entry, i) => {
    const pattern = patterns[i];
    if (!pattern) return;
    for (const input of entry.not ?? [])
      if (pattern.exec(input))
        problems.push(`${entry.id}: matches ${JSON.stringify(input)}, which it must not`);
    for (const { input, version } of examplesOf(entry)) {
      const shown = JSON.stringify(input.slice(0, 80));
      const budget = freshBudget();
      const match = pattern.exec(input, budget);
      if (budget.exceeded > 0) problems.push(`${entry.id}: ran out of steps on ${shown}`);
      if (!match) {
        problems.push(`${entry.id}: does not match its own example ${shown}`);
        continue;
      }
      const found = versionOf(entry, match.groups) ?? undefined;
      if (version !== undefined && found !== version)
        problems.push(`${entry.id}: ${shown} gives version ${found}, expected ${version}`);
      if (!namesProduct(entry)) continue;
      const thief = entries.findIndex(
        (other, j) => j < i && namesProduct(other) && sameSource(other, entry) && patterns[j]?.exec(input),
      );
      if (thief >= 0) problems.push(`${entry.id}: ${shown} is taken by the earlier ${entries[thief]?.id}`);
    }
  });
  return problems;
}

function namesProduct(entry: Entry): boolean {
  return entry.product !== undefined || entry.label !== undefined;
}

/** Can both entries be tried on the same text? */
function sameSource(a: Entry, b: Entry): boolean {
  if (a.fact !== undefined || b.fact !== undefined)
    return factsOf(a).some((name) => factsOf(b).includes(name));
  return a.response === b.response || a.response === "any" || b.response === "any";
}
