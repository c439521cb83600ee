import { expect, test } from "vitest";
import { clamav } from "../../lib/protocols/clamav.ts";
import { peer, recordedBytes } from "./dialogue-peer.ts";
import { liveSession, recorded } from "./recorded.ts";
import { factMap } from "./text-peer.ts";

recorded(clamav);

test("found by its refusal of HTTP, it is asked its version on a connection of its own", async () => {
  const server = await peer([
    [/^GET /, recordedBytes("clamav/http-get")],
    [/^zVERSION\0$/, recordedBytes("clamav/version")],
  ]);
  const session = await liveSession(server.port);
  await session.ask({ probe: "http.get", data: Buffer.from("GET / HTTP/1.0\r\n\r\n"), timeoutMs: 200 });
  await clamav.converse?.(session);
  await clamav.converse?.(session); // and not again
  session.close();
  await server.close();
  expect(server.heard).toEqual(["GET / HTTP/1.0\r\n\r\n", "zVERSION\0"]);
  expect(factMap(clamav, [...session.responses])["clamav.version"]).toBe("1.0.3");
});
