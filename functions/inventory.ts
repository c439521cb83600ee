import { setTimeout as pause } from "node:timers/promises";
import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { addressSource } from "../lib/cloud/addresses.ts";
import { asker } from "../lib/cloud/ask.ts";
import { nameSources } from "../lib/cloud/name-sources.ts";
import { EnvironmentError } from "../lib/model/errors.ts";
import { hastenedRound, isChange } from "../lib/scan/hastened.ts";
import { type Round, takeInventory } from "../lib/scan/inventory.ts";
import { invoked, metrics, theCloud } from "./shared/function.ts";

// Asks AWS which public addresses are this account's, and which names its load balancers, distributions and APIs have, and writes them down.
// On a schedule, after an event that tells of a change, and whenever somebody invokes it.

export const handler = invoked(async (event: unknown, { invokedFunctionArn, awsRequestId }) => {
  const cloud = theCloud();
  const { inventory: regions } = cloud.configuration;
  if (regions.length === 0)
    throw new EnvironmentError("there is no inventory here: DOORPLATE_INVENTORY names no region");
  // arn:aws:lambda:<region>:<account>:function:<name>: we run in the account that we ask about.
  const account = invokedFunctionArn.split(":")[4] ?? "";
  const round: Round = {
    account,
    seenBy: awsRequestId,
    sources: new Map(regions.map((region) => [region, addressSource(region, account)])),
    names: nameSources(regions, asker),
    now: () => new Date(),
  };
  const taken = isChange(event)
    ? await hastenedRound(cloud, round, pause)
    : await takeInventory(cloud, round);
  if (!taken) return { announced: true };
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, n) => all + n, 0);
  metrics.addMetric("AddressesOwned", MetricUnit.Count, sum(taken.addresses));
  metrics.addMetric("NamesOwned", MetricUnit.Count, sum(taken.names));
  return taken;
});
