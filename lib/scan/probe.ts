/**
 * One batch, probed. Workers walk the pending endpoints; what they find leaves in messages as it is ready. Before its own deadline the prober
 * stops starting endpoints, finishes those under way, and hands the remainder over as the next generation of the batch: claimed in the
 * ledger first, so that of two copies of a message only one hands on. What died with a prober is still pending in the
 * ledger and is probed again when its message comes back.
 */
import type { Cloud } from "../cloud/index.ts";
import { DEADLINE_FACTOR } from "../detect/detection.ts";
import { fileDeadlineMs } from "../detect/file-limits.ts";
import type { Knowledge } from "../detect/interpret.ts";
import type { FileOptions } from "../detect/probe-file/index.ts";
import {
  detectTcpRemembering,
  detectUdpRemembering,
  type Memory,
  rememberingMs,
} from "../detect/remembered.ts";
import type { RpcKnowledge } from "../detect/rpc-grinder.ts";
import { rulesDeadlineMs } from "../detect/rules/ask.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { Observation } from "../model/observation.ts";
import type { Outcome } from "../model/outcome.ts";
import { type ConnectionBudget, connectionBudget, type Release } from "../net/budget.ts";
import { tcpDialer, udpDialer } from "../net/dialer.ts";
import { timerMs } from "../net/timer.ts";
import type { Rule } from "../signatures/rules/types.ts";
import { parseAddress } from "../targets/address.ts";
import type { Lookup } from "../targets/resolve.ts";
import { type Allowance, allowance, NO_LIMIT } from "./allowance.ts";
import { type Budget, readBudget } from "./budget.ts";
import { watchCancelled } from "./cancel.ts";
import { usdOf } from "./cost.ts";
import { claimGeneration, claimWave, layAside } from "./handover.ts";
import { metaKey, observationsObject } from "./keys.ts";
import { type BatchState, openIn, readBatch } from "./ledger.ts";
import type { BatchMessage, Sighting } from "./messages.ts";
import { currentMeter, takeWith } from "./meter.ts";
import { type Outgoing, outgoing } from "./outgoing.ts";
import { type Ownership, scopeOwnership } from "./ownership.ts";
import { deadlineOf, isPrinterPort, type Plan } from "./plan.ts";
import type { Batch, PlanIndex } from "./plan-index.ts";
import { type Share, SOCKETS } from "./politeness.ts";
import { portMappers } from "./port-mapper.ts";
import { type Open, observe, sightingOf } from "./sighting.ts";

export interface ProbeContext {
  plan: Plan;
  index: PlanIndex;
  knowledge: Knowledge;
  /** The operator's service-probes files. */
  files: FileOptions | null;
  /** The operator's rules that ask for themselves. */
  rules?: readonly Rule[];
  /** What earlier scans found out. */
  memory?: Memory | null;
  /** Digest over the packs, for the results. */
  packs: string;
  /** ms until this invocation is killed. */
  remainingMs: () => number;
  /** Monotonic, ms. */
  now: () => number;
  wallClock: () => Date;
  invocation: string;
  memoryMb: number;
  /** Whose the addresses are; absent: whose the scope says. */
  ownership?: Ownership;
  lookup?: Lookup;
  /** Told of an endpoint that failed because of our own mistake. */
  onError: (error: unknown, endpoint: Endpoint) => void;
}

/** Endpoints at once, and first connections, and further questions, where no limit is asked for. */
const WIDTH = SOCKETS / 2;
const UNLIMITED: Share = {
  sweep: { total: WIDTH, perHost: WIDTH },
  questions: { total: WIDTH, perHost: WIDTH },
  turns: { total: WIDTH, perHost: WIDTH },
};
/** What is left of an invocation for the last messages after the last endpoint, ms. */
const CLOSING_MARGIN_MS = 5_000;
/** A batch may be handed over this often; then what is left has failed. */
const MOST_GENERATIONS = 5;
/** What a prober uses after it has told what it used: that message, and the batch's next. */
const FAREWELL = { queueRequests: 2 };
/** Time between two looks at the money of a scan with a cost limit, ms. */
const MONEY_LOOK_MS = 500;
/** Tries when this machine is out of descriptors or ports, and the pause between them, ms. */
const LOCAL_TRIES = 5;
const LOCAL_PAUSE_MS = 200;

