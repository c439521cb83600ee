import { InputError } from "../model/errors.ts";
import type { ByteSet } from "./byte-sets.ts";

/**
 * The tree of one pattern. Options (`i`, `s`, `m`) are resolved while parsing, so a node means the same
 * wherever it stands; classes are tables of 256 flags.
 */
export type Node =
  | { kind: "byte"; byte: number; ignoreCase: boolean }
  | { kind: "set"; set: ByteSet }
  | { kind: "sequence"; items: Node[] }
  | { kind: "choice"; branches: Node[] }
  | { kind: "capture"; index: number; body: Node }
  | { kind: "atomic"; body: Node }
  | { kind: "look"; behind: boolean; negative: boolean; body: Node }
  | { kind: "repeat"; body: Node; min: number; max: number; mode: RepeatMode }
  | { kind: "assert"; at: Assertion }
  | { kind: "reference"; index: number; ignoreCase: boolean };

export type RepeatMode = "greedy" | "lazy" | "possessive";

/** Places of zero width. `end` is PCRE's `$`: the end, or before one final LF. */
export type Assertion =
  | "start"
  | "end"
  | "very-end"
  | "line-start"
  | "line-end"
  | "word-edge"
  | "not-word-edge";

export interface ParsedPattern {
  root: Node;
  /** Number of capture groups. */
  groups: number;
  /** Names of groups, in order of appearance. */
  names: ReadonlyMap<string, number>;
}

export interface PatternOptions {
  /** A-Z and a-z are equal; nothing above 0x7F folds. */
  ignoreCase?: boolean;
  /** `.` matches LF too. */
  dotAll?: boolean;
}

/** A pattern is wrong, or lies outside the subset: `offset` (0-based) points at the place. */
export class PatternError extends InputError {
  readonly offset: number;
  readonly reason: string;
  constructor(source: string, offset: number, reason: string) {
    super(`Pattern: ${reason} (at offset ${offset})`, source.slice(offset, offset + 16), offset);
    this.offset = offset;
    this.reason = reason;
  }
}

/** Upper bound "no bound". */
export const UNBOUNDED = Number.POSITIVE_INFINITY;
