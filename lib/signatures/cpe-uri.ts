/**
 * CPE names of service-probes files are URIs of CPE 2.2 (`cpe:/a:vendor:product:version`); results carry formatted
 * strings of 2.3. By NISTIR 7695, section 6.1.2 (unbinding a URI) and 6.2.2 (binding to a formatted string).
 */

/** Components of a formatted string after `cpe:2.3:`. */
const COMPONENTS = 11;
/** Those that a URI names. */
const URI_COMPONENTS = 7;

/** `cpe:/a:openbsd:openssh:9.2p1` → `cpe:2.3:a:openbsd:openssh:9.2p1:*:*:*:*:*:*:*`; other text as it is. */
export function cpe23FromUri(uri: string): string {
  if (!uri.startsWith("cpe:/")) return uri;
  const parts = uri.slice("cpe:/".length).split(":");
  // What a name has beyond the seven is no component of its own.
  const kept = [...parts.slice(0, URI_COMPONENTS - 1), parts.slice(URI_COMPONENTS - 1).join(":")];
  const components = Array.from({ length: COMPONENTS }, (_, i) => component(kept[i] ?? ""));
  return `cpe:2.3:${components.join(":")}`;
}

function component(text: string): string {
  if (text === "") return "*";
  if (text === "-") return "-";
  const plain = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return plain.toLowerCase().replace(/[^a-z0-9._-]/g, (char) => `\\${char}`);
}
