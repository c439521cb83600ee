import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { expect, test } from "vitest";
import { http } from "../../lib/protocols/http.ts";
import { HINTS, hintsFor } from "../../lib/protocols/http-hints.ts";
import { converse, factMap, listening, response } from "./text-peer.ts";

async function visit(listener: RequestListener) {
  const asked: string[] = [];
  let connections = 0;
  const server = createServer((request, reply) => {
    asked.push(`${request.method} ${request.url}`);
    listener(request, reply);
  }).on("connection", () => connections++);
  const responses = await converse(http, await listening(server));
  server.close();
  return { asked, connections: () => connections, facts: factMap(http, responses) };
}

test("an application that gave itself away is asked for its version, on the connection at hand", async () => {
  const { asked, connections, facts } = await visit((request, reply) => {
    if (request.url === "/") reply.end("<title>Grafana</title>");
    else if (request.url === "/api/health") reply.end('{"database":"ok","version":"10.0.3"}');
    else reply.writeHead(404).end();
  });
  expect(asked.filter((line) => line.includes("api"))).toEqual(["GET /api/health"]);
  expect(facts["http.hint"]).toBe('grafana {"database":"ok","version":"10.0.3"}');
  expect(connections()).toBe(2);
});

test("nobody else is asked for any of the paths", async () => {
  const { asked } = await visit((_, reply) =>
    reply.setHeader("Server", "x").end("<title>A page about paths</title>"),
  );
  expect(asked).toEqual(["GET /", "GET /doorplate-no-such-page"]);
});

test("a page that gives everything away is asked two things at most, and only once", async () => {
  const titles = "<title>Grafana<title>Vault<title>Portainer<title>Traefik<title>Rocket.Chat";
  const { asked } = await visit((_, reply) => reply.setHeader("Server", "x").end(titles));
  expect(asked).toHaveLength(4);
  const answers = [response("http.get", titles), response("http.hint.grafana", "HTTP/1.1 404 x\r\n\r\n")];
  expect(hintsFor(answers).map(({ name }) => name)).not.toContain("grafana");
});

test("only a page that is there is read", () => {
  expect(factMap(http, [response("http.hint.vault", "HTTP/1.1 404 Not Found\r\n\r\n{}")])).toEqual({});
  expect(factMap(http, [response("http.hint.vault", "HTTP/1.1 200 OK\r\n\r\n{}")])).toEqual({
    "http.hint": "vault {}",
  });
});

test("a server that ends its connections without a word is asked again on another", async () => {
  let answers = 0;
  const server = createTcpServer((socket) => {
    let served = 0;
    socket.on("error", () => socket.destroy());
    socket.on("data", () => {
      answers++;
      // Promises to stay, and leaves at the second request.
      if (served++ > 0) socket.destroy();
      else socket.write("HTTP/1.1 404 Not Found\r\nContent-Length: 22\r\n\r\n<title>Grafana</title>");
    });
  });
  const responses = await converse(http, await listening(server));
  server.close();
  const hint = responses.filter(({ probe, data }) => probe === "http.hint.grafana" && data.length > 0);
  expect(hint).toHaveLength(1);
  expect(answers).toBeGreaterThan(2);
});

test("hints are paths of the server itself, under names of their own", () => {
  expect(new Set(HINTS.map(({ name }) => name)).size).toBe(HINTS.length);
  for (const { path } of HINTS) expect(path).toMatch(/^\/[\w/.?=-]+$/);
});
