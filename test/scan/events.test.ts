import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SQSEvent } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import * as topology from "../../infra/topology.ts";
import { scanRequestSchema } from "../../lib/model/request.ts";
import { bury } from "../../lib/scan/dead.ts";
import { isChange } from "../../lib/scan/hastened.ts";
import {
  batchMessageSchema,
  observationMessageSchema,
  subPlanSchema,
  tickMessageSchema,
} from "../../lib/scan/messages.ts";
import { eventId, readTrigger } from "../../lib/scan/trigger.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";

const folder = join(import.meta.dirname, "../../events");
const sample = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));

let store: TestCloud;
beforeAll(async () => {
  store = await openTestCloud();
  await store.putObject("targets/web servers.txt", "127.0.0.1:80\n127.0.0.1:443\n");
}, 30_000);
afterAll(() => store?.close());

describe("the samples that start a scan", () => {
  test("scan-request.json, directly", async () => {
    expect(eventId(sample("scan-request.json"))).toBeNull();
    const request = await readTrigger(sample("scan-request.json"), store.cloud.archive);
    expect(request).toEqual(scanRequestSchema.parse(sample("scan-request.json")));
  });

  test.each(["scan-requested.json", "object-created.json", "s3-notification.json"])("%s", async (name) => {
    const request = await readTrigger(sample(name), store.cloud.archive);
    expect(request.scanId).toBe(eventId(sample(name)));
    expect(request.targets.every((target) => target.startsWith("127.0.0.1"))).toBe(true);
  });

  test("match the rule that leads them to the dispatcher", () => {
    for (const name of ["scan-requested.json", "object-created.json"]) {
      const event = sample(name) as { source: string; "detail-type": string };
      const rule = topology.rules.find(({ source }) => source === event.source);
      expect(rule).toMatchObject({ function: "dispatcher", detailType: event["detail-type"] });
    }
  });
});

test("the sample of a change hastens the inventory, by a rule that leads it there; its schedule's does not wait", () => {
  const event = sample("instance-state-change.json") as {
    source: string;
    "detail-type": string;
    detail: { state: string };
  };
  expect(isChange(event)).toBe(true);
  const hint = topology.hints.find(({ detailType }) => detailType === event["detail-type"]);
  expect(hint).toMatchObject({ function: "inventory", source: event.source });
  expect(hint?.detail.state).toContain(event.detail.state);
  expect(isChange(sample("inventory.json"))).toBe(false);
  expect(isChange({})).toBe(false);
});

/** Which queue's message each sample is, and the schema that its function reads it with. */
const MESSAGES: Record<string, { queue: topology.QueueName; dead?: true; schema: z.ZodType }> = {
  "dispatcher-sub-plan.json": { queue: "dispatch", schema: subPlanSchema },
  "prober-batch.json": { queue: "probe", schema: batchMessageSchema },
  "aggregator-observation.json": { queue: "observation", schema: observationMessageSchema },
  "tick.json": { queue: "tick", schema: tickMessageSchema },
  "dead-letter-probe.json": { queue: "probe", dead: true, schema: batchMessageSchema },
  "dead-letter-event.json": {
    queue: "dispatch",
    dead: true,
    schema: z.object({ id: z.uuid(), "detail-type": z.literal("Scan Requested") }),
  },
};

describe("the samples that come from a queue", () => {
  test.each(Object.entries(MESSAGES))("%s", (name, { queue, dead, schema }) => {
    const { Records } = sample(name) as SQSEvent;
    expect(Records).toHaveLength(1);
    const record = Records[0]!;
    expect(Object.keys(record).sort()).toEqual(
      [
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
      ].sort(),
    );
    expect(record.eventSource).toBe("aws:sqs");
    expect(record.eventSourceARN.split(":").at(-1)).toBe(`Doorplate-${queue}${dead ? "-dead-letters" : ""}`);
    expect(record.md5OfBody).toBe(createHash("md5").update(record.body).digest("hex"));
    // Parsed strictly: the sample holds nothing that the function would drop.
    const body: unknown = JSON.parse(record.body);
    if (name !== "dead-letter-event.json") expect(schema.parse(body)).toEqual(body);
    else schema.parse(body);
  });

  test("an event that could not be delivered is recorded, though it names no scan of ours", async () => {
    const { messageId, body } = (sample("dead-letter-event.json") as SQSEvent).Records[0]!;
    const letter = { messageId, queue: "dispatch", body: JSON.parse(body), receiveCount: 1 };
    await bury(store.cloud, letter, new Date("2026-01-01T00:00:00Z"));
    const item = await store.cloud.table.get({ pk: "SCAN#unknown", sk: `DEAD#${messageId}` });
    expect(item).toMatchObject({ queue: "dispatch", reason: expect.stringContaining("dispatch queue") });
    expect(String(item?.body)).toContain("Scan Requested");
  });
});

test("there is no sample that nobody reads, and the table names them all", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  // The inventory reads nothing of its event: functions/inventory.ts.
  const read = [
    "inventory.json",
    "scan-request.json",
    "scan-requested.json",
    "object-created.json",
    "s3-notification.json",
    "instance-state-change.json",
  ];
  expect(files.sort()).toEqual([...read, ...Object.keys(MESSAGES)].sort());
  const table = readFileSync(join(folder, "README.md"), "utf8");
  for (const file of files) expect(table).toMatch(new RegExp(`^\\| \`${file}\` \\|`, "m"));
});
