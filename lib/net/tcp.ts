/**
 * TCP connect: what the first packets say about a port. It is called for every port of a scan, so a refused port
 * costs one socket, one timer and two listeners: on one core about 10,000 of them per second.
 */
import { Socket, type SocketConstructorOpts } from "node:net";
import { performance } from "node:perf_hooks";
import { onAbort } from "./abort.ts";
import { isSelfConnect, literalFamily, type SocketAddress } from "./address.ts";
import { ABORTED, errorCode, NO_RESPONSE, SELF_CONNECT, stateOfError } from "./connect-errors.ts";
import { tcpConnection } from "./connection.ts";
import { timerMs } from "./timer.ts";
import type { Opened } from "./types.ts";

/** A paused stream then holds one chunk instead of filling a buffer of its own: the inbox is the buffer. */
const SOCKET_OPTIONS: SocketConstructorOpts & { readableHighWaterMark: number } = {
  readableHighWaterMark: 1,
};

export interface OpenOptions {
  /** Longest wait for the connection, ms. */
  timeoutMs: number;
  /** Gives up early: the state is then `error`, `aborted`. */
  signal?: AbortSignal | undefined;
  /** Called once when an opened connection has given its descriptor back. */
  onClosed?: (() => void) | undefined;
  /** UDP: hear what the same address answers from another port, too. */
  anyPort?: boolean;
}

/**
 * Connects to an IP literal and says what the port is. Resolves for whatever the network or this machine does.
 * @throws InputError (as a rejection) when the host is a name or the port is out of range
 */
export async function openTcp(endpoint: SocketAddress, options: OpenOptions): Promise<Opened> {
  literalFamily(endpoint);
  const { signal } = options;
  if (signal?.aborted) return ABORTED;
  return await new Promise((resolve) => {
    const startedAt = performance.now();
    const socket = new Socket(SOCKET_OPTIONS);
    let settled = false;
    const settle = (opened: Opened) => {
      settled = true;
      clearTimeout(deadline);
      forget();
      if (opened.state !== "open") socket.destroy();
      resolve(opened);
    };
    const abort = () => settle(ABORTED);
    // A SYN-ACK that had come in time counts even where this process was late: decide one poll later.
    const expire = () => setImmediate(() => settled || settle(NO_RESPONSE));
    const deadline = setTimeout(expire, timerMs(options.timeoutMs));
    const forget = onAbort(signal, abort);
    // Stays on the socket for good, so that no late error is unhandled.
    socket.on("error", (error) => settled || settle(stateOfError(errorCode(error))));
    socket.once("connect", () => {
      if (settled) return;
      const connectMs = performance.now() - startedAt;
      if (isSelfConnect(socket)) {
        // A reset, not a FIN: the port must not spend a minute in TIME_WAIT on our account.
        socket.resetAndDestroy();
        settle(SELF_CONNECT);
        return;
      }
      socket.setNoDelay(true);
      const connection = tcpConnection(socket, connectMs, options.onClosed ?? ignore);
      settle({ state: "open", reason: "syn-ack", connection });
    });
    socket.connect({ host: endpoint.host, port: endpoint.port, autoSelectFamily: false });
  });
}

function ignore(): void {
  // Nobody waits for the descriptor.
}
