import { createServer as createTcp } from "node:net";
import { createServer } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { certified, listening, tcpServer, udpServer } from "../../net/servers.ts";
import { driven, smallPack } from "./files.ts";

const HTTP = "HTTP/1.0 200 OK\r\nServer: Acme/2.1\r\n\r\nhi";

/** Answers HTTP requests; anything else is awaited in silence. */
const web = () =>
  tcpServer((socket) =>
    socket.on("data", (data) => {
      if (data.toString().startsWith("GET ")) socket.end(HTTP);
    }),
  );

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

describe("racing", () => {
  test("a server that turns further connections away is asked in order", async () => {
    let open = 0;
    const port = await tcpServer((socket) => {
      socket.on("close", () => open--);
      if (++open > 1) return void socket.resetAndDestroy();
      socket.on("data", (data) => {
        if (data.toString().startsWith("GET ")) socket.end(HTTP);
      });
    });
    const found = await driven({ pack: smallPack(), port });
    expect(found).toMatchObject({ final: "hard", service: "http" });
    expect(found.flags).toEqual(["serial"]);
  });

  test("cuts the wait for a banner short where a registered probe was answered, and says so", async () => {
    const port = await web();
    const found = await driven({ pack: smallPack(port), port });
    expect(found).toMatchObject({ final: "hard", service: "http", flags: ["banner-cut"] });
    // The probe before it in the file was asked first, and its whole window waited for.
    expect(found.probes).toEqual(["NULL", "Lines", "Get"]);
  });

  test("asks nothing ahead where a greeting is expected", async () => {
    let connections = 0;
    const port = await tcpServer((socket) => {
      connections++;
      setTimeout(() => socket.writable && socket.write("HELLO slow\r\n"), 800);
    });
    const found = await driven({ pack: smallPack(port), port, serverFirst: () => true });
    expect([found.service, connections]).toEqual(["greet", 1]);
  });

  test("never has more than three connections open at once", async () => {
    let [open, most] = [0, 0];
    const port = await tcpServer((socket) => {
      most = Math.max(most, ++open);
      socket.resume();
      socket.on("close", () => open--);
    });
    await driven({ pack: smallPack(), port, intensity: 9 });
    expect(most).toBeGreaterThan(1);
    // The one that was closed may still be on its way out.
    expect(most).toBeLessThanOrEqual(4);
  });

  test("ends at the deadline", async () => {
    const port = await tcpServer(() => undefined);
    const found = await driven({ pack: smallPack(), port, deadline: performance.now() + 300 });
    expect(found.probes).toEqual([]);
    expect(found.service).toBeNull();
  });
});

describe("UDP", () => {
  test("an answer is matched", async () => {
    const port = await udpServer((datagram, from, socket) => {
      if (datagram.toString() === "ask") socket.send("answer seven", from.port, from.address);
    });
    const found = await driven({ pack: smallPack(port), port, transport: "udp" });
    expect(found).toMatchObject({ final: "hard", service: "answer", fields: { version: "seven" } });
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
