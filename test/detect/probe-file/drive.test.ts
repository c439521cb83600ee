import { createServer as createTcp } from "node:net";
import { createServer } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { openTcp } from "../../../lib/net/tcp.ts";
import { certified, closedPort, listening, tcpServer, udpServer } from "../../net/servers.ts";
import { standStill } from "../../net/stand-still.ts";
import { driven, HTTP, smallPack, web } from "./files.ts";

for (const strictOrder of [true, false]) {
  describe(strictOrder ? "in strict order" : "racing", () => {
    test("a banner that matches ends it at once", async () => {
      const port = await tcpServer((socket) => socket.write("HELLO v3\r\n"));
      const found = await driven({ pack: smallPack(), port, strictOrder });
      expect(found).toMatchObject({
        final: "hard",
        service: "greet",
        fields: { product: "Greeter", version: "v3" },
      });
      expect(found.probes).toEqual(["NULL"]);
    });

    test("a banner and a close at once is still read", async () => {
      const port = await tcpServer((socket) => socket.end("HELLO v3\r\n"));
      const found = await driven({ pack: smallPack(), port, strictOrder });
      expect(found).toMatchObject({ final: "hard", fields: { version: "v3" }, wrapPossible: false });
    });

    test("a banner after 1.2 s counts, although others were asked meanwhile", async () => {
      const port = await tcpServer((socket) => {
        const timer = setTimeout(() => socket.write("HELLO late\r\n"), 1_200);
        socket.on("close", () => clearTimeout(timer));
      });
      const found = await driven({ pack: smallPack(port), port, strictOrder });
      expect(found).toMatchObject({ final: "hard", service: "greet", fields: { version: "late" } });
      expect(found.flags).toEqual([]);
    });

    test("who closes every connection without a word is tcpwrapped", async () => {
      const port = await tcpServer((socket) => socket.end());
      const found = await driven({ pack: smallPack(), port, strictOrder });
      expect(found).toMatchObject({ final: "tcpwrapped", entries: [] });
      expect(found.probes).toEqual(["NULL"]);
    });

    test("who closes after tcpwrappedms is not wrapped, although we turn to its connection late", async () => {
      // In the pack that is 1,000 ms.
      const { promise: closing, resolve: closed } = Promise.withResolvers<void>();
      const port = await tcpServer((socket) => {
        const timer = setTimeout(() => socket.end(closed), 1_010);
        socket.on("close", () => clearTimeout(timer));
        socket.on("data", (data) => data.toString().startsWith("GET ") && socket.end(HTTP));
      });
      const opened = await openTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
      await closing;
      const connection = opened.state === "open" ? opened.connection : null;
      const found = await driven({ pack: smallPack(), port, strictOrder, connection });
      expect(found).toMatchObject({ final: "hard", service: "http" });
    });

    for (const most of [1, 9])
      test(`who closes after the window is silent, not wrapped, although the wait went on where this machine had no time; holds ${most}`, async () => {
        let held = 0;
        const port = await tcpServer((socket) => {
          if (++held > most) socket.end();
          const timer = setTimeout(() => socket.end(), 2_600);
          socket.on("close", () => {
            held--;
            clearTimeout(timer);
          });
          socket.on("data", () => socket.resetAndDestroy());
        });
        const busy = setInterval(standStill, 20, 100);
        const found = await driven({ pack: smallPack(), port, strictOrder });
        clearInterval(busy);
        expect(found).toMatchObject({ final: "no-match", wrapPossible: false });
        expect(found.probes).toHaveLength(5);
      });

    test("a server that is never heard and never closes is no match, and not wrapped", async () => {
      const port = await tcpServer(() => undefined);
      const found = await driven({ pack: smallPack(), port, strictOrder });
      expect(found).toMatchObject({ final: "no-match", service: null, wrapPossible: false });
      expect(found.probes).toEqual(["NULL", "Lines", "Get", "Hello", "Help"]);
    });

    test("one that answers is found on a port where its probe is not registered", async () => {
      const port = await web();
      const found = await driven({ pack: smallPack(), port, strictOrder });
      expect(found).toMatchObject({
        final: "hard",
        service: "http",
        fields: { product: "Acme httpd", version: "2.1" },
      });
      expect(found.flags).toEqual([]);
    });

    test("a soft match narrows the choice to probes that know the service, and its fields survive", async () => {
      const port = await tcpServer((socket) => {
        socket.write("220 welcome\r\n");
        socket.on("data", (data) => {
          if (data.toString().startsWith("HELP")) socket.write("214 VroomFTP 1.5\r\n");
        });
      });
      const found = await driven({ pack: smallPack(port), port, strictOrder });
      expect(found.probes).toEqual(["NULL", "Help"]);
      // On the banner's own connection "214" is not at the start any more: the soft match is all there is.
      expect(found).toMatchObject({
        final: "soft",
        service: "ftp",
        fields: { info: "soft", hostname: "first.example" },
      });
      expect(found.entries.map(({ probe, data }) => [probe, data.length])).toEqual([
        ["NULL", 13],
        ["Help", 31],
      ]);
    });

    test("the banner and the answer on the same connection are matched together", async () => {
      const port = await tcpServer((socket) => {
        socket.write("200 ready\r\n");
        socket.on("data", () => socket.write("500 what?\r\n"));
      });
      const found = await driven({ pack: smallPack(), port, strictOrder });
      expect(found).toMatchObject({
        final: "hard",
        service: "banner-and-help",
        fields: { product: "Carrier" },
      });
      expect(found.exchanges.map(({ connection }) => connection)).toEqual([0, 0]);
    });

    test("an endless stream ends each probe at 4096 bytes", async () => {
      const port = await tcpServer((socket) => {
        const send = () => socket.writable && socket.write("x".repeat(1_000), send);
        send();
      });
      const found = await driven({ pack: smallPack(), port, strictOrder });
      expect(found.final).toBe("no-match");
      expect(found.probes.slice(0, 2)).toEqual(["NULL", "Lines"]);
      for (const { data } of found.exchanges) expect(data.length).toBeLessThanOrEqual(65_536);
    });

    test("TLS is begun when it shows itself, and the service is found inside", async () => {
      const pair = certified("inside.example");
      const server = createServer({ key: pair.key, cert: pair.cert }, (socket) => {
        socket.on("error", () => undefined);
        socket.on("data", (data) => {
          if (data.toString().startsWith("GET ")) socket.end(HTTP);
        });
      });
      server.on("tlsClientError", () => undefined);
      onTestFinished(() => {
        server.close();
        pair.remove();
      });
      const port = await listening(server);
      const found = await driven({ pack: smallPack(0, port), port, strictOrder });
      expect(found).toMatchObject({
        final: "hard",
        service: "http",
        tunnel: true,
        fields: { version: "2.1" },
      });
      expect(found.tls?.certificates.length).toBe(1);
      expect(found.exchanges.map(({ tls }) => tls)).toContain(true);
    });

    test("a server of one connection at a time gives the same answer", async () => {
      // Accepts the next connection only when the one before is closed.
      const port = await oneByOne((text) => (text.startsWith("GET ") ? HTTP : null));
      const found = await driven({ pack: smallPack(), port, strictOrder });
      expect(found).toMatchObject({ final: "hard", service: "http", fields: { version: "2.1" } });
    });
  });
}

