import { tick } from "../lib/scan/finish.ts";
import { tickMessageSchema } from "../lib/scan/messages.ts";
import { fromQueue, theCloud } from "./shared/function.ts";

// Looks after running scans, so that every one of them ends.

export const handler = fromQueue(({ body }) =>
  tick(theCloud(), tickMessageSchema.parse(body), () => new Date()),
);
