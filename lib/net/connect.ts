/**
 * A TCP connect that is no stream yet. Most ports of a scan are closed, and a `Socket`, with the buffers of a stream that never flows, costs twice
 * what the refused connect itself does. So it is tried on the bare handle that a Socket works with, and only what is open becomes a Socket, in the way
 * in which `net.Server` makes those that it accepts.
 *
 * Node gives no other way to that handle than `process.binding`, which is deprecated (DEP0111, in the documentation alone). Where a Node no longer
 * has it, a Socket connects, and all that changes is what a closed port costs.
 */
import { Socket, type SocketConstructorOpts } from "node:net";
import { getSystemErrorName } from "node:util";
import type { SocketAddress } from "./address.ts";
import { errorCode } from "./connect-errors.ts";

/** A paused stream then holds one chunk instead of filling a buffer of its own: the inbox is the buffer. */
const SOCKET_OPTIONS: SocketConstructorOpts & { readableHighWaterMark: number } = {
  readableHighWaterMark: 1,
};

export interface Attempt {
  opened(socket: Socket): void;
  /** `code`: an errno name. */
  failed(code: string | undefined): void;
}

/** Begins to connect to an IP literal; one of the two is called, at once or later, unless the function that this returns was called before. */
export type Connect = (to: SocketAddress & { family: 4 | 6 }, attempt: Attempt) => () => void;

/** What is used of Node's `tcp_wrap` (lib/net.js, `internalConnect`). */
interface TcpWrap {
  TCP: new (type: number) => TcpHandle;
  TCPConnectWrap: new () => ConnectRequest;
  constants: { SOCKET: number };
}
interface ConnectRequest {
  /** 0, or a negative errno. */
  oncomplete?: (status: number) => void;
}
interface TcpHandle {
  /** 0, or a negative errno. */
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
  close(): void;
}

function tcpWrap(): TcpWrap | null {
  const { binding } = process as { binding?: (name: string) => unknown };
  try {
    const wrap = binding?.("tcp_wrap") as Partial<TcpWrap> | undefined;
    return wrap?.TCP && wrap.TCPConnectWrap && wrap.constants ? (wrap as TcpWrap) : null;
  } catch {
    return null;
  }
}

const byHandle =
  ({ TCP, TCPConnectWrap, constants }: TcpWrap): Connect =>
  ({ host, port, family }, attempt) => {
    const handle = new TCP(constants.SOCKET);
    const request = new TCPConnectWrap();
    let over = false;
    const complete = (status: number) => {
      if (over) return;
      over = true;
      if (status === 0)
        return attempt.opened(new Socket({ ...SOCKET_OPTIONS, handle } as unknown as SocketConstructorOpts));
      handle.close();
      attempt.failed(getSystemErrorName(status));
    };
    request.oncomplete = complete;
    const refused = family === 4 ? handle.connect(request, host, port) : handle.connect6(request, host, port);
    if (refused !== 0) complete(refused);
    return () => {
      if (over) return;
      over = true;
      handle.close();
    };
  };

export const bySocket: Connect = ({ host, port }, attempt) => {
  const socket = new Socket(SOCKET_OPTIONS);
  let over = false;
  // Stays on the socket for good, so that no late error is unhandled.
  socket.on("error", (error) => {
    if (over) return;
    over = true;
    socket.destroy();
    attempt.failed(errorCode(error));
  });
  socket.once("connect", () => {
    if (over) return;
    over = true;
    attempt.opened(socket);
  });
  socket.connect({ host, port, autoSelectFamily: false });
  return () => {
    if (over) return;
    over = true;
    socket.destroy();
  };
};

const wrap = tcpWrap();
export const connect: Connect = wrap ? byHandle(wrap) : bySocket;
