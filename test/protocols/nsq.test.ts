import { expect, test } from "vitest";
import { nsq } from "../../lib/protocols/nsq.ts";
import { peer, recordedBytes } from "./dialogue-peer.ts";
import { liveSession, recorded } from "./recorded.ts";
import { factMap } from "./text-peer.ts";

recorded(nsq);

test("nsqd, found by its refusal of HTTP, is asked its version", async () => {
  const server = await peer([
    [/^GET /, recordedBytes("nsq/http-get")],
    [/^ {2}V2IDENTIFY\n[\s\S]{4}\{/, recordedBytes("nsq/identify")],
  ]);
  const session = await liveSession(server.port);
  await session.ask({ probe: "http.get", data: Buffer.from("GET / HTTP/1.0\r\n\r\n"), timeoutMs: 200 });
  await nsq.converse?.(session);
  session.close();
  await server.close();
  expect(factMap(nsq, [...session.responses])["nsq.version"]).toBe("1.2.1");
});
