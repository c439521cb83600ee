/**
 * Detection by the operator's own service-probes files: the verdict of `nmap -sV` with the same file
 * (spec/version-detection.md), from fewer seconds. The parts: `machine.ts` decides, `drive.ts` asks, `sent-ahead.ts`, `flights.ts` and
 * `exchange.ts` hold connections, `evidence.ts` says what it means, `replay.ts` reads the same file over recorded
 * responses.
 */
import type { Endpoint, Transport } from "../../model/endpoint.ts";
import type { Evidence } from "../../model/evidence.ts";
import { EXCLUDED_FLAG } from "../../model/fingerprint.ts";
import type { Response, TlsSession } from "../../model/observation.ts";
import type { Connection, Dialer } from "../../net/types.ts";
import { protocols } from "../../protocols/index.ts";
import { builtinPorts, type PortRegistry } from "../../registry/ports.ts";
import { isExcluded } from "../../signatures/exclude-list.ts";
import type { PackProbe, ProbePack } from "../../signatures/probe-pack.ts";
import { suspects } from "../order.ts";
import { serviceFingerprint, unwrapped } from "../service-fingerprint.ts";
import { type Driven, drive } from "./drive.ts";
import { evidenceOf } from "./evidence.ts";
import { type Exchange, readEndOf } from "./exchange.ts";
import { aliasesOf, exchangeOf } from "./replay.ts";
import type { PortContext } from "./state.ts";

/** How the operator's files are used. */
export interface FileOptions {
  packs: readonly ProbePack[];
  /** 0 to 9. */
  intensity: number;
  /** Ports of the files' `Exclude` are probed, too. */
  allPorts: boolean;
  strictOrder: boolean;
  /** For service fingerprints: `V=` and `P=`. */
  version: string;
  platform: string;
  wallClock: () => Date;
}

export interface FileDetectOptions {
  endpoint: Endpoint;
  dialer: Dialer;
  /** A fresh connection, or null. */
  connection: Connection | null;
  files: FileOptions;
  /** What the port suggests; absent: the built-in table. */
  ports?: PortRegistry | undefined;
  deadline: number;
  now: () => number;
  /** What has been heard already, and whether TLS is known. */
  heard?: { responses: readonly Response[]; tunnel: boolean; connections: number };
}

export interface FileDetection {
  responses: Response[];
  tls: TlsSession | null;
  evidence: Evidence[];
  flags: string[];
  connections: number;
  /** Text for a submission, when nothing matched. */
  servicefp: string | null;
}

/** From this intensity on, a fingerprint is made of what was named only softly (section 10). */
const FINGERPRINT_INTENSITY = 7;

/** Asks by each file in turn, until one of them has a hard match. */
export async function detectByFiles(options: FileDetectOptions): Promise<FileDetection> {
  const { endpoint, files, ports = builtinPorts } = options;
  const { transport, port } = endpoint;
  const found: FileDetection = {
    responses: [],
    tls: null,
    evidence: [],
    flags: [],
    connections: 0,
    servicefp: null,
  };
  const flags = new Set<string>();
  const known: Exchange[] = [];
  let connection = options.connection;
  for (const pack of files.packs) {
    const door = { transport, port, name: ports.serviceName(port, transport) };
    if (!files.allPorts && isExcluded(pack.exclude, door)) {
      flags.add(EXCLUDED_FLAG);
      continue;
    }
    const context: PortContext = { pack, transport, port, intensity: files.intensity };
    const first = options.heard?.connections ?? 0;
    const driven = await drive({
      ...options,
      known: [...heardBefore(options, pack), ...inTermsOf(pack, transport, known)],
      tunnel: options.heard?.tunnel ?? false,
      context,
      connection,
      hostname: endpoint.hostname,
      strictOrder: files.strictOrder,
      serverFirst: (tunnel) => greets(endpoint, ports, tunnel),
      mindsCompany: (data, service) => mindsCompany(endpoint, data, service),
      firstOrdinal: first + found.connections,
    });
    connection = null;
    known.push(...driven.exchanges);
    if (spared(options, driven)) flags.add("banner-cut");
    found.connections = driven.opened - first;
    found.responses.push(...responsesOf(driven));
    found.tls ??= driven.tls;
    for (const flag of driven.flags) flags.add(flag);
    if (driven.state.tunnel && !driven.tls && !options.heard?.tunnel) flags.add("tls-inferred");
    found.evidence.push(...evidenceOf(context, driven.state));
    found.servicefp ??= fingerprintOf(options, driven);
    if (driven.state.final === "hard") {
      found.servicefp = null;
      break;
    }
  }
  connection?.close();
  return { ...found, flags: [...flags] };
}

