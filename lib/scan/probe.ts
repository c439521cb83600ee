/**
 * One batch, probed. Workers walk the pending endpoints; what they find leaves in messages as it is ready. Before its own deadline the prober
 * stops starting endpoints, finishes those under way, and hands the remainder over as the next generation of the batch: claimed in the
 * ledger first, so that of two copies of a message only one hands on. What died with a prober is still pending in the
 * ledger and is probed again when its message comes back.
 */
import type { Cloud } from "../cloud/index.ts";
import { DEADLINE_FACTOR, type Detection } from "../detect/detection.ts";
import { fileDeadlineMs } from "../detect/file-limits.ts";
import type { Knowledge } from "../detect/interpret.ts";
import type { FileOptions } from "../detect/probe-file/index.ts";
import {
  detectTcpRemembering,
  detectUdpRemembering,
  type Memory,
  rememberingMs,
} from "../detect/remembered.ts";
import { rulesDeadlineMs } from "../detect/rules/ask.ts";
import type { Endpoint } from "../model/endpoint.ts";
import { type Observation, storeResponse, storeTls } from "../model/observation.ts";
import type { Outcome } from "../model/outcome.ts";
import { type ConnectionBudget, connectionBudget, type Release } from "../net/budget.ts";
import { tcpDialer, udpDialer } from "../net/dialer.ts";
import { timerMs } from "../net/timer.ts";
import type { Rule } from "../signatures/rules/types.ts";
import { parseAddress } from "../targets/address.ts";
import type { Lookup } from "../targets/resolve.ts";
import { metaKey, observationsObject } from "./keys.ts";
import { claimGeneration, readBatch } from "./ledger.ts";
import type { BatchMessage, Meter, Sighting } from "./messages.ts";
import { type Outgoing, outgoing } from "./outgoing.ts";
import { type Ownership, scopeOwnership } from "./ownership.ts";
import { isPrinterPort, type Plan } from "./plan.ts";
import type { Batch, PlanIndex } from "./plan-index.ts";
import { type Share, SOCKETS } from "./politeness.ts";

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
/** Tries when this machine is out of descriptors or ports, and the pause between them, ms. */
const LOCAL_TRIES = 5;
const LOCAL_PAUSE_MS = 200;

export async function probeBatch(cloud: Cloud, message: BatchMessage, context: ProbeContext): Promise<void> {
  const { plan, index, now } = context;
  const { scanId } = plan;
  const batch = index.batchAt(message.batch);
  const began = now();
  const [state, meta] = await Promise.all([
    readBatch(cloud.table, scanId, batch.number, batch.size),
    cloud.table.get(metaKey(scanId)),
  ]);
  if (state.generation > message.generation) {
    // A copy of a message whose remainder was handed over already; whoever claimed it may have died before sending it.
    await cloud.outbox.probe.send([{ ...message, generation: state.generation }]);
    return;
  }

  const out = outgoing(cloud, { scanId, batch: batch.number });
  const run = startRun(cloud, batch, context, out, meta?.cancelled === true);
  const left: number[] = [];
  const settledHosts = new Map<string, Outcome>();
  await runWorkers(pendingOf(state.codes), WIDTH, async (i) => {
    if (!run.mayStart() || !(await run.probe(i, settledHosts))) left.push(i);
  });
  run.end();

  const generation = message.generation + 1;
  const exhausted = left.length > 0 && generation > MOST_GENERATIONS;
  // What this run found out is on its way to the ledger: only what it did not start has failed.
  if (exhausted) out.settleRest(left, "failed");
  if (run.observations.length > 0) {
    await cloud.archive.putJson(
      observationsObject(scanId, batch.number, message.generation),
      run.observations,
    );
  }
  const meter: Meter = {
    invocation: context.invocation,
    gbSeconds: ((now() - began) / 1000) * (context.memoryMb / 1024),
    queueRequests: out.sent + 3,
    tableUnits: 0,
    bucketRequests: run.observations.length > 0 ? 1 : 0,
  };
  await out.close(meter);

  if (left.length > 0 && !exhausted) {
    const { invocation } = context;
    if (
      await claimGeneration(cloud.table, scanId, batch.number, batch.size, generation, invocation, out.told)
    ) {
      await cloud.outbox.probe.send([{ ...message, generation }]);
    }
  } else if (batch.next !== null) {
    await cloud.outbox.probe.send([{ scanId, batch: batch.next, generation: 0 } satisfies BatchMessage]);
  }
}

