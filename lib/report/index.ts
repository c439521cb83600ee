import { extname } from "node:path";
import { jsonlWriter, jsonWriter } from "./json.ts";
import { nmapXmlWriter } from "./nmap-xml.ts";
import { tableWriter } from "./table.ts";
import type { ReportWriter } from "./types.ts";

// Reports: one writer a format, all behind the one type of types.ts. Adding a format touches its own file and one
// line of this table.

const WRITERS = {
  table: tableWriter,
  json: jsonWriter,
  jsonl: jsonlWriter,
  xml: nmapXmlWriter,
} satisfies Record<string, () => ReportWriter>;

export type ReportFormat = keyof typeof WRITERS;

export const REPORT_FORMATS = Object.keys(WRITERS) as ReportFormat[];

/** A new writer: it remembers one report, so each report needs its own. */
export function writerFor(format: ReportFormat): ReportWriter {
  return WRITERS[format]();
}

/** The format that a file's extension asks for (`.json`, `.jsonl`, `.xml`, `.txt`), or null. */
export function formatFromFile(path: string): ReportFormat | null {
  const extension = extname(path).toLowerCase();
  return REPORT_FORMATS.find((format) => writerFor(format).extension === extension) ?? null;
}

export type { ReportContext, ReportWriter } from "./types.ts";
