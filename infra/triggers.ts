import { Duration, type Stack } from "aws-cdk-lib";
import { type EventPattern, Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import { EventInvokeConfig, EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import type { Functions } from "./functions.ts";
import { pascalCase } from "./names.ts";
import { isEventTarget, type Resources } from "./roles.ts";
import * as topology from "./topology.ts";

/**
 * What starts a function: queues through event source mappings, events through rules, schedules and what hastens them. An event of a rule can be lost in two places, and both end in
 * the dispatch dead-letter queue: EventBridge cannot deliver it (the rule's target), or the function fails on it every time (the
 * function's asynchronous invocation, which EventBridge uses).
 */

/** How long an event is worth delivering: a scan that somebody asked for an hour ago is no longer the one they want. */
const EVENT_AGE = Duration.hours(1);
/** A hint is overtaken by the next round of the schedule. */
const HINT_AGE = Duration.minutes(5);
/** Tries by EventBridge to hand an event to Lambda, which fails only when Lambda itself throttles or is away. */
const DELIVERY_ATTEMPTS = 8;
/** Tries after the first by Lambda on one event (0-2). */
const INVOCATION_RETRIES = 2;

export function addMappings(functions: Functions, resources: Resources): void {
  for (const mapping of topology.mappings) {
    const fn = functions[mapping.function];
    const pair = resources.queues[mapping.queue];
    new EventSourceMapping(fn, `${pascalCase(mapping.queue)}${mapping.deadLetters ? "DeadLetters" : ""}`, {
      target: fn,
      eventSourceArn: (mapping.deadLetters ? pair.deadLetters : pair.main).queueArn,
      batchSize: mapping.batchSize,
      maxBatchingWindow: Duration.seconds(mapping.windowSeconds),
      maxConcurrency: mapping.maxConcurrency,
      reportBatchItemFailures: true,
    });
  }
}

/** An S3 rule hears of the whole account's buckets, so it asks for ours, and for target lists only. */
function eventPattern(rule: topology.RuleSpec, resources: Resources): EventPattern {
  const pattern = { source: [rule.source], detailType: [rule.detailType] };
  if (rule.source !== "aws.s3") return pattern;
  return {
    ...pattern,
    detail: {
      bucket: { name: [resources.bucket.bucketName] },
      object: { key: [{ prefix: topology.bucketPrefixes.targets }] },
    },
  };
}

export function addRules(stack: Stack, functions: Functions, resources: Resources): void {
  const deadLetters = resources.queues.dispatch.deadLetters;
  for (const rule of topology.rules) {
    new Rule(stack, `${pascalCase(rule.name)}Rule`, {
      description: `Doorplate: ${rule.detailType} to ${rule.function}`,
      eventBus: rule.bus === "own" ? resources.bus : undefined,
      eventPattern: eventPattern(rule, resources),
      targets: [
        new LambdaTarget(functions[rule.function], {
          deadLetterQueue: deadLetters,
          retryAttempts: DELIVERY_ATTEMPTS,
          maxEventAge: EVENT_AGE,
        }),
      ],
    });
  }
  for (const name of Object.keys(topology.functions) as topology.FunctionName[]) {
    if (!isEventTarget(name)) continue;
    new EventInvokeConfig(functions[name], "Invocation", {
      function: functions[name],
      maxEventAge: EVENT_AGE,
      retryAttempts: INVOCATION_RETRIES,
      // The library's SqsDestination would add a policy of its own; the role has the one statement that is needed.
      onFailure: { bind: () => ({ destination: deadLetters.queueArn }) },
    });
  }
}

/** A round that fails is tried again by Lambda, and replaced by the next: no dead letter is kept of it, its alarm rings. */
export function addSchedules(stack: Stack, functions: Functions, { inventoryRegions }: Resources): void {
  const isWanted = (spec: { function: topology.FunctionName }) =>
    spec.function !== "inventory" || inventoryRegions.length > 0;
  for (const hint of topology.hints.filter(isWanted)) {
    new Rule(stack, `${pascalCase(hint.name)}Hint`, {
      description: `Doorplate: ${hint.detailType} hastens the ${hint.function}`,
      eventPattern: { source: [hint.source], detailType: [hint.detailType], detail: hint.detail },
      targets: [new LambdaTarget(functions[hint.function], { retryAttempts: 0, maxEventAge: HINT_AGE })],
    });
  }
  for (const schedule of topology.schedules.filter(isWanted)) {
    const every = Duration.minutes(schedule.everyMinutes);
    new Rule(stack, `${pascalCase(schedule.name)}Schedule`, {
      description: `Doorplate: ${schedule.function} every ${schedule.everyMinutes} minutes`,
      schedule: Schedule.rate(every),
      targets: [new LambdaTarget(functions[schedule.function], { retryAttempts: 0, maxEventAge: every })],
    });
  }
}
