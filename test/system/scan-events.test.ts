import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalCloud, startLocalCloud } from "../../infra/local/client.ts";
import { EVENT_SOURCE } from "../../infra/topology.ts";
import { keptResult } from "../../lib/scan/kept-result.ts";
import { root } from "../build.ts";
import { doorsOfFile } from "./command.ts";
import { until } from "./local-handlers.ts";

// The system as deployed, asked only through AWS' own APIs.

let state: string;
let cloud: LocalCloud;
const doors = await doorsOfFile({ greeting: 2, silent: 0 });
let aws: ReturnType<typeof clientsOf>;

function clientsOf({ endpoints, credentials, region }: LocalCloud) {
  const to = (api: keyof LocalCloud["endpoints"]) => ({ endpoint: endpoints[api], credentials, region });
  return {
    table: DynamoDBDocumentClient.from(new DynamoDBClient(to("dynamodb"))),
    events: new EventBridgeClient(to("events")),
    s3: new S3Client({ ...to("s3"), forcePathStyle: true }),
    sqs: new SQSClient(to("sqs")),
    lambda: new LambdaClient(to("lambda")),
  };
}

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), "doorplate-events-"));
  cloud = await startLocalCloud({ stateDir: state, bundles: join(root, "dist/functions") });
  aws = clientsOf(cloud);
}, 60_000);
afterAll(async () => {
  await cloud?.stop();
  rmSync(state, { recursive: true, force: true });
});

type Item = Record<string, unknown>;
async function query(pk: string, prefix = ""): Promise<Item[]> {
  const { Items = [] } = await aws.table.send(
    new QueryCommand({
      TableName: cloud.table,
      ConsistentRead: true,
      KeyConditionExpression: prefix ? "pk = :pk AND begins_with(sk, :prefix)" : "pk = :pk",
      ExpressionAttributeValues: prefix ? { ":pk": pk, ":prefix": prefix } : { ":pk": pk },
    }),
  );
  return Items;
}
const finished = (scanId: string) =>
  until(`scan ${scanId} finished`, async () => {
    const [meta] = await query(`SCAN#${scanId}`, "META");
    return meta?.finishedAt ? meta : null;
  }).then((meta) => meta as Item);
