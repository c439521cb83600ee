import type { Stack } from "aws-cdk-lib";
import type { EventBus } from "aws-cdk-lib/aws-events";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { pascalCase } from "./names.ts";
import type { QueuePairs } from "./queues.ts";
import type { Storage } from "./storage.ts";
import * as topology from "./topology.ts";

/**
 * One role per function, and in it only what `topology.grants` and `topology.mappings` say, turned into exact actions on exact ARNs. No
 * managed policy and no `*` action; the only wildcards are object keys below a prefix of the bucket, and lists that know no resource. The statements are inline in the
 * role, so that they are there before CloudFormation creates the function or the event source mapping that needs them.
 */
export interface Resources extends Storage {
  queues: QueuePairs;
  bus: EventBus;
  /** Regions whose addresses count as the account's own; none: no inventory. */
  inventoryRegions: readonly string[];
}

const TABLE_ACTIONS = {
  read: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"],
  write: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"],
} as const;

/** What an SQS event source mapping does with its function's role (AWS Lambda developer guide, "Using Lambda with Amazon SQS"). */
const CONSUME_ACTIONS = [
  "sqs:ReceiveMessage",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "sqs:ChangeMessageVisibility",
];

function allow(actions: readonly string[], ...resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources });
}

/** The narrowest statement for one word of the topology. Indexes can be queried only, and nothing writes to them directly. */
function grantStatements(grant: topology.Grant, resources: Resources): PolicyStatement[] {
  const { table, bucket, bus, queues } = resources;
  const objects = (prefix: string) => bucket.arnForObjects(`${prefix}*`);
  switch (grant) {
    case "table:read":
      return [
        allow(TABLE_ACTIONS.read, table.tableArn),
        allow(
          ["dynamodb:Query"],
          ...topology.table.indexes.map((index) => `${table.tableArn}/index/${index.name}`),
        ),
      ];
    case "table:write":
      return [allow(TABLE_ACTIONS.write, table.tableArn)];
    case "bucket:plans:read":
      return [allow(["s3:GetObject"], objects(topology.bucketPrefixes.plans))];
    case "bucket:plans:write":
      return [allow(["s3:PutObject"], objects(topology.bucketPrefixes.plans))];
    case "bucket:targets:read":
      return [allow(["s3:GetObject"], objects(topology.bucketPrefixes.targets))];
    case "bucket:packs:read":
      return [allow(["s3:GetObject"], objects(topology.bucketPrefixes.packs))];
    case "bucket:observations:write":
      return [allow(["s3:PutObject"], objects(topology.bucketPrefixes.observations))];
    case "bus:put":
      return [allow(["events:PutEvents"], bus.eventBusArn)];
    case "queue:dispatch:send":
      return [allow(["sqs:SendMessage"], queues.dispatch.main.queueArn)];
    case "queue:probe:send":
      return [allow(["sqs:SendMessage"], queues.probe.main.queueArn)];
    case "queue:observation:send":
      return [allow(["sqs:SendMessage"], queues.observation.main.queueArn)];
    case "queue:tick:send":
      return [allow(["sqs:SendMessage"], queues.tick.main.queueArn)];
    case "inventory:read":
      return inventoryStatements(table, resources.inventoryRegions);
  }
}

/**
 * The lists that the inventory reads. Those of EC2, Elastic Load Balancing and CloudFront know no resource (service authorization reference, "Actions
 * defined by …"): the first two name regions instead, and CloudFront's is the one list of the account. API Gateway's lists are resources.
 */
function inventoryStatements(
  { stack }: Pick<Storage["table"], "stack">,
  regions: readonly string[],
): PolicyStatement[] {
  if (regions.length === 0) return [];
  return [
    new PolicyStatement({
      actions: [
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeAddresses",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeListeners",
      ],
      resources: ["*"],
      conditions: { StringEquals: { "aws:RequestedRegion": [...regions] } },
    }),
    allow(["cloudfront:ListDistributions"], "*"),
    allow(
      ["apigateway:GET"],
      ...regions.flatMap((region) =>
        ["domainnames", "restapis", "apis"].map(
          (list) => `arn:${stack.partition}:apigateway:${region}::/${list}`,
        ),
      ),
    ),
  ];
}

/** The queues that a function reads, dead-letter queues included. */
function consumedQueueArns(name: topology.FunctionName, queues: QueuePairs): string[] {
  return topology.mappings
    .filter((mapping) => mapping.function === name)
    .map(({ queue, deadLetters }) => queues[queue][deadLetters ? "deadLetters" : "main"].queueArn);
}

/** Functions that EventBridge invokes asynchronously: Lambda itself sends what they could not do to a dead-letter queue. */
export function isEventTarget(name: topology.FunctionName): boolean {
  return topology.rules.some((rule) => rule.function === name);
}

export function addRole(
  stack: Stack,
  name: topology.FunctionName,
  logGroup: LogGroup,
  resources: Resources,
): Role {
  const undeliverable = isEventTarget(name)
    ? [allow(["sqs:SendMessage"], resources.queues.dispatch.deadLetters.queueArn)]
    : [];
  const consumed = consumedQueueArns(name, resources.queues);
  const policy = new PolicyDocument({
    statements: [
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], logGroup.logGroupArn),
      ...(consumed.length > 0 ? [allow(CONSUME_ACTIONS, ...consumed)] : []),
      ...topology.grants[name].flatMap((grant) => grantStatements(grant, resources)),
      ...undeliverable,
    ],
  });
  return new Role(stack, `${pascalCase(name)}Role`, {
    description: `Doorplate ${name}: ${topology.functions[name].description}`,
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    inlinePolicies: { Doorplate: policy },
  });
}
