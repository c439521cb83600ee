import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { DEADLINE_FACTOR, type Detection, MOST_CONNECTIONS } from "../../lib/detect/detection.ts";
import type { Knowledge } from "../../lib/detect/interpret.ts";
import { speaksTls } from "../../lib/model/observation.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { certified, type KeyPair, tcpServer } from "../net/servers.ts";
import { detectAt } from "./detecting.ts";
import { hangUp } from "./peers.ts";

const TIMEOUT_MS = 500;
/** What a prober reckons with for one endpoint, and what a busy machine may add. */
const longest = (timeoutMs: number) => timeoutMs * (DEADLINE_FACTOR + 1) + 2_000;
const READ_CAP = 65_536;

let knowledge: Knowledge;
let keys: KeyPair;
beforeAll(() => {
  knowledge = { protocols, packs: [builtinPack()] };
  keys = certified("doorplate.test");
  return () => keys.remove();
});

async function detect(port: number, timeoutMs = TIMEOUT_MS): Promise<Detection> {
  const began = performance.now();
  const detection = await detectAt(port, { knowledge, timeoutMs, connections: 32 });
  // Not how fast, but that it ends: the prober's own deadline is built on this bound.
  expect(performance.now() - began).toBeLessThan(longest(timeoutMs));
  expect(detection.connections).toBeLessThanOrEqual(MOST_CONNECTIONS);
  for (const { data } of detection.responses) expect(data.length).toBeLessThanOrEqual(READ_CAP);
  return detection;
}

async function web(server: Server): Promise<number> {
  onTestFinished(() => {
    (server as ReturnType<typeof createHttpServer>).closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
const page: RequestListener = (_, response) => {
  response.setHeader("Server", "Cherokee/1.2.104");
  response.setHeader("Content-Type", "text/html");
  response.end("<html><title>Door</title></html>");
};
const answerHttp = (socket: Socket) =>
  socket.on("data", () =>
    socket.end(
      "HTTP/1.1 200 OK\r\nServer: Cherokee/1.2.104\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
    ),
  );
const SSH = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n";
const factsOf = ({ facts }: Detection) => Object.fromEntries(facts.map(({ name, value }) => [name, value]));

describe("a greeting that has begun is heard to its end before a word is said", () => {
  const HALVES: [string, string, string, string][] = [
    [
      "smtp",
      "Postfix's postscreen",
      "220-mail.example.com ESMTP Postfix\r\n",
      "220 mail.example.com ESMTP Postfix\r\n",
    ],
    [
      "ftp",
      "a notice before the greeting",
      "220-Welcome to the archive.\r\n220-",
      "Be kind.\r\n220 ProFTPD Server ready.\r\n",
    ],
    ["ftp", "a server that is busy", "120 Ready in a moment\r\n", "220 ProFTPD Server ready.\r\n"],
    [
      "sieve",
      "capabilities",
      '"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n',
      '"SIEVE" "fileinto"\r\n"SASL" ""\r\nOK "Dovecot ready."\r\n',
    ],
  ];

  test.each(HALVES)("of %s: %s", async (service, _, begins, ends) => {
    const early: string[] = [];
    const port = await tcpServer((socket) => {
      socket.on("error", () => undefined);
      let greeted = false;
      socket.on("data", (chunk) => {
        if (!greeted) early.push(String(chunk));
        else socket.end("221 2.0.0 Bye\r\n");
      });
      socket.write(begins);
      setTimeout(() => {
        greeted = true;
        socket.write(ends);
      }, 2 * TIMEOUT_MS);
    });
    const { verdict, responses } = await detect(port);
    expect(early).toEqual([]);
    expect(verdict.service).toBe(service);
    expect(Buffer.from(responses[0]?.data ?? []).toString()).toBe(begins + ends);
    expect(responses.length).toBeGreaterThan(1);
  });

  test("and who never ends it is never talked to", async () => {
    const heard: string[] = [];
    const port = await tcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => heard.push(String(chunk)));
      socket.write("220-mail.example.com ESMTP Postfix\r\n");
    });
    const { verdict } = await detect(port);
    expect(verdict).toMatchObject({ service: "smtp", product: "Postfix" });
    expect(heard).toEqual([]);
  });
});

