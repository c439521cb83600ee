import type { Transport } from "../model/endpoint.ts";
import { type ExcludeItem, parseExclude } from "./exclude-list.ts";
import { type LineFault, type MatchLine, readMatchLine } from "./match-line.ts";
import { buildPrefilter, type Prefilter } from "./prefilter.ts";
import { unescapeData } from "./probe-escapes.ts";

/**
 * Reader of service-probes files, Nmap's format (spec/version-detection.md, section 1). The operator brings
 * the file; nothing of it is shipped. A bad line is set aside with its place and the reason, and reading
 * goes on: whether one bad line spoils the file is the caller's decision.
 */

export interface PortRange {
  from: number;
  to: number;
}

export interface ServiceProbe {
  transport: Transport;
  name: string;
  /** Bytes to send; empty for the NULL probe. */
  data: Uint8Array;
  /** May not be used as a payload of the port scan. */
  noPayload: boolean;
  ports: PortRange[];
  sslPorts: PortRange[];
  /** 1 (common) to 9. */
  rarity: number;
  /** Response window, ms. */
  totalWaitMs: number;
  /** A close within this, ms, means tcpwrapped; read on the NULL probe. */
  tcpWrappedMs: number;
  /** Order is meaning: the first hit wins. */
  matches: MatchLine[];
  /** Probes whose lines are tried on an answer to this one, itself first. */
  fallback: ServiceProbe[];
  /** Line of the file, from 1. */
  line: number;
  /** Finds the lines that can match at all; built at first use. */
  prefilter(): Prefilter;
}

export interface Refusal {
  /** From 1. */
  line: number;
  /** From 1, in bytes. */
  column: number;
  reason: string;
  /** Upstream would refuse the file for it; false: only our subset of patterns lacks something. */
  fatal: boolean;
}

export interface ProbeFile {
  name: string;
  /** The probe that listens only; null if the file has none. */
  nullProbe: ServiceProbe | null;
  /** All others, in file order. */
  probes: ServiceProbe[];
  exclude: ExcludeItem[];
  refused: Refusal[];
  /** Templates that were skipped although their line stands. */
  warnings: Refusal[];
}

/** Upstream's line buffer less the NUL, bytes. */
const MAX_LINE = 8191;
const DEFAULT_RARITY = 5;
const DEFAULT_TOTAL_WAIT_MS = 5000;
const DEFAULT_TCP_WRAPPED_MS = 2000;
const WAIT_BOUNDS_MS = [100, 300_000] as const;
const MAX_FALLBACKS = 17;

export interface ParseOptions {
  /**
   * The same file (by digest) was read without refusals before: patterns are not looked at until they are
   * needed, which makes reading some ten times faster. A bad pattern then throws at its first use.
   */
  trusted?: boolean;
}

