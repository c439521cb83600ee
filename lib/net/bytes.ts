/**
 * Bytes that come in pieces, kept as one run. A single piece is kept as it came; from the second on, pieces are
 * copied into a buffer that doubles, so that a megabyte of one-byte pieces costs neither quadratic time nor an
 * object for each.
 */

/** First capacity once pieces must be joined, bytes. */
const FIRST_CAPACITY = 1_024;

export interface ByteRun {
  readonly length: number;
  append(chunk: Buffer): void;
  /** All bytes so far. Later appends do not change what was seen. */
  view(): Buffer;
  /** Takes the first `count` bytes (or all, if fewer) out of the run; the others stay. */
  take(count: number): Buffer;
}

export function byteRun(): ByteRun {
  let store: Buffer = Buffer.alloc(0);
  let length = 0;
  return {
    get length() {
      return length;
    },
    append(chunk) {
      if (length === 0) {
        store = chunk;
        length = chunk.length;
        return;
      }
      const needed = length + chunk.length;
      if (needed > store.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_CAPACITY, 2 * store.length, needed));
        store.copy(larger, 0, 0, length);
        store = larger;
      }
      chunk.copy(store, length);
      length = needed;
    },
    view() {
      return store.subarray(0, length);
    },
    take(count) {
      const taken = store.subarray(0, Math.min(count, length));
      const rest = store.subarray(taken.length, length);
      length = rest.length;
      // A copy, so that what was taken and what comes later never share memory.
      store = Buffer.from(rest);
      return taken;
    },
  };
}
