import { expect, onTestFinished, test } from "vitest";
import { detectTcpWithFiles } from "../../lib/detect/with-files.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { tcpDialer } from "../../lib/net/dialer.ts";
import { packOf } from "./probe-file/files.ts";
import { having, rpcTcpServer } from "./rpc-server.ts";

/** NULL call to program 100000, version 2 (RFC 5531), behind a record mark. */
const NULL_CALL =
  "\\x80\\0\\0\\x28\\0\\0\\0\\x07\\0\\0\\0\\0\\0\\0\\0\\x02\\0\\x01\\x86\\xa0\\0\\0\\0\\x02" +
  "\\0".repeat(20);

test("a file that knows ONC RPC leaves it to us which program it is", async () => {
  const port = await rpcTcpServer(having({ 100003: [3, 4] }));
  const pack = packOf(
    "Probe TCP NULL q||",
    "totalwaitms 300",
    `Probe TCP RpcNull q|${NULL_CALL}|`,
    `ports ${port}`,
    "totalwaitms 900",
    "match rpcbind m|^.{4}\\0\\0\\0\\x07\\0\\0\\0\\x01|s",
  );
  const endpoint = { host: "127.0.0.1", hostname: null, port, transport: "tcp" as const };
  const dialer = tcpDialer(endpoint, connectionBudget({ total: 16, perHost: 16 }));
  const opened = await dialer.open({ timeoutMs: 500 });
  if (opened.state !== "open") throw new Error(`port ${port} is ${opened.state}`);
  onTestFinished(() => opened.connection.close());
  const { verdict } = await detectTcpWithFiles({
    endpoint,
    dialer,
    connection: opened.connection,
    knowledge: { protocols: [], packs: [] },
    profile: { timeoutMs: 500, maxProbesPerPort: 6, confidenceThreshold: 0.95, intensity: 7 },
    now: () => performance.now(),
    builtin: false,
    files: {
      packs: [pack],
      intensity: 7,
      allPorts: false,
      strictOrder: false,
      version: "0",
      platform: "test",
      wallClock: () => new Date(0),
    },
  });
  expect(verdict).toMatchObject({ service: "nfs", version: "3-4", info: "RPC #100003" });
});
