/**
 * One XML file in the Recog format, the operator's own: `fingerprints` with a `matches` key, in it `fingerprint`s with a pattern and the
 * parameters that it fills. What cannot be used is set aside with its place and the reason; the rest of the file stands.
 */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { compilePattern, PatternError } from "../pattern.ts";
import { type Filing, filePatterns } from "../prefilter.ts";
import type { Mistake } from "../yaml-document.ts";
import { RECOG_SOURCES } from "./sources.ts";

/** Name, capture group (0: none), value where there is no group. */
export type RecogParameter = [name: string, group: number, value: string];

export interface RecogFingerprint {
  /** Latin1; the flags are in it. */
  pattern: string;
  ignoreCase: boolean;
  dotAll: boolean;
  /** 0 to 1. */
  certainty: number;
  parameters: RecogParameter[];
  /** Line of the file, from 1. */
  line: number;
}

export interface RecogFile {
  file: string;
  /** Key of `RECOG_SOURCES`. */
  matches: string;
  /** Files with a higher one are asked first. */
  preference: number;
  fingerprints: RecogFingerprint[];
  filings: Filing[];
}

export interface RecogReading {
  /** Null when nothing of the file can be used. */
  file: RecogFile | null;
  /** What was set aside. */
  refused: Mistake[];
  /** What makes the whole file useless here, without being wrong. */
  note: string | null;
}

/** What Recog takes where a fingerprint says none. */
const DEFAULT_CERTAINTY = 0.85;
const DEFAULT_PREFERENCE = 0.5;
const MAX_PATTERN = 8_192;
const MAX_PARAMETERS = 64;

/** Where the parser keeps the place of an element. */
const META = XMLParser.getMetaDataSymbol() as unknown as symbol;
const offsetOf = (element: Element) =>
  (element as Record<symbol, { startIndex?: number } | undefined>)[META]?.startIndex ?? 0;
const LISTS = new Set(["fingerprints", "fingerprint", "param", "example"]);

interface Element {
  [attribute: `@${string}`]: string | undefined;
  fingerprint?: Element[];
  param?: Element[];
}

/** Never throws. @param text decoded as UTF-8 */
export function readRecog(text: string, name: string): RecogReading {
  const refusedWhole = (reason: string, line = 1, column = 1): RecogReading => ({
    file: null,
    refused: [{ line, column, reason }],
    note: null,
  });
  // Entities of a file's own are no part of the format, and a way to blow it up.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text))
    return refusedWhole("the file declares a document type, which Recog files do not");
  const valid = XMLValidator.validate(text);
  if (valid !== true) return refusedWhole(valid.err.msg, valid.err.line, valid.err.col);
  const root = parse(text);
  if (!root) return refusedWhole("the root element is not <fingerprints>");
  const matches = root["@matches"];
  if (!matches) return refusedWhole("<fingerprints> has no matches key");
  if (!Object.hasOwn(RECOG_SOURCES, matches)) {
    const note = `matches="${matches}" is nothing that is heard here; its fingerprints are not used`;
    return { file: null, refused: [], note };
  }
  const at = placesIn(text);
  const refused: Mistake[] = [];
  const fingerprints = (root.fingerprint ?? []).flatMap((element) => {
    const place = at(offsetOf(element));
    const read = fingerprintOf(element, place.line);
    if (typeof read !== "string") return [read];
    refused.push({ ...place, reason: read });
    return [];
  });
  const filings = filePatterns(fingerprints.map(({ pattern, ...rest }) => ({ source: pattern, ...rest })));
  const preference = number(root["@preference"], DEFAULT_PREFERENCE);
  return { file: { file: name, matches, preference, fingerprints, filings }, refused, note: null };
}

function parse(text: string): Element | null {
  try {
    const document: { fingerprints?: (Element | "")[] } = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: "@",
      parseAttributeValue: false,
      parseTagValue: false,
      trimValues: false,
      htmlEntities: true,
      captureMetaData: true,
      isArray: (tag) => LISTS.has(tag),
    }).parse(text);
    const root = document.fingerprints?.[0];
    // An element with nothing in it is an empty text to the parser.
    return root === "" ? {} : (root ?? null);
  } catch {
    return null;
  }
}

/** The fingerprint, or why it cannot be used. */
function fingerprintOf(element: Element, line: number): RecogFingerprint | string {
  const written = element["@pattern"];
  if (!written) return "the fingerprint has no pattern";
  if (written.length > MAX_PATTERN)
    return `the pattern has ${written.length} characters; at most ${MAX_PATTERN} are read`;
  const flags = (element["@flags"] ?? "").split(/[\s,|]+/).filter(Boolean);
  const unknown = flags.find((flag) => !KNOWN_FLAGS.has(flag));
  if (unknown) return `the flag ${unknown} is unknown`;
  const ignoreCase = flags.includes("REG_ICASE");
  const dotAll = flags.some((flag) => flag !== "REG_ICASE");
  // As in Ruby, for which these patterns are written, ^ and $ stand at every line.
  const pattern = `(?m)${Buffer.from(written, "utf8").toString("latin1")}`;
  let groups: number;
  try {
    groups = compilePattern(pattern, { ignoreCase, dotAll }).groups;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return `pattern: ${error.reason}, at character ${Math.max(1, error.offset + 1 - "(?m)".length)}`;
  }
  const parameters: RecogParameter[] = [];
  for (const param of (element.param ?? []).slice(0, MAX_PARAMETERS)) {
    const [name = "", group, value = ""] = [param["@name"], number(param["@pos"], 0), param["@value"]];
    if (name === "") return "a param has no name";
    if (group > groups) return `param ${name} takes group ${group}, but the pattern has ${groups}`;
    parameters.push([name, group, value]);
  }
  const certainty = Math.min(1, number(element["@certainty"], DEFAULT_CERTAINTY));
  return { pattern, ignoreCase, dotAll, certainty, parameters, line };
}

/** The last three all make a dot match line ends in Recog's own reader. */
const KNOWN_FLAGS = new Set(["REG_ICASE", "REG_DOT_NEWLINE", "REG_MULTILINE", "REG_LINE_ANY_CRLF"]);

function number(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : otherwise;
}

/** Line and column of ascending offsets, without starting over for each. */
function placesIn(text: string): (offset: number) => { line: number; column: number } {
  let line = 1;
  let start = 0;
  return (offset) => {
    for (let end = text.indexOf("\n", start); end >= 0 && end < offset; end = text.indexOf("\n", start)) {
      start = end + 1;
      line++;
    }
    return { line, column: Math.max(1, offset - start + 1) };
  };
}
