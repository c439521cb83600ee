import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attachLocalCloud, type LocalCloud, startLocalCloud } from "../../infra/local/client.ts";
import { sha256, sign } from "../../infra/local/guard.ts";
import { environmentNames, type QueueName, queues } from "../../infra/topology.ts";
import { isRunning, makeWorkplace, until, type Workplace } from "./local-handlers.ts";

/** Aggregator: 0.3 s; observation queue: visible again after 1.8 s. */
const TIME_SCALE = 200;

function clientsOf(cloud: LocalCloud) {
  const { credentials, region } = cloud;
  const to = (api: keyof LocalCloud["endpoints"]) => ({
    endpoint: cloud.endpoints[api],
    credentials,
    region,
  });
  const sqs = new SQSClient(to("sqs"));
  const lambda = new LambdaClient(to("lambda"));
  return {
    sqs,
    dynamodb: new DynamoDBClient(to("dynamodb")),
    s3: new S3Client({ ...to("s3"), forcePathStyle: true }),
    events: new EventBridgeClient(to("events")),
    lambda,
    send: (queue: QueueName, order: object) =>
      sqs.send(new SendMessageCommand({ QueueUrl: cloud.queues[queue], MessageBody: JSON.stringify(order) })),
    async messagesIn(url: string) {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }),
      );
      return (
        Number(Attributes?.ApproximateNumberOfMessages) +
        Number(Attributes?.ApproximateNumberOfMessagesNotVisible) +
        Number(Attributes?.ApproximateNumberOfMessagesDelayed)
      );
    },
    async invoke(name: string, event: object, type: "RequestResponse" | "Event" = "RequestResponse") {
      const { StatusCode, FunctionError, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), InvocationType: type }),
      );
      const text = Buffer.from(Payload ?? []).toString();
      return { status: StatusCode, error: FunctionError, payload: text === "" ? null : JSON.parse(text) };
    },
  };
}

