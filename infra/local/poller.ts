/**
 * Event source mappings: reads a queue by long polling, invokes the function with what came, deletes what succeeded. What failed stays in
 * flight until its visibility time-out and is delivered again; SQS itself moves it to the dead-letter queue after its last delivery.
 */
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { deadLetterVisibilitySeconds, type MappingSpec, queues } from "../topology.ts";
import type { Credentials } from "./guard.ts";
import { queueArn, queueUrl, REGION } from "./identity.ts";
import { concurrencyOf, type LambdaHost } from "./lambda-host.ts";
import type { Log } from "./log.ts";
import { failedMessages, sqsEvent } from "./partial-batch.ts";

export interface PollerOptions {
  endpoint: string;
  credentials: Credentials;
  host: LambdaHost;
  log: Log;
  timeScale: number;
  maxConcurrency: number;
}

export interface Poller {
  /** Receives nothing more. Invocations under way are left to the host. */
  stop(): void;
}

/** Longest long poll (SQS), seconds. */
const LONG_POLL_SECONDS = 20;
/** Wait after an error of the queue itself, ms. */
const ERROR_PAUSE_MS = 500;
/** SQS gives and deletes at most this many messages a request. */
const SQS_BATCH = 10;

export function startPollers(mappings: readonly MappingSpec[], options: PollerOptions): Poller {
  const { endpoint, credentials } = options;
  const client = new SQSClient({ endpoint, credentials, region: REGION });
  const stopping = new AbortController();
  for (const mapping of mappings) void poll(mapping, client, options, stopping.signal);
  return {
    stop() {
      stopping.abort();
      client.destroy();
    },
  };
}

/** One mapping: a single request for messages at a time, and as many invocations as the mapping may keep busy. */
async function poll(
  mapping: MappingSpec,
  client: SQSClient,
  { endpoint, host, log, timeScale, maxConcurrency }: PollerOptions,
  signal: AbortSignal,
): Promise<void> {
  const url = queueUrl(endpoint, mapping.queue, mapping.deadLetters);
  const arn = queueArn(mapping.queue, mapping.deadLetters);
  const seconds = mapping.deadLetters ? deadLetterVisibilitySeconds : queues[mapping.queue].visibilitySeconds;
  const visibility = seconds / timeScale;
  const width = Math.min(mapping.maxConcurrency, concurrencyOf(mapping.function, maxConcurrency));
  const busy = new Set<Promise<void>>();

  const complain = (error: unknown): undefined => {
    if (!signal.aborted)
      log.write(`${new Date().toISOString()} mapping ${arn} to ${mapping.function}: ${String(error)}\n`);
  };

  const receive = async (atMost: number, waitSeconds: number): Promise<Message[]> => {
    const { Messages } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: Math.min(atMost, SQS_BATCH),
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: visibility,
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      }),
      { abortSignal: signal },
    );
    return Messages ?? [];
  };

  /** Messages for at most `free` batches. */
  const gather = async (free: number): Promise<Message[]> => {
    const atMost = Math.min(free * mapping.batchSize, Math.max(SQS_BATCH, mapping.batchSize));
    const messages = await receive(atMost, LONG_POLL_SECONDS);
    const until = Date.now() + (mapping.windowSeconds * 1000) / timeScale;
    while (messages.length > 0 && messages.length < mapping.batchSize && Date.now() < until) {
      const more = await receive(mapping.batchSize - messages.length, 1).catch(complain);
      // Those that came would be out of sight for a whole visibility time-out.
      if (!more) break;
      messages.push(...more);
    }
    return messages;
  };

  const run = async (batch: Message[]): Promise<void> => {
    const result = await host.invoke(mapping.function, JSON.stringify(sqsEvent(batch, arn)));
    if (!result.ok) return;
    const failed = failedMessages(
      result.payload,
      batch.map(({ MessageId = "" }) => MessageId),
    );
    const done = batch.filter(({ MessageId = "" }) => !failed.has(MessageId));
    for (let start = 0; start < done.length; start += SQS_BATCH) {
      const Entries = done
        .slice(start, start + SQS_BATCH)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
    }
  };

  while (!signal.aborted) {
    if (busy.size >= width) {
      await Promise.race(busy);
      continue;
    }
    try {
      const messages = await gather(width - busy.size);
      // Too late to be run: they come back at the next start.
      if (signal.aborted) return;
      for (let first = 0; first < messages.length; first += mapping.batchSize) {
        const running: Promise<void> = run(messages.slice(first, first + mapping.batchSize))
          .catch(complain)
          .finally(() => busy.delete(running));
        busy.add(running);
      }
    } catch (error) {
      complain(error);
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, ERROR_PAUSE_MS));
    }
  }
}
