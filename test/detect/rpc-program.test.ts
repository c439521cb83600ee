import { describe, expect, onTestFinished, test } from "vitest";
import type { Detection, DetectOptions } from "../../lib/detect/detection.ts";
import { MOST_CONNECTIONS } from "../../lib/detect/detection.ts";
import { interpret } from "../../lib/detect/interpret.ts";
import { detectTcp } from "../../lib/detect/tcp.ts";
import { detectUdp } from "../../lib/detect/udp.ts";
import { fuse } from "../../lib/evidence/fuse.ts";
import { loadResponse, storeResponse } from "../../lib/model/observation.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { tcpDialer, udpDialer } from "../../lib/net/dialer.ts";
import { protocols } from "../../lib/protocols/index.ts";
import type { RpcCall } from "../../lib/protocols/rpc-message.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { tcpServer } from "../net/servers.ts";
import { dumpResults, having, reply, rpcTcpServer, rpcUdpServer } from "./rpc-server.ts";

const TIMEOUT_MS = 500;
const knowledge = { protocols, packs: [builtinPack()] };
const profile = { timeoutMs: TIMEOUT_MS, maxProbesPerPort: 6, confidenceThreshold: 0.95, intensity: 7 };

/** Detects the server at `port`, as if its number were `as`. */
async function detect(
  transport: "tcp" | "udp",
  port: number,
  { as = port, ...over }: Partial<DetectOptions> & { as?: number } = {},
): Promise<Detection> {
  const budget = connectionBudget({ total: 32, perHost: 32 });
  const dialer = (transport === "tcp" ? tcpDialer : udpDialer)({ host: "127.0.0.1", port }, budget);
  const endpoint = { host: "127.0.0.1", hostname: null, port: as, transport };
  const options = { endpoint, dialer, knowledge, profile, now: () => performance.now(), ...over };
  if (transport === "udp") {
    const seen = await detectUdp(options);
    if (seen.state !== "open") throw new Error(`port ${port} is ${seen.state}`);
    return seen.detection;
  }
  const opened = await dialer.open({ timeoutMs: TIMEOUT_MS });
  if (opened.state !== "open") throw new Error(`port ${port} is ${opened.state}`);
  onTestFinished(() => opened.connection.close());
  return detectTcp({ ...options, connection: opened.connection });
}
const NFS = {
  service: "nfs",
  method: "probed",
  product: null,
  version: "3-4",
  info: "RPC #100003",
  conflicts: [],
};

