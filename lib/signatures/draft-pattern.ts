/**
 * From the bytes of one answer to a pattern that would know the next one of its kind. What stands there is kept letter for
 * letter, but for what another installation or another moment would change: versions (captured), host names (captured),
 * addresses, dates, times, and identifiers. One answer cannot show what is stable, so only its beginning is used.
 */

/** A piece of a pattern, in order. */
export interface PatternPiece {
  /** As the pattern language writes it, without capture. */
  source: string;
  /** Bytes that must be there exactly; 0 for what was generalised. */
  literal: number;
  /** What a capture of it would tell. */
  tells: "version" | "hostname" | null;
}

/** The beginning that is looked at, in bytes: of text, and of what is not text, where counters and nonces come early. */
const TEXT_BYTES = 200;
const BINARY_BYTES = 32;
/** Lines of text that are looked at. */
const TEXT_LINES = 3;
/** Bytes by which text is told from other data, and the share of them that must be text. */
const SAMPLE_BYTES = 64;
const TEXT_SHARE = 0.85;

interface Rule {
  /** Sticky; what it matches is replaced as a whole. Each can only run forward. */
  finds: RegExp;
  source: string;
  tells?: PatternPiece["tells"];
}

const DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const CLOCK = "\\d{1,2}:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?";

/** The first that finds something counts. Each source matches whatever its rule finds. */
const RULES: readonly Rule[] = [
  {
    // RFC 5322 and RFC 9110 dates
    finds: new RegExp(
      `${DAY}, \\d{1,2}[ -]${MONTH}[ -]\\d{2,4} ${CLOCK}(?: (?:[A-Z]{1,4}|[+-]\\d{4}))?`,
      "y",
    ),
    source: "\\w\\w\\w, [\\w -]+[\\d:.]+(?: [\\w+-]+)?",
  },
  {
    // ctime(3)
    finds: new RegExp(`${DAY} ${MONTH} {1,2}\\d{1,2} ${CLOCK} (?:[A-Z]{3,4} )?\\d{4}`, "y"),
    source: "\\w\\w\\w \\w\\w\\w [\\w: ]+",
  },
  {
    // ISO 8601
    finds: new RegExp(`\\d{4}[-/]\\d\\d[-/]\\d\\d(?:[T ]${CLOCK}(?:Z|[+-]\\d\\d:?\\d\\d)?)?`, "y"),
    source: "\\d\\d\\d\\d[-/]\\d\\d[-/]\\d\\d(?:[T ][\\d:.Z+-]+)?",
  },
  { finds: new RegExp(`${CLOCK}(?![\\w:])`, "y"), source: "[\\d:.]+" },
  // UUID
  { finds: /[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}/y, source: "[\\da-fA-F-]{36}" },
  // IPv4 address
  { finds: /(?:\d{1,3}\.){3}\d{1,3}(?![\w.+~-])/y, source: "\\d+\\.\\d+\\.\\d+\\.\\d+" },
  // Two or more labels and a top-level domain of letters; other dotted words (file names) are short of them.
  {
    finds: /[a-zA-Z\d](?:[a-zA-Z\d-]{0,62}\.){2,8}[a-zA-Z]{2,24}(?![\w.-])/y,
    source: "[\\w.-]+",
    tells: "hostname",
  },
  { finds: /\d{1,5}(?:\.\d{1,9}){1,5}(?:[\w.+~-]{0,40}\w)?/y, source: "\\d[\\w.+~-]*", tells: "version" },
  // Identifiers: long numbers, long hexadecimal, base64 with a digit in it
  { finds: /\d{5,20}(?!\w)/y, source: "\\d+" },
  { finds: /(?=[a-fA-F]{0,40}\d)[\da-fA-F]{8,128}(?!\w)/y, source: "[\\da-fA-F]+" },
  { finds: /(?=[a-zA-Z+/_-]{0,60}\d)[\w+/-]{20,200}={0,2}/y, source: "[\\w+/-]+=*" },
];

/**
 * Pieces for the beginning of `text` (latin1), of which all match it in order. `names` are the names and addresses of the endpoint
 * itself: found in the text, they are generalised too.
 */
export function draftPieces(text: string, names: readonly string[] = []): PatternPiece[] {
  const end = endOfBeginning(text);
  const pieces: PatternPiece[] = [];
  const own = names.filter((name) => name.length >= 4);
  for (let at = 0; at < end; ) {
    const before = text[at - 1];
    const starts = before === undefined || !/[A-Za-z\d]/.test(before) || /[vV]/.test(before);
    const name = own.find((one) => text.startsWith(one, at));
    if (name !== undefined) {
      pieces.push({ source: "[\\w.:-]+", literal: 0, tells: "hostname" });
      at += name.length;
      continue;
    }
    const rule = starts ? RULES.find(({ finds }) => found(finds, text, at) > 0) : undefined;
    if (rule) {
      pieces.push({ source: rule.source, literal: 0, tells: rule.tells ?? null });
      at += found(rule.finds, text, at);
    } else {
      pieces.push({ source: escapeByte(text.charCodeAt(at)), literal: 1, tells: null });
      at++;
    }
  }
  return pieces;
}

/** Length of what the sticky pattern finds at `at`; 0 for nothing. */
function found(finds: RegExp, text: string, at: number): number {
  finds.lastIndex = at;
  return finds.exec(text)?.[0].length ?? 0;
}

function endOfBeginning(text: string): number {
  const sample = text.slice(0, SAMPLE_BYTES);
  const texty = sample.replace(/[^\t\r\n\x20-\x7e]/g, "").length;
  if (texty < sample.length * TEXT_SHARE) return Math.min(text.length, BINARY_BYTES);
  let end = 0;
  for (let line = 0; line < TEXT_LINES && end < text.length; line++) {
    const feed = text.indexOf("\n", end);
    end = feed < 0 ? text.length : feed + 1;
  }
  return Math.min(end, TEXT_BYTES);
}

/** A byte that means itself; `|` is written in hexadecimal, so that it can delimit the pattern. */
export function escapeByte(byte: number): string {
  const char = String.fromCharCode(byte);
  const control = { "\r": "\\r", "\n": "\\n", "\t": "\\t" }[char];
  if (control) return control;
  if (byte < 0x20 || byte > 0x7e || char === "|") return `\\x${byte.toString(16).padStart(2, "0")}`;
  return /[\\^$.[\]()?*+{}]/.test(char) ? `\\${char}` : char;
}
