import { expect, test } from "vitest";
import { dict } from "../../lib/protocols/dict.ts";
import { peer, recordedBytes } from "./dialogue-peer.ts";
import { recorded } from "./recorded.ts";
import { converse, factMap } from "./text-peer.ts";

recorded(dict);

test("the server is asked about itself and left with QUIT", async () => {
  const greeting = Buffer.from(recordedBytes("dict/dictd")).toString("latin1");
  const server = await peer(
    [
      [/^SHOW SERVER\r\n/, recordedBytes("dict/show-server")],
      [/^QUIT\r\n/, "221 bye\r\n"],
    ],
    { greeting },
  );
  const facts = factMap(dict, await converse(dict, server.port));
  await server.close();
  expect(facts["dict.server"]).toContain("up 0.123");
  expect(server.heard).toEqual(["SHOW SERVER\r\nQUIT\r\n"]);
});