function* pendingOf(codes: Uint8Array): Generator<number> {
  for (let i = 0; i < codes.length; i++) if (codes[i] === 0) yield i;
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
  mayStart(): boolean;
  /** False when its turn did not come in time: nothing was found out. */
  probe(index: number, shared: Map<string, Outcome>): Promise<boolean>;
  end(): void;
}

function startRun(cloud: Cloud, batch: Batch, context: ProbeContext, out: Outgoing, cancelled: boolean): Run {
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
    return true;
  };
  const deadline = Date.parse(plan.deadlineAt);

  return {
    observations,
    mayStart: () => !budgets.late.signal.aborted && context.remainingMs() > longest,
    end: () => clearTimeout(lateTimer),
    async probe(index, shared) {
      const endpoint = batch.endpointAt(index);
      if (cancelled || context.wallClock().getTime() >= deadline) return settled(index, "expired");
      if (!(await mayTouch(endpoint))) return settled(index, "excluded");
      // A port's state is probed once per address, whatever the names.
      const door = `${endpoint.transport} ${endpoint.host} ${endpoint.port}`;
      const known = shared.get(door);
      if (known) return settled(index, known);
      const began = now();
      const work =
        endpoint.transport === "tcp"
          ? probeTcp(endpoint, context, budgets)
          : probeUdp(endpoint, context, budgets);
      // One endpoint that trips our own code must not take the batch with it.
      const seen = await work.catch((error: unknown): Seen => {
        context.onError(error, endpoint);
        return { outcome: "failed" };
      });
      if (!seen) return false;
      if ("outcome" in seen) {
        if (endpoint.hostname !== null && seen.outcome !== "failed") shared.set(door, seen.outcome);
        return settled(index, seen.outcome);
      }
      const observation = observe(endpoint, seen, context, now() - began);
      observations.push(observation);
      out.sight(sightingOf(index, observation));
      return true;
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
type Seen = { outcome: Outcome } | { reason: string; detection: Detection; rttMs: number | null } | null;

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
        rpc: { programs: plan.rpcPrograms },
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
): Promise<Seen> {
  const release = await turn(budgets, endpoint);
  if (!release) return null;
  const dialer = udpDialer(endpoint, budgets.questions);
  const { builtin, profile, rpcPrograms } = plan;
  const rpc = { programs: rpcPrograms };
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

function observe(
  endpoint: Endpoint,
  { reason, detection, rttMs }: Exclude<Seen, { outcome: Outcome } | null>,
  { plan, packs, wallClock }: ProbeContext,
  durationMs: number,
): Observation {
  return {
    scanId: plan.scanId,
    endpoint,
    state: "open",
    reason,
    responses: detection.responses.map(storeResponse),
    tls: storeTls(detection.tls),
    facts: detection.facts,
    evidence: detection.evidence,
    flags: detection.flags,
    packs,
    rttMs,
    connections: detection.connections,
    durationMs: Math.round(durationMs),
    observedAt: wallClock().toISOString(),
    servicefp: detection.servicefp ?? null,
    recipe: detection.recipe,
    cached: detection.cached,
  };
}

/** Pieces of evidence that travel; the strongest, should a hostile answer raise more. */
const MOST_EVIDENCE = 64;

function sightingOf(index: number, observation: Observation): Sighting {
  const { state, reason, flags, packs, observedAt, servicefp, recipe, cached } = observation;
  const strongest = [...observation.evidence].sort((a, b) => b.weight - a.weight).slice(0, MOST_EVIDENCE);
  return {
    index,
    state,
    reason,
    tls: observation.tls !== null || flags.includes("tls-inferred"),
    evidence: strongest,
    flags,
    packs,
    observedAt,
    servicefp,
    recipe,
    cached,
  };
}
