import { createServer } from "node:net";
import { expect, test } from "vitest";
import { chargen, daytime, echo, qotd, time } from "../../lib/protocols/small-services.ts";
import { recorded, respond } from "./recorded.ts";
import { converse, factMap, listening } from "./text-peer.ts";

for (const protocol of [daytime, time, echo, chargen, qotd]) recorded(protocol);

test("a real echo is recognised by its own words coming back", async () => {
  const server = createServer((socket) => socket.pipe(socket));
  const responses = await converse(echo, await listening(server));
  server.close();
  expect(factMap(echo, responses)).toEqual({ "echo.echoed": "echo.text" });
});

test("four bytes are surer to be the time when the server closes after them", () => {
  const now = Uint8Array.of(0xee, 0xab, 0xc0, 0x50);
  const open = time.recognise(respond(now, "NULL"))?.weight ?? 0;
  const closed = time.recognise({ ...respond(now, "NULL"), end: "eof" })?.weight ?? 0;
  expect(closed).toBeGreaterThan(open);
  expect(open).toBeLessThan(4);
});

test("over UDP they are nudged, over TCP they are listened to", () => {
  const where = { host: "127.0.0.1", hostname: null, port: 13, tls: false };
  for (const protocol of [daytime, time, chargen, qotd]) {
    expect(protocol.openers({ ...where, transport: "tcp" })).toEqual([]);
    expect(protocol.openers({ ...where, transport: "udp" })).toHaveLength(1);
  }
});
