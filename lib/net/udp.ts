/**
 * UDP as a connection. The socket is *connected*: the kernel then drops datagrams of other senders and reports
 * the peer's ICMP port unreachable as ECONNREFUSED (udp(7)), the one way in which a closed UDP port answers.
 *
 * A server may answer from another port of its own (TFTP always does, RFC 1350 section 4; nmap issue 2406 for others). With `anyPort` a
 * second socket, unconnected, is bound to the same local port: the kernel gives what matches the connected one to that, and the rest to
 * the second, which keeps only what the asked address sends. So refusals are still heard, and strangers still are not.
 *
 * Datagrams that arrive during one read are joined. Nothing can hold a sender of datagrams back, so what would
 * not fit into one read is dropped, as the kernel does when its own buffer is full.
 */
import { createSocket, type Socket } from "node:dgram";
import { performance } from "node:perf_hooks";
import { isSelfConnect, literalFamily, type SocketAddress } from "./address.ts";
import { ABORTED, errorCode, SELF_CONNECT, stateOfError } from "./connect-errors.ts";
import { inbox, MAX_READ_BYTES } from "./inbox.ts";
import type { OpenOptions } from "./tcp.ts";
import type { Connection, Opened } from "./types.ts";

/**
 * A connected UDP socket. `open` says only that this machine could send; the port itself speaks when it answers,
 * or refuses, which ends a read with `reset`.
 * @throws InputError (as a rejection) when the host is a name or the port is out of range
 */
export async function openUdp(endpoint: SocketAddress, options: Partial<OpenOptions> = {}): Promise<Opened> {
  const family = literalFamily(endpoint);
  // Port 0 is reserved (RFC 6335, section 6) and Linux cannot send to it.
  if (endpoint.port === 0) return stateOfError("EINVAL");
  if (options.signal?.aborted) return ABORTED;
  const create = () =>
    createSocket({
      type: family === 4 ? "udp4" : "udp6",
      reuseAddr: options.anyPort === true,
      // Never a resolver: the address is a literal, and so is the wildcard that the socket binds to.
      lookup: (address, _options, callback) => callback(null, address, family),
    });
  const ear = options.anyPort ? await listen(create()) : null;
  return await new Promise((resolve) => {
    const startedAt = performance.now();
    const socket = create();
    if (ear) socket.once("close", () => ear.close());
    const failed = (error: Error) => {
      socket.close();
      resolve(stateOfError(errorCode(error)));
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      if (isSelfConnect(endsOf(socket))) {
        socket.on("error", ignore);
        socket.close();
        resolve(SELF_CONNECT);
        return;
      }
      const connection = udpConnection(
        socket,
        performance.now() - startedAt,
        options.onClosed ?? ignore,
        (hear) =>
          ear?.on("message", (datagram, from) => {
            if (from.address === endpoint.host) hear(datagram);
          }),
      );
      resolve({ state: "open", reason: "syn-ack", connection });
    });
    if (!ear) socket.connect(endpoint.port, endpoint.host);
    else socket.bind(ear.address().port, () => socket.connect(endpoint.port, endpoint.host));
  });
}

/** A socket on a local port of the system's choice; null when there is none left (the connected socket then stays alone). */
function listen(socket: Socket): Promise<Socket | null> {
  return new Promise((resolve) => {
    socket.once("error", () => {
      socket.close();
      resolve(null);
    });
    socket.bind(0, () => {
      socket.removeAllListeners("error");
      socket.on("error", ignore);
      resolve(socket);
    });
  });
}

function endsOf(socket: Socket) {
  const local = socket.address();
  const remote = socket.remoteAddress();
  return {
    localAddress: local.address,
    localPort: local.port,
    remoteAddress: remote.address,
    remotePort: remote.port,
  };
}

function udpConnection(
  socket: Socket,
  connectMs: number,
  onClosed: () => void,
  listenElsewhere: (hear: (datagram: Buffer) => void) => void,
): Connection {
  const beganAt = performance.now() - connectMs;
  const box = inbox({ pause: ignore, resume: ignore });
  let closed = false;
  const close = (end: "eof" | "reset") => {
    box.finish(end);
    if (closed) return;
    closed = true;
    socket.close();
  };
  const failed = (error: Error | null) => {
    // Any other error (EHOSTUNREACH, EMSGSIZE, ...) is not the port's word: the read waits on.
    if (errorCode(error) === "ECONNREFUSED") close("reset");
  };
  socket.on("error", failed);
  socket.once("close", onClosed);
  const hear = (datagram: Buffer) => {
    if (!closed) box.push(datagram.subarray(0, MAX_READ_BYTES - box.held));
  };
  socket.on("message", hear);
  listenElsewhere(hear);
  return {
    transport: "udp",
    connectMs,
    get ageMs() {
      return performance.now() - beganAt;
    },
    get leastAgeMs() {
      return performance.now() - beganAt;
    },
    tls: null,
    get ended() {
      return box.ended;
    },
    write(data) {
      if (!box.ended) socket.send(data, failed);
    },
    endWriting: ignore,
    read: (bounds) => box.read(bounds),
    startTls: () => Promise.resolve(null),
    close: () => close("eof"),
  };
}

function ignore(): void {
  // Nothing to do, on purpose.
}
