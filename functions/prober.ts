import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Knowledge } from "../lib/detect/interpret.ts";
import { protocols } from "../lib/protocols/index.ts";
import { batchMessageSchema } from "../lib/scan/messages.ts";
import { probeBatch } from "../lib/scan/probe.ts";
import { builtinPack } from "../lib/signatures/builtin/index.ts";
import { fromQueue, logger, metrics, theCloud, thePlan } from "./shared/function.ts";

// A batch in; connects, asks, reads, claims; observations out.

const pack = builtinPack();
const knowledge: Knowledge = { protocols, packs: [pack] };

export const handler = fromQueue(async ({ body }, context) => {
  const message = batchMessageSchema.parse(body);
  const { plan, index } = await thePlan(message.scanId);
  await probeBatch(theCloud(), message, {
    plan,
    index,
    knowledge,
    packs: pack.digest,
    remainingMs: () => context.getRemainingTimeInMillis(),
    now: () => performance.now(),
    wallClock: () => new Date(),
    invocation: context.awsRequestId,
    memoryMb: Number(context.memoryLimitInMB),
    onError: (error, { transport, port }) =>
      logger.error("endpoint failed", { transport, port, error: error as Error }),
  });
  metrics.addMetric("BatchesProbed", MetricUnit.Count, 1);
});
