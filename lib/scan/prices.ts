/**
 * What AWS asks for the units that a scan uses: the one price table, of one region and one date. Public list prices without the free
 * tier; to charge a scan by another region, replace the numbers and say so in `region` and `date`.
 *
 * Not in it, since it is not used by a scan but by having the stack: alarms, stored bytes, log storage; nor data transfer, which is some
 * bytes an endpoint.
 */
export const PRICES = {
  region: "us-east-1",
  date: "2026-11",
  currency: "USD",
  source:
    "aws.amazon.com/{lambda,sqs,dynamodb,s3,eventbridge}/pricing, as collected in November 2026; AWS changes them now and then",
  /** Lambda, arm64, per GB-second of the first tier; billed by the millisecond, initialisation included. */
  gbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  /** SQS standard queue, per request of up to 64 KB: send, receive, delete, change of visibility. */
  queueRequest: 0.4 / 1e6,
  /** DynamoDB on demand: 1 KB written; 4 KB read consistently. */
  tableWriteUnit: 0.625 / 1e6,
  tableReadUnit: 0.125 / 1e6,
  /** S3 standard: PUT, COPY, POST, LIST; GET. */
  bucketWrite: 0.005 / 1e3,
  bucketRead: 0.0004 / 1e3,
  /** EventBridge custom event of up to 64 KB. */
  event: 1 / 1e6,
} as const;
