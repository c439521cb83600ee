import { createSocket } from "node:dgram";
import { describe, expect, it } from "vitest";
import { InputError } from "../../lib/model/errors.ts";
import type { Connection } from "../../lib/net/types.ts";
import { openUdp } from "../../lib/net/udp.ts";
import { udpServer } from "./servers.ts";

async function connect(port: number, host = "127.0.0.1", onClosed?: () => void): Promise<Connection> {
  const opened = await openUdp({ host, port }, { onClosed });
  if (opened.state !== "open") throw new Error(`expected a socket, got ${JSON.stringify(opened)}`);
  return opened.connection;
}

describe("UDP", () => {
  it("carries a question and its answer, on IPv4 and on IPv6", async () => {
    for (const host of ["127.0.0.1", "::1"]) {
      const port = await udpServer((question, from, socket) => {
        socket.send(`re: ${question}`, from.port, from.address);
      }, host);
      const connection = await connect(port, host);
      expect(connection).toMatchObject({ transport: "udp", ended: false, tls: null });
      connection.write(Buffer.from("ping"));
      const read = await connection.read({ timeoutMs: 5_000, complete: (bytes) => bytes.length === 8 });
      expect(read).toMatchObject({ data: Buffer.from("re: ping"), end: "complete" });
      expect(await connection.startTls({ servername: null, alpn: [], timeoutMs: 10 })).toBeNull();
      connection.close();
      connection.close();
    }
  });

  it("joins the datagrams of one read", async () => {
    const port = await udpServer((_question, from, socket) => {
      for (const part of ["one,", "two,", "three"]) socket.send(part, from.port, from.address);
    });
    const connection = await connect(port);
    connection.write(Buffer.from("?"));
    const read = await connection.read({ timeoutMs: 5_000, quietMs: 100 });
    expect(read).toMatchObject({ data: Buffer.from("one,two,three"), end: "quiet" });
    connection.close();
  });

  it("keeps at most one read full of datagrams", async () => {
    const port = await udpServer((_question, from, socket) => {
      for (let n = 0; n < 4; n++) socket.send(Buffer.alloc(30_000, n), from.port, from.address);
    });
    const connection = await connect(port);
    connection.write(Buffer.from("?"));
    const read = await connection.read({ timeoutMs: 5_000 });
    expect(read.end).toBe("cap");
    expect(read.data.length).toBe(65_536);
    connection.close();
  });

  it("ends with a reset where nobody listens", async () => {
    for (const host of ["127.0.0.1", "::1"]) {
      const probe = createSocket(host === "::1" ? "udp6" : "udp4");
      const port = await new Promise<number>((resolve) => {
        probe.bind(0, host, () => resolve(probe.address().port));
      });
      await new Promise<void>((resolve) => probe.close(resolve));
      const closed = Promise.withResolvers<void>();
      const connection = await connect(port, host, closed.resolve);
      connection.write(Buffer.from("?"));
      const read = await connection.read({ timeoutMs: 5_000 });
      expect(read).toEqual({ data: Buffer.alloc(0), end: "reset", firstByteMs: null });
      expect(connection.ended).toBe(true);
      connection.write(Buffer.from("dropped"));
      await closed.promise;
    }
  });

  it("hears silence as a timeout, and nobody but the peer", async () => {
    let known = 0;
    const port = await udpServer((_question, from) => {
      known = from.port;
    });
    const connection = await connect(port);
    connection.write(Buffer.from("?"));
    await expect.poll(() => known).toBeGreaterThan(0);
    const stranger = createSocket("udp4");
    await new Promise<void>((resolve) => stranger.send("spoofed", known, "127.0.0.1", () => resolve()));
    stranger.close();
    expect(await connection.read({ timeoutMs: 50 })).toMatchObject({ data: Buffer.alloc(0), end: "timeout" });
    connection.close();
  });

  it("never resolves a name, and sends nothing to port 0", async () => {
    await expect(openUdp({ host: "localhost", port: 53 })).rejects.toBeInstanceOf(InputError);
    expect(await openUdp({ host: "127.0.0.1", port: 0 })).toEqual({ state: "error", reason: "EINVAL" });
  });
});

describe("UDP answers from another port", () => {
  it("hears the asked address, from whatever port, and refusals; nobody else", async () => {
    for (const host of ["127.0.0.1", "::1"]) {
      const elsewhere = createSocket(host === "::1" ? "udp6" : "udp4");
      let asker = 0;
      const port = await udpServer((question, from) => {
        asker = from.port;
        elsewhere.send(`re: ${question}`, from.port, from.address);
      }, host);
      const opened = await openUdp({ host, port }, { anyPort: true });
      if (opened.state !== "open") throw new Error("no socket");
      opened.connection.write(Buffer.from("ping"));
      const read = await opened.connection.read({
        timeoutMs: 5_000,
        complete: (bytes) => bytes.length === 8,
      });
      expect(read).toMatchObject({ data: Buffer.from("re: ping"), end: "complete" });
      if (host === "127.0.0.1") {
        const stranger = createSocket("udp4");
        await new Promise<void>((resolve) => stranger.bind(0, "127.0.0.2", () => resolve()));
        await new Promise<void>((resolve) => stranger.send("spoofed", asker, "127.0.0.1", () => resolve()));
        stranger.close();
        expect(await opened.connection.read({ timeoutMs: 50 })).toMatchObject({ end: "timeout" });
      }
      opened.connection.close();
      elsewhere.close();
    }
    const probe = createSocket("udp4");
    const free = await new Promise<number>((resolve) =>
      probe.bind(0, "127.0.0.1", () => resolve(probe.address().port)),
    );
    await new Promise<void>((resolve) => probe.close(resolve));
    const closed = Promise.withResolvers<void>();
    const opened = await openUdp(
      { host: "127.0.0.1", port: free },
      { anyPort: true, onClosed: closed.resolve },
    );
    if (opened.state !== "open") throw new Error("no socket");
    opened.connection.write(Buffer.from("?"));
    expect(await opened.connection.read({ timeoutMs: 5_000 })).toMatchObject({ end: "reset" });
    await closed.promise;
  });
});