export async function probeBatch(cloud: Cloud, message: BatchMessage, context: ProbeContext): Promise<void> {
  const { plan, index } = context;
  const { scanId } = plan;
  const batch = index.batchAt(message.batch);
  const [state, meta] = await Promise.all([
    readBatch(cloud.table, scanId, batch.number, batch.size),
    cloud.table.get(metaKey(scanId)),
  ]);
  const limit = plan.maxCostUsd === null ? null : await readBudget(cloud, scanId);
  if (limit && !(await claimed(cloud, batch, state, limit, context))) return;
  if (state.generation > message.generation) {
    // A copy of a message whose remainder was handed over already; whoever claimed it may have died before sending it.
    await cloud.outbox.probe.send([{ ...message, generation: state.generation }]);
    return;
  }

  const out = outgoing(cloud, { scanId, batch: batch.number, size: batch.size });
  const watch = watchCancelled(cloud, scanId, meta?.cancelled === true);
  const deadline = deadlineOf(plan, meta);
  const over = () => watch.cancelled || context.wallClock().getTime() >= deadline;
  const run = startRun(cloud, batch, context, out, over, limit?.allotmentUsd ?? null);
  const left: number[] = [];
  const settledHosts = new Map<string, Outcome>();
  try {
    await runWorkers(openIn(state), WIDTH, async (i) => {
      if (!run.mayStart() || !(await run.allowance.take())) {
        left.push(i);
        return;
      }
      const probed = await run.probe(i, settledHosts);
      run.allowance.done(probed?.sighting ?? null);
      if (!probed) left.push(i);
    });
  } finally {
    watch.close();
    run.end();
  }

  const generation = message.generation + 1;
  const exhausted = left.length > 0 && !run.allowance.short && generation - state.since > MOST_GENERATIONS;
  // What this run found out is on its way to the ledger: only what it did not start has failed.
  if (exhausted) out.settleRest(left, "failed");
  out.hold();
  if (run.observations.length > 0) {
    await cloud.archive.putJson(
      observationsObject(scanId, batch.number, message.generation),
      run.observations,
    );
  }
  const { invocation } = context;
  const { number, size } = batch;
  const handsOver = left.length > 0 && !exhausted;
  if (limit) {
    // Whoever writes what follows sees that the batch waits, and wakes the tick.
    const next = run.allowance.short ? message.generation : generation;
    if (handsOver) {
      await out.flush();
      await layAside(cloud.table, scanId, number, size, next, out.told);
    }
    return out.close({ invocation, usage: takeWith(FAREWELL) });
  }
  await out.close({ invocation, usage: takeWith(FAREWELL) });

  if (handsOver) {
    if (await claimGeneration(cloud.table, scanId, number, size, generation, invocation, out.told)) {
      await cloud.outbox.probe.send([{ ...message, generation }]);
    }
  } else if (batch.next !== null) {
    await cloud.outbox.probe.send([{ scanId, batch: batch.next, generation: 0 } satisfies BatchMessage]);
  }
}

/** Of a scan with a cost limit, a batch is probed once a wave; a copy of its message, or one of a wave that is over, does nothing. */
async function claimed(
  cloud: Cloud,
  { number, size }: Batch,
  state: BatchState,
  { wave, batches, allotmentUsd: usd }: Budget,
  { plan: { scanId }, invocation }: ProbeContext,
): Promise<boolean> {
  if (!batches.includes(number)) return false;
  if (await claimWave(cloud.table, scanId, number, size, { wave, claimant: invocation, usd })) return true;
  if (state.wave === wave && !state.complete && !state.waits) {
    // Given out already: who had it has died, or works on it still and will find it laid aside.
    await layAside(cloud.table, scanId, number, size, state.generation);
    const usage = takeWith({ queueRequests: 1 });
    await outgoing(cloud, { scanId, batch: number, size }).close({ invocation, usage });
  }
  return false;
}

