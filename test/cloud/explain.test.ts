import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { explainAws } from "../../lib/cloud/explain.ts";
import { openConfigured } from "../../lib/cloud/index.ts";
import { invokeFunction } from "../../lib/cloud/lambda.ts";
import { readStack } from "../../lib/cloud/stack.ts";
import { EnvironmentError } from "../../lib/model/errors.ts";

// What AWS answers, in each protocol that our clients speak, and what whoever typed the command reads of it.

let server: Server | null = null;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** A server that gives one answer to everything, and the clients of this process pointed to it. */
async function answering(status: number, body: string, headers: Record<string, string> = {}): Promise<void> {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "example",
    AWS_MAX_ATTEMPTS: "1",
  });
}

const WHERE = "the stack Doorplate in eu-central-1";
const cloud = () =>
  openConfigured(
    {
      table: "t",
      bucket: "b",
      bus: "e",
      queues: { dispatch: url("d"), probe: url("p"), observation: url("o"), tick: url("t") },
      scope: [],
      inventory: [],
      local: false,
      selfPorts: [],
      timeScale: 1,
    },
    "eu-central-1",
  );
const url = (queue: string) => `${process.env.AWS_ENDPOINT_URL}/1/${queue}`;
async function explained(work: () => Promise<unknown>): Promise<string> {
  const error = await work().then(
    () => expect.unreachable("it should have failed"),
    (thrown: unknown) => thrown,
  );
  const told = explainAws(error, WHERE);
  expect(told).toBeInstanceOf(EnvironmentError);
  expect(told?.cause).toBe(error);
  return told?.message ?? "";
}

const denied = (action: string, resource: string) =>
  `User: arn:aws:iam::111122223333:user/eve is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
const json = (type: string, message: string) => JSON.stringify({ __type: type, message });

describe("a missing permission is named, in every protocol", () => {
  test("DynamoDB", async () => {
    const arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/t";
    await answering(
      400,
      json("com.amazon.coral.service#AccessDeniedException", denied("dynamodb:GetItem", arn)),
    );
    const told = await explained(() => cloud().table.get({ pk: "a", sk: "b" }));
    expect(told).toContain(`lack the permission dynamodb:GetItem on ${arn}; docs/deploying.md`);
  });

  test("SQS", async () => {
    await answering(
      403,
      json(
        "com.amazonaws.sqs#AccessDeniedException",
        denied("sqs:sendmessage", "arn:aws:sqs:eu-central-1:1:tick"),
      ),
    );
    expect(await explained(() => cloud().outbox.tick.send([{}]))).toContain("sqs:sendmessage on arn:aws:sqs");
  });

  test("Lambda", async () => {
    const body = JSON.stringify({ Message: denied("lambda:InvokeFunction", "arn:aws:lambda:x") });
    await answering(403, body, { "x-amzn-errortype": "AccessDeniedException" });
    const told = await explained(() => invokeFunction("dispatcher", {}, "eu-central-1"));
    expect(told).toContain("lack the permission lambda:InvokeFunction on arn:aws:lambda:x");
  });

  test("S3, which does not name it itself", async () => {
    await answering(403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>");
    expect(await explained(() => cloud().archive.getJson("plans/1"))).toContain("s3:GetObject on b/plans/1");
    expect(await explained(() => cloud().archive.putBytes("packs/1", new Uint8Array()))).toContain(
      "s3:PutObject on b/packs/1",
    );
  });

  test("CloudFormation", async () => {
    const message = denied("cloudformation:DescribeStacks", "arn:aws:cloudformation:x");
    await answering(
      403,
      `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`,
    );
    expect(await explained(() => readStack("Doorplate", "eu-central-1", "0.1.0"))).toContain(
      "lack the permission cloudformation:DescribeStacks on arn:aws:cloudformation:x",
    );
  });
});

describe("and so is all else that stands in the way", () => {
  test.each([
    [
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
      /does not accept the credentials/,
    ],
    ["ExpiredTokenException", "The security token included in the request is expired", /have expired/],
    [
      "ResourceNotFoundException",
      "Requested resource not found",
      /a part of the stack Doorplate in eu-central-1 is not there/,
    ],
    ["ThrottlingException", "Rate exceeded", /too many requests/],
  ])("%s", async (type, message, told) => {
    await answering(400, json(`com.amazonaws.dynamodb.v20120810#${type}`, message));
    expect(await explained(() => cloud().table.get({ pk: "a", sk: "b" }))).toMatch(told);
  });

  test("a request that is too large for a function", async () => {
    await answering(413, '{"Message":"too large"}', { "x-amzn-errortype": "RequestTooLargeException" });
    expect(await explained(() => invokeFunction("dispatcher", {}, "eu-central-1"))).toMatch(/targets\//);
  });

  test("a mistake of our own is none of it", () => {
    for (const error of [new TypeError("x is undefined"), "text", null])
      expect(explainAws(error, WHERE)).toBeNull();
  });
});
