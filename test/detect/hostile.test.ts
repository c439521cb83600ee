/**
 * Peers that mean no good, or punish bad manners, before both engines. What is asserted: the right outcome, how many connections they
 * had to bear, how much of what they said was kept, and that it ends.
 */
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { MOST_CONNECTIONS } from "../../lib/detect/detection.ts";
import { detectTcpWithFiles } from "../../lib/detect/with-files.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { tcpDialer } from "../../lib/net/dialer.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { tcpServer } from "../net/servers.ts";
import * as peers from "./peers.ts";
import { AS_USUAL, packOf } from "./probe-file/files.ts";

const READ_CAP = 65_536;
/** Connections that the file engine may need: one a probe, and its knocks. */
const PROBES = 5;
const KNOCKS = 5;

const SSH = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n";
/** HandshakeV10 of a MySQL server, as its protocol documentation lays it out. */
const MYSQL = (() => {
  const payload = Buffer.concat([
    Buffer.from("\x0a8.0.36\0", "latin1"),
    Buffer.from("07000000", "hex"),
    Buffer.alloc(8, 0x41),
    Buffer.from("00fff7ff0200ffdf15", "hex"),
    Buffer.alloc(10),
    Buffer.alloc(12, 0x42),
    Buffer.from("\0caching_sha2_password\0", "latin1"),
  ]);
  return Buffer.concat([Buffer.from([payload.length, 0, 0, 0]), payload]);
})();

/** The file's windows are a fifth of the usual ones, its lines those that the peers below could meet. */
const pack = packOf(
  "Probe TCP NULL q||",
  "totalwaitms 1500",
  "tcpwrappedms 1000",
  "match ssh m|^SSH-([\\d.]+)-OpenSSH_(\\S+)| p/OpenSSH/ v/$2/",
  "match mysql m|^.\\0\\0\\0\\x0a(\\d[^\\0]+)\\0| p/MySQL/ v/$1/",
  "match smtp m|^220 \\S+ ESMTP Postfix| p/Postfix/",
  "Probe TCP Lines q|\\r\\n\\r\\n|",
  "totalwaitms 800",
  "Probe TCP Get q|GET / HTTP/1.0\\r\\n\\r\\n|",
  "totalwaitms 800",
  "match http m|^HTTP/1\\.[01] \\d\\d\\d.*Server: (\\w+)/([\\d.]+)|s p/$1/ v/$2/",
  "Probe TCP Hello q|\\x16\\x03\\0\\0\\x35\\x01\\0\\0\\x31\\x03\\x03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\0\\0\\x0a\\xc0\\x2f\\xc0\\x30\\0\\x9c\\0\\x9d\\0\\x2f\\x01\\0|",
  "totalwaitms 800",
  "match ssl m|^\\x16\\x03|",
  "Probe TCP Help q|HELP\\r\\n|",
  "totalwaitms 800",
);

const ENGINES = {
  "built-in": {
    builtin: true,
    knowledge: { protocols, packs: [builtinPack()] },
    files: null,
    most: MOST_CONNECTIONS,
  },
  "the operator's file": {
    builtin: false,
    knowledge: { protocols: [], packs: [] },
    files: { packs: [pack], ...AS_USUAL },
    most: 1 + PROBES + KNOCKS,
  },
} as const;

