import * as z from "zod";
import { EnvironmentError } from "../model/errors.ts";
import { findings, inWords } from "../model/wording.ts";

/**
 * What a function is told by its environment (names: `infra/topology.ts`; a test compares them). Parsed once, at start-up.
 */
const environmentSchema = z.object({
  DOORPLATE_TABLE: z.string().min(1),
  DOORPLATE_BUCKET: z.string().min(1),
  DOORPLATE_BUS: z.string().min(1),
  DOORPLATE_DISPATCH_QUEUE_URL: z.url(),
  DOORPLATE_PROBE_QUEUE_URL: z.url(),
  DOORPLATE_OBSERVATION_QUEUE_URL: z.url(),
  DOORPLATE_TICK_QUEUE_URL: z.url(),
  DOORPLATE_SCOPE: z.string().default(""),
  DOORPLATE_INVENTORY: z.string().default(""),
  DOORPLATE_LOCAL: z.enum(["0", "1"]).default("0"),
  DOORPLATE_SELF_PORTS: z.string().default(""),
  DOORPLATE_PROBERS: z.coerce.number().int().min(1).optional(),
  DOORPLATE_TIME_SCALE: z.coerce.number().min(1).default(1),
});

export interface Configuration {
  table: string;
  bucket: string;
  bus: string;
  queues: { dispatch: string; probe: string; observation: string; tick: string };
  /** CIDRs and domains that may be scanned. */
  scope: string[];
  /** Regions whose public addresses of this account may be scanned; none: only the scope counts. */
  inventory: string[];
  /** In the local cloud: loopback is in scope. */
  local: boolean;
  /** Loopback TCP ports of the local cloud itself. */
  selfPorts: number[];
  /** Batches that are probed at once: a scan's limits are divided by it. */
  probers?: number | undefined;
  /** Failure drills divide every duration by this; 1 in real life. */
  timeScale: number;
}

/** @throws EnvironmentError naming the variables that are missing or wrong */
export function configurationFrom(environment: Record<string, string | undefined>): Configuration {
  const parsed = environmentSchema.safeParse(environment, inWords);
  if (!parsed.success) {
    const wrong = findings(parsed.error).join("; ");
    throw new EnvironmentError(`The function's environment is incomplete: ${wrong}`);
  }
  const e = parsed.data;
  const words = (text: string) => text.split(/[\s,]+/).filter(Boolean);
  return {
    table: e.DOORPLATE_TABLE,
    bucket: e.DOORPLATE_BUCKET,
    bus: e.DOORPLATE_BUS,
    queues: {
      dispatch: e.DOORPLATE_DISPATCH_QUEUE_URL,
      probe: e.DOORPLATE_PROBE_QUEUE_URL,
      observation: e.DOORPLATE_OBSERVATION_QUEUE_URL,
      tick: e.DOORPLATE_TICK_QUEUE_URL,
    },
    scope: words(e.DOORPLATE_SCOPE),
    inventory: words(e.DOORPLATE_INVENTORY),
    local: e.DOORPLATE_LOCAL === "1",
    selfPorts: words(e.DOORPLATE_SELF_PORTS).map(Number),
    probers: e.DOORPLATE_PROBERS,
    timeScale: e.DOORPLATE_TIME_SCALE,
  };
}
