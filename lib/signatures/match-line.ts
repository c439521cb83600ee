import { type CompiledPattern, compilePattern } from "./pattern.ts";
import { lengths } from "./pattern-analysis.ts";
import { PatternError } from "./pattern-ast.ts";
import { parsePattern } from "./pattern-parse.ts";
import type { Templates } from "./template.ts";

/** One `match` or `softmatch` line of a service-probes file (spec/version-detection.md, section 1.3). */
export interface MatchLine {
  /** Names the service only: probing goes on for the details. */
  soft: boolean;
  service: string;
  /** The pattern as written, latin1. */
  source: string;
  ignoreCase: boolean;
  dotAll: boolean;
  templates: Templates;
  /** Line of the file, from 1. */
  line: number;
  /** Compiled at first use. */
  pattern(): CompiledPattern;
}

/** What is wrong with a line: offset in it from 0; `fatal` (the default): upstream would refuse the file. */
export interface LineFault {
  offset: number;
  reason: string;
  fatal?: boolean;
}

const KEYS: Readonly<Record<string, Exclude<keyof Templates, "cpe">>> = {
  p: "product",
  v: "version",
  i: "info",
  h: "hostname",
  o: "os",
  d: "device",
};

export interface MatchLineRead {
  match: MatchLine;
  /** Templates skipped. */
  warnings: LineFault[];
}

/** Reads what follows the keyword; `at` is its offset in the line. */
export function readMatchLine(
  text: string,
  at: number,
  soft: boolean,
  line: number,
): MatchLineRead | LineFault {
  const [head = "", service = ""] = /^([^ ]+) +m/.exec(text) ?? [];
  if (service === "")
    return { offset: at, reason: "needs a service name, a space, and m<delimiter>pattern<delimiter>" };
  const delimiter = text[head.length];
  const sourceAt = head.length + 1;
  const sourceEnd = delimiter === undefined ? -1 : text.indexOf(delimiter, sourceAt);
  if (sourceEnd < 0) return { offset: at + head.length - 1, reason: "pattern has no closing delimiter" };
  const source = text.slice(sourceAt, sourceEnd);
  const flags = /^[^ \t]*/.exec(text.slice(sourceEnd + 1))?.[0] ?? "";
  const wrong = /[^is]/.exec(flags);
  if (wrong) return { offset: at + sourceEnd + 1 + wrong.index, reason: `unknown pattern flag ${wrong[0]}` };
  const options = { ignoreCase: flags.includes("i"), dotAll: flags.includes("s") };
  try {
    if (lengths(parsePattern(source, options).root).min === 0)
      return { offset: at + sourceAt, reason: "the pattern can match the empty string" };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return { offset: at + sourceAt + error.offset, reason: `pattern: ${error.reason}`, fatal: false };
  }
  const read = readTemplates(text, sourceEnd + 1 + flags.length, at);
  if ("reason" in read) return read;
  let pattern: CompiledPattern | null = null;
  const match: MatchLine = {
    soft,
    service,
    source,
    ...options,
    templates: read.templates,
    line,
    pattern: () => {
      pattern ??= compilePattern(source, options);
      return pattern;
    },
  };
  return { match, warnings: read.warnings };
}

/** `<key><d>text<d>` and `cpe:<d>part:text<d>`, blank-separated, in any order. */
function readTemplates(
  text: string,
  start: number,
  base: number,
): { templates: Templates; warnings: LineFault[] } | LineFault {
  const templates: Templates = { cpe: [] };
  const warnings: LineFault[] = [];
  let at = start;
  for (;;) {
    while (text[at] === " " || text[at] === "\t") at++;
    if (at >= text.length) return { templates, warnings };
    const offset = base + at;
    const isCpe = text.startsWith("cpe:", at);
    const key = KEYS[text[at] ?? ""];
    if (!isCpe && !key)
      return { offset, reason: `unknown template ${JSON.stringify(text.slice(at, at + 8))}` };
    const open = at + (isCpe ? 4 : 1);
    const delimiter = text[open];
    const end = delimiter === undefined ? -1 : text.indexOf(delimiter, open + 1);
    if (end < 0) return { offset, reason: "template has no closing delimiter" };
    const body = text.slice(open + 1, end);
    if (key && !isCpe) templates[key] = body;
    else if (/^[aho]:/.test(body)) templates.cpe.push(`cpe:/${body}`);
    else warnings.push({ offset, reason: "CPE part is none of a, h, o; template skipped", fatal: false });
    // Up to three letters may follow; they mean nothing.
    at = end + 1 + (/^[A-Za-z]{0,3}/.exec(text.slice(end + 1, end + 4))?.[0].length ?? 0);
    if (at < text.length && text[at] !== " " && text[at] !== "\t")
      return { offset: base + at, reason: "expected a blank after the template" };
  }
}
