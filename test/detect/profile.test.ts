import { describe, expect, test } from "vitest";
import { detectTcp } from "../../lib/detect/tcp.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { tcpDialer } from "../../lib/net/dialer.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { tcpServer } from "../net/servers.ts";

// What a profile says is what is done.

const knowledge = { protocols, packs: [builtinPack()] };

async function detect(port: number, changes: { maxProbesPerPort?: number; confidenceThreshold?: number }) {
  const profile = {
    timeoutMs: 300,
    maxProbesPerPort: 6,
    confidenceThreshold: 0.95,
    intensity: 2,
    ...changes,
  };
  const endpoint = { host: "127.0.0.1", hostname: null, port, transport: "tcp" as const };
  const dialer = tcpDialer(endpoint, connectionBudget({ total: 16, perHost: 16 }));
  const opened = await dialer.open({ timeoutMs: 300 });
  if (opened.state !== "open") throw new Error(`port ${port} is ${opened.state}`);
  const now = () => performance.now();
  return detectTcp({ endpoint, connection: opened.connection, dialer, knowledge, profile, now });
}

describe("a profile's", () => {
  test("number of probes is what a silent port is asked, beside the TLS hello and the last question alone", async () => {
    const askedOf = async (maxProbesPerPort: number) => {
      const port = await tcpServer((socket) => socket.resume());
      const { responses } = await detect(port, { maxProbesPerPort });
      return responses.filter(({ probe }) => probe !== "NULL" && probe !== "tls.clientHello").length;
    };
    const [few, more] = [await askedOf(1), await askedOf(4)];
    expect(few).toBeLessThanOrEqual(2);
    expect(more - few).toBe(3);
  });

  test("threshold ends the questions once product and version are known well enough", async () => {
    const asked: string[] = [];
    const port = await tcpServer((socket) =>
      socket.on("data", (data) => {
        asked.push(data.toString("latin1").split("\r\n", 1)[0] ?? "");
        socket.end(
          "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        );
      }),
    );
    const requests = async (confidenceThreshold: number) => {
      asked.length = 0;
      const { verdict } = await detect(port, { confidenceThreshold });
      expect(verdict).toMatchObject({ product: "nginx", version: "1.22.1" });
      return asked.filter((line) => line.startsWith("GET"));
    };
    const curious = await requests(0.99);
    const content = await requests(0.5);
    // The profile `fast` takes a Server field's word, `standard` looks at the error page, too.
    expect(await requests(0.9)).toEqual(content);
    expect(await requests(0.95)).toEqual(curious);
    expect(content).toEqual(["GET / HTTP/1.1"]);
    expect(curious.length).toBeGreaterThan(content.length);
  });
});