describe("a running local cloud", () => {
  let place: Workplace;
  let cloud: LocalCloud;
  let aws: ReturnType<typeof clientsOf>;

  beforeAll(async () => {
    place = makeWorkplace();
    cloud = await startLocalCloud({
      stateDir: place.stateDir,
      bundles: place.bundles,
      timeScale: TIME_SCALE,
      scope: ["10.0.0.0/8", "example.com"],
    });
    aws = clientsOf(cloud);
  });
  afterAll(async () => {
    await cloud?.stop();
    place?.remove();
  });

  test("a message reaches its function as AWS would hand it over, and is deleted afterwards", async () => {
    const { sqs } = aws;
    const sent = await sqs.send(
      new SendMessageCommand({
        QueueUrl: cloud.queues.probe,
        MessageBody: JSON.stringify({ do: "echo", word: "first" }),
        MessageAttributes: { kind: { DataType: "String", StringValue: "batch" } },
      }),
    );
    const [call] = await until("prober called", () => place.callsWith("prober", "first"));
    expect(call?.event.Records).toEqual([
      {
        messageId: sent.MessageId,
        receiptHandle: expect.stringMatching(/./),
        body: '{"do":"echo","word":"first"}',
        attributes: expect.objectContaining({
          ApproximateReceiveCount: "1",
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
        }),
        messageAttributes: {
          kind: { stringValue: "batch", stringListValues: [], binaryListValues: [], dataType: "String" },
        },
        md5OfBody: sent.MD5OfMessageBody,
        eventSource: "aws:sqs",
        eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:doorplate-probe",
        awsRegion: "us-east-1",
      },
    ]);
    await until("queue empty", async () => (await aws.messagesIn(cloud.queues.probe)) === 0);
    expect(place.callsWith("prober", "first")).toHaveLength(1);
  });

  test("a handler sees its true deadline, its own names, and nothing of the user's environment", async () => {
    await aws.invoke("aggregator", { word: "context" });
    const call = place.callsWith("aggregator", "context")[0]!;
    expect(call.context.remaining).toBeGreaterThan(0);
    expect(call.context.remaining).toBeLessThanOrEqual(60_000 / TIME_SCALE);
    expect(call.context.memoryLimitInMB).toBe("512");
    expect(call.context.invokedFunctionArn).toBe("arn:aws:lambda:us-east-1:000000000000:function:aggregator");
    const { environment } = call;
    for (const name of Object.values(environmentNames)) expect(environment).toHaveProperty(name);
    expect(environment).toMatchObject({
      ...cloud.environment,
      DOORPLATE_SCOPE: "10.0.0.0/8 example.com",
      DOORPLATE_LOCAL: "1",
      DOORPLATE_SELF_PORTS: cloud.selfPorts.join(","),
      DOORPLATE_TIME_SCALE: String(TIME_SCALE),
      AWS_LAMBDA_FUNCTION_NAME: "aggregator",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      POWERTOOLS_TRACE_ENABLED: "false",
    });
    expect(environment).not.toHaveProperty("HOME");
    expect(environment).not.toHaveProperty("VITEST");
  });

  test("of a batch only the failed messages come again, and end as dead letters after the last delivery", async () => {
    await aws.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: cloud.queues.observation,
        Entries: ["fail", "echo", "echo"].map((what, index) => ({
          Id: String(index),
          MessageBody: JSON.stringify({ do: what, word: `partial-${what}` }),
        })),
      }),
    );
    const [dead] = await until("dead letter", () => place.callsWith("dead-letter", "partial-fail"), 60_000);
    expect(dead?.event.Records?.[0]?.eventSourceARN).toMatch(/:doorplate-observation-dead-letters$/);
    const deliveries = place.callsWith("aggregator", "partial-fail");
    expect(
      deliveries.map(
        ({ event }) =>
          event.Records?.find(({ body }) => body.includes("fail"))?.attributes.ApproximateReceiveCount,
      ),
    ).toEqual(["1", "2", "3", "4", "5"]);
    expect(queues.observation.maxReceiveCount).toBe(5);
    const succeeded = place
      .callsWith("aggregator", "partial-echo")
      .flatMap(({ event }) => event.Records ?? [])
      .filter(({ body }) => body.includes("echo"));
    expect(succeeded).toHaveLength(2);
  });

  test("a response that names an unknown message fails the whole batch", async () => {
    await aws.send("tick", { do: "malformed", word: "malformed" });
    await until("second delivery", () => place.callsWith("tick", "malformed").length >= 2);
  });

  test("a handler that throws fails its whole batch, which is delivered again", async () => {
    await aws.send("tick", { do: "throw", word: "thrown" });
    await until("second delivery", () => place.callsWith("tick", "thrown").length >= 2);
    expect(readFileSync(join(place.stateDir, "log", "tick.log"), "utf8")).toContain("as ordered");
  });

  test("an invocation is killed at its deadline even in a CPU loop, and the next one gets a new process", async () => {
    const late = await aws.invoke("aggregator", { do: "loop", word: "stuck" });
    expect(late).toMatchObject({
      status: 200,
      error: "Unhandled",
      payload: { errorType: "Sandbox.Timedout" },
    });
    expect(late.payload.errorMessage).toMatch(/Task timed out after 0\.30 seconds$/);
    const { pid } = place.callsWith("aggregator", "stuck")[0]!;
    await until("killed", () => !isRunning(pid));
    expect(await aws.invoke("aggregator", { word: "after" })).toMatchObject({
      payload: { echo: { word: "after" } },
    });
    expect(place.callsWith("aggregator", "after")[0]!.pid).not.toBe(pid);
  });

  test("a process that exits fails its invocation, and the next one gets a new process", async () => {
    const crashed = await aws.invoke("dispatcher", { do: "crash" });
    expect(crashed).toMatchObject({ error: "Unhandled", payload: { errorType: "Runtime.ExitError" } });
    expect(crashed.payload.errorMessage).toMatch(/exit status 3$/);
    expect(await aws.invoke("dispatcher", { word: "alive" })).toMatchObject({ error: undefined });
  });

  test("instances work side by side, and an idle one is used again", async () => {
    const words = ["side-a", "side-b", "side-c", "side-d"];
    await Promise.all(words.map((word) => aws.send("probe", { do: "slow", ms: 400, word })));
    const calls = await until("all called", () => {
      const seen = words.flatMap((word) => place.callsWith("prober", word));
      return seen.length >= words.length && seen;
    });
    const pids = new Set((calls || []).map(({ pid }) => pid));
    expect(pids.size).toBe(4);
    await until("all deleted", async () => (await aws.messagesIn(cloud.queues.probe)) === 0);
    await aws.invoke("prober", { word: "again" });
    expect(pids).toContain(place.callsWith("prober", "again")[0]!.pid);
  });

  test("invoking tells a function's own error from success, and an unknown function from both", async () => {
    expect(await aws.invoke("dispatcher", { word: "hello" })).toEqual({
      status: 200,
      error: undefined,
      payload: { echo: { word: "hello" } },
    });
    const failed = await aws.invoke("dispatcher", { do: "throw" });
    expect(failed).toMatchObject({
      error: "Unhandled",
      payload: { errorType: "TypeError", errorMessage: "as ordered" },
    });
    await expect(aws.invoke("nobody", {})).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    expect(await aws.invoke("dispatcher", { word: "later" }, "Event")).toMatchObject({ status: 202 });
    await until("event invocation", () => place.callsWith("dispatcher", "later"));
  });

  test("a failed asynchronous invocation is tried twice more", async () => {
    await aws.invoke("dispatcher", { do: "throw", word: "thrice" }, "Event");
    await until("three attempts", () => place.callsWith("dispatcher", "thrice").length === 3);
  });

  test("an event on the project's bus invokes the function of its rule", async () => {
    const { Entries, FailedEntryCount } = await aws.events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: cloud.bus,
            Source: "doorplate",
            DetailType: "Scan Requested",
            Detail: '{"word":"by-bus"}',
          },
          {
            EventBusName: cloud.bus,
            Source: "doorplate",
            DetailType: "Something Else",
            Detail: '{"word":"by-bus-else"}',
          },
          { EventBusName: cloud.bus, Source: "doorplate", DetailType: "Scan Requested", Detail: "no JSON" },
          { EventBusName: cloud.bus, Source: "aws.s3", DetailType: "Object Created", Detail: "{}" },
        ],
      }),
    );
    expect(FailedEntryCount).toBe(2);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode ?? "")).toEqual([
      "",
      "",
      "MalformedDetail",
      "NotAuthorizedForSourceException",
    ]);
    const [call] = await until("dispatcher called", () => place.callsWith("dispatcher", "by-bus"));
    expect(call?.event).toEqual({
      version: "0",
      id: Entries?.[0]?.EventId,
      "detail-type": "Scan Requested",
      source: "doorplate",
      account: "000000000000",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: "us-east-1",
      resources: [],
      detail: { word: "by-bus" },
    });
    expect(place.callsWith("dispatcher", "by-bus-else")).toEqual([]);
    expect(readFileSync(join(place.stateDir, "events.jsonl"), "utf8")).toContain("by-bus-else");
  });

  test("a target list that lands in the bucket becomes S3's event, another object does not", async () => {
    const put = (Key: string, Body: string) =>
      aws.s3.send(new PutObjectCommand({ Bucket: cloud.bucket, Key, Body }));
    await put("plans/quiet.json", "{}");
    const { ETag } = await put("targets/list.txt", "127.0.0.1\n");
    const [call] = await until("dispatcher called", () => place.callsWith("dispatcher", "targets/list.txt"));
    expect(call?.event).toMatchObject({
      source: "aws.s3",
      "detail-type": "Object Created",
      resources: [`arn:aws:s3:::${cloud.bucket}`],
      detail: {
        bucket: { name: cloud.bucket },
        object: { key: "targets/list.txt", size: 10, etag: ETag?.replaceAll('"', "") },
        reason: "PutObject",
      },
    });
    expect(place.callsWith("dispatcher", "plans/quiet.json")).toEqual([]);
    const { Body } = await aws.s3.send(
      new GetObjectCommand({ Bucket: cloud.bucket, Key: "targets/list.txt" }),
    );
    expect(await Body?.transformToString()).toBe("127.0.0.1\n");
  });

  test("the table has the topology's keys and indexes", async () => {
    const item = {
      pk: { S: "SCAN#1" },
      sk: { S: "META" },
      productShard: { S: "openssh#0" },
      versionKey: { S: "0009.0008" },
      product: { S: "openssh" },
      secret: { S: "not projected" },
    };
    await aws.dynamodb.send(new PutItemCommand({ TableName: cloud.table, Item: item }));
    const { Items } = await aws.dynamodb.send(
      new QueryCommand({
        TableName: cloud.table,
        IndexName: "byProduct",
        KeyConditionExpression: "productShard = :p AND versionKey < :v",
        ExpressionAttributeValues: { ":p": { S: "openssh#0" }, ":v": { S: "0010" } },
      }),
    );
    const { secret: _, ...projected } = item;
    expect(Items).toEqual([projected]);
  });

  test("the visibility of a received message can be ended", async () => {
    // A queue that no mapping reads.
    const { sqs } = aws;
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "scratch" }));
    expect(QueueUrl).toBe(`${cloud.endpoints.sqs}/000000000000/scratch`);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "again" }));
    const receive = () =>
      sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ["ApproximateReceiveCount"] }),
      );
    const { Messages } = await receive();
    expect((await receive()).Messages ?? []).toEqual([]);
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    expect((await receive()).Messages).toMatchObject([
      { Body: "again", Attributes: { ApproximateReceiveCount: "2" } },
    ]);
  });

  test("web pages, foreign hosts and strangers are refused by every API", async () => {
    const port = cloud.selfPorts[0]!;
    const status = (path: string, method: string, headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const outgoing = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        outgoing.on("error", reject).end();
      });
    const stranger =
      "AWS4-HMAC-SHA256 Credential=AKIASTRANGER/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, ";
    const forged = stranger.replace("AKIASTRANGER", cloud.credentials.accessKeyId);
    const signature = `Signature=${"0".repeat(64)}`;
    for (const [path, target] of [
      ["/", "DynamoDB_20120810.ListTables"],
      ["/", "AmazonSQS.ListQueues"],
      ["/", "AWSEvents.PutEvents"],
      ["/2015-03-31/functions/dispatcher/invocations", ""],
      [`/${cloud.bucket}`, ""],
      ["/health", ""],
      ["/_fauxqs/queues", ""],
      ["/runtime-0000/2018-06-01/runtime/invocation/next", ""],
    ] as const) {
      const headers: Record<string, string> =
        target === "" ? {} : { "x-amz-target": target, "content-type": "application/x-amz-json-1.0" };
      const mistakes: [string, Record<string, string>][] = [
        ["unsigned", {}],
        ["of a web page", { origin: "http://127.0.0.1" }],
        ["to a foreign host", { host: `evil.example:${port}` }],
        ["of a stranger", { authorization: stranger + signature }],
        ["forged", { authorization: forged + signature }],
      ];
      for (const [what, refused] of mistakes) {
        expect([path, target, what, await status(path, "GET", { ...headers, ...refused })]).toEqual([
          path,
          target,
          what,
          403,
        ]);
      }
    }
    const lookalike = clientsOf({
      ...cloud,
      credentials: { ...cloud.credentials, secretAccessKey: "wrong" },
    });
    await expect(lookalike.send("probe", {})).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("a client that signs no payload hash, as the AWS CLI does, is understood, and its payload is part of what it signed", async () => {
    const { port } = new URL(cloud.endpoints.sqs);
    const post = (service: string, target: string, body: string, signed = body) =>
      new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
        const date = "20260101T000000Z";
        const scope = `20260101/us-east-1/${service}/aws4_request`;
        const headers: Record<string, string> = {
          host: `localhost:${port}`,
          "x-amz-date": date,
          "x-amz-target": target,
        };
        const names = Object.keys(headers);
        const signature = sign(
          { method: "POST", url: "/", headers },
          cloud.credentials.secretAccessKey,
          scope,
          names,
          sha256(signed),
        );
        headers.authorization = `AWS4-HMAC-SHA256 Credential=${cloud.credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
        headers["content-type"] = "application/x-amz-json-1.0";
        const outgoing = request({ host: "127.0.0.1", port, method: "POST", headers }, (response) => {
          let text = "";
          response.on("data", (chunk: Buffer) => {
            text += chunk.toString();
          });
          response.on("end", () => resolve({ status: response.statusCode, body: text }));
        });
        outgoing.on("error", reject).end(body);
      });
    const tables = await post("dynamodb", "DynamoDB_20120810.ListTables", "{}");
    expect([tables.status, JSON.parse(tables.body)]).toEqual([200, { TableNames: ["doorplate"] }]);
    const found = await post("sqs", "AmazonSQS.GetQueueUrl", '{"QueueName":"doorplate-probe"}');
    expect([found.status, JSON.parse(found.body)]).toEqual([200, { QueueUrl: cloud.queues.probe }]);
    const tampered = await post("sqs", "AmazonSQS.GetQueueUrl", '{"QueueName":"doorplate-probe"}', "{}");
    expect(tampered.status).toBe(403);
  });

  test("the state directory is the owner's alone, and a second opener is told whose it is", async () => {
    expect(statSync(place.stateDir).mode & 0o777).toBe(0o700);
    await expect(startLocalCloud({ stateDir: place.stateDir, bundles: place.bundles })).rejects.toMatchObject(
      {
        name: "EnvironmentError",
        message: expect.stringContaining(`another doorplate (pid ${cloud.pid}) works in ${place.stateDir};`),
      },
    );
  });
});

describe("starting and ending", () => {
  test("after kill -9, what was in flight is delivered at once, and everything stored is still there", async () => {
    const place = makeWorkplace();
    const options = { stateDir: place.stateDir, bundles: place.bundles };
    let cloud = await startLocalCloud(options);
    try {
      let aws = clientsOf(cloud);
      await aws.dynamodb.send(
        new PutItemCommand({
          TableName: cloud.table,
          Item: { pk: { S: "a" }, sk: { S: "b" }, kept: { S: "yes" } },
        }),
      );
      await aws.s3.send(new PutObjectCommand({ Bucket: cloud.bucket, Key: "plans/kept", Body: "yes" }));
      await aws.send("probe", { do: "slow", ms: 600_000, word: "interrupted" });
      const [first] = await until("prober called", () => place.callsWith("prober", "interrupted"));
      process.kill(cloud.pid, "SIGKILL");
      await cloud.ended;
      await until("instance gone", () => !isRunning(first!.pid), 2_000);

      cloud = await startLocalCloud(options);
      aws = clientsOf(cloud);
      // The queue's visibility time-out is half an hour: only a restart that returns the message can bring it now.
      const calls = await until("delivered again", () => {
        const all = place.callsWith("prober", "interrupted");
        return all.length === 2 && all;
      });
      expect((calls || [])[1]?.event.Records?.[0]?.attributes.ApproximateReceiveCount).toBe("1");
      const key = { pk: { S: "a" }, sk: { S: "b" } };
      const { Item } = await aws.dynamodb.send(new GetItemCommand({ TableName: cloud.table, Key: key }));
      expect(Item?.kept?.S).toBe("yes");
      const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: cloud.bucket, Key: "plans/kept" }));
      expect(await Body?.transformToString()).toBe("yes");
    } finally {
      await cloud.stop();
      place.remove();
    }
  });

  test("after kill -9, events that were accepted and not done are invoked, those that were done are not", async () => {
    const place = makeWorkplace();
    const options = { stateDir: place.stateDir, bundles: place.bundles };
    let cloud = await startLocalCloud(options);
    try {
      const aws = clientsOf(cloud);
      await aws.invoke("dispatcher", { word: "through" }, "Event");
      await until("first event done", () => place.callsWith("dispatcher", "through"));
      await until("forgotten", () => readdirSync(join(place.stateDir, "later")).length === 0);
      for (const word of ["begun", "queued-1", "queued-2", "queued-3", "queued-4", "queued-5"]) {
        expect(await aws.invoke("dispatcher", { do: "slow", ms: 3_000, word }, "Event")).toMatchObject({
          status: 202,
        });
      }
      await until("one begun", () => place.callsWith("dispatcher", "begun"));
      process.kill(cloud.pid, "SIGKILL");
      await cloud.ended;

      cloud = await startLocalCloud(options);
      const words = (calls: { event: unknown }[]) =>
        calls.map(({ event }) => (event as { word: string }).word);
      await until("the rest invoked", () => {
        const all = words(place.callsWith("dispatcher", "queued"));
        return new Set(all).size === 5;
      });
      expect(words(place.callsWith("dispatcher", "begun"))).toHaveLength(2);
      expect(words(place.callsWith("dispatcher", "through"))).toHaveLength(1);
    } finally {
      await cloud.stop();
      place.remove();
    }
  });

  test("without probing, batches stay on their queue, and the rest works", async () => {
    const place = makeWorkplace();
    const quiet = { stateDir: place.stateDir, bundles: place.bundles, probing: false };
    const cloud = await startLocalCloud(quiet);
    try {
      const aws = clientsOf(cloud);
      await aws.send("probe", { word: "held" });
      await aws.send("tick", { word: "served" });
      await until("tick called", () => place.callsWith("tick", "served"));
      expect(place.callsWith("prober", "held")).toEqual([]);
      // Another process of the same user reaches it, and leaves it running.
      const attached = attachLocalCloud(place.stateDir);
      expect(attached?.pid).toBe(cloud.pid);
      expect(attached?.credentials.secretAccessKey).toBe(cloud.credentials.secretAccessKey);
      await attached?.stop();
      expect(isRunning(cloud.pid)).toBe(true);
    } finally {
      await cloud.stop();
    }
    expect(attachLocalCloud(place.stateDir)).toBeNull();
    place.remove();
  });

  test("stopping ends all processes, although an invocation is stuck in a loop", async () => {
    const place = makeWorkplace();
    const cloud = await startLocalCloud({ stateDir: place.stateDir, bundles: place.bundles });
    await clientsOf(cloud).send("probe", { do: "loop", word: "stuck" });
    const [call] = await until("prober called", () => place.callsWith("prober", "stuck"));
    await cloud.stop();
    expect([cloud.pid, call!.pid].filter(isRunning)).toEqual([]);
    const again = await startLocalCloud({ stateDir: place.stateDir, bundles: place.bundles });
    await again.stop();
    place.remove();
  });

  test("a local cloud outlives Ctrl-C: what it means is for the command line to decide", async () => {
    const place = makeWorkplace();
    const cloud = await startLocalCloud({ stateDir: place.stateDir, bundles: place.bundles });
    const aws = clientsOf(cloud);
    await aws.invoke("dispatcher", { word: "before" });
    process.kill(cloud.pid, "SIGINT");
    process.kill(place.callsWith("dispatcher", "before")[0]!.pid, "SIGINT");
    expect(await aws.invoke("dispatcher", { word: "after" })).toMatchObject({ status: 200 });
    expect(new Set(place.calls().map(({ pid }) => pid)).size).toBe(1);
    await cloud.stop();
    place.remove();
  });

  test("a bundle that cannot be loaded fails its invocations with the reason", async () => {
    const place = makeWorkplace();
    writeFileSync(join(place.bundles, "tick", "index.mjs"), "throw new RangeError('no good')");
    const cloud = await startLocalCloud({ stateDir: place.stateDir, bundles: place.bundles });
    try {
      expect(await clientsOf(cloud).invoke("tick", {})).toMatchObject({
        error: "Unhandled",
        payload: { errorType: "RangeError", errorMessage: "no good" },
      });
    } finally {
      await cloud.stop();
      place.remove();
    }
  });

  test("a state directory that cannot be made is named", async () => {
    const place = makeWorkplace();
    for (const stateDir of [join(place.bundles, "tick", "index.mjs", "state"), "/proc/doorplate/state"]) {
      await expect(startLocalCloud({ stateDir, bundles: place.bundles })).rejects.toMatchObject({
        name: "EnvironmentError",
        message: expect.stringContaining(`cannot write the state directory ${stateDir}`),
      });
    }
    place.remove();
  });

  test("no process is left two seconds after kill -9 of the parent, busy loop or not", async () => {
    const place = makeWorkplace();
    const client = join(import.meta.dirname, "../../infra/local/client.ts");
    const sqsClient = import.meta.resolve("@aws-sdk/client-sqs");
    const script = join(place.bundles, "parent.mjs");
    writeFileSync(
      script,
      `import { attachLocalCloud, startLocalCloud } from ${JSON.stringify(client)};
       import { SendMessageCommand, SQSClient } from ${JSON.stringify(sqsClient)};
       const cloud = await startLocalCloud(${JSON.stringify({ stateDir: place.stateDir, bundles: place.bundles })});
       const sqs = new SQSClient({ endpoint: cloud.endpoints.sqs, region: cloud.region, credentials: cloud.credentials });
       const MessageBody = JSON.stringify({ do: "loop", word: "stuck" });
       await sqs.send(new SendMessageCommand({ QueueUrl: cloud.queues.probe, MessageBody }));
       process.stdout.write(cloud.pid + "\\n");`,
    );
    const parent: ChildProcess = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const cloudPid = await new Promise<number>((resolve, reject) => {
      parent.stdout?.once("data", (chunk: Buffer) => resolve(Number(chunk.toString())));
      parent.once("exit", (code) => reject(new Error(`the parent ended with ${code}`)));
    });
    const [stuck] = await until("prober called", () => place.callsWith("prober", "stuck"));
    const children = readFileSync(`/proc/${cloudPid}/task/${cloudPid}/children`, "utf8")
      .trim()
      .split(" ")
      .map(Number);
    expect(children).toContain(stuck!.pid);
    expect([cloudPid, ...children].filter(isRunning)).toHaveLength(children.length + 1);

    parent.removeAllListeners("exit");
    parent.kill("SIGKILL");
    await until("all gone", () => ![cloudPid, ...children].some(isRunning), 2_000);
    place.remove();
  });
});
