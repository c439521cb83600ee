/**
 * Counts what the clients of this room ask of AWS, in the units that AWS bills, for whoever asked: `tallied(tally, work)` runs `work`, and
 * every request made on its behalf, however deep and late, is added to that tally. Two messages worked on side by side have a tally each.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export interface CloudUse {
  /** DynamoDB: write request units (1 KB) and strongly consistent read request units (4 KB). */
  tableWriteUnits: number;
  tableReadUnits: number;
  /** SQS, per started 64 KB. */
  queueRequests: number;
  /** S3, by price class: PUT and GET. */
  bucketWrites: number;
  bucketReads: number;
  /** EventBridge custom events, per started 64 KB. */
  events: number;
}

export interface Tally {
  add(use: Partial<CloudUse>): void;
}

const current = new AsyncLocalStorage<Tally>();

export const tallied = <T>(tally: Tally, work: () => T): T => current.run(tally, work);

export const currentTally = (): Tally | null => current.getStore() ?? null;

/** Called by the clients. */
export const count = (use: Partial<CloudUse>): void => current.getStore()?.add(use);

/** SQS and EventBridge bill every started 64 KB as one request. */
const CHUNK_BYTES = 64 * 1024;
export const chunks = (bytes: number): number => Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
