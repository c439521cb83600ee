import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import fc from "fast-check";
import { expect, test } from "vitest";
import { iconHash } from "../../lib/protocols/favicon.ts";
import { hostField, http, redirectPath } from "../../lib/protocols/http.ts";
import { serverTokens } from "../../lib/protocols/http-facts.ts";
import { dechunk, messageComplete, parseMessage } from "../../lib/protocols/http-message.ts";
import { pageGenerator, pageTitle, visibleText } from "../../lib/protocols/http-page.ts";
import { context, converse, factMap, listening, response } from "./text-peer.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(http);

test("Python's http.server tells its name in the field and on a missing page", async () => {
  const code =
    "import http.server as h;s=h.HTTPServer(('127.0.0.1',0),h.SimpleHTTPRequestHandler);print(s.server_port,flush=True);s.serve_forever()";
  const child = spawn("python3", ["-c", code], {
    stdio: ["ignore", "pipe", "ignore"],
    cwd: import.meta.dirname,
  });
  const port = await new Promise<number>((resolve) =>
    child.stdout.once("data", (line) => resolve(Number(line))),
  );
  const responses = await converse(http, port);
  child.kill();
  const facts = factMap(http, responses);
  expect(facts["http.server"]).toMatch(/^SimpleHTTP\/\S+ Python\/\S+$/);
  // The refusal's page comes bare, since the line could be a request of HTTP/0.9.
  expect(facts["http.errorPage"]).toMatchObject(
    [/code: 404/, /code: 400/].map((text) => expect.stringMatching(text)),
  );
  expect([...new Set(responses.map(({ probe }) => probe))]).toEqual(["http.get", "http.404", "http.refusal"]);
});

test("a real chunked answer of Node is complete without waiting for the close", async () => {
  const server = createServer((request, reply) => {
    reply.setHeader("X-Powered-By", "Express");
    reply.write(`<title>${request.url}</title>`);
    reply.end("done");
  });
  const port = await listening(server);
  const responses = await converse(http, port);
  server.close();
  expect(responses.map(({ probe, end }) => [probe, end])).toEqual([
    ["http.get", "complete"],
    ["http.404", "complete"],
    ["http.favicon", "complete"],
    ["http.refusal", "eof"],
  ]);
  expect(factMap(http, responses)).toMatchObject({
    "http.title": ["/", "/doorplate-no-such-page"],
    "http.poweredBy": "Express",
  });
});

test("an application that sends everybody to its login page is asked for that page", async () => {
  const server = createServer((request, reply) => {
    if (request.url === "/") reply.writeHead(302, { Location: "/app/login?next=%2F" }).end();
    else if (request.url === "/app/login?next=%2F") reply.end("<title>Lab Console</title>");
    else reply.writeHead(404).end();
  });
  const port = await listening(server);
  const responses = await converse(http, port);
  server.close();
  expect(responses.map(({ probe }) => probe).slice(0, 3)).toEqual(["http.get", "http.redirect", "http.404"]);
  expect(factMap(http, responses)["http.title"]).toBe("Lab Console");
});

test("two redirects leave room for what a hint tells", () => {
  const answer = (probe: string, fields: string, body = "", status = "200 OK") =>
    response(probe, `HTTP/1.1 ${status}\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`);
  const facts = factMap(http, [
    answer("http.get", "Location: /tree\r\n", "", "302 Found"),
    answer("http.redirect", "Location: /login\r\n", "", "302 Found"),
    answer("http.redirect.on", "", "<title>Jupyter Notebook</title>"),
    answer("http.404", "", "", "404 Not Found"),
    answer("http.hint.jupyter", "", '{"version": "6.4.12"}'),
  ]);
  expect(facts["http.hint"]).toBe('jupyter {"version": "6.4.12"}');
});

test("a second redirect is followed, a third and a circle are not", async () => {
  const to: Record<string, string> = { "/": "app", "/app": "app/", "/app/": "/app/login", "/app/login": "/" };
  const server = createServer((request, reply) => {
    const location = to[request.url ?? ""];
    reply.writeHead(location ? 302 : 404, location ? { Location: location } : {}).end();
  });
  const port = await listening(server);
  const redirects = async () =>
    (await converse(http, port)).filter(({ probe }) => probe.startsWith("http.redirect")).length;
  expect(await redirects()).toBe(2);
  to["/app"] = "/app";
  expect(await redirects()).toBe(1);
  server.close();
});

test("who sends to TLS on a port of its own may speak TLS on this one", () => {
  const tunnel = (location: string) =>
    http.recognise(response("http.get", `HTTP/1.1 307 Temporary Redirect\r\nLocation: ${location}\r\n\r\n`))
      ?.mayBeTunnel;
  expect(tunnel("https://127.0.0.1:8385/")).toBe(true);
  expect(tunnel("https://[::1]:8385/x")).toBe(true);
  expect(tunnel("https://www.example.org/a:1")).toBe(false);
  expect(tunnel("http://127.0.0.1:8385/")).toBe(false);
});

test.each([
  ["/login", "/login"],
  ["/browse#top", "/browse"],
  ["http://127.0.0.1:8001/index", "/index"],
  ["HTTP://LAB.test:8001/index", null],
  ["http://127.0.0.1/index", null],
  ["https://127.0.0.1:8001/", null],
  ["http://127.0.0.1:8001", null],
  ["//elsewhere.test/x", null],
  ["/a b", "/a%20b"],
  ["login.html", "/login.html"],
  ["./", null],
  ["/", null],
  [`/${"x".repeat(300)}`, null],
  ["javascript:alert(1)", null],
])("a redirect to %s is followed to %s", (location, path) => {
  const answer = response("http.get", `HTTP/1.1 302 Found\r\nLocation: ${location}\r\n\r\n`);
  expect(redirectPath({ context: context(8001), responses: [answer] })).toBe(path);
});

