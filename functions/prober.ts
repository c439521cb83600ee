import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { FileOptions } from "../lib/detect/probe-file/index.ts";
import { VERSION } from "../lib/model/version.ts";
import { patientNow } from "../lib/net/patience.ts";
import { protocols } from "../lib/protocols/index.ts";
import type { PortRegistry } from "../lib/registry/ports.ts";
import { assetMemory } from "../lib/scan/cache.ts";
import { batchMessageSchema } from "../lib/scan/messages.ts";
import { packShelf, usePacks } from "../lib/scan/packs.ts";
import type { Plan } from "../lib/scan/plan.ts";
import { probeBatch } from "../lib/scan/probe.ts";
import type { ProbeContext } from "../lib/scan/probe-run.ts";
import { builtPack } from "../lib/signatures/builtin/built.ts";
import { fromQueue, logger, metrics, theCloud, thePlan } from "./shared/function.ts";

// A batch in; connects, asks, reads, claims; observations out.

const builtin = builtPack();
const shelf = packShelf();

/** What this plan's endpoints are looked at with. */
async function knowledgeFor(
  plan: Plan,
  ports: PortRegistry,
): Promise<Pick<ProbeContext, "knowledge" | "files" | "rules" | "memory" | "packs">> {
  const archive = theCloud().archive;
  const loaded = await Promise.all(plan.packs.map((digest) => shelf.load(archive, digest)));
  const use = usePacks(loaded, plan.builtin ? { pack: builtin, protocols } : null);
  const { allPorts, strictOrder } = plan;
  const files: FileOptions = {
    packs: use.files,
    intensity: plan.profile.intensity,
    allPorts,
    strictOrder,
    version: VERSION,
    platform: `${process.arch}-${process.platform}`,
    wallClock: () => new Date(),
  };
  const { table, configuration } = theCloud();
  const memory = assetMemory(table, plan, {
    packs: use.digest,
    wallClock: () => new Date(),
    inventory: configuration.inventory.length > 0,
  });
  return {
    memory,
    knowledge: { ...use.knowledge, ports },
    files: use.files.length > 0 ? files : null,
    rules: use.rules,
    packs: use.digest,
  };
}

export const handler = fromQueue(async ({ body }, context) => {
  const message = batchMessageSchema.parse(body);
  const { plan, index, ports } = await thePlan(message.scanId);
  await probeBatch(theCloud(), message, {
    plan,
    index,
    ...(await knowledgeFor(plan, ports)),
    remainingMs: () => context.getRemainingTimeInMillis(),
    now: patientNow,
    wallClock: () => new Date(),
    invocation: context.awsRequestId,
    memoryMb: Number(context.memoryLimitInMB),
    onError: (error, { transport, port }) =>
      logger.error("endpoint failed", { transport, port, error: error as Error }),
  });
  metrics.addMetric("BatchesProbed", MetricUnit.Count, 1);
});
