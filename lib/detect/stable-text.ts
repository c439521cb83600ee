/** Text without what changes by itself from one asking to the next: dates, times, identifiers, long numbers. */

const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}";
const CHANGING: readonly [RegExp, string][] = [
  [/\b\d{4}-\d{2}-\d{2}\b/g, "<date>"],
  [new RegExp(`\\b(?:\\d{1,2}[ -])?${MONTH}(?:[ -]+\\d{1,2})?,?(?:[ -]\\d{4})?\\b`, "g"), "<date>"],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\b/g, "<day>"],
  [/\b\d{1,2}:\d{2}(?::\d{2})?\b/g, "<time>"],
  [/[+-]\d{4}\b/g, "<zone>"],
  [/<[^<>\s]{8,200}@[^<>\s]{1,200}>/g, "<id>"],
  [/\b[0-9a-fA-F]{16,}\b/g, "<hex>"],
  [/\d{6,}/g, "<number>"],
];

export const masked = (text: string): string =>
  CHANGING.reduce((left, [pattern, word]) => left.replace(pattern, word), text);
