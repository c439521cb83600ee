import { describe, expect, it } from "vitest";
import { patientNow, standingStill, waitFor } from "../../lib/net/patience.ts";
import { openTcp } from "../../lib/net/tcp.ts";
import { tcpServer } from "./servers.ts";
import { standStill } from "./stand-still.ts";

const STANDSTILL_MS = 900;

describe("a machine that stands still", () => {
  it("does not make a peer on it look silent", async () => {
    const port = await tcpServer((socket) => {
      socket.once("data", () => setTimeout(() => socket.write("here I am\r\n"), 50));
    });
    const opened = await openTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
    if (opened.state !== "open") throw new Error(opened.state);
    opened.connection.write(Buffer.from("who?\r\n"));
    const answer = opened.connection.read({ timeoutMs: STANDSTILL_MS - 100 });
    standStill(STANDSTILL_MS);
    const { data, end } = await answer;
    opened.connection.close();
    expect([Buffer.from(data).toString(), end]).toEqual(["here I am\r\n", "timeout"]);
  });

  it("does not bring a deadline nearer", () => {
    const before = patientNow();
    standStill(STANDSTILL_MS);
    expect(patientNow() - before).toBeLessThan(STANDSTILL_MS);
  });

  it("is forgiven for as long as there is time to", async () => {
    const stopped = standingStill(() => 7, 50);
    expect(stopped()).toBe(7);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(stopped()).toBeGreaterThan(70);
  });

  it("does not know when a connection ended meanwhile, but not before what", async () => {
    const port = await tcpServer((socket) => {
      socket.once("data", () => socket.end());
    });
    const opened = await openTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
    if (opened.state !== "open") throw new Error(opened.state);
    const { connection } = opened;
    connection.write(Buffer.from("bye\r\n"));
    const answer = connection.read({ timeoutMs: 3_000 });
    standStill(STANDSTILL_MS);
    expect(connection.ageMs).toBeGreaterThan(STANDSTILL_MS - 1);
    expect(await answer).toMatchObject({ end: "eof" });
    expect(connection.leastAgeMs).toBeLessThan(STANDSTILL_MS);
    expect(connection.ageMs).toBeGreaterThan(STANDSTILL_MS - 1);
  });

  it("still lets a wait end", async () => {
    let ended = false;
    await new Promise<void>((resolve) => {
      const again = setInterval(() => standStill(400), 1);
      waitFor(50, () => {
        ended = true;
        clearInterval(again);
        resolve();
      });
    });
    expect(ended).toBe(true);
  });

  it("forgets a wait that was stopped", async () => {
    let called = false;
    waitFor(1, () => {
      called = true;
    }).stop();
    await new Promise<void>((resolve) => waitFor(20, resolve));
    expect(called).toBe(false);
  });
});
