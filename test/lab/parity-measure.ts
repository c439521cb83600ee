/**
 * Both over the doors of a lab, with the same files and nothing else, and then both again over the doors on which they differ: what `explain`
 * needs to know of each. Nmap's first answers are asked for once for each transport, since they take minutes.
 */
import { listeners } from "./network.ts";
import {
  doorOf,
  type NmapRun,
  nmapSays,
  PROBES_FILE,
  type Said,
  type Target,
  type Transport,
} from "./nmap-says.ts";
import {
  type Difference,
  differences,
  doorplateSays,
  explain,
  type Measured,
  type OurSaid,
} from "./parity.ts";
import { scan } from "./scan.ts";
import type { Lab, RunningDoor } from "./start.ts";

/** Names of RPC programs, for both. */
export const RPC_FILE = "/usr/share/nmap/nmap-rpc";
const SAME_FILES = ["--no-builtin", "--signatures", PROBES_FILE, "--rpc", RPC_FILE];

export interface Comparison {
  nmap: NmapRun;
  ours: { said: OurSaid[]; seconds: number; cuts: number };
  found: (Difference & { door: string; why: string | null })[];
  /** Doors on which nobody listens since one of the two asked. */
  ended: { nmap: readonly string[]; doorplate: readonly string[] };
}

/** Where both ask: a lab, or what stands for one. */
export interface Compared extends Pick<Lab, "network"> {
  doors: readonly Pick<RunningDoor, "daemon" | "host" | "port" | "transport">[];
}

/** Compares over one transport, `flags` for Doorplate. */
export type Compare = (transport: Transport, flags: readonly string[]) => Promise<Comparison>;

export function comparer(lab: Compared): Compare {
  const first: Partial<Record<Transport, Promise<{ nmap: NmapRun; ended: string[] }>>> = {};
  const second = new Map<string, Pick<Measured, "again" | "alone" | "scripts">>();

  async function askFirst(transport: Transport) {
    const before = closedDoors(lab);
    const nmap = await nmapSays(targetsOf(lab, transport), lab.network);
    return { nmap, ended: without(closedDoors(lab), before) };
  }

  async function askNmapAgain(transport: Transport, differing: ReadonlySet<string>): Promise<void> {
    const fresh = new Set([...differing].filter((door) => !second.has(door)));
    const targets = targetsOf(lab, transport, fresh);
    const [again, alone] = await Promise.all([
      nmapSays(targets, lab.network),
      nmapSays(targets, lab.network, { fileAlone: true }),
    ]);
    for (const door of fresh) {
      const scripts = again.scripts.get(door) ?? [];
      second.set(door, { again: of(door, again.said), alone: of(door, alone.said), scripts });
    }
  }

  return async (transport, flags) => {
    first[transport] ??= askFirst(transport);
    const { nmap, ended } = await first[transport];
    const before = closedDoors(lab);
    const ours = await askDoorplate(lab, transport, flags);
    const endedByUs = without(closedDoors(lab), before);
    const differing = differences(nmap.said, ours.said);
    const doors = new Set(differing.map(doorOf));
    await askNmapAgain(transport, doors);
    const oursAgain = await askDoorplate(lab, transport, flags, doors);
    const found = differing.map((one) => {
      const door = doorOf(one);
      const { again, alone, scripts = [] } = second.get(door) ?? {};
      const [theirs, mine] = [of(door, nmap.said), of(door, ours.said)];
      const endedByNmap = ended.includes(door);
      const known = { nmap: theirs, doorplate: mine, oursAgain: of(door, oursAgain.said) };
      const measured = { ...known, again, alone, scripts, endedByNmap };
      return { ...one, door: `${daemonAt(lab, door)} ${door}`, why: explain(one, measured) };
    });
    return { nmap, ours, found, ended: { nmap: ended, doorplate: endedByUs } };
  };
}

const of = <S extends Said>(door: string, said: readonly S[]) => said.find((one) => doorOf(one) === door);
const without = (doors: readonly string[], known: readonly string[]) =>
  doors.filter((door) => !known.includes(door));
const daemonAt = ({ doors }: Compared, door: string) => doors.find((one) => doorOf(one) === door)?.daemon;

/** The doors by address, or only some of them. */
function targetsOf({ doors }: Compared, transport: Transport, only?: ReadonlySet<string>): Target[] {
  const hosts = Map.groupBy(
    doors.filter((door) => door.transport === transport && (only?.has(doorOf(door)) ?? true)),
    ({ host }) => host,
  );
  return [...hosts].map(([host, some]) => ({
    host,
    transport,
    ports: [...new Set(some.map(({ port }) => port))],
  }));
}

/** Doors of the lab on which nobody listens. */
function closedDoors({ doors, network }: Compared): string[] {
  const open = new Set(listeners(network).map(({ transport, port }) => `${transport}/${port}`));
  return doors.filter(({ transport, port }) => !open.has(`${transport}/${port}`)).map(doorOf);
}

async function askDoorplate(
  lab: Compared,
  transport: Transport,
  flags: readonly string[],
  only?: ReadonlySet<string>,
) {
  const said: OurSaid[] = [];
  let seconds = 0;
  let cuts = 0;
  for (const { host, ports } of targetsOf(lab, transport, only)) {
    const list = `${transport === "udp" ? "U:" : ""}${ports.join(",")}`;
    const run = await scan([host, "-p", list, ...SAME_FILES, ...flags], lab.network);
    said.push(...run.results.map(doorplateSays));
    seconds += run.seconds;
    cuts += run.results.filter((result) => result.flags.includes("banner-cut")).length;
  }
  return { said, seconds, cuts };
}
