/**
 * A deployed stack as its outputs tell it (`infra/outputs.ts`): the names that a caller needs in order to work with its table, queues, bucket and
 * functions under credentials of his own.
 */
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import * as z from "zod";
import { EnvironmentError } from "../model/errors.ts";
import type { Configuration } from "./configuration.ts";

const outputsSchema = z.object({
  Version: z.string().min(1),
  DispatcherFunctionName: z.string().min(1),
  TableName: z.string().min(1),
  BucketName: z.string().min(1),
  BusName: z.string().min(1),
  DispatchQueueUrl: z.url(),
  ProbeQueueUrl: z.url(),
  ObservationQueueUrl: z.url(),
  TickQueueUrl: z.url(),
});

/** What a stack must tell. */
export const STACK_OUTPUTS = Object.keys(outputsSchema.shape);

export interface DeployedStack {
  region: string;
  version: string;
  dispatcher: string;
  configuration: Configuration;
}

/**
 * `region`: null takes the one of the caller's AWS configuration. `version`: the caller's own; table and messages are the same within a minor version.
 * @throws EnvironmentError when there is no region, no such stack, or one of another version; whatever AWS answers else
 */
export async function readStack(
  name: string,
  region: string | null,
  version: string,
): Promise<DeployedStack> {
  const client = new CloudFormationClient(region === null ? {} : { region });
  const where = await client.config.region().catch((cause: unknown) => {
    throw new EnvironmentError(
      "no AWS region: say which one with --region, AWS_REGION, or the profile's configuration",
      { cause },
    );
  });
  const stack = await client.send(new DescribeStacksCommand({ StackName: name })).then(
    ({ Stacks }) => Stacks?.[0],
    (error: unknown) => {
      if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
      throw error;
    },
  );
  if (!stack)
    throw new EnvironmentError(
      `there is no stack ${name} in ${where}; name another with --cloud and --region, or deploy it (docs/deploying.md)`,
    );
  const outputs = outputsSchema.safeParse(
    Object.fromEntries(
      (stack.Outputs ?? []).map(({ OutputKey = "", OutputValue }) => [OutputKey, OutputValue]),
    ),
  );
  if (!outputs.success) {
    const missing = outputs.error.issues.map(({ path }) => path.join(".")).join(", ");
    throw new EnvironmentError(
      `the stack ${name} in ${where} (${stack.StackStatus ?? "no status"}) tells no usable ${missing}: it is no Doorplate stack, or one of another version; deploy this version (docs/deploying.md)`,
    );
  }
  const told = outputs.data;
  if (minor(told.Version) !== minor(version))
    throw new EnvironmentError(
      `the stack ${name} in ${where} runs doorplate ${told.Version}, and this is ${version}: take doorplate ${told.Version} to work with it, or deploy this version (docs/deploying.md)`,
    );
  return {
    region: where,
    version: told.Version,
    dispatcher: told.DispatcherFunctionName,
    configuration: {
      table: told.TableName,
      bucket: told.BucketName,
      bus: told.BusName,
      queues: {
        dispatch: told.DispatchQueueUrl,
        probe: told.ProbeQueueUrl,
        observation: told.ObservationQueueUrl,
        tick: told.TickQueueUrl,
      },
      // What may be scanned is the functions' to say.
      scope: [],
      inventory: [],
      local: false,
      selfPorts: [],
      timeScale: 1,
    },
  };
}

/** `0.1` of `0.1.7`. */
const minor = (version: string) => version.split(".").slice(0, 2).join(".");
