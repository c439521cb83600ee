/** A scripted ONC RPC server on loopback: `answer` gives what goes back for each call, as messages without record marks. */
import type { Socket } from "node:net";
import type { parsePortmapDump } from "../../lib/protocols/portmapper.ts";
import { type RpcCall, readRecord } from "../../lib/protocols/rpc-message.ts";
import { tcpServer, udpServer } from "../net/servers.ts";

export const words = (...numbers: number[]) =>
  Buffer.concat(
    numbers.map((number) => {
      const word = Buffer.alloc(4);
      word.writeUInt32BE(number);
      return word;
    }),
  );

function readCall(message: Uint8Array): RpcCall {
  const view = Buffer.from(message);
  const word = (n: number) => view.readUInt32BE(4 * n);
  if (view.length !== 40 || word(1) !== 0 || word(2) !== 2 || view.subarray(24).some((byte) => byte !== 0))
    throw new Error(`not a call without credentials: ${view.toString("hex")}`);
  return { xid: word(0), program: word(3), version: word(4), procedure: word(5) };
}

export const reply = {
  success: ({ xid }: RpcCall, ...results: number[]) => words(xid, 1, 0, 0, 0, 0, ...results),
  unavailable: ({ xid }: RpcCall) => words(xid, 1, 0, 0, 0, 1),
  mismatch: ({ xid }: RpcCall, low: number, high: number) => words(xid, 1, 0, 0, 0, 2, low, high),
  /** Verifier of flavour 1 with 5 bytes, padded to 8. */
  verified: ({ xid }: RpcCall, low: number, high: number) =>
    Buffer.concat([words(xid, 1, 0, 1, 5), Buffer.from("abcde\0\0\0"), words(2, low, high)]),
  denied: ({ xid }: RpcCall) => words(xid, 1, 1, 1, 5),
};

/** Has these programs, and none else. */
export const having =
  (programs: Record<number, readonly [number, number]>) =>
  (call: RpcCall): Buffer => {
    const versions = programs[call.program];
    if (!versions) return reply.unavailable(call);
    const known = call.version >= versions[0] && call.version <= versions[1];
    return known ? reply.success(call) : reply.mismatch(call, ...versions);
  };

export const mark = (message: Uint8Array, last = true) =>
  Buffer.concat([words((last ? 0x80000000 : 0) + message.length), message]);

/** Over TCP: `write` puts the answer on the wire, by default as one fragment. */
export function rpcTcpServer(
  answer: (call: RpcCall, socket: Socket, connection: number) => Buffer | null,
  write: (message: Buffer, socket: Socket) => void = (message, socket) => void socket.write(mark(message)),
): Promise<number> {
  let connections = 0;
  return tcpServer((socket) => {
    const connection = connections++;
    let buffer = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
      for (;;) {
        const record = readRecord(buffer);
        if (record === null || record === "more") return;
        buffer = buffer.subarray(record.next);
        const message = answer(readCall(record.message), socket, connection);
        if (message) write(message, socket);
      }
    });
  });
}

/** Message type CALL, RPC version 2 (RFC 5531 section 9). */
function isCall(message: Buffer): boolean {
  return message.length >= 40 && message.readUInt32BE(4) === 0 && message.readUInt32BE(8) === 2;
}

/** Over UDP: any number of datagrams for one call; what is no call is ignored, as rpcbind does. */
export function rpcUdpServer(answer: (call: RpcCall, datagram: Buffer) => Buffer[]): Promise<number> {
  return udpServer((datagram, from, socket) => {
    if (!isCall(datagram)) return;
    for (const message of answer(readCall(datagram), datagram)) socket.send(message, from.port, from.address);
  });
}

/** Results of DUMP. */
export function dumpResults(entries: NonNullable<ReturnType<typeof parsePortmapDump>>): number[] {
  return [
    ...entries.flatMap(({ program, version, protocol, port }) => [1, program, version, protocol, port]),
    0,
  ];
}
