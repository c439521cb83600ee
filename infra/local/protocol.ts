/**
 * What passes between the local cloud and the process that starts it: options as JSON in its first argument, one JSON line on its standard
 * output when it is ready or cannot be, and SIGTERM to end it.
 */
import type { QueueName } from "../topology.ts";

export interface CloudOptions {
  /** Directory that holds all state; made if need be, mode 0700. */
  stateDir: string;
  /** CIDRs and domains that may be scanned, beside loopback. */
  scope: string[];
  /** Divides every duration of the topology; 1 in real life, more in failure drills. */
  timeScale: number;
  /** Upper limit of instances per function. */
  maxConcurrency: number;
  /** Directory with `<function>/index.mjs`. */
  bundles: string;
  /** False: batches and sub-plans stay on their queues, so no packet leaves; the rest works. */
  probing: boolean;
}

export interface CloudDescriptor {
  pid: number;
  region: string;
  /** One address for all of them; S3 wants path style. */
  endpoints: Record<"dynamodb" | "sqs" | "s3" | "events" | "lambda", string>;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** URLs. */
  queues: Record<QueueName, string>;
  deadLetterQueues: Record<QueueName, string>;
  table: string;
  bucket: string;
  bus: string;
  /** TCP ports that the local cloud listens on. */
  selfPorts: number[];
  /** What every function finds in its environment under the names of the topology, to configure the caller in the same way. */
  environment: Record<string, string>;
}

/** File of the state directory that says, for as long as a local cloud runs, how its owner's other processes reach it. */
export const CONNECTION_FILE = "connection.json";

/** The one line on standard output. */
export type CloudReport =
  | ({ ready: true } & CloudDescriptor)
  | { ready: false; error: string; exitCode: number };

/** Instances per function if nothing else is said. */
export const DEFAULT_MAX_CONCURRENCY = 4;
/** Time from SIGTERM to the end of the local cloud, ms. It kills itself when it needs longer. */
export const STOP_LIMIT_MS = 1_500;
