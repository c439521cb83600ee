import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openTcp } from "../../lib/net/tcp.ts";
import type { Connection, Resumption } from "../../lib/net/types.ts";
import { certified, ignore, type KeyPair, listening, tcpServer } from "./servers.ts";

let pair: KeyPair;
beforeAll(() => {
  pair = certified("doorplate.test");
});
afterAll(() => pair.remove());

const START = { servername: null, alpn: [], timeoutMs: 5_000 };
const der = () => new X509Certificate(pair.cert).raw;

async function connect(port: number, onClosed?: () => void): Promise<Connection> {
  const opened = await openTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000, onClosed });
  if (opened.state !== "open") throw new Error(`expected an open port, got ${JSON.stringify(opened)}`);
  onTestFinished(() => opened.connection.close());
  return opened.connection;
}

function tlsServer(options: TlsOptions, serve: (socket: TLSSocket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTlsServer({ key: pair.key, cert: pair.cert, ...options }, (socket) => {
    socket.on("error", () => sockets.delete(socket));
    serve(socket);
  });
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => sockets.delete(socket))));
  server.on("tlsClientError", ignore);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listening(server);
}

describe("startTls", () => {
  it("shows a TLS 1.3 session and carries the conversation on inside it", async () => {
    const names: unknown[] = [];
    const port = await tlsServer({ ALPNProtocols: ["h2", "http/1.1"] }, (socket) => {
      names.push(socket.servername);
      socket.on("data", (chunk) => socket.end(`you said ${chunk}`));
    });
    const closed = Promise.withResolvers<void>();
    const connection = await connect(port, closed.resolve);
    const session = await connection.startTls({ servername: "a.test", alpn: ["http/1.1"], timeoutMs: 5_000 });
    expect(session).toMatchObject({ protocol: "TLSv1.3", alpn: "http/1.1" });
    expect(session?.cipher).toMatch(/^TLS_(AES|CHACHA20)_/);
    expect(session?.certificates).toEqual([der()]);
    expect(connection.tls).toBe(session);
    connection.write(Buffer.from("hello"));
    const read = await connection.read({ timeoutMs: 5_000 });
    expect(read).toMatchObject({ data: Buffer.from("you said hello"), end: "eof" });
    expect(names).toEqual(["a.test"]);
    expect(await connection.startTls(START)).toBeNull();
    await closed.promise;
  });

  it("sends no server name where there is none, or only an address", async () => {
    const names: unknown[] = [];
    const port = await tlsServer({}, (socket) => names.push(socket.servername));
    for (const servername of [null, "", "127.0.0.1", "::1", "x".repeat(300)]) {
      const session = await (await connect(port)).startTls({ ...START, servername });
      expect(session).toMatchObject({ alpn: null });
    }
    await expect.poll(() => names).toEqual([false, false, false, false, false]);
  });

  it("speaks to a server that knows only TLS 1.0, and to one that knows only 1.1", async () => {
    for (const version of ["TLSv1", "TLSv1.1"] as const) {
      const ciphers = "ALL:@SECLEVEL=0";
      const port = await tlsServer({ minVersion: version, maxVersion: version, ciphers }, (socket) =>
        socket.write("old"),
      );
      const connection = await connect(port);
      const session = await connection.startTls(START);
      expect(session).toMatchObject({ protocol: version });
      expect(session?.cipher).toMatch(/^TLS_\w+_WITH_\w+$/);
      expect(session?.certificates).toHaveLength(1);
      expect((await connection.read({ timeoutMs: 5_000, maxBytes: 3 })).data).toEqual(Buffer.from("old"));
    }
  });

  it("prefers a certificate over anonymity, which some mail servers would grant", async () => {
    const port = await tlsServer({ maxVersion: "TLSv1.2", ciphers: "aNULL:ALL:@SECLEVEL=0" }, ignore);
    expect((await (await connect(port)).startTls(START))?.certificates).toHaveLength(1);
  });

  it("gives the whole chain as sent, leaf first, each certificate once", async () => {
    const middle = certified("middle.test", pair);
    const leaf = certified("leaf.test", middle);
    onTestFinished(() => [middle, leaf].forEach((made) => void made.remove()));
    const sent = [leaf, middle, pair, pair].map(({ cert }) => cert.toString());
    const port = await tlsServer({ key: leaf.key, cert: sent.join("\n") }, ignore);
    const session = await (await connect(port)).startTls(START);
    expect(session?.certificates.map((raw) => new X509Certificate(raw).subject)).toEqual([
      "CN=leaf.test",
      "CN=middle.test",
      "CN=doorplate.test",
    ]);
  });

  it("ends with the time when the server never finishes, whether it is silent or drips", async () => {
    const ports = [
      await tcpServer(ignore),
      await tcpServer((socket) => {
        // A record of 16 KiB is announced; its bytes come one at a time.
        socket.write(Buffer.from([0x16, 3, 3, 0x40, 0]));
        const timer = setInterval(() => socket.write("\x02"), 5);
        socket.on("close", () => clearInterval(timer));
      }),
    ];
    for (const port of ports) {
      const closed = Promise.withResolvers<void>();
      const connection = await connect(port, closed.resolve);
      expect(await connection.startTls({ ...START, timeoutMs: 80 })).toBeNull();
      expect(connection).toMatchObject({ ended: true, tls: null });
      connection.write(Buffer.from("dropped"));
      expect((await connection.read({ timeoutMs: 5_000 })).end).toBe("reset");
      await closed.promise;
    }
  });

  it("fails on a server that speaks something else, resets, or leaves", async () => {
    const ports = [
      await tcpServer((socket) => socket.write("220 mail ESMTP\r\n")),
      await tcpServer((socket) => socket.once("data", () => socket.write("HTTP/1.0 400 Bad\r\n\r\n"))),
      await tcpServer((socket) => socket.once("data", () => socket.resetAndDestroy())),
      await tcpServer((socket) => socket.once("data", () => socket.end())),
    ];
    for (const port of ports) {
      const closed = Promise.withResolvers<void>();
      const connection = await connect(port, closed.resolve);
      const greeting = connection.read({ timeoutMs: 20 });
      await greeting;
      expect(await connection.startTls({ ...START, timeoutMs: 300 })).toBeNull();
      await closed.promise;
    }
  });

  it("fails when a server knows none of the offered protocols, and succeeds without an offer", async () => {
    const port = await tlsServer({ ALPNProtocols: ["h2"] }, ignore);
    expect(await (await connect(port)).startTls({ ...START, alpn: ["x"] })).toBeNull();
    expect(await (await connect(port)).startTls(START)).toMatchObject({ alpn: null });
  });

  it("forgets what came in the clear before the handshake", async () => {
    const server = createServer((socket) => {
      socket.on("error", ignore);
      socket.write("220 ready\r\ninjected");
      const secure = new TLSSocket(socket, { isServer: true, key: pair.key, cert: pair.cert });
      secure.on("error", ignore);
      secure.write("inside");
      onTestFinished(() => void socket.destroy());
    });
    onTestFinished(() => void server.close());
    const connection = await connect(await listening(server));
    await connection.read({ timeoutMs: 5_000, maxBytes: 11 });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await connection.startTls(START)).not.toBeNull();
    expect((await connection.read({ timeoutMs: 5_000, maxBytes: 6 })).data).toEqual(Buffer.from("inside"));
  });

  it("takes a FIN without close_notify for the end and keeps the bytes before it", async () => {
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const server = createServer((socket) => {
        socket.on("error", ignore);
        const options = { isServer: true, key: pair.key, cert: pair.cert, maxVersion };
        const secure = new TLSSocket(socket, options);
        secure.on("error", ignore);
        secure.on("data", () => secure.write("cut short", () => socket.end()));
      });
      onTestFinished(() => void server.close());
      const connection = await connect(await listening(server));
      expect(await connection.startTls(START)).toMatchObject({ protocol: maxVersion });
      connection.write(Buffer.from("?"));
      const read = await connection.read({ timeoutMs: 5_000 });
      expect(read).toMatchObject({ data: Buffer.from("cut short"), end: "eof" });
    }
  });

  it("caps an endless sender inside TLS too, and loses none of its bytes", async () => {
    const stream = Buffer.alloc(32 * 1_048_576);
    for (let at = 0; at < stream.length; at += 4) stream.writeUInt32LE(at, at);
    const port = await tlsServer({}, (socket) => socket.write(stream));
    const connection = await connect(port);
    await connection.startTls(START);
    for (let at = 0; at < 4 * 65_536; at += 65_536) {
      const read = await connection.read({ timeoutMs: 5_000 });
      expect(read.end).toBe("cap");
      expect(stream.subarray(at, at + 65_536).equals(read.data)).toBe(true);
    }
  });

  it("shows the session of a server that insists on a client certificate", async () => {
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const files = ["-key", pair.keyFile, "-cert", pair.certFile];
      const server = spawn("openssl", [
        "s_server",
        "-accept",
        "127.0.0.1:0",
        "-Verify",
        "1",
        version,
        ...files,
      ]);
      onTestFinished(() => void server.kill());
      const port = await new Promise<number>((resolve) => {
        let text = "";
        server.stdout.on("data", (chunk) => {
          text += chunk;
          const match = /ACCEPT .*:(\d+)/.exec(text);
          if (match) resolve(Number(match[1]));
        });
      });
      const connection = await connect(port);
      const session = await connection.startTls(START);
      expect(session?.protocol).toBe(version === "-tls1_2" ? "TLSv1.2" : "TLSv1.3");
      expect(session?.certificates).toEqual([der()]);
      expect(connection.tls).toBe(session);
      // The refusal is how the conversation ends, not an error.
      expect(["reset", "eof"]).toContain((await connection.read({ timeoutMs: 5_000 })).end);
      expect(connection.ended).toBe(true);
    }
  });

  it("resumes a session instead of a second full handshake, where the server gives one", async () => {
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const reused: boolean[] = [];
      const port = await tlsServer({ maxVersion }, (socket) => {
        reused.push(socket.isSessionReused());
        socket.end("hello");
      });
      const resumption: Resumption = { session: null };
      for (let n = 0; n < 2; n++) {
        const connection = await connect(port);
        const session = await connection.startTls({ ...START, resumption });
        expect(session?.protocol).toBe(maxVersion);
        if (n === 0) expect(session?.certificates).toEqual([der()]);
        expect(Buffer.from((await connection.read({ timeoutMs: 2_000 })).data).toString()).toBe("hello");
        connection.close();
      }
      expect(reused).toEqual([false, true]);
    }
  });

  it("can be broken off by closing", async () => {
    const connection = await connect(await tcpServer(ignore));
    const session = connection.startTls(START);
    connection.close();
    expect(await session).toBeNull();
  });
});
