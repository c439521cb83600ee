import { describe, expect, test } from "vitest";
import { products } from "../../lib/registry/products.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import greetings from "./vectors/greetings.yaml";

interface Greeting {
  fact: string;
  input: string;
  product: string;
  version?: string;
}

describe("a greeting that names a product of the registry", () => {
  const pack = builtinPack();
  test.each(greetings as Greeting[])("$input", ({ fact, input, product, version }) => {
    const claims = pack
      .evaluate({ responses: [], facts: [{ name: fact, value: input, family: "banner" }] })
      .map(({ claim }) => claim)
      .filter((claim) => claim.product);
    expect(claims.map((claim) => [claim.product, claim.version])).toEqual([
      [products().byKey.get(product)?.product, version],
    ]);
  });
});
