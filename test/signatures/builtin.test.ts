import { describe, expect, test } from "vitest";
import { products } from "../../lib/registry/products.ts";
import { builtPack } from "../../lib/signatures/builtin/built.ts";
import builtinDigest from "../../lib/signatures/builtin/digest.static.ts";
import {
  builtinEntries,
  builtinFiles,
  builtinPack,
  productRegistry,
} from "../../lib/signatures/builtin/index.ts";
import { entriesSchema } from "../../lib/signatures/entries.ts";
import { checkEntries } from "./entry-check.ts";

/** Every name that a product goes by, as a label of a host's name could have it. */
const hostLabels = new Set(
  [...products().byKey.values()].flatMap(({ key, product }) =>
    [key, ...product.split(/[\s/()]+/)].map((word) => word.replace(/[^A-Za-z0-9-]/g, "")),
  ),
);

describe("the built-in signatures", () => {
  test.each([
    ["smtp.banner", (label: string) => `${label}.example.net ESMTP`],
    ["ftp.banner", (label: string) => `Welcome to ${label}.example.net FTP service`],
    ["pop3.banner", (label: string) => `${label}.example.net POP3 server ready <1.2@${label}.example.net>`],
    ["imap.banner", (label: string) => `${label}.example.net IMAP4rev1 ready`],
  ])("%s names no product by the name of its host", (name, greeting) => {
    const pack = builtinPack();
    const named = [...hostLabels].filter((label) =>
      pack
        .evaluate({ responses: [], facts: [{ name, value: greeting(label), family: name }] })
        .some(({ claim }) => claim.product),
    );
    expect(named).toEqual([]);
  });

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
    expect(builtinDigest()).toBe(pack.digest);
  });

  test("a build's pack claims what the files' does", () => {
    const built = builtPack();
    const pack = builtinPack();
    expect(built.digest).toBe(pack.digest);
    for (const { fact, tests = [] } of builtinEntries()) {
      for (const { input } of tests) {
        const facts = [{ name: String(fact), value: input, family: "f" }];
        expect(built.evaluate({ responses: [], facts })).toEqual(pack.evaluate({ responses: [], facts }));
      }
    }
  });
});
