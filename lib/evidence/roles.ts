/**
 * Several products on one HTTP port need not disagree: a reverse proxy stands in front of an application server, an application is a page
 * on a web server. Here it is decided who answers on the port, who stands behind, and whose word is doubtful, from where each
 * product was read:
 *
 * - a proxy that names itself in `Via` (RFC 9110 section 7.6.3) answers, and the `Server` is behind it;
 * - of two products in `Server` fields or error pages the one that is usually in front answers: nginx before Tomcat;
 * - an error page that its `Server` field could not stand in front of contradicts that field, which is easily typed;
 * - what a page's content names (title, cookie, icon) runs on the server that the field names.
 */
import type { Evidence } from "../model/evidence.ts";
import { productByKey } from "../registry/products.ts";
import { COMPILED_IN } from "./kinds.ts";
import { CONTRADICTED_SHARE } from "./weights.ts";

export interface Roles {
  /** Pieces that compete for the product. */
  front: Evidence[];
  /** Products behind it, as parts. */
  behind: Evidence[];
}

const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/));
/** Identities by how far in front they usually stand; what is in no row is an application or its server. */
const LAYERS: readonly (readonly [ReadonlySet<string>, number])[] = [
  [words("cloudflare cloudfront akamai amazon-elb google-frontend azure-app sucuri zscaler stgw"), 4],
  [words("haproxy envoy varnish squid traefik ats kong tinyproxy privoxy"), 3],
  [words("nginx openresty tengine caddy h2o"), 2],
  [words("apache iis httpapi lighttpd litespeed cherokee hiawatha"), 1],
];

const layerOf = (key: string): number => LAYERS.find(([keys]) => keys.has(key))?.[1] ?? 0;

/**
 * Who said so: the proxy of itself, the server of itself in a field, the last hop by the order of its own fields, the server by its
 * behaviour, the content that it serves.
 */
type Voice = "via" | "token" | "order" | "behaviour" | "content";

function voiceOf({ source }: Evidence, layer: number): Voice {
  if (source === "http.via") return "via";
  if (source === "http.server") return "token";
  if (source === "http.order") return "order";
  if (source === "http.errorPage") return "behaviour";
  // The default page of a web server is the server's own doing; what an application shows of itself is content.
  return layer > 0 ? "behaviour" : "content";
}

interface Product {
  key: string;
  layer: number;
  pieces: Evidence[];
  voices: ReadonlySet<Voice>;
  /** Of the strongest piece. */
  weight: number;
}

/** `key`: identity of the product that a piece claims; null when it claims none. Pieces come strongest first. */
export function assignRoles(evidence: readonly Evidence[], key: (piece: Evidence) => string | null): Roles {
  const named = evidence.filter((piece) => key(piece) !== null && piece.source.startsWith("http."));
  const products = [...Map.groupBy(named, (piece) => key(piece) ?? "")].map(([name, pieces]): Product => {
    const layer = layerOf(name);
    const voices = new Set(pieces.map((piece) => voiceOf(piece, layer)));
    return { key: name, layer, pieces, voices, weight: Math.max(...pieces.map(({ weight }) => weight)) };
  });
  if (products.length < 2) return { front: [...evidence], behind: [] };

  const main = mouth(products);
  const behind = new Set<string>();
  let doubted = false;
  for (const other of products) {
    if (!main || other === main) continue;
    if (stands(main, other)) behind.add(other.key);
    // An order of fields alone is a contradiction, but any script that plays a server has one of its own.
    else if (other.voices.has("behaviour")) doubted = true;
  }
  const isBehind = (piece: Evidence) => behind.has(key(piece) ?? "") && piece.source.startsWith("http.");
  return {
    front: evidence
      .filter((piece) => !isBehind(piece))
      .map((piece) =>
        doubted && main && key(piece) === main.key && piece.source === "http.server"
          ? { ...piece, weight: piece.weight * CONTRADICTED_SHARE }
          : piece,
      ),
    behind: evidence.filter(isBehind).map(asPart),
  };
}

/** The product that speaks for the port by name; of several the one furthest in front, then the surest. */
function mouth(products: readonly Product[]): Product | undefined {
  const rank = ({ voices, layer, weight }: Product) => (voices.has("via") ? 100 : 10 * layer) + weight / 1000;
  return products
    .filter(({ voices }) => voices.has("via") || voices.has("token"))
    .sort((a, b) => rank(b) - rank(a))[0];
}

/** Does `main` stand in front of `other`, so that both are true? */
function stands(main: Product, other: Product): boolean {
  if (main.voices.has("via") && !other.voices.has("via")) return true;
  // Whoever passes an answer on writes its fields in an order of his own.
  if (other.voices.has("order")) return false;
  if (main.layer > other.layer) return true;
  // A known server carries what its pages show; an unknown word in the field may be that very application.
  const contentOnly = [...other.voices].every((voice) => voice === "content");
  return contentOnly && productByKey(main.key) !== null;
}

/**
 * Outside of HTTP: a banner says what its owner likes, an order of commands or a zone is compiled in. Where one program's own doing
 * answers to another's name, that name is doubted; the conflict stays, since both are claimed. `key` as above.
 */
export function doubtTyped(
  evidence: readonly Evidence[],
  key: (piece: Evidence) => string | null,
): Evidence[] {
  const own = evidence.filter(
    (piece) => key(piece) !== null && !piece.source.startsWith("http.") && piece.weight >= COMPILED_IN,
  );
  const denied = (piece: Evidence) =>
    key(piece) !== null &&
    piece.weight < COMPILED_IN &&
    own.some(({ family }) => family !== piece.family) &&
    !own.some((other) => key(other) === key(piece));
  return evidence.map((piece) =>
    denied(piece) ? { ...piece, weight: piece.weight * CONTRADICTED_SHARE } : piece,
  );
}

function asPart(piece: Evidence): Evidence {
  const { product, version, service } = piece.claim;
  return {
    ...piece,
    claim: {
      ...(service === undefined ? {} : { service }),
      technology: { name: product ?? "", version: version ?? null },
    },
  };
}
