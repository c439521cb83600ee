import type { MatchLine } from "./match-line.ts";
import { type CompiledPattern, compilePattern } from "./pattern.ts";
import { type Filing, filePatterns, type Prefilter, prefilterOf } from "./prefilter.ts";
import type { Templates } from "./template.ts";

/** Match lines as rows of plain values, as a pack holds them: no names of fields, no objects until they are needed. */

/** What a row says of its line: one bit each. */
const SOFT = 1;
const IGNORE_CASE = 2;
const DOT_ALL = 4;

/** Templates without the CPEs, in the order of a row. */
const FIELDS = ["product", "version", "info", "hostname", "os", "device"] as const;

export type LineRow = [
  bits: number,
  line: number,
  service: string,
  source: string,
  fields: (string | null)[],
  cpe: string[],
  keys: Filing["keys"],
  start: string,
];

/** @throws PatternError when a pattern is wrong */
export function packLines(matches: readonly MatchLine[]): LineRow[] {
  const filings = filePatterns(matches);
  return matches.map(({ soft, ignoreCase, dotAll, line, service, source, templates }, i) => {
    const bits = (soft ? SOFT : 0) | (ignoreCase ? IGNORE_CASE : 0) | (dotAll ? DOT_ALL : 0);
    const fields = FIELDS.map((field) => templates[field] ?? null);
    while (fields.at(-1) === null) fields.pop();
    const { keys = null, start = "" } = filings[i] ?? {};
    return [bits, line, service, source, fields, templates.cpe, keys, start];
  });
}

export function linesOf(rows: readonly LineRow[]): { matches: MatchLine[]; prefilter: Prefilter } {
  return {
    matches: rows.map(lineOf),
    prefilter: prefilterOf(rows.map(([, , , , , , keys, start]) => ({ keys, start }))),
  };
}

function lineOf([bits, line, service, source, fields, cpe]: LineRow): MatchLine {
  const options = { ignoreCase: (bits & IGNORE_CASE) !== 0, dotAll: (bits & DOT_ALL) !== 0 };
  const templates: Templates = { cpe };
  FIELDS.forEach((field, i) => {
    const text = fields[i];
    if (typeof text === "string") templates[field] = text;
  });
  let pattern: CompiledPattern | null = null;
  return {
    soft: (bits & SOFT) !== 0,
    service,
    source,
    ...options,
    templates,
    line,
    pattern: () => {
      pattern ??= compilePattern(source, options);
      return pattern;
    },
  };
}