describe("what it is shows", () => {
  test("in the settings of a server that speaks HTTP/2 alone, inside of TLS, too", async () => {
    const server = createSecureServer({
      key: keys.key,
      cert: keys.cert,
      settings: { maxConcurrentStreams: 9 },
    });
    onTestFinished(() => {
      server.close();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const detection = await detect((server.address() as AddressInfo).port, 2000);
    expect(detection.verdict).toMatchObject({ service: "http", method: "probed" });
    expect(detection.tls?.alpn).toBe("h2");
    expect(factsOf(detection)["http2.settings"]).toBe("3=9");
  });

  test("in what a server that reads lines answers, before it is asked much else without one", async () => {
    const unread: string[] = [];
    const port = await tcpServer((socket) => {
      let line = "";
      socket.on("error", () => undefined);
      socket.on("data", (data) => {
        line += data.toString("latin1");
        if (!line.includes("\n")) return void unread.push(line);
        socket.end(line.startsWith("VERSION\tdoveadm-server\t") ? "-\n" : "");
      });
    });
    const detection = await detect(port, 2000);
    expect(detection.verdict).toMatchObject({ service: "doveadm", method: "probed" });
    // Of some thirty questions that hold no line only those that were out before it was seen, and those that race.
    expect(unread.length).toBeGreaterThan(0);
    expect(unread.length).toBeLessThan(15);
  });

  test("to its own question, where it serves one at a time and is silent to all others", async () => {
    const waiting: Socket[] = [];
    const serve = () => {
      const [socket] = waiting;
      socket?.resume();
    };
    const port = await tcpServer((socket) => {
      socket.pause();
      socket.on("error", () => undefined);
      socket.on("data", (data) => {
        if (!data.toString("latin1").startsWith("Content-Length: ")) return;
        const answer = '{"jsonrpc":"2.0","id":1,"result":{"serverInfo":{"name":"lab","version":"1.2"}}}';
        socket.write(`Content-Length: ${answer.length}\r\n\r\n${answer}`);
      });
      socket.on("close", () => {
        waiting.splice(waiting.indexOf(socket), 1);
        serve();
      });
      waiting.push(socket);
      if (waiting.length === 1) serve();
    });
    const detection = await detect(port, 2000);
    expect(detection.verdict).toMatchObject({ service: "lsp" });
    expect(detection.flags).toContain("serial");
  });

  test("in a greeting, on the first connection, with nothing said before", async () => {
    const heard: Buffer[] = [];
    const port = await tcpServer((socket) => {
      socket.write(SSH);
      socket.on("data", (data) => heard.push(data));
    });
    const { verdict, responses } = await detect(port);
    expect(verdict).toMatchObject({ service: "ssh", product: "OpenSSH", version: "9.2p1", method: "probed" });
    // It owes its key exchange, so nobody is sure.
    expect(verdict.confidence).toBeGreaterThan(0.75);
    expect(verdict.confidence).toBeLessThan(0.9);
    expect(responses[0]).toMatchObject({ probe: "NULL", connection: 0, tls: false });
    expect(Buffer.concat(heard).toString("latin1")).not.toContain("GET ");
  });

  test("in the answer to a request, behind a silent port of no meaning", async () => {
    const detection = await detect(await web(createHttpServer(page)));
    expect(detection.verdict).toMatchObject({ service: "http", product: "Cherokee", version: "1.2.104" });
    expect(factsOf(detection)).toMatchObject({ "http.server": "Cherokee/1.2.104", "http.title": "Door" });
    expect(detection.tls).toBeNull();
  });

  test("to the header of a load balancer, where a server hangs up on everybody else", async () => {
    const port = await tcpServer((socket) => {
      socket.once("data", (data) => {
        // Version 2, `LOCAL`, of no family and no length; version 1's `UNKNOWN` is not served by all.
        const allowed = /^\r\n\r\n\0\r\nQUIT\n\x20\0\0\0GET /.test(data.toString("latin1"));
        socket.end(allowed ? "HTTP/1.1 200 OK\r\nServer: lighttpd/1.4.69\r\nContent-Length: 0\r\n\r\n" : "");
      });
    });
    const detection = await detect(port);
    expect(detection.verdict).toMatchObject({ service: "http", product: "lighttpd", version: "1.4.69" });
  });

  test("inside TLS", async () => {
    const detection = await detect(await web(createHttpsServer({ key: keys.key, cert: keys.cert }, page)));
    expect(detection.verdict).toMatchObject({ service: "http", product: "Cherokee", version: "1.2.104" });
    expect(detection.tls?.certificates[0]?.length).toBeGreaterThan(100);
    expect(detection.responses.some(({ tls, probe }) => tls && probe.startsWith("http."))).toBe(true);
    expect(detection.flags).toEqual([]);
  });

  test("in a banner that comes after 1.5 s, and no request is mistaken for its cause", async () => {
    const port = await tcpServer((socket) => {
      const timer = setTimeout(() => socket.write(SSH), 1_500);
      socket.on("close", () => clearTimeout(timer));
    });
    const { verdict } = await detect(port, 1_000);
    expect(verdict).toMatchObject({ service: "ssh", product: "OpenSSH" });
  });

  test("when the server takes one connection at a time", async () => {
    const waiting: Socket[] = [];
    let busy: Socket | null = null;
    const serve = (socket: Socket) => {
      busy = socket;
      socket.resume();
      answerHttp(socket);
      socket.on("close", () => {
        busy = null;
        const next = waiting.shift();
        if (next) serve(next);
      });
    };
    const port = await tcpServer((socket) => {
      socket.pause();
      if (busy) waiting.push(socket);
      else serve(socket);
    });
    const { verdict, flags } = await detect(port);
    expect(verdict).toMatchObject({ service: "http", product: "Cherokee" });
    expect(flags).toContain("serial");
  });

  test("when the server turns further connections away while it has one", async () => {
    let busy = false;
    const port = await tcpServer((socket) => {
      if (busy) return socket.resetAndDestroy();
      busy = true;
      socket.on("close", () => {
        busy = false;
      });
      answerHttp(socket);
    });
    const { verdict, flags } = await detect(port);
    expect(verdict).toMatchObject({ service: "http", product: "Cherokee" });
    expect(flags).toContain("serial");
  });
});

describe("who answers nobody but its own protocol", () => {
  test("and hangs up on all others at once is asked until it is named", async () => {
    const refusal = "ERR access denied or repository not exported: /x";
    const port = await tcpServer((socket) =>
      socket.once("data", (data) => {
        if (!data.toString("latin1").includes("git-upload-pack")) return socket.resetAndDestroy();
        socket.end(`${(refusal.length + 4).toString(16).padStart(4, "0")}${refusal}`);
      }),
    );
    const { verdict, connections } = await detect(port);
    expect(verdict).toMatchObject({ service: "git" });
    expect(connections).toBeLessThan(40);
  });

  test("and waits for a whole line from the others is asked as well", async () => {
    const port = await tcpServer((socket) =>
      socket.once("data", (data) => {
        const text = data.toString("latin1");
        const ports = /^(\d+), (\d+)\r\n$/.exec(text);
        if (ports) socket.end(`${ports[1]},${ports[2]}:ERROR:INVALID-PORT\r\n`);
        else if (text.includes("\n")) socket.resetAndDestroy();
      }),
    );
    const { verdict } = await detect(port);
    expect(verdict).toMatchObject({ service: "ident" });
  });
});

describe("who does not want to be known", () => {
  test("closes every connection at once: tcpwrapped", async () => {
    const { verdict, flags } = await detect(await tcpServer((socket) => socket.end()));
    expect(verdict).toMatchObject({ service: "tcpwrapped", product: null });
    expect(flags).toContain("tcpwrapped");
  });

  test("echoes what we say: no request of ours is taken for an answer", async () => {
    const { verdict, tls } = await detect(await tcpServer((socket) => socket.pipe(socket)));
    expect([null, "echo"]).toContain(verdict.service);
    expect(verdict.product).toBeNull();
    expect(tls).toBeNull();
  });

  test("sends noise: no product is read into it", async () => {
    let seed = 12345;
    const noise = Buffer.from(
      Array.from({ length: 3000 }, () => {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        return (seed >> 16) & 255;
      }),
    );
    const { verdict, responses } = await detect(await tcpServer((socket) => socket.write(noise)));
    expect(verdict).toMatchObject({ product: null, version: null });
    expect(verdict.method).toBe("table");
    expect(responses[0]?.data.length).toBe(noise.length);
  });

  test("never stops talking: what is kept is bounded, and it is said", async () => {
    const port = await tcpServer((socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(16_384, "a")));
      };
      socket.on("drain", more);
      more();
    });
    const { flags, responses, verdict } = await detect(port);
    expect(flags).toContain("truncated");
    expect(responses.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThanOrEqual(
      MOST_CONNECTIONS * READ_CAP,
    );
    expect(verdict.product).toBeNull();
  });

  test("talks one byte a second", async () => {
    const port = await tcpServer((socket) => {
      let i = 0;
      const timer = setInterval(() => socket.write(SSH.charAt(i++ % SSH.length)), 1_000);
      socket.on("close", () => clearInterval(timer));
    });
    const { verdict, responses } = await detect(port);
    expect(verdict.product).toBeNull();
    expect(responses.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThan(64);
  });

  test("refuses whoever asks for no name that it knows: TLS is what it speaks", async () => {
    const unrecognisedName = Buffer.from([21, 3, 3, 0, 2, 2, 112]);
    const port = await tcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (hello) => socket.end(hello[0] === 22 ? unrecognisedName : ""));
    });
    const { verdict, flags } = await detect(port);
    expect(verdict).toMatchObject({ service: "ssl", method: "probed" });
    expect(speaksTls({ tls: null, flags })).toBe(true);
  });

  test("resets the connection in the middle of the TLS handshake", async () => {
    const port = await tcpServer((socket) =>
      socket.on("data", (data) => {
        if (data[0] === 0x16) socket.resetAndDestroy();
      }),
    );
    const { verdict, tls } = await detect(port);
    expect(verdict.product).toBeNull();
    expect(verdict.method).toBe("table");
    expect(tls).toBeNull();
  });

  test("begins a TLS handshake and never ends it", async () => {
    // A ServerHello record (RFC 8446 section 4.1.3) of which the extensions never come.
    const hello = Buffer.concat([
      Buffer.from("160303007a0200007603 03".replace(" ", ""), "hex"),
      Buffer.alloc(32, 7),
      Buffer.from("00130100004e", "hex"),
    ]);
    const port = await tcpServer((socket) =>
      socket.on("data", (data) => {
        if (data[0] === 0x16) socket.write(hello);
      }),
    );
    const { verdict, tls, flags } = await detect(port);
    expect(tls).toBeNull();
    expect(flags).toContain("tls-handshake-failed");
    expect(verdict).toMatchObject({ service: "ssl", method: "probed", product: null });
  });

  test("says nothing at all", async () => {
    const { verdict, responses } = await detect(await tcpServer(() => undefined));
    expect(verdict).toMatchObject({ method: "table", product: null });
    expect(responses.every(({ data }) => data.length === 0)).toBe(true);
  });

  test("closes after the first request, without a word", async () => {
    const { verdict } = await detect(await tcpServer((socket) => socket.on("data", () => socket.end())));
    expect(verdict.product).toBeNull();
    expect(verdict.service).not.toBe("http");
  });

  test("closes on the request of whom its port is registered for: HTTP and TLS are asked next", async () => {
    const port = await tcpServer(hangUp);
    const MOUNTD = 20_048;
    const { responses } = await detectAt(port, {
      knowledge,
      timeoutMs: TIMEOUT_MS,
      connections: 32,
      known: MOUNTD,
    });
    const asked = responses.map(({ probe }) => probe);
    expect(asked.slice(0, 6)).toEqual(expect.arrayContaining(["sunrpc.null", "http.get", "tls.clientHello"]));
  });
});
