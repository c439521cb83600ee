/**
 * The endpoints of one batch, in one invocation. An endpoint is started only while its longest conversation still fits into the time and the
 * money that are left; it is touched only if the gate lets it; and it ends as an outcome, or as an observation for the archive with a
 * sighting for the aggregator. What could not be started in time or for the money is told apart: nothing was found out, another invocation asks.
 */
import type { Cloud } from "../cloud/index.ts";
import { DEADLINE_FACTOR } from "../detect/detection.ts";
import { fileDeadlineMs } from "../detect/file-limits.ts";
import { rememberingMs } from "../detect/remembered.ts";
import type { RpcKnowledge } from "../detect/rpc-grinder.ts";
import { rulesDeadlineMs } from "../detect/rules/ask.ts";
import type { Endpoint } from "../model/endpoint.ts";
import { ASKED_LESS_FLAG } from "../model/fingerprint.ts";
import type { Outcome } from "../model/outcome.ts";
import { connectionBudget } from "../net/budget.ts";
import { tcpDialer } from "../net/dialer.ts";
import { standingStill } from "../net/patience.ts";
import { timerMs } from "../net/timer.ts";
import { builtinPorts } from "../registry/ports.ts";
import type { Lookup } from "../targets/resolve.ts";
import { type Allowance, allowance, NO_LIMIT } from "./allowance.ts";
import { usdOf } from "./cost.ts";
import { crowds } from "./crowd.ts";
import type { Sighting } from "./messages.ts";
import { currentMeter } from "./meter.ts";
import type { Outgoing } from "./outgoing.ts";
import { fullOwnership, gate, type Ownership } from "./ownership.ts";
import type { Batch, PlanIndex } from "./plan-index.ts";
import { type Share, SOCKETS } from "./politeness.ts";
import { portMappers } from "./port-mapper.ts";
import { type AskContext, type Budgets, probeTcp, probeUdp, type Seen } from "./probe-endpoint.ts";
import { type Open, observe, sightingOf } from "./sighting.ts";

/** What a prober's invocation knows and has. */
export interface ProbeContext extends AskContext {
  index: PlanIndex;
  /** Digest over the packs, for the results. */
  packs: string;
  /** ms until this invocation is killed. */
  remainingMs: () => number;
  wallClock: () => Date;
  invocation: string;
  memoryMb: number;
  /** Whose the addresses are; absent: whose the scope and the account's inventory say. */
  ownership?: Ownership;
  lookup?: Lookup;
  /** Told of an endpoint that failed because of our own mistake. */
  onError: (error: unknown, endpoint: Endpoint) => void;
}

/** Endpoints under way at once, and first connections, and further questions, where no limit is asked for. */
export const WIDTH = SOCKETS / 2;
const UNLIMITED: Share = {
  sweep: { total: WIDTH, perHost: WIDTH },
  questions: { total: WIDTH, perHost: WIDTH },
  turns: { total: WIDTH, perHost: WIDTH },
};
/** What is left of an invocation for the last messages after the last endpoint, ms. */
const CLOSING_MARGIN_MS = 5_000;
/** At or above this confidence who answered a few questions is who it seems. */
const SURE = 0.95;
const MOST_PORTS = 65_536;
/** Time between two looks at the money of a scan with a cost limit, ms. */
const MONEY_LOOK_MS = 500;

/** What was sent of an endpoint, if it is open. Null when its turn, or its end, did not come in time: nothing was found out. */
type Probed = { sighting: Sighting | null } | null;

/** A door that is one of a crowd (`crowd.ts`), and what it said when it was asked little. */
interface Aside {
  index: number;
  seen: Open;
  took: number;
}

/** One invocation's work on a batch. */
export interface Run {
  allowance: Allowance;
  mayStart(): boolean;
  probe(index: number, shared: Map<string, Outcome>): Promise<Probed>;
  /** Doors that were put aside, likeliest first, and how many of them may be asked at once. Each is told when it is probed again. */
  aside(): { doors: Iterator<Aside>; width: number };
  /** In full if it may be. */
  probeAgain(one: Aside, full: boolean): Promise<Probed>;
  end(): void;
}

/**
 * Opens the budgets and starts the clocks of a run; `end` stops them. `over`: nothing may be asked any more. `usd`: what this
 * invocation may use; null: what it takes.
 */
