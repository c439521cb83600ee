import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { FIRST_WIDTH } from "../../../lib/detect/probe-file/courtesy.ts";
import { connectionBudget } from "../../../lib/net/budget.ts";
import { tcpDialer } from "../../../lib/net/dialer.ts";
import { certified, listening, tcpServer } from "../../net/servers.ts";
import { atATime, hangUp, type Peer, silent, strangeGreeter } from "../peers.ts";
import { driven, manyProbes, packOf } from "./files.ts";

// How many connections a server is asked on side by side, and what its answers are worth when there are many.

/** Counts the connections that are open at once. */
function counted(peer: Peer): { peer: Peer; most: () => number } {
  let [open, most] = [0, 0];
  return {
    peer(socket) {
      most = Math.max(most, ++open);
      socket.on("close", () => open--);
      peer(socket);
    },
    most: () => most,
  };
}

async function tlsServer(peer: Peer): Promise<number> {
  const pair = certified("inside.example");
  const server = createTlsServer({ key: pair.key, cert: pair.cert }, peer);
  server.on("tlsClientError", () => undefined);
  onTestFinished(() => {
    server.close();
    pair.remove();
  });
  return listening(server);
}

describe("who greets", () => {
  test("as a service that minds company is asked on one connection at a time", async () => {
    const { peer, most } = counted(strangeGreeter);
    const port = await tcpServer(peer);
    const found = await driven({ pack: manyProbes(3, 300), port, mindsCompany: () => true });
    expect(found.probes).toEqual(["NULL", "P0", "P1", "P2"]);
    expect(most()).toBe(1);
  });

  test("as one that does not is asked side by side, although a greeting was expected", async () => {
    const { peer, most } = counted(strangeGreeter);
    const port = await tcpServer(peer);
    const how = { serverFirst: () => true, mindsCompany: () => false };
    const found = await driven({ pack: manyProbes(6, 700), port, ...how });
    expect(found.probes).toEqual(["NULL", "P0", "P1", "P2", "P3", "P4", "P5"]);
    expect(found.flags).toEqual([]);
    expect(most()).toBeGreaterThan(1);
  });

  test("with a refusal of everybody has nothing to mind", async () => {
    const { peer, most } = counted((socket) => silent(socket) ?? socket.write("554 go away\r\n"));
    const port = await tcpServer(peer);
    const found = await driven({ pack: manyProbes(6, 700), port, mindsCompany: () => true });
    expect(found.probes).toEqual(["NULL", "P0", "P1", "P2", "P3", "P4", "P5"]);
    expect(found.entries.map(({ probe }) => probe)).toEqual(found.probes);
    expect(most()).toBeGreaterThan(1);
  });

  for (const minding of ["odd", "another"]) {
    test(`as what the file half recognises is judged by that: ${minding} minds company`, async () => {
      const { peer, most } = counted((socket) => silent(socket) ?? socket.write("ODD hello\r\n"));
      const port = await tcpServer(peer);
      const pack = packOf(
        "Probe TCP NULL q||",
        "totalwaitms 1500",
        "softmatch odd m|^ODD |",
        ...["a", "b", "c"].flatMap((name) => [
          `Probe TCP ${name} q|${name}|`,
          "rarity 1",
          "totalwaitms 500",
          `match odd m|^never ${name}|`,
        ]),
      );
      const mindsCompany = (_: Uint8Array, service: string | null) => service === minding;
      const found = await driven({ pack, port, mindsCompany });
      expect(found).toMatchObject({ final: "soft", service: "odd", probes: ["NULL", "a", "b", "c"] });
      if (minding === "odd") expect(most()).toBe(1);
      else expect(most()).toBeGreaterThan(1);
    });
  }
});

for (const [how, greetings] of Object.entries({
  "otherwise each time": (n: number) => `${String.fromCharCode(97 + n)}${n} welcome\r\n`,
  "once, and then refuses everybody": (n: number) => (n === 0 ? "hello\r\n" : "421 go away\r\n"),
})) {
  const sideBySide = how === "otherwise each time";
  test(`who greets ${how} is asked ${sideBySide ? "side by side" : "in order"} in the end`, async () => {
    let greeted = 0;
    const { peer, most } = counted((socket) => {
      socket.resume();
      socket.write(greetings(greeted++));
    });
    const port = await tcpServer(peer);
    const found = await driven({ pack: manyProbes(12, 1_200), port });
    expect(found).toMatchObject({ final: "no-match", flags: sideBySide ? [] : ["serial"] });
    expect(found.probes).toHaveLength(13);
    if (sideBySide) expect(most()).toBeGreaterThan(FIRST_WIDTH);
    else expect(greeted).toBeLessThanOrEqual(12 + 3 * FIRST_WIDTH);
  });
}

test("who resets at a goodbye, and at some requests, has not turned anybody away", async () => {
  const { peer, most } = counted((socket: Socket) => {
    socket.on("data", (data) => data.toString() === "p1" && socket.resetAndDestroy());
    socket.on("end", () => socket.resetAndDestroy());
  });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    peer(socket);
  });
  onTestFinished(() => void server.close());
  const port = await listening(server);
  const found = await driven({ pack: manyProbes(16, 1_500), port });
  expect(found).toMatchObject({ final: "no-match", flags: [] });
  expect(found.probes).toHaveLength(17);
  expect(most()).toBeGreaterThan(FIRST_WIDTH);
});