for (const [name, { most, ...engine }] of Object.entries(ENGINES)) {
  const builtin = engine.builtin;

  /** Asks a peer; `as`: the port number that it is taken for. */
  async function meet(peer: peers.Peer, { as = 0, timeoutMs = 500 } = {}) {
    const seen = { connections: 0 };
    const port = await tcpServer((socket: Socket) => {
      seen.connections++;
      peer(socket);
    });
    const dialer = tcpDialer({ host: "127.0.0.1", port }, connectionBudget({ total: 32, perHost: 32 }));
    const opened = await dialer.open({ timeoutMs: 2_000 });
    if (opened.state !== "open") throw new Error(`port ${port} is ${opened.state}`);
    const detection = await detectTcpWithFiles({
      ...engine,
      endpoint: { host: "127.0.0.1", hostname: null, port: as || port, transport: "tcp" },
      dialer,
      connection: opened.connection,
      profile: { timeoutMs, maxProbesPerPort: 6, confidenceThreshold: 0.95 },
      now: () => performance.now(),
    });
    expect(seen.connections).toBeLessThanOrEqual(most);
    for (const { data } of detection.responses) expect(data.length).toBeLessThanOrEqual(READ_CAP);
    return { ...detection, ...seen };
  }

  describe(`${name} meets a peer that`, () => {
    test("never stops sending", async () => {
      const { verdict, responses } = await meet(peers.endless);
      expect(verdict).toMatchObject({ method: "table", product: null });
      expect(responses.length).toBeGreaterThan(0);
    });

    test("answers with 10 MB", async () => {
      const { verdict, responses } = await meet(peers.flood(10_000_000));
      expect(verdict).toMatchObject({ method: "table", product: null });
      expect(responses.some(({ data }) => data.length > 4_000)).toBe(true);
    });

    test("sends one byte a second", async () => {
      const { verdict, responses } = await meet(peers.drip(SSH));
      expect(verdict).toMatchObject({ method: "table", product: null });
      expect(responses.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThan(100);
    });

    test("accepts and closes", async () => {
      const { verdict, flags } = await meet(peers.hangUpAtOnce);
      expect(verdict).toMatchObject({ service: "tcpwrapped", product: null });
      expect(flags).toContain("tcpwrapped");
    });

    test("says back what it hears", async () => {
      const { verdict, tls } = await meet(peers.echo);
      expect([null, "echo"]).toContain(verdict.service);
      expect([verdict.product, tls]).toEqual([null, null]);
    });

    test("answers nonsense", async () => {
      const { verdict, flags } = await meet(peers.garbage);
      expect(verdict).toMatchObject({ method: "table", product: null });
      expect(flags).not.toContain("tcpwrapped");
    });

    test("greets in nonsense", async () => {
      const { verdict } = await meet(peers.strangeGreeter);
      expect(verdict).toMatchObject({ method: "table", product: null });
    });

    test("resets the connection on whatever it hears", async () => {
      const { verdict, tls } = await meet(peers.reset);
      expect(verdict).toMatchObject({ method: "table", product: null });
      expect(tls).toBeNull();
    });

    test("resets the connection in the middle of the TLS handshake", async () => {
      const { verdict, tls, flags } = await meet((socket) => {
        let hellos = 0;
        socket.on("data", (data) => {
          if (data[0] !== 0x16) return;
          // An alert record is TLS; then the connection breaks.
          if (hellos++ === 0) socket.write(Buffer.from("160301", "hex"), () => socket.resetAndDestroy());
        });
      });
      expect(tls).toBeNull();
      expect(verdict.product).toBeNull();
      expect(flags).not.toContain("tcpwrapped");
    });

    test("holds one connection and turns the next away", async () => {
      const { verdict, flags } = await meet(peers.atMost(1, peers.http("nginx/1.22.1")));
      expect(verdict).toMatchObject({ service: "http", product: "nginx", version: "1.22.1" });
      expect(flags).toContain("serial");
    });

    test("serves one connection at a time", async () => {
      const { verdict } = await meet(peers.oneAtATime(peers.http("nginx/1.22.1")), {
        timeoutMs: 1_000,
      });
      expect(verdict).toMatchObject({ service: "http", product: "nginx", version: "1.22.1" });
    });

    test("greets late", async () => {
      // Later than the built-in wait of 500 ms, and in the last third of the file's.
      const { verdict } = await meet(peers.lateGreeter(builtin ? 800 : 1_100, SSH));
      expect(verdict).toMatchObject({ service: "ssh", product: "OpenSSH" });
    });

    test("is a mail server and punishes who talks before it has greeted", async () => {
      const { peer, interrupted } = peers.strictMailServer(700);
      const { verdict, connections } = await meet(peer, { as: 25, timeoutMs: 1_500 });
      expect(verdict).toMatchObject({ service: "smtp", product: "Postfix" });
      expect(interrupted()).toBe(0);
      expect(connections).toBe(1);
    });

    test("is an sshd that counts who leaves before authentication", async () => {
      for (const as of [22, 40_022]) {
        const { verdict, connections } = await meet(peers.penalising(SSH, 1), { as });
        expect(verdict).toMatchObject({ service: "ssh", product: "OpenSSH" });
        expect(connections).toBe(1);
      }
    });

    test("is a MySQL that counts who leaves during the handshake", async () => {
      for (const as of [3306, 43_306]) {
        const { verdict, connections } = await meet(peers.penalising(MYSQL, 1), { as });
        expect(verdict).toMatchObject({ service: "mysql", product: "MySQL", version: "8.0.36" });
        // One cannot be avoided: only a login is no aborted handshake.
        expect(connections).toBe(1);
      }
    });
  });
}
