/** Escapes in probe data and in string arguments of templates: fewer than in patterns, and `\0` is one NUL. */

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  "0": "\0",
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The bytes meant, as latin1 text; or the offset of an escape that does not exist. */
export function unescapeData(text: string): string | { offset: number } {
  let out = "";
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== "\\") {
      out += text[at];
      continue;
    }
    const char = text[at + 1] ?? "";
    const hex = char === "x" ? /^[0-9a-fA-F]{2}/.exec(text.slice(at + 2, at + 4))?.[0] : undefined;
    // Inside a template's quotes the quote itself may be escaped; in probe data it never needs to be.
    const plain = Object.hasOwn(ESCAPES, char) ? ESCAPES[char] : undefined;
    if (hex) {
      out += String.fromCharCode(Number.parseInt(hex, 16));
      at += 3;
    } else if (plain !== undefined) {
      out += plain;
      at++;
    } else return { offset: at };
  }
  return out;
}

/** `isspace` of the C locale. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