test("the icon that a page links is asked for and hashed, a server that names itself is not asked for one", async () => {
  const icon = Buffer.from("\x89PNG\r\n\x1a\n an icon", "latin1");
  const asked: string[] = [];
  const server = createServer((request, reply) => {
    asked.push(request.url ?? "");
    reply.setHeader("Server", "named/1.0");
    if (request.url === "/logo.png") reply.end(icon);
    else if (request.url === "/") reply.end("<link rel='shortcut icon' href='/logo.png'>");
    else reply.writeHead(404).end();
  });
  const facts = factMap(http, await converse(http, await listening(server)));
  server.close();
  expect(asked).toContain("/logo.png");
  expect(facts["http.favicon.md5"]).toBe(createHash("md5").update(icon).digest("hex"));
  expect(facts["http.favicon.mmh3"]).toBe(String(iconHash(icon)));
  expect(facts["http.title"]).toBeUndefined();

  const plain = createServer((request, reply) => {
    asked.push(`plain ${request.url}`);
    reply.setHeader("Server", "named/1.0");
    reply.writeHead(404).end();
  });
  await converse(http, await listening(plain));
  plain.close();
  expect(asked).not.toContain("plain /favicon.ico");
});

test("what is left of an icon too large to be kept is not taken for the refusal", async () => {
  const icon = Buffer.alloc(1_000_000, 7);
  const server = createServer((request, reply) => {
    reply.end(request.url === "/logo.png" ? icon : "<link rel='icon' href='/logo.png'>");
  });
  const responses = await converse(http, await listening(server));
  server.close();
  expect(responses.find(({ probe }) => probe === "http.favicon")?.end).toBe("cap");
  const refusal = responses.find(({ probe }) => probe === "http.refusal");
  expect(String(refusal?.data)).toMatch(/^HTTP\/1\.1 400 /);
});

test("a cut icon, a missing one and a page in its place give no hash", () => {
  const png = "\x89PNG\r\n\x1a\n";
  const answer = (head: string, body: string) => [
    response("http.favicon", `HTTP/1.1 ${head}\r\nServer: x\r\n\r\n${body}`),
  ];
  expect(factMap(http, answer("200 OK\r\nContent-Length: 99", png))).toEqual({});
  expect(factMap(http, answer("404 Not Found", png))).toEqual({});
  expect(factMap(http, answer("200 OK", "<html></html>"))).toEqual({});
  expect(Object.keys(factMap(http, answer("200 OK", png)))).toEqual([
    "http.favicon.md5",
    "http.favicon.mmh3",
  ]);
});

test("the Host field carries the name, brackets around IPv6, and only an unusual port", () => {
  expect(hostField(context(80))).toBe("127.0.0.1");
  expect(hostField(context(8080))).toBe("127.0.0.1:8080");
  expect(hostField(context(443, { tls: true, hostname: "www.example.test" }))).toBe("www.example.test");
  expect(hostField(context(8443, { host: "::1" }))).toBe("[::1]:8443");
});

test("RTSP and SIP are not HTTP, a bare page is HTTP at low weight", () => {
  expect(http.recognise(response("http.get", "RTSP/1.0 200 OK\r\n\r\n"))).toBeNull();
  expect(http.recognise(response("http.get", "SIP/2.0 200 OK\r\n\r\n"))).toBeNull();
  expect(http.recognise(response("http.get", "<html><title>x</title></html>"))?.weight).toBe(3);
});

test("any text cut into any chunks comes out whole", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 12 }), (parts) => {
      const coded = [
        ...parts.flatMap((part) => [`${part.length.toString(16)};x=y\r\n`, part, "\r\n"]),
        "0\r\n\r\n",
      ];
      const bytes = Buffer.concat(
        coded.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)),
      );
      expect(Buffer.from(dechunk(bytes))).toEqual(Buffer.concat(parts));
    }),
  );
});

test("completeness is the Content-Length, however the bytes arrive", () => {
  const whole = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
  const complete = messageComplete("HTTP");
  for (let length = 1; length < whole.length; length++)
    expect(complete(whole.subarray(0, length))).toBe(false);
  expect(complete(whole)).toBe(true);
});

test("an interim response is skipped, an answer without a body ends with its head", () => {
  const data = Buffer.from("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nServer: x\r\n\r\n");
  expect(parseMessage(data, "HTTP")).toMatchObject({
    status: 204,
    headers: [{ name: "Server", value: "x" }],
  });
  expect(messageComplete("HTTP")(Buffer.from("HTTP/1.1 304 Not Modified\r\n\r\n"))).toBe(true);
});

test("title, generator and visible text are read from sloppy pages", () => {
  expect(pageTitle("<TITLE\nlang=en>\n A  b\n</TITLE>")).toBe("A b");
  expect(pageGenerator(`<meta charset=x><META content='WordPress 6.4' name=generator>`)).toBe(
    "WordPress 6.4",
  );
  expect(
    visibleText("<style>p{}</style><h1>Not&nbsp;Found</h1><!-- <p>x</p> --><script>var a</script><hr>nginx"),
  ).toBe("Not&nbsp;Found nginx");
});

test("products of a Server field are told from its comments", () => {
  expect(serverTokens("Apache/2.4.6 (Red Hat (x)) OpenSSL/1.0.2k PHP/5.4")).toEqual([
    "Apache/2.4.6",
    "OpenSSL/1.0.2k",
    "PHP/5.4",
  ]);
});
