/** The stores of the local cloud inside the test's own process, in a directory of their own, with nothing reading the queues. */
import { mkdtempSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { openEventBus } from "../../infra/local/events.ts";
import { randomCredentials } from "../../infra/local/guard.ts";
import { BUCKET, BUS, queueUrl, REGION, TABLE } from "../../infra/local/identity.ts";
import { type Apis, listen, replyJson } from "../../infra/local/server.ts";
import { openDynamo, openMessagesAndObjects } from "../../infra/local/stores.ts";
import { ensureTable } from "../../infra/local/table.ts";
import type { QueueName } from "../../infra/topology.ts";
import { openArchive } from "../../lib/cloud/archive.ts";
import { openBus } from "../../lib/cloud/bus.ts";
import type { Cloud } from "../../lib/cloud/index.ts";
import { openOutbox } from "../../lib/cloud/queue.ts";
import { openTable } from "../../lib/cloud/table.ts";
import type { CloudUse } from "../../lib/cloud/tally.ts";

/** What the stores got, in the units that AWS bills; `drain` is not counted. */
export type Received = CloudUse;

export interface TestCloud {
  cloud: Cloud;
  received(): Received;
  dynamodb: DynamoDBClient;
  /** `Detail` of the events of one type, oldest first. */
  events(detailType: string): Record<string, unknown>[];
  /** Takes all visible messages from a queue. */
  drain(queue: QueueName): Promise<unknown[]>;
  putObject(key: string, body: string): Promise<void>;
  close(): Promise<void>;
}

export async function openTestCloud(scope: string[] = []): Promise<TestCloud> {
  const directory = mkdtempSync(join(tmpdir(), "doorplate-scan-"));
  const credentials = randomCredentials();
  const apis = Promise.withResolvers<Apis>();
  const { server, port } = await listen(credentials, apis.promise);
  const endpoint = `http://127.0.0.1:${port}`;
  const sent: { type: string; detail: Record<string, unknown> }[] = [];
  const bus = openEventBus({ file: join(directory, "events.jsonl"), invokeLater: () => undefined });
  process.env.AWS_ACCOUNT_ID ??= "000000000000";
  const dynamo = await openDynamo(join(directory, "dynamodb"));
  const stores = await openMessagesAndObjects(join(directory, "sqs-s3"), endpoint, 1, bus.objectStored);
  const none: Apis["lambda"] = (_, response) => replyJson(response, 404, {});
  const received: Received = {
    tableWriteUnits: 0,
    tableReadUnits: 0,
    queueRequests: 0,
    bucketWrites: 0,
    bucketReads: 0,
    events: 0,
  };
  apis.resolve({
    dynamodb(request, response) {
      const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
      countAnswer(response, (answer) => {
        const units = READS.has(operation) ? "tableReadUnits" : "tableWriteUnits";
        const consumed = [answer.ConsumedCapacity ?? []].flat();
        for (const { CapacityUnits } of consumed) received[units] += CapacityUnits ?? 0;
        if (String(answer.__type).endsWith("ConditionalCheckFailedException")) received.tableWriteUnits++;
      });
      dynamo(request, response);
    },
    sqsAndS3(request, response) {
      const target = request.headers["x-amz-target"];
      if (target === "AmazonSQS.SendMessageBatch") received.queueRequests++;
      else if (target === undefined && request.method === "PUT") received.bucketWrites++;
      else if (target === undefined && request.method === "GET") received.bucketReads++;
      stores.listener(request, response);
    },
    events(request, response) {
      received.events++;
      return bus.handler(request, response);
    },
    lambda: none,
    runtime: none,
  });
  await ensureTable(port, credentials);

  const options = { endpoint, credentials, region: REGION };
  const dynamodb = new DynamoDBClient(options);
  const sqs = new SQSClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const own = openBus(new EventBridgeClient(options), BUS);
  const url = (queue: QueueName) => queueUrl(endpoint, queue, false);
  const queues = {
    dispatch: url("dispatch"),
    probe: url("probe"),
    observation: url("observation"),
    tick: url("tick"),
  };
  return {
    cloud: {
      configuration: {
        table: TABLE,
        bucket: BUCKET,
        bus: BUS,
        queues,
        scope,
        inventory: [],
        local: true,
        selfPorts: [port],
        timeScale: 1,
      },
      table: openTable(dynamodb, TABLE),
      archive: openArchive(s3, BUCKET),
      bus: {
        async put(type, detail) {
          await own.put(type, detail);
          sent.push({ type, detail });
        },
      },
      outbox: {
        dispatch: openOutbox(sqs, queues.dispatch),
        probe: openOutbox(sqs, queues.probe),
        observation: openOutbox(sqs, queues.observation),
        tick: openOutbox(sqs, queues.tick),
      },
    },
    dynamodb,
    received: () => ({ ...received }),
    events: (detailType) => sent.filter(({ type }) => type === detailType).map(({ detail }) => detail),
    async drain(queue) {
      const bodies: unknown[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl: url(queue), MaxNumberOfMessages: 10 }),
        );
        if (Messages.length === 0) return bodies;
        for (const { Body = "", ReceiptHandle } of Messages) {
          bodies.push(JSON.parse(Body));
          await sqs.send(new DeleteMessageCommand({ QueueUrl: url(queue), ReceiptHandle }));
        }
      }
    },
    async putObject(Key, Body) {
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await stores.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const READS = new Set(["GetItem", "BatchGetItem", "Query"]);

interface Answer {
  ConsumedCapacity?: { CapacityUnits?: number } | { CapacityUnits?: number }[];
  __type?: string;
}

/** Reads what dynalite answers on its way out. */
function countAnswer(response: ServerResponse, counted: (answer: Answer) => void): void {
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
  response.end = ((...args: unknown[]) => {
    const [body] = args;
    if (typeof body === "string" || body instanceof Uint8Array) {
      counted(JSON.parse(Buffer.from(body as Uint8Array).toString() || "{}") as Answer);
    }
    return end(...args);
  }) as typeof response.end;
}
