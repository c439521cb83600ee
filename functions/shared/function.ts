/**
 * What every function has in common, as middleware: structured logs with the request's context, EMF metrics flushed at the end, and for
 * queue-fed functions bodies parsed from JSON and partial-batch responses. The functions themselves only parse, call one use-case, return.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import eventNormalizer from "@middy/event-normalizer";
import sqsPartialBatchFailure from "@middy/sqs-partial-batch-failure";
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { type Cloud, openCloud } from "../../lib/cloud/index.ts";
import type { PortRegistry } from "../../lib/registry/ports.ts";
import { registryOf } from "../../lib/registry/services.ts";
import { loadPlan } from "../../lib/scan/dispatch.ts";
import type { Plan } from "../../lib/scan/plan.ts";
import { indexPlan, type PlanIndex } from "../../lib/scan/plan-index.ts";
import { metered, meteredRecords } from "./metering.ts";

export const logger = new Logger();
export const metrics = new Metrics();

/** An invocation handler with the common middleware. The instance's own time limit is kept by the use-cases, not by an early abort. */
export function invoked<Event, Result>(work: (event: Event, context: Context) => Promise<Result>) {
  return middy<Event, Result>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler((event, context) => metered(context, () => work(event, context)));
}

/** A queue-fed handler: records are worked on side by side, those that fail come back alone. */
export function fromQueue(work: (record: SQSRecord & { body: unknown }, context: Context) => Promise<void>) {
  return middy<SQSEvent, PromiseSettledResult<void>[]>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .use(eventNormalizer())
    .use(
      sqsPartialBatchFailure({
        logger: (reason, record) =>
          logger.error("message failed", { messageId: record.messageId, error: reason as Error }),
      }),
    )
    .handler((event, context) => meteredRecords(event.Records, context, work));
}

let cloud: Cloud | null = null;
/** Clients are built once an instance. */
export function theCloud(): Cloud {
  cloud ??= openCloud(process.env);
  return cloud;
}

/** Plans never change, so an instance keeps those of the scans it worked on last. */
const PLANS_KEPT = 4;
interface Loaded {
  plan: Plan;
  index: PlanIndex;
  ports: PortRegistry;
}
const plans = new Map<string, Loaded>();
export async function thePlan(scanId: string): Promise<Loaded> {
  const known = plans.get(scanId);
  if (known) return known;
  const plan = await loadPlan(theCloud(), scanId);
  const loaded = { plan, index: indexPlan(plan), ports: registryOf(plan.services) };
  const oldest = plans.keys().next().value;
  if (plans.size >= PLANS_KEPT && oldest !== undefined) plans.delete(oldest);
  plans.set(scanId, loaded);
  return loaded;
}
