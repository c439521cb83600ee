/**
 * A log file that cannot fill the disk: at its limit it becomes `<name>.1` and a new one begins.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

/** Size at which a file is put aside, bytes. */
const LIMIT = 5 * 1024 * 1024;

export interface Log {
  write(chunk: string | Uint8Array): void;
  close(): void;
}

/** Opens `path` for appending. Writing never throws: a full disk must not stop a scan. */
export function openLog(path: string, limit = LIMIT): Log {
  let file = openSync(path, "a", 0o600);
  let size = fstatSync(file).size;
  return {
    write(chunk) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      try {
        if (size > 0 && size + bytes.length > limit) {
          closeSync(file);
          renameSync(path, `${path}.1`);
          file = openSync(path, "a", 0o600);
          size = 0;
        }
        size += writeSync(file, bytes);
      } catch {
        // Nowhere to say it.
      }
    },
    close() {
      closeSync(file);
    },
  };
}
