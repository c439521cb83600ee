import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { chunks, count } from "./tally.ts";

/** A queue that messages are put on as JSON. */
export interface Outbox {
  /** Sends all, or throws; a message may arrive more than once and in any order, so receivers are idempotent. */
  send(messages: readonly unknown[], options?: { delaySeconds?: number }): Promise<void>;
}

/** SQS: messages in one request. */
const BATCH_LIMIT = 10;
/** SQS: bytes in one request, all messages together (1 MiB since 2025); some room is left for the envelope. */
const BATCH_BYTES = 1_000_000;
/** Tries for the part of a batch that SQS refused. */
const SEND_TRIES = 4;

/** `timeScale` divides delays, for failure drills. */
export function openOutbox(client: SQSClient, url: string, timeScale = 1): Outbox {
  async function sendBatch(bodies: string[], delaySeconds: number): Promise<void> {
    let pending = bodies.map((MessageBody, i) => ({
      Id: String(i),
      MessageBody,
      DelaySeconds: Math.ceil(delaySeconds / timeScale),
    }));
    for (let tries = 1; pending.length > 0; tries++) {
      count({
        queueRequests: chunks(pending.reduce((sum, one) => sum + Buffer.byteLength(one.MessageBody), 0)),
      });
      const { Failed = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: url, Entries: pending }),
      );
      const failed = new Map(Failed.map((failure) => [failure.Id, failure]));
      pending = pending.filter(({ Id }) => failed.has(Id));
      if (pending.length > 0 && tries >= SEND_TRIES) {
        throw new Error(
          `SQS refused ${pending.length} messages: ${[...failed.values()][0]?.Message ?? "no reason"}`,
        );
      }
    }
  }

  return {
    async send(messages, { delaySeconds = 0 } = {}) {
      let batch: string[] = [];
      let bytes = 0;
      for (const message of messages) {
        const body = JSON.stringify(message);
        const size = Buffer.byteLength(body);
        if (batch.length === BATCH_LIMIT || (batch.length > 0 && bytes + size > BATCH_BYTES)) {
          await sendBatch(batch, delaySeconds);
          batch = [];
          bytes = 0;
        }
        batch.push(body);
        bytes += size;
      }
      if (batch.length > 0) await sendBatch(batch, delaySeconds);
    },
  };
}
