import { expect, test } from "vitest";
import { jdwp } from "../../lib/protocols/jdwp.ts";
import { peer, recordedBytes } from "./dialogue-peer.ts";
import { recorded, respond } from "./recorded.ts";
import { converse, factMap } from "./text-peer.ts";

recorded(jdwp);

test("after the handshake only Version is asked, and nothing is resumed or disposed of", async () => {
  const server = await peer([
    [/^JDWP-Handshake$/, "JDWP-Handshake"],
    [/^\0\0\0\x0b/, recordedBytes("jdwp/version-openjdk-17")],
  ]);
  const facts = factMap(jdwp, await converse(jdwp, server.port));
  await server.close();
  expect(facts["jdwp.vm"]).toBe("OpenJDK 64-Bit Server VM 17.0.15");
  expect(server.heard).toEqual(["JDWP-Handshake\0\0\0\x0b\0\0Dp\0\x01\x01"]);
});

test("events before the reply are passed over, and a command sent back is no reply", () => {
  const reply = recordedBytes("jdwp/version-openjdk-17");
  const event = Uint8Array.of(0, 0, 0, 12, 0, 0, 0, 1, 0, 64, 100, 0);
  const command = Uint8Array.of(0, 0, 0, 11, 0, 0, 0x44, 0x70, 0, 1, 1);
  const after = respond(Buffer.concat([event, reply]), "jdwp.version");
  expect(jdwp.recognise(after)?.excerpt).toBe("OpenJDK 64-Bit Server VM 17.0.15");
  expect(jdwp.recognise(respond(command, "jdwp.version"))).toBeNull();
});
