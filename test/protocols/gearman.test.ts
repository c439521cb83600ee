import { expect, test } from "vitest";
import { gearman } from "../../lib/protocols/gearman.ts";
import { peer, recordedBytes } from "./dialogue-peer.ts";
import { liveSession, recorded } from "./recorded.ts";
import { factMap } from "./text-peer.ts";

recorded(gearman);

test("found by its refusal of HTTP, it is asked its version", async () => {
  const server = await peer([
    [/^GET /, recordedBytes("gearman/http-get")],
    [/^version\r\n$/, recordedBytes("gearman/version")],
  ]);
  const session = await liveSession(server.port);
  await session.ask({ probe: "http.get", data: Buffer.from("GET / HTTP/1.0\r\n\r\n"), timeoutMs: 200 });
  await gearman.converse?.(session);
  session.close();
  await server.close();
  expect(factMap(gearman, [...session.responses])["gearman.version"]).toBe("1.1.19.1");
});