/** Events that went over the buses, oldest first. */
const onTheBus = (detailType: string) =>
  readFileSync(join(state, "events.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter((event) => event["detail-type"] === detailType);

async function putEvent(detail: object, DetailType = "Scan Requested"): Promise<string> {
  const { Entries } = await aws.events.send(
    new PutEventsCommand({
      Entries: [
        { EventBusName: cloud.bus, Source: EVENT_SOURCE, DetailType, Detail: JSON.stringify(detail) },
      ],
    }),
  );
  return String(Entries?.[0]?.EventId);
}

describe("a scan is started by", () => {
  test("Scan Requested on the bus, under the event's id, and its end is announced there", async () => {
    const ports = doors.ports;
    const id = await putEvent({ targets: ["127.0.0.1"], ports, profile: "fast" });
    expect(await finished(id)).toMatchObject({ status: "done", planned: 2, counts: { fingerprinted: 2 } });
    const [announced] = await until("announced", () =>
      onTheBus("Scan Completed").filter(({ detail }) => detail.scanId === id),
    );
    expect(announced).toMatchObject({ source: EVENT_SOURCE, detail: { status: "done", planned: 2 } });
    expect(await query(`SCAN#${id}#0`, "PORT#")).toHaveLength(2);
    const [asset] = await query("ASSET#127.0.0.1", `PORT#tcp#${doors.greeting[0]}#`);
    expect(asset).toMatchObject({ product: "OpenSSH", version: "9.2p1" });
    expect(keptResult(asset?.result)).toMatchObject({ cause: "event: Scan Requested" });
  });

  test("a list that lands under targets/, and by none that lands elsewhere", async () => {
    const before = onTheBus("Object Created").length;
    const put = (Key: string, Body: string) =>
      aws.s3.send(new PutObjectCommand({ Bucket: cloud.bucket, Key, Body }));
    await put("elsewhere/list.txt", "127.0.0.1:1");
    await put(
      "targets/my list.txt",
      `# two doors\n127.0.0.1:${doors.greeting[0]}\n127.0.0.1:${doors.greeting[1]}\n`,
    );
    const created = await until("event", () => onTheBus("Object Created").slice(before));
    expect(created.map(({ detail }) => detail.object.key)).toEqual(["targets/my list.txt"]);
    expect(await finished(created[0].id)).toMatchObject({ status: "done", planned: 2 });
  });

  test("the dispatcher's own function, which answers with the plan's size", async () => {
    const request = { scanId: "direct-0001", targets: ["127.0.0.1"], ports: doors.ports };
    const invoke = async (event: object) => {
      const { FunctionError, Payload } = await aws.lambda.send(
        new InvokeCommand({ FunctionName: "dispatcher", Payload: JSON.stringify(event) }),
      );
      return {
        failed: FunctionError !== undefined,
        payload: JSON.parse(Buffer.from(Payload ?? []).toString()),
      };
    };
    const answer = await invoke(request);
    expect(answer).toEqual({
      failed: false,
      payload: { scanId: "direct-0001", planned: 2, addresses: 1, batches: 1, skipped: [] },
    });
    await finished("direct-0001");
    // The same again is the same scan; another request under its id is refused.
    expect(await invoke(request)).toEqual(answer);
    const other = await invoke({ ...request, ports: "1" });
    expect(other).toMatchObject({ failed: true, payload: { errorType: "InputError" } });
    expect(other.payload.errorMessage).toMatch(/direct-0001 exists already/);
    const outside = await invoke({ targets: ["10.9.8.7"], ports: "1" });
    expect(outside).toMatchObject({ failed: true, payload: { errorType: "ScopeError" } });
  });
});

describe("what nobody waits for is answered on the bus", () => {
  test("a target out of scope", async () => {
    const id = await putEvent({ targets: ["10.9.8.7"], ports: "22" });
    const [refused] = await until("refused", () =>
      onTheBus("Scan Refused").filter(({ detail }) => detail.scanId === id),
    );
    expect(refused.detail.reason).toMatch(/10\.9\.8\.7 is not in scope/);
    expect(await query(`SCAN#${id}`)).toEqual([]);
  });

  test("a list of nonsense", async () => {
    const before = onTheBus("Scan Refused").length;
    await aws.s3.send(
      new PutObjectCommand({ Bucket: cloud.bucket, Key: "targets/nonsense.txt", Body: "999.9.9.9\n" }),
    );
    const [refused] = await until("refused", () => onTheBus("Scan Refused").slice(before));
    expect(refused.detail.reason).toMatch(/999\.9\.9\.9/);
  });
});

test("messages delivered twice, and late, change nothing that was settled", async () => {
  const id = await putEvent({ targets: ["127.0.0.1"], ports: doors.ports, profile: "fast" });
  const before = await finished(id);
  const [batch] = await query(`SCAN#${id}#0`, "BATCH#");
  const send = (queue: keyof LocalCloud["queues"], body: object) =>
    aws.sqs.send(
      new SendMessageCommand({ QueueUrl: cloud.queues[queue], MessageBody: JSON.stringify(body) }),
    );
  for (let i = 0; i < 3; i++) {
    await send("probe", { scanId: id, batch: 0, generation: 0 });
    await send("observation", { scanId: id, batch: 0, sightings: [], settled: [[2, 0, 2]], meter: null });
    await send("dispatch", { scanId: id, from: 0, to: 1 });
    await send("tick", { scanId: id });
  }
  await until("all of it probed again", async () => {
    const [again] = await query(`SCAN#${id}#0`, "BATCH#");
    return Object.keys(again?.meters as object).length > Object.keys(batch?.meters as object).length;
  });
  const [after] = await query(`SCAN#${id}#0`, "BATCH#");
  expect(after).toMatchObject({ codes: batch?.codes, counts: batch?.counts, complete: true });
  expect(await finished(id)).toMatchObject({ finishedAt: before.finishedAt, counts: before.counts });
  expect(onTheBus("Scan Completed").filter(({ detail }) => detail.scanId === id)).toHaveLength(1);
});

test("one message that nobody can read does not hold up the others", async () => {
  const url = cloud.queues.probe;
  await aws.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "{nonsense" }));
  await aws.sqs.send(
    new SendMessageCommand({
      QueueUrl: url,
      MessageBody: '{"scanId":"no-such-scan","batch":0,"generation":0}',
    }),
  );
  const id = await putEvent({ targets: ["127.0.0.1"], ports: doors.ports, profile: "fast" });
  expect(await finished(id)).toMatchObject({ status: "done" });
});
