import { Duration, type Stack } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Functions } from "./functions.ts";
import { pascalCase } from "./names.ts";
import type { QueuePairs } from "./queues.ts";
import * as topology from "./topology.ts";

/**
 * What wakes somebody. A dead letter does not lie long: the dead-letter function records it and takes it away. So two things are watched:
 * letters that lie there (they could not even be recorded), and any work of the dead-letter function (something was given up). Beside
 * these: a queue that does not get shorter, and errors and throttles of each function. Without a topic nobody is told.
 */
const PERIOD = Duration.minutes(1);

/**
 * A message that is this many visibility times old has failed at least once or finds no free function. In visibility times, because that
 * is when a failed message comes back.
 */
const STALE_VISIBILITY_TIMES = 2;

interface AlarmSpec {
  id: string;
  description: string;
  metric: IMetric;
  /** The alarm rings at this value. */
  threshold: number;
}

function alarmSpecs(functions: Functions, queues: QueuePairs): AlarmSpec[] {
  const ofQueues = Object.entries(queues).flatMap(([name, { main, deadLetters }]) => {
    const { visibilitySeconds } = topology.queues[name as topology.QueueName];
    return [
      {
        id: `${pascalCase(name)}DeadLettersAlarm`,
        description: `Dead letters of the ${name} queue wait: they were not recorded.`,
        metric: deadLetters.metricApproximateNumberOfMessagesVisible({
          period: PERIOD,
          statistic: "Maximum",
        }),
        threshold: 1,
      },
      {
        id: `${pascalCase(name)}AgeAlarm`,
        description: `The oldest message of the ${name} queue is older than ${STALE_VISIBILITY_TIMES} visibility times.`,
        metric: main.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: "Maximum" }),
        threshold: STALE_VISIBILITY_TIMES * visibilitySeconds,
      },
    ];
  });
  const ofFunctions = Object.entries(functions).flatMap(([name, fn]) => [
    {
      id: `${pascalCase(name)}ErrorsAlarm`,
      description: `The ${name} function failed.`,
      metric: fn.metricErrors({ period: PERIOD, statistic: "Sum" }),
      threshold: 1,
    },
    {
      id: `${pascalCase(name)}ThrottlesAlarm`,
      description: `The ${name} function was throttled: the account's concurrency is used up.`,
      metric: fn.metricThrottles({ period: PERIOD, statistic: "Sum" }),
      threshold: 1,
    },
  ]);
  return [
    ...ofQueues,
    ...ofFunctions,
    {
      id: "WorkGivenUpAlarm",
      description:
        "Work was given up after its last retry: `doorplate status` lists it, `doorplate redrive` sends it again.",
      metric: functions["dead-letter"].metricInvocations({ period: PERIOD, statistic: "Sum" }),
      threshold: 1,
    },
  ];
}

export function addAlarms(
  stack: Stack,
  functions: Functions,
  queues: QueuePairs,
  topicArn?: string,
): Alarm[] {
  const actions: IAlarmAction[] = topicArn
    ? [new SnsAction(Topic.fromTopicArn(stack, "AlarmTopic", topicArn))]
    : [];
  return alarmSpecs(functions, queues).map(({ id, description, metric, threshold }) => {
    const alarm = new Alarm(stack, id, {
      alarmDescription: `Doorplate: ${description}`,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // An idle scanner reports nothing, and that is fine.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(...actions);
    return alarm;
  });
}
