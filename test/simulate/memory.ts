/** A table, queues, bucket and bus in memory that count what they are asked for, in the units that AWS charges. */
import type { Condition } from "../../lib/cloud/condition.ts";
import type { Cloud } from "../../lib/cloud/index.ts";
import type { Item, Key } from "../../lib/cloud/table.ts";

export interface Counted {
  writeUnits: number;
  /** Write units by partition key. */
  partitions: Map<string, number>;
  reads: number;
}

/** DynamoDB: a write unit is 1 KB, begun ones count; an item in an index is written once more. */
const UNIT_BYTES = 1_024;

export function memoryCloud(scope: string[], probers: number) {
  const partitions = new Map<string, Map<string, Item>>();
  const objects = new Map<string, unknown>();
  const sent = {
    dispatch: [] as unknown[],
    probe: [] as unknown[],
    observation: [] as unknown[],
    tick: [] as unknown[],
  };
  const counted: Counted = { writeUnits: 0, partitions: new Map(), reads: 0 };
  const partition = (pk: string) => {
    const known = partitions.get(pk) ?? new Map<string, Item>();
    partitions.set(pk, known);
    return known;
  };
  const write = (item: Item) => {
    partition(item.pk).set(item.sk, item);
    const indexed = Number(item.productShard !== undefined) + Number(item.scanMonth !== undefined);
    const units = Math.ceil(sizeOf(item) / UNIT_BYTES) + indexed;
    counted.writeUnits += units;
    counted.partitions.set(item.pk, (counted.partitions.get(item.pk) ?? 0) + units);
  };
  /** The few conditions that the ledger uses. */
  const holds = (found: Item | undefined, condition: Condition | undefined) => {
    if (!condition) return true;
    if (condition.expression.startsWith("attribute_not_exists(pk)")) return !found;
    if (condition.expression === "#version = :seen") return found?.version === condition.values?.[":seen"];
    return true;
  };
  const outbox = (name: keyof typeof sent) => ({
    async send(messages: readonly unknown[]) {
      for (const message of messages) sent[name].push(message);
    },
  });

  const cloud: Cloud = {
    configuration: {
      table: "",
      bucket: "",
      bus: "",
      queues: { dispatch: "", probe: "", observation: "", tick: "" },
      scope,
      inventory: [],
      local: false,
      selfPorts: [],
      timeScale: 1,
      probers,
    },
    table: {
      async get({ pk, sk }: Key) {
        counted.reads++;
        return partition(pk).get(sk) ?? null;
      },
      getMany: async (keys) =>
        keys.flatMap(({ pk, sk }) => {
          const item = partition(pk).get(sk);
          return item ? [item] : [];
        }),
      async put(item, condition) {
        if (!holds(partition(item.pk).get(item.sk), condition)) return false;
        write(item);
        return true;
      },
      async putMany(items) {
        for (const item of items) write(item);
      },
      async set(key, attributes, condition) {
        const found = partition(key.pk).get(key.sk);
        if (!holds(found, condition)) return false;
        write({ ...found, ...key, ...attributes });
        return true;
      },
      async *query(pk, prefix) {
        counted.reads++;
        for (const [sk, item] of [...partition(pk)].sort(([a], [b]) => (a < b ? -1 : 1))) {
          if (sk.startsWith(prefix)) yield item;
        }
      },
    },
    archive: {
      putJson: async (key, value) => void objects.set(key, structuredClone(value)),
      getJson: async (key) => objects.get(key) ?? null,
      async *list(prefix) {
        for (const key of [...objects.keys()].sort()) if (key.startsWith(prefix)) yield key;
      },
      putBytes: async (key, bytes) => void objects.set(key, bytes),
      getBytes: async () => null,
      getText: async () => "",
    },
    bus: { put: async () => undefined },
    outbox: {
      dispatch: outbox("dispatch"),
      probe: outbox("probe"),
      observation: outbox("observation"),
      tick: outbox("tick"),
    },
  };
  return { cloud, sent, counted };
}

/** Bytes of an item: names and values, binary as it is. An upper estimate of DynamoDB's own rule. */
function sizeOf(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) {
    if (value === undefined) continue;
    bytes += name.length + (value instanceof Uint8Array ? value.length : JSON.stringify(value).length);
  }
  return bytes;
}
