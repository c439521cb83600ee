import { CfnParameter, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { EventBus } from "aws-cdk-lib/aws-events";
import type { Construct } from "constructs";
import { addAlarms } from "./alarms.ts";
import { addDashboard } from "./dashboard.ts";
import { addFunctions } from "./functions.ts";
import { acknowledgeFindings } from "./nag.ts";
import type { DeployOptions } from "./options.ts";
import { addOutputs } from "./outputs.ts";
import { addQueues } from "./queues.ts";
import { addStorage } from "./storage.ts";
import { addMappings, addRules, addSchedules } from "./triggers.ts";

/**
 * `topology.ts` as a CloudFormation stack: queues, table, bucket and bus; functions with a role each; what triggers them; what watches
 * them. It knows no account and no region, and looks nothing up, so it synthesises anywhere, without credentials.
 */
export interface DoorplateStackProps extends StackProps {
  options: DeployOptions;
}

export class DoorplateStack extends Stack {
  constructor(scope: Construct, id: string, { options, ...props }: DoorplateStackProps) {
    super(scope, id, { description: "Doorplate: serverless service scanner", ...props });
    const removalPolicy = options.removalPolicy === "retain" ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const scanScope = new CfnParameter(this, "Scope", {
      description:
        "CIDRs and domains that may be scanned, separated by spaces or commas. Empty: nothing may.",
      default: options.scope,
      allowedPattern: "[0-9A-Za-z.:/_*, -]*",
      // A function's environment holds 4 KB in all.
      maxLength: 3000,
    });

    const resources = {
      queues: addQueues(this),
      bus: new EventBus(this, "Bus", { description: "Doorplate: scan requests in, scans and changes out" }),
      inventoryRegions: inventoryRegions(this, options),
      ...addStorage(this, removalPolicy),
    };
    const functions = addFunctions(this, {
      resources,
      bundles: options.bundles,
      scanScope: scanScope.valueAsString,
      removalPolicy,
    });
    addMappings(functions, resources);
    addRules(this, functions, resources);
    addSchedules(this, functions, resources);
    const alarms = addAlarms(this, functions, resources.queues, options.alarmTopicArn);
    addDashboard(this, functions, resources, alarms);
    addOutputs(this, functions, resources);
    acknowledgeFindings(this, functions, resources);
  }
}

function inventoryRegions(stack: Stack, { inventory }: DeployOptions): string[] {
  if (inventory === "off") return [];
  return inventory === "own" ? [stack.region] : inventory.split(/,? /);
}
