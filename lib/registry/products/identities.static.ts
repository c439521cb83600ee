import { indexProducts } from "../product-index.ts";
import { productFiles } from "./index.ts";

/** The index of the product files, without objects that are used twice: names lead to places among the identities. */
export default () => {
  const { byKey, byName, byProduct } = indexProducts(productFiles);
  const identities = [...byKey.values()];
  const places = new Map(identities.map((identity, i) => [identity, i]));
  const place = (identity: (typeof identities)[number] | null) => (identity && places.get(identity)) ?? null;
  return {
    identities,
    byName: [...byName].map(([name, identity]) => [name, place(identity)] as const),
    byProduct: [...byProduct].map(([product, identity]) => [product, place(identity)] as const),
  };
};
