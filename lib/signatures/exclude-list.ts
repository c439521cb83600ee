import type { Transport } from "../model/endpoint.ts";

/**
 * Ports that version detection leaves alone (`Exclude` of a service-probes file): `-p` syntax, see
 * spec/version-detection.md, section 1.1. Prefixes stay in force until the next; items before any prefix
 * hold for every transport.
 */
export interface ExcludeItem {
  /** Null: every transport; `sctp` is kept, and never met here. */
  transport: Transport | "sctp" | null;
  /** Ports, or a service name with `*` and `?`. */
  what: { from: number; to: number } | { name: string };
  /** Only ports that the services table knows: written in brackets. */
  registeredOnly: boolean;
}

const PREFIXES: Readonly<Record<string, Transport | "sctp">> = { T: "tcp", U: "udp", S: "sctp" };

/** Parses a list; an offset (0-based) and a reason where it is wrong. */
export function parseExclude(text: string): ExcludeItem[] | { offset: number; reason: string } {
  const items: ExcludeItem[] = [];
  let transport: ExcludeItem["transport"] = null;
  let bracket = false;
  let at = 0;
  for (const part of text.split(",")) {
    const offset = at;
    at += part.length + 1;
    let item = part.trim();
    const prefix = /^([TUS]):/.exec(item);
    if (prefix) {
      transport = PREFIXES[prefix[1] ?? ""] ?? null;
      item = item.slice(2).trim();
    }
    if (item.startsWith("[")) {
      if (bracket) return { offset, reason: "brackets cannot nest" };
      bracket = true;
      item = item.slice(1);
    }
    const closes = item.endsWith("]");
    if (closes) {
      if (!bracket) return { offset, reason: "] without [" };
      item = item.slice(0, -1);
    }
    const range = /^(\d*)(-?)(\d*)$/.exec(item);
    if (item === "") return { offset, reason: "empty item" };
    if (range) {
      const from = range[1] ? Number(range[1]) : 1;
      const to = range[2] ? (range[3] ? Number(range[3]) : 65_535) : from;
      if (to > 65_535) return { offset, reason: "port is above 65535" };
      if (from > to) return { offset, reason: "range runs backwards" };
      items.push({ transport, what: { from, to }, registeredOnly: bracket });
    } else if (/^[\w.+*?-]+$/.test(item)) {
      items.push({ transport, what: { name: item }, registeredOnly: bracket });
    } else return { offset, reason: `not a port, a range or a service name: ${item}` };
    if (closes) bracket = false;
  }
  return bracket ? { offset: 0, reason: "missing ]" } : items;
}

/** Is this port excluded? `name`: what the services table calls it, null if it does not know it. */
export function isExcluded(
  items: readonly ExcludeItem[],
  { transport, port, name }: { transport: Transport; port: number; name: string | null },
): boolean {
  return items.some((item) => {
    if (item.transport !== null && item.transport !== transport) return false;
    if (item.registeredOnly && name === null) return false;
    if ("from" in item.what) return port >= item.what.from && port <= item.what.to;
    return name !== null && globMatches(item.what.name, name);
  });
}

/** `*` and `?` only; linear in practice: on a mismatch it goes back to the latest `*`. */
function globMatches(glob: string, text: string): boolean {
  let [g, t, star, resume] = [0, 0, -1, 0];
  while (t < text.length) {
    if (glob[g] === "*") [star, resume] = [g++, t];
    else if (glob[g] === "?" || glob[g] === text[t]) [g, t] = [g + 1, t + 1];
    else if (star >= 0) [g, t] = [star + 1, ++resume];
    else return false;
  }
  while (glob[g] === "*") g++;
  return g === glob.length;
}
