/**
 * A TCP connection, in the clear or in TLS. Whatever the peer does becomes bytes and an end, never an error.
 *
 * The stream (the socket, later the TLS socket over it) flows into an inbox from the first moment on, so that a
 * close or reset between two reads is seen. When the peer ends, the connection says goodbye by itself; either way
 * it is gone at most a second later, and `onClosed` then says that its descriptor is free.
 */
import { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import type { TLSSocket } from "node:tls";
import type { TlsSession } from "../model/observation.ts";
import { inbox } from "./inbox.ts";
import { seenUntil } from "./patience.ts";
import { patience } from "./round-trip.ts";
import { handshake } from "./tls.ts";
import type { Connection } from "./types.ts";

/** Wait for the peer's own FIN after ours, ms: this, or what the way needs. */
const LINGER_MS = 250;
/** A peer that sends more than this while we wait for its FIN is cut off, bytes. */
const LINGER_BYTES = 65_536;

/**
 * Takes over a connected socket.
 * @param connectMs what connecting took, ms
 * @param onClosed called once when the socket is closed at both ends and its descriptor is free
 */
export function tcpConnection(socket: Socket, connectMs: number, onClosed: () => void): Connection {
  let stream: Socket | TLSSocket = socket;
  let session: TlsSession | null = null;
  let goodbye: NodeJS.Timeout | null = null;
  let securing = false;
  let lateBytes = 0;
  const beganAt = performance.now() - connectMs;
  let endedAt: { least: number; most: number } | null = null;
  const box = inbox({ pause: () => stream.pause(), resume: () => stream.resume() });

  const destroy = () => {
    stream.destroy();
    socket.destroy();
  };

  /** FIN (in TLS: close_notify before it), and an end to the waiting. Idempotent. */
  const sayGoodbye = () => {
    if (goodbye) return;
    goodbye = setTimeout(destroy, Math.max(LINGER_MS, patience(connectMs))).unref();
    if (!stream.destroyed) stream.end();
    stream.resume();
    socket.unref();
  };

  const finish = (end: "eof" | "reset") => {
    endedAt ??= { least: Math.max(beganAt, seenUntil()), most: performance.now() };
    box.finish(end);
  };

  const onData = (chunk: Buffer) => {
    if (!goodbye) return box.push(chunk);
    lateBytes += chunk.length;
    if (lateBytes > LINGER_BYTES) destroy();
  };
  const onEnd = () => {
    finish("eof");
    sayGoodbye();
  };
  const onError = () => {
    finish("reset");
    destroy();
  };
  const onStreamClosed = () => {
    finish("eof");
    socket.destroy();
  };
  const attach = (to: Socket | TLSSocket) => {
    stream = to;
    to.on("data", onData).on("end", onEnd).on("error", onError).on("close", onStreamClosed);
  };
  const detach = () => {
    stream.off("data", onData).off("end", onEnd).off("error", onError).off("close", onStreamClosed);
  };

  // These two stay whatever happens: no error is ever unhandled, and the descriptor is given back once.
  socket.on("error", ignore);
  socket.once("close", () => {
    if (goodbye) clearTimeout(goodbye);
    onClosed();
  });
  attach(socket);

  return {
    transport: "tcp",
    connectMs,
    get ageMs() {
      return (endedAt?.most ?? performance.now()) - beganAt;
    },
    get leastAgeMs() {
      return (endedAt?.least ?? performance.now()) - beganAt;
    },
    get ended() {
      return box.ended;
    },
    get tls() {
      return session;
    },
    write(data) {
      if (!box.ended && !securing) stream.write(data);
    },
    endWriting() {
      if (!box.ended && !securing) stream.end();
    },
    read: (bounds) => box.read(bounds),
    startTls(options) {
      if (box.ended || securing || session) return Promise.resolve(null);
      securing = true;
      // What came in the clear is no part of the conversation that starts now.
      detach();
      box.clear();
      socket.read();
      return new Promise((resolve) => {
        stream = handshake(socket, options, (secured, shown) => {
          securing = false;
          session = shown;
          if (secured) attach(secured);
          else onError();
          resolve(shown);
        });
      });
    },
    close() {
      box.finish("eof");
      if (securing) destroy();
      else sayGoodbye();
    },
  };
}

function ignore(): void {
  // The error has already become the end of a read.
}

/** One that the peer had reset before this process looked: nothing came of it, and nothing will. */
export function resetConnection(): Connection {
  const socket = new Socket();
  const connection = tcpConnection(socket, 0, () => undefined);
  socket.destroy(new Error("reset"));
  return connection;
}
