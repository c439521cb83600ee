import { describe, expect, test } from "vitest";
import { products } from "../../lib/registry/products.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import greetings from "./vectors/greetings.yaml";
import tokens from "./vectors/tokens.yaml";

interface Greeting {
  fact: string;
  input: string;
  product: string;
  version?: string;
}

describe("a greeting or a token that names a product of the registry", () => {
  const pack = builtinPack();
  test.each([...(greetings as Greeting[]), ...(tokens as Greeting[])])(
    "$input",
    ({ fact, input, product, version }) => {
      const claims = pack
        .evaluate({ responses: [], facts: [{ name: fact, value: input, family: "banner" }] })
        .map(({ claim }) => claim)
        .filter((claim) => claim.product);
      expect(claims.map((claim) => [claim.product, claim.version])).toEqual([
        [products().byKey.get(product)?.product, version],
      ]);
    },
  );
});
