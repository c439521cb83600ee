import type { Fact } from "../model/observation.ts";

/** Longest value of a fact, characters; `http.body` alone is longer and cuts itself. */
const MAX_VALUE = 4096;
/** Most values of one name. */
const MAX_SAME = 24;

/** Collects facts: no empty value, no value of a name twice, bounded in length and number. */
export function factList(): {
  add(name: string, value: string | null | undefined, family: string): void;
  facts: Fact[];
} {
  const facts: Fact[] = [];
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  return {
    facts,
    add(name, value, family) {
      if (!value) return;
      const text = value.slice(0, MAX_VALUE);
      const key = `${name}\n${text}`;
      const count = counts.get(name) ?? 0;
      if (seen.has(key) || count >= MAX_SAME) return;
      seen.add(key);
      counts.set(name, count + 1);
      facts.push({ name, value: text, family });
    },
  };
}
