import { type App, type CfnElement, type Stack, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { Functions } from "./functions.ts";
import type { Resources } from "./roles.ts";
import * as topology from "./topology.ts";

/**
 * cdk-nag's AwsSolutions rules run at every synthesis, and a finding that is not acknowledged here fails it. Each acknowledgement has the
 * finding's full id, so that a second wildcard in the same role is a new finding, and sits on the one construct that it is about.
 */
export function addChecks(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

/** What each prefix holds and why its objects cannot be named one by one. */
const PREFIX_REASONS: Record<keyof typeof topology.bucketPrefixes, string> = {
  plans: "A plan's object is named after its scan and its batch, which do not exist when the role is made.",
  observations:
    "Observations are objects of a scan, one a message, which do not exist when the role is made.",
  targets:
    "A target list is named by whoever uploads it, and the dispatcher must read the one it is told of.",
  packs: "A pack is named after its own SHA-256, which the prober is told with the plan.",
};

/** The prefixes that a function's grants name. */
function grantedPrefixes(name: topology.FunctionName): (keyof typeof topology.bucketPrefixes)[] {
  const prefixes = Object.keys(PREFIX_REASONS) as (keyof typeof topology.bucketPrefixes)[];
  return prefixes.filter((prefix) =>
    topology.grants[name].some((grant) => grant.startsWith(`bucket:${prefix}:`)),
  );
}

export const INVENTORY_REASON =
  "EC2's and Elastic Load Balancing's Describe actions know no resource; the statement names the regions instead. " +
  "cloudfront:ListDistributions knows neither: it is the account's one list.";

export function acknowledgeFindings(
  stack: Stack,
  functions: Functions,
  { bucket, inventoryRegions }: Pick<Resources, "bucket" | "inventoryRegions">,
): void {
  Validations.of(bucket).acknowledge({
    id: "AwsSolutions::AwsSolutions-S1",
    reason:
      "No server access logs: only the functions' roles and the account's own administrators reach this bucket, its log would need a " +
      "second bucket with a longer life than the data, and who wants a record turns on CloudTrail data events for it.",
  });
  const bucketId = stack.getLogicalId(bucket.node.defaultChild as CfnElement);
  for (const name of Object.keys(topology.functions) as topology.FunctionName[]) {
    const role = functions[name].role;
    if (!role) throw new Error(`the ${name} function has no role`);
    if (topology.grants[name].includes("inventory:read") && inventoryRegions.length > 0) {
      const id = "AwsSolutions::AwsSolutions-IAM5[Resource::*]";
      Validations.of(role).acknowledge({ id, reason: INVENTORY_REASON });
    }
    for (const prefix of grantedPrefixes(name)) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${topology.bucketPrefixes[prefix]}*]`,
        reason: PREFIX_REASONS[prefix],
      });
    }
  }
}
