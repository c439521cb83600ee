import { isSpace, unescapeData } from "./probe-escapes.ts";

/**
 * Templates of a service-probes file (spec/version-detection.md, section 3): text with `$1`..`$9`, `$P(n)`,
 * `$SUBST(n,"from","to")` and `$I(n,"<"|">")`. A field that cannot be filled, or would not fit, is left out;
 * the match stands. Text is latin1, one character per byte.
 */

export type Groups = readonly (string | undefined)[];

/** Templates of one match line, as written; CPEs with their `cpe:/` prefix. */
export interface Templates {
  product?: string;
  version?: string;
  info?: string;
  hostname?: string;
  os?: string;
  device?: string;
  cpe: string[];
}

/** What a match said. Absent fields are null; CPEs are 2.2 URIs in the order application, hardware, OS. */
export interface Fields {
  product: string | null;
  version: string | null;
  info: string | null;
  hostname: string | null;
  os: string | null;
  device: string | null;
  cpe: string[];
}

/** Sizes of the fields, bytes, as upstream holds them (one byte ends the string). */
const CAPACITY = { product: 80, version: 80, info: 256, hostname: 80, os: 32, device: 32, cpe: 80 } as const;

const MAX_ARGUMENTS = 5;
const MAX_STRING_ARGUMENT = 127;
/** Most bytes that `$I` reads as one number. */
const MAX_INTEGER_BYTES = 8;
/** Parts of a CPE, in the order of reports. */
const CPE_PARTS = ["a", "h", "o"] as const;

export function fillTemplates(templates: Templates, groups: Groups): Fields {
  const field = (name: Exclude<keyof typeof CAPACITY, "cpe">): string | null => {
    const template = templates[name];
    return template === undefined ? null : fillTemplate(template, groups, CAPACITY[name]);
  };
  const slots = new Map<string, string | null>();
  for (const template of templates.cpe)
    slots.set(template["cpe:/".length] ?? "", fillTemplate(template, groups, CAPACITY.cpe, escapeCpe));
  return {
    product: field("product"),
    version: field("version"),
    info: field("info"),
    hostname: field("hostname"),
    os: field("os"),
    device: field("device"),
    cpe: CPE_PARTS.map((part) => slots.get(part)).filter((cpe) => typeof cpe === "string"),
  };
}

/**
 * Fills one template; null when it fails or leaves nothing. `capacity` in bytes; `transform` is applied to
 * substituted values, not to literal text. Non-printable bytes come out as `.`.
 */
export function fillTemplate(
  template: string,
  groups: Groups,
  capacity: number,
  transform: (value: string) => string = (value) => value,
): string | null {
  let text = "";
  for (let at = 0; at < template.length; ) {
    const dollar = template.indexOf("$", at);
    if (dollar < 0) {
      text += template.slice(at);
      if (text.length > capacity - 1) return null;
      break;
    }
    text += template.slice(at, dollar);
    const substitution = substitute(template, dollar + 1, groups);
    if (!substitution) return null;
    const nul = substitution.value.indexOf("\0");
    text += transform(nul < 0 ? substitution.value : substitution.value.slice(0, nul));
    if (text.length > capacity - 2) return null;
    at = substitution.next;
  }
  let end = text.length;
  while (end > 0 && (text[end - 1] === "," || isSpace(text.charCodeAt(end - 1)))) end--;
  return end === 0 ? null : text.slice(0, end).replace(/[^\x20-\x7e]/g, ".");
}

type Argument = number | string;

/** Reads what follows a `$` at `at`; null when it is not a substitution, or its group is unset. */
function substitute(template: string, at: number, groups: Groups): { value: string; next: number } | null {
  const char = template[at];
  if (char === undefined) return null;
  if (char >= "1" && char <= "9") {
    const value = groups[Number(char)];
    return value === undefined ? null : { value, next: at + 1 };
  }
  const call = /^(P|SUBST|I)\(/.exec(template.slice(at, at + 6));
  if (!call) return null;
  const read = readArguments(template, at + call[0].length);
  if (!read) return null;
  const [number, second, third, ...rest] = read.arguments;
  if (typeof number !== "number" || number < 1 || rest.length > 0) return null;
  const value = groups[number];
  if (value === undefined) return null;
  const { next } = read;
  switch (call[1]) {
    case "P":
      return second === undefined ? { value: value.replace(/[^\x20-\x7e]/g, ""), next } : null;
    case "I": {
      if ((second !== ">" && second !== "<") || third !== undefined) return null;
      if (value.length > MAX_INTEGER_BYTES) return null;
      return { value: readInteger(value, second === ">").toString(), next };
    }
    default: {
      if (typeof second !== "string" || typeof third !== "string" || second === "") return null;
      return { value: value.split(second).join(third), next };
    }
  }
}

function readInteger(bytes: string, bigEndian: boolean): bigint {
  let number = 0n;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(bigEndian ? i : bytes.length - 1 - i);
    number = (number << 8n) | BigInt(byte);
  }
  return number;
}

/** Integers (decimal, `0x`, octal) and quoted strings, up to and including the closing parenthesis. */
function readArguments(template: string, start: number): { arguments: Argument[]; next: number } | null {
  const list: Argument[] = [];
  let at = start;
  const skipBlanks = (): void => {
    while (template[at] === " " || template[at] === "\t") at++;
  };
  for (;;) {
    skipBlanks();
    if (template[at] === '"') {
      let end = at + 1;
      while (end < template.length && template[end] !== '"') end += template[end] === "\\" ? 2 : 1;
      if (end >= template.length) return null;
      const text = unescapeData(template.slice(at + 1, end));
      if (typeof text !== "string" || text.length > MAX_STRING_ARGUMENT) return null;
      list.push(text);
      at = end + 1;
    } else {
      const digits = /^(?:0[xX][0-9a-fA-F]{1,8}|\d{1,10})/.exec(template.slice(at, at + 12))?.[0];
      if (!digits) return null;
      const octal = /^0[0-9]/.test(digits);
      if (octal && /[89]/.test(digits)) return null;
      list.push(octal ? Number.parseInt(digits, 8) : Number(digits));
      at += digits.length;
    }
    if (list.length > MAX_ARGUMENTS) return null;
    skipBlanks();
    const separator = template[at++];
    if (separator === ")") return { arguments: list, next: at };
    if (separator !== ",") return null;
  }
}

/** What stands for something in a CPE URI is percent-encoded, blanks become `_`, letters lower case. */
function escapeCpe(value: string): string {
  let text = "";
  for (const char of value) {
    const byte = char.charCodeAt(0);
    if (isSpace(byte)) text += "_";
    else if (":/?#[]@!$&'()*+,;=%<>\"".includes(char))
      text += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    else text += byte >= 0x41 && byte <= 0x5a ? char.toLowerCase() : char;
  }
  return text;
}
