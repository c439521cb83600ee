/**
 * What a scan costs at AWS: units used, times a price table. Each invocation meters itself; the sum over a scan's batches is its receipt.
 * The local cloud meters the same units, so a local scan tells what it would have cost.
 */
import type { Meter } from "./messages.ts";

/** us-east-1, USD, read November 2026 (shared/spec/field-notes.md section 2, and the AWS pricing pages named there). */
export const PRICES = {
  region: "us-east-1",
  date: "2026-11",
  /** Lambda arm64, per GB-second. */
  gbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  /** SQS standard, per request (64 KB). */
  queueRequest: 0.4 / 1e6,
  /** DynamoDB on demand, per write request unit (1 KB). */
  tableWriteUnit: 0.625 / 1e6,
  /** S3 PUT. */
  bucketRequest: 0.005 / 1e3,
} as const;

export interface Usage {
  invocations: number;
  gbSeconds: number;
  queueRequests: number;
  tableUnits: number;
  bucketRequests: number;
}

export const NO_USAGE: Usage = {
  invocations: 0,
  gbSeconds: 0,
  queueRequests: 0,
  tableUnits: 0,
  bucketRequests: 0,
};

export const addUsage = (a: Usage, b: Usage): Usage => ({
  invocations: a.invocations + b.invocations,
  gbSeconds: a.gbSeconds + b.gbSeconds,
  queueRequests: a.queueRequests + b.queueRequests,
  tableUnits: a.tableUnits + b.tableUnits,
  bucketRequests: a.bucketRequests + b.bucketRequests,
});

export const usageOf = (meters: readonly Meter[]): Usage =>
  meters.reduce((sum, { invocation: _, ...used }) => addUsage(sum, { invocations: 1, ...used }), NO_USAGE);

export interface CostLine {
  line: string;
  quantity: number;
  unit: string;
  usd: number;
}

export function receipt(usage: Usage): { lines: CostLine[]; usd: number } {
  const line = (name: string, quantity: number, unit: string, price: number): CostLine => ({
    line: name,
    quantity: Math.round(quantity * 1000) / 1000,
    unit,
    usd: quantity * price,
  });
  const lines = [
    line("Lambda duration", usage.gbSeconds, "GB-s", PRICES.gbSecond),
    line("Lambda requests", usage.invocations, "requests", PRICES.lambdaRequest),
    line("SQS", usage.queueRequests, "requests", PRICES.queueRequest),
    line("DynamoDB writes", usage.tableUnits, "write units", PRICES.tableWriteUnit),
    line("S3", usage.bucketRequests, "requests", PRICES.bucketRequest),
  ];
  return { lines, usd: lines.reduce((sum, { usd }) => sum + usd, 0) };
}
