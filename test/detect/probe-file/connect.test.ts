import { createServer } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { connector } from "../../../lib/detect/probe-file/connect.ts";
import { connectionBudget } from "../../../lib/net/budget.ts";
import { tcpDialer } from "../../../lib/net/dialer.ts";
import type { Connection, Dialer } from "../../../lib/net/types.ts";
import { certified, listening, tcpServer } from "../../net/servers.ts";

// The limits of section 6 of spec/version-detection.md: a connect 5 s, with a handshake 8 s in all, and nothing past the deadline.

const to = (port: number) =>
  tcpDialer({ host: "127.0.0.1", port }, connectionBudget({ total: 9, perHost: 9 }));
const ignore = () => undefined;

test("a connect has 5 s, one with a handshake 8 s, neither more than the deadline leaves, and none after it", async () => {
  const limits: number[] = [];
  const dialer: Dialer = {
    open: async ({ timeoutMs }) => {
      limits.push(timeoutMs);
      return { state: "filtered", reason: "no-response" };
    },
  };
  const connect = (tls: boolean, deadline: number) =>
    connector({ dialer, servername: null, deadline, now: () => 0 }, () => 0, ignore).connect(tls, null);
  for (const deadline of [60_000, 3_000, 0]) {
    expect(await connect(false, deadline)).toBeNull();
    expect(await connect(true, deadline)).toBeNull();
  }
  expect(limits).toEqual([5_000, 8_000, 3_000, 3_000]);
});

test("a handshake has what the connect before it left of the 8 s, and the name that is known", async () => {
  const port = await tcpServer(ignore);
  let now = 0;
  const asked: unknown[] = [];
  const dialer: Dialer = {
    async open(options) {
      const opened = await to(port).open(options);
      now = 2_500;
      if (opened.state !== "open") return opened;
      const startTls: Connection["startTls"] = async ({ servername, timeoutMs }) => {
        asked.push({ servername, timeoutMs });
        return null;
      };
      return {
        ...opened,
        connection: Object.assign(Object.create(opened.connection) as Connection, { startTls }),
      };
    },
  };
  const options = { dialer, servername: "a.example", deadline: 60_000, now: () => now };
  const plain = await connector(options, () => 0, ignore).connect(false, null);
  expect([plain?.tls, asked]).toEqual([null, []]);
  plain?.close();
  now = 0;
  expect(await connector(options, () => 0, ignore).connect(true, null)).toBeNull();
  expect(asked).toEqual([{ servername: "a.example", timeoutMs: 5_500 }]);
});

test("handshakes after the first resume its session, until one fails; that one is made once more without", async () => {
  const pair = certified("resumed.example");
  const resumed: boolean[] = [];
  let refuse = false;
  const server = createServer({ key: pair.key, cert: pair.cert, maxVersion: "TLSv1.2" }, (socket) => {
    resumed.push(socket.isSessionReused());
    socket.on("error", ignore);
    socket.write("hello\r\n");
  });
  server.on("tlsClientError", ignore);
  server.on("connection", (socket) => {
    if (!refuse) return;
    refuse = false;
    socket.destroy();
  });
  onTestFinished(() => {
    server.close();
    pair.remove();
  });
  const dialer = to(await listening(server));
  const ways = connector(
    { dialer, servername: null, deadline: performance.now() + 20_000, now: () => performance.now() },
    () => 0,
    ignore,
  );
  const greeted = async () => {
    const connection = await ways.connect(true, null);
    const read = await connection?.read({ timeoutMs: 5_000, complete: (data) => data.length >= 7 });
    connection?.close();
    return read && Buffer.from(read.data).toString();
  };
  expect(await greeted()).toBe("hello\r\n");
  expect(ways.session?.certificates).toHaveLength(1);
  expect(await greeted()).toBe("hello\r\n");
  refuse = true;
  expect(await greeted()).toBe("hello\r\n");
  expect(await greeted()).toBe("hello\r\n");
  expect(resumed).toEqual([false, true, false, false]);
});
