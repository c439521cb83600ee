import { join } from "node:path";
import { Duration, type RemovalPolicy, type Stack } from "aws-cdk-lib";
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
  SystemLogLevel,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { pascalCase, recordOf } from "./names.ts";
import { addRole, type Resources } from "./roles.ts";
import * as topology from "./topology.ts";

/**
 * One Lambda function per file in `functions/`, from the very bundle that `npm run build` made: its own role, its own log group, and its
 * configuration in environment variables, none of them secret.
 *
 * Three decisions. No reserved concurrency: new accounts have ten instances in all, and each mapping has its own ceiling already. No
 * X-Ray: a scan is followed by its ledger, and the permission for segments is one that only a `*` resource can hold. And Lambda's
 * recursion guard is off for the functions that feed a queue from which they are fed in turn, on purpose: Lambda would take the tick of a
 * long scan for a runaway after about 16 rounds and drop it. Those circles have ends of their own: at most 5 generations of a batch,
 * a tree of sub-plans, waves of batches until the money is spent, and the scan's deadline.
 */
export type Functions = Record<topology.FunctionName, LambdaFunction>;

export const METRICS_NAMESPACE = "Doorplate";

/** Variables of the topology that only the local cloud sets. */
const LOCAL_ONLY: readonly string[] = [
  topology.environmentNames.local,
  topology.environmentNames.selfPorts,
  topology.environmentNames.timeScale,
];

/** Where a function's messages go: itself and others, through the queues it may send to. */
function successors(name: topology.FunctionName): topology.FunctionName[] {
  return topology.mappings
    .filter(
      (mapping) => !mapping.deadLetters && topology.grants[name].includes(`queue:${mapping.queue}:send`),
    )
    .map((mapping) => mapping.function);
}

/** Can a message sent by this function come round to it again? */
export function feedsItself(name: topology.FunctionName): boolean {
  const reached = new Set<topology.FunctionName>();
  const pending = successors(name);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next === name) return true;
    if (reached.has(next)) continue;
    reached.add(next);
    pending.push(...successors(next));
  }
  return false;
}

function environment(
  name: topology.FunctionName,
  resources: Resources,
  scanScope: string,
): Record<string, string> {
  const values: Record<string, string> = {
    [topology.environmentNames.table]: resources.table.tableName,
    [topology.environmentNames.bucket]: resources.bucket.bucketName,
    [topology.environmentNames.bus]: resources.bus.eventBusName,
    [topology.environmentNames.dispatchQueue]: resources.queues.dispatch.main.queueUrl,
    [topology.environmentNames.probeQueue]: resources.queues.probe.main.queueUrl,
    [topology.environmentNames.observationQueue]: resources.queues.observation.main.queueUrl,
    [topology.environmentNames.tickQueue]: resources.queues.tick.main.queueUrl,
    [topology.environmentNames.scope]: scanScope,
    [topology.environmentNames.inventory]: resources.inventoryRegions.join(" "),
    [topology.environmentNames.probers]: String(topology.probersAtOnce),
    POWERTOOLS_SERVICE_NAME: name,
    POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
    // Not above INFO: at WARN Lambda would drop the metrics too, which are log lines (EMF) of level INFO.
    POWERTOOLS_LOG_LEVEL: "INFO",
    POWERTOOLS_TRACE_ENABLED: "false",
  };
  const { nodeOptions } = topology.functions[name];
  if (nodeOptions !== undefined) values.NODE_OPTIONS = nodeOptions;
  const missing = Object.values(topology.environmentNames).filter(
    (variable) => !(variable in values) && !LOCAL_ONLY.includes(variable),
  );
  if (missing.length > 0) throw new Error(`the stack sets no value for ${missing.join(", ")}`);
  return values;
}

export interface FunctionsOptions {
  resources: Resources;
  /** Folder with one folder per function. */
  bundles: string;
  /** Value of DOORPLATE_SCOPE; empty: nothing may be scanned. */
  scanScope: string;
  removalPolicy: RemovalPolicy;
}

export function addFunctions(stack: Stack, options: FunctionsOptions): Functions {
  const { resources, bundles, scanScope, removalPolicy } = options;
  return recordOf(topology.functions, (name, spec) => {
    const id = pascalCase(name);
    const logGroup = new LogGroup(stack, `${id}Logs`, {
      retention: topology.logRetentionDays,
      removalPolicy,
    });
    return new LambdaFunction(stack, id, {
      description: `Doorplate ${name}: ${spec.description}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(join(bundles, name)),
      handler: "index.handler",
      memorySize: spec.memoryMb,
      timeout: Duration.seconds(spec.timeoutSeconds),
      role: addRole(stack, name, logGroup, resources),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      systemLogLevelV2: SystemLogLevel.INFO,
      tracing: Tracing.DISABLED,
      recursiveLoop: feedsItself(name) ? RecursiveLoop.ALLOW : RecursiveLoop.TERMINATE,
      environment: environment(name, resources, scanScope),
    });
  });
}
