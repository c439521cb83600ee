import { expect, test } from "vitest";
import { torControl } from "../../lib/protocols/tor-control.ts";
import { peer, recordedBytes } from "./dialogue-peer.ts";
import { recorded } from "./recorded.ts";
import { converse, factMap } from "./text-peer.ts";

recorded(torControl);

test("the one command before authentication, then QUIT", async () => {
  const server = await peer([
    [/^PROTOCOLINFO 1\r\n$/, recordedBytes("torControl/protocolinfo")],
    [/^QUIT\r\n$/, "250 closing connection\r\n"],
  ]);
  const facts = factMap(torControl, await converse(torControl, server.port));
  await server.close();
  expect(facts["tor.version"]).toBe("0.4.7.16");
  expect(server.heard).toEqual(["PROTOCOLINFO 1\r\nQUIT\r\n"]);
});
