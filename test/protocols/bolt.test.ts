import { expect, test } from "vitest";
import { bolt } from "../../lib/protocols/bolt.ts";
import { peer, recordedBytes } from "./dialogue-peer.ts";
import { recorded } from "./recorded.ts";
import { converse, factMap } from "./text-peer.ts";

recorded(bolt);

test("a server of 5.1 or later is asked its name and left with GOODBYE", async () => {
  const server = await peer([
    [/^\x60\x60\xb0\x17/, recordedBytes("bolt/5.4")],
    [/user_agent.*\0\0$/s, recordedBytes("bolt/hello")],
  ]);
  const facts = factMap(bolt, await converse(bolt, server.port));
  await server.close();
  expect(facts).toMatchObject({ "bolt.version": "5.4", "bolt.server": "Neo4j/5.13.0" });
  expect(server.heard[0]).toMatch(/\xb0\x02\0\0$/);
});

test("an older one, whose HELLO is a login, gets none", async () => {
  const server = await peer([[/^\x60\x60\xb0\x17/, Uint8Array.of(0, 0, 4, 4)]]);
  const responses = await converse(bolt, server.port);
  await server.close();
  expect(responses.map(({ probe }) => probe)).toEqual(["bolt.handshake"]);
  expect(factMap(bolt, responses)).toEqual({ "bolt.version": "4.4" });
});
