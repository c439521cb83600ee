import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import type { LambdaHost } from "../../infra/local/lambda-host.ts";
import { startPollers } from "../../infra/local/poller.ts";
import type { MappingSpec } from "../../infra/topology.ts";
import { listening } from "../net/servers.ts";

const MAPPING: MappingSpec = {
  queue: "observation",
  deadLetters: false,
  function: "aggregator",
  batchSize: 10,
  windowSeconds: 5,
  maxConcurrency: 2,
};
const BODY = "{}";
const MESSAGE = {
  ...{ MessageId: "m1", ReceiptHandle: "r1", Body: BODY, Attributes: {} },
  MD5OfBody: createHash("md5").update(BODY).digest("hex"),
};

test("what came is worked on although the queue gives an error while more is waited for", async () => {
  let asked = 0;
  const queue = createServer((request, response) => {
    const first = request.headers["x-amz-target"] === "AmazonSQS.ReceiveMessage" && ++asked === 1;
    response.writeHead(first ? 200 : 400, { "content-type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify(first ? { Messages: [MESSAGE] } : { __type: "InternalFailure" }));
  });
  const port = await listening(queue);
  const { promise: invoked, resolve } = Promise.withResolvers<string>();
  const invoke: LambdaHost["invoke"] = (_name, payload) => {
    resolve(payload);
    return Promise.resolve({ ok: false, error: "not looked at" });
  };
  const poller = startPollers([MAPPING], {
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "id", secretAccessKey: "secret" },
    host: { invoke } as LambdaHost,
    log: { write: () => undefined, close: () => undefined },
    timeScale: 1,
    maxConcurrency: 2,
  });
  onTestFinished(() => poller.stop());
  expect(JSON.parse(await invoked)).toMatchObject({ Records: [{ messageId: "m1" }] });
});
