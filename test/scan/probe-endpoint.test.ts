import { performance } from "node:perf_hooks";
import { expect, it } from "vitest";
import type { Knowledge } from "../../lib/detect/interpret.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { protocols } from "../../lib/protocols/index.ts";
import type { Plan } from "../../lib/scan/plan.ts";
import { type Budgets, probeTcp } from "../../lib/scan/probe-endpoint.ts";
import { profileByName } from "../../lib/scan/profiles.ts";
import { tcpServer } from "../net/servers.ts";

/** Asks nothing of whoever is found, if not told otherwise: only the port's state counts here. */
function probed(port: number, known: Pick<Knowledge, "protocols"> = { protocols: [] }) {
  const plan = { profile: profileByName("fast"), builtin: known.protocols.length > 0 } as Plan;
  const budget = () => connectionBudget({ total: 4, perHost: 4 });
  const budgets: Budgets = {
    sweep: budget(),
    questions: budget(),
    turns: budget(),
    late: new AbortController(),
  };
  const context = {
    plan,
    knowledge: { ...known, packs: [] },
    files: null,
    now: () => performance.now(),
  };
  const endpoint = { host: "127.0.0.1", hostname: null, port, transport: "tcp" } as const;
  return probeTcp(endpoint, context, budgets, { programs: [] });
}

it("a port whose first connection is reset before this process looks is asked again, and found open", async () => {
  let connections = 0;
  // In one process the reset is there before the connect is looked at.
  const port = await tcpServer((socket) => connections++ === 0 && socket.resetAndDestroy());
  expect(await probed(port)).toMatchObject({ reason: "syn-ack" });
  expect(connections).toBe(2);
});

it("a port that resets every connection at once is open, and lets nobody in", async () => {
  const port = await tcpServer((socket) => socket.resetAndDestroy());
  expect(await probed(port, { protocols })).toMatchObject({
    reason: "syn-ack",
    detection: { flags: ["serial", "tcpwrapped"], verdict: { service: "tcpwrapped" } },
  });
});
