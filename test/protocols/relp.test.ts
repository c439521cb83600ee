import { expect, test } from "vitest";
import { relp } from "../../lib/protocols/relp.ts";
import { peer, recordedBytes } from "./dialogue-peer.ts";
import { recorded } from "./recorded.ts";
import { converse, factMap } from "./text-peer.ts";

recorded(relp);

test("a session is opened and closed again, and no message is sent", async () => {
  const server = await peer([
    [/^1 open /, recordedBytes("relp/rsyslog-8.2302")],
    [/^2 close 0\n$/, "2 rsp 0\n0 serverclose 0\n"],
  ]);
  const responses = await converse(relp, server.port);
  await server.close();
  expect(factMap(relp, responses)["relp.software"]).toContain("librelp,1.11.0");
  expect(server.heard.join("")).toMatch(/2 close 0\n/);
  expect(server.heard.join("")).not.toMatch(/\d syslog /);
});
