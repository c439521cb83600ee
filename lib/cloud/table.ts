import { ConditionalCheckFailedException, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";

/** An item's key: partition and sort key (DESIGN section 8). */
export interface Key {
  pk: string;
  sk: string;
}
export type Item = Key & Record<string, unknown>;

/** A condition in DynamoDB's expression language; names as `#a`, values as `:a`. */
export interface Condition {
  expression: string;
  names?: Record<string, string>;
  values?: Record<string, unknown>;
}

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
  /** Sets attributes of an item, made when missing. False when the condition failed. */
  set(key: Key, attributes: Record<string, unknown>, condition?: Condition): Promise<boolean>;
  /** All items of a partition whose sort key starts with `prefix`, in its order. */
  query(pk: string, prefix: string, attributes?: readonly string[]): AsyncGenerator<Item>;
}

/** The item is not there yet. */
export const ABSENT: Condition = { expression: "attribute_not_exists(pk)" };

const GET_MANY_LIMIT = 100;

export function openTable(client: DynamoDBClient, name: string): Table {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

  const conditional = async (work: Promise<unknown>): Promise<boolean> => {
    try {
      await work;
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };

  return {
    async get(key) {
      const { Item } = await documents.send(
        new GetCommand({ TableName: name, Key: key, ConsistentRead: true }),
      );
      return (Item as Item | undefined) ?? null;
    },

    async getMany(keys) {
      const items: Item[] = [];
      for (let from = 0; from < keys.length; from += GET_MANY_LIMIT) {
        let pending: Record<string, unknown>[] = keys
          .slice(from, from + GET_MANY_LIMIT)
          .map((key) => ({ ...key }));
        while (pending.length > 0) {
          const { Responses, UnprocessedKeys } = await documents.send(
            new BatchGetCommand({ RequestItems: { [name]: { Keys: pending, ConsistentRead: true } } }),
          );
          items.push(...((Responses?.[name] ?? []) as Item[]));
          pending = UnprocessedKeys?.[name]?.Keys ?? [];
        }
      }
      return items;
    },

    put: (item, condition) =>
      conditional(
        documents.send(
          new PutCommand({
            TableName: name,
            Item: item,
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
            KeyConditionExpression: prefix === "" ? "pk = :pk" : "pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues: prefix === "" ? { ":pk": pk } : { ":pk": pk, ":prefix": prefix },
            ProjectionExpression: projected?.map((_, i) => `#p${i}`).join(", "),
            ExpressionAttributeNames: projected
              ? Object.fromEntries(projected.map((attribute, i) => [`#p${i}`, attribute]))
              : undefined,
            ExclusiveStartKey: start,
          }),
        );
        yield* (page.Items ?? []) as Item[];
        start = page.LastEvaluatedKey;
      } while (start);
    },
  };
}
