/**
 * Meters around a function's work (`lib/scan/meter.ts`): an instance keeps one for each scan it worked on last, so that what an invocation uses
 * after its last write is written by the next.
 */
import type { Context, SQSRecord } from "aws-lambda";
import { chunks, tallied } from "../../lib/cloud/tally.ts";
import { type Meter, openMeter } from "../../lib/scan/meter.ts";

const METERS_KEPT = 16;
const meters = new Map<string, Meter>();
/** Time that this instance took to load, ms: billed with its first invocation. */
let initMs = performance.now();

const newMeter = (context: Context) =>
  openMeter({
    function: process.env.POWERTOOLS_SERVICE_NAME ?? context.functionName,
    memoryMb: Number(context.memoryLimitInMB),
    now: () => performance.now(),
  });

function meterOf(scanId: string, context: Context): Meter {
  const known = meters.get(scanId);
  if (known) return known;
  const oldest = meters.keys().next().value;
  if (meters.size >= METERS_KEPT && oldest !== undefined) meters.delete(oldest);
  const meter = newMeter(context);
  meters.set(scanId, meter);
  return meter;
}

function begin(running: readonly Meter[], { awsRequestId: id }: Context): void {
  const share = 1 / running.length;
  for (const meter of running) meter.begin({ id, share, initMs: initMs * share });
  initMs = 0;
}

/** An invocation for a scan that is not known yet. */
export async function metered<Result>(context: Context, work: () => Promise<Result>): Promise<Result> {
  const meter = newMeter(context);
  begin([meter], context);
  return tallied(meter, work);
}

/** Records side by side; a scan with records among them pays an equal share of the invocation. */
export async function meteredRecords<Result>(
  records: readonly (SQSRecord & { body: unknown })[],
  context: Context,
  work: (record: SQSRecord & { body: unknown }, context: Context) => Promise<Result>,
): Promise<PromiseSettledResult<Result>[]> {
  const scanOf = ({ body }: { body: unknown }) => String((body as { scanId?: unknown } | null)?.scanId);
  const metersOf = records.map((record) => meterOf(scanOf(record), context));
  const running = [...new Set(metersOf)];
  begin(running, context);
  const share = (queueRequests: number) => {
    for (const meter of running) meter.add({ queueRequests: queueRequests / running.length });
  };
  const bytes = records.reduce((sum, { body }) => sum + Buffer.byteLength(JSON.stringify(body ?? null)), 0);
  // Lambda receives the messages of an invocation with one request, and deletes them with another.
  share(chunks(bytes) + 1);
  const results = await Promise.allSettled(
    records.map((record, i) => {
      const meter = metersOf[i];
      return meter ? tallied(meter, () => work(record, context)) : work(record, context);
    }),
  );
  // What failed is made visible again by requests of their own.
  share(results.filter(({ status }) => status === "rejected").length);
  for (const meter of running) meter.end();
  return results;
}