describe.each(["tcp", "udp"] as const)("a port that speaks RPC over %s", (transport) => {
  const serve = (programs: Parameters<typeof having>[0]) =>
    transport === "tcp" ? rpcTcpServer(having(programs)) : rpcUdpServer((call) => [having(programs)(call)]);

  test("is named for its program, with the versions it has", async () => {
    const { verdict, connections, responses } = await detect(transport, await serve({ 100003: [3, 4] }), {
      as: 2049,
    });
    expect(verdict).toMatchObject(NFS);
    expect(verdict.confidence).toBeGreaterThan(0.95);
    expect(verdict.confidences.version).toBeGreaterThan(0.9);
    expect(connections).toBeLessThanOrEqual(MOST_CONNECTIONS);
    expect(responses.at(-1)?.probe).toBe("rpc.100003 nfs");
  });

  test("is found on a port of no meaning too", async () => {
    // Over UDP it is among those asked anywhere; over TCP it comes after them, if they leave a connection for it.
    const { verdict } = await detect(transport, await serve({ 100005: [1, 3] }), {
      as: 54321,
      profile: { ...profile, maxProbesPerPort: transport === "udp" ? 6 : 4 },
    });
    expect(verdict).toMatchObject({ service: "mountd", version: "1-3", info: "RPC #100005" });
  });

  test("keeps its verdict when it is matched again from what was stored", async () => {
    const seen = await detect(transport, await serve({ 100003: [3, 4] }), { as: 2049 });
    const stored = seen.responses.map(storeResponse).map(loadResponse);
    const { evidence } = interpret(knowledge, stored, null);
    expect(fuse({ port: 2049, transport, evidence, asked: true })).toEqual(seen.verdict);
  });

  test("that is the port mapper stays rpcbind, with its versions and its list", async () => {
    const entries = [
      { program: 100003, version: 3, protocol: 6, port: 2049 },
      { program: 100003, version: 4, protocol: 6, port: 2049 },
    ];
    const books: typeof having extends (p: never) => infer F ? F : never = (call) =>
      call.procedure === 4 ? reply.success(call, ...dumpResults(entries)) : having({ 100000: [2, 4] })(call);
    const port = await (transport === "tcp" ? rpcTcpServer(books) : rpcUdpServer((call) => [books(call)]));
    const { verdict, facts } = await detect(transport, port, { as: 111 });
    expect(verdict).toMatchObject({ service: "rpcbind", version: "2-4", info: "RPC #100000" });
    expect(verdict.cpe.join(" ")).not.toContain("2-4");
    expect(facts).toContainEqual(
      expect.objectContaining({ name: "rpcbind.program", value: "100003 nfs 3-4 tcp 2049" }),
    );
  });

  test("and has none of the programs we know is left as it was", async () => {
    const { verdict } = await detect(transport, await serve({}), { as: 111 });
    expect(verdict).toMatchObject({ service: "rpcbind", version: null, info: null });
  });

  test("is asked by the operator's list, and for what the port mapper lists before that", async () => {
    const port = await serve({ 4711: [7, 7] });
    const programs = [{ number: 4711, name: "cologne", aliases: [] }];
    const named = await detect(transport, port, { as: 2049, rpc: { programs } });
    expect(named.verdict).toMatchObject({ service: "cologne", version: "7", info: "RPC #4711" });
    const protocol = transport === "tcp" ? 6 : 17;
    const listed = [{ program: 4711, version: 7, protocol, port: 2049 }];
    const found = await detect(transport, port, { as: 2049, rpc: { listed: async () => listed } });
    expect(found.verdict).toMatchObject({ service: "rpc-4711", version: "7" });
  });

  test("is not ground below intensity 7", async () => {
    const { verdict } = await detect(transport, await serve({ 100003: [3, 4] }), {
      as: 2049,
      profile: { ...profile, intensity: 6 },
    });
    expect(verdict).toMatchObject({ service: "rpcbind", version: null });
  });
});

test.each(["tcp", "udp"] as const)(
  "over %s who answers with another id than the call's speaks no RPC",
  async (transport) => {
    const foreign = (call: RpcCall) => reply.mismatch({ ...call, xid: (call.xid + 7) % 2 ** 32 }, 3, 4);
    const port =
      transport === "tcp" ? await rpcTcpServer(foreign) : await rpcUdpServer((call) => [foreign(call)]);
    const { verdict, responses } = await detect(transport, port, { as: 2049 });
    expect(verdict.method).toBe("table");
    expect(responses.map(({ probe }) => probe).filter((probe) => probe.startsWith("rpc."))).toEqual([]);
  },
);

test("a port mapper that lists what is not there costs questions, not the verdict", async () => {
  const port = await rpcTcpServer(having({ 100003: [3, 4] }));
  const lies = Array.from({ length: 50 }, (_, n) => ({
    program: 900_000 + n,
    version: 1,
    protocol: 6,
    port: 2049,
  }));
  const { verdict } = await detect("tcp", port, { as: 2049, rpc: { listed: async () => lies } });
  expect(verdict).toMatchObject(NFS);
});

test("over UDP an answer that comes behind another's is the answer", async () => {
  const port = await rpcUdpServer((call) => [
    reply.unavailable({ ...call, xid: (call.xid + 7) % 2 ** 32 }),
    having({ 100003: [3, 4] })(call),
  ]);
  expect((await detect("udp", port, { as: 2049 })).verdict).toMatchObject(NFS);
});

test("over UDP a program is found on any port, though each datagram is lost the first time", async () => {
  const seen = new Set<string>();
  const port = await rpcUdpServer((call, datagram) => {
    const known = seen.has(datagram.toString("hex"));
    seen.add(datagram.toString("hex"));
    return known ? [having({ 100003: [3, 4] })(call)] : [];
  });
  // By then every protocol was asked, some twice.
  const { verdict } = await detect("udp", port, { as: 54321, profile: { ...profile, timeoutMs: 3_000 } });
  expect(verdict).toMatchObject(NFS);
});

test("who talks in another protocol is not called", async () => {
  const heard: Buffer[] = [];
  const port = await tcpServer((socket) => {
    socket.write("what do you want\r\n");
    socket.on("data", (data) => heard.push(data));
  });
  await detect("tcp", port);
  expect(Buffer.concat(heard).includes(Buffer.from("000186a0", "hex"))).toBe(false);
});
