import { expect, onTestFinished, test } from "vitest";
import { detectTcpWithFiles, detectUdpWithFiles } from "../../lib/detect/with-files.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { tcpDialer, udpDialer } from "../../lib/net/dialer.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { ntp } from "../../lib/protocols/ntp.ts";
import { udpServer } from "../net/servers.ts";
import { AS_USUAL, packOf } from "./probe-file/files.ts";
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
    files: { ...AS_USUAL, packs: [pack] },
  });
  expect(verdict).toMatchObject({ service: "nfs", version: "3-4", info: "RPC #100003" });
});

test("a datagram that the built-in detection has sent is not sent again for the file's probe of the same bytes", async () => {
  const [opener] = ntp.openers({
    host: "127.0.0.1",
    hostname: null,
    port: 123,
    transport: "udp",
    tls: false,
  });
  if (!opener) throw new Error("NTP asks nothing");
  const bytes = [...opener.data].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  const pack = packOf(
    `Probe UDP Same q|${bytes}|`,
    "ports 123",
    "totalwaitms 600",
    "match odd m|^what (\\w+)| p/Oddity/ v/$1/",
    "Probe UDP Other q|other|",
    "ports 123",
    "totalwaitms 600",
  );
  const heard: Buffer[] = [];
  const port = await udpServer((datagram, from, socket) => {
    heard.push(datagram);
    if (datagram.equals(Buffer.from(opener.data))) socket.send("what now", from.port, from.address);
  });
  const seen = await detectUdpWithFiles({
    endpoint: { host: "127.0.0.1", hostname: null, port: 123, transport: "udp" },
    dialer: udpDialer({ host: "127.0.0.1", port }, connectionBudget({ total: 16, perHost: 16 })),
    knowledge: { protocols, packs: [] },
    profile: { timeoutMs: 500, maxProbesPerPort: 6, confidenceThreshold: 0.95, intensity: 7 },
    now: () => performance.now(),
    builtin: true,
    files: { ...AS_USUAL, packs: [pack] },
  });
  expect(seen.state === "open" && seen.detection.verdict).toMatchObject({
    product: "Oddity",
    version: "now",
  });
  expect(heard.filter((datagram) => datagram.equals(Buffer.from(opener.data)))).toHaveLength(1);
});
