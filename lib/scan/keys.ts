/** Keys of the one table (DESIGN section 8). Numbers are padded so that sort keys sort as numbers do. */

import type { Key } from "../cloud/table.ts";
import { type Endpoint, portKey } from "../model/endpoint.ts";

/** Children of one node of the plan's tree; also batches in one partition. */
export const FAN_OUT = 64;

const padded = (n: number) => String(n).padStart(10, "0");
export const shardOf = (batch: number) => Math.floor(batch / FAN_OUT);

export const metaKey = (scanId: string): Key => ({ pk: `SCAN#${scanId}`, sk: "META" });
export const shardPartition = (scanId: string, shard: number) => `SCAN#${scanId}#${shard}`;
export const batchKey = (scanId: string, batch: number): Key => ({
  pk: shardPartition(scanId, shardOf(batch)),
  sk: `BATCH#${padded(batch)}`,
});
export const scanPortKey = (scanId: string, batch: number, endpoint: Endpoint): Key => ({
  pk: shardPartition(scanId, shardOf(batch)),
  sk: `PORT#${endpoint.host}#${portKey(endpoint)}`,
});

/** Nodes of level 1 sum batches, those of level n sum nodes of level n - 1. */
export const nodePartition = (scanId: string, level: number, parent: number) =>
  `SCAN#${scanId}#L${level}#${parent}`;
export const nodeKey = (scanId: string, level: number, node: number): Key => ({
  pk: nodePartition(scanId, level, Math.floor(node / FAN_OUT)),
  sk: `NODE#${padded(node)}`,
});

export const assetKey = (endpoint: Endpoint): Key => ({
  pk: `ASSET#${endpoint.host}`,
  sk: `PORT#${portKey(endpoint)}`,
});
export const assetVersionKey = (endpoint: Endpoint, hash: string): Key => ({
  pk: `ASSET#${endpoint.host}`,
  sk: `FINGERPRINT#${portKey(endpoint)}#${hash}`,
});
export const deadLetterKey = (scanId: string, messageId: string): Key => ({
  pk: `SCAN#${scanId}`,
  sk: `DEAD#${messageId}`,
});

export const budgetKey = (scanId: string): Key => ({ pk: `SCAN#${scanId}`, sk: "BUDGET" });
/** What an invocation used that wrote no batch item. */
export const meterKey = (scanId: string, invocation: string, part: string): Key => ({
  pk: `SCAN#${scanId}`,
  sk: `METER#${invocation}#${part}`,
});

/** What is the account's own: addresses, and names of its shared front doors, one item each. One partition: an account has some thousands. */
export const OWNED_PARTITION = "OWNED";
export const OWNED_ADDRESSES = "ADDRESS#";
export const OWNED_NAMES = "NAME#";
/** When the round begins that an event asked for. */
export const announcedRoundKey: Key = { pk: OWNED_PARTITION, sk: "ROUND" };
/** `address`: canonical text. */
export const ownedKey = (address: string): Key => ({
  pk: OWNED_PARTITION,
  sk: `${OWNED_ADDRESSES}${address}`,
});
/** All entries of one name begin so: it may be that of several resources, as one custom domain in two regions. */
export const ownedNamePrefix = (name: string) => `${OWNED_NAMES}${name}#`;
export const ownedNameKey = (name: string, home: string): Key => ({
  pk: OWNED_PARTITION,
  sk: `${ownedNamePrefix(name)}${home}`,
});

/** The dispatcher saw a resource's own name lead to an address, for a name of the account's. */
export const ledKey = (scanId: string, name: string, address: string): Key => ({
  pk: `SCAN#${scanId}`,
  sk: `LED#${name}#${address}`,
});

/** A compiled pack; `digest` is `sha256:<hex>`. */
export const packObject = (digest: string) => `packs/${digest.replace(/^sha256:/, "")}`;
export const planObject = (scanId: string) => `plans/${scanId}.json.gz`;
export const observationsPrefix = (scanId: string) => `observations/${scanId}/`;
/** Text by which such a key's batch is known. */
export const batchInKey = (key: string) => /([^/-]*)-[^/]*$/.exec(key)?.[1] ?? "";
/** The `part`-th that one invocation wrote; in the order in which they were made, as far as there is one. */
export const observationsObject = (of: {
  scanId: string;
  batch: number;
  generation: number;
  invocation: string;
  part: number;
}) =>
  `${observationsPrefix(of.scanId)}${padded(of.batch)}-${of.generation}-${of.invocation}-${padded(of.part)}.json.gz`;