/** Reads a whole file given as latin1 text. Never throws: see `refused`. */
export function parseServiceProbes(text: string, name: string, options: ParseOptions = {}): ProbeFile {
  const file: ProbeFile = { name, nullProbe: null, probes: [], exclude: [], refused: [], warnings: [] };
  const fallbacks = new Map<ServiceProbe, { names: string[]; line: number }>();
  let current: ServiceProbe | null = null;
  let excludeSeen = false;
  let probeSeen = false;

  function directive(line: string, number: number): LineFault | null {
    const space = line.indexOf(" ");
    const keyword = space < 0 ? line : line.slice(0, space);
    const rest = space < 0 ? "" : line.slice(space + 1);
    const at = space + 1;
    if (keyword === "Exclude") {
      if (excludeSeen) return { offset: 0, reason: "second Exclude" };
      if (probeSeen) return { offset: 0, reason: "Exclude must come before the first Probe" };
      excludeSeen = true;
      const items = parseExclude(rest);
      if (!Array.isArray(items)) return { offset: at + items.offset, reason: items.reason };
      file.exclude = items;
      return null;
    }
    if (keyword === "Probe") {
      probeSeen = true;
      // Lines after a bad Probe must not fall to the probe before it.
      current = emptyProbe(number);
      return readProbe(rest, at, current) ?? addProbe(file, current);
    }
    if (!DIRECTIVES.has(keyword)) return { offset: 0, reason: `unknown directive ${shown(keyword)}` };
    if (!current) return { offset: 0, reason: `${keyword} before the first Probe` };
    switch (keyword) {
      case "ports":
        return readPorts(rest, at, current.ports);
      case "sslports":
        return readPorts(rest, at, current.sslPorts);
      case "rarity":
        return setNumber(rest, at, 1, 9, (value) => ({ rarity: value }), current);
      case "totalwaitms":
        return setNumber(rest, at, ...WAIT_BOUNDS_MS, (value) => ({ totalWaitMs: value }), current);
      case "tcpwrappedms":
        return setNumber(rest, at, ...WAIT_BOUNDS_MS, (value) => ({ tcpWrappedMs: value }), current);
      case "fallback": {
        const names = rest.split(",").map((word) => word.trim());
        if (names.some((word) => word === "")) return { offset: at, reason: "empty name in fallback" };
        if (names.length > MAX_FALLBACKS)
          return { offset: at, reason: `more than ${MAX_FALLBACKS} fallbacks` };
        fallbacks.set(current, { names, line: number });
        return null;
      }
      default: {
        const read = readMatchLine(rest, at, keyword === "softmatch", number, options.trusted ?? false);
        if ("reason" in read) return read;
        current.matches.push(read.match);
        for (const warning of read.warnings) file.warnings.push(refusal(number, warning));
        return null;
      }
    }
  }

  let number = 0;
  for (const raw of text.split("\n")) {
    number++;
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line.startsWith("#") || line.trim() === "") continue;
    const fault =
      raw.length > MAX_LINE
        ? { offset: MAX_LINE, reason: `line is longer than ${MAX_LINE} bytes` }
        : directive(line, number);
    if (fault) file.refused.push(refusal(number, fault));
  }
  resolveFallbacks(file, fallbacks);
  file.refused.sort((a, b) => a.line - b.line);
  return file;
}

const DIRECTIVES: ReadonlySet<string> = new Set([
  "ports",
  "sslports",
  "rarity",
  "totalwaitms",
  "tcpwrappedms",
  "fallback",
  "match",
  "softmatch",
]);

function refusal(line: number, { offset, reason, fatal = true }: LineFault): Refusal {
  return { line, column: offset + 1, reason, fatal };
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 20));
}

function emptyProbe(line: number): ServiceProbe {
  let prefilter: Prefilter | null = null;
  const probe: ServiceProbe = {
    transport: "tcp",
    name: "",
    data: new Uint8Array(0),
    noPayload: false,
    ports: [],
    sslPorts: [],
    rarity: DEFAULT_RARITY,
    totalWaitMs: DEFAULT_TOTAL_WAIT_MS,
    tcpWrappedMs: DEFAULT_TCP_WRAPPED_MS,
    matches: [],
    fallback: [],
    line,
    prefilter: () => {
      prefilter ??= buildPrefilter(probe.matches);
      return prefilter;
    },
  };
  return probe;
}

/** `TCP|UDP <name> q<d>data<d> [attributes]` */
function readProbe(text: string, at: number, probe: ServiceProbe): LineFault | null {
  const transport = /^(TCP|UDP) /.exec(text)?.[1];
  if (!transport) return { offset: at, reason: "Probe needs TCP or UDP and one space" };
  const nameAt = 4;
  const nameEnd = text.indexOf(" ", nameAt);
  const name = nameEnd < 0 ? text.slice(nameAt) : text.slice(nameAt, nameEnd);
  if (!/^[A-Za-z0-9]/.test(name))
    return { offset: at + nameAt, reason: "probe name must begin alphanumeric" };
  if (nameEnd < 0 || text[nameEnd + 1] !== "q")
    return { offset: at + nameAt + name.length, reason: "probe name must be followed by q and the data" };
  const delimiter = text[nameEnd + 2];
  const dataAt = nameEnd + 3;
  const dataEnd = delimiter === undefined ? -1 : text.indexOf(delimiter, dataAt);
  if (dataEnd < 0) return { offset: at + dataAt, reason: "probe data has no closing delimiter" };
  const data = unescapeData(text.slice(dataAt, dataEnd));
  if (typeof data !== "string")
    return { offset: at + dataAt + data.offset, reason: "unknown escape in probe data" };
  probe.transport = transport === "TCP" ? "tcp" : "udp";
  probe.name = name;
  probe.data = Buffer.from(data, "latin1");
  probe.noPayload = text
    .slice(dataEnd + 1)
    .split(/[ \t]+/)
    .includes("no-payload");
  return null;
}

