import { randomUUID } from "node:crypto";
import { DoorplateError } from "../lib/model/errors.ts";
import { type Dispatched, dispatch, dispatchSubPlan } from "../lib/scan/dispatch.ts";
import { subPlanSchema } from "../lib/scan/messages.ts";
import { eventId, readTrigger } from "../lib/scan/trigger.ts";
import { fromQueue, invoked, logger, theCloud } from "./shared/function.ts";

// ScanRequest in, scope checked, batches out. Asked directly, by an event, by a list in the bucket, or by its own queue.

const subPlans = fromQueue(({ body }) => dispatchSubPlan(theCloud(), subPlanSchema.parse(body)));

const requests = invoked(async (event: unknown): Promise<Dispatched | { refused: string }> => {
  const cloud = theCloud();
  let scanId = eventId(event);
  const waits = scanId === null;
  try {
    const request = await readTrigger(event, cloud.archive);
    scanId = request.scanId ?? scanId;
    return await dispatch(cloud, request, { now: () => new Date(), randomId: randomUUID });
  } catch (error) {
    // Nobody waits for an event's answer, and asking again would be refused again: say so on the bus instead.
    if (waits || !(error instanceof DoorplateError)) throw error;
    logger.warn("request refused", { error });
    await cloud.bus.put("Scan Refused", { scanId, reason: error.message });
    return { refused: error.message };
  }
});

export const handler: typeof requests = ((event, context) => {
  const records = (event as { Records?: { eventSource?: string }[] } | null)?.Records;
  return records?.[0]?.eventSource === "aws:sqs"
    ? subPlans(event as Parameters<typeof subPlans>[0], context)
    : requests(event, context);
}) as typeof requests;
