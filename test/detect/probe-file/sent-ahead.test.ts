import { createServer } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { FIRST_WIDTH, MOST_AT_ONCE } from "../../../lib/detect/probe-file/courtesy.ts";
import { certified, listening, tcpServer } from "../../net/servers.ts";
import { atMost, hangUp, lateGreeter, silent, strangeGreeter } from "../peers.ts";
import { driven, HTTP, manyProbes, smallPack, web } from "./files.ts";

// What is sent ahead while other probes wait: to whom, how much at once, and that the verdict stays that of the file's order.

test("a server that turns further connections away is asked in order", async () => {
  let open = 0;
  const port = await tcpServer((socket) => {
    socket.on("close", () => open--).resume();
    if (++open > 1) return void socket.resetAndDestroy();
    socket.on("data", (data) => {
      if (data.toString().startsWith("GET ")) socket.end(HTTP);
    });
  });
  const found = await driven({ pack: smallPack(), port });
  expect(found).toMatchObject({ final: "hard", service: "http" });
  expect(found.flags).toEqual(["serial"]);
});

test("cuts the wait for a banner short where a registered probe was answered, and says so", async () => {
  const port = await web();
  const found = await driven({ pack: smallPack(port), port });
  expect(found).toMatchObject({ final: "hard", service: "http", flags: ["banner-cut"] });
  // The probe before it in the file was asked first, and its whole window waited for.
  expect(found.probes).toEqual(["NULL", "Lines", "Get"]);
});

test("asks nothing ahead where a greeting is expected", async () => {
  let connections = 0;
  const port = await tcpServer((socket) => {
    connections++;
    setTimeout(() => socket.writable && socket.write("HELLO slow\r\n"), 800);
  });
  const found = await driven({ pack: smallPack(port), port, serverFirst: () => true });
  expect([found.service, connections]).toEqual(["greet", 1]);
});

test("has three connections open at once, more where they are borne, and never more than that", async () => {
  const counts: number[] = [];
  let open = 0;
  const port = await tcpServer((socket) => {
    counts.push(++open);
    socket.resume();
    socket.on("close", () => open--);
  });
  const found = await driven({ pack: manyProbes(30, 1_500), port, intensity: 9 });
  expect(found.probes).toHaveLength(31);
  expect(Math.max(...counts)).toBeGreaterThan(FIRST_WIDTH);
  // The knock comes on top of those that were held.
  expect(Math.max(...counts)).toBeLessThanOrEqual(MOST_AT_ONCE + 1);
  expect(Math.max(...counts.slice(0, FIRST_WIDTH + 1))).toBeLessThanOrEqual(FIRST_WIDTH + 1);
});

test("stays below the number of connections at which one was turned away", async () => {
  const peer = atMost(4, silent);
  let [turned, open] = [0, 0];
  const port = await tcpServer((socket) => {
    if (open >= 4) turned++;
    open++;
    socket.on("close", () => open--);
    peer(socket);
  });
  const found = await driven({ pack: manyProbes(20, 1_500), port });
  expect(found.probes).toHaveLength(21);
  expect(found).toMatchObject({ final: "no-match", flags: [] });
  // On a busy machine it may never ask as many at once.
  expect(turned).toBeLessThanOrEqual(4);
});

test("a silent server that hangs up on requests is not taken for one that turns connections away", async () => {
  const port = await tcpServer(hangUp);
  const found = await driven({ pack: manyProbes(20, 1_500), port });
  expect(found).toMatchObject({ final: "no-match", flags: [], wrapPossible: false });
  expect(found.probes).toHaveLength(21);
});

test("a banner in the first probe's time counts as it would in strict order", async () => {
  // NULL listens for 2 s, and the first probe for 1.5 s on the same connection.
  const banner = lateGreeter(2_700, "HELLO later\r\n");
  const seen: Record<string, unknown>[] = [];
  for (const strictOrder of [true, false]) {
    const port = await tcpServer(banner);
    const found = await driven({ pack: manyProbes(20, 1_500), port, strictOrder });
    const { service, final, fields } = found;
    seen.push({ service, final, version: fields.version, probes: found.probes });
  }
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[0]).toMatchObject({
    service: "greet",
    final: "hard",
    version: "later",
    probes: ["NULL", "P0"],
  });
});

test("who greets in no known way, the same on each connection, is asked side by side", async () => {
  let [open, most] = [0, 0];
  const port = await tcpServer((socket) => {
    most = Math.max(most, ++open);
    socket.on("close", () => open--);
    strangeGreeter(socket);
  });
  const found = await driven({ pack: manyProbes(6, 700), port });
  expect(found).toMatchObject({ final: "no-match", flags: [] });
  expect(found.entries.map(({ probe }) => probe)).toEqual(found.probes);
  expect(most).toBeGreaterThan(1);
});

test("a further connection that is greeted otherwise is not believed", async () => {
  let open = 0;
  const port = await tcpServer((socket) => {
    socket.on("close", () => open--).resume();
    if (++open > 1) return void socket.end("421 too many\r\n");
    socket.write("200 odd\r\n");
    socket.on("data", (data) => {
      if (data.toString() === "p2") socket.write("answer two\r\n");
    });
  });
  const found = await driven({ pack: manyProbes(3, 700), port });
  expect(found).toMatchObject({ final: "hard", service: "second", flags: ["serial"] });
  expect(found.entries.every(({ data }) => !Buffer.from(data).includes("421"))).toBe(true);
});

test("TLS is begun before the wait for a banner in the clear is over", async () => {
  const pair = certified("inside.example");
  let before = 0;
  const began = performance.now();
  const server = createServer({ key: pair.key, cert: pair.cert }, (socket) => {
    if (performance.now() - began < 2_000) before++;
    socket.on("error", () => undefined);
  });
  server.on("tlsClientError", () => undefined);
  onTestFinished(() => {
    server.close();
    pair.remove();
  });
  const port = await listening(server);
  const found = await driven({ pack: smallPack(), port });
  expect(found).toMatchObject({ tunnel: true, final: "no-match" });
  expect(before).toBeGreaterThan(0);
});

test("ends at the deadline", async () => {
  const port = await tcpServer(() => undefined);
  const found = await driven({ pack: smallPack(), port, deadline: performance.now() + 300 });
  expect(found.probes).toEqual([]);
  expect(found.service).toBeNull();
});
