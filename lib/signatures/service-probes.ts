import type { Transport } from "../model/endpoint.ts";
import type { ExcludeItem } from "./exclude-list.ts";
import type { MatchLine } from "./match-line.ts";
import type { Prefilter } from "./prefilter.ts";

/**
 * A service-probes file, Nmap's format (spec/version-detection.md, section 1), as it is once read (`service-probes-read.ts`): its probes
 * in file order, each with the lines that its answers are held against, and what of the file was set aside.
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

export function inRanges(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(({ from, to }) => port >= from && port <= to);
}
