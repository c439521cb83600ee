import { Duration, type Stack } from "aws-cdk-lib";
import { type CfnQueue, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { pascalCase, recordOf } from "./names.ts";
import * as topology from "./topology.ts";

/**
 * Each queue of the topology and its dead-letter queue. Queues have physical names, because a dead-letter queue names the one queue that
 * may redrive into it (redriveAllowPolicy) and that queue points back at it: by reference CloudFormation would see a circle.
 */
export interface QueuePair {
  main: Queue;
  deadLetters: Queue;
}
export type QueuePairs = Record<topology.QueueName, QueuePair>;

export function addQueues(stack: Stack): QueuePairs {
  return recordOf(topology.queues, (name, spec) => {
    const id = pascalCase(name);
    const mainName = `${stack.stackName}-${name}`;
    const deadLetters = new Queue(stack, `${id}DeadLetters`, {
      queueName: `${mainName}-dead-letters`,
      visibilityTimeout: Duration.seconds(topology.deadLetterVisibilitySeconds),
      retentionPeriod: Duration.seconds(topology.deadLetterRetentionSeconds),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    (deadLetters.node.defaultChild as CfnQueue).redriveAllowPolicy = {
      redrivePermission: "byQueue",
      sourceQueueArns: [stack.formatArn({ service: "sqs", resource: mainName })],
    };
    const main = new Queue(stack, `${id}Queue`, {
      queueName: mainName,
      visibilityTimeout: Duration.seconds(spec.visibilitySeconds),
      retentionPeriod: Duration.seconds(spec.retentionSeconds),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: spec.maxReceiveCount },
    });
    return { main, deadLetters };
  });
}
