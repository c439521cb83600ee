import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { InputError } from "../model/errors.ts";
import type { ExcludeItem } from "./exclude-list.ts";
import { type LineRow, linesOf, packLines } from "./probe-pack-lines.ts";
import type { Refusal, ServiceProbe } from "./service-probes.ts";
import { parseServiceProbes } from "./service-probes-read.ts";

/**
 * A service-probes file, compiled once: patterns checked, the prefilter's keys found, all of it in one buffer that
 * loads fast. Loading reads only the list of probes; the lines of a probe are read when a response to it is first
 * matched, a pattern when its line is first a candidate.
 *
 * The buffer is gzip over: length of the index (4 bytes, big-endian), the index (JSON), then the lines of each probe
 * (JSON), one after another. All text is latin1, one byte a character, as patterns are.
 */

/** A probe of a pack: its lines are read at first use. */
export interface PackProbe extends ServiceProbe {
  /** Services that its own lines can report. */
  readonly services: ReadonlySet<string>;
}

export interface PackCounts {
  probes: number;
  matches: number;
  softmatches: number;
}

export interface ProbePack {
  readonly kind: "service-probes";
  readonly name: string;
  /** `sha256:<hex>` of the compiled bytes: the pack's name in the archive. */
  readonly digest: string;
  readonly counts: PackCounts;
  readonly nullProbe: PackProbe | null;
  /** All others, in file order. */
  readonly probes: readonly PackProbe[];
  readonly exclude: readonly ExcludeItem[];
}

export interface CompiledPack {
  bytes: Uint8Array;
  digest: string;
  counts: PackCounts;
  /** Lines set aside, with the reason. */
  refused: Refusal[];
  /** Templates skipped. */
  warnings: Refusal[];
}

/** Raised whenever the layout changes; an older pack must then be compiled again. */
export const PACK_FORMAT = 1;

interface IndexedProbe extends Omit<ServiceProbe, "data" | "matches" | "fallback" | "prefilter"> {
  data: string;
  /** Places in `probes` of the index. */
  fallback: number[];
  services: string[];
  /** Bytes of its lines. */
  bytes: number;
}

interface PackIndex {
  format: number;
  name: string;
  counts: PackCounts;
  exclude: ExcludeItem[];
  /** The NULL probe first, if `hasNull`. */
  probes: IndexedProbe[];
  hasNull: boolean;
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Compiles a file given as latin1 text. What is wrong in it is in `refused`; the rest is in the pack. */
export function compileProbePack(text: string, name: string): CompiledPack {
  const file = parseServiceProbes(text, name);
  const all = file.nullProbe ? [file.nullProbe, ...file.probes] : file.probes;
  const blocks: Buffer[] = [];
  const probes = all.map((probe): IndexedProbe => {
    const { data, matches, fallback, prefilter: _, ...plain } = probe;
    const block = Buffer.from(JSON.stringify(packLines(matches)), "latin1");
    blocks.push(block);
    return {
      ...plain,
      data: Buffer.from(data).toString("latin1"),
      fallback: fallback.map((other) => all.indexOf(other)),
      services: [...new Set(matches.map(({ service }) => service))],
      bytes: block.length,
    };
  });
  const lines = all.flatMap(({ matches }) => matches);
  const softmatches = lines.filter(({ soft }) => soft).length;
  const counts = { probes: all.length, matches: lines.length - softmatches, softmatches };
  const { exclude, refused, warnings } = file;
  const index: PackIndex = {
    format: PACK_FORMAT,
    name: name.replace(/[^\x20-\x7e]/g, "_"),
    counts,
    exclude,
    probes,
    hasNull: file.nullProbe !== null,
  };
  const head = Buffer.from(JSON.stringify(index), "latin1");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  const bytes = gzipSync(Buffer.concat([length, head, ...blocks]), { level: 9 });
  return { bytes, digest: digestOf(bytes), counts, refused, warnings };
}

/** Largest pack that is unpacked, bytes: some twenty times today's files. */
const MAX_UNPACKED = 64 * 1024 * 1024;

/** Loads a compiled pack. @throws InputError when the bytes are none, or of another format */
export function loadProbePack(bytes: Uint8Array): ProbePack {
  const { index, body } = unpack(bytes);
  let at = 0;
  const probes = index.probes.map((row): PackProbe => {
    const block = body.subarray(at, at + row.bytes);
    at += row.bytes;
    return packProbe(row, block);
  });
  index.probes.forEach(({ fallback }, i) => {
    const probe = probes[i];
    if (probe) probe.fallback = fallback.flatMap((place) => probes[place] ?? []);
  });
  const { name, counts, exclude, hasNull } = index;
  return {
    kind: "service-probes",
    name,
    digest: digestOf(bytes),
    counts,
    exclude,
    nullProbe: hasNull ? (probes[0] ?? null) : null,
    probes: hasNull ? probes.slice(1) : probes,
  };
}

function unpack(bytes: Uint8Array): { index: PackIndex; body: Buffer } {
  try {
    const plain = gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED });
    const end = 4 + plain.readUInt32BE(0);
    const index = JSON.parse(plain.toString("latin1", 4, end)) as PackIndex;
    if (index.format === PACK_FORMAT) return { index, body: plain.subarray(end) };
  } catch (cause) {
    throw new InputError(`not a compiled pack: ${(cause as Error).message}`, "pack");
  }
  throw new InputError("the pack was compiled by another version of doorplate; compile it again", "pack");
}

function packProbe(row: IndexedProbe, block: Buffer): PackProbe {
  const { data, services, bytes: _, fallback: __, ...plain } = row;
  let lines: ReturnType<typeof linesOf> | null = null;
  const read = () => {
    lines ??= linesOf(JSON.parse(block.toString("latin1")) as LineRow[]);
    return lines;
  };
  return {
    ...plain,
    data: Buffer.from(data, "latin1"),
    services: new Set(services),
    fallback: [],
    get matches() {
      return read().matches;
    },
    prefilter: () => read().prefilter,
  };
}

/** The probe of this name and transport, or null. */
export function probeByName(pack: ProbePack, name: string, transport: "tcp" | "udp"): PackProbe | null {
  if (transport === "tcp" && pack.nullProbe?.name === name) return pack.nullProbe;
  return pack.probes.find((probe) => probe.name === name && probe.transport === transport) ?? null;
}