/** One worker: whoever connects second waits until the first is gone. */
async function oneByOne(answer: (text: string) => string | null): Promise<number> {
  const waiting: (() => void)[] = [];
  let busy = false;
  const server = createTcp({ pauseOnConnect: true }, (socket) => {
    const serve = () => {
      if (socket.destroyed) {
        busy = false;
        return;
      }
      busy = true;
      socket.on("error", () => undefined);
      socket.on("data", (data) => {
        const text = answer(data.toString());
        if (text) socket.end(text);
      });
      socket.on("end", () => socket.end());
      socket.on("close", () => {
        busy = false;
        waiting.shift()?.();
      });
      socket.resume();
    };
    if (busy) waiting.push(serve);
    else serve();
  });
  onTestFinished(() => void server.close());
  return listening(server);
}

describe("UDP", () => {
  test("an answer is matched", async () => {
    const port = await udpServer((datagram, from, socket) => {
      if (datagram.toString() === "ask") socket.send("answer seven", from.port, from.address);
    });
    const found = await driven({ pack: smallPack(port), port, transport: "udp" });
    expect(found).toMatchObject({ final: "hard", service: "answer", fields: { version: "seven" } });
  });

  test("each probe is one datagram from a port of its own, and what comes in its time is one answer", async () => {
    const heard: [string, number][] = [];
    const port = await udpServer((datagram, from, socket) => {
      heard.push([datagram.toString(), from.port]);
      if (datagram.toString() !== "other") return;
      socket.send("one,", from.port, from.address, () => socket.send("two", from.port, from.address));
    });
    const found = await driven({ pack: smallPack(port), port, transport: "udp" });
    expect(heard.map(([text]) => text)).toEqual(["ask", "other"]);
    expect(new Set(heard.map(([, from]) => from)).size).toBe(2);
    expect(found.entries.map(({ probe, data }) => [probe, Buffer.from(data).toString()])).toEqual([
      ["Other", "one,two"],
    ]);
  });

  test("a port that every probe finds closed is tcpwrapped, whatever that means there", async () => {
    const found = await driven({ pack: smallPack(), port: await closedPort(), transport: "udp" });
    expect(found).toMatchObject({ final: "tcpwrapped", probes: ["Ask", "Other"] });
  });

  test("DTLS is named and left alone", async () => {
    const port = await udpServer((datagram, from, socket) => {
      if (datagram.toString() === "other") socket.send("dtls", from.port, from.address);
    });
    const found = await driven({ pack: smallPack(), port, transport: "udp" });
    expect(found).toMatchObject({
      final: "incomplete",
      tunnel: true,
      service: null,
      flags: ["dtls-unsupported"],
    });
  });

  test("silence is no match", async () => {
    const port = await udpServer(() => undefined);
    const found = await driven({ pack: smallPack(), port, transport: "udp" });
    expect(found).toMatchObject({ final: "no-match", wrapPossible: false });
  });
});

describe("a greeting that no line knows", () => {
  const server = () =>
    tcpServer((socket) => {
      socket.write("200 ready\r\n");
      socket.on("data", () => socket.write("500 what?\r\n"));
    });

  test("is followed soon by a registered probe on the same connection, and that is said", async () => {
    const port = await server();
    const found = await driven({ pack: smallPack(port), port });
    expect(found).toMatchObject({ service: "banner-and-help", flags: ["banner-cut"] });
    expect(found.exchanges.map(({ connection }) => connection)).toEqual([0, 0]);
  });

  test("keeps its whole window where the next probe is not registered", async () => {
    const port = await server();
    const found = await driven({ pack: smallPack(), port });
    expect(found).toMatchObject({ service: "banner-and-help", flags: [] });
  });
});
