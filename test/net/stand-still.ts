/** As a machine that is stopped by its host stops everything on it: this process, and a peer that lives in it, too. */
export const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
