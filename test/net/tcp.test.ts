import { spawn } from "node:child_process";
import { stat } from "node:fs";
import { performance } from "node:perf_hooks";
import { describe, expect, it, onTestFinished } from "vitest";
import { InputError } from "../../lib/model/errors.ts";
import { isSelfConnect, literalFamily } from "../../lib/net/address.ts";
import { bySocket, connect as cheaply } from "../../lib/net/connect.ts";
import { stateOfError } from "../../lib/net/connect-errors.ts";
import { openTcp } from "../../lib/net/tcp.ts";
import type { Connection, Opened, ReadBounds } from "../../lib/net/types.ts";
import { closedPort, ignore, tcpServer } from "./servers.ts";

const BOUNDS: ReadBounds = { timeoutMs: 5_000 };
const KIB_64 = 65_536;

async function connect(port: number, host = "127.0.0.1", onClosed?: () => void): Promise<Connection> {
  const opened = await openTcp({ host, port }, { timeoutMs: 5_000, onClosed });
  if (opened.state !== "open") throw new Error(`expected an open port, got ${JSON.stringify(opened)}`);
  return opened.connection;
}

describe.each([
  ["on the bare handle", cheaply],
  ["where Node gives none, on a socket", bySocket],
])("connecting %s", (_, way) => {
  it("finds a listening port open, on IPv4 and on IPv6", async () => {
    for (const host of ["127.0.0.1", "::1"]) {
      const opened = await openTcp({ host, port: await tcpServer(ignore, host) }, { timeoutMs: 5_000 }, way);
      expect(opened).toMatchObject({ state: "open", reason: "syn-ack" });
      if (opened.state !== "open") continue;
      expect(opened.connection).toMatchObject({ transport: "tcp", ended: false, tls: null });
      expect(opened.connection.connectMs).toBeGreaterThan(0);
      opened.connection.close();
    }
  });

  it("finds a port where nobody listens closed", async () => {
    for (const host of ["127.0.0.1", "::1"]) {
      const opened = await openTcp({ host, port: await closedPort(host) }, { timeoutMs: 5_000 }, way);
      expect(opened).toEqual({ state: "closed", reason: "conn-refused" });
    }
  });

  it("finds a port filtered when no answer comes", async () => {
    // A stopped process whose backlog is full: Linux then drops each further SYN.
    const listen = `const server = require("node:net").createServer();
      server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));`;
    const child = spawn(process.execPath, ["-e", listen]);
    onTestFinished(() => void child.kill("SIGKILL"));
    const port = Number(await new Promise((resolve) => child.stdout.once("data", resolve)));
    child.kill("SIGSTOP");
    const states: unknown[] = [];
    for (let n = 0; n < 8 && !states.includes("no-response"); n++) {
      const opened = await openTcp({ host: "127.0.0.1", port }, { timeoutMs: 300 }, way);
      if (opened.state === "open") onTestFinished(() => opened.connection.close());
      states.push(opened.reason);
    }
    expect(states.at(-1)).toBe("no-response");
    expect(states[0]).toBe("syn-ack");
  });

  it("does not call a port filtered because this process itself was late", async () => {
    const port = await tcpServer(ignore);
    // Of one turn, the sockets are polled first and the timers run last: connect after the poll, then be late.
    const opened = await new Promise<Opened>((resolve, reject) => {
      stat("/", async () => {
        openTcp({ host: "127.0.0.1", port }, { timeoutMs: 20 }, way).then(resolve, reject);
        await new Promise((tick) => process.nextTick(tick));
        for (const until = performance.now() + 80; performance.now() < until; );
      });
    });
    expect(opened.state).toBe("open");
    if (opened.state === "open") opened.connection.close();
  });

  it("finds nothing out when it is aborted, before or meanwhile", async () => {
    const port = await tcpServer(ignore);
    const endpoint = { host: "127.0.0.1", port };
    const aborted = { state: "error", reason: "aborted" };
    expect(await openTcp(endpoint, { timeoutMs: 5_000, signal: AbortSignal.abort() }, way)).toEqual(aborted);
    const controller = new AbortController();
    const pending = openTcp(endpoint, { timeoutMs: 5_000, signal: controller.signal }, way);
    controller.abort();
    expect(await pending).toEqual(aborted);
  });

  it("says what a server says at once, and hangs up on it without a trace", async () => {
    const gone = Promise.withResolvers<void>();
    const port = await tcpServer((socket) => {
      socket.write("220 hello\r\n");
      socket.once("close", () => gone.resolve());
    });
    const closed = Promise.withResolvers<void>();
    const opened = await openTcp(
      { host: "127.0.0.1", port },
      { timeoutMs: 5_000, onClosed: closed.resolve },
      way,
    );
    if (opened.state !== "open") throw new Error(`expected an open port, got ${opened.reason}`);
    const { data } = await opened.connection.read({ timeoutMs: 5_000, quietMs: 20 });
    expect(Buffer.from(data).toString()).toBe("220 hello\r\n");
    opened.connection.close();
    await Promise.all([gone.promise, closed.promise]);
  });
});

