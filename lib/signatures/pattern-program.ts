import type { ByteSet } from "./byte-sets.ts";
import type { Anchor } from "./pattern-analysis.ts";
import type { Assertion } from "./pattern-ast.ts";

/**
 * What the compiler (`pattern-compile.ts`) writes and the matcher (`pattern-match.ts`) runs: a flat array of operations with their
 * operands, and beside it what search may know before it begins.
 */

/** Operations; operands in brackets. */
export const OP = {
  match: 0,
  byte: 1, //        [byte]
  set: 2, //         [set]
  text: 3, //        [string]
  foldedText: 4, //  [string, lower case]
  jump: 5, //        [target]
  try: 6, //         [alternative]: go on here, else there
  tryThere: 7, //    [target]: go there, else on here
  open: 8, //        [group]
  close: 9, //       [group]
  reference: 10, //  [group, ignoreCase]
  assert: 11, //     [assertion]
  run: 12, //        [mode, set, min, max, what may follow]: one byte repeated
  count: 13, //      [slot]: counter := 0
  mark: 14, //       [slot]: slot := position
  next: 15, //       [count slot or -1, mark slot or -1, min, max, lazy, loop start]
  atomic: 16, //     [register]
  commit: 17, //     [register]: drop the choices made since `atomic`
  look: 18, //       [register]
  found: 19, //      [register]: drop choices, return to where `look` stood
  lookNot: 20, //    [register, alternative]
  foundNot: 21, //   [register]: the negative assertion fails
  back: 22, //       [min, max]: step back by max to min bytes
  backAt: 23, //     [register]: must be where `look` stood
} as const;

export const OP_LENGTH = [1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 6, 2, 2, 7, 2, 2, 2, 2, 3, 2, 3, 2];

export const GREEDY = 0;
export const LAZY = 1;
export const POSSESSIVE = 2;

/** "No bound", as an operand. */
export const NO_MAX = 0x7fffffff;

export const ASSERTIONS: readonly Assertion[] = [
  "start",
  "end",
  "very-end",
  "line-start",
  "line-end",
  "word-edge",
  "not-word-edge",
];

export interface Program {
  code: Int32Array;
  sets: ByteSet[];
  texts: string[];
  groups: number;
  /** Slots: two per group (whole match first), one open position per group, then counters and marks. */
  slots: number;
  registers: number;
  anchor: Anchor;
  /** Text that a match begins with, "" if unknown. */
  leading: string;
  /** Bytes that a match begins with, null if unknown. */
  first: ByteSet | null;
  /** Texts that a match contains. */
  required: string[];
  minLength: number;
}
