import { createServer } from "node:net";
import { Aedes } from "aedes";
import { describe, expect, test } from "vitest";
import { connect, mqtt } from "../../lib/protocols/mqtt.ts";
import { liveSession, recorded } from "./recorded.ts";

recorded(mqtt);

describe("mqtt against a real broker (aedes)", () => {
  test("connects, hears what the broker is, and leaves with DISCONNECT", async () => {
    const broker = await Aedes.createBroker();
    const published: string[] = [];
    const errors: string[] = [];
    broker.on("publish", (packet, client) => {
      if (client) published.push(packet.topic);
    });
    broker.on("clientError", (_, error) => errors.push(error.message));
    broker.on("connectionError", (_, error) => errors.push(error.message));
    const gone = new Promise<string>((resolve) => broker.on("clientDisconnect", ({ id }) => resolve(id)));
    const server = createServer(broker.handle);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");

    const session = await liveSession(address.port);
    const first = await session.ask(connect);
    expect(first && mqtt.recognise(first)?.service).toBe("mqtt");
    await mqtt.converse?.(session);
    expect(await gone).toBe("doorplate");
    session.close();

    const facts = mqtt.facts(session.responses, null);
    expect(facts).toContainEqual({ name: "mqtt.connack", value: "0", family: "reply:mqtt.connect" });
    const sys = facts.find(({ name }) => name === "mqtt.sys")?.value;
    expect(sys).toMatch(/^\$SYS\/[0-9a-f-]{36}\/new\/subscribes=\{"clientId":"doorplate"/);
    expect(published, "nothing of ours is published").toEqual([]);
    expect(errors).toEqual([]);
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    server.close();
  });
});
