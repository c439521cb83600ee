/**
 * TCP connect: what the first packets say about a port. It is called for every port of a scan, so a refused port
 * costs one handle (`connect.ts`) and one timer: on one core about 25,000 of them per second.
 */
import { performance } from "node:perf_hooks";
import { onAbort } from "./abort.ts";
import { isSelfConnect, literalFamily, type SocketAddress } from "./address.ts";
import { type Connect, connect as connectCheaply } from "./connect.ts";
import { ABORTED, NO_RESPONSE, SELF_CONNECT, stateOfError } from "./connect-errors.ts";
import { tcpConnection } from "./connection.ts";
import { timerMs } from "./timer.ts";
import type { Opened } from "./types.ts";

export interface OpenOptions {
  /** Longest wait for the connection, ms. */
  timeoutMs: number;
  /** Gives up early: the state is then `error`, `aborted`. */
  signal?: AbortSignal | undefined;
  /** Called once when an opened connection has given its descriptor back. */
  onClosed?: (() => void) | undefined;
  /** UDP: hear what the same address answers from another port, too. */
  anyPort?: boolean | undefined;
}

/**
 * Connects to an IP literal and says what the port is. Resolves for whatever the network or this machine does.
 * @throws InputError (as a rejection) when the host is a name or the port is out of range
 */
export async function openTcp(
  endpoint: SocketAddress,
  options: OpenOptions,
  connect: Connect = connectCheaply,
): Promise<Opened> {
  const family = literalFamily(endpoint);
  const { signal } = options;
  if (signal?.aborted) return ABORTED;
  return await new Promise((resolve) => {
    const startedAt = performance.now();
    let settled = false;
    const settle = (opened: Opened) => {
      settled = true;
      clearTimeout(deadline);
      forget();
      resolve(opened);
    };
    const giveUp = (why: Opened) => {
      cancel();
      settle(why);
    };
    // A SYN-ACK that had come in time counts even where this process was late: decide one poll later.
    const expire = () => setImmediate(() => settled || giveUp(NO_RESPONSE));
    const deadline = setTimeout(expire, timerMs(options.timeoutMs));
    const forget = onAbort(signal, () => giveUp(ABORTED));
    const cancel = connect(
      { host: endpoint.host, port: endpoint.port, family },
      {
        failed: (code) => settle(stateOfError(code)),
        opened(socket) {
          const connectMs = performance.now() - startedAt;
          if (isSelfConnect(socket)) {
            // A reset, not a FIN: the port must not spend a minute in TIME_WAIT on our account.
            socket.on("error", ignore).resetAndDestroy();
            return settle(SELF_CONNECT);
          }
          socket.setNoDelay(true);
          const connection = tcpConnection(socket, connectMs, options.onClosed ?? ignore);
          settle({ state: "open", reason: "syn-ack", connection });
        },
      },
    );
  });
}

function ignore(): void {
  // Nobody waits for the descriptor, or hears of an error.
}
