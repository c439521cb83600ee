/** Listeners that play one line, and servers that only look like them. Real sockets, the built-in pack. */
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Knowledge } from "../../lib/detect/interpret.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { certified, type KeyPair, tcpServer } from "../net/servers.ts";
import { detectAt } from "./detecting.ts";
import type { Peer } from "./peers.ts";

let knowledge: Knowledge;
let keys: KeyPair;
beforeAll(() => {
  knowledge = { protocols, packs: [builtinPack()] };
  keys = certified("doorplate.test");
  return () => keys.remove();
});

const detect = (port: number) => detectAt(port, { knowledge, timeoutMs: 500, connections: 64 });

/** Plays its line at once, and again for whatever it hears. */
const echoes =
  (line: string): Peer =>
  (socket) => {
    socket.write(line);
    socket.on("data", () => socket.write(line));
  };
/** Plays its line at once, and ends. */
const plays =
  (line: string): Peer =>
  (socket) => {
    socket.resume();
    socket.end(line);
  };
/** Has one answer to everything. */
const parrots =
  (answer: string): Peer =>
  (socket) =>
    void socket.on("data", () => socket.write(answer));
const dated = (body: string): Peer =>
  parrots(
    `HTTP/1.1 200 OK\r\nServer: Apache/2.4.57 (Debian)\r\nDate: ${new Date().toUTCString()}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );

const TOMCAT =
  "HTTP/1.1 200 OK\r\nServer: Apache-Coyote/1.1\r\nContent-Length: 35\r\n\r\n<title>Apache Tomcat/7.0.68</title>";
/** Below every profile's threshold, and below what a conflict leaves. */
const HARDLY = 0.75;

describe("a recording is named for what it says, marked, and hardly believed", () => {
  test.each<[string, string, Peer]>([
    ["ssh", "OpenSSH", echoes("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n")],
    ["ftp", "vsftpd", echoes("220 (vsFTPd 3.0.3)\r\n")],
    ["smtp", "Postfix", echoes("220 mail.lab.test ESMTP Postfix (Debian/GNU)\r\n")],
    ["pop3", "Dovecot", echoes("+OK Dovecot (Debian) ready.\r\n")],
    ["imap", "Dovecot", echoes("* OK [CAPABILITY IMAP4rev1 SASL-IR ID] Dovecot (Debian) ready.\r\n")],
    [
      "nntp",
      "InterNetNews (INN)",
      echoes("200 news.lab.test InterNetNews NNRP server INN 2.7.1 ready (posting ok)\r\n"),
    ],
    ["redis", "Redis", parrots("-NOAUTH Authentication required.\r\n")],
    ["memcached", "Memcached", parrots("VERSION 1.6.18\r\n")],
    ["http", "Apache Tomcat", parrots(TOMCAT)],
    ["http", "Apache httpd", dated("<title>It works</title>")],
    ["http", "Apache Tomcat", plays(TOMCAT)],
  ])("%s by %s", async (service, product, peer) => {
    const { verdict, flags, evidence } = await detect(await tcpServer(peer));
    expect(verdict).toMatchObject({ service, product });
    expect(flags).toContain("recording");
    expect(evidence.find(({ source }) => source === "recording")?.excerpt).toMatch(/answer/);
    expect(verdict.confidences.product).toBeLessThan(HARDLY);
  });

  test("inside of TLS, too", async () => {
    const server = createTlsServer({ key: keys.key, cert: keys.cert }, (socket: Socket) => {
      socket.on("error", () => socket.destroy());
      echoes("220 (vsFTPd 3.0.3)\r\n")(socket);
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { verdict, flags } = await detect((server.address() as AddressInfo).port);
    expect(verdict).toMatchObject({ service: "ftp", product: "vsftpd" });
    expect(flags).toContain("recording");
  });
});

describe("a greeting that no answer follows is in doubt", () => {
  test.each<[string, string, string]>([
    ["ssh", "Dropbear sshd", "SSH-2.0-dropbear_2019.78\r\n"],
    ["vnc", "", "RFB 003.008\n"],
    ["mpd", "Music Player Daemon", "OK MPD 0.23.5\n"],
  ])("%s", async (service, product, line) => {
    const { verdict, flags } = await detect(
      await tcpServer((socket) => {
        socket.resume();
        socket.write(line);
      }),
    );
    expect(verdict.service).toBe(service);
    if (product !== "") expect(verdict.product).toBe(product);
    expect(flags).toContain("greets-only");
    expect(verdict.confidences.product).toBeLessThan(0.9);
  });

  test("as it is where a line follows that is none of the protocol's", async () => {
    const port = await tcpServer((socket) => {
      socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n");
      socket.on("data", () => socket.write("command not found\r\n"));
    });
    expect((await detect(port)).flags).toContain("greets-only");
  });
});

describe("nobody is taken for a recording", () => {
  test("who has one page for everybody, and refuses what is no request", async () => {
    const server = createHttpServer((_, reply) =>
      reply.setHeader("Server", "nginx/1.22.1").end("<title>same</title>"),
    );
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    expect((await detect((server.address() as AddressInfo).port)).flags).toEqual([]);
  });

  test("who calls every request bad", async () => {
    const bad =
      "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n";
    const { flags } = await detect(
      await tcpServer((socket) => void socket.once("data", () => socket.end(bad))),
    );
    expect(flags).not.toContain("recording");
  });

  test("who turns everybody away, or refuses one stranger as the other", async () => {
    const away = await detect(await tcpServer(plays("550 Administrative prohibition\r\n")));
    expect(away.flags).not.toContain("greets-only");
    const page = "HTTP/1.0 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
    const refuses: Peer = (socket) =>
      void socket.once("data", (data) => socket.end(/^GET /.test(`${data}`) ? "" : page));
    expect((await detect(await tcpServer(refuses))).flags).not.toContain("recording");
  });

  test("who lets nobody in, or answers what is no request as a page that is not there", async () => {
    const answered = (says: (text: string) => string): Peer => {
      const page = (status: string) =>
        `HTTP/1.1 ${status}\r\nServer: tinyproxy/1.11.1\r\nContent-Length: 4\r\nConnection: close\r\n\r\nno!\n`;
      return (socket) => void socket.once("data", (data) => socket.end(page(says(`${data}`))));
    };
    const shut = await detect(await tcpServer(answered(() => "403 Access denied")));
    expect(shut.flags).not.toContain("recording");
    const small = answered((text) => (text.startsWith("GET / ") ? "401 Unauthorized" : "404 Not Found"));
    expect((await detect(await tcpServer(small))).flags).not.toContain("recording");
  });

  test("who wants a password before anything else, and still says goodbye", async () => {
    const port = await tcpServer((socket) => {
      socket.write("220 (vsFTPd 3.0.3)\r\n");
      socket.on("data", (data) =>
        socket.write(
          /^QUIT/.test(`${data}`) ? "221 Goodbye.\r\n" : "530 Please login with USER and PASS.\r\n",
        ),
      );
    });
    const { verdict, flags } = await detect(port);
    expect(flags).toEqual([]);
    expect(verdict).toMatchObject({ service: "ftp", product: "vsftpd" });
    expect(verdict.confidences.product).toBeGreaterThan(0.9);
  });
});
