import { printable } from "../model/observation.ts";

// One line of progress at the bottom of a terminal. Results go to stdout, this to stderr, and both are often the
// same terminal; so the line is cleared before anything else is printed and drawn again after it (`around`).
// cli-progress cannot do that for a single bar: it draws from its own timer, which keeps the process alive until it
// is stopped, and has no way to step aside for a row on another stream.

/** Where progress is drawn: `process.stderr`, or anything like it. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressState {
  /** Endpoints that have an outcome, of those planned. */
  done: number;
  planned: number;
  open: number;
  elapsedMs: number;
  /** A few words, e.g. `resumed`. */
  note?: string;
}

export interface Progress {
  update(state: ProgressState): void;
  /** Prints a message line on the progress stream, with or without a bar. */
  log(line: string): void;
  /** Runs `print` (which writes to any stream of this terminal) with the bar out of the way. */
  around<T>(print: () => T): T;
  /** Takes the bar away for good. */
  done(): void;
}

/** Least time between two drawings, ms: ten a second look smooth, more only cost. */
const REDRAW_MS = 100;
/** Columns of a terminal that does not say. */
const DEFAULT_COLUMNS = 80;
/** Columns of the bar between its brackets. */
const BAR_COLUMNS = 20;
/** Back to the first column, erase the line (ECMA-48: CR, EL with parameter 2). */
const CLEAR_LINE = "\r\x1b[2K";

/** `0:07`, `12:34`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/**
 * Time left, ms, at the mean rate since `first` (a resumed scan starts with endpoints done that took this run no
 * time); null while nothing has been done yet.
 */
export function timeLeft(first: ProgressState, now: ProgressState): number | null {
  const done = now.done - first.done;
  const elapsed = now.elapsedMs - first.elapsedMs;
  if (done <= 0 || elapsed <= 0) return null;
  return (Math.max(0, now.planned - now.done) * elapsed) / done;
}

/** The line itself, at most `columns - 1` characters (the last column makes some terminals wrap). */
export function progressLine(state: ProgressState, leftMs: number | null, columns: number): string {
  const { done, planned, open, elapsedMs, note } = state;
  const share = planned > 0 ? Math.min(1, done / planned) : 0;
  const filled = Math.floor(share * BAR_COLUMNS);
  const parts = [
    `[${"#".repeat(filled)}${"-".repeat(BAR_COLUMNS - filled)}] ${String(Math.floor(100 * share)).padStart(3)}%`,
    `${done.toLocaleString("en-US")}/${planned.toLocaleString("en-US")}`,
    `${open.toLocaleString("en-US")} open`,
    clock(elapsedMs),
  ];
  if (leftMs !== null && done < planned) parts.push(`ETA ${clock(leftMs)}`);
  if (note) parts.push(note);
  return printable(parts.join("  "), Math.max(0, columns - 1));
}

/**
 * A progress line on `stream`. Where that is no terminal, or `enabled` is false, nothing is drawn, and only `log`
 * writes. `now` is a clock in ms, for the pace of drawing.
 */
export function progress(options: {
  stream: ProgressStream;
  enabled: boolean;
  now?: () => number;
}): Progress {
  const { stream, enabled, now = Date.now } = options;
  const draws = enabled && stream.isTTY === true;
  let first: ProgressState | null = null;
  let line = "";
  let drawnAt = Number.NEGATIVE_INFINITY;

  function around<T>(print: () => T): T {
    if (line) stream.write(CLEAR_LINE);
    try {
      return print();
    } finally {
      if (line) stream.write(line);
    }
  }

  return {
    update(state) {
      if (!draws) return;
      first ??= state;
      const time = now();
      if (time - drawnAt < REDRAW_MS && state.done < state.planned) return;
      drawnAt = time;
      line = progressLine(state, timeLeft(first, state), stream.columns ?? DEFAULT_COLUMNS);
      stream.write(CLEAR_LINE + line);
    },
    log: (text) => around(() => void stream.write(`${text}\n`)),
    around,
    done() {
      if (line) stream.write(CLEAR_LINE);
      line = "";
    },
  };
}
