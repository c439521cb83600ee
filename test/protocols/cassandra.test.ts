import { expect, test } from "vitest";
import { cassandra } from "../../lib/protocols/cassandra.ts";
import { peer, recordedBytes } from "./dialogue-peer.ts";
import { recorded } from "./recorded.ts";
import { converse, factMap } from "./text-peer.ts";

recorded(cassandra);

test("without authentication the release is asked for", async () => {
  const server = await peer([
    [/^\x04\0\0\0\x05/, recordedBytes("cassandra/supported-4.1")],
    [/CQL_VERSION/, recordedBytes("cassandra/ready")],
    [/SELECT release_version FROM system\.local/, recordedBytes("cassandra/release")],
  ]);
  const facts = factMap(cassandra, await converse(cassandra, server.port));
  await server.close();
  expect(facts).toMatchObject({ "cassandra.cql": "3.4.6", "cassandra.release": "4.1.3" });
});

test("where credentials are wanted nothing more is asked", async () => {
  const server = await peer([
    [/^\x04\0\0\0\x05/, recordedBytes("cassandra/supported-4.1")],
    [/CQL_VERSION/, recordedBytes("cassandra/authenticate")],
  ]);
  const responses = await converse(cassandra, server.port);
  await server.close();
  expect(responses.map(({ probe }) => probe)).toEqual(["cassandra.options", "cassandra.startup"]);
  expect(server.heard.join("")).not.toContain("SELECT");
});
