/**
 * The system as plain data: the one source of names, timeouts, batch sizes, visibility and retries. `stack.ts` deploys it with CDK,
 * `local/` runs it on this machine; a test compares both with it.
 *
 * Durations are seconds, memory MB. Rules that a test holds: a queue's visibility is at least 6 x the timeout of the function that
 * reads it (AWS' own advice for event source mappings), and every queue that a function reads has a dead-letter queue.
 */

export type FunctionName = "dispatcher" | "prober" | "aggregator" | "tick" | "dead-letter" | "inventory";
export type QueueName = "dispatch" | "probe" | "observation" | "tick";

export interface FunctionSpec {
  /** What it does, one line. */
  description: string;
  timeoutSeconds: number;
  memoryMb: number;
  /** Node's own options (NODE_OPTIONS). */
  nodeOptions?: string;
}

export interface QueueSpec {
  visibilitySeconds: number;
  /** Deliveries before a message goes to the dead-letter queue. */
  maxReceiveCount: number;
  /** How long an unread message is kept. */
  retentionSeconds: number;
}

/** An event source mapping: queue (or its dead-letter queue) to function. */
export interface MappingSpec {
  queue: QueueName;
  deadLetters: boolean;
  function: FunctionName;
  batchSize: number;
  /** Longest time to gather a batch. */
  windowSeconds: number;
  /** Function instances at once that this mapping may keep busy (AWS: 2-1000). */
  maxConcurrency: number;
}

/** An EventBridge rule that starts a function again and again. */
export interface ScheduleSpec {
  name: string;
  everyMinutes: number;
  function: FunctionName;
}

/** An AWS event after which a schedule's next round is worth having now. Lost, it costs minutes: nothing is kept of it. */
export interface HintSpec {
  name: string;
  source: string;
  detailType: string;
  detail: Record<string, string[]>;
  function: FunctionName;
}

/** An EventBridge rule with a function as target. */
export interface RuleSpec {
  name: string;
  /** `own`: the project's bus; `default`: the account's, where AWS services report. */
  bus: "own" | "default";
  source: string;
  detailType: string;
  function: FunctionName;
}

export const functions: Record<FunctionName, FunctionSpec> = {
  dispatcher: {
    description: "ScanRequest in, scope checked, batches out",
    timeoutSeconds: 120,
    memoryMb: 512,
  },
  prober: {
    description: "connects, asks, reads, claims",
    timeoutSeconds: 300,
    memoryMb: 1024,
    // A socket and its buffers are garbage at once: a small young generation keeps their memory in use again. Node's own 16 MB: 266 MB resident at
    // most over the 65,535 ports of loopback; 8: about 150, and with 2 no less, but a third more processor time (measured).
    nodeOptions: "--max-semi-space-size=8",
  },
  aggregator: { description: "fuses claims, keeps the ledger", timeoutSeconds: 60, memoryMb: 512 },
  tick: { description: "makes sure that every scan ends", timeoutSeconds: 60, memoryMb: 256 },
  "dead-letter": { description: "records what could not be done", timeoutSeconds: 60, memoryMb: 256 },
  inventory: {
    description: "writes down which public addresses and names are the account's own",
    // The listeners of each load balancer are a request of their own, and throttled.
    timeoutSeconds: 240,
    memoryMb: 512,
  },
};

const FOURTEEN_DAYS = 14 * 24 * 3600;

export const queues: Record<QueueName, QueueSpec> = {
  dispatch: { visibilitySeconds: 720, maxReceiveCount: 5, retentionSeconds: FOURTEEN_DAYS },
  probe: { visibilitySeconds: 1800, maxReceiveCount: 3, retentionSeconds: FOURTEEN_DAYS },
  observation: { visibilitySeconds: 360, maxReceiveCount: 5, retentionSeconds: FOURTEEN_DAYS },
  tick: { visibilitySeconds: 360, maxReceiveCount: 10, retentionSeconds: FOURTEEN_DAYS },
};

export const deadLetterRetentionSeconds = FOURTEEN_DAYS;
/** A dead letter is shown to the dead-letter function this long before it may be shown again. */
export const deadLetterVisibilitySeconds = 360;

export const mappings: MappingSpec[] = [
  {
    queue: "dispatch",
    deadLetters: false,
    function: "dispatcher",
    batchSize: 1,
    windowSeconds: 0,
    maxConcurrency: 2,
  },
  {
    queue: "probe",
    deadLetters: false,
    function: "prober",
    batchSize: 1,
    windowSeconds: 0,
    maxConcurrency: 20,
  },
  {
    queue: "observation",
    deadLetters: false,
    function: "aggregator",
    batchSize: 10,
    windowSeconds: 0,
    maxConcurrency: 5,
  },
  { queue: "tick", deadLetters: false, function: "tick", batchSize: 1, windowSeconds: 0, maxConcurrency: 2 },
  ...(["dispatch", "probe", "observation", "tick"] as const).map(
    (queue): MappingSpec => ({
      queue,
      deadLetters: true,
      function: "dead-letter",
      batchSize: 10,
      windowSeconds: 0,
      maxConcurrency: 2,
    }),
  ),
];

/** Batches that are probed at once. */
export const probersAtOnce = Math.max(
  ...mappings.filter((mapping) => mapping.function === "prober").map(({ maxConcurrency }) => maxConcurrency),
);

export const EVENT_SOURCE = "doorplate";
export const rules: RuleSpec[] = [
  {
    name: "scan-requested",
    bus: "own",
    source: EVENT_SOURCE,
    detailType: "Scan Requested",
    function: "dispatcher",
  },
  {
    name: "target-list",
    bus: "default",
    source: "aws.s3",
    detailType: "Object Created",
    function: "dispatcher",
  },
];

