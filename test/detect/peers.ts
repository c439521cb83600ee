/**
 * Peers that a scanner meets and nobody would call a service: silent, slow, hanging up, talking nonsense or too much. One function each,
 * given a connection and doing its worst with it; the tests of both engines and the bench of the file engine share them.
 */
import type { Socket } from "node:net";

export type Peer = (socket: Socket) => void;

/** Calls back after `ms`, unless the connection is gone by then. */
function later(socket: Socket, ms: number, act: () => void): void {
  const timer = setTimeout(() => socket.writable && act(), ms);
  socket.on("close", () => clearTimeout(timer));
}

/** Reads, and never says a word. */
export const silent: Peer = (socket) => void socket.resume();

/** Accepts and closes. */
export const hangUpAtOnce: Peer = (socket) => void socket.end();

/** Hangs up on whatever is said to it. */
export const hangUp: Peer = (socket) => void socket.on("data", () => socket.end());

/** Resets on whatever is said to it. */
export const reset: Peer = (socket) => void socket.on("data", () => socket.resetAndDestroy());

/** Says back what it is told. */
export const echo: Peer = (socket) => void socket.pipe(socket);

/** Answers each request with a few bytes of no known protocol, and goes on listening. */
export const garbage: Peer = (socket) =>
  void socket.on("data", () => socket.write(Buffer.from("8f01f7c3a95e00d2", "hex")));

/** Greets in no known protocol and ignores what is said to it. */
export const strangeGreeter: Peer = (socket) => {
  socket.resume();
  socket.write(Buffer.from("8f01f7c3a95e00d2", "hex"));
};

/** Greets with a line after `ms`. */
export const lateGreeter =
  (ms: number, line: string): Peer =>
  (socket) => {
    socket.resume();
    later(socket, ms, () => socket.write(line));
  };

/** One byte of `text` a second. */
export const drip =
  (text: string): Peer =>
  (socket) => {
    let at = 0;
    socket.resume();
    const timer = setInterval(() => socket.writable && socket.write(text.charAt(at++ % text.length)), 1_000);
    socket.on("close", () => clearInterval(timer));
  };

/** Never stops sending. */
export const endless: Peer = (socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(Buffer.alloc(16_384, "a")));
  };
  socket.on("drain", more);
  more();
};

/** Answers the first request with this many bytes, then closes. */
export const flood =
  (bytes: number): Peer =>
  (socket) => {
    socket.once("data", () => {
      let left = bytes;
      const more = () => {
        while (left > 0 && !socket.destroyed) {
          const size = Math.min(left, 65_536);
          left -= size;
          if (!socket.write(Buffer.alloc(size, "b"))) return;
        }
        if (left === 0 && !socket.destroyed) socket.end();
      };
      socket.on("drain", more);
      more();
    });
  };

/** Answers an HTTP request properly and waits in silence for one. */
export const http =
  (server: string): Peer =>
  (socket) => {
    socket.on("data", (data) => {
      if (!/^(GET|HEAD|OPTIONS) /.test(data.toString("latin1"))) return;
      socket.end(`HTTP/1.1 200 OK\r\nServer: ${server}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok`);
    });
  };

/** Serves one connection at a time, in the order in which they came; the others wait. */
export const oneAtATime = (peer: Peer): Peer => atATime(1, peer);

/** Serves so many connections at a time: a pool of workers. */
export function atATime(workers: number, peer: Peer): Peer {
  const waiting: Socket[] = [];
  let busy = 0;
  const serveNext = () => {
    busy--;
    // Who has left meanwhile will never close again.
    let next = waiting.shift();
    while (next?.destroyed) next = waiting.shift();
    if (next) serve(next);
  };
  const serve = (socket: Socket) => {
    busy++;
    socket.on("end", () => socket.end());
    socket.on("close", serveNext);
    peer(socket);
    socket.resume();
  };
  return (socket) => {
    socket.pause();
    if (busy >= workers) waiting.push(socket);
    else serve(socket);
  };
}

/** Holds at most `most` connections; whoever comes then is reset. */
export function atMost(most: number, peer: Peer): Peer {
  let open = 0;
  return (socket) => {
    if (open >= most) return void socket.resetAndDestroy();
    open++;
    socket.on("close", () => open--);
    peer(socket);
  };
}

/** A mail server that greets after `ms`, and turns away whoever talks before that. Tells how often it was interrupted. */
export function strictMailServer(ms: number): { peer: Peer; interrupted: () => number } {
  let interrupted = 0;
  const peer: Peer = (socket) => {
    let greeted = false;
    later(socket, ms, () => {
      greeted = true;
      socket.write("220 mail.example ESMTP Postfix\r\n");
    });
    socket.on("data", (data) => {
      if (!greeted) {
        interrupted++;
        return void socket.end("554 5.5.1 Error: talked before the greeting\r\n");
      }
      const text = data.toString("latin1").toUpperCase();
      if (text.startsWith("QUIT")) socket.end("221 2.0.0 Bye\r\n");
      else if (/^(EHLO|HELO)/.test(text)) socket.write("250 mail.example\r\n");
      else socket.write("502 5.5.2 Error: command not recognized\r\n");
    });
  };
  return { peer, interrupted: () => interrupted };
}

/** Greets with `banner`; each connection that ends without a login, which is all of ours, is a penalty, and after `most` everybody is turned away. */
export function penalising(banner: Uint8Array | string, most: number): Peer {
  let penalties = 0;
  return (socket) => {
    if (penalties >= most) return void socket.resetAndDestroy();
    socket.resume();
    socket.on("close", () => penalties++);
    socket.write(banner);
  };
}