function addProbe(file: ProbeFile, probe: ServiceProbe): LineFault | null {
  if (probe.data.length > 0) {
    file.probes.push(probe);
    return null;
  }
  if (probe.transport !== "tcp") return { offset: 0, reason: "a UDP probe must send something" };
  if (file.nullProbe) return { offset: 0, reason: "second probe without data" };
  file.nullProbe = probe;
  return null;
}

function readPorts(text: string, at: number, into: PortRange[]): LineFault | null {
  const ranges: PortRange[] = [];
  let offset = 0;
  for (const part of text.split(",")) {
    const range = /^[ \t]*(\d{1,5})(?:[ \t]*-[ \t]*(\d{1,5}))?[ \t]*$/.exec(part);
    if (!range) return { offset: at + offset, reason: `not a port or a range: ${shown(part)}` };
    const from = Number(range[1]);
    const to = range[2] === undefined ? from : Number(range[2]);
    if (from > 65_535 || to > 65_535) return { offset: at + offset, reason: "port is above 65535" };
    if (from > to) return { offset: at + offset, reason: "range runs backwards" };
    ranges.push({ from, to });
    offset += part.length + 1;
  }
  into.push(...ranges);
  return null;
}

function setNumber(
  text: string,
  at: number,
  min: number,
  max: number,
  change: (value: number) => Partial<ServiceProbe>,
  probe: ServiceProbe,
): LineFault | null {
  const value = /^\d{1,9}[ \t]*$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    return { offset: at, reason: `must be a number from ${min} to ${max}` };
  Object.assign(probe, change(value));
  return null;
}

/** Section 1.2: a name means a probe of the same transport, else of any; arrays are not transitive. */
function resolveFallbacks(
  file: ProbeFile,
  fallbacks: ReadonlyMap<ServiceProbe, { names: string[]; line: number }>,
): void {
  const all = file.nullProbe ? [file.nullProbe, ...file.probes] : file.probes;
  for (const probe of all) {
    const array = new Set([probe]);
    const { names, line } = fallbacks.get(probe) ?? { names: [], line: 0 };
    for (const name of names) {
      const same = all.find((other) => other.name === name && other.transport === probe.transport);
      const found = same ?? all.find((other) => other.name === name);
      if (!found)
        file.refused.push(
          refusal(line, { offset: "fallback ".length, reason: `no probe named ${shown(name)}` }),
        );
      else if (probe !== file.nullProbe) array.add(found);
    }
    // The trailing NULL: a slow banner that comes after the first real probe still meets banner patterns.
    if (probe.transport === "tcp" && file.nullProbe) array.add(file.nullProbe);
    probe.fallback = [...array];
  }
}

/** The probe of this name, of this transport if there is one. */
export function probeNamed(file: ProbeFile, name: string, transport: Transport): ServiceProbe | null {
  if (file.nullProbe?.name === name && transport === "tcp") return file.nullProbe;
  return (
    file.probes.find((probe) => probe.name === name && probe.transport === transport) ??
    file.probes.find((probe) => probe.name === name) ??
    null
  );
}

/** Does one of the probe's own lines name this service? Complete names; fallbacks do not count. */
export function canReport(probe: ServiceProbe, service: string): boolean {
  return probe.matches.some((match) => match.service === service);
}

export function inRanges(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(({ from, to }) => port >= from && port <= to);
}
