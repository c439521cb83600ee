/**
 * What arrived and was not read yet, and the one read that may be waiting for it.
 *
 * A source pushes chunks in; `read` takes them out under its bounds. Bytes that come between reads wait for the
 * next one; when UNREAD_PAUSE_BYTES wait, the source is asked to pause, so that a peer that never stops costs a
 * bounded amount of memory (that much, and the chunks of at most 64 KiB that were on their way).
 *
 * A peer may also send one byte at a time. So `complete` is not asked about each: at most once per turn of the
 * event loop, and after EAGER_CHECKS turns only when the bytes grew by an eighth since it was last asked (all
 * those calls together then look at no more than nine times the bytes) or LAZY_CHECK_MS have passed.
 *
 * A bound that a timer enforces is decided one poll of the sockets after the timer fired, and time in which this process itself stood
 * still does not count (`patience.ts`).
 */
import { performance } from "node:perf_hooks";
import type { ReadEnd } from "../model/observation.ts";
import { byteRun } from "./bytes.ts";
import { type Wait, waitFor } from "./patience.ts";
import type { ReadBounds, ReadResult } from "./types.ts";

/** Most bytes that one read keeps, bytes: the cap of a stored response (lib/model/observation.ts). */
export const MAX_READ_BYTES = 65_536;
/** Unread bytes from which the source pauses: far above any banner, so that a FIN behind one is still noticed. */
export const UNREAD_PAUSE_BYTES = 16_384;
/** How often `complete` is asked at the end of each turn before it is paced. */
const EAGER_CHECKS = 32;
/** Longest wait before a paced `complete` is asked again, ms. */
const LAZY_CHECK_MS = 25;

/** How the inbox holds its source back. */
export interface Flow {
  pause(): void;
  resume(): void;
}

export interface Inbox {
  /** No more bytes will come. Unread ones may still wait. */
  readonly ended: boolean;
  /** Bytes that arrived and were not handed out, those of a read under way included. */
  readonly held: number;
  push(chunk: Buffer): void;
  /** The peer closed or reset. The first call decides; it ends a waiting read and all later ones. */
  finish(end: "eof" | "reset"): void;
  /** Forgets the bytes that wait, and lets the source flow again. */
  clear(): void;
  /** One read at a time. Rejects only for a caller's mistake: a second read at once, or a `complete` that throws. */
  read(bounds: ReadBounds): Promise<ReadResult>;
}

interface Reading {
  readonly bounds: ReadBounds;
  readonly maxBytes: number;
  readonly startedAt: number;
  readonly resolve: (result: ReadResult) => void;
  readonly reject: (reason: unknown) => void;
  firstByteMs: number | null;
  deadline: Wait | null;
  quiet: Wait | null;
  /** How often `complete` was asked, and how many bytes it saw the last time. */
  checks: number;
  checkedBytes: number;
  eagerCheck: NodeJS.Immediate | null;
  lazyCheck: NodeJS.Timeout | null;
}

export function inbox(flow: Flow): Inbox {
  const bytes = byteRun();
  let ended: "eof" | "reset" | null = null;
  let reading: Reading | null = null;
  let paused = false;

  const pauseWhenFull = () => {
    if (paused || ended || bytes.length < UNREAD_PAUSE_BYTES) return;
    paused = true;
    flow.pause();
  };

  const settle = (read: Reading, end: ReadEnd) => {
    if (reading !== read) return;
    reading = null;
    read.deadline?.stop();
    read.quiet?.stop();
    if (read.eagerCheck) clearImmediate(read.eagerCheck);
    if (read.lazyCheck) clearTimeout(read.lazyCheck);
    const data = bytes.take(read.maxBytes);
    pauseWhenFull();
    try {
      // Bytes that `complete` has not seen may be all there is, whatever else ended the read.
      const complete = data.length > read.checkedBytes && read.bounds.complete?.(data) === true;
      read.resolve({ data, end: complete ? "complete" : end, firstByteMs: read.firstByteMs });
    } catch (error) {
      read.reject(error);
    }
  };

  const check = (read: Reading) => {
    if (reading !== read) return;
    read.eagerCheck = null;
    if (read.lazyCheck) clearTimeout(read.lazyCheck);
    read.lazyCheck = null;
    read.checks++;
    read.checkedBytes = bytes.length;
    try {
      if (read.bounds.complete?.(bytes.view()) === true) settle(read, "complete");
    } catch (error) {
      read.reject(error);
      settle(read, "timeout");
    }
  };

  const scheduleCheck = (read: Reading) => {
    if (!read.bounds.complete || read.eagerCheck) return;
    const grown = bytes.length - read.checkedBytes;
    if (read.checks < EAGER_CHECKS || grown * 8 >= read.checkedBytes) {
      read.eagerCheck = setImmediate(check, read);
    } else {
      read.lazyCheck ??= setTimeout(check, LAZY_CHECK_MS, read);
    }
  };

  /** There are new bytes: what the bounds say to them. */
  const received = (read: Reading) => {
    if (bytes.length >= read.maxBytes) {
      settle(read, "cap");
      return;
    }
    if (read.quiet) read.quiet.restart();
    else if (read.bounds.quietMs !== undefined) {
      read.quiet = waitFor(read.bounds.quietMs, () => settle(read, "quiet"));
    }
    scheduleCheck(read);
  };

  const start = (read: Reading) => {
    reading = read;
    if (bytes.length > 0) {
      read.firstByteMs = 0;
      received(read);
    }
    if (ended) settle(read, ended);
    if (reading !== read) return;
    read.deadline = waitFor(read.bounds.timeoutMs, () => settle(read, "timeout"));
    if (paused) {
      paused = false;
      flow.resume();
    }
  };

  return {
    get ended() {
      return ended !== null;
    },
    get held() {
      return bytes.length;
    },
    push(chunk) {
      if (ended || chunk.length === 0) return;
      bytes.append(chunk);
      if (!reading) {
        pauseWhenFull();
        return;
      }
      reading.firstByteMs ??= performance.now() - reading.startedAt;
      received(reading);
    },
    finish(end) {
      ended ??= end;
      if (reading) settle(reading, ended);
    },
    clear() {
      bytes.take(bytes.length);
      if (paused) {
        paused = false;
        flow.resume();
      }
    },
    read(bounds) {
      if (reading) return Promise.reject(new Error("a read of this connection is already under way"));
      return new Promise((resolve, reject) => {
        start({
          bounds,
          maxBytes: Math.max(1, Math.min(bounds.maxBytes ?? MAX_READ_BYTES, MAX_READ_BYTES)),
          startedAt: performance.now(),
          resolve,
          reject,
          firstByteMs: null,
          deadline: null,
          quiet: null,
          checks: 0,
          checkedBytes: 0,
          eagerCheck: null,
          lazyCheck: null,
        });
      });
    },
  };
}
