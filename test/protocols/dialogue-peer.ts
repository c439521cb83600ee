import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { listening } from "./text-peer.ts";

/** One step of a peer: what it must have received (latin1), and what it says then. */
export type Step = [received: RegExp, answer: Uint8Array | string];

export interface Peer {
  port: number;
  /** Everything received, one text per connection. */
  heard: string[];
  close(): Promise<void>;
}

/** The bytes that a real server once sent. */
export function recordedBytes(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`vectors/${file}.bin`, import.meta.url)));
}

/**
 * A server that plays a recorded dialogue on a real socket: on each connection it goes through its steps in order, and closes on
 * whatever does not fit the next one.
 */
export async function peer(steps: readonly Step[], options: { greeting?: string } = {}): Promise<Peer> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    const index = heard.push("") - 1;
    let pending = "";
    let next = 0;
    if (options.greeting) socket.write(options.greeting);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      const text = chunk.toString("latin1");
      heard[index] += text;
      pending += text;
      const step = steps.slice(next).findIndex(([received]) => received.test(pending));
      if (step < 0) return;
      next += step + 1;
      pending = "";
      socket.write(steps[next - 1]?.[1] ?? "");
    });
  });
  const port = await listening(server);
  return {
    port,
    heard,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