export function startRun(
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
    context.ownership ?? fullOwnership(cloud, plan, { now: context.wallClock, lookup: context.lookup });
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
  const remainingMs = context.remainingMs();
  const lateAt = performance.now() + remainingMs - longest;
  const lateTimer = setTimeout(() => budgets.late.abort(), timerMs(remainingMs - longest));
  // An endpoint's time goes on where this machine had none, as long as the invocation bears it. What is under way even so is asked by another.
  // (Each is told by itself: a promise raced by every endpoint of a batch would keep them all.)
  const underWay = new Set<(seen: null) => void>();
  let closed = false;
  const abandon = () => {
    closed = true;
    for (const end of underWay) end(null);
  };
  const closingTimer = setTimeout(abandon, timerMs(remainingMs - CLOSING_MARGIN_MS));
  const settled = (index: number, outcome: Outcome) => {
    out.settle(index, outcome);
    return { sighting: null };
  };
  const meter = currentMeter();
  const spentUsd = () => (meter ? usdOf(meter.read()) : 0);
  const { memoryMb } = context;
  const given = usd === null ? NO_LIMIT : allowance({ usd, spentUsd, tailMs: longest, memoryMb });
  // Waiting for a turn costs, too.
  const lookAtMoney = () => {
    if (given.isUsedUp()) budgets.late.abort();
  };
  const moneyTimer = usd === null ? undefined : setInterval(lookAtMoney, MONEY_LOOK_MS);
  const { timeoutMs } = plan.profile;
  const dial = (endpoint: Endpoint) => tcpDialer(endpoint, budgets.questions);
  const listed = portMappers({ batch, mayTouch, dial, timeoutMs, now, random: Math.random });
  const rpcOf = ({ host }: Endpoint): RpcKnowledge => ({
    programs: plan.rpcPrograms,
    listed: () => listed(host),
  });

  const crowd = crowds();
  const aside: Aside[] = [];
  // What the operator's own files and rules ask, they ask of everybody. And where money is short, each is told of while the most that it may cost is put by.
  const putsAside = plan.builtin && !context.files && !context.rules?.length && usd === null;
  const ask = (endpoint: Endpoint, brief = () => false): Promise<Seen> => {
    const asking = { ...context, brief, now: standingStill(now, lateAt - performance.now()) };
    const work =
      endpoint.transport === "tcp"
        ? probeTcp(endpoint, asking, budgets, rpcOf(endpoint))
        : probeUdp(endpoint, asking, budgets, rpcOf(endpoint));
    // One endpoint that trips our own code must not take the batch with it.
    const told = work.catch((error: unknown): Seen => {
      context.onError(error, endpoint);
      return { outcome: "failed" };
    });
    const { promise: ending, resolve: end, reject } = Promise.withResolvers<Seen>();
    underWay.add(end);
    told.then(end, reject);
    return ending.finally(() => underWay.delete(end));
  };
  const tell = (index: number, endpoint: Endpoint, seen: Open, tookMs: number) => {
    const observation = observe(endpoint, seen, context, tookMs);
    const sighting = sightingOf(index, observation);
    out.sight(sighting, observation);
    return { sighting };
  };

  return {
    allowance: given,
    mayStart: () => !budgets.late.signal.aborted && context.remainingMs() > longest,
    end() {
      clearTimeout(lateTimer);
      clearTimeout(closingTimer);
      clearInterval(moneyTimer);
    },
    aside() {
      const { ports = builtinPorts } = context.knowledge;
      const ranked = aside.length > 0 ? ports.topPorts("tcp", MOST_PORTS) : [];
      const rank = new Map(ranked.map((port, at) => [port, at]));
      const rankOf = ({ index }: Aside) => rank.get(batch.endpointAt(index).port) ?? MOST_PORTS;
      const doors = aside.sort((a, b) => rankOf(a) - rankOf(b)).values();
      return { doors, width: share.turns.perHost };
    },
    async probeAgain({ index, seen, took }, full) {
      const endpoint = batch.endpointAt(index);
      const began = now();
      const again = full && !over() && !closed ? await ask(endpoint) : null;
      const asked = again && !("outcome" in again);
      if (asked) return tell(index, endpoint, again, took + now() - began);
      seen.detection.flags.push(ASKED_LESS_FLAG);
      return tell(index, endpoint, seen, took);
    },
    async probe(index, shared) {
      const endpoint = batch.endpointAt(index);
      if (over()) return settled(index, "expired");
      if (!(await mayTouch(endpoint))) return settled(index, "excluded");
      // A port's state is probed once per address, whatever the names.
      const door = `${endpoint.transport} ${endpoint.host} ${endpoint.port}`;
      const known = shared.get(door);
      if (known) return settled(index, known);
      if (closed) return null;
      const began = now();
      const { host } = endpoint;
      let seen = await ask(endpoint, () => putsAside && crowd.isAt(host));
      if (seen && !("outcome" in seen) && seen.brief) {
        if (crowd.has(host, seen.detection)) {
          aside.push({ index, seen, took: now() - began });
          return { sighting: null };
        }
        // It is none of them, and not as sure to be somebody else as it would be if it had been asked everything.
        if (seen.detection.verdict.confidences.service < SURE) seen = await ask(endpoint);
      }
      if (!seen) return null;
      if ("outcome" in seen) {
        if (endpoint.hostname !== null && seen.outcome !== "failed") shared.set(door, seen.outcome);
        return settled(index, seen.outcome);
      }
      crowd.note(host, seen.detection);
      return tell(index, endpoint, seen, now() - began);
    },
  };
}
