import { describe, expect, test } from "vitest";
import type { Endpoint } from "../../lib/model/endpoint.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { tcpDialer } from "../../lib/net/dialer.ts";
import { portMappers } from "../../lib/scan/port-mapper.ts";
import { silent } from "../detect/peers.ts";
import { dumpResults, reply, rpcTcpServer } from "../detect/rpc-server.ts";
import { tcpServer } from "../net/servers.ts";

const HOST = "127.0.0.1";
const ENTRIES = [
  { program: 100003, version: 4, protocol: 6, port: 2049 },
  { program: 100005, version: 3, protocol: 17, port: 20048 },
];

/** The books of a batch of these ports, whose port mapper listens at `port` in truth. */
function books(port: number, ports: number[], { mayTouch = true, timeoutMs = 2_000 } = {}) {
  const dialled: Endpoint[] = [];
  const budget = connectionBudget({ total: 8, perHost: 8 });
  const listed = portMappers({
    batch: {
      size: ports.length,
      endpointAt: (i) => ({ host: HOST, hostname: null, transport: "tcp", port: ports[i] ?? 0 }),
    },
    mayTouch: async () => mayTouch,
    dial(endpoint) {
      dialled.push(endpoint);
      return tcpDialer({ host: HOST, port }, budget);
    },
    timeoutMs,
    now: () => performance.now(),
    random: () => 0.5,
  });
  return { listed, dialled };
}

describe("a host's port mapper", () => {
  test("is asked once for all endpoints of its host", async () => {
    let calls = 0;
    const port = await rpcTcpServer((call) => {
      calls++;
      return call.procedure === 4 ? reply.success(call, ...dumpResults(ENTRIES)) : reply.unavailable(call);
    });
    const { listed, dialled } = books(port, [111, 2049, 20048]);
    expect(await Promise.all([listed(HOST), listed(HOST)])).toEqual([ENTRIES, ENTRIES]);
    expect(await listed(HOST)).toEqual(ENTRIES);
    expect([calls, dialled.length, dialled[0]?.port]).toEqual([1, 1, 111]);
  });

  test("is left alone where its port is not scanned, or may not be touched", async () => {
    const port = await rpcTcpServer((call) => reply.success(call, ...dumpResults(ENTRIES)));
    for (const { listed, dialled } of [books(port, [2049]), books(port, [111], { mayTouch: false })]) {
      expect(await listed(HOST)).toEqual([]);
      expect(dialled).toEqual([]);
    }
    const other = books(port, [111]);
    expect(await other.listed("127.0.0.2")).toEqual([]);
  });

  test("that does not tell has empty books", async () => {
    const denying = await rpcTcpServer((call) => reply.denied(call));
    expect(await books(denying, [111]).listed(HOST)).toEqual([]);
    expect(await books(await tcpServer(silent), [111], { timeoutMs: 200 }).listed(HOST)).toEqual([]);
  });
});