test("who hangs up on every other request, and holds the rest, is not asked the same again for that", async () => {
  const asked: string[] = [];
  const port = await tcpServer((socket) =>
    socket.on("data", (data) => {
      asked.push(data.toString());
      if (Number(data.toString().slice(1)) % 2 === 1) socket.end();
    }),
  );
  const found = await driven({ pack: manyProbes(24, 1_500), port });
  expect(found).toMatchObject({ final: "no-match", flags: [] });
  expect(found.probes).toHaveLength(25);
  const hungUp = asked.filter((probe) => Number(probe.slice(1)) % 2 === 1);
  expect(new Set(hungUp).size).toBe(12);
  // A few once more, where it was open for a moment whether they had been turned away; not all of them.
  expect(hungUp.length).toBeLessThanOrEqual(18);
});

test("a pool of workers is heard to the last answer, however long its probe has waited in line", async () => {
  // Two at a time, so that most of what is sent ahead waits: longer than its window, if that counted from its connect.
  const pool = atATime(2, (socket) =>
    socket.on("data", (data) => {
      const number = Number(data.toString().slice(1));
      if (number === 9) socket.end("last word\r\n");
      else if (number % 4 === 0) socket.end("what?\r\n");
    }),
  );
  const port = await tcpServer(pool);
  const pack = packOf(
    "Probe TCP NULL q||",
    "totalwaitms 1000",
    ...Array.from({ length: 10 }, (_, i) => [
      `Probe TCP P${i} q|p${i}|`,
      "rarity 1",
      "totalwaitms 700",
    ]).flat(),
    "match last m|^last word|",
  );
  const found = await driven({ pack, port });
  expect(found).toMatchObject({ final: "hard", service: "last" });
});

test("who hangs up on two in the same moment, and then on whoever comes next, is asked on one by one", async () => {
  const held = new Set<Socket>();
  let cross = false;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    held.add(socket);
    socket.on("error", () => undefined).on("close", () => held.delete(socket));
    if (cross) socket.end();
    cross = false;
    if (held.size === 2)
      socket.once("data", () => {
        cross = true;
        for (const one of held) one.end();
      });
    else silent(socket);
  });
  const found = await driven({ pack: manyProbes(3, 300), port: await listening(server) });
  expect(found).toMatchObject({ final: "no-match", flags: ["serial"], probes: ["NULL", "P0", "P1", "P2"] });
});

/** Ten of them, the last of which knows an answer. */
const tenProbes = packOf(
  "Probe TCP NULL q||",
  "totalwaitms 2000",
  ...Array.from({ length: 10 }, (_, i) => [`Probe TCP P${i} q|p${i}|`, "rarity 1", "totalwaitms 700"]).flat(),
  "match last m|^last word|",
);

for (const where of ["in the clear", "in TLS"])
  test(`who turns surplus connections away in words, ${where}, has not answered the probe by that`, async () => {
    let [open, refused] = [0, 0];
    const peer = (socket: Socket) => {
      socket.on("error", () => undefined).resume();
      if (open >= 2) {
        refused++;
        return void socket.end("ERROR too many\r\n");
      }
      open++;
      socket.on("close", () => open--);
      socket.on("data", (data) => data.toString() === "p9" && socket.end("last word\r\n"));
    };
    const port = where === "in TLS" ? await tlsServer(peer) : await tcpServer(peer);
    const found = await driven({ pack: tenProbes, port, tunnel: where === "in TLS" });
    expect(found).toMatchObject({ final: "hard", service: "last", entries: [] });
    expect(found.probes).toHaveLength(11);
    expect(refused).toBeGreaterThan(1);
  });

test("who ends each conversation with the same words is asked everything once, and side by side", async () => {
  const asked: string[] = [];
  const { peer, most } = counted((socket) => {
    socket.on("data", (data) => {
      asked.push(data.toString());
      socket.end("what?\r\n");
    });
  });
  const found = await driven({ pack: manyProbes(24, 700), port: await tcpServer(peer) });
  expect(found).toMatchObject({ final: "no-match", flags: [] });
  expect(found.entries).toHaveLength(24);
  expect(asked).toHaveLength(24);
  expect(most()).toBeGreaterThan(1);
});

test("what is sent ahead to one endpoint does not keep another from its turn", async () => {
  let connections = 0;
  const quiet = await tcpServer((socket) => {
    connections++;
    silent(socket);
  });
  const quick = await tcpServer(hangUp);
  const budget = connectionBudget({ total: 4, perHost: 4 });
  const drivenAt = (port: number) =>
    driven({ pack: manyProbes(20, 1_000), port, dialer: tcpDialer({ host: "127.0.0.1", port }, budget) });
  const slow = drivenAt(quiet);
  const found = await drivenAt(quick);
  expect(found.probes).toHaveLength(21);
  expect(connections).toBeLessThan(12);
  await slow;
  expect(connections).toBeGreaterThan(19);
});
