import type { Evidence } from "../model/evidence.ts";
import type { Fact } from "../model/observation.ts";
import { identify, products } from "../registry/products.ts";
import type { Pack } from "./types.ts";

/**
 * Several programs speak in one HTTP answer, and none of them lies: nginx before Tomcat, Grafana behind nginx, Jenkins made with Jetty.
 * The product is who listens on the port; what stands behind it, on it or in it is a technology. Who listens is told by the fields that
 * only the last hop writes (its place in `Via`, the order of its own fields), then by `Server`. Claims that contradict each other about
 * that one place are left for fusion, which calls them a conflict.
 */

/** Programs that are installed as a server and run sites or other servers behind them: keys of the registry. */
const FRONT = new Set(
  `nginx apache iis lighttpd caddy haproxy varnish squid envoy traefik ats openresty tengine angie litespeed openlitespeed h2o cherokee
  hiawatha cloudflare cloudfront akamai fastly imperva sucuri big-ip netscaler kong apisix tyk amazon-alb amazon-elb openbsd-httpd
  azure-application-gateway azure-front-door arr abyss-x1 abyss-x2 unit monkey nostromo ingress-nginx stgw ohs sun-ws oracle-traffic-director`.split(
    /\s+/,
  ),
);

/** Servers that come inside of programs, and frameworks: where a program is named as well, they are parts of it. */
const PART = new Set(
  `jetty tomcat undertow tornado aiohttp cherrypy werkzeug wsgiref basehttp gunicorn uvicorn hypercorn daphne waitress twistedweb kestrel
  httpapi cowboy mochiweb webrick puma thin mongrel fasthttp mongoose express netty grizzly akka-http civetweb gnu-libmicrohttpd indy gsoap
  restlet proxygen zope libupnp simplehttp gevent eventlet sanic passenger vert-x ktor warp glassfish weblogic websphere wildfly jboss-eap
  coldfusion resin nanohttpd mojolicious mono-httplistener swoole reactphp inets yaws hunchentoot node-js go-http php-cli-server`.split(
    /\s+/,
  ),
);

/** Servers whose order of fields and own pages are known: for them, and only for them, another's order is a contradiction. */
const SHAPED = new Set(["nginx", "apache", "iis", "lighttpd", "caddy", "tomcat", "haproxy", "h2o"]);

/** What a server does unasked, which few think of when they change its name. */
const BEHAVIOUR = new Set(["http.order", "http.etag"]);

/** The same piece as a technology: part of the answer, not who listens. */
function asTechnology(piece: Evidence): Evidence {
  const { service, product, version, os } = piece.claim;
  if (!product) return piece;
  const technology = piece.claim.technology ?? { name: product, version: version ?? null };
  return { ...piece, claim: { ...(service && { service }), technology, ...(os && { os }) } };
}

/**
 * Does the hop that wrote `Via` stand in front? `Connection` is written by the last hop: where it comes before `Via`, that field was
 * already there (RFC 9110 sections 7.6.1 and 7.6.3).
 */
function viaIsLast(facts: readonly Fact[]): boolean {
  const names = facts.find(({ name }) => name === "http.headers")?.value.split(",") ?? [];
  const connection = names.indexOf("connection");
  return connection < 0 || names.indexOf("via") < connection;
}

/** Evidence of HTTP with each program in its place. Pure. */
export function layered(evidence: readonly Evidence[], facts: readonly Fact[]): Evidence[] {
  const keys = new Map<Evidence, string>();
  for (const piece of evidence) {
    const { product, vendor = null, service = "http" } = piece.claim;
    if (product && service === "http" && piece.source.startsWith("http."))
      keys.set(piece, identify({ product, vendor }).key);
  }
  if (new Set(keys.values()).size < 2) return [...evidence];

  const keysFrom = (source: string) =>
    new Set([...keys].filter(([piece]) => piece.source === source).map(([, key]) => key));
  const proxies = viaIsLast(facts) ? keysFrom("http.via") : new Set<string>();
  const named = keysFrom("http.server");
  const front = [...named].some((key) => FRONT.has(key));
  const derived = [...named].some((key) => products.byKey.has(key) && !SHAPED.has(key));
  const denied = derived ? new Set<string>() : keysFrom("http.order");
  const spoken = [...keys].filter(([piece]) => !BEHAVIOUR.has(piece.source)).map(([, key]) => key);
  const application = spoken.some((key) => !FRONT.has(key) && !PART.has(key));

  const listens = (piece: Evidence, key: string): boolean => {
    if (proxies.size > 0) return proxies.has(key);
    // Whether an error page is the origin's or contradicts the name is for fusion to say (evidence/roles.ts).
    if (front)
      return ["http.server", "http.errorPage"].includes(piece.source) || named.has(key) || denied.has(key);
    if (BEHAVIOUR.has(piece.source))
      return (named.size > 0 && !derived) || spoken.every((other) => other === key);
    return !(PART.has(key) && (application || (derived && !named.has(key))));
  };
  return evidence.flatMap((piece) => {
    const key = keys.get(piece);
    if (key === undefined || listens(piece, key)) return [piece];
    // A habit that some server shares with the one that was named says nothing about what lies behind.
    return BEHAVIOUR.has(piece.source) && FRONT.has(key) ? [] : [asTechnology(piece)];
  });
}

/** The pack, with its evidence of HTTP put in layers. Keeps name and digest of the pack. */
export function withLayers(pack: Pack): Pack {
  return {
    name: pack.name,
    digest: pack.digest,
    evaluate: (input) => layered(pack.evaluate(input), input.facts),
  };
}