/** An address counts as the account's own for 15 minutes (`lib/scan/owned-entry.ts`), so two rounds in a row may fail. */
export const schedules: ScheduleSpec[] = [{ name: "inventory", everyMinutes: 5, function: "inventory" }];

/**
 * What changes which addresses and names are the account's own, in the stack's region. Instances report their states by themselves; the other
 * changes come by CloudTrail, where the account has a trail (EventBridge user guide, "AWS service events delivered via AWS CloudTrail").
 */
export const hints: HintSpec[] = [
  {
    name: "instance-changes",
    source: "aws.ec2",
    detailType: "EC2 Instance State-change Notification",
    detail: { state: ["running", "stopped", "terminated"] },
    function: "inventory",
  },
  {
    name: "address-changes",
    source: "aws.ec2",
    detailType: "AWS API Call via CloudTrail",
    detail: {
      eventSource: ["ec2.amazonaws.com"],
      eventName: [
        ...["AllocateAddress", "AssociateAddress", "DisassociateAddress", "ReleaseAddress"],
        ...["AssignIpv6Addresses", "UnassignIpv6Addresses"],
        ...["AttachNetworkInterface", "DetachNetworkInterface", "DeleteNetworkInterface"],
      ],
    },
    function: "inventory",
  },
  {
    name: "balancer-changes",
    source: "aws.elasticloadbalancing",
    detailType: "AWS API Call via CloudTrail",
    detail: {
      eventSource: ["elasticloadbalancing.amazonaws.com"],
      eventName: [
        ...["CreateLoadBalancer", "DeleteLoadBalancer", "CreateListener", "DeleteListener"],
        ...["ModifyListener", "CreateLoadBalancerListeners", "DeleteLoadBalancerListeners"],
      ],
    },
    function: "inventory",
  },
];

/** Prefixes in the one bucket. A target list that lands under `targets/` starts a scan. */
export const bucketPrefixes = {
  plans: "plans/",
  observations: "observations/",
  targets: "targets/",
  /** Compiled service-probes files, each under its SHA-256; whoever asks for a scan uploads them. */
  packs: "packs/",
} as const;

/** Key attributes are all strings. `ttl` holds epoch seconds. */
export const table = {
  partitionKey: "pk",
  sortKey: "sk",
  ttlAttribute: "ttl",
  indexes: [
    /** "Who runs OpenSSH below 9.8?": `<product>#<shard>`, order-preserving version key. */
    {
      name: "byProduct",
      partitionKey: "productShard",
      sortKey: "versionKey",
      include: ["asset", "port", "product", "version", "confidence"],
    },
    /** Scans by month, newest first. */
    {
      name: "byStart",
      partitionKey: "scanMonth",
      sortKey: "startedAt",
      include: ["scanId", "status", "planned"],
    },
  ],
} as const;

/** Log retention of every function, days. */
export const logRetentionDays = 30;

/** What a function may do. `infra/roles.ts` turns each word into the narrowest statement. */
export type Grant =
  | "table:read"
  | "table:write"
  | "bucket:plans:read"
  | "bucket:plans:write"
  | "bucket:targets:read"
  | "bucket:packs:read"
  | "bucket:observations:write"
  | `queue:${QueueName}:send`
  | "bus:put"
  | "inventory:read";

export const grants: Record<FunctionName, Grant[]> = {
  dispatcher: [
    "table:read",
    "table:write",
    "bucket:plans:read",
    "bucket:plans:write",
    "bucket:targets:read",
    "queue:dispatch:send",
    "queue:probe:send",
    "queue:tick:send",
    "bus:put",
  ],
  prober: [
    "table:read",
    "table:write",
    "bucket:plans:read",
    "bucket:packs:read",
    "bucket:observations:write",
    "queue:probe:send",
    "queue:observation:send",
  ],
  aggregator: ["table:read", "table:write", "bucket:plans:read", "queue:tick:send", "bus:put"],
  tick: ["table:read", "table:write", "bucket:plans:read", "queue:probe:send", "queue:tick:send", "bus:put"],
  "dead-letter": [
    "table:read",
    "table:write",
    "bucket:plans:read",
    "queue:probe:send",
    "queue:tick:send",
    "bus:put",
  ],
  inventory: ["table:read", "table:write", "inventory:read"],
};

/** Environment variables that every function gets, beside those of AWS and Powertools; parsed by `lib/cloud/configuration.ts`. */
export const environmentNames = {
  table: "DOORPLATE_TABLE",
  bucket: "DOORPLATE_BUCKET",
  bus: "DOORPLATE_BUS",
  dispatchQueue: "DOORPLATE_DISPATCH_QUEUE_URL",
  probeQueue: "DOORPLATE_PROBE_QUEUE_URL",
  observationQueue: "DOORPLATE_OBSERVATION_QUEUE_URL",
  tickQueue: "DOORPLATE_TICK_QUEUE_URL",
  /** Space-separated CIDRs and domains that may be scanned; default deny. */
  scope: "DOORPLATE_SCOPE",
  /** Space-separated regions whose public addresses of the account may be scanned; empty: no inventory is kept. */
  inventory: "DOORPLATE_INVENTORY",
  /** `1` in the local cloud: loopback is in scope by default. Never set by the stack. */
  local: "DOORPLATE_LOCAL",
  /** Comma-separated loopback TCP ports of the local cloud itself: `excluded`, reason `self`. */
  selfPorts: "DOORPLATE_SELF_PORTS",
  /** How many batches are probed at once; a scan's limits are divided by it. */
  probers: "DOORPLATE_PROBERS",
  /** Divides every duration in failure drills of the local cloud. Never set by the stack. */
  timeScale: "DOORPLATE_TIME_SCALE",
} as const;
