import { Duration, type Stack } from "aws-cdk-lib";
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
} from "aws-cdk-lib/aws-cloudwatch";
import { Operation } from "aws-cdk-lib/aws-dynamodb";
import { type Functions, METRICS_NAMESPACE } from "./functions.ts";
import type { QueuePairs } from "./queues.ts";
import type { Resources } from "./roles.ts";

/** One page, top to bottom: does something ring, is work waiting, do the functions keep up, what did the table do, what was found. */

const PERIOD = Duration.minutes(5);
/** The grid is 24 units wide; three graphs stand side by side. */
const THIRD = 8;
const FULL = 24;

function graph(title: string, left: IMetric[], width = THIRD): IWidget {
  return new GraphWidget({ title, left, width, period: PERIOD });
}

function queueGraphs(queues: QueuePairs): IWidget[] {
  const each = <T>(of: (name: string, pair: QueuePairs["probe"]) => T) =>
    Object.entries(queues).map(([name, pair]) => of(name, pair));
  return [
    graph(
      "Messages waiting",
      each((label, { main }) => main.metricApproximateNumberOfMessagesVisible({ label })),
    ),
    graph(
      "Age of the oldest message (s)",
      each((label, { main }) => main.metricApproximateAgeOfOldestMessage({ label })),
    ),
    graph(
      "Dead letters waiting",
      each((label, { deadLetters }) => deadLetters.metricApproximateNumberOfMessagesVisible({ label })),
    ),
  ];
}

function functionGraphs(functions: Functions): IWidget[] {
  const all = Object.entries(functions);
  return [
    graph(
      "Invocations",
      all.map(([label, fn]) => fn.metricInvocations({ label })),
    ),
    graph("Errors and throttles", [
      ...all.map(([name, fn]) => fn.metricErrors({ label: `${name} errors` })),
      ...all.map(([name, fn]) => fn.metricThrottles({ label: `${name} throttles` })),
    ]),
    graph(
      "Duration, p95 (ms)",
      all.map(([label, fn]) => fn.metricDuration({ label, statistic: "p95" })),
    ),
  ];
}

function tableGraphs({ table }: Resources): IWidget[] {
  const operations = [Operation.PUT_ITEM, Operation.UPDATE_ITEM, Operation.BATCH_WRITE_ITEM, Operation.QUERY];
  return [
    graph("Table: units consumed", [
      table.metricConsumedReadCapacityUnits({ label: "read", statistic: "Sum" }),
      table.metricConsumedWriteCapacityUnits({ label: "write", statistic: "Sum" }),
    ]),
    graph("Table: failed conditions", [
      table.metricConditionalCheckFailedRequests({ label: "conditional checks" }),
    ]),
    graph(
      "Table: throttled requests",
      operations.map((operation) =>
        table.metricThrottledRequestsForOperation(operation, { label: operation, statistic: "Sum" }),
      ),
    ),
  ];
}

/** The functions' own metrics come as log lines (EMF). A search finds whatever they report, under any dimensions. */
function scanGraph(): IWidget {
  const found = new MathExpression({
    expression: `SEARCH('Namespace="${METRICS_NAMESPACE}"', 'Sum', ${PERIOD.toSeconds()})`,
    usingMetrics: {},
    label: "",
    period: PERIOD,
  });
  return graph(`${METRICS_NAMESPACE}: what the functions report`, [found], FULL);
}

export function addDashboard(
  stack: Stack,
  functions: Functions,
  resources: Resources,
  alarms: Alarm[],
): Dashboard {
  return new Dashboard(stack, "Dashboard", {
    widgets: [
      [new AlarmStatusWidget({ title: "Alarms", alarms, width: FULL, height: 5 })],
      queueGraphs(resources.queues),
      functionGraphs(functions),
      tableGraphs(resources),
      [scanGraph()],
    ],
  });
}
