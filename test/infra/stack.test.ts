import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { afterAll, describe, expect, test } from "vitest";
import { feedsItself } from "../../infra/functions.ts";
import { addChecks, INVENTORY_REASON } from "../../infra/nag.ts";
import { readOptions } from "../../infra/options.ts";
import { DoorplateStack } from "../../infra/stack.ts";
import * as topology from "../../infra/topology.ts";
import { STACK_OUTPUTS } from "../../lib/cloud/stack.ts";
import { VERSION } from "../../lib/model/version.ts";

// One synthesis for the whole file (it takes seconds), with cdk-nag, of small bundles that say which function they are.

// biome-ignore lint/suspicious/noExplicitAny: a CloudFormation template has no type of its own.
type Json = any;
interface Resource {
  id: string;
  Type: string;
  Properties: Json;
  DeletionPolicy?: string;
}

const folder = mkdtempSync(join(tmpdir(), "doorplate-synth-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const functionNames = Object.keys(topology.functions) as topology.FunctionName[];
const queueNames = Object.keys(topology.queues) as topology.QueueName[];
const bundles = join(folder, "functions");
const bundleText = (name: string) => `export const handler = async () => "${name}";\n`;
for (const name of functionNames) {
  mkdirSync(join(bundles, name), { recursive: true });
  writeFileSync(join(bundles, name, "index.mjs"), bundleText(name));
}

const TOPIC = "arn:aws:sns:eu-central-1:123456789012:alarms";
const context: Record<string, unknown> = { bundles, alarmTopicArn: TOPIC };
function synth(name: string, more: Record<string, unknown> = {}) {
  const app = new App({ outdir: join(folder, name), analyticsReporting: false });
  const options = readOptions((option) => ({ ...context, ...more })[option]);
  const stack = new DoorplateStack(app, "Doorplate", { options });
  addChecks(app);
  const assembly = app.synth();
  const template: Json = assembly.getStackArtifact(stack.artifactId).template;
  return { stack, assembly, template };
}
const { stack, assembly, template } = synth("cdk.out");

const resources: Resource[] = Object.entries<Json>(template.Resources).map(([id, resource]) => ({
  id,
  ...resource,
}));
const ofType = (type: string) => resources.filter((resource) => resource.Type === type);
const one = <T>(found: T[]): T => {
  expect(found).toHaveLength(1);
  return found[0]!;
};
const arnOf = ({ id }: Resource) => ({ "Fn::GetAtt": [id, "Arn"] });

const fn = (name: topology.FunctionName) =>
  one(
    ofType("AWS::Lambda::Function").filter(
      ({ Properties }) => Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME === name,
    ),
  );
const queue = (name: topology.QueueName, deadLetters = false) =>
  one(
    ofType("AWS::SQS::Queue").filter(
      ({ Properties }) => Properties.QueueName === `Doorplate-${name}${deadLetters ? "-dead-letters" : ""}`,
    ),
  );
const role = (name: topology.FunctionName) =>
  one(resources.filter(({ id }) => id === fn(name).Properties.Role["Fn::GetAtt"][0]));

/** `<TableCD117FA1.Arn>/index/byStart`, with queues by their names: an ARN as readable text. */
function arnText(value: Json): string {
  if (typeof value === "string") return value;
  if (value["Fn::Join"]) return value["Fn::Join"][1].map(arnText).join("");
  const id: string = value["Fn::GetAtt"]?.[0] ?? value.Ref;
  if (id.startsWith("AWS::")) return id;
  const { Type, Properties } = template.Resources[id];
  return Type === "AWS::SQS::Queue" ? Properties.QueueName : Type.split("::").slice(1).join("/");
}
/** What a role may do, as sorted `action resource` lines. */
function permissions(name: topology.FunctionName): string[] {
  const statements: Json[] = role(name).Properties.Policies.flatMap(
    (policy: Json) => policy.PolicyDocument.Statement,
  );
  return statements
    .flatMap((statement) => {
      expect(statement.Effect).toBe("Allow");
      return [statement.Action]
        .flat()
        .flatMap((action: string) =>
          [statement.Resource].flat().map((resource: Json) => `${action} ${arnText(resource)}`),
        );
    })
    .sort();
}

describe("functions", () => {
  test.each(functionNames)("%s is what the topology says, on Node 24 and arm64", (name) => {
    expect(fn(name).Properties).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      Timeout: topology.functions[name].timeoutSeconds,
      MemorySize: topology.functions[name].memoryMb,
    });
    expect(fn(name).Properties.ReservedConcurrentExecutions).toBeUndefined();
  });

  test("there are no others: no custom resource brought a function along", () => {
    expect(ofType("AWS::Lambda::Function")).toHaveLength(functionNames.length);
  });

  test.each(functionNames)("%s runs its own bundle, byte for byte", (name) => {
    const digest = fn(name).Properties.Code.S3Key.replace(".zip", "");
    expect(readFileSync(join(assembly.directory, `asset.${digest}`, "index.mjs"), "utf8")).toBe(
      bundleText(name),
    );
  });

  test.each(functionNames)("%s logs JSON to a log group of its own, which forgets", (name) => {
    const { LoggingConfig } = fn(name).Properties;
    expect(LoggingConfig.LogFormat).toBe("JSON");
    expect(template.Resources[LoggingConfig.LogGroup.Ref].Properties.RetentionInDays).toBe(
      topology.logRetentionDays,
    );
    const groups = functionNames.map((other) => fn(other).Properties.LoggingConfig.LogGroup.Ref);
    expect(groups.filter((group) => group === LoggingConfig.LogGroup.Ref)).toHaveLength(1);
  });

  test.each(functionNames)("%s gets the topology's variables but the local ones, and no secret", (name) => {
    const variables: Record<string, Json> = fn(name).Properties.Environment.Variables;
    const { local, selfPorts, timeScale, ...deployed } = topology.environmentNames;
    expect(Object.keys(variables)).toEqual(expect.arrayContaining(Object.values(deployed)));
    expect(variables).not.toHaveProperty(local);
    expect(variables).not.toHaveProperty(selfPorts);
    expect(variables).not.toHaveProperty(timeScale);
    for (const [key, value] of Object.entries(variables)) {
      expect(key).not.toMatch(/secret|password|token|credential|api_?key/i);
      expect(JSON.stringify(value)).not.toMatch(/resolve:|AKIA|secret/i);
    }
  });

  test("nothing may be scanned until somebody says what", () => {
    expect(template.Parameters.Scope.Default).toBe("");
    for (const name of functionNames) {
      expect(fn(name).Properties.Environment.Variables.DOORPLATE_SCOPE).toEqual({ Ref: "Scope" });
    }
  });

  test("the ones whose messages come round again are exempt from Lambda's loop guard, no other", () => {
    expect(functionNames.filter(feedsItself)).toEqual(["dispatcher", "prober", "aggregator", "tick"]);
    for (const name of functionNames) {
      expect(fn(name).Properties.RecursiveLoop).toBe(feedsItself(name) ? "Allow" : "Terminate");
    }
  });
});

