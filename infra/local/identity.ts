/**
 * What the local cloud calls its things. AWS names in one place: region, account, ARNs, queues. Everything is made of `topology.ts`.
 */
import { type FunctionName, functions, type QueueName, queues } from "../topology.ts";

export const REGION = "us-east-1";
/** The account that the SQS and S3 emulator puts into its ARNs. */
export const ACCOUNT = "000000000000";
export const TABLE = "doorplate";
export const BUCKET = "doorplate-local";
export const BUS = "doorplate";

export const functionNames = Object.keys(functions) as FunctionName[];
export const queueNames = Object.keys(queues) as QueueName[];

export function queueFullName(queue: QueueName, deadLetters: boolean): string {
  return `doorplate-${queue}${deadLetters ? "-dead-letters" : ""}`;
}

export function queueArn(queue: QueueName, deadLetters: boolean): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT}:${queueFullName(queue, deadLetters)}`;
}

export function queueUrl(endpoint: string, queue: QueueName, deadLetters: boolean): string {
  return `${endpoint}/${ACCOUNT}/${queueFullName(queue, deadLetters)}`;
}

export function functionArn(name: FunctionName): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
}

/** Reads a function's name, its name with a qualifier, or its ARN; null when there is no such function. */
export function findFunction(text: string): FunctionName | null {
  const parts = text.split(":");
  const arn = parts.indexOf("function");
  const name = (arn >= 0 ? parts[arn + 1] : parts[0]) ?? "";
  return functionNames.find((known) => known === name) ?? null;
}
