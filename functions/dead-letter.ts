import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { bury } from "../lib/scan/dead.ts";
import { fromQueue, logger, metrics, theCloud } from "./shared/function.ts";

// What the queues gave up: recorded with the reason, its endpoints settled as failed.

/** `…:doorplate-probe-dead-letters` or the like: which queue it came from stands in the name. */
const QUEUES = ["dispatch", "probe", "observation", "tick"];

export const handler = fromQueue(async ({ messageId, body, eventSourceARN, attributes }) => {
  const name = eventSourceARN.split(":").at(-1) ?? "";
  const queue = QUEUES.find((candidate) => name.includes(candidate)) ?? name;
  logger.error("dead letter", { queue, messageId });
  metrics.addMetric("DeadLetters", MetricUnit.Count, 1);
  const receiveCount = Number(attributes.ApproximateReceiveCount);
  await bury(theCloud(), { messageId, queue, body, receiveCount }, new Date());
});
