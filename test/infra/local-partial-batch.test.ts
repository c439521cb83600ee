import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { failedMessages } from "../../infra/local/partial-batch.ts";

const IDS = ["a", "b", "c"];
const failed = (response: unknown) => [...failedMessages(JSON.stringify(response), IDS)];

describe("a batch", () => {
  test.each([
    [null],
    [{}],
    [{ batchItemFailures: null }],
    [{ batchItemFailures: [] }],
    [{ statusCode: 200 }],
  ])("succeeds as a whole on %j", (response) => expect(failed(response)).toEqual([]));

  test("succeeds as a whole when the function returned nothing", () => {
    expect([...failedMessages("", IDS)]).toEqual([]);
  });

  test("fails by the messages that are named", () => {
    expect(failed({ batchItemFailures: [{ itemIdentifier: "b" }] })).toEqual(["b"]);
    expect(failed({ batchItemFailures: [{ itemIdentifier: "c" }, { itemIdentifier: "c" }] })).toEqual(["c"]);
  });

  test.each([
    ["a list that is none", { batchItemFailures: "a" }],
    ["an unknown identifier", { batchItemFailures: [{ itemIdentifier: "a" }, { itemIdentifier: "z" }] }],
    ["an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["a null identifier", { batchItemFailures: [{ itemIdentifier: null }] }],
    ["a wrong key", { batchItemFailures: [{ itemIdentifer: "a" }] }],
    ["an item that is no object", { batchItemFailures: ["a"] }],
    ["a response that is no object", "done"],
  ])("fails as a whole on %s", (_, response) => expect(failed(response)).toEqual(IDS));

  test("fails as a whole on what is no JSON", () => {
    expect([...failedMessages("{", IDS)]).toEqual(IDS);
  });

  test("never fails by a message that is not in it", () => {
    fc.assert(
      fc.property(fc.json(), (response) => {
        for (const id of failedMessages(response, IDS)) expect(IDS).toContain(id);
      }),
    );
  });
});
