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
  for (const { path } of HINTS) expect(path).toMatch(/^\/[\w/.?=&-]+$/);
});

test.each([
  ["HTTP/1.1 302 Found\r\nLocation: /classic/graph\r\n\r\n", "prometheus"],
  ["HTTP/1.1 200 OK\r\n\r\n<html><head><title>Node Exporter</title>", "exporter"],
  ["HTTP/1.1 200 OK\r\n\r\n<html><head><title>Varnish Exporter</title>", "exporter"],
  ["HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n404 page not found\n", "etcd"],
  ["HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nNot Found\n", "podman"],
  [
    "HTTP/1.1 404 Not Found\r\n\r\n<h1>Not Found</h1>\n<p>Page not found: doorplate-no-such-page</p>\n",
    "fossil",
  ],
  [
    "HTTP/1.1 404 Not Found\r\nDate: x\r\nContent-Length: 0\r\nExpires: x\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n",
    "aria2",
  ],
  [
    "HTTP/1.1 404 Not Found\r\nDate: x\r\nConnection: close\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Max-Age: 86400\r\nContent-Length: 0\r\n\r\n",
    "janus",
  ],
])("%j gives %s away", (seen, name) => {
  expect(hintsFor([response("http.get", seen)]).map((hint) => hint.name)).toEqual([name]);
});

test("the server that a hint's answer names in its field is believed like any other", () => {
  const answer = response("http.hint.podman", "HTTP/1.1 200 OK\r\nServer: Libpod/4.3.1 (linux)\r\n\r\nOK");
  expect(factMap(http, [answer])).toMatchObject({ "http.server": "Libpod/4.3.1 (linux)" });
});

test("of a long list of metrics the one that tells the program's version is kept", () => {
  const metrics = `${'go_info{version="go1.19.8"} 1\n'.repeat(1000)}node_exporter_build_info{branch="debian/sid",version="1.5.0"} 1\n`;
  const answer = response(
    "http.hint.exporter",
    `HTTP/1.1 200 OK\r\nContent-Length: ${metrics.length}\r\n\r\n${metrics}`,
  );
  expect(factMap(http, [answer])).toEqual({
    "http.hint": 'exporter node_exporter_build_info{branch="debian/sid",version="1.5.0"}',
  });
});
