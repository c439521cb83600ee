/**
 * What `nmap -sV` says of doors, every field of it, and what it would say by its service-probes file alone. Nmap adds to what the file says:
 * version scripts (NSE) run after it, and its scan of UDP ports sends payloads of its own. Both are read from its data directory, so an
 * own one, in which both are empty, leaves the file: that, and not a list of services, shows whose doing a difference is.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { XMLParser } from "fast-xml-parser";
import * as z from "zod";
import { cpe23FromUri } from "../../lib/signatures/cpe-uri.ts";
import type { Network } from "./network.ts";

/** In both. */
export const PROBES_FILE = process.env.NMAP_SERVICE_PROBES ?? "/usr/share/nmap/nmap-service-probes";

/** What one of them says of one port; absent is null. */
export interface Said {
  host: string;
  port: number;
  transport: "tcp" | "udp";
  /** `probed` or `table`. */
  method: string;
  service: string | null;
  tls: boolean;
  product: string | null;
  version: string | null;
  info: string | null;
  hostname: string | null;
  os: string | null;
  device: string | null;
  cpe: string;
}

/** Ports of one address. */
export interface Target {
  host: string;
  transport: "tcp" | "udp";
  ports: readonly number[];
}

export interface NmapRun {
  /** Open ports only. */
  said: Said[];
  seconds: number;
  /** Version scripts that were started against a port, by door. */
  scripts: ReadonlyMap<string, readonly string[]>;
}

export type Transport = Target["transport"];
export const doorOf = ({ host, port, transport }: Pick<Said, "host" | "port" | "transport">) =>
  `${transport}/${host.includes(":") ? `[${host}]:` : ""}${port}`;

const text = z.string().optional();
const portSchema = z.object({
  protocol: z.enum(["tcp", "udp"]),
  portid: z.coerce.number(),
  state: z.object({ state: z.string() }),
  service: z
    .object({
      name: text,
      product: text,
      version: text,
      extrainfo: text,
      hostname: text,
      ostype: text,
      devicetype: text,
      tunnel: text,
      method: text,
      cpe: z.array(z.string()).default([]),
    })
    .optional(),
});
const runSchema = z.object({
  nmaprun: z.object({ host: z.object({ ports: z.object({ port: z.array(portSchema) }) }) }),
});

/** As formatted strings, since a URI can be written in two ways. */
export const cpes = (names: readonly string[]) =>
  [...new Set(names.map((name) => name.toLowerCase()))].sort().join(" ");

interface How {
  /** Without its version scripts and payloads. */
  fileAlone?: boolean;
}

/** Runs Nmap over one address after the other. @throws when it fails */
export async function nmapSays(
  targets: readonly Target[],
  network: Network,
  how: How = {},
): Promise<NmapRun> {
  const runs: NmapRun[] = [];
  for (const target of targets) runs.push(await runNmap(target, network, how));
  return {
    said: runs.flatMap(({ said }) => said),
    seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0),
    scripts: new Map(runs.flatMap(({ scripts }) => [...scripts])),
  };
}

async function runNmap(
  { host, transport, ports }: Target,
  { prefix }: Network,
  { fileAlone = false }: How,
): Promise<NmapRun> {
  const own = mkdtempSync(join(tmpdir(), "doorplate-lab-nmap-"));
  try {
    mkdirSync(join(own, "scripts"));
    writeFileSync(join(own, "scripts", "script.db"), "");
    writeFileSync(join(own, "nmap-payloads"), "");
    const xml = join(own, "said.xml");
    const options = [
      ...["-n", "-Pn", "-d", "-sV", transport === "udp" ? "-sU" : "-sT", "--versiondb", PROBES_FILE],
      ...(host.includes(":") ? ["-6"] : []),
      ...(fileAlone ? ["--datadir", own] : []),
      ...["-p", ports.join(","), "-oX", xml, host],
    ];
    const [command = "", ...args] = [...prefix, "nmap", ...options];
    const began = performance.now();
    const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 26 });
    const seconds = (performance.now() - began) / 1000;
    return {
      said: saidIn(readFileSync(xml, "utf8"), host),
      seconds,
      scripts: scriptsIn(stdout, { host, transport }),
    };
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function saidIn(xml: string, host: string): Said[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseAttributeValue: false,
    parseTagValue: false,
    // A field may begin with a blank.
    trimValues: false,
    // Nmap writes the second of two hyphens as a character reference.
    htmlEntities: true,
    isArray: (name) => name === "port" || name === "cpe",
  });
  return runSchema
    .parse(parser.parse(xml))
    .nmaprun.host.ports.port.filter(({ state }) => state.state === "open")
    .map(
      ({ protocol, portid, service: s }): Said => ({
        host,
        port: portid,
        transport: protocol,
        method: s?.method ?? "table",
        service: s?.name ?? null,
        tls: s?.tunnel === "ssl",
        product: s?.product ?? null,
        version: s?.version ?? null,
        info: s?.extrainfo ?? null,
        hostname: s?.hostname ?? null,
        os: s?.ostype ?? null,
        device: s?.devicetype ?? null,
        cpe: cpes((s?.cpe ?? []).map(cpe23FromUri)),
      }),
    );
}

/** `-d` prints `NSE: Starting murmur-version against 127.0.0.1:64738.` */
function scriptsIn(printed: string, at: Pick<Target, "host" | "transport">): Map<string, string[]> {
  const scripts = new Map<string, string[]>();
  for (const [, name = "", port] of printed.matchAll(/^NSE: Starting (\S+) against \S*:(\d+)\.$/gm)) {
    const door = doorOf({ ...at, port: Number(port) });
    scripts.set(door, [...(scripts.get(door) ?? []), name]);
  }
  return scripts;
}
