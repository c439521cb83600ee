import { failLost } from "../lib/scan/dead.ts";
import { tick } from "../lib/scan/finish.ts";
import { tickMessageSchema } from "../lib/scan/messages.ts";
import { fromQueue, theCloud } from "./shared/function.ts";

// Looks after running scans, so that every one of them ends.

export const handler = fromQueue(({ body }) => {
  const { scanId, lost } = tickMessageSchema.parse(body);
  if (lost) return failLost(theCloud(), { scanId, lost }, new Date());
  return tick(theCloud(), { scanId }, () => new Date());
});
