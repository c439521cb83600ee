/**
 * A result as the table keeps it, in the asset and in its versions: JSON, deflated. That is a third of its size, and DynamoDB bills each started KB of a
 * write; and it is one attribute to the clients and to the store, where a map of evidence is hundreds. What is asked of the table by name (product,
 * version, confidence) stands beside it.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Result } from "../model/fingerprint.ts";

/** Far above what an item holds (400 KB, Amazon DynamoDB "Quotas"), bytes. */
const MOST_BYTES = 16 * 1024 * 1024;

export const packResult = (result: Result): Uint8Array => deflateRawSync(JSON.stringify(result));

/** Null when there is none. Earlier releases kept it as a map. */
export function keptResult(kept: unknown): Result | null {
  if (!(kept instanceof Uint8Array)) return (kept as Result | null | undefined) ?? null;
  return JSON.parse(inflateRawSync(kept, { maxOutputLength: MOST_BYTES }).toString());
}
