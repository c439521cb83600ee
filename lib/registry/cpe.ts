// CPE names: how the vulnerability databases call a product. Formatted strings of CPE 2.3 and URIs of CPE 2.2, both by
// NISTIR 7695 (section 6.2 formatted string binding, section 6.1 URI binding).

/** Components of a formatted string after `cpe:2.3:`. */
const COMPONENTS = 11;
/** `9.6p1`, `9.11.4-P2`, `4.97-RC1`: the dictionary keeps the patch level as the update. Letters alone (1.0.2k) stay. */
const UPDATE = /^(\d+(?:\.\d+)*)[-_]?((?:p|rc|sp|beta|alpha)\d+|beta|alpha)$/;

/**
 * The formatted string of a product's version, `cpe:2.3:a:f5:nginx:1.22.1:*:…`; `*` where the version is not known or
 * is a span ("3.X - 4.X"). Of "8.4p1 Debian 5" only the first word is the version. An identity whose version is another's than that of what its
 * CPE names (Python's own servers count for themselves) says so by a version in the CPE, `*`. Null when the identity has no CPE.
 */
export function cpe23(identity: { cpe: string | null }, version: string | null): string | null {
  if (identity.cpe === null) return null;
  const [part = "", vendor = "", product = "", own] = split(identity.cpe);
  const [main, update] = own === undefined ? versionOf(version) : [own, "*"];
  const named = [part, value(vendor), value(product), main, update];
  return `cpe:2.3:${[...named, ...Array<string>(COMPONENTS - named.length).fill("*")].join(":")}`;
}

function versionOf(version: string | null): [version: string, update: string] {
  const text = version?.trim().toLowerCase() ?? "";
  if (text === "" || / - | or /.test(text)) return ["*", "*"];
  const word = /^\d/.test(text) ? (text.split(/\s/, 1)[0] ?? "") : text;
  const [, main, update] = UPDATE.exec(word) ?? [];
  return main && update ? [value(main), value(update)] : [value(word), "*"];
}

/** Lower case, blanks as `_`, everything but letters, digits, `.`, `-` and `_` behind a backslash (section 6.2.3). */
function value(text: string): string {
  const bound = text
    .toLowerCase()
    .replace(/\s+/g, "_")
    .replace(/[^\x21-\x7e]/g, "")
    .replace(/\\[\x21-\x7e]|[^a-z0-9._-]/g, (found) => (found.length === 2 ? found : `\\${found}`));
  // "-" alone would mean "not applicable".
  return bound === "-" ? "\\-" : bound || "*";
}

/** Components between colons that no backslash precedes. */
function split(name: string): string[] {
  return name.match(/(?:\\.|[^:\\])+/g) ?? [];
}

/**
 * A CPE 2.3 formatted string as the URI that Nmap's XML carries: `cpe:/a:f5:nginx:1.22.1`. Characters behind a
 * backslash are percent-encoded, trailing ANY components are left out, and what 2.2 has no place for goes packed into
 * the edition (section 6.1.2.4). Any other text is returned as it is.
 */
export function cpe22(name: string): string {
  if (!name.startsWith("cpe:2.3:")) return name;
  const components = split(name.slice("cpe:2.3:".length)).map(toUri);
  const [part = "", vendor = "", product = "", version = "", update = "", edition = "", language = ""] =
    components;
  const further = components.slice(7, COMPONENTS);
  const packed = further.some((component) => component !== "")
    ? ["", edition, ...Array.from({ length: 4 }, (_, i) => further[i] ?? "")].join("~")
    : edition;
  return `cpe:/${[part, vendor, product, version, update, packed, language].join(":")}`.replace(/:+$/, "");
}

function toUri(component: string): string {
  if (component === "*") return "";
  if (component === "-") return "-";
  return component.replace(
    /\\(.)|([*?])/g,
    (_, escaped: string | undefined, wildcard: string | undefined) => {
      if (wildcard) return wildcard === "?" ? "%01" : "%02";
      const character = escaped ?? "";
      return /[a-z0-9._-]/i.test(character)
        ? character
        : `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
    },
  );
}
