import {
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { Condition } from "./condition.ts";
import { count } from "./tally.ts";

/** An item's key: partition and sort key (DESIGN section 8). */
export interface Key {
  pk: string;
  sk: string;
}
export type Item = Key & Record<string, unknown>;

/**
 * The one table, in the few operations that the ledger needs. No transactions and no streams: the local store has none, and idempotent
 * conditional writes need none. Reads are consistent.
 */
export interface Table {
  get(key: Key): Promise<Item | null>;
  /** At most 100 keys are asked for at a time; missing items are left out. */
  getMany(keys: readonly Key[]): Promise<Item[]>;
  /** False when the condition failed. */
  put(item: Item, condition?: Condition): Promise<boolean>;
  /** Whatever was there, each key once. In any order: should this fail, some are written. */
  putMany(items: readonly Item[]): Promise<void>;
  /** Sets attributes of an item, made when missing. False when the condition failed. */
  set(key: Key, attributes: Record<string, unknown>, condition?: Condition): Promise<boolean>;
  /** All items of a partition whose sort key starts with `prefix`, in its order. */
  query(pk: string, prefix: string, attributes?: readonly string[]): AsyncGenerator<Item>;
}

/** Most keys and items in one request (Amazon DynamoDB API reference, BatchGetItem and BatchWriteItem). */
const GET_MANY_LIMIT = 100;
const PUT_MANY_LIMIT = 25;
/** Time before what a busy table left undone is asked for again, ms; doubled each time up to the longest. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 2_000;

/** Every request asks for what it consumed, indexes included; that is what is billed. */
const ReturnConsumedCapacity = "TOTAL";
const units = (consumed: ConsumedCapacity | undefined) => consumed?.CapacityUnits ?? 0;

export function openTable(client: DynamoDBClient, name: string): Table {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

  const conditional = async (work: Promise<{ ConsumedCapacity?: ConsumedCapacity }>): Promise<boolean> => {
    try {
      count({ tableWriteUnits: units((await work).ConsumedCapacity) });
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // A write that its condition stopped is billed, too, but the answer does not say how much.
      count({ tableWriteUnits: 1 });
      return false;
    }
  };

  return {
    async get(key) {
      const { Item, ConsumedCapacity } = await documents.send(
        new GetCommand({ TableName: name, Key: key, ConsistentRead: true, ReturnConsumedCapacity }),
      );
      count({ tableReadUnits: units(ConsumedCapacity) });
      return (Item as Item | undefined) ?? null;
    },

    async getMany(keys) {
      const items: Item[] = [];
      await inParts(keys, GET_MANY_LIMIT, async (Keys) => {
        const { Responses, UnprocessedKeys, ConsumedCapacity } = await documents.send(
          new BatchGetCommand({
            RequestItems: { [name]: { Keys: Keys.map((key) => ({ ...key })), ConsistentRead: true } },
            ReturnConsumedCapacity,
          }),
        );
        count({ tableReadUnits: units(ConsumedCapacity?.[0]) });
        items.push(...((Responses?.[name] ?? []) as Item[]));
        return (UnprocessedKeys?.[name]?.Keys ?? []) as unknown as Key[];
      });
      return items;
    },

    putMany: (all) =>
      inParts(all, PUT_MANY_LIMIT, async (items) => {
        const { UnprocessedItems, ConsumedCapacity } = await documents.send(
          new BatchWriteCommand({
            RequestItems: { [name]: items.map((Item) => ({ PutRequest: { Item } })) },
            ReturnConsumedCapacity,
          }),
        );
        count({ tableWriteUnits: units(ConsumedCapacity?.[0]) });
        return (UnprocessedItems?.[name] ?? []).flatMap(
          ({ PutRequest }) => (PutRequest?.Item as Item | undefined) ?? [],
        );
      }),

    put: (item, condition) =>
      conditional(
        documents.send(
          new PutCommand({
            TableName: name,
            Item: item,
            ReturnConsumedCapacity,
            ConditionExpression: condition?.expression,
            ExpressionAttributeNames: condition?.names,
            ExpressionAttributeValues: condition?.values,
          }),
        ),
      ),

    set(key, attributes, condition) {
      const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
      return conditional(
        documents.send(
          new UpdateCommand({
            TableName: name,
            Key: key,
            ReturnConsumedCapacity,
            UpdateExpression: `SET ${entries.map((_, i) => `#s${i} = :s${i}`).join(", ")}`,
            ConditionExpression: condition?.expression,
            ExpressionAttributeNames: {
              ...condition?.names,
              ...Object.fromEntries(entries.map(([attribute], i) => [`#s${i}`, attribute])),
            },
            ExpressionAttributeValues: {
              ...condition?.values,
              ...Object.fromEntries(entries.map(([, value], i) => [`:s${i}`, value])),
            },
          }),
        ),
      );
    },

    async *query(pk, prefix, attributes) {
      let start: Record<string, unknown> | undefined;
      const projected = attributes ? [...new Set(["pk", "sk", ...attributes])] : undefined;
      do {
        const page = await documents.send(
          new QueryCommand({
            TableName: name,
            ConsistentRead: true,
            ReturnConsumedCapacity,
            KeyConditionExpression: prefix === "" ? "pk = :pk" : "pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues: prefix === "" ? { ":pk": pk } : { ":pk": pk, ":prefix": prefix },
            ProjectionExpression: projected?.map((_, i) => `#p${i}`).join(", "),
            ExpressionAttributeNames: projected
              ? Object.fromEntries(projected.map((attribute, i) => [`#p${i}`, attribute]))
              : undefined,
            ExclusiveStartKey: start,
          }),
        );
        count({ tableReadUnits: units(page.ConsumedCapacity) });
        yield* (page.Items ?? []) as Item[];
        start = page.LastEvaluatedKey;
      } while (start);
    },
  };
}

/** As many at a time as a request takes; `work` says what it left undone, and that is its next part. */
async function inParts<T>(
  all: readonly T[],
  limit: number,
  work: (part: T[]) => Promise<T[]>,
): Promise<void> {
  for (let from = 0; from < all.length; from += limit) {
    let pause = FIRST_PAUSE_MS;
    let pending = await work(all.slice(from, from + limit));
    while (pending.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      pending = await work(pending);
    }
  }
}
