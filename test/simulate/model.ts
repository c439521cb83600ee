/** The model's parameters: what the simulation assumes of networks, of AWS and of failures. Each with its unit and where it comes from. */
export const MODEL = {
  /** Endpoints that are open; the issue's own figure. */
  openShare: 0.02,
  /** Endpoints that refuse. The rest never answers: behind a cloud's security groups most ports are silent. An assumption. */
  closedShare: 0.08,
  /** Round trip to a target, ms: between two AWS regions of one continent. An assumption. */
  roundTripMs: 30,
  /** Wait for a port that never answers, ms: profile `standard` (`lib/scan/profiles.ts`). */
  timeoutMs: 3_000,
  /** An open endpoint holds its first connection so long, ms, and asks so many questions: bench of the lab (`docs/results.md`), about. */
  detectMs: 2_000,
  /** Prober: from the message to the first packet and from the last to the end, ms: plan, ledger, archive. An assumption. */
  overheadMs: 400,
  /** Spread of a batch's duration (standard deviation of its logarithm). An assumption. */
  spread: 0.15,
  /** Invocations that die half-way; their message comes back after the queue's visibility. An assumption. */
  deathShare: 0.001,
  /** Cold start, ms: import 80-90 ms measured (shared/spec/local-cloud.md), and Lambda's own part. */
  coldStartMs: 400,

  /** Lambda's pollers of a standard queue begin with so many invocations at once, and add so many a minute (AWS docs, "Scaling SQS event source mappings"). */
  pollersAtFirst: 5,
  pollersPerMinute: 300,
  /** Messages of one standard queue that may be in flight (AWS docs, "SQS message quotas"). */
  queueInFlight: 120_000,

  /** One request to table, queue or bucket, ms: same region. AWS promises single digits for DynamoDB. */
  tableMs: 5,
  queueMs: 10,
  /** On demand, a new table takes so many write units a second at once, and each partition (AWS docs, "On-demand capacity mode"). */
  tableUnitsPerSecond: 4_000,
  partitionUnitsPerSecond: 1_000,

  /** Observation messages: one for sightings within so long, one of progress in so long, ms (`lib/scan/outgoing.ts`). */
  sightingWaitMs: 400,
  progressMs: 2_000,
  /** CPU of an aggregator for one message, ms. Measured locally, about. */
  aggregateMs: 5,
} as const;

/** Batches that go through the real ledger and aggregator; of larger scans these are a sample, spread evenly over the plan. */
export const DRIVEN_BATCHES = 120;
