import { createSocket } from "node:dgram";
import { describe, expect, test } from "vitest";
import { detectUdp } from "../../lib/detect/udp.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { udpDialer } from "../../lib/net/dialer.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { udpServer } from "../net/servers.ts";

const knowledge = { protocols, packs: [builtinPack()] };

function detect(port: number, asPort = port, timeoutMs = 500) {
  const endpoint = { host: "127.0.0.1", hostname: null, port, transport: "udp" as const };
  return detectUdp({
    // What is asked depends on the port's number; where the packets go does not.
    endpoint: { ...endpoint, port: asPort },
    dialer: udpDialer(endpoint, connectionBudget({ total: 16, perHost: 16 })),
    knowledge,
    profile: { timeoutMs, maxProbesPerPort: 6, confidenceThreshold: 0.95 },
    now: () => performance.now(),
  });
}

/** Our query with the response bit set and nothing in it (RFC 1035 section 4.1.1). */
const refuse = (query: Buffer) => {
  const reply = Buffer.from(query);
  reply[2] = (reply[2] ?? 0) | 0x80;
  reply[3] = 0x05;
  return reply;
};

describe("a UDP port", () => {
  test("that answers in its protocol is open and known", async () => {
    const port = await udpServer((query, from, socket) =>
      socket.send(refuse(query), from.port, from.address),
    );
    const seen = await detect(port, 53);
    expect(seen).toMatchObject({
      state: "open",
      reason: "udp-response",
      detection: { verdict: { service: "domain", method: "probed" } },
    });
  });

  test("whose first datagram got lost answers the second", async () => {
    let heard = 0;
    const port = await udpServer((query, from, socket) => {
      if (++heard > 1) socket.send(refuse(query), from.port, from.address);
    });
    expect(await detect(port, 53)).toMatchObject({ state: "open" });
  });

  test("that has answered is asked again what it did not answer", async () => {
    const heard: string[] = [];
    const port = await udpServer((query, from, socket) => {
      heard.push(query.subarray(12).toString("latin1"));
      if (heard.length === 1) socket.send(refuse(query), from.port, from.address);
    });
    await detect(port, 53);
    const [, second, third] = heard;
    expect(second).not.toBe(heard[0]);
    expect(third).toBe(second);
  });

  test("on which another answers than its number says is not first asked its number's question twice", async () => {
    const heard: string[] = [];
    const port = await udpServer((query, from, socket) => {
      const text = query.toString("latin1");
      heard.push(text);
      if (text.includes("version")) socket.send(refuse(query), from.port, from.address);
    });
    const SNMP = 161;
    expect(await detect(port, SNMP, 5_000)).toMatchObject({ detection: { verdict: { service: "domain" } } });
    expect(heard.slice(1)).not.toContain(heard[0]);
  });

  test("that speaks DNS hears nothing that is shorter than its header", async () => {
    const lengths: number[] = [];
    const port = await udpServer((query, from, socket) => {
      lengths.push(query.length);
      socket.send(refuse(query), from.port, from.address);
    });
    expect(await detect(port, 45_000)).toMatchObject({ detection: { verdict: { service: "domain" } } });
    expect(lengths.length).toBeGreaterThan(5);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(12);
  });

  test("that sends back whatever it gets with something behind it speaks none of those tongues", async () => {
    // A server of Cube 2: players, attributes, protocol 260 and so on.
    const status = Buffer.from("\0\x05\x80\x04\x01\0\0\x08\0\0lab\0", "latin1");
    const port = await udpServer((query, from, socket) =>
      socket.send(Buffer.concat([query, status]), from.port, from.address),
    );
    expect(await detect(port, 45_000)).toMatchObject({
      detection: { verdict: { service: "sauerbraten", product: "Sauerbraten" } },
    });
  });

  test("of no meaning that takes another's question for its own is still asked its own", async () => {
    const port = await udpServer((query, from, socket) => {
      const dns = query.toString("latin1").includes("version");
      // The other's datagram comes back with one bit turned, at once; the right one a little later.
      const reply = Buffer.from(query);
      reply[2] = (reply[2] ?? 0) | 0x80;
      if (dns) setTimeout(() => socket.send(refuse(query), from.port, from.address), 50);
      else socket.send(Buffer.concat([Buffer.from([0x3f]), reply]), from.port, from.address);
    });
    expect(await detect(port, 47_111)).toMatchObject({ detection: { verdict: { service: "domain" } } });
  });

  test("that sends everything back is an echo, whatever it was asked first", async () => {
    const port = await udpServer((query, from, socket) => socket.send(query, from.port, from.address));
    expect(await detect(port, 47_111)).toMatchObject({ detection: { verdict: { service: "echo" } } });
  });

  test("is an echo, too, where it hears only some of many questions", async () => {
    let heard = 0;
    const port = await udpServer((query, from, socket) => {
      if (++heard < 3 || heard > 40) socket.send(query, from.port, from.address);
    });
    expect(await detect(port, 47_111)).toMatchObject({ detection: { verdict: { service: "echo" } } });
  });

  test("of no meaning is told for any protocol, after one round of questions", async () => {
    const port = await udpServer((query, from, socket) => {
      if (query.toString("latin1").startsWith("AUEP "))
        socket.send("500 44500001 unknown endpoint\r\n", from.port, from.address);
    });
    const seen = await detect(port, 47_111);
    expect(seen).toMatchObject({ detection: { verdict: { service: "mgcp" } } });
    if (seen.state === "open") expect(seen.detection.connections).toBeLessThan(64);
  });

  test("that is registered for one protocol and speaks another is told, too", async () => {
    const port = await udpServer((query, from, socket) => {
      if (query.toString("latin1").includes("version")) socket.send(refuse(query), from.port, from.address);
    });
    expect(await detect(port, 500)).toMatchObject({ detection: { verdict: { service: "domain" } } });
  });

  test("that answers nonsense is open, and nothing is read into it", async () => {
    const port = await udpServer((_, from, socket) =>
      socket.send(Buffer.from([1, 2, 3]), from.port, from.address),
    );
    const seen = await detect(port, 53);
    expect(seen).toMatchObject({ state: "open", detection: { verdict: { method: "table", product: null } } });
  });

  test("that stays silent may be open or filtered", async () => {
    const port = await udpServer(() => undefined);
    expect(await detect(port, 53)).toEqual({ state: "open|filtered", reason: "no-response" });
    expect(await detect(port)).toEqual({ state: "open|filtered", reason: "no-response" });
  });

  test("that nobody listens on is closed, registered or not", async () => {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(resolve));
    expect(await detect(port, 53)).toEqual({ state: "closed", reason: "port-unreach" });
    expect(await detect(port)).toEqual({ state: "closed", reason: "port-unreach" });
  });
});
