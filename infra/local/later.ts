/**
 * Asynchronous invocations that wait, on disk: Lambda keeps such an event on a queue of its own until it was processed, or given up. One file an
 * event, written before the caller hears that it was accepted; what a killed local cloud leaves behind is invoked by the next.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FunctionName } from "../topology.ts";
import { findFunction } from "./identity.ts";

export interface LaterEvent {
  id: string;
  name: FunctionName;
  payload: string;
  /** Attempts that failed. */
  retry: number;
}

export interface LaterEvents {
  /** Left by an earlier owner, oldest first. */
  readonly waiting: readonly LaterEvent[];
  keep(name: FunctionName, payload: string): LaterEvent;
  failed(event: LaterEvent): LaterEvent;
  done(event: LaterEvent): void;
}

export function openLater(directory: string): LaterEvents {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const fileOf = (id: string) => join(directory, `${id}.json`);
  const write = (event: LaterEvent) => {
    // Whole or not at all, however the process ends.
    writeFileSync(`${fileOf(event.id)}.new`, JSON.stringify(event), { mode: 0o600 });
    renameSync(`${fileOf(event.id)}.new`, fileOf(event.id));
    return event;
  };
  const waiting = readdirSync(directory)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .flatMap((name) => read(join(directory, name)) ?? []);
  let count = 0;
  return {
    waiting,
    keep(name, payload) {
      // In the order in which they came, also over several owners.
      const id = `${String(Date.now()).padStart(15, "0")}-${process.pid}-${String(count++).padStart(6, "0")}`;
      return write({ id, name, payload, retry: 0 });
    },
    failed: (event) => write({ ...event, retry: event.retry + 1 }),
    done: ({ id }) => rmSync(fileOf(id), { force: true }),
  };
}

function read(path: string): LaterEvent | null {
  try {
    const { id, name, payload, retry } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    const known = findFunction(String(name));
    if (known === null || typeof id !== "string" || typeof payload !== "string") return null;
    return { id, name: known, payload, retry: Number(retry) || 0 };
  } catch {
    return null;
  }
}
