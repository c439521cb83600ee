/**
 * From a request to batches on the probe queue. Nothing is sent before every target has passed the scope. A plan with more chains than one
 * invocation should send splits itself into sub-plans on its own queue: the fan-out is a tree. All of it may be done twice: plan and
 * ledger are keyed by the scan's id, and a batch that arrives again finds its endpoints settled.
 */
import { createHash } from "node:crypto";
import { ABSENT } from "../cloud/condition.ts";
import type { Cloud } from "../cloud/index.ts";
import { EnvironmentError, InputError } from "../model/errors.ts";
import { type ScanRequest, scanRequestSchema } from "../model/request.ts";
import { findings, inWords } from "../model/wording.ts";
import { mergeRanges } from "../targets/ranges.ts";
import type { Lookup } from "../targets/resolve.ts";
import { scopeFrom } from "../targets/scope.ts";
import { openBudget, refuseTooLittle } from "./budget.ts";
import { readInventory } from "./inventory.ts";
import { metaKey, planObject } from "./keys.ts";
import { makePlan } from "./make-plan.ts";
import type { BatchMessage, SubPlan, TickMessage } from "./messages.ts";
import { noteUsage } from "./meter.ts";
import { noteLed } from "./owned-names.ts";
import { type Plan, planSchema } from "./plan.ts";
import { indexPlan, type PlanIndex } from "./plan-index.ts";

/** Chains that one invocation sends itself; more are split. */
export const CHAINS_PER_INVOCATION = 2_000;
/** Sub-plans that one plan splits into. */
const BRANCHES = 16;
/** A target list holds at most this many bytes. */
export const TARGET_LIST_BYTES = 16 * 1024 * 1024;

export interface Dispatched {
  scanId: string;
  planned: number;
  addresses: number;
  batches: number;
  /** Targets left out because they are out of scope, with the reason. */
  skipped: string[];
}

export interface DispatchContext {
  now: () => Date;
  randomId: () => string;
  lookup?: Lookup;
}

/**
 * Parses what somebody sent as a request.
 * @throws InputError with the path of every mistake
 */
export function parseRequest(input: unknown): ScanRequest {
  const parsed = scanRequestSchema.safeParse(input, inWords);
  if (parsed.success) return parsed.data;
  throw new InputError(
    `The scan request is wrong: ${findings(parsed.error).join("; ")}`,
    String(parsed.error.issues[0]?.path[0] ?? ""),
  );
}

export async function dispatch(
  cloud: Cloud,
  request: ScanRequest,
  context: DispatchContext,
): Promise<Dispatched> {
  const scanId = request.scanId ?? context.randomId();
  const { plan, skipped } = await planOnce(cloud, { ...request, scanId }, scanId, context);
  const index = indexPlan(plan);
  const summary = { planned: index.planned, addresses: index.addresses, batches: index.batches };
  await cloud.table.put(
    {
      ...metaKey(scanId),
      scanId,
      status: "running",
      startedAt: plan.startedAt,
      scanMonth: plan.startedAt.slice(0, 7),
      deadlineAt: plan.deadlineAt,
      requestHash: hashOf(request),
      skipped,
      ...summary,
    },
    ABSENT,
  );
  await cloud.outbox.tick.send([{ scanId } satisfies TickMessage], {
    delaySeconds: tickDelay(Date.parse(plan.deadlineAt), context.now()),
  });
  if (plan.maxCostUsd === null) {
    await dispatchChains(cloud, plan, index, { scanId, from: 0, to: index.chains });
  } else {
    await openBudget(cloud, scanId, context.now());
    // The tick gives out the first wave as it does all others.
    await cloud.outbox.tick.send([{ scanId } satisfies TickMessage]);
  }
  await noteUsage(cloud, scanId, "request");
  return { scanId, ...summary, skipped };
}

/** A retry finds the plan of the first try: names are resolved once. */
async function planOnce(cloud: Cloud, request: ScanRequest, scanId: string, context: DispatchContext) {
  const meta = await cloud.table.get(metaKey(scanId));
  if (meta) {
    if (meta.requestHash !== hashOf(request)) {
      throw new InputError(
        `Scan ${scanId} exists already with another request; choose another scanId`,
        scanId,
      );
    }
    return { plan: await loadPlan(cloud, scanId), skipped: (meta.skipped ?? []) as string[] };
  }
  const { configuration } = cloud;
  const scope = scopeFrom(configuration.scope, { allowLoopback: configuration.local });
  const inventory = configuration.inventory.length > 0 ? await readInventory(cloud, context.now()) : null;
  const made = await makePlan(request, {
    scanId,
    scope: inventory ? { ...scope, ranges: mergeRanges([...scope.ranges, ...inventory.ranges]) } : scope,
    inventory,
    scopeEntries: configuration.scope,
    local: configuration.local,
    selfPorts: configuration.selfPorts,
    startedAt: context.now(),
    lookup: context.lookup,
    probers: configuration.probers,
  });
  refuseTooLittle(made.plan);
  await cloud.archive.putJson(planObject(scanId), made.plan);
  await noteLed(cloud, scanId, made.led, context.now());
  return made;
}

function hashOf({ scanId: _, ...request }: ScanRequest): string {
  return createHash("sha256").update(JSON.stringify(request)).digest("hex").slice(0, 16);
}

/** @throws EnvironmentError when there is no such plan */
export async function loadPlan(cloud: Cloud, scanId: string): Promise<Plan> {
  const stored = await cloud.archive.getJson(planObject(scanId));
  if (stored === null)
    throw new EnvironmentError(`scan ${scanId} has no plan in the archive; plans are kept for 90 days`);
  return planSchema.parse(stored);
}

/** Longest pause between two looks at a running scan, seconds. */
const TICK_SECONDS = 60;

/** Seconds until the next look: at the latest when the deadline passes. */
export function tickDelay(deadline: number, now: Date): number {
  const toDeadline = Math.ceil((deadline - now.getTime()) / 1000);
  return Math.max(1, Math.min(TICK_SECONDS, toDeadline));
}

/** Sends the chains of a sub-plan, or splits it. */
async function dispatchChains(
  cloud: Cloud,
  plan: Plan,
  index: PlanIndex,
  { from, to: asked }: SubPlan,
): Promise<void> {
  const { scanId } = plan;
  // A range beyond the plan, split and split again, would flood the queue.
  const to = Math.min(asked, index.chains);
  if (from >= to && asked > from) throw new RangeError(`no chain ${from} in the plan of scan ${scanId}`);
  if (to - from > CHAINS_PER_INVOCATION) {
    const width = Math.ceil((to - from) / BRANCHES);
    const parts: SubPlan[] = [];
    for (let start = from; start < to; start += width) {
      parts.push({ scanId, from: start, to: Math.min(to, start + width) });
    }
    await cloud.outbox.dispatch.send(parts);
    return;
  }
  const messages: BatchMessage[] = [];
  for (let chain = from; chain < to; chain++) {
    messages.push({ scanId, batch: index.chainAt(chain), generation: 0 });
  }
  await cloud.outbox.probe.send(messages);
}

/** The dispatcher's message from its own queue. */
export async function dispatchSubPlan(cloud: Cloud, subPlan: SubPlan): Promise<void> {
  const plan = await loadPlan(cloud, subPlan.scanId);
  await dispatchChains(cloud, plan, indexPlan(plan), subPlan);
  await noteUsage(cloud, subPlan.scanId, `chains-${subPlan.from}`);
}