/** Does the registry expect a server that greets? TLS itself is begun by the client. */
function greets(endpoint: Endpoint, ports: PortRegistry, tunnel: boolean): boolean {
  if (endpoint.transport === "udp") return false;
  if (!tunnel && ports.isTlsPort(endpoint.port)) return false;
  return suspects({ protocols, ports }, { ...endpoint, tls: tunnel }).favours === "greeting";
}

/** At or above this weight a protocol module is believed that a greeting is its own. */
const HINT_WEIGHT = 3;

/**
 * Is this the greeting of a protocol whose servers mind connections side by side? Null: of none that we know. Asked for courtesy only: it
 * says nothing about the verdict.
 */
function mindsCompany({ transport }: Endpoint, data: Uint8Array, service: string | null): boolean | null {
  const response = {
    probe: "NULL",
    tls: false,
    data,
    firstByteMs: null,
    end: "timeout",
    connection: 0,
  } as const;
  const known = protocols.filter(
    ({ protocol, services }) =>
      protocol.transports.includes(transport) &&
      ((service !== null && services.includes(service)) ||
        (protocol.recognise(response)?.weight ?? 0) >= HINT_WEIGHT),
  );
  return known.length > 0 ? known.some(({ oneByOne }) => oneByOne === true) : null;
}

/** What our own detection has heard already. */
function heardBefore({ heard, endpoint }: FileDetectOptions, pack: ProbePack): Exchange[] {
  const aliases = aliasesOf(pack, protocols);
  return (heard?.responses ?? []).flatMap(
    (response) => exchangeOf(pack, endpoint.transport, response, aliases) ?? [],
  );
}

/** What another file's probes have brought, where this file would send the same bytes. */
function inTermsOf(pack: ProbePack, transport: Transport, exchanges: readonly Exchange[]): Exchange[] {
  const bytes = ({ data }: PackProbe) => Buffer.from(data).toString("latin1");
  const own = new Map(
    [...(pack.nullProbe ? [pack.nullProbe] : []), ...pack.probes]
      .filter((probe) => probe.transport === transport)
      .map((probe) => [bytes(probe), probe]),
  );
  return exchanges.flatMap((exchange) => {
    const probe = own.get(bytes(exchange.probe));
    return probe ? [{ ...exchange, probe }] : [];
  });
}

/** Our own detection listened for a greeting, but not for as long as the file would have. */
function spared({ heard }: FileDetectOptions, { exchanges }: Driven): boolean {
  const listened = exchanges.some(({ probe, data }) => probe.data.length === 0 && data.length === 0);
  return listened && (heard?.responses.some(({ probe }) => probe === "NULL") ?? false);
}

function responsesOf({ exchanges }: Driven): Response[] {
  return exchanges.map((exchange) => ({
    probe: exchange.probe.name,
    tls: exchange.tls,
    data: exchange.data,
    firstByteMs: exchange.firstByteMs,
    end: readEndOf(exchange),
    connection: exchange.connection,
  }));
}

function fingerprintOf({ endpoint, files }: FileDetectOptions, { state }: Driven): string | null {
  if (state.final === "hard" || state.final === null) return null;
  if (state.final !== "no-match" && files.intensity < FINGERPRINT_INTENSITY) return null;
  const { version, platform, intensity } = files;
  const text = serviceFingerprint({
    ...endpoint,
    tls: state.tunnel,
    intensity,
    version,
    platform,
    date: files.wallClock(),
    entries: state.entries,
  });
  return text === null ? null : unwrapped(text);
}
