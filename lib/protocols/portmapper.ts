// What a port mapper (rpcbind) has in its books: procedure DUMP of version 2, a linked list of program, version,
// protocol and port, each behind a word that says "one more".
// Source: RFC 1833 section 3 (port mapper protocol, version 2).
import { rpcProgramName } from "../registry/rpc.ts";
import { reader } from "./binary.ts";

export const PORTMAPPER = 100_000;
export const PORTMAPPER_VERSION = 2;
export const DUMP = 4;

export interface PortmapEntry {
  program: number;
  version: number;
  /** 6 TCP, 17 UDP. */
  protocol: number;
  port: number;
}

/** Entries that are kept of one list. */
const MAX_ENTRIES = 1024;
const MAX_LINES = 256;
const PROTOCOLS: Readonly<Record<number, string>> = { 6: "tcp", 17: "udp" };

/** The list in the results of DUMP; of one that is cut the part that came. Null when it is no list. */
export function parsePortmapDump(results: Uint8Array): PortmapEntry[] | null {
  const entries: PortmapEntry[] = [];
  const r = reader(results);
  while (entries.length < MAX_ENTRIES) {
    const follows = r.u32();
    if (r.failed) return entries.length > 0 ? entries : null;
    if (follows === 0) return entries;
    if (follows !== 1) return null;
    const [program, version, protocol, port] = [r.u32(), r.u32(), r.u32(), r.u32()];
    if (r.failed) continue;
    if (port > 65_535) return null;
    entries.push({ program, version, protocol, port });
  }
  return entries;
}

/** One line for each program at a port: `100003 nfs 3-4 tcp 2049`; a program without a name that we know is `-`. */
export function portmapLines(entries: readonly PortmapEntry[]): string[] {
  const doors = new Map<string, { entry: PortmapEntry; low: number; high: number }>();
  for (const entry of entries) {
    const key = `${entry.program} ${entry.protocol} ${entry.port}`;
    const door = doors.get(key) ?? { entry, low: entry.version, high: entry.version };
    door.low = Math.min(door.low, entry.version);
    door.high = Math.max(door.high, entry.version);
    doors.set(key, door);
  }
  return [...doors.values()].slice(0, MAX_LINES).map(({ entry: { program, protocol, port }, low, high }) => {
    const name = rpcProgramName(program) ?? "-";
    return `${program} ${name} ${versionRange(low, high)} ${PROTOCOLS[protocol] ?? protocol} ${port}`;
  });
}

/** `3-4`, or `3` where there is only one. */
export function versionRange(low: number, high: number): string {
  return low === high ? String(low) : `${low}-${high}`;
}
