import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TABLE } from "../../infra/local/identity.ts";
import { timesUsage, usageFrom } from "../../lib/scan/cost.ts";
import { batchKey, FAN_OUT } from "../../lib/scan/keys.ts";
import { settle } from "../../lib/scan/ledger.ts";
import { climb, incompleteBatches, levels, total } from "../../lib/scan/tree.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";

let store: TestCloud;
beforeAll(async () => {
  store = await openTestCloud();
}, 30_000);
afterAll(() => store?.close());

const table = () => store.cloud.table;
const usage = usageFrom({
  invocations: 1,
  gbSeconds: { prober: 0.5 },
  queueRequests: 4,
  tableReadUnits: 9,
  bucketWrites: 1,
});
const meter = { invocation: "one", usage };

/** Batches as a finished ledger has them: three closed ports each, one invocation. Written 25 at a time. */
async function writeComplete(scanId: string, batches: readonly number[]) {
  const client = DynamoDBDocumentClient.from(store.dynamodb);
  for (let from = 0; from < batches.length; from += 25) {
    const puts = batches.slice(from, from + 25).map((batch) => ({
      PutRequest: {
        Item: {
          ...batchKey(scanId, batch),
          batch,
          counts: { closed: 2, filtered: 1 },
          complete: true,
          version: 1,
          generation: 0,
          meters: { one: meter },
        },
      },
    }));
    await client.send(new BatchWriteCommand({ RequestItems: { [TABLE]: puts } }));
  }
}
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
async function list(batches: AsyncGenerator<number>) {
  const found: number[] = [];
  for await (const batch of batches) found.push(batch);
  return found;
}

describe("levels", () => {
  test.each([
    [1, [1]],
    [2, [2, 1]],
    [64, [64, 1]],
    [65, [65, 2, 1]],
    [4096, [4096, 64, 1]],
    [4097, [4097, 65, 2, 1]],
    [262_145, [262_145, 4097, 65, 2, 1]],
  ])("of %i batches", (batches, expected) => {
    expect(levels(batches)).toEqual(expected);
  });

  test("end in one root, each FAN_OUT times smaller than the one before", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (batches) => {
        const sizes = levels(batches);
        expect(sizes.at(-1)).toBe(1);
        for (let i = 1; i < sizes.length; i++) expect(sizes[i]).toBe(Math.ceil(sizes[i - 1]! / FAN_OUT));
      }),
    );
  });
});

describe("climbing a tree of batches", () => {
  test.each([1, 2, 64, 65, 130])("%i: only who completes the last one reaches the root", async (batches) => {
    const scanId = `tree-${batches}`;
    // An order of its own in which neighbours are far apart (7 divides none of the numbers).
    const order = upTo(batches).map((i) => (i * 7 + 3) % batches);
    expect(new Set(order).size).toBe(batches);
    for (const [done, batch] of order.entries()) {
      await settle(table(), scanId, batch, 1, [{ index: 0, outcome: "closed" }], meter);
      expect(await climb(table(), scanId, batch, batches)).toBe(done === batches - 1);
    }
    expect(await total(table(), scanId, batches)).toEqual({
      counts: { closed: batches },
      usage: timesUsage(usage, batches),
    });
    expect(await list(incompleteBatches(table(), scanId, batches))).toEqual([]);
  });

  test("of 4,097 batches, the last may be any, and the root stands on three levels", async () => {
    const scanId = "tree-4097";
    const batches = 4097;
    const late = 1_000;
    await writeComplete(
      scanId,
      upTo(batches).filter((batch) => batch !== late),
    );
    for (let shard = 0; shard < Math.ceil(batches / FAN_OUT); shard++) {
      expect(await climb(table(), scanId, shard * FAN_OUT, batches)).toBe(false);
    }
    expect(await list(incompleteBatches(table(), scanId, batches))).toEqual([late]);
    expect((await total(table(), scanId, batches)).counts).toEqual({ closed: 2 * 4096, filtered: 4096 });
    await writeComplete(scanId, [late]);
    expect(await climb(table(), scanId, late, batches)).toBe(true);
    expect((await total(table(), scanId, batches)).counts).toEqual({ closed: 2 * 4097, filtered: 4097 });
    expect(await list(incompleteBatches(table(), scanId, batches))).toEqual([]);
  });

  test("twice at the same time does no harm", async () => {
    const scanId = "tree-twice";
    await writeComplete(scanId, upTo(65));
    await climb(table(), scanId, 3, 65);
    const reached = await Promise.all(upTo(6).map(() => climb(table(), scanId, 64, 65)));
    expect(reached).toContain(true);
    expect((await total(table(), scanId, 65)).counts).toEqual({ closed: 130, filtered: 65 });
  });
});

test("a scan under way adds up what there is, and knows what is missing", async () => {
  const scanId = "tree-partial";
  const done = upTo(200).filter((batch) => batch % 3 !== 0);
  await writeComplete(scanId, done);
  for (const batch of [1, 65, 199]) await climb(table(), scanId, batch, 200);
  await settle(table(), scanId, 0, 2, [{ index: 1, outcome: "closed" }]);
  expect((await total(table(), scanId, 200)).counts).toEqual({
    closed: 2 * done.length + 1,
    filtered: done.length,
    pending: 1,
  });
  expect(await list(incompleteBatches(table(), scanId, 200))).toEqual(
    upTo(200).filter((batch) => batch % 3 === 0),
  );
  expect(await list(incompleteBatches(table(), "tree-none", 3))).toEqual([0, 1, 2]);
});
