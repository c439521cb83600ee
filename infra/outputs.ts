import { CfnOutput, type Stack } from "aws-cdk-lib";
import { VERSION } from "../lib/model/version.ts";
import type { Functions } from "./functions.ts";
import { pascalCase } from "./names.ts";
import type { Resources } from "./roles.ts";

/**
 * What a caller needs to know of a deployed stack: `DispatcherFunctionName`, `ProbeQueueUrl`, `TableName`, ... `doorplate --cloud <stack>`
 * and the commands in `docs/deploying.md` read them, so the names are contract.
 */
export function addOutputs(stack: Stack, functions: Functions, resources: Resources): void {
  const output = (id: string, value: string) => new CfnOutput(stack, id, { value });
  for (const [name, fn] of Object.entries(functions)) {
    output(`${pascalCase(name)}FunctionName`, fn.functionName);
    output(`${pascalCase(name)}FunctionArn`, fn.functionArn);
  }
  for (const [name, { main, deadLetters }] of Object.entries(resources.queues)) {
    output(`${pascalCase(name)}QueueUrl`, main.queueUrl);
    output(`${pascalCase(name)}DeadLetterQueueUrl`, deadLetters.queueUrl);
  }
  output("Version", VERSION);
  output("TableName", resources.table.tableName);
  output("BucketName", resources.bucket.bucketName);
  output("BusName", resources.bus.eventBusName);
  output("BusArn", resources.bus.eventBusArn);
}
