/**
 * Creates the one table with its indexes as `topology.ts` says, through the local DynamoDB API itself.
 */
import { request } from "node:http";
import { EnvironmentError } from "../../lib/model/errors.ts";
import { table } from "../topology.ts";
import { type Credentials, sha256, sign } from "./guard.ts";
import { REGION, TABLE } from "./identity.ts";

interface Reply {
  status: number;
  body: string;
}

/** Longest wait for a new table, ms. It takes a few. */
const CREATE_LIMIT_MS = 5_000;

/** Makes sure that the table is there, with the topology's indexes. */
export async function ensureTable(port: number, credentials: Credentials): Promise<void> {
  const call = (operation: string, body: unknown) => callDynamo(port, credentials, operation, body);
  const existing = await call("DescribeTable", { TableName: TABLE });
  if (existing.status === 200) return checkIndexes(existing.body);
  const created = await call("CreateTable", tableDefinition());
  if (created.status !== 200) throw new EnvironmentError(`cannot create the table: ${created.body}`);
  const giveUp = Date.now() + CREATE_LIMIT_MS;
  while (Date.now() < giveUp) {
    const { body } = await call("DescribeTable", { TableName: TABLE });
    if (body.includes('"TableStatus":"ACTIVE"')) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new EnvironmentError("the table did not become active");
}

/** Input of CreateTable. */
function tableDefinition() {
  const { partitionKey, sortKey, indexes } = table;
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: "HASH" },
    { AttributeName: range, KeyType: "RANGE" },
  ];
  const attributes = [
    partitionKey,
    sortKey,
    ...indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
  ];
  return {
    TableName: TABLE,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [...new Set(attributes)].map((name) => ({
      AttributeName: name,
      AttributeType: "S",
    })),
    KeySchema: keys(partitionKey, sortKey),
    GlobalSecondaryIndexes: indexes.map((index) => ({
      IndexName: index.name,
      KeySchema: keys(index.partitionKey, index.sortKey),
      Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: [...index.include] },
    })),
  };
}

/** dynalite cannot add an index later, so a table of another version of Doorplate is refused rather than queried in vain. */
function checkIndexes(described: string): void {
  for (const { name } of table.indexes) {
    if (!described.includes(`"IndexName":"${name}"`)) {
      throw new EnvironmentError(
        `the state directory is of another version of doorplate: its table has no index ${name}`,
      );
    }
  }
}

function callDynamo(
  port: number,
  credentials: Credentials,
  operation: string,
  input: unknown,
): Promise<Reply> {
  const body = JSON.stringify(input);
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${now.slice(0, 8)}/${REGION}/dynamodb/aws4_request`;
  const signedHeaders = ["host", "x-amz-content-sha256", "x-amz-date", "x-amz-target"];
  const headers = {
    host: `127.0.0.1:${port}`,
    "content-type": "application/x-amz-json-1.0",
    "x-amz-date": now,
    "x-amz-target": `DynamoDB_20120810.${operation}`,
    "x-amz-content-sha256": sha256(body),
  };
  const signature = sign(
    { method: "POST", url: "/", headers },
    credentials.secretAccessKey,
    scope,
    signedHeaders,
    sha256(body),
  );
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, ` +
    `SignedHeaders=${signedHeaders.join(";")}, Signature=${signature}`;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: "127.0.0.1", port, method: "POST", headers: { ...headers, authorization } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
