import type { Transport } from "../model/endpoint.ts";
import rows from "./ports.yaml";

// What a port number suggests before a byte is exchanged: a name, how likely which service is, whether TLS comes
// first, and how early to ask. The table is ports.yaml; another one (`--services FILE`) makes another registry.

export interface ServicePrior {
  service: string;
  /** P(service | this port is open), rough. */
  prior: number;
}

export interface PortRegistry {
  /** Registered name of the port, `https` for 443; null when there is none. */
  serviceName(port: number, transport: Transport): string | null;
  /** The likeliest services proper, `http` for 443, most likely first; empty when the port says nothing. */
  servicesOf(port: number, transport: Transport): readonly ServicePrior[];
  /** Does TLS come first on this TCP port? */
  isTlsPort(port: number): boolean;
  /** TCP ports where HTTP or HTTPS is the likeliest tenant, ascending. */
  webPorts(): readonly number[];
  /** Ports whose registered name matches a name or a glob with `*` and `?`, case-insensitive, ascending. */
  registeredPorts(glob: string, transport: Transport): number[];
  /** The `n` ports most often open, most often first. Never fewer than asked for, up to 65,535. */
  topPorts(transport: Transport, n: number): number[];
}

/** One registered port. A registry takes names and ranks in the order of its rows. */
export interface PortRow {
  port: number;
  transport: Transport;
  service: string;
}

/** What a registry is made of beside its rows. `order` need not be complete. */
export interface PortKnowledge {
  order: Record<Transport, readonly number[]>;
  priors: Record<Transport, ReadonlyMap<number, readonly ServicePrior[]>>;
  tls: readonly number[];
  web: readonly number[];
}

/** Prior of a registered name that nothing more is known of. */
export const REGISTERED_PRIOR = 0.6;

/** Makes a registry from rows (the first name of a port holds) and what is known of ports besides. */
export function portRegistry(rows: readonly PortRow[], knowledge: PortKnowledge): PortRegistry {
  const names = { tcp: new Map<number, string>(), udp: new Map<number, string>() };
  for (const { port, transport, service } of rows)
    if (!names[transport].has(port)) names[transport].set(port, service);
  const tls = new Set(knowledge.tls);
  const web = [...knowledge.web].sort((a, b) => a - b);

  const servicesOf = (port: number, transport: Transport): readonly ServicePrior[] => {
    const known = knowledge.priors[transport].get(port);
    if (known) return known;
    const service = names[transport].get(port);
    return service === undefined ? [] : [{ service, prior: REGISTERED_PRIOR }];
  };
  const topPorts = (transport: Transport, n: number): number[] => {
    const top = new Set<number>(knowledge.order[transport].slice(0, n));
    const registered = [...names[transport].keys()].filter((port) => port > 0).sort((a, b) => a - b);
    for (const port of registered) {
      if (top.size >= n) break;
      top.add(port);
    }
    for (let port = 1; port <= 65535 && top.size < n; port++) top.add(port);
    return [...top];
  };
  return {
    serviceName: (port, transport) => names[transport].get(port) ?? null,
    servicesOf,
    isTlsPort: (port) => tls.has(port),
    webPorts: () => web,
    registeredPorts: (glob, transport) => {
      const matches = globMatcher(glob);
      return [...names[transport]]
        .filter(([, service]) => matches(service))
        .map(([port]) => port)
        .sort((a, b) => a - b);
    },
    topPorts,
  };
}

/** Matches a whole name against `*` (any run) and `?` (any one character), without backtracking beyond one star. */
function globMatcher(glob: string): (name: string) => boolean {
  const pattern = glob.toLowerCase();
  return (name) => {
    const text = name.toLowerCase();
    let p = 0;
    let star = -1;
    let resume = 0;
    for (let t = 0; t < text.length; ) {
      if (pattern[p] === "*") {
        star = p++;
        resume = t;
      } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
        p++;
        t++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++resume;
      } else return false;
    }
    while (pattern[p] === "*") p++;
    return p === pattern.length;
  };
}

/** Of ports.yaml; its shape is checked by the tests, not at every cold start. */
interface PortTable {
  /** Families of `22 ssh, 23 telnet`. */
  tcp: string[];
  udp: string[];
  /** `80 443 8000-8100` */
  order: Record<Transport, string>;
  web: string;
  tls: string;
  /** `80 http 0.96, 81-87 http 0.8` */
  priors: Record<Transport, string>;
}

/** `22 80-82` → [22, 80, 81, 82], in the order written. */
function portNumbers(list: string): number[] {
  const ports: number[] = [];
  for (const item of list.split(" ")) {
    const dash = item.indexOf("-");
    const first = Number(dash < 0 ? item : item.slice(0, dash));
    const last = dash < 0 ? first : Number(item.slice(dash + 1));
    for (let port = first; port <= last; port++) ports.push(port);
  }
  return ports;
}

function rowsOf(families: readonly string[], transport: Transport): PortRow[] {
  return families
    .flatMap((family) => family.split(", "))
    .map((item) => {
      const blank = item.indexOf(" ");
      return { port: Number(item.slice(0, blank)), transport, service: item.slice(blank + 1) };
    });
}

function priorsOf(list: string): Map<number, ServicePrior[]> {
  const priors = new Map<number, ServicePrior[]>();
  for (const item of list.split(", ")) {
    const [ports = "", service = "", prior = ""] = item.split(" ");
    for (const port of portNumbers(ports)) {
      const known = priors.get(port);
      if (known) known.push({ service, prior: Number(prior) });
      else priors.set(port, [{ service, prior: Number(prior) }]);
    }
  }
  for (const services of priors.values()) if (services.length > 1) services.sort((a, b) => b.prior - a.prior);
  return priors;
}

// Folded scalars (`>-`) join lines by one blank, and a blank line is a line break.
const unfold = (text: string) => text.replaceAll("\n", " ");
const table = rows as PortTable;

/** Every row of ports.yaml. */
export const builtinRows: readonly PortRow[] = [...rowsOf(table.tcp, "tcp"), ...rowsOf(table.udp, "udp")];

/** What ports.yaml knows besides names. */
export const builtinKnowledge: PortKnowledge = {
  order: { tcp: portNumbers(unfold(table.order.tcp)), udp: portNumbers(unfold(table.order.udp)) },
  priors: { tcp: priorsOf(table.priors.tcp), udp: priorsOf(table.priors.udp) },
  tls: portNumbers(table.tls),
  web: portNumbers(table.web),
};

/** The built-in registry, and its functions by name. */
export const builtinPorts: PortRegistry = portRegistry(builtinRows, builtinKnowledge);
export const { serviceName, servicesOf, isTlsPort, webPorts, registeredPorts, topPorts } = builtinPorts;
