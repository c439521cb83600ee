import { createServer as createTcp } from "node:net";
import { createServer } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { FIRST_WIDTH, MOST_AT_ONCE } from "../../../lib/detect/probe-file/courtesy.ts";
import { openTcp } from "../../../lib/net/tcp.ts";
import { certified, closedPort, listening, tcpServer, udpServer } from "../../net/servers.ts";
import { standStill } from "../../net/stand-still.ts";
import { atMost, hangUp, lateGreeter, silent, strangeGreeter } from "../peers.ts";
import { driven, manyProbes, smallPack } from "./files.ts";

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

describe("racing", () => {
  test("a server that turns further connections away is asked in order", async () => {
    let open = 0;
    const port = await tcpServer((socket) => {
      socket.on("close", () => open--).resume();
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

  test("has three connections open at once, more where they are borne, and never more than that", async () => {
    const counts: number[] = [];
    let open = 0;
    const port = await tcpServer((socket) => {
      counts.push(++open);
      socket.resume();
      socket.on("close", () => open--);
    });
    const found = await driven({ pack: manyProbes(30, 1_500), port, intensity: 9 });
    expect(found.probes).toHaveLength(31);
    expect(Math.max(...counts)).toBeGreaterThan(FIRST_WIDTH);
    // The knock comes on top of those that were held.
    expect(Math.max(...counts)).toBeLessThanOrEqual(MOST_AT_ONCE + 1);
    expect(Math.max(...counts.slice(0, FIRST_WIDTH + 1))).toBeLessThanOrEqual(FIRST_WIDTH + 1);
  });

  test("stays below the number of connections at which one was turned away", async () => {
    const peer = atMost(4, silent);
    let [turned, open] = [0, 0];
    const port = await tcpServer((socket) => {
      if (open >= 4) turned++;
      open++;
      socket.on("close", () => open--);
      peer(socket);
    });
    const found = await driven({ pack: manyProbes(20, 1_500), port });
    expect(found.probes).toHaveLength(21);
    expect(found).toMatchObject({ final: "no-match", flags: [] });
    // On a busy machine it may never ask as many at once.
    expect(turned).toBeLessThanOrEqual(4);
  });

  test("a silent server that hangs up on requests is not taken for one that turns connections away", async () => {
    const port = await tcpServer(hangUp);
    const found = await driven({ pack: manyProbes(20, 1_500), port });
    expect(found).toMatchObject({ final: "no-match", flags: [], wrapPossible: false });
    expect(found.probes).toHaveLength(21);
  });

  test("a banner in the first probe's time counts as it would in strict order", async () => {
    // NULL listens for 2 s, and the first probe for 1.5 s on the same connection.
    const banner = lateGreeter(2_700, "HELLO later\r\n");
    const seen: Record<string, unknown>[] = [];
    for (const strictOrder of [true, false]) {
      const port = await tcpServer(banner);
      const found = await driven({ pack: manyProbes(20, 1_500), port, strictOrder });
      const { service, final, fields } = found;
      seen.push({ service, final, version: fields.version, probes: found.probes });
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[0]).toMatchObject({
      service: "greet",
      final: "hard",
      version: "later",
      probes: ["NULL", "P0"],
    });
  });

  test("who greets in no known way, the same on each connection, is asked side by side", async () => {
    let [open, most] = [0, 0];
    const port = await tcpServer((socket) => {
      most = Math.max(most, ++open);
      socket.on("close", () => open--);
      strangeGreeter(socket);
    });
    const found = await driven({ pack: manyProbes(6, 700), port });
    expect(found).toMatchObject({ final: "no-match", flags: [] });
    expect(found.entries.map(({ probe }) => probe)).toEqual(found.probes);
    expect(most).toBeGreaterThan(1);
  });

  test("a further connection that is greeted otherwise is not believed", async () => {
    let open = 0;
    const port = await tcpServer((socket) => {
      socket.on("close", () => open--).resume();
      if (++open > 1) return void socket.end("421 too many\r\n");
      socket.write("200 odd\r\n");
      socket.on("data", (data) => {
        if (data.toString() === "p2") socket.write("answer two\r\n");
      });
    });
    const found = await driven({ pack: manyProbes(3, 700), port });
    expect(found).toMatchObject({ final: "hard", service: "second", flags: ["serial"] });
    expect(found.entries.every(({ data }) => !Buffer.from(data).includes("421"))).toBe(true);
  });

  test("TLS is begun before the wait for a banner in the clear is over", async () => {
    const pair = certified("inside.example");
    let before = 0;
    const began = performance.now();
    const server = createServer({ key: pair.key, cert: pair.cert }, (socket) => {
      if (performance.now() - began < 2_000) before++;
      socket.on("error", () => undefined);
    });
    server.on("tlsClientError", () => undefined);
    onTestFinished(() => {
      server.close();
      pair.remove();
    });
    const port = await listening(server);
    const found = await driven({ pack: smallPack(), port });
    expect(found).toMatchObject({ tunnel: true, final: "no-match" });
    expect(before).toBeGreaterThan(0);
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
