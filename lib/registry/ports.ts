import * as z from "zod";
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
const REGISTERED_PRIOR = 0.6;
const TRANSPORTS = ["tcp", "udp"] as const;

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

const text = z.string();
const tableSchema = z.strictObject({
  tcp: z.array(text),
  udp: z.array(text),
  order: z.strictObject({ tcp: text, udp: text }),
  web: text,
  tls: text,
  priors: z.strictObject({ tcp: text, udp: text }),
});

/** `22 80-82` → [22, 80, 81, 82], in the order written, each once. @throws Error for what is no port */
export function portNumbers(list: string): number[] {
  const ports = new Set<number>();
  for (const item of list.split(/\s+/)) {
    if (item === "") continue;
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(item);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? first);
    if (!match || last > 65535 || first > last)
      throw new Error(`port registry: "${item}" is no port or range`);
    for (let port = first; port <= last; port++) ports.add(port);
  }
  return [...ports];
}

/** `22 ssh, 23 telnet` → one entry a pair: ports and the words after them. */
function entries(list: string): { ports: number[]; words: string[] }[] {
  return list.split(",").map((item) => {
    const [ports = "", ...words] = item.trim().split(/\s+/);
    return { ports: portNumbers(ports), words };
  });
}

function priorsOf(list: string): Map<number, ServicePrior[]> {
  const priors = new Map<number, ServicePrior[]>();
  for (const { ports, words } of entries(list)) {
    const [service = "", prior = ""] = words;
    for (const port of ports) {
      const known = [...(priors.get(port) ?? []), { service, prior: Number(prior) }];
      priors.set(
        port,
        known.sort((a, b) => b.prior - a.prior),
      );
    }
  }
  return priors;
}

const table = tableSchema.parse(rows);

/** Every row of ports.yaml. */
export const builtinRows: readonly PortRow[] = TRANSPORTS.flatMap((transport) =>
  table[transport].flatMap((family) =>
    entries(family).flatMap(({ ports, words }) =>
      ports.map((port) => ({ port, transport, service: words[0] ?? "" })),
    ),
  ),
);

/** What ports.yaml knows besides names. */
export const builtinKnowledge: PortKnowledge = {
  order: { tcp: portNumbers(table.order.tcp), udp: portNumbers(table.order.udp) },
  priors: { tcp: priorsOf(table.priors.tcp), udp: priorsOf(table.priors.udp) },
  tls: portNumbers(table.tls),
  web: portNumbers(table.web),
};

/** The built-in registry, and its functions by name. */
export const builtinPorts: PortRegistry = portRegistry(builtinRows, builtinKnowledge);
export const { serviceName, servicesOf, isTlsPort, webPorts, registeredPorts, topPorts } = builtinPorts;
