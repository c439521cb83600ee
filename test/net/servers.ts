/** Servers on loopback for the tests of this room. Each is closed, with its connections, when its test ends. */
import { execFileSync } from "node:child_process";
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** For what does not matter to a test: silence, and the errors of a server's own sockets. */
export function ignore(): void {
  // On purpose.
}

/** A TCP server on a free port that does `serve` with each connection. Errors of its sockets are its own affair. */
export function tcpServer(serve: (socket: Socket) => void, host = "127.0.0.1"): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => sockets.delete(socket));
    socket.on("close", () => sockets.delete(socket));
    serve(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listening(server, host);
}

export function listening(server: Server, host = "127.0.0.1"): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** A UDP server on a free port. */
export function udpServer(
  answer: (datagram: Buffer, from: RemoteInfo, socket: UdpSocket) => void,
  host = "127.0.0.1",
): Promise<number> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  socket.on("message", (datagram, from) => answer(datagram, from, socket));
  onTestFinished(() => {
    socket.close();
  });
  return new Promise((resolve) => socket.bind(0, host, () => resolve(socket.address().port)));
}

/** A TCP port of loopback where nobody listens (it was free a moment ago). */
export async function closedPort(host = "127.0.0.1"): Promise<number> {
  const server = createServer();
  const port = await listening(server, host);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface KeyPair {
  key: Buffer;
  cert: Buffer;
  /** Where they lie, for servers in other processes. */
  keyFile: string;
  certFile: string;
  remove(): void;
}

/** A fresh certificate, self-signed or signed by `issuer`. */
export function certified(name: string, issuer?: KeyPair): KeyPair {
  const directory = mkdtempSync(join(tmpdir(), "doorplate-tls-"));
  const keyFile = join(directory, "key.pem");
  const certFile = join(directory, "cert.pem");
  const subject = ["-subj", `/CN=${name}`, "-days", "2"];
  const signer = issuer ? ["-CA", issuer.certFile, "-CAkey", issuer.keyFile] : [];
  const files = ["-keyout", keyFile, "-out", certFile];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, ...signer, ...files],
    {
      stdio: "ignore",
    },
  );
  return {
    key: readFileSync(keyFile),
    cert: readFileSync(certFile),
    keyFile,
    certFile,
    remove: () => rmSync(directory, { recursive: true }),
  };
}
