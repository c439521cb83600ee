import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { addressSource } from "../lib/cloud/addresses.ts";
import { EnvironmentError } from "../lib/model/errors.ts";
import { takeInventory } from "../lib/scan/inventory.ts";
import { invoked, metrics, theCloud } from "./shared/function.ts";

// Asks EC2 which public addresses are this account's, and writes them down. On a schedule, and whenever somebody invokes it.

export const handler = invoked(async (_event: unknown, { invokedFunctionArn, awsRequestId }) => {
  const cloud = theCloud();
  const { inventory: regions } = cloud.configuration;
  if (regions.length === 0)
    throw new EnvironmentError("there is no inventory here: DOORPLATE_INVENTORY names no region");
  // arn:aws:lambda:<region>:<account>:function:<name>: we run in the account that we ask about.
  const account = invokedFunctionArn.split(":")[4] ?? "";
  const taken = await takeInventory(cloud, {
    account,
    seenBy: awsRequestId,
    sources: new Map(regions.map((region) => [region, addressSource(region, account)])),
    now: () => new Date(),
  });
  const listed = Object.values(taken.addresses).reduce((sum, n) => sum + n, 0);
  metrics.addMetric("AddressesOwned", MetricUnit.Count, listed);
  return taken;
});
