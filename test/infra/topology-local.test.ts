import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalCloud, startLocalCloud } from "../../infra/local/client.ts";
import * as topology from "../../infra/topology.ts";
import { makeWorkplace, type Workplace } from "../system/local-handlers.ts";

// The local cloud says of itself, through AWS' own APIs, what the topology says.

const queueNames = Object.keys(topology.queues) as topology.QueueName[];
let place: Workplace;
let folder: string;
let cloud: LocalCloud;
beforeAll(async () => {
  place = makeWorkplace();
  folder = mkdtempSync(join(tmpdir(), "doorplate-topology-"));
  cloud = await startLocalCloud({ stateDir: join(folder, "state"), bundles: place.bundles });
}, 60_000);
afterAll(async () => {
  await cloud?.stop();
  place?.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function attributesOf(QueueUrl: string) {
  const { endpoints, credentials, region } = cloud;
  const sqs = new SQSClient({ endpoint: endpoints.sqs, credentials, region });
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
  );
  return Attributes;
}

describe("queues", () => {
  test("are those of the topology", () => {
    expect(Object.keys(cloud.queues).sort()).toEqual([...queueNames].sort());
    expect(Object.keys(cloud.deadLetterQueues).sort()).toEqual([...queueNames].sort());
  });

  test.each(queueNames)("%s: visibility, retention, and where it gives up", async (name) => {
    const { visibilitySeconds, maxReceiveCount, retentionSeconds } = topology.queues[name];
    const attributes = await attributesOf(cloud.queues[name]);
    expect(attributes.VisibilityTimeout).toBe(String(visibilitySeconds));
    expect(attributes.MessageRetentionPeriod).toBe(String(retentionSeconds));
    const deadLetters = await attributesOf(cloud.deadLetterQueues[name]);
    const redrive = JSON.parse(attributes.RedrivePolicy ?? "{}");
    expect(redrive.deadLetterTargetArn).toBe(deadLetters.QueueArn);
    expect(Number(redrive.maxReceiveCount)).toBe(maxReceiveCount);
  });

  test.each(queueNames)("%s: its dead letters", async (name) => {
    const attributes = await attributesOf(cloud.deadLetterQueues[name]);
    expect(attributes.VisibilityTimeout).toBe(String(topology.deadLetterVisibilitySeconds));
    expect(attributes.MessageRetentionPeriod).toBe(String(topology.deadLetterRetentionSeconds));
    expect(attributes.RedrivePolicy).toBeUndefined();
  });
});

test("the table has the topology's keys and indexes", async () => {
  const { endpoints, credentials, region } = cloud;
  const dynamodb = new DynamoDBClient({ endpoint: endpoints.dynamodb, credentials, region });
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: cloud.table }));
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: "HASH" },
    { AttributeName: range, KeyType: "RANGE" },
  ];
  expect(Table?.KeySchema).toEqual(keys(topology.table.partitionKey, topology.table.sortKey));
  const byName = (a: { IndexName?: string }, b: { IndexName?: string }) =>
    (a.IndexName ?? "") < (b.IndexName ?? "") ? -1 : 1;
  const indexes = (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => ({
    IndexName,
    KeySchema,
    Projection: { ...Projection, NonKeyAttributes: [...(Projection?.NonKeyAttributes ?? [])].sort() },
  }));
  expect(indexes.sort(byName)).toEqual(
    topology.table.indexes
      .map(({ name, partitionKey, sortKey, include }) => ({
        IndexName: name as string,
        KeySchema: keys(partitionKey, sortKey),
        Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: [...include].sort() as string[] },
      }))
      .sort(byName),
  );
  expect(Table?.AttributeDefinitions?.every(({ AttributeType }) => AttributeType === "S")).toBe(true);
});
