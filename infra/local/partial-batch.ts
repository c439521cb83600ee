/**
 * Between SQS and Lambda: the event that a batch of messages becomes, and which of them failed. Both as AWS documents them ("Using Lambda
 * with Amazon SQS", "Reporting batch item failures").
 */
import type { Message } from "@aws-sdk/client-sqs";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { REGION } from "./identity.ts";

/** The event for one batch. */
export function sqsEvent(messages: readonly Message[], queueArn: string): SQSEvent {
  return { Records: messages.map((message) => sqsRecord(message, queueArn)) };
}

function sqsRecord(message: Message, eventSourceARN: string): SQSRecord {
  const attributes = message.Attributes ?? {};
  return {
    messageId: message.MessageId ?? "",
    receiptHandle: message.ReceiptHandle ?? "",
    body: message.Body ?? "",
    attributes: {
      ...attributes,
      ApproximateReceiveCount: attributes.ApproximateReceiveCount ?? "1",
      SentTimestamp: attributes.SentTimestamp ?? "0",
      SenderId: attributes.SenderId ?? "",
      ApproximateFirstReceiveTimestamp: attributes.ApproximateFirstReceiveTimestamp ?? "0",
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
        name,
        {
          ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
          ...(value.BinaryValue === undefined
            ? {}
            : { binaryValue: Buffer.from(value.BinaryValue).toString("base64") }),
          stringListValues: [],
          binaryListValues: [],
          dataType: value.DataType ?? "String",
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody ?? "",
    eventSource: "aws:sqs",
    eventSourceARN,
    awsRegion: REGION,
  };
}

/**
 * The ids of the messages that failed, from the function's JSON response. Success of the whole batch: no response (null), an empty object,
 * no list, an empty list. Failure of the whole batch: no JSON, a list that is none, an item without an identifier, or with one that is
 * not in the batch.
 */
export function failedMessages(response: string, ids: readonly string[]): ReadonlySet<string> {
  const none: ReadonlySet<string> = new Set();
  const all: ReadonlySet<string> = new Set(ids);
  let value: unknown;
  try {
    value = response === "" ? null : JSON.parse(response);
  } catch {
    return all;
  }
  if (value === null) return none;
  if (typeof value !== "object") return all;
  const failures = "batchItemFailures" in value ? value.batchItemFailures : null;
  if (failures === null) return none;
  if (!Array.isArray(failures)) return all;
  const failed = new Set<string>();
  for (const item of failures as unknown[]) {
    if (typeof item !== "object" || item === null || !("itemIdentifier" in item)) return all;
    if (typeof item.itemIdentifier !== "string" || !all.has(item.itemIdentifier)) return all;
    failed.add(item.itemIdentifier);
  }
  return failed;
}
