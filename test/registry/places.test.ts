import { expect, test } from "vitest";
import { keysIn, placeOf, places } from "../../lib/registry/places.ts";
import { productByKey } from "../../lib/registry/products.ts";

const fronts = places.fronts.flatMap(keysIn);
const derived = Object.values(places["made-with"]).flatMap(keysIn);

test("every program of the table is in the registry, and stands in one row", () => {
  const all = [
    ...fronts,
    ...[places.parts, places.shaped, places.replacing, places.engines].flatMap(keysIn),
    ...[places.fields, ...Object.values(places.answers)].flatMap(Object.keys).flatMap(keysIn),
    ...Object.values(places["shown-by"]).flatMap(keysIn),
    ...Object.keys(places["made-with"]),
    ...derived,
  ];
  expect(all.filter((key) => productByKey(key) === null)).toEqual([]);
  expect(new Set(fronts).size).toBe(fronts.length);
  expect(new Set(derived).size).toBe(derived.length);
});

test("proxies stand before servers, servers before applications", () => {
  const ranks = ["cloudflare", "haproxy", "caddy", "nginx", "apache", "grafana"].map(
    (key) => placeOf(key).rank,
  );
  expect(ranks).toEqual([5, 4, 3, 2, 1, 0]);
  expect(placeOf("iis")).toMatchObject({ base: "httpapi", part: false, shaped: true });
});
