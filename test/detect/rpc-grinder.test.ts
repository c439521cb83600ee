import { describe, expect, test } from "vitest";
import { type GrindOptions, grind, portmapperDump } from "../../lib/detect/rpc-grinder.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { type CountingDialer, tcpDialer, udpDialer } from "../../lib/net/dialer.ts";
import type { RpcCall } from "../../lib/protocols/rpc-message.ts";
import { builtinRpcPrograms } from "../../lib/registry/rpc.ts";
import { ignore, tcpServer, udpServer } from "../net/servers.ts";
import { dumpResults, having, mark, reply, rpcTcpServer, rpcUdpServer, words } from "./rpc-server.ts";

const TIMEOUT_MS = 600;

function options(
  transport: "tcp" | "udp",
  port: number,
  over: Partial<GrindOptions> = {},
): GrindOptions & { dialer: CountingDialer } {
  const dial = transport === "tcp" ? tcpDialer : udpDialer;
  const dialer = dial({ host: "127.0.0.1", port }, connectionBudget({ total: 16, perHost: 16 }));
  return {
    transport,
    timeoutMs: TIMEOUT_MS,
    now: () => performance.now(),
    random: Math.random,
    programs: builtinRpcPrograms,
    ...over,
    dialer,
  };
}
const overTcp = (port: number, over: Partial<GrindOptions> = {}) => grind(options("tcp", port, over));
const overUdp = (port: number, over: Partial<GrindOptions> = {}) => grind(options("udp", port, over));
const NFS = { program: 100003, name: "nfs", low: 2, high: 4 };
const list = (...numbers: number[]) => numbers.map((number) => ({ number, name: `p${number}` }));