describe("queues", () => {
  test.each(queueNames)("%s: visibility, retention, and redrive into its own dead-letter queue", (name) => {
    const spec = topology.queues[name];
    expect(queue(name).Properties).toMatchObject({
      VisibilityTimeout: spec.visibilitySeconds,
      MessageRetentionPeriod: spec.retentionSeconds,
      RedrivePolicy: { deadLetterTargetArn: arnOf(queue(name, true)), maxReceiveCount: spec.maxReceiveCount },
    });
    expect(queue(name, true).Properties).toMatchObject({
      VisibilityTimeout: topology.deadLetterVisibilitySeconds,
      MessageRetentionPeriod: topology.deadLetterRetentionSeconds,
    });
  });

  test.each(queueNames)("%s: only it may redrive into its dead-letter queue", (name) => {
    const policy = queue(name, true).Properties.RedriveAllowPolicy;
    expect(policy.redrivePermission).toBe("byQueue");
    expect(one<Json>(policy.sourceQueueArns)["Fn::Join"][1].at(-1)).toBe(`:Doorplate-${name}`);
  });

  test.each(topology.mappings)("$queue (dead letters: $deadLetters) feeds $function", (mapping) => {
    const source = arnOf(queue(mapping.queue, mapping.deadLetters));
    const { Properties } = one(
      ofType("AWS::Lambda::EventSourceMapping").filter(
        (found) => JSON.stringify(found.Properties.EventSourceArn) === JSON.stringify(source),
      ),
    );
    expect(Properties).toMatchObject({
      FunctionName: { Ref: fn(mapping.function).id },
      BatchSize: mapping.batchSize,
      MaximumBatchingWindowInSeconds: mapping.windowSeconds,
      ScalingConfig: { MaximumConcurrency: mapping.maxConcurrency },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
    expect(template.Resources[source["Fn::GetAtt"][0]!].Properties.VisibilityTimeout).toBeGreaterThanOrEqual(
      6 * fn(mapping.function).Properties.Timeout,
    );
  });
});

describe("storage", () => {
  const table = () => one(ofType("AWS::DynamoDB::GlobalTable"));
  const bucket = () => one(ofType("AWS::S3::Bucket"));

  test("the table has the topology's keys and indexes, on demand", () => {
    const keys = (partition: string, sort: string) => [
      { AttributeName: partition, KeyType: "HASH" },
      { AttributeName: sort, KeyType: "RANGE" },
    ];
    const { Properties } = table();
    expect(Properties.BillingMode).toBe("PAY_PER_REQUEST");
    expect(Properties.KeySchema).toEqual(keys(topology.table.partitionKey, topology.table.sortKey));
    expect(Properties.TimeToLiveSpecification).toEqual({
      AttributeName: topology.table.ttlAttribute,
      Enabled: true,
    });
    expect(Properties.GlobalSecondaryIndexes).toEqual(
      topology.table.indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keys(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: [...index.include] },
      })),
    );
    expect(Properties.AttributeDefinitions.map((attribute: Json) => attribute.AttributeType)).not.toContain(
      "N",
    );
  });

  test("the table is encrypted, can be rolled back, and is not deleted by accident", () => {
    expect(table().Properties.SSESpecification.SSEEnabled).toBe(true);
    const replica = one<Json>(table().Properties.Replicas);
    expect(replica.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
    expect(replica.DeletionProtectionEnabled).toBe(true);
    expect(table().DeletionPolicy).toBe("Retain");
    expect(bucket().DeletionPolicy).toBe("Retain");
  });

  test("the bucket is private, encrypted, and forgets plans, observations and packs but no target list", () => {
    const { Properties } = bucket();
    expect(Object.values(Properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    const rule = one<Json>(Properties.BucketEncryption.ServerSideEncryptionConfiguration);
    expect(rule.ServerSideEncryptionByDefault.SSEAlgorithm).toBe("AES256");
    const expiring = Properties.LifecycleConfiguration.Rules.filter((found: Json) => found.ExpirationInDays);
    expect(expiring.map((found: Json) => [found.Prefix, found.ExpirationInDays, found.Status])).toEqual([
      [topology.bucketPrefixes.plans, 90, "Enabled"],
      [topology.bucketPrefixes.observations, 90, "Enabled"],
      [topology.bucketPrefixes.packs, 90, "Enabled"],
    ]);
  });

  test.each(["AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy"])(
    "%s refuses all that does not come by TLS",
    (type) => {
      const guarded = ofType(type).filter(({ Properties }) =>
        Properties.PolicyDocument.Statement.some(
          (statement: Json) =>
            statement.Effect === "Deny" && statement.Condition?.Bool?.["aws:SecureTransport"] === "false",
        ),
      );
      expect(guarded).toHaveLength(type.includes("SQS") ? 2 * queueNames.length : 1);
    },
  );

  test("every queue is encrypted", () => {
    expect(ofType("AWS::SQS::Queue")).toHaveLength(2 * queueNames.length);
    for (const { Properties } of ofType("AWS::SQS::Queue"))
      expect(Properties.SqsManagedSseEnabled).toBe(true);
  });
});

describe("permissions", () => {
  test("every function has a role of its own, with no managed policy and nothing attached from elsewhere", () => {
    expect(new Set(functionNames.map((name) => role(name).id)).size).toBe(functionNames.length);
    expect(ofType("AWS::IAM::Role")).toHaveLength(functionNames.length);
    expect(ofType("AWS::IAM::Policy")).toEqual([]);
    for (const name of functionNames) expect(role(name).Properties.ManagedPolicyArns).toBeUndefined();
  });

  /** Every statement that names a resource by nothing but `*`, with the function whose role has it. */
  const everything = functionNames.flatMap((name) =>
    role(name)
      .Properties.Policies.flatMap((policy: Json) => policy.PolicyDocument.Statement)
      .filter((statement: Json) => [statement.Resource].flat().includes("*"))
      .map((statement: Json) => ({ name, statement })),
  );

  test("two statements have any resource, since these lists know none: one names the region, one is the account's", () => {
    expect(everything).toEqual([
      {
        name: "inventory",
        statement: {
          Effect: "Allow",
          Action: [
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeAddresses",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeListeners",
          ],
          Resource: "*",
          Condition: { StringEquals: { "aws:RequestedRegion": [{ Ref: "AWS::Region" }] } },
        },
      },
      {
        name: "inventory",
        statement: { Effect: "Allow", Action: "cloudfront:ListDistributions", Resource: "*" },
      },
    ]);
    expect(INVENTORY_REASON).toMatch(/know no resource/);
  });

  test("the inventory may do exactly this, and change nothing but the table", () => {
    const region = (list: string) => `arn:AWS::Partition:apigateway:AWS::Region::/${list}`;
    expect(permissions("inventory").filter((line) => !line.startsWith("dynamodb:"))).toEqual([
      `apigateway:GET ${region("apis")}`,
      `apigateway:GET ${region("domainnames")}`,
      `apigateway:GET ${region("restapis")}`,
      "cloudfront:ListDistributions *",
      "ec2:DescribeAddresses *",
      "ec2:DescribeNetworkInterfaces *",
      "elasticloadbalancing:DescribeListeners *",
      "elasticloadbalancing:DescribeLoadBalancers *",
      "logs:CreateLogStream Logs/LogGroup",
      "logs:PutLogEvents Logs/LogGroup",
    ]);
  });

  test.each(functionNames)("%s: no wildcard but object keys below a prefix that it was granted", (name) => {
    const granted = Object.entries(topology.bucketPrefixes)
      .filter(([prefix]) => topology.grants[name].some((grant) => grant.startsWith(`bucket:${prefix}:`)))
      .map(([, prefix]) => `S3/Bucket/${prefix}*`);
    const starred = permissions(name).filter(
      (line) => line.includes("*") && !/^(ec2|elasticloadbalancing|cloudfront):(Describe|List)/.test(line),
    );
    for (const line of starred) {
      expect(line).toMatch(/^s3:(Get|Put)Object /);
      expect(granted).toContain(line.split(" ")[1]);
    }
  });

  test("the prober may do exactly this", () => {
    expect(permissions("prober")).toEqual([
      "dynamodb:BatchGetItem DynamoDB/GlobalTable",
      "dynamodb:BatchWriteItem DynamoDB/GlobalTable",
      "dynamodb:GetItem DynamoDB/GlobalTable",
      "dynamodb:PutItem DynamoDB/GlobalTable",
      "dynamodb:Query DynamoDB/GlobalTable",
      "dynamodb:Query DynamoDB/GlobalTable/index/byProduct",
      "dynamodb:Query DynamoDB/GlobalTable/index/byStart",
      "dynamodb:UpdateItem DynamoDB/GlobalTable",
      "logs:CreateLogStream Logs/LogGroup",
      "logs:PutLogEvents Logs/LogGroup",
      "s3:GetObject S3/Bucket/packs/*",
      "s3:GetObject S3/Bucket/plans/*",
      "s3:PutObject S3/Bucket/observations/*",
      "sqs:ChangeMessageVisibility Doorplate-probe",
      "sqs:DeleteMessage Doorplate-probe",
      "sqs:GetQueueAttributes Doorplate-probe",
      "sqs:ReceiveMessage Doorplate-probe",
      "sqs:SendMessage Doorplate-observation",
      "sqs:SendMessage Doorplate-probe",
    ]);
  });

  test.each(functionNames)("%s reads the queues that feed it and no other", (name) => {
    const fed = topology.mappings
      .filter((mapping) => mapping.function === name)
      .map((mapping) => `Doorplate-${mapping.queue}${mapping.deadLetters ? "-dead-letters" : ""}`);
    const read = permissions(name).filter((line) => line.startsWith("sqs:ReceiveMessage "));
    expect(read.map((line) => line.split(" ")[1])).toEqual(fed.sort());
  });

  test.each(functionNames)("%s writes to its own log group", (name) => {
    const text = JSON.stringify(role(name).Properties.Policies);
    const own: string = fn(name).Properties.LoggingConfig.LogGroup.Ref;
    for (const group of ofType("AWS::Logs::LogGroup")) {
      expect(text.includes(`"${group.id}"`)).toBe(group.id === own);
    }
  });

  test("events are put on the project's own bus, by those that may", () => {
    const speakers = functionNames.filter((name) =>
      permissions(name).includes("events:PutEvents Events/EventBus"),
    );
    expect(speakers).toEqual(functionNames.filter((name) => topology.grants[name].includes("bus:put")));
  });
});

describe("events", () => {
  const rule = (spec: topology.RuleSpec) =>
    one(
      ofType("AWS::Events::Rule").filter(
        ({ Properties }) => Properties.EventPattern?.["detail-type"][0] === spec.detailType,
      ),
    );

  test.each(topology.rules)("$name starts the $function, and what cannot be delivered is kept", (spec) => {
    const { Properties } = rule(spec);
    expect(Properties.EventPattern.source).toEqual([spec.source]);
    expect(Properties.EventBusName).toEqual(
      spec.bus === "own" ? { Ref: one(ofType("AWS::Events::EventBus")).id } : undefined,
    );
    const target = one<Json>(Properties.Targets);
    expect(target.Arn).toEqual(arnOf(fn(spec.function)));
    expect(target.DeadLetterConfig.Arn).toEqual(arnOf(queue("dispatch", true)));
    expect(target.RetryPolicy.MaximumRetryAttempts).toBeGreaterThan(0);
  });

  test.each(topology.rules)("$name may send to the dead-letter queue and invoke the function", (spec) => {
    const policy = one(
      ofType("AWS::SQS::QueuePolicy").filter(
        ({ Properties }) => Properties.Queues[0].Ref === queue("dispatch", true).id,
      ),
    );
    const senders = policy.Properties.PolicyDocument.Statement.filter(
      (found: Json) => found.Effect === "Allow",
    );
    expect(senders.map((found: Json) => found.Condition.ArnEquals["aws:SourceArn"])).toContainEqual(
      arnOf(rule(spec)),
    );
    const invokers = ofType("AWS::Lambda::Permission").map(({ Properties }) => Properties.SourceArn);
    expect(invokers).toContainEqual(arnOf(rule(spec)));
  });

  test("the S3 rule hears of target lists in this bucket only", () => {
    const spec = topology.rules.find((found) => found.source === "aws.s3")!;
    const bucket = one(ofType("AWS::S3::Bucket"));
    expect(rule(spec).Properties.EventPattern.detail).toEqual({
      bucket: { name: [{ Ref: bucket.id }] },
      object: { key: [{ prefix: topology.bucketPrefixes.targets }] },
    });
    expect(bucket.Properties.NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled).toBe(
      true,
    );
  });

  test("an event on which the function fails every time ends in the dead-letter queue, where its role may put it", () => {
    const { Properties } = one(ofType("AWS::Lambda::EventInvokeConfig"));
    expect(Properties.FunctionName).toEqual({ Ref: fn("dispatcher").id });
    expect(Properties.DestinationConfig.OnFailure.Destination).toEqual(arnOf(queue("dispatch", true)));
    expect(permissions("dispatcher")).toContain("sqs:SendMessage Doorplate-dispatch-dead-letters");
  });
});

describe("the inventory of the account's addresses", () => {
  const schedulesOf = (of: Json) =>
    Object.values<Json>(of.Resources).filter(
      ({ Type, Properties }) => Type === "AWS::Events::Rule" && Properties.ScheduleExpression,
    );
  const environmentsOf = (of: Json) =>
    Object.values<Json>(of.Resources)
      .filter(({ Type }) => Type === "AWS::Lambda::Function")
      .map(({ Properties }) => Properties.Environment.Variables.DOORPLATE_INVENTORY);

  test("is taken every few minutes, of the stack's own region, and every function knows that it counts", () => {
    const { Properties } = one(schedulesOf(template));
    expect(Properties.ScheduleExpression).toBe("rate(5 minutes)");
    expect(one<Json>(Properties.Targets).Arn).toEqual(arnOf(fn("inventory")));
    expect(Properties.State).toBe("ENABLED");
    expect(environmentsOf(template)).toEqual(functionNames.map(() => ({ Ref: "AWS::Region" })));
  });

  const hintsOf = (of: Json) =>
    Object.values<Json>(of.Resources)
      .filter(({ Type, Properties }) => Type === "AWS::Events::Rule" && !Properties.ScheduleExpression)
      .map(({ Properties }) => Properties)
      .filter(({ Targets }) => JSON.stringify(Targets[0].Arn) === JSON.stringify(arnOf(fn("inventory"))));

  test("is taken at once after what AWS tells of a change, by the account's own bus; nothing is kept of such an event", () => {
    expect(
      hintsOf(template).map(({ EventPattern, EventBusName, Targets }) => ({
        pattern: EventPattern,
        bus: EventBusName,
        retries: Targets[0].RetryPolicy.MaximumRetryAttempts,
        deadLetters: Targets[0].DeadLetterConfig,
      })),
    ).toEqual(
      topology.hints.map(({ source, detailType, detail }) => ({
        pattern: { source: [source], "detail-type": [detailType], detail },
        bus: undefined,
        retries: 0,
        deadLetters: undefined,
      })),
    );
    expect(permissions("inventory").filter((line) => line.startsWith("sqs:"))).toEqual([]);
  });

  test("can be turned off: no schedule, no hint, no permission, and nobody believes an item of it", () => {
    const off = synth("off.out", { inventory: "off" }).template;
    expect(schedulesOf(off)).toEqual([]);
    expect(hintsOf(off)).toEqual([]);
    expect(JSON.stringify(off)).not.toMatch(
      /ec2:|RequestedRegion|apigateway:|cloudfront:|elasticloadbalancing:/,
    );
    expect(new Set(environmentsOf(off))).toEqual(new Set([""]));
  });

  test("can be taken of several regions, and only of them", () => {
    const wide = synth("wide.out", { inventory: "eu-central-1 us-gov-west-1" }).template;
    expect(new Set(environmentsOf(wide))).toEqual(new Set(["eu-central-1 us-gov-west-1"]));
    expect(JSON.stringify(wide)).toContain('"aws:RequestedRegion":["eu-central-1","us-gov-west-1"]');
    expect(JSON.stringify(wide)).toContain(":apigateway:us-gov-west-1::/domainnames");
  });
});

describe("alarms and dashboard", () => {
  const alarms = (metric: string, dimension: string, value: Json) =>
    ofType("AWS::CloudWatch::Alarm").filter(({ Properties }) => {
      const found: Json[] = Properties.Dimensions;
      return (
        Properties.MetricName === metric &&
        found.some((each) => each.Name === dimension && JSON.stringify(each.Value) === JSON.stringify(value))
      );
    });
  const queueName = (resource: Resource) => ({ "Fn::GetAtt": [resource.id, "QueueName"] });

  test.each(queueNames)("%s: one dead letter rings", (name) => {
    const found = alarms("ApproximateNumberOfMessagesVisible", "QueueName", queueName(queue(name, true)));
    expect(one(found).Properties).toMatchObject({
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      EvaluationPeriods: 1,
    });
  });

  test.each(queueNames)("%s: a message that waits longer than a failed one comes back rings", (name) => {
    const found = alarms("ApproximateAgeOfOldestMessage", "QueueName", queueName(queue(name)));
    expect(one(found).Properties.Threshold).toBeGreaterThan(topology.queues[name].visibilitySeconds);
  });

  test.each(functionNames)("%s: errors and throttles ring", (name) => {
    for (const metric of ["Errors", "Throttles"]) {
      expect(one(alarms(metric, "FunctionName", { Ref: fn(name).id })).Properties.Threshold).toBe(1);
    }
  });

  test("work that was given up rings although the dead-letter function takes it away at once", () => {
    expect(alarms("Invocations", "FunctionName", { Ref: fn("dead-letter").id })).toHaveLength(1);
  });

  test("an operator's topic hears of every alarm", () => {
    for (const { Properties } of ofType("AWS::CloudWatch::Alarm"))
      expect(Properties.AlarmActions).toEqual([TOPIC]);
  });

  test("the dashboard shows queues, functions, table and the functions' own metrics", () => {
    const body = JSON.stringify(one(ofType("AWS::CloudWatch::Dashboard")).Properties.DashboardBody);
    for (const namespace of ["AWS/SQS", "AWS/Lambda", "AWS/DynamoDB", "Doorplate"])
      expect(body).toContain(namespace);
  });
});

describe("hardening", () => {
  const statements = (policy: Json): Json[] => [policy.Statement].flat();
  const documents = resources.flatMap(({ id, Properties }) =>
    [
      Properties?.PolicyDocument,
      Properties?.AssumeRolePolicyDocument,
      ...(Properties?.Policies ?? []).map((policy: Json) => policy.PolicyDocument),
    ]
      .filter(Boolean)
      .map((document: Json) => ({ id, document })),
  );

  test("no statement anywhere allows an action with a wildcard, to everybody, or everything but something", () => {
    expect(documents.length).toBeGreaterThan(2 * functionNames.length);
    for (const { id, document } of documents) {
      for (const statement of statements(document)) {
        expect(statement, id).not.toHaveProperty("NotAction");
        expect(statement, id).not.toHaveProperty("NotResource");
        if (statement.Effect === "Deny") continue;
        for (const action of [statement.Action].flat()) expect(action, id).not.toContain("*");
        expect(JSON.stringify(statement.Principal ?? {}), id).not.toContain("*");
      }
    }
  });

  test("no resource is a wildcard on its own (EC2's Describe actions apart, see above): what cannot be named one by one lies below a prefix", () => {
    for (const { id, document } of documents) {
      for (const { Effect, Resource: resource } of statements(document)) {
        if (Effect === "Deny" || resource === undefined) continue;
        if (id === role("inventory").id && resource === "*") continue;
        for (const one of [resource].flat()) expect(one, id).not.toBe("*");
      }
    }
  });

  test("only Lambda may take a function's role", () => {
    for (const name of functionNames) {
      const [statement, ...others] = statements(role(name).Properties.AssumeRolePolicyDocument);
      expect(others).toEqual([]);
      expect(statement).toMatchObject({
        Action: "sts:AssumeRole",
        Principal: { Service: "lambda.amazonaws.com" },
      });
    }
  });

  test("what does not come over TLS is refused: at the bucket, each queue, and with nothing left out", () => {
    const guarded = [...ofType("AWS::S3::BucketPolicy"), ...ofType("AWS::SQS::QueuePolicy")];
    expect(guarded).toHaveLength(1 + 2 * queueNames.length);
    for (const { id, Properties } of guarded) {
      const denied = statements(Properties.PolicyDocument).filter(
        ({ Effect, Condition }) => Effect === "Deny" && Condition?.Bool?.["aws:SecureTransport"] === "false",
      );
      expect(denied, id).toHaveLength(1);
      expect(denied[0].Principal, id).toEqual({ AWS: "*" });
      expect(denied[0].Action, id).toMatch(/^(s3|sqs):\*$/);
    }
  });

  test("nobody outside invokes a function: no URL, no API, and only EventBridge's own rules", () => {
    for (const type of ["AWS::Lambda::Url", "AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi"])
      expect(ofType(type)).toEqual([]);
    for (const { Properties } of ofType("AWS::Lambda::Permission")) {
      expect(Properties.Principal).toBe("events.amazonaws.com");
      expect(template.Resources[Properties.SourceArn["Fn::GetAtt"][0]].Type).toBe("AWS::Events::Rule");
    }
  });

  test("no function reserves or provisions concurrency, or leaves traces that it did not ask for", () => {
    for (const name of functionNames) {
      expect(fn(name).Properties).not.toHaveProperty("ReservedConcurrentExecutions");
      expect(fn(name).Properties.TracingConfig?.Mode).not.toBe("Active");
    }
    expect(ofType("AWS::Lambda::Alias")).toEqual([]);
  });

  test("no parameter or output holds a secret, and nothing asks for one", () => {
    const text = JSON.stringify(template);
    expect(text).not.toMatch(/\{\{resolve:|AKIA[0-9A-Z]{12}|secretsmanager|NoEcho/);
  });
});

describe("the template as a whole", () => {
  test("names no account and no region", () => {
    expect(assembly.getStackArtifact(stack.artifactId).environment.name).toBe(
      "aws://unknown-account/unknown-region",
    );
    expect(assembly.manifest.missing).toBeUndefined();
  });

  test("tells what a caller needs", () => {
    expect(Object.keys(template.Outputs)).toEqual(
      expect.arrayContaining([
        ...["DispatcherFunctionName", "DispatcherFunctionArn", "DeadLetterFunctionName", "ProbeQueueUrl"],
        ...["ProbeDeadLetterQueueUrl", "TableName", "BucketName", "BusName", "BusArn"],
      ]),
    );
  });

  test("tells the command line all that --cloud needs, and which version it runs", () => {
    expect(Object.keys(template.Outputs)).toEqual(expect.arrayContaining(STACK_OUTPUTS));
    expect(template.Outputs.Version.Value).toBe(VERSION);
  });

  test("a finding of cdk-nag that nobody acknowledged fails the synthesis", () => {
    const careless = new App({ outdir: join(folder, "careless.out") });
    new Queue(new Stack(careless, "Careless"), "Plain");
    addChecks(careless);
    expect(() => careless.synth()).toThrow("AwsSolutions-SQS4");
  });
});
