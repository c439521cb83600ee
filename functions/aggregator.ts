import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { LIMIT_FLAG } from "../lib/model/fingerprint.ts";
import { aggregate } from "../lib/scan/aggregate.ts";
import { observationMessageSchema } from "../lib/scan/messages.ts";
import { fromQueue, metrics, theCloud, thePlan } from "./shared/function.ts";

// Claims in, fused; fingerprints and ledger out.

export const handler = fromQueue(async ({ body }) => {
  const message = observationMessageSchema.parse(body);
  await aggregate(theCloud(), message, { ...(await thePlan(message.scanId)), now: () => new Date() });
  metrics.addMetric("EndpointsFingerprinted", MetricUnit.Count, message.sightings.length);
  const limited = message.sightings.filter(({ flags }) => flags.includes(LIMIT_FLAG)).length;
  if (limited > 0) metrics.addMetric("PatternLimitsReached", MetricUnit.Count, limited);
});
