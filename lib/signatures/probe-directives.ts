import type { LineFault } from "./match-line.ts";
import { buildPrefilter, type Prefilter } from "./prefilter.ts";
import { unescapeData } from "./probe-escapes.ts";
import type { PortRange, ServiceProbe } from "./service-probes.ts";

/**
 * The directives of a service-probes file that say what a probe is and when it is sent (spec/version-detection.md, section 1): each
 * reader takes the text behind its keyword and either changes the probe or leaves it as it was and says what is wrong where. `at`: bytes of the
 * line before that text.
 */

const DEFAULT_RARITY = 5;
const DEFAULT_TOTAL_WAIT_MS = 5000;
const DEFAULT_TCP_WRAPPED_MS = 2000;

export function emptyProbe(line: number): ServiceProbe {
  let prefilter: Prefilter | null = null;
  const probe: ServiceProbe = {
    transport: "tcp",
    name: "",
    data: new Uint8Array(0),
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

/** `TCP|UDP <name> q<d>data<d> [attributes]`. An attribute says how a port scan may use the probe, and means nothing here. */
export function readProbe(text: string, at: number, probe: ServiceProbe): LineFault | null {
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
  return null;
}

export function readPorts(text: string, at: number, into: PortRange[]): LineFault | null {
  const ranges: PortRange[] = [];
  let offset = 0;
  for (const part of text.split(",")) {
    const range = /^[ \t]*(\d{1,5})(?:[ \t]*-[ \t]*(\d{1,5}))?[ \t]*$/.exec(part);
    if (!range) return { offset: at + offset, reason: `not a port or a range: ${shown(part)}` };
    const from = Number(range[1]);
    const to = range[2] === undefined ? from : Number(range[2]);
    if (to > 65_535) return { offset: at + offset, reason: "port is above 65535" };
    if (from > to) return { offset: at + offset, reason: "range runs backwards" };
    ranges.push({ from, to });
    offset += part.length + 1;
  }
  into.push(...ranges);
  return null;
}

export function setNumber(
  text: string,
  at: number,
  min: number,
  max: number,
  change: (value: number) => Partial<ServiceProbe>,
  probe: ServiceProbe,
): LineFault | null {
  const value = /^\d+[ \t]*$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    return { offset: at, reason: `must be a number from ${min} to ${max}` };
  Object.assign(probe, change(value));
  return null;
}

/** Text of the file as a reason quotes it. */
export function shown(text: string): string {
  return JSON.stringify(text.slice(0, 20));
}
