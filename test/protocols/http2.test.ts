import { createServer, getDefaultSettings } from "node:http2";
import fc from "fast-check";
import { expect, test } from "vitest";
import { http2 } from "../../lib/protocols/http2.ts";
import { converse, factMap, listening, response } from "./text-peer.ts";

test("a server that speaks HTTP/2 alone is known, with the settings it sends", async () => {
  const server = createServer({ settings: { maxConcurrentStreams: 77, initialWindowSize: 70_000 } });
  const responses = await converse(http2, await listening(server));
  server.close();
  expect(responses[0]?.end).toBe("complete");
  expect(responses.map((answer) => http2.recognise(answer)?.service)).toEqual(["http", "http"]);
  const settings = String(factMap(http2, responses)["http2.settings"]).split(",");
  // SETTINGS_MAX_CONCURRENT_STREAMS is 3, SETTINGS_INITIAL_WINDOW_SIZE is 4 (RFC 9113 section 6.5.2).
  expect(settings).toEqual(expect.arrayContaining(["3=77", "4=70000"]));
  expect(getDefaultSettings().initialWindowSize).not.toBe(70_000);
});

test("its answers are read as those of HTTP/1 are", async () => {
  const server = createServer((request, answer) => {
    const missing = request.url !== "/";
    answer.writeHead(missing ? 404 : 200, {
      server: "Oak/1.2 (with knots)",
      "x-ring": "7",
      "set-cookie": "a=b; Path=/",
    });
    answer.end(missing ? "<h1>No such page at Oak</h1>" : `<title>${request.headers[":authority"]}</title>`);
  });
  const port = await listening(server);
  const responses = await converse(http2, port);
  server.close();
  expect(responses.map(({ probe, end }) => `${probe} ${end}`)).toEqual([
    "http2.preface complete",
    "http2.get complete",
  ]);
  expect(factMap(http2, responses)).toMatchObject({
    "http.status": "200",
    "http.server": "Oak/1.2 (with knots)",
    "http.header": "x-ring: 7",
    "http.cookie": "a=b",
    "http.title": `127.0.0.1:${port}`,
    "http.errorPage": "No such page at Oak",
  });
});

test("an acknowledgement, another frame and a cut one are not the beginning of HTTP/2", () => {
  for (const start of [
    "\0\0\0\x04\x01\0\0\0\0",
    "\0\0\x06\x04\0\0\0\0\0\0\x03",
    "\0\0\x06\x01\0\0\0\0\0\0\x03\0\0\0\x64",
    "\0\0\x07\x04\0\0\0\0\0\0\x03\0\0\0\x64\0",
    "\0\0\x06\x04\0\0\0\0\0\0\0\0\0\0\x64",
  ])
    expect(http2.recognise(response("NULL", start)), JSON.stringify(start)).toBeNull();
  expect(http2.recognise(response("NULL", "\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64"))?.weight).toBe(9);
});

test("one that greets with its settings has said all with the acknowledgement of ours", () => {
  const context = { host: "127.0.0.1", hostname: null, port: 1, transport: "tcp" as const, tls: false };
  const [preface] = http2.openers(context);
  const complete = (text: string) => preface?.complete?.(Buffer.from(text, "latin1"));
  expect(complete("\0\0\0\x04\x01\0\0\0\0")).toBe(true);
  expect(complete("\0\0\0\x04\0\0\0\0\0")).toBe(false);
  expect(complete("\0\0\0\x04\0\0\0\0\0\0\0\0\x04\x01\0\0\0\0")).toBe(true);
});

test("no bytes upset it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (tail) => {
      const data = Uint8Array.from([0, 0, tail[0] ?? 0, 4, 0, 0, 0, 0, 0, ...tail]);
      for (const bytes of [data, tail]) {
        http2.recognise(response("NULL", bytes));
        http2.facts([response("NULL", bytes), response("http2.get", bytes)], null);
        http2
          .openers({ host: "127.0.0.1", hostname: null, port: 1, transport: "tcp", tls: false })[0]
          ?.complete?.(bytes);
      }
    }),
  );
});