it("the bare handle is what this Node connects with", () => {
  expect(cheaply).not.toBe(bySocket);
});

describe("an address", () => {
  it("never resolves a name", async () => {
    for (const host of ["localhost", "", "127.1", "0x7f000001", "::1%lo", "127.0.0.1 "]) {
      await expect(openTcp({ host, port: 80 }, { timeoutMs: 100 })).rejects.toBeInstanceOf(InputError);
    }
    expect(() => literalFamily({ host: "127.0.0.1", port: 65_536 })).toThrow(InputError);
    expect(literalFamily({ host: "::ffff:127.0.0.1", port: 0 })).toBe(6);
  });

  it("tells from the errno what is known of the port", () => {
    const rows: [string | undefined, string, string][] = [
      ["ECONNREFUSED", "closed", "conn-refused"],
      ["ECONNRESET", "closed", "conn-reset"],
      ["ETIMEDOUT", "filtered", "no-response"],
      ["EHOSTUNREACH", "filtered", "host-unreach"],
      ["ENETUNREACH", "filtered", "net-unreach"],
      ["EACCES", "filtered", "admin-prohibited"],
      ["EPERM", "filtered", "admin-prohibited"],
      ["EMFILE", "error", "EMFILE"],
      ["ENFILE", "error", "ENFILE"],
      ["EADDRNOTAVAIL", "error", "EADDRNOTAVAIL"],
      ["EAFNOSUPPORT", "error", "EAFNOSUPPORT"],
      ["EINVAL", "error", "EINVAL"],
      [undefined, "error", "unknown"],
    ];
    for (const [code, state, reason] of rows) expect(stateOfError(code)).toEqual({ state, reason });
  });

  it("knows a socket that is connected to itself", () => {
    const self = { localAddress: "::1", localPort: 40_000, remoteAddress: "::1", remotePort: 40_000 };
    expect(isSelfConnect(self)).toBe(true);
    expect(isSelfConnect({ ...self, localPort: 40_001 })).toBe(false);
    expect(isSelfConnect({ ...self, localAddress: "127.0.0.1" })).toBe(false);
    expect(isSelfConnect({})).toBe(false);
  });
});

