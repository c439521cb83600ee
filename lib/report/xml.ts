// Writing XML 1.0 from hostile text: characters that XML cannot carry are dropped, the rest is escaped. Attributes
// and text share one escape, so that neither can end early.

/** Everything outside the `Char` production of XML 1.0 (section 2.2), lone surrogates included. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/**
 * What needs a reference: the five special characters; white space that a parser would turn into blanks inside an
 * attribute (section 3.3.3); DEL and C1 controls, which XML allows but terminals obey.
 */
const SPECIAL = /[&<>"'\t\n\r\u007f-\u009f]/g;

const NAMED: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

export function xmlText(text: string): string {
  return text
    .replace(NOT_XML, "")
    .replace(SPECIAL, (char) => NAMED[char] ?? `&#x${char.charCodeAt(0).toString(16)};`);
}

/** ` name="value"` for each attribute that has a value; null and undefined are left out. */
function attributes(values: Record<string, string | number | null | undefined>): string {
  let text = "";
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue;
    text += ` ${name}="${xmlText(String(value))}"`;
  }
  return text;
}

export type XmlAttributes = Parameters<typeof attributes>[0];

/** `<name …>` alone: an element that is closed later. */
export function openTag(name: string, values: XmlAttributes = {}): string {
  return `<${name}${attributes(values)}>`;
}

/** One element; `children` is XML already (made by these functions). */
export function element(name: string, values: XmlAttributes, children = ""): string {
  const start = `<${name}${attributes(values)}`;
  return children ? `${start}>${children}</${name}>` : `${start}/>`;
}
