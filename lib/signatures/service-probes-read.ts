import { parseExclude } from "./exclude-list.ts";
import { type LineFault, readMatchLine } from "./match-line.ts";
import { emptyProbe, readPorts, readProbe, setNumber, shown } from "./probe-directives.ts";
import type { ProbeFile, Refusal, ServiceProbe } from "./service-probes.ts";

/**
 * Reader of service-probes files, Nmap's format (spec/version-detection.md, section 1). The operator brings
 * the file; nothing of it is shipped. A bad line is set aside with its place and the reason, and reading
 * goes on: whether one bad line spoils the file is the caller's decision.
 */

/** Upstream's line buffer less the NUL, bytes. */
const MAX_LINE = 8191;
const WAIT_BOUNDS_MS = [100, 300_000] as const;
const MAX_FALLBACKS = 17;

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

/** Reads a whole file given as latin1 text. Never throws: see `refused`. */
export function parseServiceProbes(text: string, name: string): ProbeFile {
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
        const read = readMatchLine(rest, at, keyword === "softmatch", number);
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

function refusal(line: number, { offset, reason, fatal = true }: LineFault): Refusal {
  return { line, column: offset + 1, reason, fatal };
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

/** Section 1.2: a name means a probe of the same transport, else of any; arrays are not transitive. */
function resolveFallbacks(
  file: ProbeFile,
  fallbacks: ReadonlyMap<ServiceProbe, { names: string[]; line: number }>,
): void {
  const all = file.nullProbe ? [file.nullProbe, ...file.probes] : file.probes;
  for (const probe of all) {
    const array = new Set([probe]);
    // A directive of NULL's means nothing, whatever it names.
    const { names, line } = (probe !== file.nullProbe && fallbacks.get(probe)) || { names: [], line: 0 };
    for (const name of names) {
      const same = all.find((other) => other.name === name && other.transport === probe.transport);
      const found = same ?? all.find((other) => other.name === name);
      if (!found)
        file.refused.push(
          refusal(line, { offset: "fallback ".length, reason: `no probe named ${shown(name)}` }),
        );
      else array.add(found);
    }
    // The trailing NULL: a slow banner that comes after the first real probe still meets banner patterns.
    if (probe.transport === "tcp" && file.nullProbe) array.add(file.nullProbe);
    probe.fallback = [...array];
  }
}
