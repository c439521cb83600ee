import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { bury } from "../lib/scan/dead.ts";
import { fromQueue, logger, metrics, theCloud } from "./shared/function.ts";

// What the queues gave up: recorded with the reason, its endpoints settled as failed.

/** `…:<stack>-probe-dead-letters`: which queue it came from stands in the name, whatever the stack is called. */
const QUEUE_NAME = /-(dispatch|probe|observation|tick)-dead-letters$/;

export const handler = fromQueue(async ({ messageId, body, eventSourceARN, attributes }) => {
  const name = eventSourceARN.split(":").at(-1) ?? "";
  const queue = QUEUE_NAME.exec(name)?.[1] ?? name;
  logger.error("dead letter", { queue, messageId });
  metrics.addMetric("DeadLetters", MetricUnit.Count, 1);
  const receiveCount = Number(attributes.ApproximateReceiveCount);
  await bury(theCloud(), { messageId, queue, body, receiveCount }, new Date());
});
