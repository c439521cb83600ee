import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../lib/model/errors.ts";
import { eventId, readTrigger } from "../../lib/scan/trigger.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";

let store: TestCloud;
beforeAll(async () => {
  store = await openTestCloud();
  await store.putObject("targets/list.txt", "# web\n10.0.0.1 10.0.0.2:443\n\nwww.example.com\n");
  await store.putObject("targets/two words+plus.txt", "10.0.0.9\n");
  await store.putObject("targets/request.json", '{"targets":["10.0.0.3"],"ports":"22","cause":"mine"}');
  await store.putObject("targets/broken.json", '{"targets":[');
  await store.putObject("targets/nonsense.txt", "10.0.0.1\n10.0.0.300\n");
  await store.putObject("targets/empty.txt", "# nothing\n");
}, 30_000);
afterAll(() => store?.close());

const read = (event: unknown) => readTrigger(event, store.cloud.archive);
const ID = "0b9d1c5e-3c1f-4b7e-9d43-6a3f1d2c4b5a";
const created = (key: string, id = ID) => ({
  version: "0",
  id,
  "detail-type": "Object Created",
  source: "aws.s3",
  detail: { version: "0", bucket: { name: "b" }, object: { key, size: 1, etag: "abc" } },
});
const notification = (key: string, eTag = "abc") => ({
  Records: [{ eventSource: "aws:s3", eventName: "ObjectCreated:Put", s3: { object: { key, eTag } } }],
});

describe("a request", () => {
  test("sent directly is read as it is, and somebody waits for its answer", async () => {
    const request = await read({ targets: ["127.0.0.1"], ports: "22" });
    expect(eventId({ targets: ["127.0.0.1"] })).toBeNull();
    expect(request).toMatchObject({ targets: ["127.0.0.1"], ports: "22", excludes: [], cause: null });
  });

  test("on the bus takes the event's id as the scan's, so that a second delivery is the same scan", async () => {
    const event = {
      version: "0",
      id: ID,
      "detail-type": "Scan Requested",
      source: "doorplate",
      detail: { targets: ["10.0.0.1"] },
    };
    const request = await read(event);
    expect(eventId(event)).toBe(ID);
    expect(request).toMatchObject({ scanId: ID, targets: ["10.0.0.1"], cause: "event: Scan Requested" });
    expect(await read(event)).toEqual(request);
    const named = await read({
      ...event,
      detail: { targets: ["10.0.0.1"], scanId: "my-own-id", cause: "me" },
    });
    expect(named).toMatchObject({ scanId: "my-own-id", cause: "me" });
  });

  test.each([
    ["nothing", null],
    ["text", "127.0.0.1"],
    ["no target", { targets: [] }],
    ["an unknown field", { targets: ["10.0.0.1"], port: "22" }],
    ["a target that is no text", { targets: [1] }],
    ["a bad id", { targets: ["10.0.0.1"], scanId: "../../etc" }],
    ["a deadline below a second", { targets: ["10.0.0.1"], deadlineMs: 1 }],
    ["an event of another kind", { id: "x", "detail-type": "Object Deleted", detail: {} }],
    ["an event whose request is wrong", { id: ID, "detail-type": "Scan Requested", detail: {} }],
  ])("that is wrong (%s) is refused with the reason", async (_, event) => {
    await expect(read(event)).rejects.toThrow(InputError);
    await expect(read(event)).rejects.toThrow(/^The scan request is wrong: "?\w+/);
  });
});

describe("a list in the bucket", () => {
  test("is read as targets, with comments and blank lines left out", async () => {
    const request = await read(created("targets/list.txt"));
    expect(eventId(created("targets/list.txt"))).toBe(ID);
    expect(request).toMatchObject({
      scanId: ID,
      cause: "list: targets/list.txt",
      targets: ["10.0.0.1", "10.0.0.2:443", "www.example.com"],
    });
  });

  test("may be a whole request", async () => {
    const request = await read(created("targets/request.json"));
    expect(request).toMatchObject({ scanId: ID, targets: ["10.0.0.3"], ports: "22", cause: "mine" });
  });

  test("is found under the name that S3's own notification encodes", async () => {
    const request = await read(notification("targets/two+words%2Bplus.txt"));
    expect(request).toMatchObject({ targets: ["10.0.0.9"], cause: "list: targets/two words+plus.txt" });
  });

  test("told by S3's own notification gets an id from its content: a second delivery is the same scan", async () => {
    const idOf = async (eTag: string) => (await read(notification("targets/list.txt", eTag))).scanId;
    expect(await idOf("abc")).toMatch(/^[0-9a-f]{32}$/);
    expect(await idOf("abc")).toBe(await idOf("abc"));
    expect(eventId(notification("targets/list.txt"))).toBe(await idOf("abc"));
    expect(await idOf("abc")).not.toBe(await idOf("def"));
  });

  test.each([
    ["targets/broken.json", /targets\/broken\.json is not JSON/],
    ["targets/nonsense.txt", /10\.0\.0\.300/],
    ["targets/empty.txt", /target/],
    ["targets/missing.txt", /no object targets\/missing\.txt/],
  ])("that cannot be used is named: %s", async (key, message) => {
    await expect(read(created(key))).rejects.toThrow(InputError);
    await expect(read(created(key))).rejects.toThrow(message);
  });

  test("that is too large is not read", async () => {
    await expect(store.cloud.archive.getText("targets/list.txt", 10)).rejects.toThrow(
      /targets\/list\.txt has \d+ bytes; at most 10 are read/,
    );
  });
});