/** `width` workers share one iterator: nothing is listed, nobody waits for a slow neighbour. */
async function runWorkers<T>(
  items: Iterator<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const worker = async () => {
    for (let next = items.next(); !next.done; next = items.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

interface Run {
  observations: Observation[];
  allowance: Allowance;
  mayStart(): boolean;
  /** What was sent of it, if it is open. Null when its turn did not come in time: nothing was found out. */
  probe(index: number, shared: Map<string, Outcome>): Promise<{ sighting: Sighting | null } | null>;
  end(): void;
}

/** `over`: nothing may be asked any more. `usd`: what this invocation may use; null: what it takes. */
function startRun(
  cloud: Cloud,
  batch: Batch,
  context: ProbeContext,
  out: Outgoing,
  over: () => boolean,
  usd: number | null,
): Run {
  const { plan, now } = context;
  const { configuration } = cloud;
  const ownership =
    context.ownership ??
    scopeOwnership(plan, configuration, { now: context.wallClock, lookup: context.lookup });
  const mayTouch = gate(plan, configuration.selfPorts, ownership);
  const share = batch.share ?? UNLIMITED;
  const budgets: Budgets = {
    sweep: connectionBudget(share.sweep),
    questions: connectionBudget(share.questions),
    turns: connectionBudget(share.turns),
    late: new AbortController(),
  };
  const ofFiles = context.files ? fileDeadlineMs(plan) : 0;
  const ofRules = context.rules?.length ? rulesDeadlineMs(plan.profile.timeoutMs) : 0;
  const ofMemory = context.memory ? rememberingMs(plan.profile.timeoutMs) : 0;
  const further = ofFiles + ofRules + ofMemory;
  const longest = plan.profile.timeoutMs * (DEADLINE_FACTOR + 1) + further + CLOSING_MARGIN_MS;
  // Those that wait for their place when nothing may be started any more are handed over, too.
  const lateTimer = setTimeout(() => budgets.late.abort(), timerMs(context.remainingMs() - longest));
  const observations: Observation[] = [];
  const settled = (index: number, outcome: Outcome) => {
    out.settle(index, outcome);
    return { sighting: null };
  };
  const meter = currentMeter();
  const spentUsd = () => (meter ? usdOf(meter.read()) : 0);
  const { memoryMb } = context;
  const given = usd === null ? NO_LIMIT : allowance({ usd, spentUsd, tailMs: longest, memoryMb });
  // Waiting for a turn costs, too.
  const moneyTimer = setInterval(() => {
    if (given.isUsedUp()) budgets.late.abort();
  }, MONEY_LOOK_MS);
  const { timeoutMs } = plan.profile;
  const dial = (endpoint: Endpoint) => tcpDialer(endpoint, budgets.questions);
  const listed = portMappers({ batch, mayTouch, dial, timeoutMs, now, random: Math.random });
  const rpcOf = ({ host }: Endpoint): RpcKnowledge => ({
    programs: plan.rpcPrograms,
    listed: () => listed(host),
  });

  return {
    observations,
    allowance: given,
    mayStart: () => !budgets.late.signal.aborted && context.remainingMs() > longest,
    end() {
      clearTimeout(lateTimer);
      clearInterval(moneyTimer);
    },
    async probe(index, shared) {
      const endpoint = batch.endpointAt(index);
      if (over()) return settled(index, "expired");
      if (!(await mayTouch(endpoint))) return settled(index, "excluded");
      // A port's state is probed once per address, whatever the names.
      const door = `${endpoint.transport} ${endpoint.host} ${endpoint.port}`;
      const known = shared.get(door);
      if (known) return settled(index, known);
      const began = now();
      const work =
        endpoint.transport === "tcp"
          ? probeTcp(endpoint, context, budgets, rpcOf(endpoint))
          : probeUdp(endpoint, context, budgets, rpcOf(endpoint));
      // One endpoint that trips our own code must not take the batch with it.
      const seen = await work.catch((error: unknown): Seen => {
        context.onError(error, endpoint);
        return { outcome: "failed" };
      });
      if (!seen) return null;
      if ("outcome" in seen) {
        if (endpoint.hostname !== null && seen.outcome !== "failed") shared.set(door, seen.outcome);
        return settled(index, seen.outcome);
      }
      const observation = observe(endpoint, seen, context, now() - began);
      observations.push(observation);
      const sighting = sightingOf(index, observation);
      out.sight(sighting);
      return { sighting };
    },
  };
}

/** Asked right before connecting; of an address once a batch, not once a port. */
function gate(
  plan: Plan,
  selfPorts: readonly number[],
  ownership: Ownership,
): (endpoint: Endpoint) => Promise<boolean> {
  const self = new Set([...plan.selfPorts, ...selfPorts]);
  const verdicts = new Map<string, Promise<boolean>>();
  const owned = async ({ host, hostname }: Endpoint) => {
    const address = parseAddress(host);
    return address !== null && ownership.owns(address, hostname);
  };
  return async (endpoint) => {
    const { host, hostname, transport, port } = endpoint;
    const key = `${host} ${hostname ?? ""}`;
    const verdict = verdicts.get(key) ?? owned(endpoint);
    verdicts.set(key, verdict);
    if (!(await verdict) || (isPrinterPort(endpoint) && !plan.printerPorts)) return false;
    const loopback = host === "::1" || host.startsWith("127.");
    return !(loopback && plan.local && transport === "tcp" && self.has(port));
  };
}

/** Null: its turn did not come in time. */
type Seen = { outcome: Outcome } | Open | null;

/** What a batch may use of the network, and when it is too late to begin. */
interface Budgets {
  sweep: ConnectionBudget;
  questions: ConnectionBudget;
  turns: ConnectionBudget;
  late: AbortController;
}

/** Waits for an endpoint's turn to be asked; null when that is too late. */
function turn({ turns, late }: Budgets, { host }: Endpoint): Promise<Release | null> {
  return turns.acquire(host, late.signal).catch((reason: unknown) => {
    if (late.signal.aborted) return null;
    throw reason;
  });
}

async function probeTcp(
  endpoint: Endpoint,
  { plan, knowledge, files, rules, memory, now }: ProbeContext,
  budgets: Budgets,
  rpc: RpcKnowledge,
): Promise<Seen> {
  const { sweep, questions, late } = budgets;
  for (let tries = 1; ; tries++) {
    const opened = await tcpDialer(endpoint, sweep, late.signal).open({ timeoutMs: plan.profile.timeoutMs });
    if (late.signal.aborted && opened.state === "error") return null;
    if (opened.state === "closed") return { outcome: "closed" };
    // No route from here to there says nothing about the port.
    if (opened.state === "filtered")
      return { outcome: opened.reason === "net-unreach" ? "not-testable" : "filtered" };
    if (opened.state === "open") {
      const { connection, reason } = opened;
      const release = await turn(budgets, endpoint);
      if (!release) {
        connection.close();
        return null;
      }
      const dialer = tcpDialer(endpoint, questions);
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
      }).finally(release);
      return { reason, detection, rttMs: connection.connectMs };
    }
    if (tries >= LOCAL_TRIES) return { outcome: NOT_TESTABLE.has(opened.reason) ? "not-testable" : "failed" };
    await new Promise((resolve) => setTimeout(resolve, LOCAL_PAUSE_MS * tries));
  }
}

/** This machine has no route for the address family: trying again is no use. */
const NOT_TESTABLE = new Set(["EAFNOSUPPORT", "EINVAL", "EADDRNOTAVAIL"]);

async function probeUdp(
  endpoint: Endpoint,
  { plan, knowledge, files, rules, memory, now }: ProbeContext,
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