describe("over TCP", () => {
  test("a program is known by the version range it answers with, by asking in lock-step for one version nobody has", async () => {
    const calls: RpcCall[] = [];
    const connections = new Map<number, RpcCall[]>();
    const port = await rpcTcpServer((call, _, connection) => {
      calls.push(call);
      connections.set(connection, [...(connections.get(connection) ?? []), call]);
      return having({ 100003: [2, 4] })(call);
    });
    expect(await overTcp(port)).toMatchObject(NFS);
    expect(connections.size).toBeLessThanOrEqual(4);
    for (const own of connections.values()) {
      expect(new Set(own.map(({ version }) => version)).size).toBe(1);
      expect(own[0]!.version).toBeGreaterThanOrEqual(100_000_000);
      own.forEach(({ xid }, n) => {
        expect(xid).toBe((own[0]!.xid + n) % 2 ** 32);
      });
    }
    for (const { procedure } of calls) expect(procedure).toBe(0);
    // It is early in the list: nobody needs to be asked for all of it.
    expect(calls.length).toBeLessThan(20);
  });

  test("the whole list is asked for once, four at a time, when none is there", async () => {
    const asked: number[] = [];
    const port = await rpcTcpServer((call) => {
      asked.push(call.program);
      return reply.unavailable(call);
    });
    const one = options("tcp", port);
    expect(await grind(one)).toBeNull();
    expect(asked.sort()).toEqual(builtinRpcPrograms.map(({ number }) => number).sort());
    expect(one.dialer.opened).toBe(4);
  });

  test("one version is low = high", async () => {
    const port = await rpcTcpServer(having({ 100024: [1, 1] }));
    expect(await overTcp(port)).toMatchObject({ program: 100024, name: "status", low: 1, high: 1 });
  });

  test("a verifier that is not empty is stepped over", async () => {
    const port = await rpcTcpServer((call) =>
      call.program === 100005 ? reply.verified(call, 1, 3) : reply.unavailable(call),
    );
    expect(await overTcp(port)).toMatchObject({ program: 100005, low: 1, high: 3 });
  });

  test("success for a version that nobody has, and a denial, are no programs", async () => {
    const port = await rpcTcpServer((call) => {
      if (call.program === 1) return reply.success(call, 7, 7);
      if (call.program === 2) return reply.denied(call);
      return having({ 3: [5, 6] })(call);
    });
    expect(await overTcp(port, { programs: list(1, 2, 3) })).toMatchObject({ program: 3, low: 5, high: 6 });
    expect(await overTcp(port, { programs: list(1, 2) })).toBeNull();
  });

  test("a reply may come in fragments, and a fragment in segments", async () => {
    const port = await rpcTcpServer(having({ 100003: [2, 4] }), async (message, socket) => {
      const wire = Buffer.concat([
        mark(message.subarray(0, 5), false),
        mark(Buffer.alloc(0), false),
        mark(message.subarray(5, 23), false),
        mark(message.subarray(23)),
      ]);
      for (const byte of wire) {
        socket.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
    });
    expect(await overTcp(port, { programs: list(1, 2, 100003) })).toMatchObject({ program: 100003 });
  });

  test("replies to other calls in the stream are passed over", async () => {
    const port = await rpcTcpServer(having({ 100003: [2, 4] }), (message, socket) => {
      const foreign = Buffer.from(message);
      foreign.writeUInt32BE((message.readUInt32BE(0) ^ 1) >>> 0, 0);
      foreign.writeUInt32BE(2, 20);
      socket.write(Buffer.concat([mark(Buffer.concat([foreign, words(8, 9)])), mark(message)]));
    });
    expect(await overTcp(port)).toMatchObject(NFS);
  });

  test("a connection that is dropped in the middle is opened again, at the same program", async () => {
    let dropped = 0;
    const port = await rpcTcpServer((call, socket) => {
      if (call.program === 100003 && dropped++ === 0) {
        socket.write(mark(reply.mismatch(call, 2, 4)).subarray(0, 11));
        socket.end();
        return null;
      }
      return having({ 100003: [2, 4] })(call);
    });
    const one = options("tcp", port);
    expect(await grind(one)).toMatchObject(NFS);
    expect(one.dialer.opened).toBe(5);
  });

  test("a program that the server always dies over costs a worker or two, not the search", async () => {
    const port = await rpcTcpServer((call, socket) => {
      if (call.program === 2) {
        socket.resetAndDestroy();
        return null;
      }
      return having({ 9: [1, 2] })(call);
    });
    const one = options("tcp", port, { programs: list(1, 2, 3, 4, 5, 6, 7, 8, 9) });
    expect(await grind(one)).toMatchObject({ program: 9 });
    expect(one.dialer.opened).toBeLessThanOrEqual(8);
  });

  test("of two programs at one port the first in the list counts, even when it answers later", async () => {
    const port = await rpcTcpServer(having({ 1: [3, 3], 2: [7, 7] }), (message, socket) => {
      setTimeout(() => socket.write(mark(message)), message.readUInt32BE(24) === 3 ? 60 : 0);
    });
    expect(await overTcp(port, { programs: list(1, 2) })).toMatchObject({ program: 1 });
  });

  test("what the port mapper lists is asked for first, named or not", async () => {
    const asked: number[] = [];
    const port = await rpcTcpServer((call) => {
      asked.push(call.program);
      return having({ 777: [1, 1] })(call);
    });
    expect(await overTcp(port, { first: [777] })).toMatchObject({ program: 777, name: "rpc-777" });
    expect(asked).toContain(777);
    expect(asked.length).toBeLessThanOrEqual(4);
  });

  test("one connection at a time is enough", async () => {
    let busy = false;
    const port = await rpcTcpServer((call, socket, connection) => {
      if (connection > 0 && busy) {
        socket.resetAndDestroy();
        return null;
      }
      busy = true;
      return having({ 391002: [1, 2] })(call);
    });
    expect(await overTcp(port)).toMatchObject({ program: 391002, name: "sgi_fam" });
  });

  test.each<[string, (call: RpcCall) => Buffer]>([
    ["random bytes", ({ xid }) => Buffer.from(words(xid, xid).toString("base64").repeat(40))],
    ["a record above all bounds", ({ xid }) => words(0xffffffff, xid, 1)],
    ["empty fragments without end", () => Buffer.alloc(4 * 4096)],
    ["the call itself", (call) => mark(words(call.xid, 0, 2, call.program, call.version, 0, 0, 0, 0, 0))],
    ["versions in the wrong order", (call) => mark(reply.mismatch(call, 9, 2))],
    [
      "a verifier that reaches beyond the message",
      ({ xid }) => mark(words(xid, 1, 0, 1, 0x7fffffff, 2, 1, 1)),
    ],
  ])("a server that answers with %s has no program", async (_, answer) => {
    const port = await rpcTcpServer(
      (call) => answer(call),
      (message, socket) => void socket.write(message),
    );
    expect(await overTcp(port, { programs: list(1, 2, 3, 4, 5, 6) })).toBeNull();
  });

  test("silence ends it, and so does the deadline", async () => {
    const silent = await tcpServer((socket) => socket.resume());
    expect(await overTcp(silent, { timeoutMs: 60 })).toBeNull();
    const one = options("tcp", silent, { deadline: performance.now() - 1 });
    expect(await grind(one)).toBeNull();
    expect(one.dialer.opened).toBe(0);
  });
});

describe("over UDP", () => {
  test("a program is found by the same calls, without record marks", async () => {
    const port = await rpcUdpServer((call) => [having({ 100021: [1, 4] })(call)]);
    expect(await overUdp(port)).toMatchObject({ program: 100021, name: "nlockmgr", low: 1, high: 4 });
  });

  test("a lost datagram is sent again as it was", async () => {
    const seen: string[] = [];
    const port = await rpcUdpServer((call, datagram) => {
      if (call.program !== 100003) return [reply.unavailable(call)];
      seen.push(datagram.toString("hex"));
      return seen.length < 3 ? [] : [having({ 100003: [2, 4] })(call)];
    });
    expect(await overUdp(port)).toMatchObject(NFS);
    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(1);
  });

  test("datagrams with other ids, garbage and late copies are passed over", async () => {
    const port = await rpcUdpServer((call) => [
      reply.mismatch({ ...call, xid: (call.xid ^ 0xff) >>> 0 }, 8, 9),
      Buffer.from("garbage"),
      having({ 100003: [2, 4] })(call),
      having({ 100003: [2, 4] })(call),
    ]);
    expect(await overUdp(port)).toMatchObject(NFS);
  });

  test.each<[string, (call: RpcCall) => Buffer[]]>([
    ["nothing", () => []],
    ["garbage", () => [Buffer.from("what?")]],
    ["foreign ids only", (call) => [reply.mismatch({ ...call, xid: (call.xid ^ 1) >>> 0 }, 1, 2)]],
  ])("%s is no program", async (_, answer) => {
    expect(await overUdp(await rpcUdpServer(answer), { timeoutMs: 90 })).toBeNull();
  });

  test("a port that nobody listens on is none either", async () => {
    expect(await overUdp(await udpServer(ignore), { timeoutMs: 60 })).toBeNull();
  });
});

describe("the port mapper's list", () => {
  const entries = [
    { program: 100003, version: 3, protocol: 6, port: 2049 },
    { program: 100003, version: 4, protocol: 6, port: 2049 },
    { program: 100024, version: 1, protocol: 17, port: 40000 },
  ];
  const books = (call: RpcCall) =>
    call.program === 100000 && call.version === 2 && call.procedure === 4
      ? reply.success(call, ...dumpResults(entries))
      : reply.unavailable(call);

  test.each(["tcp", "udp"] as const)("is read over %s", async (transport) => {
    const port = await (transport === "tcp" ? rpcTcpServer(books) : rpcUdpServer((call) => [books(call)]));
    expect(await portmapperDump(options(transport, port))).toEqual(entries);
  });

  test("is null where there is none", async () => {
    const port = await rpcTcpServer((call) => reply.unavailable(call));
    expect(await portmapperDump(options("tcp", port))).toBeNull();
    expect(await portmapperDump(options("tcp", await tcpServer((socket) => socket.end())))).toBeNull();
  });
});
