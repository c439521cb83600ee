import type { Transport } from "../../model/endpoint.ts";
import type { PackProbe, ProbePack } from "../../signatures/probe-pack.ts";
import type { Fields } from "../../signatures/template.ts";
import type { Matching } from "./matching.ts";

/**
 * The vocabulary of the engine that follows a service-probes file (spec/version-detection.md, sections 4 to 9).
 * One port is one `PortState`; `machine.ts` turns a state and an event into the next state and what to do.
 * Nothing here touches a socket or a clock, so the same machine drives a live port and re-reads a stored one.
 */

/** What does not change while one port is probed. */
export interface PortContext {
  pack: ProbePack;
  transport: Transport;
  port: number;
  /** 0 to 9 (section 4). */
  intensity: number;
  /** Absent: nothing is remembered. */
  match?: Matching;
}

/** A line that matched. */
export interface Hit {
  /** The probe that was sent. */
  probe: PackProbe;
  line: number;
  soft: boolean;
  service: string;
  /** The text that matched, latin1. */
  text: string;
}

export type Final =
  /** A match line named the service. */
  | "hard"
  /** Only a softmatch did. */
  | "soft"
  /** Every probe was tried. */
  | "no-match"
  /** It closes without a word (section 6). */
  | "tcpwrapped"
  /** It could not be asked to the end. */
  | "incomplete";

export interface PortState {
  phase: "initial" | "probable" | "other";
  /** Where the walk through `pack.probes` goes on. */
  index: number;
  /** The probe under way; null before the first and after the last. */
  probe: PackProbe | null;
  /** Everything received that the next pattern may see. */
  buffer: Uint8Array;
  tunnel: boolean;
  service: string | null;
  soft: boolean;
  fields: Fields;
  /** First soft hit and the hard one, in order. */
  hits: readonly Hit[];
  wrapPossible: boolean;
  /** Of the service fingerprint (section 10). */
  entries: readonly { probe: string; data: Uint8Array }[];
  /** `dtls-unsupported`. */
  flags: readonly string[];
  final: Final | null;
}

export type PortEvent =
  | { type: "data"; data: Uint8Array }
  /** The response window is over. */
  | { type: "window" }
  /** `elapsedMs`: since the connection was made. */
  | { type: "eof"; elapsedMs: number }
  /** Reset or refused while reading; for UDP an ICMP port unreachable. */
  | { type: "reset"; elapsedMs: number }
  /** The connection, or TLS on it, could not be had. */
  | { type: "connect-failed" }
  /** The endpoint's time is over. */
  | { type: "cancelled" };

export type PortAction =
  /** Go on reading. */
  | { type: "read" }
  /** Send (nothing, for NULL) and read for the probe's window; `reuse`: on the connection that NULL listened on. */
  | { type: "send"; probe: PackProbe; reuse: boolean; tls: boolean }
  | { type: "finish"; final: Final };

export interface Step {
  state: PortState;
  action: PortAction;
}

export const NO_FIELDS: Fields = {
  product: null,
  version: null,
  info: null,
  hostname: null,
  os: null,
  device: null,
  cpe: [],
};

export const NOTHING = new Uint8Array(0);
