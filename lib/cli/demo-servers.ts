/**
 * The servers of `doorplate demo`: real ones, on ports of 127.0.0.1 that the system chooses, with keys made for this run.
 */
import { generateKeyPairSync } from "node:crypto";
import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net";

export interface DemoServer {
  name: string;
  port: number;
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Loaded only here: no other command should pay for them. */
export async function startDemoServers(): Promise<DemoServer[]> {
  const [{ default: ssh2 }, { SMTPServer }, { Aedes }, { generate }] = await Promise.all([
    import("ssh2"),
    import("smtp-server"),
    import("aedes"),
    import("selfsigned"),
  ]);

  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  // Nobody logs in to a demo: a client is turned away, and its errors are its own.
  const ssh = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
    client.on("error", () => client.end());
    client.on("authentication", (attempt) => attempt.reject());
  });
  const page: RequestListener = (_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<html><head><title>Doorplate demo</title></head><body>Hello</body></html>");
  };
  const certificate = await generate([{ name: "commonName", value: "demo.doorplate.invalid" }]);
  const https = createHttps({ key: certificate.private, cert: certificate.cert }, page);
  const smtp = new SMTPServer({ name: "demo.doorplate.invalid", disabledCommands: ["AUTH"], logger: false });
  smtp.on("error", ignore);
  const broker = await Aedes.createBroker();
  const mqtt = createTcp(broker.handle);

  return [
    await listen("SSH, by npm's ssh2", ssh as unknown as Server),
    await listen("HTTP, by Node", createHttp(page)),
    await listen("HTTPS, by Node", https),
    await listen("SMTP, by npm's smtp-server", smtp.server as Server),
    await listen("MQTT, by npm's aedes", mqtt),
  ];
}

const ignore = () => undefined;

async function listen(name: string, server: Server): Promise<DemoServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", ignore);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    name,
    port,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
