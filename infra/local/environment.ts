/**
 * The environment of a function instance: nothing of the user's own, the names of `topology.ts`, and what Lambda sets.
 */
import { devNull } from "node:os";
import { environmentNames, type FunctionName, functions, probersAtOnce } from "../topology.ts";
import type { Credentials } from "./guard.ts";
import { BUCKET, BUS, queueUrl, REGION, TABLE } from "./identity.ts";

export interface EnvironmentOptions {
  endpoint: string;
  credentials: Credentials;
  scope: readonly string[];
  selfPorts: readonly number[];
  /** Upper limit of instances per function. */
  maxConcurrency: number;
  timeScale: number;
  bundles: string;
  /** Directory of Node's compile cache, or undefined. */
  compileCache: string | undefined;
}

/** Configuration under the topology's names, with the clients' addresses: what functions and the command line share. */
export function sharedEnvironment({
  endpoint,
  credentials,
  scope,
  selfPorts,
  maxConcurrency,
  timeScale,
}: EnvironmentOptions): Record<string, string> {
  return {
    [environmentNames.table]: TABLE,
    [environmentNames.bucket]: BUCKET,
    [environmentNames.bus]: BUS,
    [environmentNames.dispatchQueue]: queueUrl(endpoint, "dispatch", false),
    [environmentNames.probeQueue]: queueUrl(endpoint, "probe", false),
    [environmentNames.observationQueue]: queueUrl(endpoint, "observation", false),
    [environmentNames.tickQueue]: queueUrl(endpoint, "tick", false),
    [environmentNames.scope]: scope.join(" "),
    // There is no EC2 here to ask.
    [environmentNames.inventory]: "",
    [environmentNames.local]: "1",
    [environmentNames.selfPorts]: selfPorts.join(","),
    [environmentNames.probers]: String(Math.min(maxConcurrency, probersAtOnce)),
    [environmentNames.timeScale]: String(timeScale),
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_ENDPOINT_URL_SQS: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoint,
    AWS_ENDPOINT_URL_LAMBDA: endpoint,
    // The user's own profiles must not reach into the local cloud.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

/** Everything that one function's instances find. `AWS_LAMBDA_RUNTIME_API` is added for each instance. */
export function functionEnvironment(name: FunctionName, options: EnvironmentOptions): Record<string, string> {
  const { nodeOptions } = functions[name];
  return {
    ...sharedEnvironment(options),
    ...(process.env.PATH === undefined ? {} : { PATH: process.env.PATH }),
    ...(options.compileCache === undefined ? {} : { NODE_COMPILE_CACHE: options.compileCache }),
    ...(nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions }),
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    _HANDLER: "index.handler",
    LAMBDA_TASK_ROOT: `${options.bundles}/${name}`,
    AWS_DEFAULT_REGION: REGION,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(functions[name].memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "local",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    POWERTOOLS_TRACE_ENABLED: "false",
    POWERTOOLS_SERVICE_NAME: name,
    POWERTOOLS_METRICS_NAMESPACE: "Doorplate",
  };
}