describe("reading", () => {
  it("waits for a silent server until the time is over, and no longer", async () => {
    const connection = await connect(await tcpServer(ignore));
    expect(await connection.read({ timeoutMs: 30 })).toEqual({
      data: Buffer.alloc(0),
      end: "timeout",
      firstByteMs: null,
    });
    expect(connection.ended).toBe(false);
    connection.close();
  });

  it("gives a banner before the FIN behind it", async () => {
    const connection = await connect(await tcpServer((socket) => socket.end("SSH-2.0-x\r\n")));
    const banner = await connection.read(BOUNDS);
    expect(banner.data.toString()).toBe("SSH-2.0-x\r\n");
    expect(banner.end).toBe("eof");
    expect(banner.firstByteMs).toBeGreaterThanOrEqual(0);
    expect(connection.ended).toBe(true);
    connection.write(Buffer.from("nobody hears this"));
    expect(await connection.read(BOUNDS)).toMatchObject({ data: Buffer.alloc(0), end: "eof" });
  });

  it("stops when the protocol says that all is there, and leaves what follows to the next read", async () => {
    const port = await tcpServer((socket) => {
      socket.once("data", () => socket.write("one\n"));
      socket.once("end", () => socket.end());
      setTimeout(() => socket.write("two\n"), 60);
    });
    const connection = await connect(port);
    connection.write(Buffer.from("go"));
    const line = { timeoutMs: 5_000, complete: (bytes: Uint8Array) => bytes.at(-1) === 0x0a };
    expect(await connection.read(line)).toMatchObject({ data: Buffer.from("one\n"), end: "complete" });
    expect(await connection.read(line)).toMatchObject({ data: Buffer.from("two\n"), end: "complete" });
    connection.close();
  });

  it("gives bytes that came between two reads to the later one", async () => {
    const early = Promise.withResolvers<void>();
    const port = await tcpServer((socket) => {
      socket.write("early", () => early.resolve());
      socket.on("data", () => socket.write("+answer"));
    });
    const connection = await connect(port);
    await early.promise;
    await new Promise((resolve) => setTimeout(resolve, 50));
    connection.write(Buffer.from("?"));
    const read = await connection.read({
      timeoutMs: 5_000,
      complete: (bytes) => bytes.length === "early+answer".length,
    });
    expect(read).toEqual({ data: Buffer.from("early+answer"), end: "complete", firstByteMs: 0 });
    connection.close();
  });

  it("stops when bytes came and then none for quietMs, but never before the first", async () => {
    const port = await tcpServer((socket) => setTimeout(() => socket.write("late banner"), 120));
    const connection = await connect(port);
    const read = await connection.read({ timeoutMs: 5_000, quietMs: 20 });
    expect(read).toMatchObject({ data: Buffer.from("late banner"), end: "quiet" });
    connection.close();
  });

  it("lets no sender of single bytes stretch the time", async () => {
    const port = await tcpServer((socket) => {
      socket.setNoDelay(true);
      const timer = setInterval(() => socket.write("x"), 1);
      socket.on("close", () => clearInterval(timer));
    });
    const connection = await connect(port);
    const read = await connection.read({ timeoutMs: 150, quietMs: 5_000, complete: () => false });
    expect(read.end).toBe("timeout");
    expect(read.data.length).toBeGreaterThan(0);
    connection.close();
  });

  it("ends at the cap and goes on from there, without losing or hoarding a byte of an endless sender", async () => {
    const total = 64 * 1_048_576;
    const stream = Buffer.alloc(total);
    for (let at = 0; at < total; at += 4) stream.writeUInt32LE(at, at);
    let sent = 0;
    const port = await tcpServer((socket) => {
      const more = (error?: Error | null) => {
        if (error || sent === total) return;
        socket.write(stream.subarray(sent, sent + KIB_64), more);
        sent += KIB_64;
      };
      more();
    });
    const connection = await connect(port);
    for (let at = 0; at < 3 * KIB_64; at += KIB_64) {
      const read = await connection.read(BOUNDS);
      expect(read.end).toBe("cap");
      expect(stream.subarray(at, at + KIB_64).equals(read.data)).toBe(true);
    }
    const few = await connection.read({ timeoutMs: 5_000, maxBytes: 4 });
    expect(few).toMatchObject({ data: stream.subarray(3 * KIB_64, 3 * KIB_64 + 4), end: "cap" });
    const beyond = await connection.read({ timeoutMs: 5_000, maxBytes: 10 * KIB_64 });
    expect(beyond.data.length).toBe(KIB_64);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // The kernel's buffers are full, and nobody takes more out of them: the sender is held back.
    expect(sent).toBeLessThan(total / 2);
    connection.close();
  });

  it("keeps what came before a reset", async () => {
    const port = await tcpServer((socket) => {
      socket.write("421 go away\r\n");
      socket.once("data", () => socket.resetAndDestroy());
    });
    const connection = await connect(port);
    const banner = await connection.read({ timeoutMs: 5_000, complete: (bytes) => bytes.at(-1) === 0x0a });
    expect(banner.end).toBe("complete");
    connection.write(Buffer.from("EHLO\r\n"));
    expect(await connection.read(BOUNDS)).toMatchObject({ data: Buffer.alloc(0), end: "reset" });
    expect(connection.ended).toBe(true);
    connection.write(Buffer.from("dropped"));
    expect(await connection.read(BOUNDS)).toMatchObject({ end: "reset" });
    connection.close();
  });

  it("reports a bug in `complete` to its caller and to nobody else", async () => {
    const connection = await connect(await tcpServer((socket) => socket.write("bytes")));
    const complete = () => {
      throw new RangeError("parser bug");
    };
    await expect(connection.read({ timeoutMs: 5_000, complete })).rejects.toThrow("parser bug");
    connection.close();
  });

  it("refuses a second read while one waits", async () => {
    const connection = await connect(await tcpServer(ignore));
    const first = connection.read(BOUNDS);
    await expect(connection.read(BOUNDS)).rejects.toThrow("under way");
    connection.close();
    expect((await first).end).toBe("eof");
  });
});

describe("closing", () => {
  it("sends what was written, then FIN, and gives its descriptor back once", async () => {
    const heard = Promise.withResolvers<string>();
    const port = await tcpServer((socket) => {
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk.toString();
      });
      socket.on("end", () => heard.resolve(text));
    });
    const closed = Promise.withResolvers<void>();
    let times = 0;
    const connection = await connect(port, "127.0.0.1", () => {
      times++;
      closed.resolve();
    });
    connection.write(Buffer.from("QUIT\r\n"));
    connection.close();
    connection.close();
    connection.write(Buffer.from("too late"));
    expect(await heard.promise).toBe("QUIT\r\n");
    await closed.promise;
    expect(times).toBe(1);
    expect(connection.ended).toBe(true);
  });

  it("does not wait for a peer that neither reads nor closes, or that never stops sending", async () => {
    const chatter = Buffer.alloc(KIB_64, "x");
    const ports = [
      await tcpServer((socket) => socket.pause()),
      await tcpServer((socket) => {
        const more = (error?: Error | null) => {
          if (!error) socket.write(chatter, more);
        };
        more();
      }),
    ];
    for (const port of ports) {
      const closed = Promise.withResolvers<void>();
      const connection = await connect(port, "127.0.0.1", closed.resolve);
      connection.write(Buffer.alloc(16 * 1_048_576));
      connection.close();
      await closed.promise;
    }
  });

  it("happens by itself when the peer closes or resets", async () => {
    for (const leave of ["end", "resetAndDestroy"] as const) {
      const closed = Promise.withResolvers<void>();
      const port = await tcpServer((socket) => socket.once("data", () => socket[leave]()));
      (await connect(port, "127.0.0.1", closed.resolve)).write(Buffer.from("?"));
      await closed.promise;
    }
  });
});
