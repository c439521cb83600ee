/**
 * One endpoint, asked. The first connection tells whether a TCP port is open, and is the one on which detection listens; over UDP, detection finds
 * out both. It has deadlines of its own, which it should not spend queueing for connections: so it begins when the endpoint's turn has come. What
 * this machine lacks for a moment (descriptors, ports) says nothing about the port: it is tried again.
 */
import type { Knowledge } from "../detect/interpret.ts";
import type { FileOptions } from "../detect/probe-file/index.ts";
import { detectTcpRemembering, detectUdpRemembering, type Memory } from "../detect/remembered.ts";
import type { RpcKnowledge } from "../detect/rpc-grinder.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { Outcome } from "../model/outcome.ts";
import type { ConnectionBudget, Release } from "../net/budget.ts";
import { resetConnection } from "../net/connection.ts";
import { tcpDialer, udpDialer } from "../net/dialer.ts";
import type { Rule } from "../signatures/rules/types.ts";
import type { Plan } from "./plan.ts";
import type { Open } from "./sighting.ts";

/** What it takes to ask an endpoint. */
export interface AskContext {
  plan: Plan;
  knowledge: Knowledge;
  /** The operator's service-probes files. */
  files: FileOptions | null;
  /** The operator's rules that ask for themselves. */
  rules?: readonly Rule[];
  /** What earlier scans found out. */
  memory?: Memory | null;
  /** Monotonic, ms. */
  now: () => number;
  /** Looked at when the turn of a TCP endpoint has come: if it is silent, it is asked little. */
  brief?: () => boolean;
}

/** What became of an endpoint; null: its turn did not come in time. */
export type Seen = { outcome: Outcome } | Open | null;

/** What a batch may use of the network, and when it is too late to begin. */
export interface Budgets {
  sweep: ConnectionBudget;
  questions: ConnectionBudget;
  turns: ConnectionBudget;
  late: AbortController;
}

/** Tries when this machine is out of descriptors or ports, and the pause between them, ms. */
const LOCAL_TRIES = 5;
const LOCAL_PAUSE_MS = 200;
/** This machine has no route for the address family: trying again is no use. */
const NOT_TESTABLE = new Set(["EAFNOSUPPORT", "EINVAL", "EADDRNOTAVAIL"]);

/** Waits for an endpoint's turn to be asked; null when that is too late. */
function turn({ turns, late }: Budgets, { host }: Endpoint): Promise<Release | null> {
  return turns.acquire(host, late.signal).catch((reason: unknown) => {
    if (late.signal.aborted) return null;
    throw reason;
  });
}

/** Whether a TCP port is open, and what listens there. */
export async function probeTcp(
  endpoint: Endpoint,
  { plan, knowledge, files, rules, memory, now, brief }: AskContext,
  budgets: Budgets,
  rpc: RpcKnowledge,
): Promise<Seen> {
  const { sweep, questions, late } = budgets;
  for (let tries = 1; ; tries++) {
    const opened = await tcpDialer(endpoint, sweep).open({
      timeoutMs: plan.profile.timeoutMs,
      signal: late.signal,
    });
    if (late.signal.aborted && opened.state === "error") return null;
    const last = tries >= LOCAL_TRIES;
    if (opened.state === "closed" && opened.reason !== "conn-reset") return { outcome: "closed" };
    // No route from here to there says nothing about the port.
    if (opened.state === "filtered")
      return { outcome: opened.reason === "net-unreach" ? "not-testable" : "filtered" };
    if (opened.state === "open" || (opened.state === "closed" && last)) {
      // Reset after the SYN-ACK, before this process looked: it is open, and who was quicker in none of the tries will hear nothing.
      const connection = opened.state === "open" ? opened.connection : resetConnection();
      const release = await turn(budgets, endpoint);
      if (!release) {
        connection.close();
        return null;
      }
      const dialer = tcpDialer(endpoint, questions);
      const asksLittle = brief?.() === true;
      const detection = await detectTcpRemembering({
        endpoint,
        connection,
        dialer,
        knowledge,
        files,
        rules,
        memory,
        builtin: plan.builtin,
        profile: plan.profile,
        rpc,
        now,
        brief: asksLittle,
      }).finally(release);
      return { reason: "syn-ack", detection, rttMs: connection.connectMs, brief: asksLittle };
    }
    if (last) return { outcome: NOT_TESTABLE.has(opened.reason) ? "not-testable" : "failed" };
    await new Promise((resolve) => setTimeout(resolve, LOCAL_PAUSE_MS * tries));
  }
}

/** Whether a UDP port answers, and what listens there. */
export async function probeUdp(
  endpoint: Endpoint,
  { plan, knowledge, files, rules, memory, now }: AskContext,
  budgets: Budgets,
  rpc: RpcKnowledge,
): Promise<Seen> {
  const release = await turn(budgets, endpoint);
  if (!release) return null;
  const dialer = udpDialer(endpoint, budgets.questions);
  const { builtin, profile } = plan;
  const options = { endpoint, dialer, knowledge, files, rules, memory, builtin, profile, rpc, now };
  const seen = await detectUdpRemembering(options).finally(release);
  switch (seen.state) {
    case "open":
      return { reason: seen.reason, detection: seen.detection, rttMs: null };
    case "closed":
      return { outcome: "closed" };
    case "open|filtered":
      return { outcome: "open-filtered" };
    case "error":
      return { outcome: "failed" };
  }
}
