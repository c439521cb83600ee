import fc from "fast-check";
import { expect, test } from "vitest";
import type { Evidence } from "../../lib/model/evidence.ts";
import type { Fact } from "../../lib/model/observation.ts";
import { layered } from "../../lib/signatures/layers.ts";

const piece = (source: string, product: string, vendor?: string): Evidence => ({
  source,
  family: source,
  claim: { service: "http", product, ...(vendor && { vendor }), version: "1.2" },
  weight: 5,
  excerpt: product,
  signature: `test:${source}`,
});
const order = (names: string): Fact[] => [{ name: "http.headers", value: names, family: "http.headers" }];
const read = (evidence: Evidence[], facts: Fact[] = []) => {
  const layers = layered(evidence, facts);
  return {
    products: layers.flatMap(({ claim }) => claim.product ?? []),
    technologies: layers.flatMap(({ claim }) => (claim.technology ? [claim.technology] : [])),
  };
};

test("an application behind a server is a technology with its version, the server the product", () => {
  expect(read([piece("http.server", "nginx"), piece("http.title", "Grafana")])).toEqual({
    products: ["nginx"],
    technologies: [{ name: "Grafana", version: "1.2" }],
  });
});

test("a server that comes inside of an application is a technology of it", () => {
  expect(read([piece("http.server", "Jetty"), piece("http.header", "Jenkins")]).products).toEqual([
    "Jenkins",
  ]);
  expect(read([piece("http.server", "Jetty"), piece("http.errorPage", "Jetty")]).products).toEqual([
    "Jetty",
    "Jetty",
  ]);
});

test("who wrote Via last listens, unless Connection was there before it", () => {
  const both = [piece("http.server", "nginx"), piece("http.via", "Varnish Cache")];
  expect(read(both, order("server,date,age,via,connection")).products).toEqual(["Varnish Cache"]);
  expect(read(both, order("server,date,connection,age,via")).products).toEqual(["nginx"]);
});

test("servers whose habits are known contradict each other, habits of a relative do not", () => {
  const lie = [
    piece("http.server", "Microsoft IIS"),
    piece("http.order", "nginx"),
    piece("http.errorPage", "nginx"),
  ];
  expect(read(lie).products).toEqual(["Microsoft IIS", "nginx", "nginx"]);
  expect(read([piece("http.server", "OpenResty"), piece("http.order", "nginx")]).products).toEqual([
    "OpenResty",
  ]);
});

test("other services and single claims are left as they are, and nothing is ever added", () => {
  const ssh: Evidence = { ...piece("ssh.banner", "OpenSSH"), claim: { service: "ssh", product: "OpenSSH" } };
  expect(layered([ssh, piece("http.server", "nginx")], [])).toEqual([ssh, piece("http.server", "nginx")]);
  const names = fc.constantFrom("nginx", "Jetty", "Grafana", "Varnish Cache", "Quokka", "Apache httpd");
  const sources = fc.constantFrom(
    "http.server",
    "http.title",
    "http.via",
    "http.order",
    "http.etag",
    "http.errorPage",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(sources, names), { maxLength: 8 }), (pairs) => {
      const before = pairs.map(([source, name]) => piece(source, name));
      const after = layered(before, order("via,connection"));
      expect(after.length).toBeLessThanOrEqual(before.length);
      const products = after.flatMap(({ claim }) => claim.product ?? []);
      if (before.length > 0) expect(products.length).toBeGreaterThan(0);
    }),
  );
});
