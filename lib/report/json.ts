import { type Result, resultSchema, type Summary } from "../model/fingerprint.ts";
import { isOpen, type ReportContext, type ReportWriter } from "./types.ts";

// The two JSON forms. JSONL: one line per endpoint, then the summary; for pipes and large scans. JSON: one
// document with the same objects, written piece by piece, so that no scan has to fit in memory.

// The schema lists the fields in the order of the contract; an object from elsewhere may have any order.
const FIELDS = Object.keys(resultSchema.shape) as (keyof Result)[];

/**
 * One value as a single line of JSON. DEL, the C1 controls (U+009B starts a terminal command) and the two line
 * separators are written as \u escapes, which JSON.stringify leaves raw; they can only occur inside strings.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A result as one line of JSON, its fields in the order of the contract. */
function resultLine(result: Result): string {
  return jsonLine(Object.fromEntries(FIELDS.map((field) => [field, result[field]])));
}

/** The summary as one line of JSON, `type` first. */
function summaryLine({ type, ...rest }: Summary): string {
  return jsonLine({ type, ...rest });
}

/** One object per line: the endpoints, then `{"type":"summary",…}`. */
export function jsonlWriter(): ReportWriter {
  let showAll = false;
  return {
    format: "jsonl",
    extension: ".jsonl",
    begin(context) {
      showAll = context.showAll;
      return "";
    },
    endpoint: (result) => (showAll || isOpen(result) ? `${resultLine(result)}\n` : ""),
    end: (summary) => `${summaryLine(summary)}\n`,
  };
}

/** One document: the scan, `results`, `hosts` and `summary`. Each result is one line of it. */
export function jsonWriter(): ReportWriter {
  let showAll = false;
  let separator = "\n";
  return {
    format: "json",
    extension: ".json",
    begin(context: ReportContext) {
      showAll = context.showAll;
      const { scanId, version, args, profile, startedAt } = context;
      return `${jsonLine({ scanId, version, args, profile, startedAt }).slice(0, -1)},"results":[`;
    },
    endpoint(result) {
      if (!showAll && !isOpen(result)) return "";
      const text = `${separator}${resultLine(result)}`;
      separator = ",\n";
      return text;
    },
    end: (summary) => `\n],"hosts":[],"summary":${summaryLine(summary)}}\n`,
  };
}
