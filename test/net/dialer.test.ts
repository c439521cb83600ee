import { describe, expect, it } from "vitest";
import { InputError } from "../../lib/model/errors.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { tcpDialer, udpDialer } from "../../lib/net/dialer.ts";
import { closedPort, ignore, tcpServer, udpServer } from "./servers.ts";

const OPEN = { timeoutMs: 5_000 };
const host = "127.0.0.1";

describe("a dialer", () => {
  it("holds a place for each open connection and gives it back when that is closed", async () => {
    const budget = connectionBudget({ total: 10, perHost: 2 });
    const dialer = tcpDialer({ host, port: await tcpServer(ignore) }, budget);
    const first = await dialer.open(OPEN);
    const second = await dialer.open(OPEN);
    const third = dialer.open(OPEN);
    expect(budget).toMatchObject({ active: 2, waiting: 1 });
    if (first.state === "open") first.connection.close();
    const opened = await third;
    expect(opened.state).toBe("open");
    expect(budget).toMatchObject({ active: 2, waiting: 0 });
    expect(dialer.opened).toBe(3);
    for (const each of [second, opened]) if (each.state === "open") each.connection.close();
    await expect.poll(() => budget.active).toBe(0);
  });

  it("gives the place back when the peer leaves, or was never there", async () => {
    const budget = connectionBudget({ total: 1, perHost: 1 });
    const leaving = tcpDialer({ host, port: await tcpServer((socket) => socket.end("bye")) }, budget);
    const absent = tcpDialer({ host, port: await closedPort() }, budget);
    for (let n = 0; n < 3; n++) {
      expect((await leaving.open(OPEN)).state).toBe("open");
      expect(await absent.open(OPEN)).toEqual({ state: "closed", reason: "conn-refused" });
    }
    expect([leaving.opened, absent.opened]).toEqual([3, 0]);
    await expect.poll(() => budget.active).toBe(0);
  });

  it("shares its budget between TCP and UDP", async () => {
    const budget = connectionBudget({ total: 1, perHost: 1 });
    const port = await udpServer((_question, from, socket) => socket.send("pong", from.port, from.address));
    const opened = await udpDialer({ host, port }, budget).open(OPEN);
    const waiting = tcpDialer({ host, port: await tcpServer(ignore) }, budget).open(OPEN);
    expect(budget).toMatchObject({ active: 1, waiting: 1 });
    if (opened.state === "open") opened.connection.close();
    const next = await waiting;
    expect(next.state).toBe("open");
    if (next.state === "open") next.connection.close();
  });

  it("gives up waiting when it is told to", async () => {
    const budget = connectionBudget({ total: 1, perHost: 1 });
    await budget.acquire(host);
    const controller = new AbortController();
    const { signal } = controller;
    const dialer = tcpDialer({ host, port: 9 }, budget);
    const opened = dialer.open({ ...OPEN, signal });
    controller.abort();
    expect(await opened).toEqual({ state: "error", reason: "aborted" });
    expect(await dialer.open({ ...OPEN, signal })).toEqual({ state: "error", reason: "aborted" });
    expect(budget).toMatchObject({ active: 1, waiting: 0 });
  });

  it("keeps no place for a name it refuses", async () => {
    const budget = connectionBudget({ total: 1, perHost: 1 });
    const dialer = tcpDialer({ host: "localhost", port: 80 }, budget);
    await expect(dialer.open(OPEN)).rejects.toBeInstanceOf(InputError);
    expect(budget.active).toBe(0);
  });
});
