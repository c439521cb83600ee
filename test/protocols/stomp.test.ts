import { expect, test } from "vitest";
import { stomp } from "../../lib/protocols/stomp.ts";
import { peer, recordedBytes } from "./dialogue-peer.ts";
import { recorded } from "./recorded.ts";
import { converse, factMap } from "./text-peer.ts";

recorded(stomp);

test("no login is sent, and an opened session is closed again", async () => {
  const server = await peer([
    [/\0\n?$/, recordedBytes("stomp/activemq")],
    [/^\n?DISCONNECT/, "RECEIPT\nreceipt-id:bye\n\n\0"],
  ]);
  const responses = await converse(stomp, server.port);
  await server.close();
  expect(factMap(stomp, responses)["stomp.server"]).toBe("ActiveMQ/5.17.2");
  expect(server.heard[0]).not.toMatch(/login|passcode/);
  expect(server.heard[0]).toContain("DISCONNECT\n");
});
