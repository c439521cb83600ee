import { describe, expect, test } from "vitest";
import {
  builtinEntries,
  builtinFiles,
  builtinPack,
  productRegistry,
} from "../../lib/signatures/builtin/index.ts";
import { entriesSchema } from "../../lib/signatures/entries.ts";
import { checkEntries } from "../../lib/signatures/entry-check.ts";

describe("the built-in signatures", () => {
  test("the files keep to the schema, which is not checked at run time", () => {
    expect(entriesSchema.parse(builtinFiles.flatMap((file) => file ?? []))).toEqual(builtinEntries());
  });

  test("every entry matches its own examples, with their versions, and no earlier entry takes them", () => {
    expect(checkEntries(builtinEntries(), productRegistry)).toEqual([]);
  });

  test("the pack names its digest", () => {
    const pack = builtinPack();
    expect(pack.name).toBe("builtin");
    expect(pack.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(builtinPack().digest).toBe(pack.digest);
  });
});
