/** Parameters of a Recog fingerprint, filled from a match, as what they claim here. */
import type { Claim } from "../../model/evidence.ts";
import { printable } from "../../model/observation.ts";
import { cpe23FromUri } from "../cpe-uri.ts";
import type { RecogParameter } from "./read.ts";

/** Longest value taken into a field, characters. */
const MAX_VALUE = 120;

/** Values by name: groups, fixed texts, and `{name}` in a text replaced by the value of that name. */
export function fillParameters(
  parameters: readonly RecogParameter[],
  groups: readonly (string | undefined)[],
): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, group, value] of parameters) {
    const text = group > 0 ? groups[group] : value;
    if (text) values.set(name, printable(text, MAX_VALUE).trim());
  }
  // A text names values, never other such texts: one pass is all.
  const fixed = new Map(values);
  for (const [name, group, value] of parameters)
    if (group === 0 && value.includes("{"))
      values.set(
        name,
        value.replace(/\{([\w.-]+)\}/g, (_, other: string) => inPlaceOf(name, fixed.get(other))),
      );
  return values;
}

/** In a CPE a value becomes one component, and one that nobody knows leaves it open. */
function inPlaceOf(name: string, value: string | undefined): string {
  if (!name.endsWith(".cpe23")) return value ?? "";
  return encodeURIComponent(value?.toLowerCase().replace(/\s+/g, "_") ?? "").replaceAll("%2B", "+");
}

/** One claim about the service with its machine, and one for a component that it is made with. Empty when nothing is said. */
export function recogClaims(values: ReadonlyMap<string, string>, service: string | null): Claim[] {
  const get = (name: string) => values.get(name) || undefined;
  const cpe = [...values]
    .filter(([name]) => /^(?:service|os|hw)\.cpe23$/.test(name))
    .map(([, uri]) => cpe23FromUri(uri));
  const hardware = [get("hw.vendor"), get("hw.product") ?? get("hw.family")].filter(Boolean).join(" ");
  const own = defined({
    product: get("service.product") ?? get("service.family"),
    vendor: get("service.vendor"),
    version: get("service.version"),
    hostname: get("host.name"),
    os: get("os.product") ?? get("os.family"),
    device: get("hw.device"),
    info: get("hw.product") || get("hw.family") ? hardware : undefined,
    cpe: cpe.length > 0 ? cpe : undefined,
  });
  const component = get("service.component.product");
  const about = service === null ? {} : { service };
  return [
    ...(Object.keys(own).length > 0 ? [{ ...about, ...own }] : []),
    ...(component
      ? [{ ...about, technology: { name: component, version: get("service.component.version") ?? null } }]
      : []),
  ];
}

const defined = (claim: Claim): Claim =>
  Object.fromEntries(Object.entries(claim).filter(([, value]) => value !== undefined));
