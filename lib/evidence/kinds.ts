/**
 * Kinds of product claims. How often a claim is right depends less on which signature made it than on what sort of knowledge that was (an
 * exact signature, a typical one, a protocol's grammar) and where it was read (a `Server` token, a page, a greeting). Kinds are few
 * enough to be measured, so what is fitted on some fingerprints holds for others (docs/calibration.md).
 */
import type { Evidence } from "../model/evidence.ts";
import { identify, productByKey } from "../registry/products.ts";
import { isMaker } from "../signatures/grammar-words.ts";

/**
 * Authors' own weights from which on a signature is taken as reading what a program cannot be told to say otherwise, as exact, or as
 * typical; below it is a hint. Nats (`entries.ts`).
 */
export const COMPILED_IN = 8;
const EXACT = 5.5;
const TYPICAL = 3.5;

/** Ours, and not an operator's rule or file. */
export const isBuiltin = ({ signature }: Pick<Evidence, "signature">) => signature.startsWith("builtin:");

/** Facts by the sort of place they are read in. What is not listed is a protocol's own field. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^(?:http|rtsp|sip)\.(?:server|userAgent)(?:$|\.)/, "token"],
  [/^http\.(?:title|body|generator|link)/, "page"],
  [/^http\.errorPage$/, "errorPage"],
  [/^http\.favicon/, "icon"],
  [/^http\./, "field"],
  [/^ssh\./, "ssh"],
  [/\.banner$|^smtp\.|^(?:pop3|nntp)\.implementation$|^imap\.id$/, "greeting"],
  [/^tls\./, "certificate"],
];

function placeOf(source: string): string {
  return PLACES.find(([pattern]) => pattern.test(source))?.[1] ?? "protocol";
}

/** Names that programs have among themselves: `cpsrvd`, `MiniServ`, `sfcHttpd`; and abbreviations of anything: `BBC`, `NSC`. */
const COMPONENT = /(?:server|serv|srv|webs?|[a-z]d)$/i;
const CAPITALS = /^[A-Z0-9+.]+$/;

/**
 * What a name read by grammar looks like: a `word` (`Jetty`) is mostly a product, `words` often; a `part` belongs to another product as a
 * rule, by a name of its own or by its maker's (`HP-ChaiServer`).
 */
function shapeOf(name: string): "word" | "words" | "part" {
  const [first = "", second] = name.split(/[ _-]/);
  if (second !== undefined) return isMaker(first) ? "part" : "words";
  return COMPONENT.test(name) || CAPITALS.test(name) ? "part" : "word";
}

/** Where sites write what they like: a name that nobody knows is that of a program less often there, whatever it looks like. */
const ON_PAGES: ReadonlySet<string> = new Set(["page", "field"]);

const registered = (key: string) => productByKey(key) !== null;

/**
 * `<how>/<place>` of a built-in product claim, e.g. `exact/token`, or of a grammar's `<how>/<shape>`, e.g. `grammar-new/word`; null for what carries a weight of its own:
 * claims of services and parts alone, operators' files and rules. A grammar's name is *known* when the registry has it: then a person
 * has seen it name a product before. `knows`: has the registry this identity? Another one only to measure what is unknown.
 */
export function kindOf(
  { signature, source, claim, weight }: Evidence,
  knows: (key: string) => boolean = registered,
): string | null {
  if (!claim.product || !isBuiltin({ signature })) return null;
  const grammar = signature.startsWith("builtin:grammar/") || signature.endsWith(":framework");
  if (grammar && weight >= TYPICAL) {
    const { key } = identify({ product: claim.product, vendor: claim.vendor ?? null });
    if (knows(key)) return `grammar-known/${shapeOf(claim.product)}`;
    return ON_PAGES.has(placeOf(source))
      ? `grammar-new/${placeOf(source)}`
      : `grammar-new/${shapeOf(claim.product)}`;
  }
  return `${weight >= EXACT ? "exact" : weight >= TYPICAL ? "typical" : "hint"}/${placeOf(source)}`;
}

/** The first part of a kind: what a kind with few rows is drawn towards. */
export const howOf = (kind: string): string => kind.slice(0, kind.indexOf("/"));
