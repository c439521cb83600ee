/**
 * What a scan costs at AWS: units used, times the price table. Each invocation meters itself (`meter.ts`); the sum over a scan is its receipt.
 * The local cloud meters the same units, so a local scan tells what it would have cost.
 */
import * as z from "zod";
import { PRICES } from "./prices.ts";

// A receipt must never hold up what it accounts for: nonsense counts as nothing.
const amount = z.number().min(0).default(0).catch(0);

export const usageSchema = z.object({
  invocations: amount,
  /** By function. */
  gbSeconds: z.record(z.string(), z.number().min(0)).default({}).catch({}),
  queueRequests: amount,
  tableWriteUnits: amount,
  tableReadUnits: amount,
  bucketWrites: amount,
  bucketReads: amount,
  events: amount,
});
export type Usage = z.infer<typeof usageSchema>;

export const NO_USAGE: Usage = usageSchema.parse({});

const { gbSeconds: _, ...countedUnits } = NO_USAGE;
export const COUNTED = Object.keys(countedUnits) as (keyof typeof countedUnits)[];

export function addUsage(a: Usage, b: Usage): Usage {
  const sum: Usage = { ...a, gbSeconds: { ...a.gbSeconds } };
  for (const unit of COUNTED) sum[unit] += b[unit];
  for (const [name, seconds] of Object.entries(b.gbSeconds)) {
    sum.gbSeconds[name] = (sum.gbSeconds[name] ?? 0) + seconds;
  }
  return sum;
}

/** The larger of both, unit by unit. */
export function mostUsage(a: Usage, b: Usage): Usage {
  const most: Usage = { ...a, gbSeconds: { ...a.gbSeconds } };
  for (const unit of COUNTED) most[unit] = Math.max(a[unit], b[unit]);
  for (const [name, seconds] of Object.entries(b.gbSeconds)) {
    most.gbSeconds[name] = Math.max(most.gbSeconds[name] ?? 0, seconds);
  }
  return most;
}

/** The same, `n` times. */
export function timesUsage(usage: Usage, n: number): Usage {
  const product: Usage = { ...usage, gbSeconds: {} };
  for (const unit of COUNTED) product[unit] *= n;
  for (const [name, seconds] of Object.entries(usage.gbSeconds)) product.gbSeconds[name] = seconds * n;
  return product;
}

/** From outside or from the table; what is missing is 0. */
export const usageFrom = (stored: unknown): Usage => usageSchema.parse(stored ?? {});

export interface CostLine {
  line: string;
  quantity: number;
  unit: string;
  usd: number;
}

/** USD by line; a function that did not run has none. */
export function receipt(usage: Usage): { lines: CostLine[]; usd: number } {
  const line = (name: string, quantity: number, unit: string, price: number): CostLine => ({
    line: name,
    quantity: Math.round(quantity * 1000) / 1000,
    unit,
    usd: quantity * price,
  });
  const lines = [
    ...Object.entries(usage.gbSeconds)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, seconds]) => line(`Lambda duration, ${name}`, seconds, "GB-s", PRICES.gbSecond)),
    line("Lambda requests", usage.invocations, "requests", PRICES.lambdaRequest),
    line("SQS", usage.queueRequests, "requests", PRICES.queueRequest),
    line("DynamoDB writes", usage.tableWriteUnits, "write units", PRICES.tableWriteUnit),
    line("DynamoDB reads", usage.tableReadUnits, "read units", PRICES.tableReadUnit),
    line("S3 writes", usage.bucketWrites, "requests", PRICES.bucketWrite),
    line("S3 reads", usage.bucketReads, "requests", PRICES.bucketRead),
    line("EventBridge", usage.events, "events", PRICES.event),
  ];
  return { lines, usd: lines.reduce((sum, { usd }) => sum + usd, 0) };
}

export const usdOf = (usage: Usage): number => receipt(usage).usd;
